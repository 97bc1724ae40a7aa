//! Compact JSON Web Signatures (RFC 7515) with ES256 (RFC 7518 §3.4). Ours carry the signer's chain or the key's name in the
//! header, so that a stranger can check them with what is published; of others' we read those whose key the caller
//! knows: neither algorithm nor key is ever taken from the header.

use crate::crypto::{PublicKey, SignError, Signer, Suite, fixed_signature};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};

const ALGORITHM: &str = "ES256";

/// Signs claims. `kind` is the media type in the header (`typ`), `chain` the X.509 certificates from the signer's own upwards.
pub fn sign(kind: &str, claims: &Value, chain: &[&[u8]], signer: &dyn Signer) -> Result<String, SignError> {
    let x5c: Vec<String> = chain.iter().map(|der| STANDARD.encode(der)).collect();
    signed(&json!({ "alg": ALGORITHM, "typ": kind, "x5c": x5c }), claims, signer)
}

/// Signs claims for readers who know the key by its name (`kid`).
pub fn sign_as(kind: &str, claims: &Value, key_id: &str, signer: &dyn Signer) -> Result<String, SignError> {
    signed(&json!({ "alg": ALGORITHM, "typ": kind, "kid": key_id }), claims, signer)
}

fn signed(header: &Value, claims: &Value, signer: &dyn Signer) -> Result<String, SignError> {
    if signer.suite() != Suite::P256 {
        return Err(SignError("ES256 takes a key on P-256".into()));
    }
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!("{}.{}", encode(header), encode(claims));
    let signature = signer.sign(input.as_bytes())?;
    let fixed =
        fixed_signature(&signature).ok_or_else(|| SignError("the key made no ECDSA signature".into()))?;
    Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(fixed)))
}

/// Why a text was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// Not three parts in base64url with a header in the first.
    #[error("not a compact JSON Web Signature")]
    Form,
    /// The header names something that must be understood, and is not.
    #[error("the header has an extension")]
    Critical,
    /// The header names another algorithm than the key's.
    #[error("another algorithm than the key's")]
    Algorithm,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    Signature,
    /// What is signed is of another type.
    #[error("of another type")]
    Kind,
}

/// What of a header matters. A member that stands twice is refused by the reader of JSON.
#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    crit: Option<Value>,
}

/// Checks signature and type, in that order, and gives what was signed.
///
/// # Errors
/// The first fault; nothing that was not signed by `key` is given out.
pub fn open(token: &str, kind: &str, key: &PublicKey) -> Result<Vec<u8>, NotOpened> {
    let mut parts = token.split('.');
    let (Some(head), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(NotOpened::Form);
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| NotOpened::Form);
    let header: Header = serde_json::from_slice(&decode(head)?).map_err(|_| NotOpened::Form)?;
    let (content, signature) = (decode(claims)?, decode(signature)?);
    if header.crit.is_some() {
        return Err(NotOpened::Critical);
    }
    if header.alg != ALGORITHM || key.suite() != Suite::P256 {
        return Err(NotOpened::Algorithm);
    }
    let input = &token.as_bytes()[..head.len() + 1 + claims.len()];
    if !key.verify_fixed(input, &signature) {
        return Err(NotOpened::Signature);
    }
    // RFC 7515 §4.1.9: "application/" may be left out.
    let typ = header.typ.as_deref().unwrap_or_default();
    if typ.strip_prefix("application/").unwrap_or(typ) != kind {
        return Err(NotOpened::Kind);
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::x509::testing::new_key;

    #[test]
    fn what_one_key_signed_is_opened_with_that_key_only() {
        let (key, other) = (new_key(Suite::P256), new_key(Suite::P256));
        let [public, stranger] = [&key, &other].map(|key| PublicKey::from_spki(key.spki()).expect("a key"));
        let claims = json!({ "sub": "x" });
        let token = sign_as("a+jwt", &claims, "1", &key).expect("signed");
        assert_eq!(open(&token, "a+jwt", &public), Ok(claims.to_string().into_bytes()));
        assert_eq!(open(&token, "b+jwt", &public), Err(NotOpened::Kind));
        assert_eq!(open(&token, "a+jwt", &stranger), Err(NotOpened::Signature));
        assert_eq!(open(&format!("{token}."), "a+jwt", &public), Err(NotOpened::Form));
        assert_eq!(open(&format!("{token}="), "a+jwt", &public), Err(NotOpened::Form));
        let sm2 = PublicKey::from_spki(new_key(Suite::Sm2).spki()).expect("a key");
        assert_eq!(open(&token, "a+jwt", &sm2), Err(NotOpened::Algorithm));
        for (header, why) in [
            (json!({ "alg": "none", "typ": "a+jwt" }), NotOpened::Algorithm),
            (json!({ "alg": "HS256", "typ": "a+jwt" }), NotOpened::Algorithm),
            (json!({ "alg": "ES256", "typ": "a+jwt", "crit": ["b64"], "b64": false }), NotOpened::Critical),
            (json!({ "alg": "ES256" }), NotOpened::Kind),
        ] {
            let token = signed(&header, &claims, &key).expect("signed");
            assert_eq!(open(&token, "a+jwt", &public), Err(why), "{header}");
        }
        let twice = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","alg":"ES256","typ":"a+jwt"}"#);
        let rest = token.split_once('.').expect("three parts").1;
        assert_eq!(open(&format!("{twice}.{rest}"), "a+jwt", &public), Err(NotOpened::Form));
    }
}
