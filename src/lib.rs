//! 印证 Yinzheng: a trust service for electronic licenses (电子证照) and electronic seals (电子印章).
//!
//! Reading order: [`domain`] (pure rules), [`ports`] (what the rules need from the world),
//! [`crypto`] and [`formats`] (algorithms and wire codecs), [`documents`] (license files as bytes),
//! [`app`] (use cases), [`http`] and [`jobs`] (who calls them), [`adapters`] (the world),
//! [`boot`] (puts it together). `ARCHITECTURE.md` has the picture.

pub mod adapters;
pub mod app;
pub mod boot;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod documents;
pub mod domain;
pub mod formats;
pub mod http;
pub mod jobs;
pub mod ports;
pub mod texts;
