//! A license that several seal, each in a revision of its own, and its twins.

use super::attacks::{root, updated};
use super::*;
use crate::domain::license::LicenseKind;
use crate::domain::license::face::FaceItem;
use crate::domain::report::facts::{Change, LaterRevision};
use crate::formats::x509::testing::{new_key, particulars};
use crate::formats::x509::{Profile, issue};
use lopdf::{Document, Object, ObjectId, Stream, dictionary};

/// One who seals.
struct Party {
    name: String,
    code: String,
    owner: String,
    key: PrivateKey,
    x509: Vec<u8>,
    picture: SealPicture,
    validation: ValidationData,
}

/// Several who seal one license.
pub(super) struct Together {
    recipe: Recipe,
    parties: Vec<Party>,
    template: PdfTemplate,
    data: LicenseData,
}

/// A kind on which so many seal.
fn kind_of(parties: usize) -> LicenseKind {
    let kinds = crate::adapters::kinds::load(None).expect("the kinds that come with the program");
    let mut kind = LicenseKind::clone(kinds.get("business-license").expect("a kind"));
    let page = &mut kind.face.pages[0];
    page.items.retain(|item| !matches!(item, FaceItem::Seal { .. }));
    page.items.extend((0..parties).map(|n| FaceItem::Seal {
        x: 28.0 + (n % 6) as f32 * 47.0,
        y: 100.0 + (n / 6) as f32 * 60.0,
        party: Some(format!("p{n}")),
    }));
    kind
}

impl Together {
    pub fn of(count: usize) -> Self {
        let recipe = Recipe::new();
        let fonts = Arc::new(Fonts::embedded());
        let kind = kind_of(count);
        let pki = &recipe.pki;
        let party = |n: usize| {
            let code = if n == 0 { SEAL_CODE.to_owned() } else { format!("4403000002{n:04}") };
            let owner = if n == 0 { OWNER.to_owned() } else { "景川市民政局".to_owned() };
            let owner_code = if n == 0 { OWNER_CODE } else { "11440300MB2C12346Y" };
            let key = new_key(Suite::P256);
            let (seal_code, owner_name) = (code.clone(), owner.clone());
            let profile = Profile::Seal { owner_code: owner_code.into(), owner_name, seal_code };
            let x509 = issue(&profile, &particulars(pki.now, DAY * 1000), key.spki(), &pki.by_ca());
            let drawing = seal_picture::draw(&owner, SealPurpose::License, "专用章", &code, &fonts);
            let mut validation = recipe.validation.clone();
            if n > 0 {
                validation.crls.push(pki.crl(&pki.by_ca(), n as u64 + 1, pki.now, &[]));
            }
            Party {
                name: format!("p{n}"),
                code,
                owner,
                key,
                x509: x509.expect("issued"),
                picture: SealPicture::Drawn(drawing.expect("every glyph")),
                validation,
            }
        };
        let parties = (0..count).map(party).collect();
        let data = kind.fields.iter().map(|field| (field.name.clone(), field.example.clone())).collect();
        let template = PdfTemplate::prepare(&kind, &fonts).expect("a sound kind");
        Self { parties, template, data, recipe }
    }

    /// Composes a file that expects these and is to be sealed by those, in order.
    fn compose(&self, expected: &[usize], by: &[usize]) -> Result<UnsealedPdf, ComposeFault> {
        let codes: Vec<String> = expected.iter().map(|n| self.parties[*n].code.clone()).collect();
        let attached = attachment::write(&AttachedLicense {
            metadata: self.recipe.metadata.clone(),
            kind: "business-license".into(),
            kind_version: 1,
            data: self.data.clone(),
            seal: SEAL_CODE.into(),
            seals: if codes.len() > 1 { codes } else { vec![] },
            verification_url: "https://example.org/c".into(),
        });
        let planned = |n: &usize| {
            let Party { name, owner, picture, validation, .. } = &self.parties[*n];
            let signature = SignatureField {
                name: owner,
                reason: "",
                claimed_time: self.recipe.at(),
                contents_reserve: 8_192,
            };
            PlannedSeal { party: Some(name), picture, signature, validation }
        };
        let seals: Vec<PlannedSeal<'_>> = by.iter().map(planned).collect();
        self.template.compose(&PdfContent {
            face: FaceContent {
                data: &self.data,
                number: "N-1",
                identifier: &self.recipe.shown,
                issuer_name: OWNER,
                issued_on: parse_date("2026-11-23"),
                valid_from: parse_date("2026-11-23"),
                valid_until: None,
                check_code: "8H2K7Q",
                verification_url: "https://example.org/c",
            },
            seals: &seals,
            attachment_json: &attached,
            title: "营业执照",
            document_id: [7; 16],
            created: self.recipe.at(),
        })
    }

