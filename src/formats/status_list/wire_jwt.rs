//! The list as a JWT (draft-ietf-oauth-status-list §5.1).

use super::token::ttl;
use super::{Expected, ListToken, MOST_BYTES, NotRead, StatusList};
use crate::crypto::{PublicKey, SignError, Signer};
use crate::domain::time::Timestamp;
use crate::formats::jws::{self, NotOpened};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;

const KIND: &str = "statuslist+jwt";

/// Claims that matter. A member that stands twice is refused by the reader of JSON; others are left alone.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    iat: u64,
    exp: Option<u64>,
    ttl: Option<u64>,
    status_list: List,
}

#[derive(Deserialize)]
struct List {
    bits: u64,
    lst: String,
}

/// Signs a list with a key on P-256 that readers know by `key_id`.
///
/// # Errors
/// If the list has no end or no address, or the key does not sign.
pub fn sign_jwt(token: &ListToken, key_id: &str, signer: &dyn Signer) -> Result<String, SignError> {
    token.check().map_err(|why| SignError(why.to_string()))?;
    sign_packed(token, &token.list.pack(), key_id, signer)
}

/// Signs a list that was checked and packed.
pub(super) fn sign_packed(
    token: &ListToken,
    packed: &[u8],
    key_id: &str,
    signer: &dyn Signer,
) -> Result<String, SignError> {
    let list = URL_SAFE_NO_PAD.encode(packed);
    let mut claims = json!({
        "sub": token.uri,
        "iat": token.issued.seconds(),
        "exp": token.expires.seconds(),
        "status_list": { "bits": token.list.bits().number(), "lst": list },
    });
    if !token.ttl.is_zero() {
        claims["ttl"] = token.ttl.as_secs().into();
    }
    jws::sign_as(KIND, &claims, key_id, signer)
}

/// Reads a list that `key` must have signed.
///
/// # Errors
/// See [`NotRead`].
pub fn read_jwt(text: &str, key: &PublicKey, expected: &Expected<'_>) -> Result<ListToken, NotRead> {
    if text.len() > MOST_BYTES {
        return Err(NotRead::TooLarge);
    }
    let claims = jws::open(text, KIND, key).map_err(|why| match why {
        NotOpened::Form | NotOpened::Critical => NotRead::Form,
        NotOpened::Algorithm => NotRead::Algorithm,
        NotOpened::Signature => NotRead::Signature,
        NotOpened::Kind => NotRead::Kind,
    })?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| NotRead::Claims)?;
    if claims.sub != expected.uri {
        return Err(NotRead::Subject);
    }
    let issued = time(claims.iat).ok_or(NotRead::Claims)?;
    let expires = claims.exp.and_then(time).ok_or(NotRead::Times)?;
    let ttl = ttl(claims.ttl)?;
    let packed = URL_SAFE_NO_PAD.decode(&claims.status_list.lst).map_err(|_| NotRead::Claims)?;
    let list = StatusList::unpack(claims.status_list.bits, &packed, expected.most_entries)?;
    let token = ListToken { uri: claims.sub, issued, expires, ttl, list };
    token.check()?;
    Ok(token)
}

/// A time in whole seconds up to the year 9999.
fn time(seconds: u64) -> Option<Timestamp> {
    let seconds = i64::try_from(seconds).ok()?;
    let time = Timestamp::from_seconds(seconds);
    (time.seconds() == seconds).then_some(time)
}
