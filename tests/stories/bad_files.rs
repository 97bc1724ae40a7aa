//! Files that are not what they should be, brought to the open door of verification.

use crate::city::{City, findings};
use axum::body::Body;
use axum::http::Request;
use lopdf::dictionary;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// Longest that any file may take.
const BOUND: Duration = Duration::from_secs(20);

/// A file written by hand around these objects, with a right table.
fn file_of(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", out.len());
        out.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
        out.extend_from_slice(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let (at, size) = (out.len(), objects.len() + 1);
    let end = format!("{table}trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{at}\n%%EOF\n");
    out.extend_from_slice(end.as_bytes());
    out
}

fn bomb() -> Vec<u8> {
    let inside = [b"9 0 ".to_vec(), vec![b' '; 64 << 20]].concat();
    let mut stream = lopdf::Stream::new(dictionary! { "Type" => "ObjStm" }, inside);
    stream.compress().expect("compressed");
    let length = stream.content.len();
    let head = format!("<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {length}>>stream\n");
    [head.into_bytes(), stream.content, b"\nendstream".to_vec()].concat()
}

#[tokio::test]
async fn each_is_a_finding_in_bounded_time_and_nothing_is_written() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let good = city.file(&license).await;
    let before = city.written().await;
    let catalog = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>".to_vec();
    let pages = b"<</Type/Pages/Kids[2 0 R]/Count 1>>".to_vec();
    let field = b"<</FT/Sig/T(a)/Kids[3 0 R]/Parent 3 0 R>>".to_vec();
    let encrypted = file_of(
        &[catalog.clone(), pages.clone(), field.clone(), b"<</Filter/Standard/V 1/R 2>>".to_vec()],
        "/Encrypt 4 0 R",
    );
    let full = [good.clone(), vec![b'\n'; 50 * 1024 * 1024 - good.len()]].concat();
    let cases: [(&str, Vec<u8>, &[&str]); 7] = [
        ("no PDF", b"hello".to_vec(), &["format.not_pdf"]),
        ("nothing", Vec::new(), &["format.not_pdf"]),
        ("cut in the middle", good[..good.len() / 2].to_vec(), &["format.broken", "format.read_leniently"]),
        ("encrypted", encrypted, &["format.encrypted", "format.broken"]),
        ("cyclic", file_of(&[catalog.clone(), pages.clone(), field], ""), &["seal.none"]),
        ("bomb", file_of(&[catalog, pages, bomb()], ""), &["format.too_complex"]),
        ("50 MB of which little is a license", full, &[]),
    ];
    for (name, file, codes) in cases {
        let answer = timeout(BOUND, city.verify(file)).await.expect(name);
        let report = answer.json();
        assert_eq!(answer.status, 200, "{name}: {report}");
        assert_ne!(report["verdict"], "passed", "{name}: {report}");
        let found = findings(&report);
        assert!(
            codes.is_empty() || codes.iter().any(|code| found.iter().any(|f| f == code)),
            "{name}: {found:?}"
        );
        both_languages(&report);
    }
    assert_eq!(city.verify(good).await.json()["verdict"], "passed", "the twin");
    assert_eq!(city.written().await, before);
}

fn both_languages(report: &Value) {
    for finding in report["findings"].as_array().expect("findings") {
        for language in ["zh", "en"] {
            let text = finding["details"][language].as_str().expect("a text");
            assert!(!text.is_empty() && !text.contains('{'), "{finding}");
        }
    }
}

#[tokio::test]
async fn what_is_no_upload_is_a_problem() {
    let city = City::start().await;
    let send = async |kind: &str, body: Vec<u8>| {
        let request = Request::post("/v1/verifications").header("content-type", kind);
        let answer = city.send(request.body(Body::from(body)).expect("a request")).await;
        (answer.status.as_u16(), answer.code())
    };
    let too_large = send("application/pdf", vec![b'%'; 50 * 1024 * 1024 + 1]).await;
    assert_eq!(too_large, (413, "request.too_large".to_owned()));
    assert_eq!(send("image/png", b"%PDF-1.7".to_vec()).await, (415, "request.media_type".to_owned()));
    let form = "multipart/form-data; boundary=b";
    assert_eq!(send(form, b"--b\r\nbroken".to_vec()).await, (400, "request.form".to_owned()));
    assert_eq!(send("multipart/form-data", Vec::new()).await, (400, "request.form".to_owned()));
    let part = |name: &str| {
        let head =
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a.pdf\"\r\n\r\n");
        format!("{head}%PDF-1.7 nothing\r\n--b--\r\n").into_bytes()
    };
    assert_eq!(send(form, part("other")).await, (400, "request.form".to_owned()));
    assert_eq!(send(form, part("file")).await.0, 200, "the twin: a report on a file that is none");
}
