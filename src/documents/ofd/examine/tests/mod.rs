//! A license as others might write and seal it, built here part by part, and its twins.

mod attacks;
mod packages;
mod plain;
mod samples;
mod seeds;

use super::*;
use crate::crypto::{PrivateKey, Signer, Suite, sm3};
use crate::documents::attachment::AttachedLicense;
use crate::domain::license::LicenseId;
use crate::domain::report::judge::{Policy, judge_ofd, judge_unexaminable};
use crate::domain::report::{Report, Verdict};
use crate::domain::time::Timestamp;
use crate::formats::eseal::testing::SmPki;
use crate::formats::eseal::{TbsContent, Version};
use crate::formats::x509::crl::RevokedX509;
use crate::formats::x509::testing::{DAY, new_key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{Cursor, Write as _};
use std::sync::OnceLock;
use zip::write::SimpleFileOptions;

const OWNER_CODE: &str = "11440300MB2C12345X";
const OWNER: &str = "景川市市场监督管理局";
const FIRST: &str = "44030000012345";
const SECOND: &str = "44030000054321";
const LIST: &str = "Doc_0/Signs/Signatures.xml";
const PAGE: &str = "Doc_0/Pages/Page_0/Content.xml";
const NAMESPACE: &str = "http://www.ofdspec.org/2016";

/// The PKI, and a second signer with a seal of its own.
struct Bench {
    pki: SmPki,
    second_key: PrivateKey,
    second: Vec<u8>,
}

fn bench() -> &'static Bench {
    static BENCH: OnceLock<Bench> = OnceLock::new();
    BENCH.get_or_init(|| {
        let pki = SmPki::new();
        let second_key = new_key(Suite::Sm2);
        let second = pki.signer_x509(SECOND, pki.now, &second_key);
        Bench { pki, second_key, second }
    })
}

impl Bench {
    /// The time of sealing.
    fn at(&self) -> Timestamp {
        self.pki.now.plus(DAY * 2)
    }

    fn sealer(&'static self) -> Sealer {
        Sealer {
            seal: self.pki.sealed(Version::V4).raw,
            x509: self.pki.seal.clone(),
            key: &self.pki.seal_key,
            version: Version::V4,
            time: self.at(),
            method: Some("1.2.156.10197.1.401".into()),
            left_out: vec![],
            mark: r#"<ofd:StampAnnot ID="s002" PageRef="1" Boundary="150 240 42 42"/>"#.into(),
            property: None,
            listed: "Seal",
            stamped: true,
            last: true,
        }
    }

    fn second_sealer(&'static self) -> Sealer {
        let signers = [self.second.as_slice()];
        let mut content = self.pki.content(Version::V4, &signers);
        content.id = SECOND;
        Sealer {
            seal: self.pki.make(&content).raw,
            x509: self.second.clone(),
            key: &self.second_key,
            ..self.sealer()
        }
    }
}

/// How one seal is put on; each test changes one thing.
struct Sealer {
    seal: Vec<u8>,
    x509: Vec<u8>,
    key: &'static PrivateKey,
    version: Version,
    time: Timestamp,
    method: Option<String>,
    left_out: Vec<&'static str>,
    mark: String,
    property: Option<&'static str>,
    listed: &'static str,
    stamped: bool,
    last: bool,
}

/// Parts in order; `remove`, `put` and `zipped` make twins.
#[derive(Clone, Default)]
struct Parts(Vec<(String, Vec<u8>)>);

impl Parts {
    fn get(&self, path: &str) -> &[u8] {
        &self.0.iter().find(|(known, _)| known == path).unwrap_or_else(|| panic!("{path} is there")).1
    }

    fn put(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        let content = content.into();
        match self.0.iter_mut().find(|(known, _)| known == path) {
            Some((_, old)) => *old = content,
            None => self.0.push((path.to_owned(), content)),
        }
    }

    fn remove(&mut self, path: &str) {
        let before = self.0.len();
        self.0.retain(|(known, _)| known != path);
        assert_ne!(before, self.0.len(), "{path} was there");
    }

    fn replace(&mut self, path: &str, from: &str, to: &str) {
        let text = String::from_utf8(self.get(path).to_vec()).expect("text");
        assert!(text.contains(from), "{from} stands in {path}");
        self.put(path, text.replacen(from, to, 1));
    }