    fn sign(&self, unsealed: UnsealedPdf, by: usize) -> (seal::SignedSeal, Vec<u8>) {
        let party = &self.parties[by];
        let ca = std::slice::from_ref(&self.recipe.pki.ca);
        let pending = seal::begin(unsealed, Suite::P256, &party.x509, ca);
        let signature = party.key.sign(pending.to_sign()).expect("signs");
        let signed = pending.signed(signature);
        let pki = &self.recipe.pki;
        let token = self.recipe.token(&signed.digest_to_stamp(), &pki.tsa_key, &pki.tsa);
        (signed, token)
    }

    /// The file after each seal. `between` sees what is open for the next.
    fn lay_on(
        &self,
        expected: &[usize],
        by: &[usize],
        between: impl Fn(usize, &mut UnsealedPdf),
    ) -> Vec<Vec<u8>> {
        let mut unsealed = self.compose(expected, by).expect("composed");
        let mut files = Vec::new();
        for (n, party) in by.iter().enumerate() {
            between(n, &mut unsealed);
            let (signed, token) = self.sign(unsealed, *party);
            files.push(signed.clone().finish(Some(&token)).expect("it fits"));
            match signed.go_on(Some(&token)) {
                Ok(next) => unsealed = next,
                Err(why) => {
                    assert_eq!((why, n + 1), (seal::DoesNotFit::NoFurtherSeal, by.len()));
                    break;
                }
            }
        }
        files
    }

    pub fn files(&self) -> Vec<Vec<u8>> {
        let all: Vec<usize> = (0..self.parties.len()).collect();
        self.lay_on(&all, &all, |_, _| ())
    }

    fn report(&self, bytes: &[u8]) -> Report {
        self.recipe.report(bytes)
    }
}

fn codes<'a>(report: &'a Report, code: &'a str) -> impl Iterator<Item = &'a crate::domain::report::Finding> {
    report.findings.iter().filter(move |finding| finding.code == code)
}

/// Three, whose files only tests of bytes look at.
fn three() -> &'static (Together, Vec<Vec<u8>>) {
    static THREE: OnceLock<(Together, Vec<Vec<u8>>)> = OnceLock::new();
    THREE.get_or_init(|| {
        let together = Together::of(3);
        let files = together.files();
        (together, files)
    })
}

#[test]
fn each_seal_is_found_with_its_own_findings() {
    for count in [1, 2, 3, 12] {
        let together = Together::of(count);
        let files = together.files();
        let last = &files[count - 1];
        for pair in files.windows(2) {
            // Only the room kept for the signature value differs from what was open before.
            assert!(pair[1].len() > pair[0].len() && pair[1].starts_with(&pair[0]));
        }
        let report = together.report(last);
        assert_eq!(report.verdict, Verdict::Passed, "{count}: {:#?}", report.findings);
        assert_eq!(report.seals.len(), count);
        let found: Vec<_> = report.seals.iter().map(|seal| seal.seal_code.clone().expect("a code")).collect();
        let expected: Vec<_> = together.parties.iter().map(|party| party.code.clone()).collect();
        assert_eq!(found, expected);
        assert!(report.seals.iter().all(|seal| seal.time_is_trusted));
        for code in ["seal.signature_right", "integrity.intact", "chain.trusted", "time.proven"] {
            assert_eq!(codes(&report, code).count(), count, "{code}");
        }
        let level =
            |finding: &crate::domain::report::Finding| finding.args.contains(&("level", "B-LT".into()));
        assert_eq!(codes(&report, "time.level").filter(|finding| level(finding)).count(), count);
        assert_eq!(codes(&report, "modification.field_sealed").count(), count - 1);
        assert_eq!(report.has("signers.all_present"), count > 1);
        assert_eq!(report.has("modification.locked"), count > 1);
        assert!(report.has("modification.certified") && report.has("license.issuer_is_signer"));
    }
}

