//! Packages that mean two things or too much.

use super::*;

fn with_name(name: &str) -> Report {
    let mut parts = sealed();
    parts.put(name, *b"<x/>");
    report(&parts)
}

/// The same bytes under another name of the same length, in the table and before the entry.
fn renamed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut twin = bytes.to_vec();
    let places: Vec<usize> = memchr::memmem::find_iter(bytes, from.as_bytes()).collect();
    for place in places {
        twin[place..place + to.len()].copy_from_slice(to.as_bytes());
    }
    twin
}

#[test]
fn names_that_mean_two_things_are_named() {
    let mut parts = sealed();
    parts.put("Doc_0/Pages/Page_0/Cxntent.xml", *b"<Page/>");
    let twice = renamed(&parts.zipped(), "Cxntent.xml", "Content.xml");
    let twice = report_with(&twice, &[]);
    assert!(twice.has("package.duplicate_names"), "{:#?}", twice.findings);
    assert_ne!(twice.verdict, Verdict::Passed);
    expect(&with_name("Doc_0/pages/Page_0/Content.xml"), "package.case_twins", Verdict::Indeterminate);
    for name in ["../evil.xml", "/OFD.xml", "Doc_0/../OFD.xml", "Doc_0\\x.xml", "c:/x.xml", "a//b"] {
        let mut parts = sealed();
        let plain: String = name.chars().map(|_| 'q').collect();
        parts.put(&plain, *b"<x/>");
        let bytes = renamed(&parts.zipped(), &plain, name);
        expect(&report_with(&bytes, &[]), "package.odd_name", Verdict::Indeterminate);
    }
}

#[test]
fn the_table_and_the_entries_must_agree() {
    let mut parts = sealed();
    parts.put("qqq", *b"<x/>");
    let bytes = parts.zipped();
    let first = memchr::memmem::find(&bytes, b"qqq").expect("before its entry");
    let mut twin = bytes;
    twin[first] = b'r';
    let report = report_with(&twin, &[]);
    assert!(report.has("package.inconsistent"), "{:#?}", report.findings);
}

#[test]
fn bytes_beside_the_entries_are_counted() {
    let bytes = sealed().zipped();
    let behind = [bytes.as_slice(), b"more"].concat();
    expect(&report_with(&behind, &[]), "package.loose_bytes", Verdict::Indeterminate);
    let before = [b"more", bytes.as_slice()].concat();
    expect(&report_with(&before, &[]), "package.loose_bytes", Verdict::Indeterminate);
    let mut commented = bytes.clone();
    let end = commented.len();
    commented[end - 2] = 4;
    commented.extend(b"more");
    expect(&report_with(&commented, &[]), "package.loose_bytes", Verdict::Indeterminate);
}

#[test]
fn a_broken_entry_is_named() {
    let bytes = sealed().zipped();
    let place = memchr::memmem::find(&bytes, b"font").expect("stored as it is");
    let mut twin = bytes;
    twin[place] = b'F';
    let report = report_with(&twin, &[]);
    assert!(report.has("package.unpackable") && report.has("reference.missing"), "{:#?}", report.findings);
}

fn refused(bytes: &[u8]) -> NotExaminable {
    let trust = bench().pki.trust();
    examine(bytes, Known::of(&trust)).expect_err("refused")
}

#[test]
fn bombs_are_not_unpacked() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("OFD.xml", options).expect("a name");
    zip.write_all(&vec![b' '; 3 << 20]).expect("memory");
    let ratio = zip.finish().expect("finished").into_inner();
    assert!(ratio.len() < 20_000);
    assert!(matches!(refused(&ratio), NotExaminable::TooComplex { .. }));
    // The table promises less than the entry holds.
    let size = (3_u32 << 20).to_le_bytes();
    let mut twin = ratio;
    let places: Vec<usize> = memchr::memmem::find_iter(&twin, &size).collect();
    places.into_iter().for_each(|place| twin[place..place + 4].copy_from_slice(&5_u32.to_le_bytes()));
    let why = refused(&twin);
    assert!(matches!(why, NotExaminable::TooComplex { .. } | NotExaminable::Broken { .. }), "{why:?}");
    let many = Parts((0..5_000).map(|n| (n.to_string(), Vec::new())).collect());
    assert!(matches!(refused(&many.zipped()), NotExaminable::TooComplex { .. }));
    let mut long = Parts::default();
    long.put(&"q".repeat(600), *b"x");
    assert!(matches!(refused(&long.zipped()), NotExaminable::TooComplex { .. }));
    let large = vec![0; MAX_BYTES + 1];
    assert!(matches!(refused(&large), NotExaminable::TooLarge { .. }));
}

