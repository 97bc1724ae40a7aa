//! The service on the wire: requests in, use cases called, answers and problems out.

pub mod body;
pub mod cookies;
pub mod language;
pub mod problem;
