//! The command line, one file a command.

pub mod bench;
pub mod client;
pub mod db;
pub mod demo;
pub mod issue;
pub mod keys;
pub mod serve;
pub mod verify;
