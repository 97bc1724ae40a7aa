//! Signed trust lists of both suites, and the document in them.

use std::sync::LazyLock;
use yinzheng::formats::trust_list::{Opened, from_json, open, to_json};

/// Lists that somebody signed.
static SIGNED: LazyLock<Vec<Opened>> = LazyLock::new(|| {
    let lists: [&[u8]; 2] = [
        include_bytes!("../corpus/trust_list/list-p256.p7m"),
        include_bytes!("../corpus/trust_list/list-sm2.p7m"),
    ];
    lists.iter().map(|list| open(list).expect("a seed")).collect()
});

/// A signed list, or the document of one.
pub fn trust_list(bytes: &[u8]) {
    if let Ok(opened) = open(bytes) {
        assert!(SIGNED.iter().any(|made| made.json == opened.json), "a forged list is right");
    }
    if let Ok(list) = from_json(bytes) {
        // What is read is written and read as the same.
        assert_eq!(from_json(&to_json(&list)).as_ref(), Ok(&list));
    }
}
