//! Others judge the documents that stories sealed: pdfsig and pyHanko at once, the OFD checker later, of what is kept
//! (`tests/tools/judge_documents.sh`). Where one of them is not installed, that is said loudly on standard error.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Says loudly that something did not run, and fails where everything must.
pub fn not_run(who: &str) {
    assert!(std::env::var_os("YINZHENG_REQUIRE_ALL").is_none(), "{who} is not installed");
    eprintln!("\n!!! NOT RUN: {who} is not installed, so it did not judge our seals !!!\n");
}

/// Keeps a file for a judge, where the environment says so.
fn keep(name: &str, bytes: &[u8]) {
    let Some(out) = std::env::var_os("YINZHENG_TEST_OUT") else { return };
    let folder = Path::new(&out).join("documents");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), bytes).expect("written");
}

/// Keeps an OFD file.
pub fn ofd(name: &str, bytes: &[u8]) {
    keep(name, bytes);
}

/// Asks about a PDF with so many seals by P-256, brought with so many revisions. The first of the roots is theirs.
pub fn pdf(name: &str, bytes: &[u8], roots: &str, seals: usize, base: usize) {
    keep(name, bytes);
    let folder = tempfile::tempdir().expect("a directory");
    let (file, root) = (folder.path().join(name), folder.path().join("root.pem"));
    std::fs::write(&file, bytes).expect("written");
    let end = "-----END CERTIFICATE-----\n";
    let first = roots.split_inclusive(end).next().expect("a root");
    std::fs::write(&root, first).expect("written");
    match python() {
        None => not_run("pyHanko"),
        Some(python) => {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/pyhanko_check.py");
            let output = Command::new(python)
                .args([script.as_path(), &file, &root])
                .args(["--expect", "passed", "--on-others", "--seals", &seals.to_string()])
                .args(["--base", &base.to_string()])
                .output()
                .expect("Python runs");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    match Command::new("pdfsig").arg("-nocert").arg(&file).output() {
        Err(_) => not_run("pdfsig"),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            let good = said.matches("Signature is Valid").count();
            assert!(good == seals && said.contains("Total document signed"), "{name}: {said}");
        }
    }
}

/// Asks about a paper's data as a JSON Web Signature, and about its twin with a byte changed.
pub fn statement(name: &str, bytes: &[u8], roots: &str) {
    keep(name, bytes);
    keep(&format!("{name}.roots.pem"), roots.as_bytes());
    let Some(python) = python_with("cryptography") else { return not_run("cryptography of PyPI") };
    let folder = tempfile::tempdir().expect("a directory");
    let (file, known) = (folder.path().join(name), folder.path().join("roots.pem"));
    std::fs::write(&known, roots).expect("written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/jws_check.py");
    let mut twin = bytes.to_vec();
    let middle = twin.len() / 2;
    twin[middle] = if twin[middle] == b'A' { b'B' } else { b'A' };
    for (content, good) in [(bytes, true), (&twin, false)] {
        std::fs::write(&file, content).expect("written");
        let output = Command::new(&python).args([&script, &file, &known]).output().expect("Python runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let fault = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), good, "{name}: {said}{fault}");
    }
}

/// Asks whether the first signature of a PDF, which somebody made before us, is as good as it was.
pub fn earlier(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("earlier.pdf");
    std::fs::write(&file, bytes).expect("written");
    let Some(python) = python() else { return not_run("pyHanko") };
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let output = Command::new(python)
        .args([&here.join("tools/pyhanko_earlier.py"), &file, &here.join("data/pdf/made-up-ca.pem")])
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

/// A Python that has pyHanko: of the environment named by YINZHENG_VENV, or of `.venv`.
fn python() -> Option<PathBuf> {
    python_with("pyhanko")
}

/// A Python that has this module, found in the same way.
pub fn python_with(module: &str) -> Option<PathBuf> {
    let named = std::env::var_os("YINZHENG_VENV").map(PathBuf::from);
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv");
    named.into_iter().chain([here]).map(|venv| venv.join("bin/python")).find(|python| {
        let probe = Command::new(python).args(["-c", &format!("import {module}")]).output();
        probe.is_ok_and(|output| output.status.success())
    })
}
