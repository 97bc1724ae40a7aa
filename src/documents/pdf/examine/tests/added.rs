//! A contract that two seal one after the other, each in a field of its own, and its twins.

use super::*;
use crate::documents::brought::Spot;
use crate::documents::pdf::brought::{BroughtPdf, SpotSeal};
use crate::domain::report::facts::{Change, LaterRevision};
use lopdf::{Document, Object, ObjectId, Stream, dictionary};

/// A file of somebody else: two empty pages.
fn contract() -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let page = |document: &mut Document| -> Object {
        let content = document.add_object(Stream::new(dictionary! {}, b"0 g".to_vec()));
        document.add_object(dictionary! { "Type" => "Page", "Parent" => pages, "Contents" => content }).into()
    };
    let kids = vec![page(&mut document), page(&mut document)];
    let size = vec![0.into(), 0.into(), 595.into(), 842.into()];
    let tree = dictionary! { "Type" => "Pages", "Count" => 2, "Kids" => kids, "MediaBox" => size };
    document.objects.insert(pages, tree.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut out = Vec::new();
    document.save_to(&mut out).expect("saved");
    out
}

fn sealed_beside(recipe: &Recipe, bytes: Vec<u8>, x: f32) -> Vec<u8> {
    let fonts = Fonts::embedded();
    let drawing = seal_picture::draw(OWNER, SealPurpose::Business, "合同专用章", SEAL_CODE, &fonts);
    let picture = SealPicture::Drawn(drawing.expect("every glyph"));
    let signature =
        SignatureField { name: OWNER, reason: "", claimed_time: recipe.at(), contents_reserve: 8_192 };
    let seal = SpotSeal {
        also: &[],
        picture: &picture,
        spot: Spot { page: 0, x, y: 100.0 },
        straddling: false,
        signature,
        validation: &recipe.validation,
    };
    let unsealed = BroughtPdf::open(bytes).expect("open").with_seal(&seal).expect("room");
    let pki = &recipe.pki;
    let pending = seal::begin(unsealed, Suite::P256, &pki.seal, std::slice::from_ref(&pki.ca));
    let signature = pki.seal_key.sign(pending.to_sign()).expect("signs");
    let signed = pending.signed(signature);
    let token = recipe.token(&signed.digest_to_stamp(), &pki.tsa_key, &pki.tsa);
    signed.finish(Some(&token)).expect("it fits")
}

/// What the second seal's revision is taken for after a change to it.
fn second(change: impl Fn(&mut Document, ObjectId)) -> LaterRevision {
    static FILES: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    let [first, second] = FILES.get_or_init(|| {
        let recipe = Recipe::new();
        let first = sealed_beside(&recipe, contract(), 60.0);
        let second = sealed_beside(&recipe, first.clone(), 130.0);
        [first, second]
    });
    let before = Document::load_mem(first).expect("a PDF");
    let mut after = Document::load_mem(second).expect("a PDF");
    let is_widget = |id: &ObjectId| {
        let field = after.get_dictionary(*id).is_ok_and(|object| object.has(b"FT"));
        field && !before.objects.contains_key(id)
    };
    let widget = *after.objects.keys().find(|id| is_widget(id)).expect("a widget");
    change(&mut after, widget);
    changes::compare(&before, &after, 3)
}

fn page(document: &Document, number: u32) -> ObjectId {
    *document.get_pages().get(&number).expect("a page")
}

#[test]
fn a_seal_in_a_new_field_may_do_nothing_else() {
    let good = second(|_, _| ());
    assert_eq!((good.change, good.field.as_deref()), (Change::Seal, Some("Seal2")));
    let refuse = |what: &str, change: &dyn Fn(&mut Document, ObjectId)| {
        let found = second(change);
        assert!(found.change > Change::Seal && found.field.is_none(), "{what}: {found:?}");
    };
    refuse("the page's content", &|document, _| {
        let content = document.add_object(Stream::new(dictionary! {}, b"1 g".to_vec()));
        let page = page(document, 1);
        document.get_dictionary_mut(page).expect("a page").set("Contents", content);
    });
    refuse("another page", &|document, _| {
        let page = page(document, 2);
        document.get_dictionary_mut(page).expect("a page").set("Rotate", 90);
    });
    refuse("an annotation more", &|document, _| {
        let note = document.add_object(dictionary! { "Type" => "Annot", "Subtype" => "FreeText" });
        let page = page(document, 1);
        let page = document.get_dictionary_mut(page).expect("a page");
        page.get_mut(b"Annots").and_then(Object::as_array_mut).expect("a list").insert(0, note.into());
    });
    refuse("the first seal's annotation gone", &|document, _| {
        let page = page(document, 1);
        let page = document.get_dictionary_mut(page).expect("a page");
        page.get_mut(b"Annots").and_then(Object::as_array_mut).expect("a list").remove(0);
    });
    refuse("a field of another sort", &|document, _| {
        let field = document.add_object(dictionary! { "FT" => "Tx", "T" => Object::string_literal("a") });
        let form = document.catalog_mut().and_then(|catalog| catalog.get_mut(b"AcroForm"));
        let fields = form.and_then(Object::as_dict_mut).and_then(|form| form.get_mut(b"Fields"));
        fields.and_then(Object::as_array_mut).expect("fields").push(field.into());
    });
    refuse("the catalog", &|document, _| {
        let action = dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("1") };
        document.catalog_mut().expect("a catalog").set("OpenAction", action);
    });
    refuse("a certification", &|document, widget| {
        let perms = dictionary! { "DocMDP" => Object::Reference(widget) };
        document.catalog_mut().expect("a catalog").set("Perms", perms);
    });
    refuse("an action", &|document, widget| {
        let action = dictionary! { "S" => "JavaScript" };
        document.get_dictionary_mut(widget).expect("a widget").set("A", action);
    });
    refuse("a picture that was there", &|document, widget| {
        let old = document.get_pages().into_values().next().expect("a page");
        let old = document.get_dictionary(old).and_then(|page| page.get(b"Contents")).cloned();
        let picture = dictionary! { "N" => old.expect("content") };
        document.get_dictionary_mut(widget).expect("a widget").set("AP", picture);
    });
    refuse("an object more", &|document, _| {
        document.add_object(dictionary! { "Some" => "Thing" });
    });
}
