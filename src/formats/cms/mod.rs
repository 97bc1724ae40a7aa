//! CMS `SignedData` (RFC 5652) in the one shape that CAdES and PAdES baseline signatures and RFC 3161 tokens have:
//! one signer, signed attributes, ESS signing-certificate-v2. Strict DER both ways. The same shape stands under two
//! names: PKCS#7's, and those of GB/T 35275-2017 for signatures with SM2 and SM3; both are read.

mod read;
mod write;

pub use read::{EssHash, Frame, MAX_BYTES, SignedDataFacts, read};
pub use write::{Assembly, assemble, assemble_without_x509s, signed_attributes};

use const_oid::ObjectIdentifier;

/// `id-data`: the content of a detached signature.
pub const DATA: ObjectIdentifier = const_oid::db::rfc5911::ID_DATA;
/// `id-ct-TSTInfo`: the content of a time-stamp token.
pub const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// `data` as GB/T 35275-2017 names it. Files in the field keep to [`DATA`], also inside that standard's `signedData`.
pub const GM_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.6.1.4.2.1");

pub(crate) const SIGNED_DATA: ObjectIdentifier = const_oid::db::rfc5911::ID_SIGNED_DATA;
/// `signedData` as GB/T 35275-2017 names it.
pub(crate) const GM_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.6.1.4.2.2");
const CONTENT_TYPE: ObjectIdentifier = const_oid::db::rfc5911::ID_CONTENT_TYPE;
const MESSAGE_DIGEST: ObjectIdentifier = const_oid::db::rfc5911::ID_MESSAGE_DIGEST;
const SIGNING_TIME: ObjectIdentifier = const_oid::db::rfc5911::ID_SIGNING_TIME;
const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const TIME_STAMP_TOKEN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
