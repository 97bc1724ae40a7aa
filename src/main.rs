//! The command line. Each command is a file in `cli/`.

fn main() {}
