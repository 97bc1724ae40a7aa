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