#[test]
fn what_is_no_document_is_refused() {
    let mut parts = sealed();
    parts.remove("OFD.xml");
    assert!(matches!(refused(&parts.zipped()), NotExaminable::Broken { .. }));
    let entity = "<!DOCTYPE a [<!ENTITY b \"c\">]><OFD>&b;</OFD>".to_owned();
    for trick in [entity, "<a>".repeat(100_000)] {
        for path in ["OFD.xml", "Doc_0/Document.xml"] {
            let mut parts = sealed();
            parts.put(path, trick.as_str());
            assert!(matches!(refused(&parts.zipped()), NotExaminable::Broken { .. }), "{path}");
        }
    }
    let mut parts = sealed();
    let location = "Doc_0/Document.xml</ofd:DocRoot>";
    parts.replace("OFD.xml", location, "../../Document.xml</ofd:DocRoot>");
    assert!(matches!(refused(&parts.zipped()), NotExaminable::Broken { .. }));
    assert!(matches!(refused(b"PK\x03\x04"), NotExaminable::Broken { .. }));
    let bytes = sealed().zipped();
    for end in (0..bytes.len()).step_by(101) {
        assert!(matches!(refused(&bytes[..end]), NotExaminable::Broken { .. }), "{end}");
    }
}

#[test]
fn a_part_that_cannot_be_read_is_named() {
    for text in ["<!DOCTYPE a [<!ENTITY b \"c\">]><Res>&b;</Res>".to_owned(), "<a>".repeat(100_000)] {
        let mut parts = unsealed(FIRST);
        parts.put("Doc_0/PublicRes.xml", text);
        parts.seal(&bench().sealer());
        expect(&report(&parts), "package.unreadable_part", Verdict::Indeterminate);
    }
    let mut parts = unsealed(FIRST);
    parts.remove("Doc_0/Res/song.ttf");
    parts.seal(&bench().sealer());
    expect(&report(&parts), "package.missing_part", Verdict::Indeterminate);
    let mut parts = unsealed(FIRST);
    let body = "<ofd:DocBody><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>";
    parts.replace("OFD.xml", "</ofd:OFD>", body);
    parts.seal(&bench().sealer());
    expect(&report(&parts), "package.several_documents", Verdict::Indeterminate);
    let mut parts = sealed();
    parts.put(LIST, *b"<Signatures");
    expect(&report(&parts), "package.unreadable_part", Verdict::Indeterminate);
    assert!(report(&parts).has("seal.none"));
}

/// What is named over and over is read once, and what is nowhere is told a few times.
#[test]
fn repeating_a_name_costs_nothing() {
    let many = |element: &str, count: usize| {
        let mut parts = unsealed(FIRST);
        let list = "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>";
        parts.replace("Doc_0/Document.xml", list, &element.repeat(count));
        let fonts = "<ofd:Font/>".repeat(2_000);
        parts.replace("Doc_0/PublicRes.xml", "</ofd:Fonts>", &format!("{fonts}</ofd:Fonts>"));
        parts.seal(&bench().sealer());
        parts
    };
    let once = many("<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>", 1);
    assert_eq!(report(&once).verdict, Verdict::Passed, "{:#?}", report(&once).findings);
    let often = many("<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>", 100_000);
    assert_eq!(report(&often).verdict, Verdict::Passed, "{:#?}", report(&often).findings);
    let nowhere: String = (0..100_000).map(|n| format!("<ofd:PublicRes>{n}</ofd:PublicRes>")).collect();
    let nowhere = report(&many(&nowhere, 1));
    expect(&nowhere, "package.missing_part", Verdict::Indeterminate);
    assert!(nowhere.findings.len() < 100, "{} findings", nowhere.findings.len());
}

