//! What an examination read from a file.
