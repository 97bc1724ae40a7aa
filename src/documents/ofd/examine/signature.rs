//! One signature of a package: what it refers to, where it is shown, and its value.

use super::package::{Package, resolve};
use super::plain;
use super::structure::Structure;
use super::xml::{area, child, child_text, children, parse, text};
use crate::crypto::DigestAlgorithm;
use crate::documents::eseal::{Sealed, signature_facts};
use crate::documents::evidence::Evidence;
use crate::domain::report::facts::{
    CheckMethod, ListedAs, OfdSignatureFacts, SealFile, SealMark, SignedValue, StampPlace,
};
use crate::formats::eseal::{Shape, read_signature, shape};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use const_oid::ObjectIdentifier;
use roxmltree::Node;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Most references of a signature.
const MAX_REFERENCES: usize = 8_192;
/// Most stamps of a signature.
const MAX_MARKS: usize = 4_096;
/// How far a stamp may reach over its page's edge, in millimetres: what rounding leaves.
const SLACK: f64 = 0.01;

/// An entry in the list of signatures.
#[derive(Debug)]
pub(super) struct Listed {
    /// Its identifier.
    pub id: String,
    /// What the list says it is.
    pub listed_as: ListedAs,
    /// Path of its description.
    pub path: String,
    /// Whether another entry before it has the same.
    pub again: bool,
}

/// The package with the digests that were taken: several signatures cover the same parts.
pub(super) struct Digests<'a> {
    package: &'a Package,
    taken: RefCell<HashMap<(DigestAlgorithm, String), Vec<u8>>>,
}

impl<'a> Digests<'a> {
    pub fn new(package: &'a Package) -> Self {
        Self { package, taken: RefCell::default() }
    }

    fn of(&self, algorithm: DigestAlgorithm, path: &str) -> Option<Vec<u8>> {
        let bytes = self.package.part(path)?;
        let mut taken = self.taken.borrow_mut();
        let digest = taken.entry((algorithm, path.to_owned())).or_insert_with(|| algorithm.digest(&[bytes]));
        Some(digest.clone())
    }
}

/// What a signature says, and the parts that it accounts for: those it refers to, and those it consists of.
pub(super) struct Read {
    pub facts: OfdSignatureFacts,
    pub accounted: BTreeSet<String>,
}

/// Reads one signature. `list` is the path of the list it stands in.
pub(super) fn read(
    digests: &Digests<'_>,
    structure: &Structure,
    list: &str,
    listed: &Listed,
    evidence: &Evidence<'_>,
) -> Read {
    let mut facts = OfdSignatureFacts {
        id: listed.id.clone(),
        listed_as: listed.listed_as,
        path: listed.path.clone(),
        method: CheckMethod::Missing,
        references: 0,
        changed: Vec::new(),
        missing: Vec::new(),
        twice: Vec::new(),
        left_out: Vec::new(),
        locks: false,
        list_changed: false,
        seal_file: SealFile::NotNamed,
        marks: Vec::new(),
        value: SignedValue::NoDescription { why: "not there".to_owned() },
    };
    let mut accounted = BTreeSet::from([listed.path.clone()]);
    if listed.again {
        facts.value = SignedValue::NoDescription { why: "listed twice".to_owned() };
        return Read { facts, accounted };
    }
    let Some(bytes) = digests.package.part(&listed.path) else { return Read { facts, accounted } };
    let document = match parse(bytes) {
        Ok(document) => document,
        Err(why) => {
            facts.value = SignedValue::NoDescription { why };
            return Read { facts, accounted };
        }
    };
    let root = document.root_element();
    let Some(info) = child(root, "SignedInfo") else {
        facts.value = SignedValue::NoDescription { why: "no SignedInfo".to_owned() };
        return Read { facts, accounted };
    };
    let references = references(&mut facts, digests, info, list);
    facts.left_out = structure.shown.difference(&references).cloned().collect();
    accounted.extend(references);
    facts.marks =
        children(info, "StampAnnot").take(MAX_MARKS).map(|mark| seal_mark(structure, mark)).collect();

    let value_path = child_text(root, "SignedValue").and_then(|place| resolve(&listed.path, place));
    let seal_place = child(info, "Seal").and_then(|seal| child_text(seal, "BaseLoc"));
    let seal_path = seal_place.map(|place| resolve(&listed.path, place));
    accounted.extend(value_path.clone());
    accounted.extend(seal_path.clone().flatten());
    let value = value_path.as_deref().and_then(|path| digests.package.part(path));
    let Some(value) = value else {
        facts.value = SignedValue::Missing;
        facts.seal_file = seal_path.map_or(SealFile::NotNamed, |_| SealFile::NotCompared);
        return Read { facts, accounted };
    };
    let read = match (shape(value), listed.listed_as) {
        // A bare signature value names no signer: some writers leave that to be known.
        (Some(Shape::PlainSignature), _) | (None, ListedAs::Sign) => {
            let claimed = child_text(info, "SignatureDateTime").and_then(plain::claimed_time);
            facts.value = match plain::facts(value, bytes, claimed, evidence) {
                Ok(plain) => SignedValue::Plain(Box::new(plain)),
                Err(why) => SignedValue::OtherFormat { why: why.to_string() },
            };
            None
        }
        _ => match read_signature(value) {
            Ok(read) => Some(read),
            Err(why) => {
                facts.value = SignedValue::Unreadable { why: why.to_string() };
                None
            }
        },
    };
    facts.seal_file = match (seal_path, &read) {
        (None, _) => SealFile::NotNamed,
        (Some(_), None) => SealFile::NotCompared,
        (Some(path), Some(read)) => match path.and_then(|path| digests.package.part(&path)) {
            None => SealFile::Missing,
            Some(seal) if seal == read.seal.raw => SealFile::Same,
            Some(_) => SealFile::Differs,
        },
    };
    if let Some(read) = read {
        let sealed = Sealed { data: bytes, path: &listed.path };
        facts.value = SignedValue::Read(Box::new(signature_facts(&read, evidence, Some(&sealed))));
    }
    Read { facts, accounted }
}

