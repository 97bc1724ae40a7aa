//! The claims of an offline code (RFC 8392), written in one way and read in that way only.

use crate::crypto::PublicKey;
use crate::domain::license::LicenseId;
use crate::domain::license::identifier::ROOT;
use crate::domain::offline_code::{DeviceKey, LicenseRef, Medium, OfflineCode, PaperLife, field_order};
use crate::domain::status_list::StatusRef;
use crate::domain::time::Timestamp;
use crate::formats::cose::{Claims, Value, first_cbor, label, map, write_cbor};

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
    let text = |text: &str| Value::Text(text.to_owned());
    let fields = code.fields.iter().map(|(name, value)| (text(name), text(value))).collect();
    let mut ours = vec![
        (Value::from(KIND), text(&code.kind)),
        (Value::from(FIELDS), map(fields)),
        (Value::from(FILE), Value::Bytes(code.file_sha256.to_vec())),
    ];
    let license = match &code.license {
        // What all identifiers begin with is left out.
        LicenseRef::Identifier(id) => text(&id.as_str()[ROOT.len() + 1..]),
        LicenseRef::Short(digest) => Value::Bytes(digest.to_vec()),
    };
    let reference =
        vec![(text("idx"), Value::from(code.status.index)), (text("uri"), text(&code.status.uri))];
    let status = map(vec![(text("status_list"), map(reference))]);
    let mut claims = vec![
        (Value::from(label::SUB), license),
        (Value::from(label::EXP), seconds(code.until())),
        (Value::from(label::IAT), seconds(code.issued)),
        (Value::from(label::STATUS), status),
    ];
    if code.from != code.issued {
        claims.push((Value::from(label::NBF), seconds(code.from)));
    }
    match &code.medium {
        Medium::Paper { purpose, recipient, .. } => {
            ours.push((Value::from(PURPOSE), text(purpose)));
            claims.push((Value::from(label::ISS), text(&code.issuer)));
            claims.extend(recipient.as_ref().map(|recipient| (Value::from(label::AUD), text(recipient))));
        }
        // Whose key it is says who issues; beside the proof there is no room to say so twice.
        Medium::Phone { device, .. } => claims.push((Value::from(label::CNF), confirmation(device))),
    }
    claims.push((Value::from(OURS), map(ours)));
    write_cbor(&map(claims))
}

fn seconds(time: Timestamp) -> Value {
    Value::from(time.seconds())
}

fn confirmation(device: &DeviceKey) -> Value {
    let key = map(vec![
        (Value::from(KEY_TYPE), Value::from(EC2)),
        (Value::from(CURVE), Value::from(P256)),
        (Value::from(X), Value::Bytes(device.x.to_vec())),
        (Value::from(Y), Value::Bool(device.odd)),
    ]);
    map(vec![(Value::from(COSE_KEY), key)])
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
            purpose: ours.text(PURPOSE)?,
            recipient: claims.text(label::AUD),
            life: PaperLife::ALL.into_iter().find(|life| life.time() == until.since(from))?,
        },
    };
    let license = match claims.take(label::SUB)? {
        Value::Text(rest) => LicenseRef::Identifier(LicenseId::parse(&format!("{ROOT}.{rest}")).ok()?),
        Value::Bytes(digest) => LicenseRef::Short(digest.try_into().ok()?),
        _ => return None,
    };
    let mut fields = Claims::of(ours.take(FIELDS)?)?
        .rest()
        .into_iter()
        .map(|(name, value)| Some((name.into_text().ok()?, value.into_text().ok()?)))
        .collect::<Option<Vec<_>>>()?;
    field_order(&mut fields);
    let issuer = match medium {
        Medium::Paper { .. } => claims.text(label::ISS)?,
        Medium::Phone { .. } => issuer.to_owned(),
    };
    Some(OfflineCode {
        issuer,
        kind: ours.text(KIND)?,
        license,
        fields,
        issued,
        from,
        file_sha256: ours.bytes(FILE)?.try_into().ok()?,
        status: StatusRef { uri: status.text("uri")?, index: status.number("idx")? },
        medium,
    })
}

fn device(confirmation: Value) -> Option<DeviceKey> {
    let mut key = Claims::of(Claims::of(confirmation)?.take(COSE_KEY)?)?;
    let device = DeviceKey { x: key.bytes(X)?.try_into().ok()?, odd: key.take(Y)?.into_bool().ok()? };
    public_key(&device).map(|_| device)
}

/// The key as it verifies; `None` if its point is not on the curve.
pub(super) fn public_key(device: &DeviceKey) -> Option<PublicKey> {
    PublicKey::from_half(&device.x, device.odd)
}

/// A claim set of a device: when and what for.
pub(super) fn write_proof(at: Timestamp, purpose: &str) -> Vec<u8> {
    let purpose = Value::Text(purpose.to_owned());
    write_cbor(&map(vec![(Value::from(label::IAT), seconds(at)), (Value::from(SHOWN_FOR), purpose)]))
}

/// Reads it again.
pub(super) fn read_proof(bytes: &[u8]) -> Option<(Timestamp, String)> {
    let mut claims = Claims::read(bytes)?;
    let at = claims.time(label::IAT)?;
    let purpose = claims.text(SHOWN_FOR)?;
    (write_proof(at, &purpose) == bytes).then_some((at, purpose))
}

/// Code and proof of a phone, one after the other: a CBOR sequence (RFC 8742).
pub(super) fn join(code: &[u8], proof: &[u8]) -> Vec<u8> {
    [code, proof].concat()
}

/// Takes them apart.
pub(super) fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(first_cbor(bytes)?)
}
