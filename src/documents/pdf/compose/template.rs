//! One license kind, prepared.

use super::appearance::{Appearance, UnreadablePicture};
use super::deflate::{Deflate, FAST, SMALL};
use super::file::{Objects, date_text};
use super::fonts::{FontCuts, OBJECTS_PER_CUT};
use super::further::{Anchors, Further, FurtherSeal};
use super::metadata::{Description, srgb_profile};
use super::paint::{Painter, StampForm};
use super::signature::{self, Follow, Signed, Widget};
use super::store::Store;
use super::{ComposeFault, PdfContent, PlannedSeal, UnsealedPdf};
use crate::documents::attachment::{self, DataFile};
use crate::documents::face::{self, FaceFault, POINTS_PER_MM};
use crate::documents::fonts::Fonts;
use crate::domain::license::LicenseKind;
use crate::domain::license::face::{SealPlace, SealPlaceFault};
use crate::domain::seal::SealPicture;
use pdf_writer::{Chunk, Filter, Finish as _, Name, Rect, Ref, Str, TextStr};
use std::sync::{Arc, Mutex, PoisonError};

const CATALOG: i32 = 1;
const PAGES: i32 = 2;
const PROFILE: i32 = 3;
const METADATA: i32 = 4;
const INFO: i32 = 5;
const SIGNATURE: i32 = 6;
const FIELD: i32 = 7;
const APPEARANCE: i32 = 8;
const SECURITY_STORE: i32 = 9;
const FILE_SPEC: i32 = 10;
const ATTACHED: i32 = 11;
const RESOURCES: i32 = 12;
/// First number of the pages: each takes its page, its fixed content and its own content.
const FIRST_PAGE: i32 = 13;

/// Appearances of the seals last used are kept.
const KEPT_SEALS: usize = 64;

/// Why a kind cannot be made a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKind {
    /// Its fixed text is at fault.
    #[error("fixed text is at fault: {0:?}")]
    Face(Vec<FaceFault>),
    /// Its face does not have one place for a seal, or one for each party.
    #[error("the face {0}")]
    SealPlace(#[from] SealPlaceFault),
}

/// One license kind, prepared: everything its files have in common.
pub struct PdfTemplate {
    kind: LicenseKind,
    fonts: Arc<Fonts>,
    /// Page tree, the pages' fixed contents, the labels' fonts, the colour profile; where the face has one place for a
    /// seal, the catalog and the pages as well.
    fixed: Objects,
    label_fonts: Vec<Ref>,
    /// What is stamped in many places.
    forms: Vec<Ref>,
    places: Vec<SealPlace>,
    data: DataFile,
    seals: Mutex<Vec<(SealPicture, Arc<Appearance>)>>,
}

impl PdfTemplate {
    /// Prepares a kind.
    pub fn prepare(kind: &LicenseKind, fonts: &Arc<Fonts>) -> Result<Self, UnusableKind> {
        Self::prepare_with(kind, fonts, attachment::LICENSE)
    }

