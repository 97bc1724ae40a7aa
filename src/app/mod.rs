//! Use cases: one file each, verb first. Each is one transaction, or numbered steps.

mod access;
pub mod act_on_seal;
pub mod add_credential;
pub mod amend_license;
pub mod audit;
pub mod authenticate;
pub mod change_license_state;
pub mod check_printed_code;
pub mod check_ready;
pub mod decode_picture;
pub mod development;
pub mod draw_face;
pub mod draw_seal;
pub mod envelope;
mod error;
mod inputs;
pub mod issue_batch;
pub mod issue_license;
pub mod limits;
pub mod list_licenses;
pub mod list_seals;
mod make_seal;
pub mod preview_face;
pub mod publish_crl;
pub mod read_audit;
pub mod read_license;
pub mod read_pki;
pub mod redeem_show_code;
pub mod register_department;
pub mod request_seal;
pub mod resume_issuances;
mod service;
pub mod show_code_pictures;
pub mod show_license;
pub mod sign_in;
mod steps;
#[cfg(test)]
pub(crate) mod tests;
pub mod verify_file;
pub mod webhook;

pub use error::AppError;
pub use inputs::MOST_ROWS;
pub use service::{Authorities, Hierarchy, Parts, SealMaker, Service, Settings};
pub use steps::{IssueStep, Steps, Unwatched};
