//! What several parts of the API share.

use crate::domain::license::LicenseId;
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::time::{Date, parse_date};
use crate::http::problem::{Kind, Place, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Header by which a caller makes repeating a request safe.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The `Idempotency-Key` of a request: 1 to 64 letters, digits, `-`, `_`, `.` or `:`.
pub struct IdempotencyKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let no = |code| Problem::new(Kind::Malformed, code).with("header", IDEMPOTENCY_KEY);
        let value = parts.headers.get(IDEMPOTENCY_KEY).ok_or_else(|| no("request.header_missing"))?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
        match value.to_str() {
            Ok(key) if (1..=64).contains(&key.len()) && key.bytes().all(plain) => Ok(Self(key.to_owned())),
            _ => Err(no("request.header_form")),
        }
    }
}

/// Reads a license identifier out of a path. What is none names no license.
pub fn license_id(text: &str) -> Result<LicenseId, Problem> {
    LicenseId::parse(text).map_err(|_| Refusal::new(RefusalClass::NotFound, "license.unknown").into())
}

/// Reads a date at this place of a body.
pub fn day(pointer: &str, text: &str) -> Result<Date, Problem> {
    let fault = || Problem::faults(Kind::Invalid, Place::Body, vec![Fault::at(pointer, "body.date")]);
    parse_date(text).ok_or_else(fault)
}

/// A place in a list, as opaque text.
pub fn to_cursor(place: &str) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

/// Reads it back, by `parse`; an empty or foreign text is refused.
pub fn from_cursor<T>(text: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let place = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match place.as_deref().and_then(parse) {
        Some(place) => Ok(Some(place)),
        None => Err(Problem::new(Kind::Malformed, "request.cursor")),
    }
}
