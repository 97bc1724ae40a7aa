//! Files that 1, 2, 3 and 12 parties sealed, each through its envelope: good to us and, since they are kept, to judges that
//! share no code with us (`tests/tools/judge_together.sh`). With its last seal taken off, each is said to lack a signer.

use crate::city::{City, Person, findings};
use crate::service::DEPARTMENT;
use serde_json::json;
use std::fmt::Write as _;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use yinzheng::domain::license::check::credit_code::check_character;

const KIND: &str = include_str!("../../kinds/food-operation-permit.toml");
const COUNTS: [usize; 4] = [1, 2, 3, 12];
const LIST: &str = "Doc_0/Signs/Signatures.xml";

/// The credit code of the `n`th of those who seal; the first is the one that issues.
fn code(n: usize) -> String {
    if n == 0 {
        return DEPARTMENT.to_owned();
    }
    let first = format!("11990100MB72{n:04}X");
    let check = check_character(&first).expect("17 characters of the code");
    format!("{first}{check}")
}

/// The food operation permit as so many seal it: the issuer first, then all others side by side.
fn kind(count: usize) -> String {
    let mut text = String::new();
    for line in KIND.lines() {
        if line.starts_with("name = ") {
            let _ = writeln!(text, "name = \"together-{count}\"");
        } else if line.starts_with("type_code = ") {
            let _ = writeln!(text, "type_code = \"11990000MB7100010H9{count:02}\"");
        } else if line.trim_start().starts_with("{ seal = ") {
            for n in 0..count {
                let (x, y) = (28 + n % 6 * 47, 60 + n / 6 * 60);
                let _ = writeln!(text, "  {{ seal = [{x}, {y}], party = \"p{n}\" }},");
            }
        } else {
            let _ = writeln!(text, "{line}");
        }
        if line.starts_with("holder = ") {
            text.push_str("files = [\"pdf-p256\", \"ofd-sm2\"]\n");
        }
    }
    let title = |n: usize| format!("title = {{ zh = \"第{n}方\", en = \"Party {n}\" }}");
    let issuer = format!(
        "{{ name = \"p0\", {}, level = \"city\", responsibility = \"market-regulation\" }}",
        title(0)
    );
    let _ = write!(text, "\n[[sealing.stages]]\nname = \"first\"\n{}\nparties = [{issuer}]\n", title(0));
    if count > 1 {
        let _ = writeln!(text, "\n[[sealing.stages]]\nname = \"all\"\n{}\nparties = [", title(1));
        for n in 1..count {
            let _ = writeln!(text, "  {{ name = \"p{n}\", {}, body = \"{}\" }},", title(n), code(n));
        }
        text.push_str("]\n");
    }
    text
}

/// Keeps a file for other judges, where the environment says so.
fn keep(name: &str, bytes: &[u8]) {
    let Some(out) = std::env::var_os("YINZHENG_TEST_OUT") else { return };
    let folder = Path::new(&out).join("together");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), bytes).expect("written");
}

/// The city, and of everybody who seals an officer and a seal.
async fn sealers(kinds: PathBuf, count: usize) -> (City, Vec<(Person, String)>) {
    let city = City::with(|config| config.kinds = Some(kinds)).await;
    // Of no department, so they look after everybody's seals.
    let mut administrators = Vec::new();
    for _ in 0..3 {
        administrators.push(city.person("seal-administrator", json!({})).await);
    }
    let mut sealers = Vec::new();
    for n in 0..count {
        let code = code(n);
        if n > 0 {
            city.bureau(&code, &format!("duty-{}", "x".repeat(n))).await;
        }
        let officer = city.person("department", json!({ "department": code })).await;
        let request = json!({
            "owner_code": code, "purpose": "license", "purpose_words": "电子证照专用章", "days": 365,
        });
        let asked = city.post(&administrators[0], "/v1/seals", &request).await;
        assert_eq!(asked.status, 201, "{}", asked.json());
        let seal = asked.json()["code"].as_str().expect("a code").to_owned();
        for approver in &administrators[1..] {
            assert_eq!(city.act_on_seal(approver, &seal, "approve").await.status, 200);
        }
        sealers.push((officer, seal));
    }
    (city, sealers)
}

