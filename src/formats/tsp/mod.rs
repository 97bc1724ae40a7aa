//! The time-stamp protocol (RFC 3161): requests, responses, tokens.

mod message;
mod token;

pub use message::{PkiFailure, Request, Response, parse_request, parse_response, refusal, request, response};
pub use token::parse_time;
pub use token::{TokenFacts, TokenParts, read_token, token};

use const_oid::ObjectIdentifier;

/// Our timestamping policy: an identifier under the UUID arc (ITU-T X.667), which anyone may use. It says no more than
/// that the token was made by this service's own authority.
pub const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.25.1431655765");

#[cfg(test)]
mod tests;
