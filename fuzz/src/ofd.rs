//! OFD packages as they come, and one part of a sealed package replaced.

use super::bench::OFD;
use super::replaced::REPLACED;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use std::sync::LazyLock;
use yinzheng::formats::eseal::read_signature;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Parts by their paths, in the order of the archive.
type Parts = Vec<(String, Vec<u8>)>;

/// Most bytes of a part that are written again: what fuzzers make is far smaller.
const MOST: u64 = 1 << 20;

/// Packages that somebody sealed.
static SEALED: LazyLock<[BTreeMap<String, Vec<u8>>; 2]> = LazyLock::new(|| {
    let files: [&[u8]; 2] = [
        include_bytes!("../corpus/ofd_package/sealed.ofd"),
        include_bytes!("../corpus/ofd_package/sealed-twice.ofd"),
    ];
    files.map(|file| parts(file).expect("a seed").into_iter().map(signed).collect())
});

/// The first of them, whose parts [`ofd_xml`] replaces.
static INTACT: LazyLock<Parts> =
    LazyLock::new(|| parts(include_bytes!("../corpus/ofd_package/sealed.ofd")).expect("a seed"));

/// A package as it comes, and the same parts in an archive without faults, with the checksums that they have now.
pub fn ofd_package(bytes: &[u8]) {
    check(bytes);
    if let Some(parts) = parts(bytes)
        && let Some(again) = zipped(&parts)
    {
        check(&again);
    }
}

/// The sealed package with another content for one of its parts.
pub fn ofd_xml(bytes: &[u8]) {
    let Some((place, content)) = bytes.split_first() else { return };
    let path = REPLACED[usize::from(*place) % REPLACED.len()];
    let mut parts = INTACT.clone();
    let (_, part) = parts.iter_mut().find(|(known, _)| known == path).expect("a part of the seed");
    content.clone_into(part);
    check(&zipped(&parts).expect("the seed's own paths"));
}

/// Nothing but what was sealed passes, and what passes is the same to every reader.
fn check(bytes: &[u8]) {
    if !OFD.passes(bytes) {
        return;
    }
    let now: BTreeMap<_, _> =
        parts(bytes).expect("what passes can be read").into_iter().map(signed).collect();
    assert!(SEALED.contains(&now), "a package with other parts than were sealed passes");
    assert_eq!(by_directory(bytes), by_entries(bytes), "a package of two meanings passes");
}

/// Of a part that holds a signature, what is signed in it; nobody signs the frame around that.
fn signed((path, content): (String, Vec<u8>)) -> (String, Vec<u8>) {
    let signed = path.ends_with("/SignedValue.dat").then(|| read_signature(&content).ok()).flatten();
    (path, signed.map_or(content, |signature| signature.signed))
}

/// The parts of an archive; of one whose checksum is wrong, what stands there. `None` if they cannot be had.
fn parts(bytes: &[u8]) -> Option<Parts> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut parts = Vec::new();
    for place in 0..archive.len().min(256) {
        let mut content = Vec::new();
        let file = archive.by_index(place).ok()?;
        let (path, is_stored) =
            (file.name().ok()?.into_owned(), file.compression() == CompressionMethod::Stored);
        if file.is_dir() {
            continue;
        }
        if file.take(MOST).read_to_end(&mut content).is_err() {
            content.clear();
            if is_stored {
                archive.by_index_raw(place).ok()?.take(MOST).read_to_end(&mut content).ok()?;
            }
        }
        parts.push((path, content));
    }
    Some(parts)
}

/// An archive of these parts; `None` if two have the same path.
fn zipped(parts: &Parts) -> Option<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    for (path, content) in parts {
        zip.start_file(path.as_str(), options).ok()?;
        zip.write_all(content).expect("memory");
    }
    Some(zip.finish().expect("memory").into_inner())
}

/// Names, and where their bytes begin, as a reader sees them that goes by the directory's own size and place.
fn by_directory(bytes: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let end = bytes.len() - 22;
    assert!(bytes[end..].starts_with(b"PK\x05\x06"), "something stands behind the end of the archive");
    let start = end - number(bytes, end + 12, 4);
    let shift = start - number(bytes, end + 16, 4);
    let mut found = Vec::new();
    let mut at = start;
    while at < end {
        assert!(bytes[at..].starts_with(b"PK\x01\x02"), "something stands in the directory");
        let [name, extra, comment] = [28, 30, 32].map(|place| number(bytes, at + place, 2));
        let local = shift + number(bytes, at + 42, 4);
        let content = local + 30 + number(bytes, local + 26, 2) + number(bytes, local + 28, 2);
        found.push((bytes[at + 46..at + 46 + name].to_vec(), content));
        at += 46 + name + extra + comment;
    }
    found.sort();
    found
}

/// The same as the examination sees it.
fn by_entries(bytes: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("what passes can be read");
    let mut found: Vec<_> = (0..archive.len())
        .map(|place| {
            let file = archive.by_index_raw(place).expect("what passes can be read");
            let start = file.data_start().expect("it was found");
            (file.name_raw().to_vec(), usize::try_from(start).expect("in memory"))
        })
        .collect();
    found.sort();
    found
}

/// A number of so many octets, the lowest first.
fn number(bytes: &[u8], place: usize, octets: usize) -> usize {
    bytes[place..place + octets].iter().rev().fold(0, |sum, octet| sum << 8 | usize::from(*octet))
}
