//! The package: a ZIP archive of parts under known paths. Entries carry no time of their own and stand in the order
//! in which they were added, so the same parts always give the same bytes.

use crate::crypto::sm3;
use crate::formats::Unreadable;
use std::io::{Cursor, Read as _, Write as _};
use std::sync::Arc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

/// A package with more parts is not opened.
const MAX_PARTS: usize = 4_096;
/// A package that unpacks to more is not opened.
const MAX_BYTES: u64 = 128 << 20;

/// Setting up a compressor costs more than it gains on less than this.
const WORTH_PACKING: usize = 512;

/// How a part is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// As it stands: what is compressed already, or random.
    Stored,
    /// Compressed a little, for what is made for each file.
    Fast,
    /// Compressed as far as possible, for what is made once.
    Small,
}

impl Packing {
    fn options(self, size: usize) -> SimpleFileOptions {
        let (method, level) = match self {
            _ if size < WORTH_PACKING => (CompressionMethod::Stored, None),
            Self::Stored => (CompressionMethod::Stored, None),
            Self::Fast => (CompressionMethod::Deflated, Some(1)),
            Self::Small => (CompressionMethod::Deflated, Some(9)),
        };
        SimpleFileOptions::default()
            .compression_method(method)
            .compression_level(level)
            .last_modified_time(DateTime::default())
            .system(System::Unix)
            .unix_permissions(0o644)
    }
}

/// A part of a package as signatures see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its path without a leading slash.
    pub path: String,
    /// SM3 of its bytes.
    pub digest: [u8; 32],
}

/// A finished package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    pub bytes: Vec<u8>,
    pub parts: Vec<Part>,
}

/// Parts that many packages have in common, packed once.
pub(super) struct Prepared {
    archive: ZipArchive<Cursor<Arc<[u8]>>>,
    parts: Vec<Part>,
}

/// A package being written.
#[derive(Debug)]
pub(super) struct PackageWriter {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    parts: Vec<Part>,
}

impl PackageWriter {
    /// An empty one, with room for a typical license.
    pub fn new() -> Self {
        let room = Vec::with_capacity(256 << 10);
        Self { zip: ZipWriter::new(Cursor::new(room)), parts: Vec::new() }
    }

    /// Adds a part. A path is added once.
    pub fn add(&mut self, path: &str, content: &[u8], packing: Packing) {
        self.add_last(path, content, packing);
        self.parts.push(Part { path: path.to_owned(), digest: sm3(content) });
    }

    /// Adds a part of which nobody will ask the digest.
    pub fn add_last(&mut self, path: &str, content: &[u8], packing: Packing) {
        let options = packing.options(content.len());
        self.zip.start_file(path, options).expect("our paths are short and differ");
        self.zip.write_all(content).expect("writing to memory does not fail");
    }

    /// Adds parts that were packed before, as they are.
    pub fn add_prepared(&mut self, prepared: &Prepared) {
        self.zip.merge_archive(prepared.archive.clone()).expect("prepared paths differ from all others");
        self.parts.extend_from_slice(&prepared.parts);
    }

    /// The parts so far.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The finished package.
    pub fn finish(self) -> Package {
        let bytes = self.zip.finish().expect("writing to memory does not fail").into_inner();
        Package { bytes, parts: self.parts }
    }

    /// The finished parts, to be added to other packages.
    pub fn prepare(self) -> Prepared {
        let Package { bytes, parts } = self.finish();
        let archive = ZipArchive::new(Cursor::new(bytes.into())).expect("it was written a moment ago");
        Prepared { archive, parts }
    }
}

