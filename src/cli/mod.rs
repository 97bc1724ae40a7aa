//! The command line, one file a command.

pub mod db;
pub mod keys;
pub mod serve;