#[test]
fn seals_that_are_cut_off_are_missed() {
    let (together, files) = three();
    for (present, file) in files.iter().enumerate().take(2) {
        let report = together.report(file);
        expect(&report, "signers.missing", Verdict::Indeterminate);
        let finding = codes(&report, "signers.missing").next().expect("it is there");
        assert!(finding.args.contains(&("present", (present + 1).to_string())), "{finding:?}");
        assert!(finding.args.contains(&("expected", "3".to_owned())), "{finding:?}");
        assert!(report.has("modification.not_locked"));
    }
    // Cut anywhere else it is no revision.
    let cut = &files[2][..(files[1].len() + files[2].len()) / 2];
    expect(&together.report(cut), "modification.trailing_bytes", Verdict::Failed);
}

#[test]
fn who_seals_and_where_is_held_to_what_was_sealed_first() {
    let (together, _) = three();
    let report =
        |by: &[usize]| together.report(together.lay_on(&[0, 1, 2], by, |_, _| ()).last().expect("a file"));
    expect(&report(&[0, 2, 1]), "signers.order", Verdict::Indeterminate);
    expect(&report(&[1, 0, 2]), "signers.order", Verdict::Indeterminate);
    let two = report(&[0, 1]);
    assert!(two.has("modification.locked"), "locked too early");
    expect(&two, "signers.missing", Verdict::Indeterminate);
    let files = together.lay_on(&[0, 1], &[0, 1, 2], |_, _| ());
    expect(&together.report(&files[2]), "signers.unexpected", Verdict::Indeterminate);
    // Signed by whom the picture in the field is not of.
    let files = {
        let mut unsealed = together.compose(&[0, 1, 2], &[0, 1, 2]).expect("composed");
        let mut files = Vec::new();
        for (n, by) in [0, 2, 1].into_iter().enumerate() {
            let (signed, token) = together.sign(unsealed, by);
            files.push(signed.clone().finish(Some(&token)).expect("it fits"));
            match signed.go_on(Some(&token)) {
                Ok(next) => unsealed = next,
                Err(_) => {
                    assert_eq!(n, 2);
                    break;
                }
            }
        }
        files
    };
    expect(&together.report(&files[2]), "signers.order", Verdict::Indeterminate);
}

#[test]
fn a_seal_in_another_field_is_named() {
    let (together, _) = three();
    let turned = together.lay_on(&[0, 1, 2], &[0, 1, 2], |n, unsealed| {
        if let (0, Some(further)) = (n, &mut unsealed.further) {
            further.turn_round();
        }
    });
    expect(&together.report(&turned[2]), "signers.place", Verdict::Indeterminate);
}

#[test]
fn nothing_may_follow_the_last_seal() {
    let (together, files) = three();
    let foreign = updated(&files[2], |update| {
        let signature =
            update.new_document.add_object(dictionary! { "Type" => "Sig", "Filter" => "Foreign" });
        let field = update.new_document.add_object(dictionary! {
            "Type" => "Annot", "Subtype" => "Widget", "FT" => "Sig", "T" => Object::string_literal("Seal4"),
            "Rect" => vec![0.into(), 0.into(), 0.into(), 0.into()], "V" => signature,
        });
        let root = root(update);
        let catalog = update.new_document.get_dictionary_mut(root).expect("a catalog");
        let form = catalog.get_mut(b"AcroForm").and_then(Object::as_dict_mut).expect("a form");
        let fields = form.get_mut(b"Fields").and_then(Object::as_array_mut).expect("fields");
        fields.push(field.into());
    });
    expect(&together.report(&foreign), "modification.after_lock", Verdict::Failed);
    // The same behind the first seal, which lets seals follow.
    let (recipe, one) = sealed();
    let twin = updated(one, |update| {
        update.new_document.add_object(dictionary! { "Type" => "Sig", "Filter" => "Foreign" });
    });
    let report = recipe.report(&twin);
    assert!(report.has("modification.further_seal") && report.verdict != Verdict::Passed);
}

