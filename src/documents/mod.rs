//! License files as pure bytes: bytes and values in, bytes and values out.

pub mod attachment;
pub mod face;
pub mod fonts;
pub mod ofd;
pub mod pdf;
pub mod seal_picture;
pub mod validation;
