//! Samples for the tests of this folder, and the files that independent programs are asked about.

use super::compose::{OfdContent, OfdTemplate};
use super::seal::SealableOfd;
use crate::documents::attachment::{self, AttachedLicense};
use crate::documents::face::FaceContent;
use crate::documents::fonts::Fonts;
use crate::documents::validation::ValidationData;
use crate::domain::license::face::FaceItem;
use crate::domain::license::{LicenseData, LicenseKind};
use crate::domain::time::{Timestamp, parse_date};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock};

pub(super) const ISSUER: &str = "景川市市场监督管理局";
pub(super) const SEAL: &str = "44030000012345";
const NUMBER: &str = "91450900MA5K3W7P0X";
const IDENTIFIER: &str = "1.2.156.3005.2.11100000MB0143028R001.11450900MB0000001X.202611230001.001.K";
const URL: &str = "https://licenses.example.org/v?i=1.2.156.3005.2.11100000MB0143028R001.11450900MB0000001X.202611230001.001.K&c=8H2K7Q";

pub(super) static FONTS: LazyLock<Arc<Fonts>> = LazyLock::new(|| Arc::new(Fonts::embedded()));

/// 2026-11-23 08:00 in China.
pub(super) fn created() -> Timestamp {
    Timestamp::from_seconds(1_795_392_000)
}

/// A kind that comes with the program.
pub(super) fn kind(name: &str) -> LicenseKind {
    let kinds = crate::adapters::kinds::load(None).expect("the kinds that come with the program");
    LicenseKind::clone(kinds.iter().find(|kind| kind.name == name).expect("a kind"))
}

/// A kind whose face goes on over several pages.
pub(super) fn kind_of_pages(count: usize) -> LicenseKind {
    let mut kind = kind("business-license");
    let mut more = kind.face.pages[0].clone();
    more.items.retain(|item| !matches!(item, FaceItem::Seal { .. } | FaceItem::Code { .. }));
    kind.face.pages.extend(vec![more; count - 1]);
    kind
}

/// What one file is made of.
pub(super) struct Sample {
    pub kind: LicenseKind,
    pub data: LicenseData,
    pub attachment: Vec<u8>,
    metadata: Vec<(&'static str, String)>,
}

impl Sample {
    /// From the examples of the kind.
    pub fn of(kind: &LicenseKind) -> Self {
        let data: LicenseData =
            kind.fields.iter().map(|field| (field.name.clone(), field.example.clone())).collect();
        let metadata = vec![
            ("certificateName", kind.title.zh.clone()),
            ("certificateTypeName", kind.title.zh.clone()),
            ("certificateNumber", NUMBER.to_owned()),
            ("certificateIdentifier", IDENTIFIER.to_owned()),
        ];
        let attachment = attachment::write(&AttachedLicense {
            metadata: metadata.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            kind: kind.name.clone(),
            kind_version: kind.version,
            data: data.clone(),
            seal: SEAL.into(),
            seals: vec![],
            verification_url: URL.into(),
        });
        Self { kind: kind.clone(), data, attachment, metadata }
    }

    pub fn face(&self) -> FaceContent<'_> {
        FaceContent {
            data: &self.data,
            number: NUMBER,
            identifier: IDENTIFIER,
            issuer_name: ISSUER,
            issued_on: parse_date("2026-11-23"),
            valid_from: parse_date("2026-11-23"),
            valid_until: parse_date("2031-11-22"),
            check_code: "8H2K7Q",
            verification_url: URL,
        }
    }

    pub fn content<'a>(&'a self, expected_seals: &'a [&'a str]) -> OfdContent<'a> {
        OfdContent {
            face: self.face(),
            metadata: &self.metadata,
            attachment_json: &self.attachment,
            validation: &VALIDATION,
            expected_seals,
            title: &self.kind.title.zh,
            document_id: [7; 16],
            created: created(),
        }
    }

    pub fn compose(&self, expected_seals: &[&str]) -> SealableOfd {
        let template = OfdTemplate::prepare(&self.kind, &FONTS).expect("a sound kind");
        template.compose(&self.content(expected_seals)).expect("composed")
    }
}

/// An X.509 certificate and a list, as far as a composer looks at them.
static VALIDATION: LazyLock<ValidationData> =
    LazyLock::new(|| ValidationData { x509s: vec![vec![0x30, 0]], crls: vec![vec![0x30, 0]] });

/// Every part by its path.
pub(super) fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a ZIP archive");
    let mut parts = BTreeMap::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).expect("a part");
        let path = file.name().expect("a name").into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("unpacked");
        assert!(parts.insert(path.clone(), content).is_none(), "{path} stands twice");
    }
    parts
}

/// A part that is XML.
pub(super) fn text<'a>(parts: &'a BTreeMap<String, Vec<u8>>, path: &str) -> &'a str {
    let bytes = parts.get(path).unwrap_or_else(|| panic!("{path} is not there"));
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// Elements of a name, anywhere.
pub(super) fn elements<'a, 'input>(
    document: &'a roxmltree::Document<'input>,
    name: &'static str,
) -> Vec<roxmltree::Node<'a, 'input>> {
    document.descendants().filter(|node| node.tag_name().name() == name).collect()
}

/// Keeps a file for the programs that `./test` asks about it, where it says so.
pub(super) fn keep(name: &str, bytes: &[u8]) {
    let Some(out) = std::env::var_os("YINZHENG_TEST_OUT") else { return };
    let folder = Path::new(&out).join("ofd");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), bytes).expect("written");
}

/// The published schemas, which are not ours to copy: beside the repository, or where the environment says.
fn schemas() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/ofd-schema");
    let folder = std::env::var_os("YINZHENG_OFD_SCHEMAS").map_or_else(beside, PathBuf::from);
    folder.join("OFD.xsd").exists().then_some(folder)
}

/// Checks every part against its schema. The one fault tolerated is the digest method, which the schema does not know.
pub(super) fn check_schemas(bytes: &[u8]) {
    let Some(schemas) = schemas() else {
        eprintln!("NOT CHECKED: the OFD schemas are not at hand (set YINZHENG_OFD_SCHEMAS to their folder)");
        return;
    };
    let place = tempfile::tempdir().expect("a folder");
    for (path, content) in unpacked(bytes) {
        let schema = match path.rsplit('/').next() {
            Some("Content.xml") => "Page",
            Some("PublicRes.xml" | "DocumentRes.xml") => "Res",
            Some("CustomTag.xml") => continue,
            Some(name) if name.ends_with(".xml") => name.trim_end_matches(".xml"),
            _ => continue,
        };
        let file = place.path().join("part.xml");
        std::fs::write(&file, content).expect("written");
        let schema = schemas.join(format!("{schema}.xsd"));
        let run = Command::new("xmllint").arg("--noout").arg("--schema").arg(schema).arg(file).output();
        let Ok(run) = run else {
            assert!(std::env::var_os("YINZHENG_REQUIRE_ALL").is_none(), "xmllint is not installed");
            eprintln!("NOT CHECKED: xmllint is not installed");
            return;
        };
        let said = String::from_utf8_lossy(&run.stderr);
        let faults: Vec<&str> = said
            .lines()
            .filter(|line| {
                line.contains("error") && !(path.ends_with("/Signature.xml") && line.contains("CheckMethod"))
            })
            .collect();
        assert!(faults.is_empty(), "{path}: {faults:#?}");
        assert!(run.status.success() || said.contains("CheckMethod"), "{path}: {said}");
    }
}
