//! Values and rules of licenses and seals. Pure: no I/O, no async, no serde, no clock.

pub mod business;
pub mod check_pair;
pub mod envelope;
pub mod grant;
pub mod license;
pub mod offline_code;
pub mod paper;
pub mod party;
pub mod permit;
pub mod picture;
pub mod refusal;
pub mod report;
pub mod seal;
pub mod seal_job;
pub mod sharing;
pub mod show_code;
pub mod space;
pub mod status_entry;
pub mod status_list;
pub mod suite;
pub mod time;
mod timed_id;
pub mod trust_list;
pub mod webhook;