/// Compares what the references say; returns their paths.
fn references(
    facts: &mut OfdSignatureFacts,
    digests: &Digests<'_>,
    info: Node<'_, '_>,
    list: &str,
) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let Some(references) = child(info, "References") else { return paths };
    let (method, algorithm) = check_method(references.attribute("CheckMethod"));
    facts.method = method;
    for reference in children(references, "Reference").take(MAX_REFERENCES) {
        facts.references += 1;
        let stated = reference.attribute("FileRef").unwrap_or_default();
        let Some(path) = resolve(&facts.path, stated) else {
            facts.missing.push(stated.chars().take(200).collect());
            continue;
        };
        let value: String =
            child(reference, "CheckValue").map_or("", text).split_ascii_whitespace().collect();
        let value = STANDARD.decode(value).unwrap_or_default();
        let is_list = path == list;
        facts.locks |= is_list;
        if digests.package.part(&path).is_none() {
            facts.missing.push(path.clone());
        } else if let Some(algorithm) = algorithm
            && digests.of(algorithm, &path).as_ref() != Some(&value)
        {
            facts.list_changed |= is_list;
            if !is_list {
                facts.changed.push(path.clone());
            }
        }
        if !paths.insert(path.clone()) {
            facts.twice.push(path);
        }
    }
    paths
}

/// The digest by its name: an object identifier, or the words that writers use.
fn check_method(name: Option<&str>) -> (CheckMethod, Option<DigestAlgorithm>) {
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else {
        return (CheckMethod::Missing, None);
    };
    let known = match name.to_ascii_uppercase().as_str() {
        // The last is "with a key", which one old vendor writes where none is meant.
        "SM3" | "1.2.156.10197.1.401.2" => Some(DigestAlgorithm::Sm3),
        "SHA256" | "SHA-256" => Some(DigestAlgorithm::Sha256),
        "MD5" | "1.2.840.113549.2.5" | "SHA1" | "SHA-1" | "1.3.14.3.2.26" => {
            return (CheckMethod::Weak(name.to_owned()), None);
        }
        _ => ObjectIdentifier::new(name).ok().and_then(|oid| DigestAlgorithm::from_oid(&oid)),
    };
    let name: String = name.chars().take(64).collect();
    match known {
        Some(algorithm) => (CheckMethod::Known(name), Some(algorithm)),
        None => (CheckMethod::Unknown(name), None),
    }
}

fn seal_mark(structure: &Structure, mark: Node<'_, '_>) -> SealMark {
    let page = mark.attribute("PageRef").unwrap_or_default().to_owned();
    let place = match structure.pages.get(&page) {
        None => StampPlace::NoSuchPage,
        Some(None) => StampPlace::Malformed,
        Some(Some((width, height))) => {
            let boundary = mark.attribute("Boundary").and_then(area);
            match (boundary, mark.attribute("Clip").map(area)) {
                (None, _) | (_, Some(None)) => StampPlace::Malformed,
                (Some(boundary), clip) => place_of(boundary, clip.flatten(), (*width, *height)),
            }
        }
    };
    SealMark { page, place }
}

/// Where the shown part of a stamp stands. A clip is measured from the stamp's own corner.
fn place_of(boundary: [f64; 4], clip: Option<[f64; 4]>, (width, height): (f64, f64)) -> StampPlace {
    let [left, top, w, h] = boundary;
    let [cx, cy, cw, ch] = clip.unwrap_or([0.0, 0.0, w, h]);
    let (x1, y1) = (left + cx.max(0.0), top + cy.max(0.0));
    let (x2, y2) = (left + (cx + cw).min(w), top + (cy + ch).min(h));
    if x2 <= x1 || y2 <= y1 {
        return StampPlace::Malformed;
    }
    let inside = x1 >= -SLACK && y1 >= -SLACK && x2 <= width + SLACK && y2 <= height + SLACK;
    if inside { StampPlace::Inside } else { StampPlace::Outside }
}
