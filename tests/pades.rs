//! Others judge what we seal: pdfsig (digest, signature, whole document) and pyHanko (trust, timestamp, level B-LT,
//! nothing after the seal); each also refuses a twin with one byte changed. Where one of them is not installed, that is
//! said loudly on standard error; `./test` installs both.

#[path = "support/sealing.rs"]
mod sealing;

use sealing::Sealed;
use std::path::{Path, PathBuf};
use std::process::Command;
use yinzheng::documents::Known;
use yinzheng::documents::pdf::brought::BroughtPdf;
use yinzheng::documents::pdf::examine;
use yinzheng::domain::report::Verdict;
use yinzheng::domain::report::judge::{Policy, judge};

/// The file with one byte of its first page changed.
fn twin(file: &[u8]) -> Vec<u8> {
    let mut twin = file.to_vec();
    let at = twin.len() / 3;
    twin[at] ^= 1;
    twin
}

fn not_run(who: &str) {
    assert!(std::env::var_os("YINZHENG_REQUIRE_ALL").is_none(), "{who} is not installed");
    eprintln!("\n!!! NOT RUN: {who} is not installed, so it did not judge our seals !!!\n");
}

#[test]
fn we_pass_it_and_refuse_its_twin() {
    let sealed = Sealed::new();
    let verdict_of = |bytes: &[u8]| {
        let facts = examine(bytes, Known::of(&sealed.trust)).expect("a PDF");
        judge(&facts, &Policy::default(), sealed.at)
    };
    let report = verdict_of(&sealed.file);
    assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
    let report = verdict_of(&twin(&sealed.file));
    assert!(report.has("integrity.digest_mismatch") && report.verdict == Verdict::Failed);
}

/// Keeps a file for a person to look at, where the environment says so.
fn keep(name: &str, bytes: &[u8]) {
    let Some(out) = std::env::var_os("YINZHENG_TEST_OUT") else { return };
    let folder = Path::new(&out).join("pdf");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), bytes).expect("written");
}

/// Ends of the revisions.
fn revisions(file: &[u8]) -> Vec<usize> {
    let mark = b"%%EOF\n";
    let ends = file.windows(mark.len()).enumerate().filter(|(_, window)| window == mark);
    ends.map(|(at, _)| at + mark.len()).collect()
}

/// Files that 1, 2, 3 and 12 parties sealed: each seal is good to pdfsig and to pyHanko, and a cut file is missed by us,
/// where they cannot see it.
#[test]
fn files_of_several_seals_are_judged_alike() {
    let (pdfsig, python) = (Command::new("pdfsig").arg("-v").output().is_ok(), python());
    if !pdfsig {
        not_run("pdfsig");
    }
    if python.is_none() {
        not_run("pyHanko");
    }
    for count in [1, 2, 3, 12] {
        let sealed = Sealed::by(count);
        keep(&format!("together-{count}.pdf"), &sealed.file);
        let report = |bytes: &[u8]| {
            judge(&examine(bytes, Known::of(&sealed.trust)).expect("a PDF"), &Policy::default(), sealed.at)
        };
        let ours = report(&sealed.file);
        assert_eq!(ours.verdict, Verdict::Passed, "{count}: {:#?}", ours.findings);
        let path = sealed.write("together.pdf", &sealed.file);
        if pdfsig {
            let said = Command::new("pdfsig").arg("-nocert").arg(&path).output().expect("pdfsig runs");
            let said = String::from_utf8_lossy(&said.stdout);
            assert_eq!(said.matches("Signature is Valid").count(), count, "{said}");
            // It says so of the last, which alone signs all of the file.
            assert_eq!(said.matches("Total document signed").count(), 1, "{said}");
        }
        let Some(python) = &python else { continue };
        let judged = |path: &Path, seals: usize, expected: &str| {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/pyhanko_check.py");
            let output = Command::new(python)
                .args([script.as_path(), path, &sealed.place().join("root.pem")])
                .args(["--expect", expected, "--seals", &seals.to_string()])
                .output()
                .expect("Python runs");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        };
        judged(&path, count, "passed");
        judged(&sealed.write("twin.pdf", &twin(&sealed.file)), count, "refused");
        let ends = revisions(&sealed.file);
        assert_eq!(ends.len(), count);
        if let [.., before, _] = ends[..] {
            let cut = &sealed.file[..before];
            judged(&sealed.write("cut.pdf", cut), count - 1, "passed");
            let ours = report(cut);
            assert!(ours.has("signers.missing") && ours.verdict != Verdict::Passed, "{:#?}", ours.findings);
        }
    }
}