    /// Prepares what looks like a kind and holds other data.
    pub fn prepare_with(
        kind: &LicenseKind,
        fonts: &Arc<Fonts>,
        data: DataFile,
    ) -> Result<Self, UnusableKind> {
        let places = kind.face.seal_places()?;
        // Which fields a file has depends on who seals it, unless there is but one.
        let only = match &places[..] {
            [only] => Some(only.page),
            _ => None,
        };
        let field = [Ref::new(FIELD)];
        let (fixed_marks, faults) = face::compose_fixed(&kind.face, fonts);
        if !faults.is_empty() {
            return Err(UnusableKind::Face(faults));
        }
        let mut deflate = Deflate::new(SMALL);
        let mut fixed = Objects::default();
        let mut cuts = FontCuts::default();
        let mut forms = Vec::new();
        for (n, (page, marks)) in kind.face.pages.iter().zip(&fixed_marks).enumerate() {
            let content = page_numbers(n)[1];
            let mut painter = Painter::with_forms(page.height, forms);
            painter.marks(marks, &mut cuts, b'L');
            write_stream(&mut fixed, content, &deflate.run(&painter.out));
            forms = painter.into_forms();
            if let Some(only) = only {
                write_page(&mut fixed, n, (page.width, page.height), if n == only { &field } else { &[] });
            }
        }
        let first_font = Ref::new(FIRST_PAGE + 3 * kind.face.pages.len() as i32);
        cuts.write(&mut fixed, first_font, fonts, &mut deflate)
            .map_err(|fault| UnusableKind::Face(vec![fault]))?;
        let forms = forms.iter().map(|form| {
            let id = fixed.next(first_font.get() - 1);
            write_form(&mut fixed, id, form, &mut deflate);
            id
        });
        let forms = forms.collect();
        if only.is_some() {
            write_catalog(&mut fixed, &field, data);
        }
        write_page_tree(&mut fixed, kind.face.pages.len());
        let profile = deflate.run(&srgb_profile());
        fixed.object(Ref::new(PROFILE), |chunk| {
            chunk.icc_profile(Ref::new(PROFILE), &profile).n(3).filter(Filter::FlateDecode);
        });
        Ok(Self {
            kind: kind.clone(),
            fonts: Arc::clone(fonts),
            fixed,
            label_fonts: font_numbers(first_font, cuts.len()),
            forms,
            places,
            data,
            seals: Mutex::default(),
        })
    }

    /// The kind.
    pub fn kind(&self) -> &LicenseKind {
        &self.kind
    }

    /// Composes one file.
    pub fn compose(&self, content: &PdfContent<'_>) -> Result<UnsealedPdf, ComposeFault> {
        let (own, faults) = face::compose_own(&self.kind, &content.face, &self.fonts);
        if !faults.is_empty() {
            return Err(ComposeFault::Face(faults));
        }
        let seals = self.placed(content.seals)?;
        let [first, further @ ..] = &seals[..] else { return Err(ComposeFault::SealPlaces) };
        let mut deflate = Deflate::new(FAST);
        let mut objects = Objects::start();
        objects.append(&self.fixed);
        let first_widget = first.widget(&self.kind, 1, Ref::new(FIELD), None);
        let further_widgets = self.write_fields(&mut objects, &first_widget, further);

        // The pages' own text and the code.
        let mut cuts = FontCuts::default();
        let mut code = None;
        for (n, (page, own)) in self.kind.face.pages.iter().zip(&own).enumerate() {
            let mut painter = Painter::new(page.height);
            for run in &own.values {
                painter.text(run, &mut cuts, b'V');
            }
            if let Some(placed) = &own.code {
                painter.code(placed);
                code = Some(&placed.code);
            }
            write_stream(&mut objects, page_numbers(n)[2], &deflate.run(&painter.out));
        }
        let fonts_at = objects.next(RESOURCES);
        cuts.write(&mut objects, fonts_at, &self.fonts, &mut deflate)
            .map_err(|fault| ComposeFault::Face(vec![fault]))?;
        let value_fonts = font_numbers(fonts_at, cuts.len());
        let code = code.map(|code| {
            let id = objects.next(RESOURCES);
            write_code(&mut objects, id, code, &mut deflate);
            id
        });
        self.write_resources(&mut objects, &value_fonts, code);

        write_attachment(&mut objects, content, self.data, &mut deflate);
        let mut store = Store::default();
        store.add(&mut objects, first.seal.validation, RESOURCES);
        store.write(&mut objects, Ref::new(SECURITY_STORE));
        let description = Description {
            title: content.title,
            issuer: content.face.issuer_name,
            identifier: content.face.identifier,
            created: content.created,
            document_id: &content.document_id,
        };
        description.write_xmp(&mut objects, Ref::new(METADATA));
        description.write_info(&mut objects, Ref::new(INFO));

        // The first seal: its picture, the field, and last the signature with its room.
        let rest = objects.next(RESOURCES);
        first.appearance.write(&mut objects, Ref::new(APPEARANCE), rest);
        let signed = Signed { signature: Ref::new(SIGNATURE), appearance: Ref::new(APPEARANCE) };
        first_widget.write(&mut objects, Some(signed));
        let places = signature::write(&mut objects, signed.signature, &first.seal.signature, Follow::Seals);
        let anchors =
            Anchors { root: Ref::new(CATALOG), info: Ref::new(INFO), store: Ref::new(SECURITY_STORE) };
        let (highest, table) = (objects.highest(), objects.bytes.len());
        let bytes = objects.finish(anchors.root, anchors.info, &content.document_id);
        let further = further.iter().zip(further_widgets).map(|(placed, widget)| {
            let PlacedSeal { seal, appearance, .. } = placed;
            FurtherSeal::new(widget, Arc::clone(appearance), &seal.signature, seal.validation)
        });
        let further = (seals.len() > 1).then(|| {
            let (seals, document_id) = (further.collect(), content.document_id);
            Box::new(Further { seals, store, anchors, document_id, highest, table })
        });
        Ok(UnsealedPdf { further, ..places.fill(bytes) })
    }

