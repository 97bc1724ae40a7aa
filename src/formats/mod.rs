//! Wire codecs that know no license, but for the codes that show one offline.

mod asn1;
pub mod cms;
pub mod code;
pub mod cose;
pub mod decode;
pub mod eseal;
pub mod inflate;
pub mod json;
pub mod jws;
pub mod offline_code;
pub mod statement;
pub mod status_list;
pub mod trust_list;
pub mod tsp;
pub mod verifier_bundle;
pub mod x509;

/// Bytes that are not what they should be. Says what was expected and what was wrong, never the bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a readable {what}: {why}")]
pub struct Unreadable {
    /// What was expected.
    pub what: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl Unreadable {
    pub(crate) fn new(what: &'static str, why: impl ToString) -> Self {
        Self { what, why: why.to_string() }
    }
}

#[cfg(test)]
pub(crate) mod testing;