/// Opens an envelope of a kind and has everybody consent; the finished files, PDF and OFD.
async fn seal(city: &City, sealers: &[(Person, String)]) -> [Vec<u8>; 2] {
    let kind = format!("together-{}", sealers.len());
    let (initiator, _) = &sealers[0];
    let order = json!({ "kind": kind, "data": city.order(&kind, "")["data"] });
    let opened = city.post_once(initiator, "/v1/envelopes", &kind, &order).await;
    assert_eq!(opened.status, 201, "{}", opened.json());
    let path = format!("/v1/envelopes/{}", opened.json()["id"].as_str().expect("an identity"));
    let mut state = city.post(initiator, &format!("{path}/send"), &json!({})).await.json();
    for (officer, seal) in sealers {
        assert_eq!(state["state"], "open", "{state}");
        let consent = json!({ "version": 1, "seal": seal });
        state = city.post(officer, &format!("{path}/consent"), &consent).await.json();
    }
    assert_eq!(state["state"], "finished", "{state}");
    let license = state["license"].as_str().expect("a license").to_owned();
    let file = async |format: &str| {
        let file = city.get(initiator, &format!("/v1/licenses/{license}/file?format={format}")).await;
        assert_eq!(file.status, 200, "{format}");
        file.bytes
    };
    [file("pdf").await, file("ofd").await]
}

/// The PDF without its last revision.
fn cut_pdf(file: &[u8]) -> Vec<u8> {
    let mark = b"%%EOF\n";
    let ends = file.windows(mark.len()).enumerate().filter(|(_, window)| window == mark);
    let ends: Vec<usize> = ends.map(|(at, _)| at + mark.len()).collect();
    file[..ends[ends.len() - 2]].to_vec()
}

/// The package without its `n`th signature, counted from nought, and that signature's line in the list.
fn cut_ofd(file: &[u8], n: usize) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).expect("a package");
    let mut cut = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).expect("a part");
        let name = part.name().expect("a name").into_owned();
        if name.starts_with(&format!("Doc_0/Signs/Sign_{n}/")) {
            continue;
        }
        let mut content = Vec::new();
        part.read_to_end(&mut content).expect("inflated");
        if name == LIST {
            let list = String::from_utf8(content).expect("text");
            let begins = list.rfind("<ofd:Signature ").expect("a line");
            let ends = begins + list[begins..].find("/>").expect("its end") + 2;
            content = [&list[..begins], &list[ends..]].concat().into_bytes();
        }
        cut.start_file(name, zip::write::SimpleFileOptions::default()).expect("a new name");
        cut.write_all(&content).expect("memory");
    }
    cut.finish().expect("finished").into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_one_two_three_and_twelve_parties_pass_and_each_last_seal_is_missed() {
    let kinds = tempfile::tempdir().expect("a directory");
    for count in COUNTS {
        std::fs::write(kinds.path().join(format!("together-{count}.toml")), kind(count)).expect("written");
    }
    let (city, sealers) = sealers(kinds.path().to_owned(), COUNTS[3]).await;
    keep("roots.pem", &city.get(&city.operator, "/pki/roots.pem").await.bytes);
    for count in COUNTS {
        let [pdf, ofd] = seal(&city, &sealers[..count]).await;
        for (form, file) in [("pdf", &pdf), ("ofd", &ofd)] {
            keep(&format!("{count}.{form}"), file);
            let report = city.verify(file.clone()).await.json();
            assert_eq!(report["verdict"], "passed", "{count} {form}: {:?}", findings(&report));
            assert_eq!(report["seals"].as_array().map(Vec::len), Some(count), "{form}");
            assert!(count == 1 || findings(&report).iter().any(|code| code == "signers.all_present"));
        }
        if count > 1 {
            for (form, cut) in [("pdf", cut_pdf(&pdf)), ("ofd", cut_ofd(&ofd, count - 1))] {
                let report = city.verify(cut).await.json();
                let codes = findings(&report);
                assert_ne!(report["verdict"], "passed", "{count} {form}");
                assert!(codes.iter().any(|code| code == "signers.missing"), "{count} {form}: {codes:?}");
            }
        }
    }
}
