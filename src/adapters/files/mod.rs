//! Where license files are kept, behind the `files` port.

mod directory;

pub use directory::DirectoryFiles;
