//! The claims of an offline code (RFC 8392), written in one way and read in that way only.

use crate::crypto::PublicKey;
use crate::domain::license::LicenseId;
use crate::domain::license::identifier::ROOT;
use crate::domain::offline_code::{DeviceKey, LicenseRef, Medium, OfflineCode, PaperLife, field_order};
use crate::domain::status_list::StatusRef;
use crate::domain::time::Timestamp;
use crate::formats::cose::{Claims, Given, Item, first_cbor, label, write_cbor};

/// Our own claims, a map under one label for private use (RFC 8392 §9.1).
const OURS: i64 = -66_503;
const KIND: u64 = 1;
const FIELDS: u64 = 2;
const FILE: u64 = 3;
const PURPOSE: u64 = 4;
/// What for, in what a device signs.
const SHOWN_FOR: i64 = -66_504;

/// A COSE_Key on P-256 within `cnf` (RFC 8747 §3.1, RFC 9053 §7.1.1).
const COSE_KEY: u64 = 1;
const KEY_TYPE: i64 = 1;
const EC2: u64 = 2;
const CURVE: i64 = -1;
const P256: u64 = 1;
const X: i64 = -2;
const Y: i64 = -3;

/// The claims' bytes.
pub(super) fn write(code: &OfflineCode) -> Vec<u8> {
    let fields = code.fields.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into()));
    let mut ours = vec![
        (KIND.into(), code.kind.as_str().into()),
        (FIELDS.into(), Item::map(fields.collect())),
        (FILE.into(), Item::Bytes(&code.file_sha256)),
    ];
    let license = match &code.license {
        // What all identifiers begin with is left out.
        LicenseRef::Identifier(id) => Item::Text(&id.as_str()[ROOT.len() + 1..]),
        LicenseRef::Short(digest) => Item::Bytes(digest),
    };
    let reference =
        vec![("idx".into(), code.status.index.into()), ("uri".into(), code.status.uri.as_str().into())];
    let status = Item::map(vec![("status_list".into(), Item::map(reference))]);
    let mut claims = vec![
        (label::SUB.into(), license),
        (label::EXP.into(), seconds(code.until())),
        (label::IAT.into(), seconds(code.issued)),
        (label::STATUS.into(), status),
    ];
    if code.from != code.issued {
        claims.push((label::NBF.into(), seconds(code.from)));
    }
    match &code.medium {
        Medium::Paper { purpose, recipient, .. } => {
            ours.push((PURPOSE.into(), purpose.as_str().into()));
            claims.push((label::ISS.into(), code.issuer.as_str().into()));
            claims.extend(recipient.as_ref().map(|recipient| (label::AUD.into(), recipient.as_str().into())));
        }
        // Whose key it is says who issues; beside the proof there is no room to say so twice.
        Medium::Phone { device, .. } => claims.push((label::CNF.into(), confirmation(device))),
    }
    claims.push((OURS.into(), Item::map(ours)));
    write_cbor(&Item::map(claims))
}

fn seconds(time: Timestamp) -> Item<'static> {
    time.seconds().into()
}

fn confirmation(device: &DeviceKey) -> Item<'_> {
    let key = Item::map(vec![
        (KEY_TYPE.into(), EC2.into()),
        (CURVE.into(), P256.into()),
        (X.into(), Item::Bytes(&device.x)),
        (Y.into(), Item::Bool(device.odd)),
    ]);
    Item::map(vec![(COSE_KEY.into(), key)])
}

/// Reads claims that a key of `issuer` signed; on error, what is wrong with them. Whatever [`write`] would not have written so is
/// refused: another order, another length, a claim more.
pub(super) fn read(bytes: &[u8], issuer: &str) -> Result<OfflineCode, &'static str> {
    let code = parse(bytes, issuer).ok_or("claims")?;
    if !code.faults().is_empty() {
        return Err("values");
    }
    if write(&code) != bytes { Err("encoding") } else { Ok(code) }
}

fn parse(bytes: &[u8], issuer: &str) -> Option<OfflineCode> {
    let mut claims = Claims::read(bytes)?;
    let mut ours = Claims::of(claims.take(OURS)?)?;
    let mut status = Claims::of(Claims::of(claims.take(label::STATUS)?)?.take("status_list")?)?;
    let issued = claims.time(label::IAT)?;
    let from = claims.time(label::NBF).unwrap_or(issued);
    let until = claims.time(label::EXP)?;
    let medium = match claims.take(label::CNF) {
        Some(confirmation) => Medium::Phone { device: device(confirmation)?, until },
        None => Medium::Paper {
            purpose: ours.text(PURPOSE)?.to_owned(),
            recipient: claims.text(label::AUD).map(str::to_owned),
            life: PaperLife::ALL.into_iter().find(|life| life.time() == until.since(from))?,
        },
    };
    let license = match claims.take(label::SUB)? {
        Given::Text(rest) => LicenseRef::Identifier(LicenseId::parse(&format!("{ROOT}.{rest}")).ok()?),
        Given::Bytes(digest) => LicenseRef::Short(digest.try_into().ok()?),
        _ => return None,
    };
    let mut fields = Claims::of(ours.take(FIELDS)?)?
        .rest()
        .into_iter()
        .map(|(name, value)| Some((name.text()?.to_owned(), value.text()?.to_owned())))
        .collect::<Option<Vec<_>>>()?;
    field_order(&mut fields);
    let issuer = match medium {
        Medium::Paper { .. } => claims.text(label::ISS)?,
        Medium::Phone { .. } => issuer,
    };
    Some(OfflineCode {
        issuer: issuer.to_owned(),
        kind: ours.text(KIND)?.to_owned(),
        license,
        fields,
        issued,
        from,
        file_sha256: ours.bytes(FILE)?.try_into().ok()?,
        status: StatusRef { uri: status.text("uri")?.to_owned(), index: status.number("idx")? },
        medium,
    })
}

fn device(confirmation: Given<'_>) -> Option<DeviceKey> {
    let mut key = Claims::of(Claims::of(confirmation)?.take(COSE_KEY)?)?;
    let Given::Bool(odd) = key.take(Y)? else { return None };
    let device = DeviceKey { x: key.bytes(X)?.try_into().ok()?, odd };
    public_key(&device).map(|_| device)
}

/// The key as it verifies; `None` if its point is not on the curve.
pub(super) fn public_key(device: &DeviceKey) -> Option<PublicKey> {
    PublicKey::from_half(&device.x, device.odd)
}

/// A claim set of a device: when and what for.
pub(super) fn write_proof(at: Timestamp, purpose: &str) -> Vec<u8> {
    write_cbor(&Item::map(vec![(label::IAT.into(), seconds(at)), (SHOWN_FOR.into(), purpose.into())]))
}

/// Reads it again.
pub(super) fn read_proof(bytes: &[u8]) -> Option<(Timestamp, String)> {
    let mut claims = Claims::read(bytes)?;
    let at = claims.time(label::IAT)?;
    let purpose = claims.text(SHOWN_FOR)?;
    (write_proof(at, purpose) == bytes).then(|| (at, purpose.to_owned()))
}

/// Code and proof of a phone, one after the other: a CBOR sequence (RFC 8742).
pub(super) fn join(code: &[u8], proof: &[u8]) -> Vec<u8> {
    [code, proof].concat()
}

/// Takes them apart.
pub(super) fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(first_cbor(bytes)?)
}
