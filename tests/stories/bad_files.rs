//! Files that are not what they should be, brought to the open door of verification.

use crate::city::City;
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
    packed("ObjStm", 64 << 20)
}

/// An object stream, its type spelled like this, that inflates to `size` bytes.
fn packed(name: &str, size: usize) -> Vec<u8> {
    let inside = [b"9 0 ".to_vec(), vec![b' '; size]].concat();
    let mut stream = lopdf::Stream::new(dictionary! { "Type" => "ObjStm" }, inside);
    stream.compress().expect("compressed");
    let length = stream.content.len();
    let head = format!("<</Type/{name}/N 1/First 4/Filter/FlateDecode/Length {length}>>stream\n");
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
    // A tree of names that is its own kid, 250 times over.
    let names = b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 3 0 R>>>>".to_vec();
    let tree = format!("<</Kids[{}]>>", "3 0 R ".repeat(250)).into_bytes();
    let one_page = b"<</Type/Pages/Kids[4 0 R]/Count 1>>".to_vec();
    let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>".to_vec();
    let names = file_of(&[names, one_page.clone(), tree, page.clone()], "");
    let plain = b"<</Type/Catalog/Pages 2 0 R>>".to_vec();
    // Many streams that inflate together to more than any file may, each below what one alone may.
    let many = |name: &str| {
        let mut objects = vec![plain.clone(), one_page.clone(), b"null".to_vec(), page.clone()];
        objects.extend(std::iter::repeat_n(packed(name, 10 << 20), 64));
        file_of(&objects, "")
    };
    let cases: [(&str, Vec<u8>, &str, &[&str]); 10] = [
        ("no PDF", b"hello".to_vec(), "indeterminate", &["format.not_known"]),
        ("nothing", Vec::new(), "indeterminate", &["format.not_known"]),
        (
            "cut in the middle",
            good[..good.len() / 2].to_vec(),
            "indeterminate",
            &["format.read_leniently", "seal.none"],
        ),
        ("encrypted", encrypted, "indeterminate", &["format.encrypted"]),
        (
            "cyclic fields",
            file_of(&[catalog.clone(), pages.clone(), field], ""),
            "indeterminate",
            &["format.no_pages", "seal.none"],
        ),
        ("cyclic names", names, "indeterminate", &["seal.none"]),
        ("bomb", file_of(&[catalog, pages, bomb()], ""), "indeterminate", &["format.too_complex"]),
        ("many bombs", many("ObjStm"), "indeterminate", &["format.too_complex"]),
        ("many bombs, spelled otherwise", many("Obj#53tm"), "indeterminate", &["format.too_complex"]),
        (
            "50 MB of which little is a license",
            full,
            "failed",
            &["modification.trailing_space", "status.not_the_issued_file"],
        ),
    ];
    for (name, file, verdict, codes) in cases {
        let answer = timeout(BOUND, city.verify(file)).await.expect(name);
        let report = answer.json();
        assert_eq!(answer.status, 200, "{name}: {report}");
        assert_eq!(report["verdict"], verdict, "{name}: {report}");
        let found: Vec<String> = unexpected(&report);
        assert_eq!(found, codes, "{name}");
        both_languages(&report);
    }
    assert_eq!(city.verify(good).await.json()["verdict"], "passed", "the twin");
    assert_eq!(city.written().await, before);
}

/// Codes of what is not good in a report, or of all if it is about the form alone.
fn unexpected(report: &Value) -> Vec<String> {
    let all = report["findings"].as_array().expect("findings");
    let weighs =
        |finding: &&Value| all.len() <= 2 || matches!(finding["weight"].as_str(), Some("unclear" | "bad"));
    all.iter().filter(weighs).map(|f| f["code"].as_str().expect("a code").to_owned()).collect()
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

#[tokio::test]
async fn what_no_handler_could_take_apart_is_a_problem_all_the_same() {
    let city = City::start().await;
    for (address, accept) in [
        ("/v1/licenses/%ff", "*/*"),
        ("/crl/%ff", "*/*"),
        ("/pki/%ff", "*/*"),
        ("/c?identifier=a&identifier=b", "*/*"),
        ("/c?identifier=a&identifier=b", "text/html"),
        ("/c/%ff", "text/html"),
    ] {
        let request = Request::get(address)
            .header("accept", accept)
            .header("authorization", format!("Bearer {}", city.department.token));
        let answer = city.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, 400, "{address}");
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        if accept == "text/html" {
            assert!(text.contains("<main") && text.contains("request.unreadable"), "{address}: {text}");
        } else {
            assert_eq!(answer.code(), "request.unreadable", "{address}: {text}");
        }
    }
}
