//! Strict JSON bodies: bounded, without duplicate or unknown members or control characters, every fault at once.
//!
//! A body is checked against the same schema that the API description shows ([`schema`]), so what is
//! published and what is accepted cannot differ.

pub mod multipart;
mod schema;
mod tree;

pub use schema::Checker;

use super::problem::{Kind, Place, Problem};
use crate::domain::refusal::Fault;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

/// Greatest JSON body: a batch of a hundred long licenses stays below it.
pub const MAX_JSON: usize = 1024 * 1024;

/// A JSON body of type `T`, at most `MOST` bytes.
pub struct Strict<T, const MOST: usize = MAX_JSON>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + ToSchema + 'static, const MOST: usize> FromRequest<S>
    for Strict<T, MOST>
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        expect_type(&parts.headers, &["application/json"])?;
        let bytes = read(&parts.headers, body, MOST).await?;
        json(&bytes).map(Strict)
    }
}

/// A JSON body of type `T`, an envelope of parts that each have their own outcome.
pub struct Envelope<T> {
    /// The body. Its type says nothing about the parts: [`part`] reads them.
    pub body: T,
    faults: Vec<Fault>,
}

impl<S: Send + Sync, T: DeserializeOwned + ToSchema + 'static> FromRequest<S> for Envelope<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        expect_type(&parts.headers, &["application/json"])?;
        let bytes = read(&parts.headers, body, MAX_JSON).await?;
        Self::read(&bytes)
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> Envelope<T> {
    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let (value, faults) = tree::parse_with_faults(bytes)?;
        if faults.len() >= tree::MAX_FAULTS {
            // There may be more, and nobody knows in which parts.
            return Err(Problem::faults(Kind::Invalid, Place::Body, faults));
        }
        Ok(Self { body: from_value(value, Place::Body)?, faults })
    }

    /// Takes out the faults of reading that lie in the part at `pointer`, with their places in it.
    pub fn faults_in(&mut self, pointer: &str) -> Vec<Fault> {
        let inside = |fault: &Fault| {
            fault.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut found: Vec<Fault> = self.faults.extract_if(.., |fault| inside(fault)).collect();
        found.iter_mut().for_each(|fault| drop(fault.pointer.drain(..pointer.len())));
        found
    }

    /// The body, unless there is a fault that no part took.
    pub fn sound(self) -> Result<T, Problem> {
        if self.faults.is_empty() {
            Ok(self.body)
        } else {
            Err(Problem::faults(Kind::Invalid, Place::Body, self.faults))
        }
    }
}

/// A part of an envelope as type `T`; `faults` are those that reading found in it.
pub fn part<T: DeserializeOwned + ToSchema + 'static>(
    value: Value,
    mut faults: Vec<Fault>,
) -> Result<T, Problem> {
    if faults.is_empty() {
        return from_value(value, Place::Body);
    }
    faults.extend(Checker::of::<T>().check(&value));
    faults.truncate(tree::MAX_FAULTS);
    Err(Problem::faults(Kind::Invalid, Place::Body, faults))
}

/// A JSON text of type `T`.
pub fn json<T: DeserializeOwned + ToSchema + 'static>(bytes: &[u8]) -> Result<T, Problem> {
    let value = tree::parse(bytes)?;
    from_value(value, Place::Body)
}

/// A query string of type `T`, whose members are texts and integers. Unknown and repeated parameters are refused.
pub struct StrictQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + ToSchema + 'static> FromRequestParts<S> for StrictQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let checker = Checker::of::<T>();
        let mut members = serde_json::Map::new();
        for (name, text) in url::form_urlencoded::parse(query.as_bytes()).take(50) {
            let number = checker.wants_integer(&name).then(|| text.parse::<i64>().ok()).flatten();
            let value = number.map_or_else(|| Value::String(text.into_owned()), Value::from);
            if members.insert(name.clone().into_owned(), value).is_some() {
                let fault = Fault::at(tree::child("", &name), "body.duplicate_key");
                return Err(Problem::faults(Kind::Malformed, Place::Query, vec![fault]));
            }
        }
        from_value(Value::Object(members), Place::Query).map(StrictQuery)
    }
}

fn from_value<T: DeserializeOwned + ToSchema + 'static>(value: Value, place: Place) -> Result<T, Problem> {
    let faults = Checker::of::<T>().check(&value);
    let kind = if place == Place::Body { Kind::Invalid } else { Kind::Malformed };
    if !faults.is_empty() {
        return Err(Problem::faults(kind, place, faults));
    }
    // The schema speaks for the type; what it cannot express still ends as a refusal.
    serde_json::from_value(value)
        .map_err(|_| Problem::faults(kind, place, vec![Fault::at("", "body.wrong_shape")]))
}

/// Refuses content of another type than `expected`.
pub fn expect_type(headers: &HeaderMap, expected: &[&'static str]) -> Result<(), Problem> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = given.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let charset_fits = parts.all(|part| {
        !part.to_ascii_lowercase().starts_with("charset=")
            || part[8..].trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    if expected.iter().any(|name| essence.eq_ignore_ascii_case(name)) && charset_fits {
        Ok(())
    } else {
        Err(Problem::new(Kind::MediaType, "request.media_type").with("expected", expected.join(", ")))
    }
}

/// A limit as people say it. What a form adds around a file is not worth telling.
pub fn size(bytes: usize) -> String {
    if bytes >= 1 << 20 { format!("{} MB", bytes >> 20) } else { format!("{} KB", bytes >> 10) }
}

/// The whole body, at most `most` bytes.
pub async fn read(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(Kind::TooLarge, "request.too_large").with("max", size(most));
    let announced = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    to_bytes(body, most).await.map_err(|error| {
        use std::error::Error;
        let over = error.source().is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>());
        if over { too_large() } else { Problem::new(Kind::Malformed, "request.broken_off") }
    })
}

#[cfg(test)]
mod tests;
