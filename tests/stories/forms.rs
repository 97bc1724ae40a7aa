//! Forms that a kind may ask for: PDF sealed with SM2 alone, and several pages with a seal astride their edges.

use crate::city::{City, PERMIT, Person, findings, path};
use crate::service::Answer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;
use std::process::Command;
use yinzheng::formats::{cms, x509};

/// Credit code of the bureau that registers real estate.
const REGISTRY: &str = "11990000MB7100021M";

/// The embedded kind of that name, issued in other forms.
fn kind_issued_as(directory: &Path, name: &str, forms: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("kinds").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(file).expect("an embedded kind");
    let others = text.lines().filter(|line| !line.starts_with("files = "));
    let lines: Vec<String> =
        [format!("files = [{forms}]")].into_iter().chain(others.map(str::to_owned)).collect();
    std::fs::write(directory.join(format!("{name}.toml")), lines.join("\n")).expect("written");
}

/// What a PDF's one seal covers, and the container of its signature without the padding.
fn covered_and_container(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let document = lopdf::Document::load_mem(file).expect("a PDF");
    let mut seals = document.objects.values().filter_map(|object| object.as_dict().ok());
    let seal = seals.find(|dict| dict.has(b"ByteRange")).expect("a seal");
    let range = seal.get(b"ByteRange").and_then(lopdf::Object::as_array).expect("a range");
    let range: Vec<usize> = range.iter().map(|n| n.as_i64().expect("a number") as usize).collect();
    let covered = [&file[range[0]..range[0] + range[1]], &file[range[2]..range[2] + range[3]]].concat();
    let contents = seal.get(b"Contents").and_then(lopdf::Object::as_str).expect("contents");
    let padding = cms::read(contents).expect("a signature").trailing;
    (covered, contents[..contents.len() - padding].to_vec())
}

/// OpenSSL's word on the SM2 signature in a container, over the bytes it covers: by its parts, since its `cms` command
/// does not know the names of GB/T 35275.
fn openssl_agrees(covered: &[u8], container: &[u8]) -> bool {
    let facts = cms::read(container).expect("reads");
    let signer = facts.signer_x509.as_deref().expect("the signer is inside");
    let place = tempfile::tempdir().expect("a directory");
    let run = |arguments: &[&str]| {
        Command::new("openssl").args(arguments).current_dir(place.path()).output().expect("openssl runs")
    };
    for (name, bytes) in [
        ("covered", covered),
        ("attributes", &facts.signed_attributes),
        ("value", &facts.signature),
        ("key.der", x509::spki(signer).expect("a key")),
    ] {
        std::fs::write(place.path().join(name), bytes).expect("written");
    }
    let digest = String::from_utf8(run(&["dgst", "-sm3", "-r", "covered"]).stdout).expect("text");
    let stated = facts.message_digest.map(hex::encode);
    let verified = run(&[
        "pkeyutl",
        "-verify",
        "-rawin",
        "-digest",
        "sm3",
        "-pkeyopt",
        "distid:1234567812345678",
        "-pubin",
        "-keyform",
        "DER",
        "-inkey",
        "key.der",
        "-in",
        "attributes",
        "-sigfile",
        "value",
    ]);
    digest.split_whitespace().next() == stated.as_deref() && verified.status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_may_be_issued_as_pdf_sealed_with_sm2_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    kind_issued_as(directory.path(), PERMIT, r#""pdf-sm2""#);
    let city = City::with(|config| config.kinds = Some(directory.path().to_owned())).await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let files = license["files"].as_array().expect("files");
    assert_eq!(files.len(), 1, "{license}");
    assert_eq!((&files[0]["format"], &files[0]["suite"]), (&json!("pdf"), &json!("sm2")));

    let file = city.file(&license).await;
    assert!(file.starts_with(b"%PDF-"));
    let report = city.verify(file.clone()).await.json();
    assert_eq!(report["verdict"], "passed", "{report}");
    assert_eq!(report["file_sha256"], files[0]["sha256"]);
    assert_eq!(report["license"]["identifier"], license["id"]);
    // Which rules: the shape is that of PAdES, what is in it that of GM/T practice.
    let rules = report["rules"].as_str().expect("the rules");
    for part in ["GM/T 0010-style CMS with SM2/SM3", "PAdES shape"] {
        assert!(rules.contains(part), "{rules}");
    }
    let found = findings(&report);
    for code in ["integrity.intact", "seal.signature_right", "chain.trusted", "time.proven"] {
        assert!(found.iter().any(|found| found == code), "{code}: {report}");
    }

    // The container stands under the names of GB/T 35275, and OpenSSL agrees with the values in it.
    let (covered, container) = covered_and_container(&file);
    let facts = cms::read(&container).expect("reads");
    assert_eq!(
        (facts.frame, facts.signature_algorithm.to_string().as_str()),
        (cms::Frame::Gm, "1.2.156.10197.1.501")
    );
    assert!(openssl_agrees(&covered, &container));

    // The twin: one byte of the first page changed.
    let mut twin = file;
    let middle = twin.len() / 3;
    twin[middle] ^= 1;
    let report = city.verify(twin.clone()).await.json();
    assert_eq!(report["verdict"], "failed", "{report}");
    assert!(findings(&report).iter().any(|code| code == "integrity.digest_mismatch"), "{report}");
    let mut changed = covered;
    changed[middle] ^= 1;
    assert!(!openssl_agrees(&changed, &container));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_without_sm2_does_not_seal_it() {
    let directory = tempfile::tempdir().expect("a directory");
    kind_issued_as(directory.path(), PERMIT, r#""pdf-sm2""#);
    let city = City::with(|config| config.kinds = Some(directory.path().to_owned())).await;
    let before = city.written().await;
    let wish = json!({
        "owner_code": crate::service::DEPARTMENT, "purpose": "license", "purpose_words": "电子证照专用章",
        "days": 365, "suites": ["p256"],
    });
    let seal = city.post(&city.sealer, "/v1/seals", &wish).await.json();
    let seal = seal["code"].as_str().expect("a code");
    city.approve_seal(seal).await;
    let order = city.order(PERMIT, seal);
    let refused = city.post_once(&city.department, "/v1/licenses", "key", &order).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "seal.lacks_suite"));
    let after = city.written().await;
    assert_eq!((after.0, after.1), (before.0, before.1), "nothing is issued or left open");
}

/// The registry's seal in use, and who issues under it.
async fn registry(city: &City) -> (Person, String) {
    city.bureau(REGISTRY, "natural-resources").await;
    let department = city.person("department", json!({ "department": REGISTRY })).await;
    let sealer = city.person("seal-administrator", json!({ "department": REGISTRY })).await;
    let wish = json!({
        "owner_code": REGISTRY, "purpose": "business", "purpose_words": "不动产登记专用章", "days": 365,
    });
    let answer = city.post(&sealer, "/v1/seals", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    let seal = answer.json()["code"].as_str().expect("a code").to_owned();
    city.approve_seal_of(REGISTRY, &seal).await;
    (department, seal)
}

fn unpacked(file: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).expect("a package");
    let mut parts = BTreeMap::new();
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).expect("unpacked");
        parts.insert(name, content);
    }
    parts
}

