//! The frame of an archive: what stands around the bytes of its parts. Readers find the table of entries by different
//! ways (the last end record, the size or the place that it states, the number of entries) and call an entry by different
//! fields. Where these ways part, two readers see two documents in one file, so each is a fact.
//!
//! The headers were found and read by the library; here a few of their numbers are compared that it does not tell.

use super::package::Archive;
use crate::domain::report::facts::PackageOddity;

/// Length of a header in the table, without what varies.
const HEADER: usize = 46;
/// Length of the end record, without a comment.
const END: usize = 22;
/// An entry may be followed by its sizes and checksum.
const DESCRIPTOR: u64 = 24;

/// What is odd about the frame.
pub(super) fn oddities(bytes: &[u8], archive: &mut Archive<'_>) -> Vec<PackageOddity> {
    let mut found = Vec::new();
    if let Err(why) = archive.validate_header_consistency() {
        // A name that stands twice is told already.
        if !archive.has_duplicate_names() {
            found.push(PackageOddity::Inconsistent { why: why.to_string() });
        }
    }
    let table = usize::try_from(archive.central_directory_start()).unwrap_or(usize::MAX);
    let mut table_end = table;
    let mut ranges = Vec::new();
    for place in 0..archive.len() {
        let Ok(file) = archive.by_index_raw(place) else { continue };
        let start = file.header_start();
        ranges.push((start, file.data_start().unwrap_or(start).saturating_add(file.compressed_size())));
        let header = usize::try_from(file.central_header_start()).unwrap_or(usize::MAX);
        let Some((name, end)) = header_in_table(bytes, header) else { continue };
        table_end = table_end.max(end);
        // A second name, in a field that other readers do not look at.
        if name != file.name_raw() {
            found.push(PackageOddity::OddName { path: String::from_utf8_lossy(name).into_owned() });
        }
    }
    if !end_record_agrees(bytes, table, table_end) {
        found.push(PackageOddity::Inconsistent { why: "the end record is not that of the table".to_owned() });
    }
    let between = between(ranges, archive.central_directory_start());
    let behind = bytes.len().abs_diff(table_end.saturating_add(END));
    let count = usize::try_from(between).unwrap_or(usize::MAX).saturating_add(behind);
    if count > 0 {
        found.push(PackageOddity::LooseBytes { count });
    }
    found
}

/// Bytes before the first entry and between entries.
fn between(mut ranges: Vec<(u64, u64)>, table: u64) -> u64 {
    ranges.sort_unstable();
    let mut at = 0;
    let mut loose = 0;
    for (start, end) in ranges.into_iter().chain([(table, table)]) {
        let gap = start.saturating_sub(at);
        if gap > if at == 0 { 0 } else { DESCRIPTOR } {
            loose += gap;
        }
        at = at.max(end);
    }
    loose
}

/// The name in a header of the table, and where the header ends.
fn header_in_table(bytes: &[u8], header: usize) -> Option<(&[u8], usize)> {
    let [name, extra, comment] = [28, 30, 32].map(|place| number(bytes, header.saturating_add(place), 2));
    let start = header.checked_add(HEADER)?;
    let end = start.checked_add(name? + extra? + comment?)?;
    Some((bytes.get(start..start + name?)?, end))
}

/// Whether an end record stands right behind the table that states the table's size and place, and nothing of disks.
fn end_record_agrees(bytes: &[u8], table: usize, table_end: usize) -> bool {
    let at = |place: usize, octets| number(bytes, table_end.saturating_add(place), octets);
    bytes.get(table_end..).is_some_and(|rest| rest.starts_with(b"PK\x05\x06"))
        && at(4, 4) == Some(0)
        && at(8, 2) == at(10, 2)
        && at(12, 4) == Some(table_end - table)
        && at(16, 4) == Some(table)
}

/// A number of so many octets, the lowest first.
fn number(bytes: &[u8], place: usize, octets: usize) -> Option<usize> {
    let octets = bytes.get(place..place.checked_add(octets)?)?;
    Some(octets.iter().rev().fold(0, |sum, octet| sum << 8 | usize::from(*octet)))
}
