//! Signed statements that carry their signer's chain: compact JSON Web Signatures (RFC 7515) with ES256 and `x5c`, as
//! [`super::jws::sign`] writes them. Strict: three members in the header and no other, one algorithm, one way to write it.
//! The chain proves nothing by itself; whose key it is, and whether anybody trusts it, is asked elsewhere.

use super::json;
use crate::crypto::{FIXED_SIGNATURE, PublicKey, Suite};
use crate::domain::report::facts::StatementFault;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

/// A larger file is not read.
const MAX_BYTES: usize = 2 << 20;
/// A longer header is not read: ours is of 2,000 characters.
const MAX_HEADER: usize = 16 << 10;
/// Most X.509 certificates in a header.
const MAX_X509S: usize = 4;
/// The one algorithm.
const ALGORITHM: &str = "ES256";
/// Longest name out of a file that is repeated to people, in characters.
const MAX_NAME: usize = 40;

/// A statement that was read; whether its signature holds is still to be asked.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Media type of the content (`typ`), without `application/`.
    pub kind: String,
    /// X.509 certificates from the header (DER), at least one, the signer's first.
    pub x509s: Vec<Vec<u8>>,
    /// What was signed, as it stands there: JSON in which no member stands twice.
    pub content: Vec<u8>,
    signed: Vec<u8>,
    signature: [u8; FIXED_SIGNATURE],
}

/// Whether a file looks like a compact signature, right or wrong: the first of its parts in base64url is an object in JSON.
pub fn looks_like_one(bytes: &[u8]) -> bool {
    let of_it = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_=. \t\r\n".contains(byte);
    bytes.first() == Some(&b'e') && bytes.contains(&b'.') && bytes.iter().all(of_it)
}