/// Files that other programs made, with their cross-reference as a table or as streams: sealed by one and by two, good to
/// all, and nothing of them changed.
#[test]
fn files_that_others_made_keep_every_byte_and_are_judged_alike() {
    let Some(python) = python() else { return not_run("pyHanko") };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pdf");
    let keywords = [("甲方（盖章）", 0), ("盖章", 1)];
    for name in ["chromium", "cairo", "qpdf-streams", "qpdf-linear", "qpdf-rotated"] {
        let original = std::fs::read(folder.join(format!("{name}.pdf"))).expect("a sample");
        let before = revisions(&original).len();
        for count in [1, 2] {
            let sealed = Sealed::upon(&original, &keywords[..count]);
            assert!(sealed.file.starts_with(&original), "{name}");
            keep(&format!("{name}-{count}.pdf"), &sealed.file);
            let facts = examine(&sealed.file, Known::of(&sealed.trust)).expect("a PDF");
            let report = judge(&facts, &Policy::default(), sealed.at);
            let expected = if count == 1 { Verdict::Passed } else { Verdict::Indeterminate };
            assert_eq!(report.verdict, expected, "{name}: {:#?}", report.findings);
            assert_eq!(report.has("modification.further_seal"), count == 2, "{name}");
            let path = sealed.write("brought.pdf", &sealed.file);
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/pyhanko_check.py");
            let output = Command::new(&python)
                .args([script.as_path(), &path, &sealed.place().join("root.pem")])
                .args(["--expect", "passed", "--on-others", "--seals", &count.to_string()])
                .args(["--base", &before.to_string()])
                .output()
                .expect("Python runs");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&output.stderr));
            if let Ok(said) = Command::new("qpdf").arg("--check").arg(&path).output() {
                assert!(said.status.success(), "{name}: {}", String::from_utf8_lossy(&said.stderr));
            }
        }
    }
    let encrypted = std::fs::read(folder.join("qpdf-encrypted.pdf")).expect("a sample");
    let refused = BroughtPdf::open(encrypted).expect_err("refused");
    assert!(matches!(refused.code(), "format.encrypted" | "format.broken"), "{refused}");
    let license = Sealed::new();
    assert_eq!(BroughtPdf::open(license.file).expect_err("refused").code(), "seal_job.certified");
}

#[test]
fn pdfsig_agrees() {
    if Command::new("pdfsig").arg("-v").output().is_err() {
        return not_run("pdfsig");
    }
    let sealed = Sealed::new();
    let says = |path: &Path| {
        let output = Command::new("pdfsig").arg("-nocert").arg(path).output().expect("pdfsig runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let good = says(&sealed.write("sealed.pdf", &sealed.file));
    for part in ["Signature is Valid", "Total document signed", "ETSI.CAdES.detached"] {
        assert!(good.contains(part), "{part}: {good}");
    }
    let bad = says(&sealed.write("twin.pdf", &twin(&sealed.file)));
    assert!(!bad.contains("Signature is Valid"), "{bad}");
}

/// A Python that has pyHanko: of the environment named by YINZHENG_VENV, or of `.venv`.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("YINZHENG_VENV").map(PathBuf::from);
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv");
    named.into_iter().chain([here]).map(|venv| venv.join("bin/python")).find(|python| {
        let probe = Command::new(python).args(["-c", "import pyhanko"]).output();
        probe.is_ok_and(|output| output.status.success())
    })
}

#[test]
fn pyhanko_agrees() {
    let Some(python) = python() else { return not_run("pyHanko") };
    let sealed = Sealed::new();
    let root = sealed.place().join("root.pem");
    let expects = |path: &Path, expected: &str| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/pyhanko_check.py");
        let output = Command::new(&python)
            .args([script.as_path(), path, root.as_path()])
            .args(["--expect", expected])
            .output()
            .expect("Python runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    };
    let good = expects(&sealed.write("sealed.pdf", &sealed.file), "passed");
    for part in ["\"trusted\": true", "\"timestamp_valid\": true", "\"modification_level\": \"NONE\""] {
        assert!(good.contains(part), "{part}: {good}");
    }
    expects(&sealed.write("twin.pdf", &twin(&sealed.file)), "refused");
    let line = [sealed.file.as_slice(), b"\n%%EOF\n"].concat();
    expects(&sealed.write("longer.pdf", &line), "refused");
}
