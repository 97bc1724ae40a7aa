//! Twins made by changing the bytes of a sealed file: what an attacker, or a bad copy, can do.

use super::*;
use lopdf::{Document, IncrementalDocument, Object, dictionary};

/// Appends a revision that `change` writes.
pub(super) fn updated(bytes: &[u8], change: impl FnOnce(&mut IncrementalDocument)) -> Vec<u8> {
    let document = Document::load_mem(bytes).expect("our own file");
    let mut update = IncrementalDocument::create_from(bytes.to_vec(), document);
    change(&mut update);
    let mut out = Vec::new();
    update.save_to(&mut out).expect("saved");
    assert!(out.starts_with(bytes));
    out
}

pub(super) fn root(update: &mut IncrementalDocument) -> lopdf::ObjectId {
    let root = update.get_prev_documents().trailer.get(b"Root").and_then(Object::as_reference);
    let root = root.expect("a root");
    update.opt_clone_object_to_new_document(root).expect("cloned");
    root
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).expect("it is there");
    let mut twin = bytes.to_vec();
    twin[at..at + to.len()].copy_from_slice(to.as_bytes());
    twin
}

/// Offset and text of the byte range.
fn range_of(bytes: &[u8]) -> (usize, String) {
    let at = bytes.windows(11).position(|w| w == b"/ByteRange[").expect("a range") + 11;
    let length = bytes[at..].iter().position(|b| *b == b']').expect("its end");
    (at, String::from_utf8(bytes[at..at + length].to_vec()).expect("text"))
}

#[test]
fn any_revision_after_the_seal_is_named() {
    let (recipe, bytes) = sealed();
    let page = *Document::load_mem(bytes).expect("ours").get_pages().get(&1).expect("a page");
    let visible = updated(bytes, |update| {
        update.opt_clone_object_to_new_document(page).expect("cloned");
        let content = update.new_document.add_object(lopdf::Stream::new(dictionary! {}, b"0 g".to_vec()));
        let page = update.new_document.get_dictionary_mut(page).expect("a page");
        page.set("Contents", content);
    });
    expect(&recipe.report(&visible), "modification.visible", Verdict::Failed);
    let structure = updated(bytes, |update| {
        let root = root(update);
        let catalog = update.new_document.get_dictionary_mut(root).expect("a catalog");
        catalog.set("OpenAction", dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("1") });
    });
    expect(&recipe.report(&structure), "modification.structure", Verdict::Failed);
    let store = updated(bytes, |update| {
        let root = root(update);
        let crl = update
            .new_document
            .add_object(lopdf::Stream::new(dictionary! {}, recipe.pki.crls(&[])[0].clone()));
        let catalog = update.new_document.get_dictionary_mut(root).expect("a catalog");
        catalog.set("DSS", dictionary! { "CRLs" => vec![crl.into()] });
    });
    let report = recipe.report(&store);
    assert!(report.has("modification.validation_data"), "{:#?}", report.findings);
    assert_ne!(report.verdict, Verdict::Passed);
    let widget = updated(bytes, |update| {
        update.opt_clone_object_to_new_document(page).expect("cloned");
        let note = update.new_document.add_object(dictionary! {
            "Type" => "Annot", "Subtype" => "FreeText", "Contents" => Object::string_literal("valid"),
            "Rect" => vec![0.into(), 0.into(), 90.into(), 90.into()],
        });
        let page = update.new_document.get_dictionary_mut(page).expect("a page");
        let mut notes = page.get(b"Annots").and_then(Object::as_array).cloned().unwrap_or_default();
        notes.push(note.into());
        page.set("Annots", notes);
    });
    expect(&recipe.report(&widget), "modification.visible", Verdict::Failed);
    let unknown = updated(bytes, |update| {
        update.new_document.add_object(dictionary! { "Some" => "Thing" });
    });
    expect(&recipe.report(&unknown), "modification.unknown", Verdict::Failed);
}

#[test]
fn bytes_outside_the_revisions_are_named() {
    let (recipe, bytes) = sealed();
    let with = |before: &[u8], after: &[u8]| recipe.report(&[before, bytes, after].concat());
    expect(&with(b"", b"x"), "modification.trailing_bytes", Verdict::Failed);
    expect(&with(b"", b"\n"), "modification.trailing_space", Verdict::Indeterminate);
    let before = with(b"\n", b"");
    assert!(before.has("format.bytes_before_header") && before.verdict == Verdict::Failed);
}

#[test]
fn tricks_with_the_byte_range_are_refused() {
    let (recipe, bytes) = sealed();
    let (at, text) = range_of(bytes);
    let numbers: Vec<usize> = text.split_whitespace().map(|n| n.parse().expect("a number")).collect();
    let [_, first, second, rest] = numbers[..] else { panic!("four numbers") };
    let fault_of = |text: &str| {
        let padded = format!("{text:<width$}", width = range_of(bytes).1.len());
        let mut twin = bytes.clone();
        twin[at..at + padded.len()].copy_from_slice(padded.as_bytes());
        let report = recipe.report(&twin);
        assert_eq!(report.verdict, Verdict::Failed);
        let finding = report.findings.iter().find(|f| f.code == "integrity.byte_range");
        finding.and_then(|f| f.args.iter().find(|(name, _)| *name == "fault")).map(|(_, value)| value.clone())
    };
    for (range, fault) in [
        (String::new(), "malformed"),
        ("0 0 0 0".into(), "overlap"),
        ("null".into(), "malformed"),
        (format!("1 {first} {second} {rest}"), "not-from-start"),
        (format!("0 {first} {second} -1"), "malformed"),
        (format!("0 {first} {first} {rest}"), "overlap"),
        (format!("0 {second} {first} {rest}"), "overlap"),
        (format!("0 {first} {second} {}", rest + 1), "past-end"),
        (format!("0 {first} {second} 9999999999"), "past-end"),
        (format!("0 {first} {second} {}", rest - 3), "ends-inside-revision"),
        (format!("0 {} {second} {rest}", first + 2), "gap-is-not-contents"),
        (format!("0 {} {second} {rest}", first - 2), "gap-is-not-contents"),
        (format!("0 {first} {} {}", second + 1, rest - 1), "gap-is-not-contents"),
        (format!("0 {first} {second} {rest} 0"), "malformed"),
    ] {
        assert_eq!(fault_of(&range).as_deref(), Some(fault), "{range}");
    }
    assert_eq!(fault_of(&format!("0 {first} {second} {rest}")), None, "the same range, padded elsewhere");
    let missing = recipe.report(&replaced(bytes, "/ByteRange[", "/ByteRaxge["));
    expect(&missing, "integrity.byte_range", Verdict::Failed);
}

