//! Licenses as PDF files.

pub mod compose;