#[test]
fn a_change_between_two_seals_is_named() {
    let (together, _) = three();
    for skipped in [false, true] {
        let unsealed = together.compose(&[0, 1, 2], &[0, 1, 2]).expect("composed");
        let mut plan = unsealed.further.clone().expect("two more");
        let (signed, token) = together.sign(unsealed, 0);
        let first = signed.finish(Some(&token)).expect("it fits");
        let page = *Document::load_mem(&first).expect("ours").get_pages().get(&1).expect("a page");
        let changed = updated(&first, |update| {
            update.opt_clone_object_to_new_document(page).expect("cloned");
            let content = update.new_document.add_object(Stream::new(dictionary! {}, b"0 g".to_vec()));
            let page = update.new_document.get_dictionary_mut(page).expect("a page");
            page.set("Contents", content);
        });
        // The second seal's table leads to the change, or past it to the first seal's.
        let highest = Document::load_mem(&changed).expect("a PDF").max_id as usize;
        let leads_to = Document::load_mem(if skipped { &first } else { &changed }).expect("a PDF");
        plan.behind(leads_to.xref_start, highest);
        let second = plan.open(changed).expect("a second seal");
        let (signed, token) = together.sign(second, 1);
        let third = signed.go_on(Some(&token)).expect("open");
        let (signed, token) = together.sign(third, 2);
        let report = together.report(&signed.finish(Some(&token)).expect("it fits"));
        expect(&report, "modification.visible", Verdict::Failed);
        assert!(report.has("signers.all_present"), "{:#?}", report.findings);
    }
}

/// What the second seal's revision is taken for after a change to it.
fn second(change: impl Fn(&mut Document, ObjectId)) -> LaterRevision {
    let (_, files) = three();
    let (before, mut after) =
        (Document::load_mem(&files[0]).expect("ours"), Document::load_mem(&files[1]).expect("ours"));
    let is_filled = |id: &ObjectId| {
        let dictionary = |document: &Document| document.get_dictionary(*id).cloned().unwrap_or_default();
        dictionary(&after).has(b"V") && !dictionary(&before).has(b"V")
    };
    let field = *after.objects.keys().find(|id| is_filled(id)).expect("a field");
    change(&mut after, field);
    changes::compare(&before, &after, 2)
}

#[test]
fn a_further_seal_may_do_nothing_else() {
    let good = second(|_, _| ());
    assert_eq!((good.change, good.field.as_deref()), (Change::FieldSealed, Some("Seal2")));
    let field_of = |document: &mut Document, field, key: &str, value: Object| {
        document.get_dictionary_mut(field).expect("a field").set(key, value);
    };
    let refuse = |what: &str, change: &dyn Fn(&mut Document, ObjectId)| {
        let found = second(change);
        assert_ne!(found.change, Change::FieldSealed, "{what}");
        assert!(found.change > Change::Seal && found.field.is_none(), "{what}: {found:?}");
    };
    refuse("moved", &|document, field| {
        field_of(document, field, "Rect", vec![0.into(), 0.into(), 900.into(), 900.into()].into());
    });
    refuse("another flag", &|document, field| field_of(document, field, "F", 0.into()));
    refuse("an action", &|document, field| {
        field_of(document, field, "A", dictionary! { "S" => "JavaScript" }.into());
    });
    refuse("an object more", &|document, _| {
        document.add_object(dictionary! { "Some" => "Thing" });
    });
    refuse("the catalog", &|document, _| {
        document.catalog_mut().expect("a catalog").set("Lang", Object::string_literal("en"));
    });
    refuse("a page", &|document, _| {
        let page = *document.get_pages().get(&1).expect("a page");
        document.get_dictionary_mut(page).expect("a page").set("Rotate", 90);
    });
    refuse("the information", &|document, _| {
        document.trailer.set("Info", Object::Reference((1, 0)));
    });
    refuse("an object gone", &|document, _| {
        let code = *document.objects.keys().max().expect("objects");
        document.objects.remove(&(12, 0));
        assert!(code.0 > 12);
    });
    refuse("the picture shows what was there", &|document, field| {
        let picture = document.get_dictionary(field).and_then(|field| field.get(b"AP")).expect("a picture");
        let form = picture.as_dict().and_then(|picture| picture.get(b"N")).and_then(Object::as_reference);
        let form = document.get_object_mut(form.expect("a form")).and_then(Object::as_stream_mut);
        let old = dictionary! { "XObject" => dictionary! { "Old" => Object::Reference((8, 0)) } };
        form.expect("a stream").dict.set("Resources", old);
    });
    refuse("a picture of more than is followed", &|document, field| {
        let picture = document.get_dictionary(field).and_then(|field| field.get(b"AP")).expect("a picture");
        let form = picture.as_dict().and_then(|picture| picture.get(b"N")).and_then(Object::as_reference);
        let form = document.get_object_mut(form.expect("a form")).and_then(Object::as_stream_mut);
        let many = vec![Object::Null; 10_001];
        form.expect("a stream").dict.set("Resources", dictionary! { "Pad" => many });
    });
    refuse("an old picture", &|document, field| {
        field_of(document, field, "AP", dictionary! { "N" => Object::Reference((8, 0)) }.into());
    });
    refuse("a second picture", &|document, field| {
        let picture = document.get_dictionary(field).and_then(|field| field.get(b"AP")).expect("a picture");
        let mut picture = picture.as_dict().expect("a dictionary").clone();
        let form = picture.get(b"N").expect("a form").clone();
        picture.set("D", form);
        field_of(document, field, "AP", picture.into());
    });
    refuse("the first's signature", &|document, field| {
        field_of(document, field, "V", Object::Reference((6, 0)));
    });
    refuse("a signature that draws something in", &|document, field| {
        let value = document.get_dictionary(field).and_then(|field| field.get(b"V")).expect("a value");
        let signature = value.as_reference().expect("a reference");
        field_of(document, signature, "Extra", Object::Reference((8, 0)));
    });
    refuse("data taken out of the store", &|document, _| {
        let store = document.get_dictionary_mut((9, 0)).expect("the store");
        store.get_mut(b"CRLs").and_then(Object::as_array_mut).expect("lists").remove(0);
    });
    refuse("something else in the store", &|document, _| {
        document.get_dictionary_mut((9, 0)).expect("the store").set("VRI", dictionary! {});
    });
}

