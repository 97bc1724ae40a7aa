//! Every "no" on the wire (RFC 9457), and the only home of error status codes.

use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::texts::{Language, say};
use axum::http::header::{ALLOW, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What kind of "no" it is: its status code and its title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// It can be read and breaks a rule.
    Invalid,
    /// Nobody we know is calling.
    Unauthenticated,
    /// The caller may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The path exists, but not with this method.
    Method,
    /// The state of things does not allow it.
    Conflict,
    /// It is over.
    Gone,
    /// Too much.
    TooLarge,
    /// The content is of another type.
    MediaType,
    /// Too often.
    TooMany,
    /// Our fault.
    Internal,
    /// Something we depend on is away, or it took too long.
    Unavailable,
}

impl Kind {
    /// The status code.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Gone => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Malformed => "class.malformed",
            Self::Invalid => "class.invalid",
            Self::Unauthenticated => "class.unauthenticated",
            Self::Forbidden => "class.forbidden",
            Self::NotFound => "class.not_found",
            Self::Method => "class.method",
            Self::Conflict => "class.conflict",
            Self::Gone => "class.gone",
            Self::TooLarge => "class.too_large",
            Self::MediaType => "class.media_type",
            Self::TooMany => "class.too_many",
            Self::Internal => "class.internal",
            Self::Unavailable => "class.unavailable",
        }
    }
}

impl From<RefusalClass> for Kind {
    fn from(class: RefusalClass) -> Self {
        match class {
            RefusalClass::Invalid => Self::Invalid,
            RefusalClass::Unauthenticated => Self::Unauthenticated,
            RefusalClass::Forbidden => Self::Forbidden,
            RefusalClass::NotFound => Self::NotFound,
            RefusalClass::Conflict => Self::Conflict,
            RefusalClass::Gone => Self::Gone,
            RefusalClass::TooLarge => Self::TooLarge,
            RefusalClass::TooMany => Self::TooMany,
            RefusalClass::Unavailable => Self::Unavailable,
        }
    }
}

/// Which part of the request the faults lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The body.
    Body,
    /// The query string.
    Query,
    /// The headers.
    Header,
}

impl Place {
    const fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// A "no" on its way out. It is worded last, when the request's language is known: see [`super::observe`].
#[derive(Clone, Debug)]
pub struct Problem {
    /// Kind.
    pub kind: Kind,
    /// What exactly, values for its text, and faults.
    pub refusal: Refusal,
    place: Place,
}

/// A problem in words.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem9457 {
    /// `urn:yinzheng:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(format = "uri")]
    pub problem_type: String,
    /// What kind of problem, the same for every occurrence.
    pub title: String,
    /// The HTTP status code.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What exactly, in the language asked for.
    pub detail: String,
    /// Stable code.
    #[schema(pattern = "^[a-z0-9_.-]+$")]
    pub code: String,
    /// `detail` in both languages.
    pub details: InBoth,
    /// Every fault found in the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<ProblemFault>,
}

/// A text in both languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InBoth {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One fault of a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProblemFault {
    /// Which part of the request: `body`, `query` or `header`.
    #[serde(rename = "in")]
    pub place: String,
    /// Where in it, as a JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    /// Stable code.
    #[schema(pattern = "^[a-z0-9_.-]+$")]
    pub code: String,
    /// What is wrong, in the language asked for.
    pub detail: String,
    /// `detail` in both languages.
    pub details: InBoth,
}

impl InBoth {
    /// The texts of `code`.
    pub fn of(code: &str, args: &[(&'static str, String)]) -> Self {
        Self { zh: say(code, Language::Chinese, args), en: say(code, Language::English, args) }
    }

    /// One of them.
    pub fn in_language(&self, language: Language) -> String {
        match language {
            Language::Chinese => self.zh.clone(),
            Language::English => self.en.clone(),
        }
    }
}

impl Problem {
    /// A problem with no further detail.
    pub fn new(kind: Kind, code: &'static str) -> Self {
        // The class inside plays no part: `kind` rules.
        Self { kind, refusal: Refusal::new(RefusalClass::Invalid, code), place: Place::Body }
    }

    /// Adds a value that the text names.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.refusal = self.refusal.with(name, value);
        self
    }

    /// A request with these faults somewhere.
    pub fn faults(kind: Kind, place: Place, faults: Vec<Fault>) -> Self {
        Self { kind, refusal: Refusal::invalid(faults), place }
    }

    /// The same, told to one who sent only what lies under `pointer` of the request that was judged.
    pub fn within(mut self, pointer: &str) -> Self {
        for fault in &mut self.refusal.faults {
            if let Some(rest) = fault.pointer.strip_prefix(pointer) {
                fault.pointer = rest.to_owned();
            }
        }
        self
    }

    /// The problem in words.
    pub fn worded(&self, language: Language) -> Problem9457 {
        let details = InBoth::of(self.refusal.code, &self.refusal.args);
        let errors = self.refusal.faults.iter().map(|fault| {
            let details = InBoth::of(fault.code, &fault.args);
            ProblemFault {
                place: self.place.name().to_owned(),
                pointer: fault.pointer.clone(),
                code: fault.code.to_owned(),
                detail: details.in_language(language),
                details,
            }
        });
        Problem9457 {
            problem_type: format!("urn:yinzheng:problem:{}", self.refusal.code),
            title: say(self.kind.title(), language, []),
            status: self.kind.status().as_u16(),
            detail: details.in_language(language),
            code: self.refusal.code.to_owned(),
            details,
            errors: errors.collect(),
        }
    }

    /// The problem as a response in `language`, keeping what `bare` carried in headers.
    pub fn respond(&self, language: Language, bare: &Response) -> Response {
        let body = serde_json::to_vec(&self.worded(language)).unwrap_or_default();
        let mut response = (self.kind.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        for name in [ALLOW, RETRY_AFTER, WWW_AUTHENTICATE] {
            if let Some(value) = bare.headers().get(&name) {
                headers.insert(name, value.clone());
            }
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self { kind: refusal.class.into(), refusal, place: Place::Body }
    }
}

impl IntoResponse for Problem {
    /// Status and headers only; the problem rides along to be worded further out.
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        match self.kind {
            Kind::Unauthenticated => {
                let challenge = HeaderValue::from_static("Bearer realm=\"yinzheng\"");
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
            Kind::TooMany | Kind::Unavailable => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl From<crate::app::AppError> for Problem {
    /// What failed inside is for the operator's log; the caller learns only that it did.
    fn from(error: crate::app::AppError) -> Self {
        match error {
            crate::app::AppError::Refused(refusal) => refusal.into(),
            crate::app::AppError::Internal(cause) => {
                tracing::error!(cause = %Chain(&*cause), "a use case failed");
                Self::new(Kind::Internal, "internal.error")
            }
        }
    }
}

/// An error with its causes.
struct Chain<'e>(&'e (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
