//! Calls a service through its public API, as a department's system would.

use serde_json::Value;
use std::time::Duration;

/// Largest answer that is read: a license file is some 50 kB.
const MOST_BYTES: u64 = 20_000_000;

/// Why a call did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No answer.
    #[error("{what}: no answer: {why}")]
    NoAnswer {
        /// Method and path.
        what: String,
        /// Why.
        why: String,
    },
    /// The answer is a problem.
    #[error("{what}: {status}: {body}")]
    Refused {
        /// Method and path.
        what: String,
        /// Status code.
        status: u16,
        /// The problem, as it came.
        body: String,
    },
    /// The answer lacks something.
    #[error("the answer lacks {0}")]
    Lacks(&'static str),
}

impl CallError {
    /// Whether the service refused with this code.
    pub fn is(&self, code: &str) -> bool {
        matches!(self, Self::Refused { body, .. } if body.contains(&format!("\"{code}\"")))
    }
}

/// One caller of the API.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

impl Client {
    /// Nobody in particular.
    pub fn new(base: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), base: base.to_owned(), token: None }
    }

    /// The same service, as the bearer of `token`.
    pub fn with(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// `GET`, as bytes.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, CallError> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(format!("GET {path}"), request.call())
    }

    /// `GET`, as JSON.
    pub fn get(&self, path: &str) -> Result<Value, CallError> {
        json(&self.bytes(path)?)
    }

    /// `PUT` of JSON.
    pub fn put(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        let mut request = self.agent.put(format!("{}{path}", self.base)).content_type("application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        json(&read(format!("PUT {path}"), request.send(body.to_string().as_bytes()))?)
    }

    /// `POST` of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        self.post_as(path, "application/json", body.to_string().as_bytes(), None)
    }

    /// `POST` of JSON under an idempotency key.
    pub fn post_once(&self, path: &str, key: &str, body: &Value) -> Result<Value, CallError> {
        self.post_as(path, "application/json", body.to_string().as_bytes(), Some(key))
    }

    /// `POST` of a file of this media type.
    pub fn post_file(&self, path: &str, media: &str, file: &[u8]) -> Result<Value, CallError> {
        self.post_as(path, media, file, None)
    }

    fn post_as(&self, path: &str, media: &str, body: &[u8], key: Option<&str>) -> Result<Value, CallError> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).content_type(media);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        json(&read(format!("POST {path}"), request.send(body))?)
    }
}

/// A text in an answer.
pub fn text(answer: &Value, name: &'static str) -> Result<String, CallError> {
    answer.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(CallError::Lacks(name))
}

type Answer = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

fn read(what: String, answer: Answer) -> Result<Vec<u8>, CallError> {
    let no_answer = |why: ureq::Error| CallError::NoAnswer { what: what.clone(), why: why.to_string() };
    let mut answer = answer.map_err(no_answer)?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(no_answer)?;
    if status >= 400 {
        let body = String::from_utf8_lossy(&body).into_owned();
        return Err(CallError::Refused { what, status, body });
    }
    Ok(body)
}

fn json(body: &[u8]) -> Result<Value, CallError> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|_| CallError::Lacks("JSON"))
}
