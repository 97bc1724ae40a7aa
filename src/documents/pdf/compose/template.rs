//! One license kind, prepared.

use super::appearance::{Appearance, UnreadablePicture};
use super::deflate::{Deflate, FAST, SMALL};
use super::file::{Objects, date_text};
use super::fonts::{FontCuts, OBJECTS_PER_CUT};
use super::metadata::{Description, srgb_profile};
use super::paint::Painter;
use super::signature::{self, Widget};
use super::{ComposeFault, PdfContent, UnsealedPdf};
use crate::documents::attachment;
use crate::documents::face::{self, FaceFault, POINTS_PER_MM};
use crate::documents::fonts::Fonts;
use crate::domain::license::LicenseKind;
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
    /// Its face does not have exactly one place for a seal.
    #[error("a face has exactly one place for a seal")]
    SealPlace,
}

/// One license kind, prepared: everything its files have in common.
pub struct PdfTemplate {
    kind: LicenseKind,
    fonts: Arc<Fonts>,
    /// Catalog, page tree, pages, their fixed contents, the labels' fonts, the colour profile.
    fixed: Objects,
    label_fonts: Vec<Ref>,
    /// Page of the seal and its middle in millimetres.
    seal_page: usize,
    seal_middle: (f32, f32),
    seals: Mutex<Vec<(SealPicture, Arc<Appearance>)>>,
}

impl PdfTemplate {
    /// Prepares a kind.
    pub fn prepare(kind: &LicenseKind, fonts: &Arc<Fonts>) -> Result<Self, UnusableKind> {
        let places = kind.face.pages.iter().enumerate();
        let mut places = places.filter_map(|(n, page)| Some((n, face::seal_place(page)?)));
        let (Some((seal_page, seal_middle)), None) = (places.next(), places.next()) else {
            return Err(UnusableKind::SealPlace);
        };
        let (fixed_marks, faults) = face::compose_fixed(&kind.face, fonts);
        if !faults.is_empty() {
            return Err(UnusableKind::Face(faults));
        }
        let mut deflate = Deflate::new(SMALL);
        let mut fixed = Objects::default();
        let mut cuts = FontCuts::default();
        for (n, (page, marks)) in kind.face.pages.iter().zip(&fixed_marks).enumerate() {
            let [id, content, _] = page_numbers(n);
            let mut painter = Painter::new(page.height);
            painter.marks(marks, &mut cuts, b'L');
            write_stream(&mut fixed, content, &deflate.run(&painter.out));
            write_page(&mut fixed, id, (page.width, page.height), n, n == seal_page);
        }
        let first_font = Ref::new(FIRST_PAGE + 3 * kind.face.pages.len() as i32);
        cuts.write(&mut fixed, first_font, fonts, &mut deflate)
            .map_err(|fault| UnusableKind::Face(vec![fault]))?;
        write_catalog(&mut fixed);
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
            seal_page,
            seal_middle,
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
        let appearance = self.appearance(content.seal)?;
        let mut deflate = Deflate::new(FAST);
        let mut objects = Objects::start();
        objects.append(&self.fixed);

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

        write_attachment(&mut objects, content, &mut deflate);
        write_security_store(&mut objects, content);
        let description = Description {
            title: content.title,
            issuer: content.face.issuer_name,
            identifier: content.face.identifier,
            created: content.created,
            document_id: &content.document_id,
        };
        description.write_xmp(&mut objects, Ref::new(METADATA));
        description.write_info(&mut objects, Ref::new(INFO));

        // The seal: its picture, the field, and last the signature with its room.
        let rest = objects.next(RESOURCES);
        appearance.write(&mut objects, Ref::new(APPEARANCE), rest);
        self.widget(&appearance).write(&mut objects);
        let places = signature::write(&mut objects, Ref::new(SIGNATURE), &content.signature);
        let bytes = objects.finish(Ref::new(CATALOG), Ref::new(INFO), &content.document_id);
        Ok(places.fill(bytes))
    }

    fn widget(&self, appearance: &Appearance) -> Widget {
        let page = &self.kind.face.pages[self.seal_page];
        let x = self.seal_middle.0 * POINTS_PER_MM - appearance.width / 2.0;
        let y = (page.height - self.seal_middle.1) * POINTS_PER_MM - appearance.height / 2.0;
        Widget {
            field: Ref::new(FIELD),
            signature: Ref::new(SIGNATURE),
            appearance: Ref::new(APPEARANCE),
            page: page_numbers(self.seal_page)[0],
            rect: [x, y, x + appearance.width, y + appearance.height],
        }
    }