fn packed(parts: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    // The entry part first, as readers expect it.
    let entry = parts.iter().filter(|(name, _)| *name == "OFD.xml");
    for (name, content) in entry.chain(parts.iter().filter(|(name, _)| *name != "OFD.xml")) {
        zip.start_file(name.as_str(), options).expect("a new name");
        zip.write_all(content).expect("memory");
    }
    zip.finish().expect("finished").into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_of_three_pages_is_sealed_astride_their_edges() {
    const DESCRIPTION: &str = "Doc_0/Signs/Sign_0/Signature.xml";
    let city = City::start().await;
    let (department, seal) = registry(&city).await;
    let order = city.order("real-estate-title", &seal);
    let issued = city.post_once(&department, "/v1/licenses", "key", &order).await;
    assert_eq!(issued.status, 201, "{}", issued.json());
    let license = issued.json();
    let file = async |format: &str| -> Answer {
        city.get(&department, &path(&license, &format!("file?format={format}"))).await
    };

    let pdf = file("pdf").await.bytes;
    assert_eq!(lopdf::Document::load_mem(&pdf).expect("a PDF").get_pages().len(), 3);
    let report = city.verify(pdf).await.json();
    assert_eq!(report["verdict"], "passed", "{report}");

    let ofd = file("ofd").await.bytes;
    let report = city.verify(ofd.clone()).await.json();
    assert_eq!(report["verdict"], "passed", "{report}");
    let marks = |report: &Value| {
        let all = report["findings"].as_array().expect("findings").clone();
        all.iter()
            .find(|finding| finding["code"] == "mark.inside")
            .map(|finding| finding["details"]["en"].clone())
    };
    let said = marks(&report).expect("marks").to_string();
    assert!(said.contains('4'), "once whole, and a slice on each of three pages: {said}");

    let parts = unpacked(&ofd);
    let description = String::from_utf8(parts[DESCRIPTION].clone()).expect("text");
    let slices = description.matches(" Clip=\"").count();
    assert_eq!((slices, description.matches("<ofd:StampAnnot ").count()), (3, 4), "{description}");
    // The same parts in another archive are the same document; with a slice taken off, or one shown whole, it is not.
    assert_eq!(city.verify(packed(&parts)).await.json()["verdict"], "failed", "not the file that was issued");
    let first = description.find("<ofd:StampAnnot ").expect("a mark");
    let last = description.rfind("<ofd:StampAnnot ").expect("a mark");
    let end = last + description[last..].find("/>").expect("its end") + 2;
    let cut = format!("{}{}", &description[..last], &description[end..]);
    let whole = {
        let clip = description[first..].find(" Clip=\"").expect("a slice") + first;
        let end = clip + 7 + description[clip + 7..].find('"').expect("its end") + 1;
        format!("{}{}", &description[..clip], &description[end..])
    };
    for twin in [cut, whole] {
        let mut parts = parts.clone();
        parts.insert(DESCRIPTION.to_owned(), twin.into_bytes());
        let report = city.verify(packed(&parts)).await.json();
        assert_eq!(report["verdict"], "failed", "{report}");
        assert!(findings(&report).iter().any(|code| code == "ses.data_changed"), "{report}");
    }
}