#[test]
fn validation_data_are_stored_once() {
    let (together, files) = three();
    let count = |file: &[u8], key: &[u8]| {
        let document = Document::load_mem(file).expect("ours");
        let store = document.get_dictionary((9, 0)).expect("the store");
        store.get(key).and_then(Object::as_array).expect("a list").len()
    };
    let counts = |file: &Vec<u8>| (count(file, b"Certs"), count(file, b"CRLs"));
    assert_eq!(files.iter().map(counts).collect::<Vec<_>>(), [(2, 2), (2, 3), (2, 4)]);
    assert_eq!(together.parties[2].validation.crls.len(), 3);
}

#[test]
fn seals_without_a_place_are_refused() {
    let (together, _) = three();
    let refused = |by: &[usize]| together.compose(&[0, 1], by).err();
    assert_eq!(refused(&[0, 1]), None);
    assert_eq!(refused(&[]), Some(ComposeFault::SealPlaces));
    assert_eq!(refused(&[0, 1, 0]), Some(ComposeFault::SealPlaces));
    let two = Together::of(2);
    let mut stranger = Together::of(2);
    stranger.parties[1].name = "nobody".into();
    assert!(two.compose(&[0, 1], &[0, 1]).is_ok());
    assert_eq!(stranger.compose(&[0, 1], &[0, 1]).err(), Some(ComposeFault::SealPlaces));
}

#[test]
fn no_change_of_a_byte_in_a_file_of_several_passes() {
    let (together, files) = three();
    let trust = together.recipe.trust();
    let now = together.recipe.at().plus(DAY);
    let bytes = &files[2];
    // A fixed sequence, so that a failure can be repeated.
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..600 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = usize::try_from(state % bytes.len() as u64).expect("small");
        let flip = [1, 2, 4, 8, 0x20, 0x80][(state >> 32) as usize % 6];
        let mut twin = bytes.clone();
        twin[at] ^= flip;
        let Ok(facts) = examine(&twin, &trust) else { continue };
        let report = judge(&facts, &Policy::default(), now);
        assert_ne!(report.verdict, Verdict::Passed, "byte {at} ^ {flip:#x}: {:#?}", report.findings);
    }
}