    /// Each seal with its place and appearance.
    fn placed<'a>(&'a self, seals: &'a [PlannedSeal<'a>]) -> Result<Vec<PlacedSeal<'a>>, ComposeFault> {
        let mut placed: Vec<PlacedSeal<'_>> = Vec::with_capacity(seals.len());
        for seal in seals {
            let place = SealPlace::among(&self.places, seal.party).ok_or(ComposeFault::SealPlaces)?;
            if placed.iter().any(|other| std::ptr::eq(other.place, place)) {
                return Err(ComposeFault::SealPlaces);
            }
            placed.push(PlacedSeal { seal, place, appearance: self.appearance(seal.picture)? });
        }
        Ok(placed)
    }

    /// Writes the fields of the further seals, which show nothing yet, and what refers to fields, unless that is fixed.
    fn write_fields(&self, objects: &mut Objects, first: &Widget, further: &[PlacedSeal<'_>]) -> Vec<Widget> {
        let mut widgets = Vec::with_capacity(further.len());
        for (n, placed) in further.iter().enumerate() {
            let lock = (n + 1 == further.len()).then(|| {
                let lock = objects.next(RESOURCES);
                signature::write_lock(objects, lock);
                lock
            });
            let widget = placed.widget(&self.kind, n + 2, objects.next(RESOURCES), lock);
            widget.write(objects, None);
            widgets.push(widget);
        }
        if self.places.len() > 1 {
            let all: Vec<&Widget> = [first].into_iter().chain(&widgets).collect();
            let fields = |page: Option<Ref>| -> Vec<Ref> {
                let here = all.iter().filter(|widget| page.is_none_or(|page| widget.page == page));
                here.map(|widget| widget.field).collect()
            };
            write_catalog(objects, &fields(None), self.data);
            for (n, page) in self.kind.face.pages.iter().enumerate() {
                write_page(objects, n, (page.width, page.height), &fields(Some(page_numbers(n)[0])));
            }
        }
        widgets
    }

    /// The appearance of a picture, prepared at its first use.
    fn appearance(&self, picture: &SealPicture) -> Result<Arc<Appearance>, UnreadablePicture> {
        // Held while one is prepared: whoever needs the same one meanwhile waits less than preparing it again takes.
        let mut kept = self.seals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, appearance)) = kept.iter().find(|(known, _)| known == picture) {
            return Ok(Arc::clone(appearance));
        }
        let appearance = Arc::new(Appearance::prepare(picture)?);
        if kept.len() >= KEPT_SEALS {
            kept.remove(0);
        }
        kept.push((picture.clone(), Arc::clone(&appearance)));
        Ok(appearance)
    }

    fn write_resources(&self, objects: &mut Objects, value_fonts: &[Ref], code: Option<Ref>) {
        objects.object(Ref::new(RESOURCES), |chunk| {
            let mut resources =
                chunk.indirect(Ref::new(RESOURCES)).start::<pdf_writer::writers::Resources<'_>>();
            let mut fonts = resources.fonts();
            for (prefix, numbers) in [("L", &self.label_fonts[..]), ("V", value_fonts)] {
                for (n, id) in numbers.iter().enumerate() {
                    fonts.pair(Name(format!("{prefix}{n}").as_bytes()), *id);
                }
            }
            fonts.finish();
            let mut others = resources.x_objects();
            if let Some(id) = code {
                others.pair(Name(b"Code"), id);
            }
            for (n, id) in self.forms.iter().enumerate() {
                others.pair(Name(format!("S{n}").as_bytes()), *id);
            }
        });
    }
}

