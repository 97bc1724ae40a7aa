//! Licenses as PDF files.

pub mod brought;
pub mod compose;
pub mod examine;
pub mod seal;

pub use examine::examine;
