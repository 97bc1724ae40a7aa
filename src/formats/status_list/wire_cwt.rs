//! The list as a CWT (draft-ietf-oauth-status-list §5.2).

use super::token::ttl;
use super::{Expected, ListToken, MOST_BYTES, NotRead, StatusList};
use crate::crypto::{PublicKey, SignError, Signer};
use crate::formats::cose::{self, Claims, NotSign1, NotVerified, Protected, Sign1, Value, label, map};

const KIND: &str = "application/statuslist+cwt";

/// Signs a list with a key that readers know by `key_id`.
///
/// # Errors
/// If the list has no end or no address, or the key does not sign.
pub fn sign_cwt(token: &ListToken, key_id: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, SignError> {
    token.check().map_err(|why| SignError(why.to_string()))?;
    sign_packed(token, token.list.pack(), key_id, signer)
}

/// Signs a list that was checked and packed.
pub(super) fn sign_packed(
    token: &ListToken,
    packed: Vec<u8>,
    key_id: &[u8],
    signer: &dyn Signer,
) -> Result<Vec<u8>, SignError> {
    let list = map(vec![
        (Value::Text("bits".into()), Value::from(token.list.bits().number())),
        (Value::Text("lst".into()), Value::Bytes(packed)),
    ]);
    let mut claims = vec![
        (Value::from(label::SUB), Value::Text(token.uri.clone())),
        (Value::from(label::IAT), Value::from(token.issued.seconds())),
        (Value::from(label::EXP), Value::from(token.expires.seconds())),
        (Value::from(label::STATUS_LIST), list),
    ];
    if !token.ttl.is_zero() {
        claims.push((Value::from(label::TTL), Value::from(token.ttl.as_secs())));
    }
    let protected = Protected { key_id, kind: Some(KIND), private: None };
    cose::sign(&protected, cose::write_cbor(&map(claims)), &[], signer)
}

/// Reads a list that `key` must have signed. Algorithm and type must stand under the signature; claims that we do not
/// know are left alone.
///
/// # Errors
/// See [`NotRead`].
pub fn read_cwt(bytes: &[u8], key: &PublicKey, expected: &Expected<'_>) -> Result<ListToken, NotRead> {
    let message = Sign1::read(bytes, MOST_BYTES).map_err(|why| match why {
        NotSign1::TooLarge => NotRead::TooLarge,
        _ => NotRead::Form,
    })?;
    if !message.algorithm_is_protected() {
        return Err(NotRead::Algorithm);
    }
    message.verify(key, &[]).map_err(|why| match why {
        NotVerified::Algorithm => NotRead::Algorithm,
        NotVerified::Signature => NotRead::Signature,
    })?;
    if message.kind() != Some(KIND) {
        return Err(NotRead::Kind);
    }
    let mut claims = Claims::read(message.payload()).ok_or(NotRead::Claims)?;
    let uri = claims.text(label::SUB).ok_or(NotRead::Claims)?;
    if uri != expected.uri {
        return Err(NotRead::Subject);
    }
    let issued = claims.time(label::IAT).ok_or(NotRead::Claims)?;
    let expires = claims.time(label::EXP).ok_or(NotRead::Times)?;
    let ttl = match claims.take(label::TTL) {
        None => ttl(None)?,
        Some(seconds) => ttl(Some(seconds.number().ok_or(NotRead::Claims)?))?,
    };
    let list = claims.take(label::STATUS_LIST).and_then(Claims::of);
    let mut list = list.ok_or(NotRead::Claims)?;
    let bits = list.number("bits").ok_or(NotRead::Claims)?;
    let packed = list.bytes("lst").ok_or(NotRead::Claims)?;
    let list = StatusList::unpack(bits, packed, expected.most_entries)?;
    let token = ListToken { uri: uri.to_owned(), issued, expires, ttl, list };
    token.check()?;
    Ok(token)
}