/// A seal that is to be laid on, in its place.
struct PlacedSeal<'a> {
    seal: &'a PlannedSeal<'a>,
    place: &'a SealPlace,
    appearance: Arc<Appearance>,
}

impl PlacedSeal<'_> {
    fn widget(&self, kind: &LicenseKind, number: usize, field: Ref, lock: Option<Ref>) -> Widget {
        let (page, x, y) = (self.place.page, self.place.x, self.place.y);
        let (width, height) = (self.appearance.width, self.appearance.height);
        let left = x * POINTS_PER_MM - width / 2.0;
        let bottom = (kind.face.pages[page].height - y) * POINTS_PER_MM - height / 2.0;
        let rect = [left, bottom, left + width, bottom + height];
        Widget { number, field, page: page_numbers(page)[0], rect, lock }
    }
}

/// Numbers of a page, its fixed content, its own content.
fn page_numbers(page: usize) -> [Ref; 3] {
    [0, 1, 2].map(|n| Ref::new(FIRST_PAGE + 3 * page as i32 + n))
}

fn font_numbers(first: Ref, count: usize) -> Vec<Ref> {
    (0..count as i32).map(|n| Ref::new(first.get() + n * OBJECTS_PER_CUT)).collect()
}

fn write_stream(objects: &mut Objects, id: Ref, packed: &[u8]) {
    objects.object(id, |chunk| {
        chunk.stream(id, packed).filter(Filter::FlateDecode);
    });
}

fn write_form(objects: &mut Objects, id: Ref, form: &StampForm, deflate: &mut Deflate) {
    let packed = deflate.run(&form.operators);
    objects.object(id, |chunk| {
        let mut stream = chunk.form_xobject(id, &packed);
        let [left, top, right, bottom] = form.bounds;
        stream.filter(Filter::FlateDecode);
        stream.bbox(Rect::new(left, top, right, bottom));
        stream.resources();
    });
}

/// Writes page `n`, with the fields that stand on it.
fn write_page(objects: &mut Objects, n: usize, size: (f32, f32), fields: &[Ref]) {
    let [id, fixed, own] = page_numbers(n);
    objects.object(id, |chunk| {
        let mut page = chunk.page(id);
        page.parent(Ref::new(PAGES)).pair(Name(b"Resources"), Ref::new(RESOURCES));
        page.media_box(Rect::new(0.0, 0.0, size.0 * POINTS_PER_MM, size.1 * POINTS_PER_MM));
        page.contents_array([fixed, own]);
        if !fields.is_empty() {
            page.annotations(fields.iter().copied());
        }
    });
}

fn write_page_tree(objects: &mut Objects, pages: usize) {
    objects.object(Ref::new(PAGES), |chunk| {
        let kids = (0..pages).map(|n| page_numbers(n)[0]);
        chunk.pages(Ref::new(PAGES)).kids(kids).count(pages as i32);
    });
}