/// Reads a statement.
///
/// # Errors
/// The first fault.
pub fn read(bytes: &[u8]) -> Result<Statement, StatementFault> {
    let fault = |why| StatementFault::Form { why };
    if bytes.len() > MAX_BYTES {
        return Err(fault("too large"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| fault("not base64url"))?;
    let parts: Vec<&str> = text.splitn(4, '.').collect();
    let [head, content, signature] = parts[..] else { return Err(fault("not three parts")) };
    if head.len() > MAX_HEADER {
        return Err(fault("a header that is too long"));
    }
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| fault("not base64url"));
    let (header, decoded, value) = (decode(head)?, decode(content)?, decode(signature)?);
    let (kind, x509s) = read_header(&header)?;
    let signature = value.try_into().map_err(|_| fault("a signature of another length"))?;
    json::check_once(&decoded).map_err(|_| fault("content that is no JSON, or names a member twice"))?;
    let signed = bytes[..head.len() + 1 + content.len()].to_vec();
    Ok(Statement { kind, x509s, content: decoded, signed, signature })
}

fn read_header(header: &[u8]) -> Result<(String, Vec<Vec<u8>>), StatementFault> {
    let fault = |why| StatementFault::Form { why };
    let unreadable = |_| fault("a header that is no JSON, or names a member twice");
    json::check_once(header).map_err(unreadable)?;
    let header: Map<String, Value> = serde_json::from_slice(header).map_err(unreadable)?;
    let short = |name: &str| name.chars().take(MAX_NAME).collect::<String>();
    let known = |name: &&String| ["alg", "typ", "x5c"].contains(&name.as_str());
    if let Some(name) = header.keys().find(|name| !known(name)) {
        return Err(StatementFault::Member { name: short(name) });
    }
    let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("alg") != ALGORITHM {
        return Err(StatementFault::Algorithm { name: short(text("alg")) });
    }
    let chain = header.get("x5c").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if chain.is_empty() || chain.len() > MAX_X509S {
        return Err(fault("no chain in the header, or too long a one"));
    }
    // RFC 7515 §4.1.6: base64, not base64url.
    let x509 = |value: &Value| value.as_str().and_then(|text| STANDARD.decode(text).ok());
    let x509s: Option<Vec<_>> = chain.iter().map(x509).collect();
    // RFC 7515 §4.1.9: "application/" may be left out.
    let typ = text("typ");
    let kind = short(typ.strip_prefix("application/").unwrap_or(typ));
    Ok((kind, x509s.ok_or_else(|| fault("a chain that is not base64"))?))
}

impl Statement {
    /// Whether this key signed it; `None` for a key that its algorithm is not for.
    pub fn is_signed_by(&self, key: &PublicKey) -> Option<bool> {
        (key.suite() == Suite::P256).then(|| key.verify_fixed(&self.signed, &self.signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Signer as _;
    use crate::formats::jws;
    use crate::formats::x509::testing::new_key;
    use serde_json::json;

    fn with_header(header: &str, rest: &str) -> Vec<u8> {
        let (_, rest) = rest.split_once('.').expect("three parts");
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header)).into_bytes()
    }

    #[test]
    fn what_we_sign_is_read_and_its_twins_are_refused() {
        let (key, other) = (new_key(Suite::P256), new_key(Suite::P256));
        let [public, stranger] = [&key, &other].map(|key| PublicKey::from_spki(key.spki()).expect("a key"));
        let token = jws::sign("a+jwt", &json!({ "sub": "x" }), &[b"one", b"two"], &key).expect("signed");
        let read_it = read(token.as_bytes()).expect("a statement");
        assert_eq!((read_it.kind.as_str(), &read_it.content[..]), ("a+jwt", &br#"{"sub":"x"}"#[..]));
        assert_eq!(read_it.x509s, [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(read_it.is_signed_by(&public), Some(true));
        assert_eq!(read_it.is_signed_by(&stranger), Some(false));
        let sm2 = PublicKey::from_spki(new_key(Suite::Sm2).spki()).expect("a key");
        assert_eq!(read_it.is_signed_by(&sm2), None);

        let header = r#"{"alg":"ES256","typ":"a+jwt","x5c":["b25l"]}"#;
        assert!(read(&with_header(header, &token)).is_ok());
        let form = |why| StatementFault::Form { why };
        let member = |name: &str| StatementFault::Member { name: name.into() };
        let twins = [
            (
                r#"{"alg":"none","x5c":["b25l"]}"#.to_owned(),
                StatementFault::Algorithm { name: "none".into() },
            ),
            (
                r#"{"alg":"HS256","x5c":["b25l"]}"#.to_owned(),
                StatementFault::Algorithm { name: "HS256".into() },
            ),
            (r#"{"x5c":["b25l"]}"#.to_owned(), StatementFault::Algorithm { name: String::new() }),
            (header.replace("\"typ\"", "\"crit\":[],\"typ\""), member("crit")),
            (header.replace("\"typ\"", "\"jku\":\"https://example.org\",\"typ\""), member("jku")),
            (header.replace("\"typ\"", "\"jwk\":{},\"typ\""), member("jwk")),
            (header.replace("\"typ\"", "\"kid\":\"1\",\"typ\""), member("kid")),
            (
                header.replace("\"typ\"", "\"alg\":\"ES256\",\"typ\""),
                form("a header that is no JSON, or names a member twice"),
            ),
            (header.replace("[\"b25l\"]", "[]"), form("no chain in the header, or too long a one")),
            (
                header.replace("[\"b25l\"]", &json!(vec!["b25l"; 5]).to_string()),
                form("no chain in the header, or too long a one"),
            ),
            (header.replace("b25l", "_-__"), form("a chain that is not base64")),
            (header.replace("b25l", &"b25l".repeat(4_000)), form("a header that is too long")),
        ];
        for (header, why) in twins {
            assert_eq!(read(&with_header(&header, &token)).map(|_| ()), Err(why), "{header:.90}");
        }
        for (text, why) in [
            (format!("{token}."), "not three parts"),
            (format!("{token}="), "not base64url"),
            (format!("{token}\n"), "not base64url"),
            (token[..token.len() - 2].to_owned(), "a signature of another length"),
            ("e".repeat(MAX_BYTES + 1), "too large"),
        ] {
            assert_eq!(read(text.as_bytes()).map(|_| ()), Err(form(why)));
        }
    }

    #[test]
    fn content_that_says_two_things_is_refused() {
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","typ":"a+jwt","x5c":["b25l"]}"#);
        let content = URL_SAFE_NO_PAD.encode(r#"{"a":{"b":1,"b":2}}"#);
        let token = format!("{head}.{content}.{}", "A".repeat(86));
        let why = "content that is no JSON, or names a member twice";
        assert_eq!(read(token.as_bytes()).map(|_| ()), Err(StatementFault::Form { why }));
    }

    #[test]
    fn only_what_looks_like_one_is_taken_for_one() {
        assert!(looks_like_one(b"eyJhbGciOiJFUzI1NiJ9.e30.AA") && looks_like_one(b"eyJ.\n"));
        for other in [&b""[..], b"%PDF-1.7.", b"PK\x03\x04", b"eyJ", b"{\"alg\":1.5}", b"e<html>."] {
            assert!(!looks_like_one(other), "{other:?}");
        }
    }
}
