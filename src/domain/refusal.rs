//! Coded refusals: what the service says no to, in a form that every door can word.

/// One fault of a request. The code is stable; its texts stand in the catalogue `texts/*.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it lies, as an RFC 6901 JSON pointer into the request body (`/data/holder_name`), or empty.
    pub pointer: String,
    /// Stable code, e.g. `field.required`.
    pub code: &'static str,
    /// Values named in the text, e.g. `("max", "40")`. Never a personal datum or a secret.
    pub args: Vec<(&'static str, String)>,
}

impl Fault {
    /// A fault at `pointer`.
    pub fn at(pointer: impl Into<String>, code: &'static str) -> Self {
        Self { pointer: pointer.into(), code, args: Vec::new() }
    }

    /// Adds a value that the text names.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// What kind of "no" a refusal is; the HTTP layer alone turns it into a status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalClass {
    /// The request is malformed or breaks a rule of its content.
    Invalid,
    /// Nobody is signed in, or the credential is unknown or expired.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// The thing does not exist, or the caller may not know that it does.
    NotFound,
    /// The thing is in a state that does not allow it, or a concurrent change won.
    Conflict,
    /// It existed and is over (an expired or used show code).
    Gone,
    /// Too much at once or too large.
    TooLarge,
    /// Called too often.
    TooMany,
    /// A part we depend on is not there right now; nothing was changed.
    Unavailable,
}

/// A coded "no".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct Refusal {
    /// Stable code, e.g. `seal.not_active`.
    pub code: &'static str,
    /// Its class.
    pub class: RefusalClass,
    /// Values named in the text. Never a personal datum or a secret.
    pub args: Vec<(&'static str, String)>,
    /// Every fault found, where there is more than one thing to say.
    pub faults: Vec<Fault>,
}

impl Refusal {
    /// A refusal with no further detail.
    pub fn new(class: RefusalClass, code: &'static str) -> Self {
        Self { code, class, args: Vec::new(), faults: Vec::new() }
    }

    /// Adds a value that the text names.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    /// The refusal of a request whose content has these faults.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        Self { code: "request.invalid", class: RefusalClass::Invalid, args: Vec::new(), faults }
    }
}
