//! Reading a seal: `SESeal`.

use super::parts::{Picture, SignerList, bits, extensions, text, time, token};
use super::{ALGORITHM, MAX_SEAL_BYTES, Version};
use crate::crypto::Suite;
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use crate::formats::asn1::{Cursor, tlv};
use crate::formats::x509;
use const_oid::ObjectIdentifier;
use der::Tag;

const WHAT: &str = "electronic seal";

/// What stands in a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealFacts {
    /// Its structure.
    pub version: Version,
    /// The number in its header, which for structure 1 is also written 2 or 3.
    pub stated_version: u8,
    /// The maker of the software that wrote it.
    pub vendor: String,
    /// The seal's identifier (`esID`): 14 digits in most government seals.
    pub id: String,
    /// Its type, a number by business need.
    pub kind: i64,
    /// Its name.
    pub name: String,
    /// Who may seal with it.
    pub signers: SignerList,
    /// Made at.
    pub created: Timestamp,
    /// Valid from.
    pub valid_from: Timestamp,
    /// Valid until.
    pub valid_until: Timestamp,
    /// Its picture.
    pub picture: Picture,
    /// Identifiers of its extensions.
    pub extensions: Vec<ObjectIdentifier>,
    /// The seal maker's X.509 certificate, DER.
    pub maker_x509: Vec<u8>,
    /// The maker's signature algorithm.
    pub algorithm: ObjectIdentifier,
    /// The maker's signature.
    pub signature: Vec<u8>,
    /// The bytes that the maker signed.
    pub signed: Vec<u8>,
    /// Time-stamp token over the maker's signature, DER (structure 5 only).
    pub timestamp_token: Option<Vec<u8>>,
    /// The whole seal as it was read.
    pub raw: Vec<u8>,
}

impl SealFacts {
    /// Whether the maker's signature algorithm is the one of the standard.
    pub fn algorithm_is_known(&self) -> bool {
        self.algorithm == ALGORITHM
    }

    /// Whether the maker's signature over the seal is right under the key of the certificate inside. Whether that
    /// certificate is to be trusted is another question.
    pub fn maker_signature_is_right(&self) -> bool {
        let Ok(spki) = x509::spki(&self.maker_x509) else { return false };
        self.algorithm_is_known() && Suite::Sm2.verify(spki, &self.signed, &self.signature)
    }

    /// Whether the seal lists this X.509 certificate (DER) as one that may seal with it.
    pub fn admits(&self, x509: &[u8]) -> bool {
        self.signers.admits(x509)
    }
}

/// Reads a seal of structure 1, 4 or 5.
///
/// # Errors
/// If it is larger than [`MAX_SEAL_BYTES`], not of one of these structures, or has bytes after its end.
pub fn read_seal(bytes: &[u8]) -> Result<SealFacts, Unreadable> {
    let mut file = Cursor::new(WHAT, bytes);
    if bytes.len() > MAX_SEAL_BYTES {
        return Err(file.fault("too large"));
    }
    let content = file.expect(Tag::Sequence)?.value;
    file.finish()?;
    let mut seal = Cursor::new(WHAT, content);
    // Structure 1 has two fields, the others four or five.
    let fields = Cursor::new(WHAT, content).all(5)?.len();
    let info = seal.expect(Tag::Sequence)?;
    let (version, stated_version) = version(info.value, fields)?;
    let (maker_x509, algorithm, signature, signed, timestamp_token) = if version == Version::V1 {
        let mut sign_info = seal.enter(Tag::Sequence)?;
        let (x509, algorithm) =
            (sign_info.expect(Tag::OctetString)?, sign_info.expect(Tag::ObjectIdentifier)?);
        let signature = bits(&mut sign_info)?;
        sign_info.finish()?;
        let signed = tlv(Tag::Sequence, &[info.raw, x509.raw, algorithm.raw]);
        (x509.value.to_vec(), Cursor::new(WHAT, algorithm.raw).decode()?, signature, signed, None)
    } else {
        let x509 = seal.expect(Tag::OctetString)?.value.to_vec();
        let (algorithm, signature) = (seal.decode()?, bits(&mut seal)?);
        let token = if version == Version::V5 { token(&mut seal)? } else { None };
        (x509, algorithm, signature, info.raw.to_vec(), token)
    };
    seal.finish()?;

    let mut info = Cursor::new("seal information", info.value);
    let mut header = info.enter(Tag::Sequence)?;
    header.expect(Tag::Ia5String)?;
    header.expect(Tag::Integer)?;
    let vendor = text(&mut header, Tag::Ia5String)?;
    header.finish()?;
    let id = text(&mut info, Tag::Ia5String)?;
    let mut property = info.enter(Tag::Sequence)?;
    let facts = SealFacts {
        version,
        stated_version,
        vendor,
        id,
        kind: property.decode()?,
        name: text(&mut property, Tag::Utf8String)?,
        signers: SignerList::read(&mut property, version)?,
        created: time(&mut property, version)?,
        valid_from: time(&mut property, version)?,
        valid_until: time(&mut property, version)?,
        picture: Picture::read(&mut info)?,
        extensions: extensions(&mut info)?,
        maker_x509,
        algorithm,
        signature,
        signed,
        timestamp_token,
        raw: bytes.to_vec(),
    };
    property.finish()?;
    info.finish()?;
    Ok(facts)
}

/// The structure, told by the number of fields and the number in the header.
fn version(info: &[u8], fields: usize) -> Result<(Version, u8), Unreadable> {
    let mut header = Cursor::new("seal header", info).enter(Tag::Sequence)?;
    if header.expect(Tag::Ia5String)?.value != b"ES" {
        return Err(header.fault("no seal"));
    }
    let stated = header.decode::<u8>()?;
    match (fields, stated) {
        (2, 1..=3) => Ok((Version::V1, stated)),
        (4, 4) => Ok((Version::V4, stated)),
        (4 | 5, 5) => Ok((Version::V5, stated)),
        _ => Err(header.fault(format!("version {stated} with {fields} fields"))),
    }
}
