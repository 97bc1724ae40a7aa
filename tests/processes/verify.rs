//! `yinzheng verify`: a verdict is an exit status.

use crate::city::City;
use crate::program::run;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn verify(file: &Path, roots: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let (file, roots) = (file.display().to_string(), roots.display().to_string());
    let output = run(&[&["verify", &file, "--trust", &roots], more].concat());
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A root that issued nothing.
fn root_of_nobody() -> String {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Nobody Root");
    let key = KeyPair::generate().expect("a key");
    params.self_signed(&key).expect("a root").pem()
}

#[tokio::test]
async fn the_exit_status_tells_passed_failed_and_unreadable_apart() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let good = city.file(&license).await;
    let place = tempfile::tempdir().expect("a directory");
    let file = |name: &str, bytes: &[u8]| {
        let path = place.path().join(name);
        fs::write(&path, bytes).expect("written");
        path
    };
    let roots = file("roots.pem", &city.get(&city.auditor, "/pki/roots.pem").await.bytes);
    let mut spoiled = good.clone();
    let middle = spoiled.len() / 3;
    spoiled[middle] ^= 1;

    let passed = file("good.pdf", &good);
    let (status, said, _) = verify(&passed, &roots, &[]);
    assert_eq!(status, Some(0), "{said}");
    let id = license["id"].as_str().expect("an identifier");
    assert!(said.contains(id) && said.contains("status.not_checked"), "{said}");
    let (status, said, _) = verify(&passed, &roots, &["--json", "--lang", "en"]);
    let report: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((status, &report["verdict"]), (Some(0), &Value::from("passed")));

    let (status, said, _) = verify(&file("twin.pdf", &spoiled), &roots, &["--json"]);
    let report: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((status, &report["verdict"]), (Some(1), &Value::from("failed")), "{said}");

    // A root that did not issue this: nothing is known.
    let other = root_of_nobody();
    let (status, said, _) = verify(&passed, &file("other.pem", other.as_bytes()), &["--json"]);
    let report: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((status, &report["verdict"]), (Some(3), &Value::from("indeterminate")), "{said}");

    // What is no known file gets a report too; it says that nothing could be looked into.
    let (status, said, _) = verify(&file("text.pdf", b"hello"), &roots, &[]);
    assert!(status == Some(3) && said.contains("format.not_known"), "{said}");

    for (file, roots) in [
        (place.path().join("none.pdf"), roots.clone()),
        (place.path().to_owned(), roots.clone()),
        (passed.clone(), place.path().join("none.pem")),
        (passed.clone(), file("empty.pem", b"")),
    ] {
        let (status, said, complaint) = verify(&file, &roots, &[]);
        assert_eq!((status, said.as_str()), (Some(2), ""), "{complaint}");
        assert!(complaint.starts_with("yinzheng: ") && !complaint.contains("panicked"), "{complaint}");
    }
}
