//! Check rules of field values: pure functions from text to canonical text.

pub mod characters;
pub mod credit_code;
pub mod decimal;
pub mod identity_number;
pub mod value;