#[test]
fn what_two_readers_may_read_in_two_ways_is_named() {
    let (recipe, bytes) = sealed();
    // The same length, so that every offset stays.
    let twice = replaced(bytes, "/Type/Sig/Filter/", "/Type/Sig/Type  /");
    let report = recipe.report(&twice);
    assert!(report.has("format.duplicate_key") && report.has("integrity.digest_mismatch"), "{report:#?}");
    let broken = replaced(bytes, "startxref\n", "startxreg\n");
    let report = recipe.report(&broken);
    assert_ne!(report.verdict, Verdict::Passed);
    assert!(report.has("format.read_leniently") || report.has("format.broken"), "{report:#?}");
}

#[test]
fn what_cannot_be_examined_says_why() {
    let (recipe, bytes) = sealed();
    let encrypted = updated(bytes, |update| {
        let encrypt =
            update.new_document.add_object(dictionary! { "Filter" => "Standard", "V" => 1, "R" => 2 });
        update.new_document.trailer.set("Encrypt", encrypt);
    });
    let report = recipe.report(&encrypted);
    assert!(report.has("format.encrypted") || report.has("format.broken"), "{report:#?}");
    expect(&recipe.report(b"hello"), "format.not_pdf", Verdict::Indeterminate);
    expect(&recipe.report(&vec![b' '; MAX_BYTES + 1]), "format.too_large", Verdict::Indeterminate);
    for length in [10, 100, bytes.len() / 2, bytes.len() - 200, bytes.len() - 7] {
        assert_ne!(recipe.report(&bytes[..length]).verdict, Verdict::Passed, "cut at {length}");
    }
}

/// A file written by hand around these objects, with a right table.
fn file_of(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", out.len());
        out.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
        out.extend_from_slice(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let at = out.len();
    let size = objects.len() + 1;
    out.extend_from_slice(
        format!("{table}trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{at}\n%%EOF\n").as_bytes(),
    );
    out
}

#[test]
fn hostile_structures_end_in_bounded_time() {
    let (recipe, _) = sealed();
    let catalog = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>".to_vec();
    let pages = b"<</Type/Pages/Kids[2 0 R]/Count 1>>".to_vec();
    let field = b"<</FT/Sig/T(a)/Kids[3 0 R]/Parent 3 0 R>>".to_vec();
    let cyclic = file_of(&[catalog.clone(), pages.clone(), field.clone()], "");
    expect(&recipe.report(&cyclic), "seal.none", Verdict::Indeterminate);
    let looped = file_of(&[catalog.clone(), pages.clone(), field.clone()], "/Prev 9");
    assert_ne!(recipe.report(&looped).verdict, Verdict::Passed);
    let deep = [b"[".repeat(50_000), b"]".repeat(50_000)].concat();
    assert_ne!(recipe.report(&file_of(&[catalog.clone(), pages.clone(), deep], "")).verdict, Verdict::Passed);
    // An object stream that inflates to a gigabyte.
    let mut bomb = lopdf::Stream::new(
        dictionary! { "Type" => "ObjStm", "N" => 1, "First" => 4 },
        [b"9 0 ".to_vec(), vec![b' '; 64 << 20]].concat(),
    );
    bomb.compress().expect("compressed");
    let length = bomb.content.len();
    let head = format!("<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {length}>>stream\n");
    let bomb = [head.into_bytes(), bomb.content, b"\nendstream".to_vec()].concat();
    assert!(bomb.len() < 1 << 20);
    let report = recipe.report(&file_of(&[catalog, pages, bomb], ""));
    expect(&report, "format.too_complex", Verdict::Indeterminate);
}

#[test]
fn no_change_of_a_byte_passes() {
    let (recipe, bytes) = sealed();
    let trust = recipe.trust();
    let now = recipe.at().plus(DAY);
    // A fixed sequence, so that a failure can be repeated.
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("small")
    };
    let open = bytes.windows(10).position(|w| w == b"/Contents<").expect("a place") + 10;
    let used = open + 2 * bytes[open..].chunks(2).take_while(|pair| *pair != b"00").count();
    let anywhere: Vec<usize> = (0..400).map(|_| next(bytes.len())).collect();
    let in_signature: Vec<usize> = (0..600).map(|_| open + next(bytes.len().min(8_192))).collect();
    let tail = used..used + 20;
    for at in anywhere.into_iter().chain(in_signature).chain(tail) {
        let mut twin = bytes.clone();
        let flip = [1, 2, 4, 8, 0x20, 0x80][next(6)];
        twin[at] ^= flip;
        let Ok(facts) = examine(&twin, &trust) else { continue };
        let report = judge(&facts, &Policy::default(), now);
        assert_ne!(report.verdict, Verdict::Passed, "byte {at} ^ {flip:#x}: {:#?}", report.findings);
    }
}