    /// The appearance of a picture, prepared at its first use.
    fn appearance(&self, picture: &SealPicture) -> Result<Arc<Appearance>, UnreadablePicture> {
        {
            let kept = self.seals.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, appearance)) = kept.iter().find(|(known, _)| known == picture) {
                return Ok(Arc::clone(appearance));
            }
        }
        let appearance = Arc::new(Appearance::prepare(picture)?);
        let mut kept = self.seals.lock().unwrap_or_else(PoisonError::into_inner);
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
            if let Some(id) = code {
                resources.x_objects().pair(Name(b"Code"), id);
            }
        });
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

fn write_page(objects: &mut Objects, id: Ref, size: (f32, f32), n: usize, with_seal: bool) {
    let [_, fixed, own] = page_numbers(n);
    objects.object(id, |chunk| {
        let mut page = chunk.page(id);
        page.parent(Ref::new(PAGES)).pair(Name(b"Resources"), Ref::new(RESOURCES));
        page.media_box(Rect::new(0.0, 0.0, size.0 * POINTS_PER_MM, size.1 * POINTS_PER_MM));
        page.contents_array([fixed, own]);
        if with_seal {
            page.annotations([Ref::new(FIELD)]);
        }
    });
}

fn write_page_tree(objects: &mut Objects, pages: usize) {
    objects.object(Ref::new(PAGES), |chunk| {
        let kids = (0..pages).map(|n| page_numbers(n)[0]);
        chunk.pages(Ref::new(PAGES)).kids(kids).count(pages as i32);
    });
}

/// The catalog refers to everything by fixed numbers, so it is the same in every file.
fn write_catalog(objects: &mut Objects) {
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
        form.insert(Name(b"Fields")).array().item(Ref::new(FIELD));
        form.pair(Name(b"SigFlags"), 3);
        form.finish();
        catalog.insert(Name(b"Perms")).dict().pair(Name(b"DocMDP"), Ref::new(SIGNATURE));
        catalog.insert(Name(b"AF")).array().item(Ref::new(FILE_SPEC));
        let mut names = catalog.insert(Name(b"Names")).dict();
        let mut files = names.insert(Name(b"EmbeddedFiles")).dict();
        let mut entries = files.insert(Name(b"Names")).array();
        entries.item(Str(attachment::FILE_NAME.as_bytes())).item(Ref::new(FILE_SPEC));
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

fn write_attachment(objects: &mut Objects, content: &PdfContent<'_>, deflate: &mut Deflate) {
    let (spec, file) = (Ref::new(FILE_SPEC), Ref::new(ATTACHED));
    let name = attachment::FILE_NAME;
    objects.object(spec, |chunk| {
        let mut dict = chunk.indirect(spec).dict();
        dict.pair(Name(b"Type"), Name(b"Filespec")).pair(Name(b"AFRelationship"), Name(b"Data"));
        dict.pair(Name(b"F"), Str(name.as_bytes())).pair(Name(b"UF"), TextStr(name));
        dict.pair(Name(b"Desc"), TextStr("电子证照数据"));
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

fn write_security_store(objects: &mut Objects, content: &PdfContent<'_>) {
    let mut write_all = |ders: &[Vec<u8>]| -> Vec<Ref> {
        let write_one = |der: &Vec<u8>| {
            let id = objects.next(RESOURCES);
            objects.object(id, |chunk| {
                chunk.stream(id, der);
            });
            id
        };
        ders.iter().map(write_one).collect()
    };
    let x509s = write_all(&content.validation.x509s);
    let crls = write_all(&content.validation.crls);
    objects.object(Ref::new(SECURITY_STORE), |chunk| {
        let mut dict = chunk.indirect(Ref::new(SECURITY_STORE)).dict();
        dict.pair(Name(b"Type"), Name(b"DSS"));
        if !x509s.is_empty() {
            dict.insert(Name(b"Certs")).array().items(x509s);
        }
        if !crls.is_empty() {
            dict.insert(Name(b"CRLs")).array().items(crls);
        }
    });
}