    fn zipped(&self) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default());
        for (path, content) in &self.0 {
            zip.start_file(path.as_str(), options).expect("a new name");
            zip.write_all(content).expect("memory");
        }
        zip.finish().expect("finished").into_inner()
    }

    /// Number of the next signature, and its folder.
    fn next(&self) -> (usize, String) {
        let number = self.0.iter().filter(|(path, _)| path.ends_with("/Signature.xml")).count();
        (number, format!("Doc_0/Signs/Sign_{number}"))
    }

    /// Writes the list of signatures, the last of which is of this type.
    fn list(&mut self, number: usize, kind: &str) {
        let known = self.0.iter().find(|(path, _)| path == LIST);
        let known = known.map(|(_, list)| String::from_utf8(list.clone()).expect("text"));
        let known =
            known.unwrap_or_else(|| format!(r#"<ofd:Signatures xmlns:ofd="{NAMESPACE}"></ofd:Signatures>"#));
        let path = format!("/Doc_0/Signs/Sign_{number}/Signature.xml");
        let entry = format!(r#"<ofd:Signature ID="s{number}" Type="{kind}" BaseLoc="{path}"/>"#);
        let close = "</ofd:Signatures>";
        self.put(LIST, known.replace(close, &format!("{entry}{close}")));
    }

    /// The references to all parts but those left out, and to the list only if it is to be locked.
    fn references(&self, method: Option<&str>, left_out: &[&str], last: bool) -> String {
        let method = method.map(|name| format!(r#" CheckMethod="{name}""#)).unwrap_or_default();
        let covered = self.0.iter();
        let covered =
            covered.filter(|(path, _)| (last || path != LIST) && !left_out.contains(&path.as_str()));
        let references: String = covered
            .map(|(path, content)| {
                let value = STANDARD.encode(sm3(content));
                format!(r#"<ofd:Reference FileRef="/{path}"><ofd:CheckValue>{value}</ofd:CheckValue></ofd:Reference>"#)
            })
            .collect();
        format!("<ofd:References{method}>{references}</ofd:References>")
    }

    /// Puts a seal on.
    fn seal(&mut self, by: &Sealer) {
        let (number, folder) = self.next();
        let description = format!("{folder}/Signature.xml");
        self.put(&format!("{folder}/Seal.esl"), by.seal.clone());
        self.list(number, by.listed);
        let references = self.references(by.method.as_deref(), &by.left_out, by.last);
        let xml = format!(
            r#"<ofd:Signature xmlns:ofd="{NAMESPACE}"><ofd:SignedInfo><ofd:Provider ProviderName="t"/>{references}{}<ofd:Seal><ofd:BaseLoc>/{folder}/Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo><ofd:SignedValue>/{folder}/SignedValue.dat</ofd:SignedValue></ofd:Signature>"#,
            by.mark
        );
        let path = format!("/{description}");
        let content = TbsContent {
            version: by.version,
            seal: &by.seal,
            time: by.time,
            data_hash: &sm3(xml.as_bytes()),
            property: by.property.unwrap_or(&path),
            extensions: &[],
        };
        self.put(&description, xml);
        let value = bench().pki.signature_by(&content, &by.x509, by.key, by.stamped);
        self.put(&format!("{folder}/SignedValue.dat"), value);
    }
}

/// A license of one page that asks for these seals.
fn unsealed(expected: &str) -> Parts {
    let id = LicenseId::new("11100000MB0143028R001", OWNER_CODE, "20260000000001", 1).expect("an identifier");
    let metadata = [
        ("certificateTypeName", "营业执照"),
        ("certificateTypeCode", id.type_code()),
        ("certificateNumber", "N-1"),
        ("certificateIdentifier", id.as_str()),
        ("certificateIssuingAuthorityName", OWNER),
        ("certificateIssuingAuthorityCode", OWNER_CODE),
        ("certificateEffectiveDate", "20261123"),
        ("certificateVersion", "001"),
    ];
    let license = attachment::write(&AttachedLicense {
        metadata: metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        kind: "business-license".into(),
        kind_version: 1,
        data: [("name".to_owned(), "景川市印证科技有限公司".to_owned())].into(),
        seal: FIRST.into(),
        seals: vec![],
        verification_url: "https://example.org/c".into(),
    });
    let ofd =
        |inside: &str, name: &str| format!(r#"<ofd:{name} xmlns:ofd="{NAMESPACE}">{inside}</ofd:{name}>"#);
    let mut parts = Parts::default();
    parts.put("OFD.xml", ofd(
        &format!(
            r#"<ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID><ofd:CustomDatas><ofd:CustomData Name="ZZBS">{id}</ofd:CustomData><ofd:CustomData Name="KZ_YZSX">{expected}</ofd:CustomData></ofd:CustomDatas></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot><ofd:Signatures>/{LIST}</ofd:Signatures></ofd:DocBody>"#
        ),
        "OFD",
    ));
    parts.put("Doc_0/Document.xml", ofd(
        r#"<ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages><ofd:Annotations>Annots/Annotations.xml</ofd:Annotations><ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>"#,
        "Document",
    ));
    parts.put(PAGE, ofd("<ofd:Content/>", "Page"));
    parts.put(
        "Doc_0/PublicRes.xml",
        format!(
            r#"<ofd:Res xmlns:ofd="{NAMESPACE}" BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="宋体"><ofd:FontFile>song.ttf</ofd:FontFile></ofd:Font></ofd:Fonts></ofd:Res>"#
        ),
    );
    parts.put("Doc_0/Res/song.ttf", *b"font");
    parts.put("Doc_0/Annots/Annotations.xml", ofd("", "Annotations"));
    parts.put("Doc_0/Attachs/Attachments.xml", ofd(
        r#"<ofd:Attachment ID="a1" Name="license.json" Format="json"><ofd:FileLoc>license.json</ofd:FileLoc></ofd:Attachment>"#,
        "Attachments",
    ));
    parts.put("Doc_0/Attachs/license.json", license);
    parts
}

/// A license with its one seal.
fn sealed() -> Parts {
    sealed_by(|_| {})
}

/// The same, with one thing changed in how it is sealed.
fn sealed_by(change: impl Fn(&mut Sealer)) -> Parts {
    let mut parts = unsealed(FIRST);
    let mut by = bench().sealer();
    change(&mut by);
    parts.seal(&by);
    parts
}

fn report_with(bytes: &[u8], revoked: &[RevokedX509]) -> Report {
    let bench = bench();
    let trust = bench.pki.trust();
    let x509s = [bench.pki.ca.clone()];
    let crls = bench.pki.crls(revoked);
    let known = Known { x509s: &x509s, crls: &crls, ..Known::of(&trust) };
    let now = bench.at().plus(DAY);
    match examine(bytes, known) {
        Ok(facts) => judge_ofd(&facts, &Policy::default(), now),
        Err(why) => judge_unexaminable(&why, sha256(bytes), now),
    }
}

fn report(parts: &Parts) -> Report {
    report_with(&parts.zipped(), &[])
}

fn expect(report: &Report, code: &str, verdict: Verdict) {
    assert!(report.has(code), "{code}: {:#?}", report.findings);
    assert_eq!(report.verdict, verdict, "{code}: {:#?}", report.findings);
}

#[test]
fn a_sealed_license_passes() {
    for version in [Version::V4, Version::V5] {
        let parts = sealed_by(|by| {
            by.seal = bench().pki.sealed(version).raw;
            by.version = version;
        });
        let report = report(&parts);
        assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
        for code in [
            "package.read",
            "reference.intact",
            "ses.signature_right",
            "ses.data_intact",
            "ses.signer_listed",
            "eseal.maker_signature_right",
            "eseal.maker_trusted",
            "eseal.in_period",
            "chain.trusted",
            "time.proven",
            "mark.inside",
            "cover.whole",
            "cover.locked",
            "signers.all_present",
            "license.issuer_is_signer",
        ] {
            assert!(report.has(code), "{code}: {:#?}", report.findings);
        }
        assert_eq!(report.seals[0].seal_code.as_deref(), Some(FIRST));
    }
}

#[test]
fn two_seals_in_order_pass() {
    let mut parts = unsealed(&format!("{FIRST} {SECOND}"));
    parts.seal(&Sealer { last: false, ..bench().sealer() });
    parts.seal(&bench().second_sealer());
    assert_eq!(report(&parts).verdict, Verdict::Passed, "{:#?}", report(&parts).findings);
}

#[test]
fn what_is_needed_for_chains_may_be_attached() {
    let bench = bench();
    let mut parts = unsealed(FIRST);
    let more: String = ["ca.cer", "root.crl", "ca.crl"]
        .iter()
        .map(|name| {
            format!(r#"<ofd:Attachment ID="{name}" Name="{name}"><ofd:FileLoc>{name}</ofd:FileLoc></ofd:Attachment>"#)
        })
        .collect();
    let close = "</ofd:Attachments>";
    parts.replace("Doc_0/Attachs/Attachments.xml", close, &format!("{more}{close}"));
    let crls = bench.pki.crls(&[]);
    parts.put("Doc_0/Attachs/ca.cer", bench.pki.ca.clone());
    parts.put("Doc_0/Attachs/root.crl", crls[0].clone());
    parts.put("Doc_0/Attachs/ca.crl", crls[1].clone());
    parts.seal(&bench.sealer());
    let trust = bench.pki.trust();
    let judged = |parts: &Parts| {
        let facts = examine(&parts.zipped(), Known::of(&trust)).expect("examined");
        judge_ofd(&facts, &Policy::default(), bench.at().plus(DAY))
    };
    assert_eq!(judged(&parts).verdict, Verdict::Passed, "{:#?}", judged(&parts).findings);
    expect(&judged(&sealed()), "chain.unknown_root", Verdict::Indeterminate);
}
