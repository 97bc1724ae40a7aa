//! The package as a stranger brings it: a ZIP archive, unpacked within bounds. A name that could mean two things, to two
//! readers or on a disk, is a fact; what would unpack to more than the bounds is not unpacked.

use super::frame;
use crate::domain::report::facts::{NotExaminable, PackageOddity};
use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// Most entries; a license has about twenty.
const MAX_ENTRIES: usize = 4_096;
/// Most bytes one part may unpack to.
const MAX_PART: u64 = 32 << 20;
/// Most bytes all parts together may unpack to.
const MAX_TOTAL: u64 = 128 << 20;
/// A part that unpacks to more than a mebibyte may grow by no more than this: text grows ten times, a bomb a thousand.
const MAX_RATIO: u64 = 200;
/// Longest name read, in bytes.
const MAX_NAME: usize = 512;
/// Most oddities of a kind that are kept.
const MAX_ODDITIES: usize = 32;

/// An archive that is open.
pub(super) type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// The parts of a package by their paths, without a leading slash.
#[derive(Debug, Default)]
pub(in crate::documents::ofd) struct Package {
    parts: BTreeMap<String, Vec<u8>>,
    /// What is odd about it.
    pub oddities: Vec<PackageOddity>,
}

impl Package {
    /// Unpacks a package.
    ///
    /// # Errors
    /// If it is no ZIP archive, encrypted, or over the bounds.
    pub fn open(bytes: &[u8]) -> Result<Self, NotExaminable> {
        // Each entry has its mark in the table: there are no more entries than marks.
        if memchr::memmem::find_iter(bytes, b"PK\x01\x02").count() > MAX_ENTRIES {
            return Err(NotExaminable::TooComplex { why: format!("more than {MAX_ENTRIES} entries") });
        }
        let mut package = Self::default();
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
        package.check_names(&archive)?;
        for oddity in frame::oddities(bytes, &mut archive) {
            package.note(oddity);
        }
        let mut left = MAX_TOTAL;
        for place in 0..archive.len() {
            package.unpack(&mut archive, place, &mut left)?;
        }
        Ok(package)
    }

    /// The bytes of a part.
    pub fn part(&self, path: &str) -> Option<&[u8]> {
        self.parts.get(path).map(Vec::as_slice)
    }

    /// All paths, in the order of their names.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.parts.keys().map(String::as_str)
    }

    /// Number of parts.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    fn note(&mut self, oddity: PackageOddity) {
        if self.oddities.len() < MAX_ODDITIES && !self.oddities.contains(&oddity) {
            self.oddities.push(oddity);
        }
    }

    /// Looks at the names. Of two equal ones an opened archive keeps one and says only that there were two.
    fn check_names(&mut self, archive: &Archive<'_>) -> Result<(), NotExaminable> {
        if archive.has_duplicate_names() {
            self.note(PackageOddity::DuplicateNames);
        }
        let mut folded = HashMap::new();
        for raw in archive.file_names_raw() {
            if raw.len() > MAX_NAME {
                return Err(NotExaminable::TooComplex {
                    why: format!("a name of more than {MAX_NAME} bytes"),
                });
            }
            let path = String::from_utf8_lossy(raw).into_owned();
            if let Some(twin) = folded.insert(path.to_lowercase(), path) {
                self.note(PackageOddity::CaseTwins { path: twin });
            }
        }
        Ok(())
    }

    fn unpack(
        &mut self,
        archive: &mut Archive<'_>,
        place: usize,
        left: &mut u64,
    ) -> Result<(), NotExaminable> {
        let entry = archive.by_index_data(place).map_err(broken)?;
        let (path, size, packed) =
            (String::from_utf8_lossy(entry.name_raw()).into_owned(), entry.size(), entry.compressed_size());
        let text = std::str::from_utf8(entry.name_raw()).is_ok();
        if entry.encrypted() {
            return Err(NotExaminable::Encrypted);
        }
        let (is_folder, is_link) = (entry.is_dir(), entry.is_symlink());
        if !text || !is_plain_path(path.strip_suffix('/').unwrap_or(&path)) {
            self.note(PackageOddity::OddName { path });
            return Ok(());
        }
        if is_link {
            self.note(PackageOddity::NotPlain { path });
            return Ok(());
        }
        if is_folder {
            // A folder that holds bytes of its own holds something that readers do not show.
            if size > 0 || packed > 2 {
                self.note(PackageOddity::NotPlain { path });
            }
            return Ok(());
        }
        let too_much = || NotExaminable::TooComplex { why: format!("{path} unpacks to too much") };
        let most = MAX_PART.min(*left);
        if size > most || (size > 1 << 20 && size / packed.max(1) > MAX_RATIO) {
            return Err(too_much());
        }
        let mut content = Vec::new();
        let read = archive
            .by_index(place)
            .map_err(|why| why.to_string())
            .and_then(|file| file.take(size + 1).read_to_end(&mut content).map_err(|why| why.to_string()));
        match read {
            // The table promised less than there is: what it promised is not what readers get.
            Ok(read) if read as u64 > size => return Err(too_much()),
            Ok(read) => {
                *left -= read as u64;
                self.parts.insert(path, content);
            }
            Err(why) => self.note(PackageOddity::Unpackable { path, why }),
        }
        Ok(())
    }
}

/// Whether a name is a plain path inside the package, the same to every reader and on every disk.
fn is_plain_path(path: &str) -> bool {
    let plain = |part: &str| {
        !matches!(part, "" | "." | "..") && !part.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'))
    };
    path.split('/').all(plain)
}

fn broken(why: impl ToString) -> NotExaminable {
    NotExaminable::Broken { why: why.to_string() }
}

/// The path that a location means in a part whose own path is `from` (GB/T 33190-2016 clause 7.4, `ST_Loc`): absolute
/// from the package's root, or relative to the part's folder. `None` if it leads out of the package.
pub(in crate::documents::ofd) fn resolve(from: &str, location: &str) -> Option<String> {
    let location = location.trim();
    let mut steps: Vec<&str> = match location.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => from.split('/').collect(),
    };
    // The part's own name.
    steps.pop();
    for step in location.split('/').filter(|step| !step.is_empty()) {
        match step {
            "." => {}
            ".." => {
                steps.pop()?;
            }
            step => steps.push(step),
        }
    }
    Some(steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_absolute_or_beside() {
        let in_document = |location| resolve("Doc_0/Document.xml", location);
        assert_eq!(in_document("Pages/P/Content.xml").as_deref(), Some("Doc_0/Pages/P/Content.xml"));
        assert_eq!(in_document("/Doc_0/./Res.xml").as_deref(), Some("Doc_0/Res.xml"));
        assert_eq!(in_document("../OFD.xml").as_deref(), Some("OFD.xml"));
        assert_eq!(resolve("OFD.xml", " Doc_0//Document.xml ").as_deref(), Some("Doc_0/Document.xml"));
        assert_eq!(in_document("../../etc"), None);
        assert_eq!(resolve("OFD.xml", "/.."), None);
    }

    #[test]
    fn plain_paths_are_the_same_everywhere() {
        assert!(is_plain_path("Doc_0/Pages/Page_0/Content.xml") && is_plain_path("印/a b.png"));
        for odd in ["/OFD.xml", "a//b", "../a", "a/..", "./a", "a\\b", "c:/a", "a\0", ""] {
            assert!(!is_plain_path(odd), "{odd}");
        }
    }
}