/// The catalog refers to everything but further fields by fixed numbers, so with one it is the same in every file.
fn write_catalog(objects: &mut Objects, fields: &[Ref], data: DataFile) {
    objects.object(Ref::new(CATALOG), |chunk: &mut Chunk| {
        let mut catalog = chunk.indirect(Ref::new(CATALOG)).dict();
        catalog.pair(Name(b"Type"), Name(b"Catalog"));
        catalog.pair(Name(b"Pages"), Ref::new(PAGES));
        catalog.pair(Name(b"Lang"), TextStr("zh-CN"));
        catalog.pair(Name(b"Metadata"), Ref::new(METADATA));
        catalog.pair(Name(b"DSS"), Ref::new(SECURITY_STORE));
        catalog.insert(Name(b"ViewerPreferences")).dict().pair(Name(b"DisplayDocTitle"), true);
        let mut extensions = catalog.insert(Name(b"Extensions")).dict();
        let mut etsi = extensions.insert(Name(b"ESIC")).dict();
        etsi.pair(Name(b"BaseVersion"), Name(b"1.7")).pair(Name(b"ExtensionLevel"), 1);
        etsi.finish();
        extensions.finish();
        let mut intents = catalog.insert(Name(b"OutputIntents")).array();
        let mut intent = intents.push().dict();
        intent.pair(Name(b"Type"), Name(b"OutputIntent")).pair(Name(b"S"), Name(b"GTS_PDFA1"));
        intent.pair(Name(b"OutputConditionIdentifier"), TextStr("sRGB"));
        intent.pair(Name(b"Info"), TextStr("sRGB IEC61966-2.1"));
        intent.pair(Name(b"DestOutputProfile"), Ref::new(PROFILE));
        intent.finish();
        intents.finish();
        let mut form = catalog.insert(Name(b"AcroForm")).dict();
        form.insert(Name(b"Fields")).array().items(fields.iter().copied());
        form.pair(Name(b"SigFlags"), 3);
        form.finish();
        catalog.insert(Name(b"Perms")).dict().pair(Name(b"DocMDP"), Ref::new(SIGNATURE));
        catalog.insert(Name(b"AF")).array().item(Ref::new(FILE_SPEC));
        let mut names = catalog.insert(Name(b"Names")).dict();
        let mut files = names.insert(Name(b"EmbeddedFiles")).dict();
        let mut entries = files.insert(Name(b"Names")).array();
        entries.item(Str(data.name.as_bytes())).item(Ref::new(FILE_SPEC));
    });
}

fn write_code(objects: &mut Objects, id: Ref, code: &crate::formats::code::Qr, deflate: &mut Deflate) {
    let (side, rows) = code.bitmap(4);
    let packed = deflate.run(&rows);
    objects.object(id, |chunk| {
        let mut image = chunk.image_xobject(id, &packed);
        image.filter(Filter::FlateDecode);
        image.width(side as i32).height(side as i32).bits_per_component(1);
        image.color_space().device_gray();
        image.finish();
    });
}

fn write_attachment(objects: &mut Objects, content: &PdfContent<'_>, data: DataFile, deflate: &mut Deflate) {
    let (spec, file) = (Ref::new(FILE_SPEC), Ref::new(ATTACHED));
    let name = data.name;
    objects.object(spec, |chunk| {
        let mut dict = chunk.indirect(spec).dict();
        dict.pair(Name(b"Type"), Name(b"Filespec")).pair(Name(b"AFRelationship"), Name(b"Data"));
        dict.pair(Name(b"F"), Str(name.as_bytes())).pair(Name(b"UF"), TextStr(name));
        dict.pair(Name(b"Desc"), TextStr(data.description));
        dict.insert(Name(b"EF")).dict().pair(Name(b"F"), file).pair(Name(b"UF"), file);
    });
    let packed = deflate.run(content.attachment_json);
    objects.object(file, |chunk| {
        let mut stream = chunk.stream(file, &packed);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Type"), Name(b"EmbeddedFile"));
        stream.pair(Name(b"Subtype"), Name(attachment::MEDIA_TYPE.as_bytes()));
        let mut params = stream.insert(Name(b"Params")).dict();
        params.pair(Name(b"Size"), content.attachment_json.len() as i32);
        params.pair(Name(b"ModDate"), Str(date_text(content.created).as_bytes()));
    });
}