impl Package {
    /// Opens a package and takes the digest of every part.
    ///
    /// # Errors
    /// If it is no ZIP archive or over the bounds.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Unreadable> {
        let fault = |why: &'static str| Unreadable::new("OFD package", why);
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).map_err(|_| fault("it is no ZIP archive"))?;
        if archive.len() > MAX_PARTS {
            return Err(fault("it has too many parts"));
        }
        let (mut parts, mut left) = (Vec::with_capacity(archive.len()), MAX_BYTES);
        for place in 0..archive.len() {
            let mut file = archive.by_index(place).map_err(|_| fault("a part cannot be unpacked"))?;
            let path = file.name().map_err(|_| fault("a part's name is no text"))?.into_owned();
            let mut content = Vec::new();
            let unpacked = file.by_ref().take(left + 1).read_to_end(&mut content);
            let unpacked = unpacked.map_err(|_| fault("a part cannot be unpacked"))? as u64;
            left = left.checked_sub(unpacked).ok_or_else(|| fault("it unpacks to too much"))?;
            if !path.ends_with('/') {
                parts.push(Part { path, digest: sm3(&content) });
            }
        }
        Ok(Self { bytes, parts })
    }

    /// The bytes of a part.
    ///
    /// # Errors
    /// If there is no such part.
    pub fn part(&self, path: &str) -> Result<Vec<u8>, Unreadable> {
        let fault = || Unreadable::new("OFD package", "a part that should be there is not");
        let mut archive = ZipArchive::new(Cursor::new(&self.bytes)).map_err(|_| fault())?;
        let file = archive.by_name(path).map_err(|_| fault())?;
        let mut content = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut content).map_err(|_| fault())?;
        Ok(content)
    }

    /// Goes on writing it: what is there stays, but for the parts at these paths.
    pub fn extend(self, without: &[&str]) -> PackageWriter {
        let Self { bytes, mut parts } = self;
        let stays = |part: &Part| !without.contains(&part.path.as_str());
        if parts.iter().all(stays) {
            let zip = ZipWriter::new_append(Cursor::new(bytes)).expect("it was written or opened before");
            return PackageWriter { zip, parts };
        }
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).expect("it was written or opened before");
        let mut zip = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len() + (64 << 10))));
        parts.retain(stays);
        for part in &parts {
            let file = archive.by_name(&part.path).expect("its parts were counted before");
            zip.raw_copy_file(file).expect("what could be read can be copied");
        }
        PackageWriter { zip, parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Package {
        let mut fixed = PackageWriter::new();
        fixed.add("b/fixed.xml", &[b'x'; 5_000], Packing::Small);
        let fixed = fixed.prepare();
        let mut writer = PackageWriter::new();
        writer.add("a.xml", b"<a/>", Packing::Fast);
        writer.add_prepared(&fixed);
        writer.add("c.dat", b"\0\x01", Packing::Stored);
        writer.finish()
    }

    #[test]
    fn what_is_written_is_read_and_written_alike() {
        let package = written();
        assert_eq!(package, written());
        let opened = Package::open(package.bytes.clone()).expect("a package");
        assert_eq!(opened.parts, package.parts);
        assert_eq!(opened.part("b/fixed.xml"), Ok(vec![b'x'; 5_000]));
        assert_eq!(opened.part("c.dat"), Ok(b"\0\x01".to_vec()));
        assert!(opened.part("d").is_err());
    }

    #[test]
    fn going_on_keeps_what_is_there() {
        for without in ["a.xml", "none"] {
            let mut writer = written().extend(&[without]);
            writer.add("d.xml", b"<d/>", Packing::Fast);
            let package = writer.finish();
            let opened = Package::open(package.bytes.clone()).expect("a package");
            assert_eq!(opened.parts, package.parts);
            assert_eq!(opened.part("a.xml").is_ok(), without == "none");
            assert_eq!(opened.part("b/fixed.xml"), Ok(vec![b'x'; 5_000]));
        }
    }

    #[test]
    fn what_is_no_package_is_refused() {
        assert!(Package::open(b"%PDF-1.7".to_vec()).is_err());
        let mut bytes = written().bytes;
        let middle = bytes.len() / 2;
        bytes.truncate(middle);
        assert!(Package::open(bytes).is_err());
    }
}
