//! Use cases: one file each, verb first.

pub mod publish_crl;
