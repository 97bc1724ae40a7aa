//! Pages that nobody seals, as a PDF file: what the service says and anybody can have it say again.

use super::deflate::{Deflate, SMALL};
use super::file::Objects;
use super::fonts::{FontCuts, OBJECTS_PER_CUT};
use super::metadata::Description;
use super::paint::Painter;
use crate::documents::face::{self, FaceFault, POINTS_PER_MM};
use crate::documents::fonts::Fonts;
use crate::domain::license::face::Face;
use crate::domain::time::Timestamp;
use pdf_writer::{Filter, Finish as _, Name, Rect, Ref, TextStr};

const CATALOG: i32 = 1;
const PAGES: i32 = 2;
const METADATA: i32 = 3;
const INFO: i32 = 4;
const RESOURCES: i32 = 5;
/// First number of the pages: each takes its page and its content.
const FIRST_PAGE: i32 = 6;

/// What the file says of itself.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What it is called.
    pub title: &'a str,
    /// What it is about.
    pub identifier: &'a str,
    /// Who made it.
    pub author: &'a str,
    /// When.
    pub created: Timestamp,
    /// Unique to the file.
    pub document_id: [u8; 16],
}

/// Writes the pages; of a face only what is fixed.
///
/// # Errors
/// What is wrong with the face.
pub fn plain(face: &Face, about: &About<'_>, fonts: &Fonts) -> Result<Vec<u8>, Vec<FaceFault>> {
    let (pages, faults) = face::compose_fixed(face, fonts);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut deflate = Deflate::new(SMALL);
    let (mut objects, mut cuts) = (Objects::start(), FontCuts::default());
    let numbers = |n: usize| [0, 1].map(|part| Ref::new(FIRST_PAGE + 2 * n as i32 + part));
    for (n, (page, marks)) in face.pages.iter().zip(&pages).enumerate() {
        let [id, content] = numbers(n);
        let mut painter = Painter::new(page.height);
        painter.marks(marks, &mut cuts, b'L');
        let packed = deflate.run(&painter.out);
        objects.object(content, |chunk| {
            chunk.stream(content, &packed).filter(Filter::FlateDecode);
        });
        objects.object(id, |chunk| {
            let mut written = chunk.page(id);
            written.parent(Ref::new(PAGES)).pair(Name(b"Resources"), Ref::new(RESOURCES));
            let (width, height) = (page.width * POINTS_PER_MM, page.height * POINTS_PER_MM);
            written.media_box(Rect::new(0.0, 0.0, width, height));
            written.contents(content);
        });
    }
    let first_font = Ref::new(FIRST_PAGE + 2 * face.pages.len() as i32);
    cuts.write(&mut objects, first_font, fonts, &mut deflate).map_err(|fault| vec![fault])?;
    let count = cuts.len();
    objects.object(Ref::new(RESOURCES), |chunk| {
        let mut resources = chunk.indirect(Ref::new(RESOURCES)).start::<pdf_writer::writers::Resources<'_>>();
        let mut named = resources.fonts();
        for n in 0..count as i32 {
            let name = format!("L{n}");
            named.pair(Name(name.as_bytes()), Ref::new(first_font.get() + n * OBJECTS_PER_CUT));
        }
        named.finish();
    });
    objects.object(Ref::new(PAGES), |chunk| {
        let kids = (0..face.pages.len()).map(|n| numbers(n)[0]);
        chunk.pages(Ref::new(PAGES)).kids(kids).count(face.pages.len() as i32);
    });
    objects.object(Ref::new(CATALOG), |chunk| {
        let mut catalog = chunk.indirect(Ref::new(CATALOG)).dict();
        catalog.pair(Name(b"Type"), Name(b"Catalog")).pair(Name(b"Pages"), Ref::new(PAGES));
        catalog.pair(Name(b"Lang"), TextStr("zh-CN")).pair(Name(b"Metadata"), Ref::new(METADATA));
        catalog.insert(Name(b"ViewerPreferences")).dict().pair(Name(b"DisplayDocTitle"), true);
    });
    let description = Description {
        title: about.title,
        issuer: about.author,
        identifier: about.identifier,
        created: about.created,
        document_id: &about.document_id,
    };
    description.write_info(&mut objects, Ref::new(INFO));
    description.write_xmp(&mut objects, Ref::new(METADATA));
    Ok(objects.finish(Ref::new(CATALOG), Ref::new(INFO), &about.document_id))
}
