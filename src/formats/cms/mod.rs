//! CMS `SignedData` (RFC 5652) in the one shape that CAdES and PAdES baseline signatures and RFC 3161 tokens have:
//! one signer, signed attributes, ESS signing-certificate-v2. Strict DER both ways.

mod read;
mod write;

pub use read::{EssHash, MAX_BYTES, SignedDataFacts, read};
pub use write::{Assembly, assemble, assemble_without_x509s, signed_attributes};

use const_oid::ObjectIdentifier;

/// `id-data`: the content of a detached signature.
pub const DATA: ObjectIdentifier = const_oid::db::rfc5911::ID_DATA;
/// `id-ct-TSTInfo`: the content of a time-stamp token.
pub const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

const SIGNED_DATA: ObjectIdentifier = const_oid::db::rfc5911::ID_SIGNED_DATA;
const CONTENT_TYPE: ObjectIdentifier = const_oid::db::rfc5911::ID_CONTENT_TYPE;
const MESSAGE_DIGEST: ObjectIdentifier = const_oid::db::rfc5911::ID_MESSAGE_DIGEST;
const SIGNING_TIME: ObjectIdentifier = const_oid::db::rfc5911::ID_SIGNING_TIME;
const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const TIME_STAMP_TOKEN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");

#[cfg(test)]
mod tests;
