//! Where the tests leave what the fuzzers begin with (`fuzz/README.md`).

use std::path::Path;

/// Keeps a file below the folder that `YINZHENG_FUZZ_SEEDS` names; nothing is written where it names none.
pub(crate) fn keep_seed(path: &str, bytes: &[u8]) {
    let Some(folder) = std::env::var_os("YINZHENG_FUZZ_SEEDS") else { return };
    let file = Path::new(&folder).join(path);
    std::fs::create_dir_all(file.parent().expect("below the folder")).expect("a folder");
    std::fs::write(file, bytes).expect("written");
}