#[test]
fn a_signature_that_is_listed_twice_is_named() {
    let mut parts = sealed();
    let entry = r#"<ofd:Signature ID="s0" Type="Seal" BaseLoc="/Doc_0/Signs/Sign_0/Signature.xml"/>"#;
    parts.replace(LIST, entry, &entry.repeat(2));
    expect(&report(&parts), "ses.no_description", Verdict::Failed);
}

#[test]
fn encrypted_packages_are_refused() {
    let bytes = sealed().zipped();
    let mut twin = bytes.clone();
    // Bit 0 of the flags, in the table and before each entry.
    for (mark, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        memchr::memmem::find_iter(&bytes, mark).for_each(|place| twin[place + flags] |= 1);
    }
    assert_eq!(refused(&twin), NotExaminable::Encrypted);
}

/// Two archives in one file: the second lies in the comment of the first, and its end record is one that our reader passes
/// over, for what it says of disks, while others that do not ask take it: they show another document.
#[test]
fn a_second_archive_in_the_comment_is_named() {
    let intact = sealed();
    let mut other = intact.clone();
    other.put(PAGE, *b"<ofd:Page/>");
    let mut other = other.zipped();
    let end = other.len() - 22;
    // The number of entries on this disk.
    other[end + 8] ^= 1;
    let mut bytes = intact.zipped();
    let shift = u32::try_from(bytes.len()).expect("small");
    let length = u16::try_from(other.len()).expect("small");
    let comment = bytes.len() - 2;
    bytes[comment..].copy_from_slice(&length.to_le_bytes());
    // Its table and entries stand further back now.
    let place = u32::from_le_bytes(other[end + 16..end + 20].try_into().expect("four"));
    let tables: Vec<usize> =
        memchr::memmem::find_iter(&other, b"PK\x01\x02").map(|table| table + 42).collect();
    for place in tables.into_iter().chain([end + 16]) {
        let moved = u32::from_le_bytes(other[place..place + 4].try_into().expect("four")) + shift;
        other[place..place + 4].copy_from_slice(&moved.to_le_bytes());
    }
    assert!(other[usize::try_from(place).expect("small")..].starts_with(b"PK\x01\x02"));
    bytes.extend(other);
    expect(&report_with(&bytes, &[]), "package.loose_bytes", Verdict::Indeterminate);
}

/// The end record is found from the back, the table by the place that it states: what lies between is nobody's.
#[test]
fn bytes_behind_the_table_are_counted() {
    let bytes = sealed().zipped();
    let end = bytes.len() - 22;
    let mut twin = [&bytes[..end], b"more".as_slice(), &bytes[end..]].concat();
    expect(&report_with(&twin, &[]), "package.loose_bytes", Verdict::Indeterminate);
    // A size that leads nowhere, so that readers must go by the place.
    twin[end + 4 + 12..end + 4 + 16].copy_from_slice(&u32::MAX.to_le_bytes());
    expect(&report_with(&twin, &[]), "package.loose_bytes", Verdict::Indeterminate);
}

/// An entry may carry a second name in a field of its own, which some readers take and others do not know.
#[test]
fn an_entry_of_two_names_is_named() {
    let parts = sealed();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in &parts.0 {
        let mut options = zip::write::FullFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default());
        let mut name = path.clone();
        if path == PAGE {
            name = name.to_lowercase();
            let second = [&[1], crc32(name.as_bytes()).to_le_bytes().as_slice(), path.as_bytes()].concat();
            options.add_extra_field(0x7075, second, false).expect("an extra field");
        }
        zip.start_file(name, options).expect("a new name");
        zip.write_all(content).expect("memory");
    }
    let bytes = zip.finish().expect("finished").into_inner();
    expect(&report_with(&bytes, &[]), "package.odd_name", Verdict::Indeterminate);
}

/// The checksum of ZIP, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ (0xedb8_8320 * (sum & 1)))
    })
}
