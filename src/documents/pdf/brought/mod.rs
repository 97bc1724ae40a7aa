//! Sealing a PDF that somebody brought, a contract say: an incremental update behind the file as it is, of which every byte
//! stays. The seal stands at a point of a page, or on words found there ([`BroughtPdf::find`]).
//!
//! The signature is one, with one widget on one page. A seal astride the edges of all pages (骑缝章) shows a slice of its
//! picture on each page as a stamp annotation; they are written in the same revision, so the signature covers them. On a
//! file that bears a seal already this is refused: nobody may draw on pages that somebody has sealed.
//!
//! What is refused as well: files that are encrypted, that a certification or a lock closes, that only a lenient reader
//! opens, or whose form only programs of one maker can fill in (XFA).

mod font;
mod geometry;
mod search;
mod text;
mod update;

use super::compose::{SignatureField, UnsealedPdf};
use super::examine::MAX_BYTES;
use super::examine::dictionary::{array, dict, get, name};
use super::examine::fields::{Field, signature_fields};
use super::examine::load::load;
use super::examine::scan::scan;
use crate::documents::brought::{NotSealable, Spot};
use crate::documents::ofd::seal::{OfdPage, straddling};
use crate::documents::seal_picture;
use crate::documents::validation::ValidationData;
use crate::domain::report::facts::NotExaminable;
use crate::domain::seal::SealPicture;
use geometry::Shape;
use lopdf::{Dictionary, Document, Object, ObjectId};
use update::{Slice, Update};

/// Most pages.
const MAX_PAGES: usize = 2_000;

/// A PDF that somebody brought, ready to be sealed.
#[derive(Debug)]
pub struct BroughtPdf {
    bytes: Vec<u8>,
    document: Document,
    pages: Vec<Page>,
    is_sealed: bool,
}

#[derive(Debug)]
struct Page {
    id: ObjectId,
    shape: Shape,
}

/// A seal to be.
#[derive(Clone, Copy, Debug)]
pub struct SpotSeal<'a> {
    /// Its picture.
    pub picture: &'a SealPicture,
    /// The picture's middle.
    pub spot: Spot,
    /// Further places where it is shown, drawn on their pages like the slices of a seal astride edges.
    pub also: &'a [Spot],
    /// Whether it also stands astride the edges of all pages.
    pub straddling: bool,
    /// Its signature.
    pub signature: SignatureField<'a>,
    /// What a verifier needs long after to check it.
    pub validation: &'a ValidationData,
}

impl BroughtPdf {
    /// Opens a file to be sealed.
    ///
    /// # Errors
    /// If it cannot be.
    pub fn open(bytes: Vec<u8>) -> Result<Self, NotSealable> {
        if bytes.len() > MAX_BYTES {
            return Err(NotExaminable::TooLarge { limit: MAX_BYTES }.into());
        }
        let scan = scan(&bytes)?;
        let loaded = load(&bytes, &scan)?;
        if let Some(why) = loaded.lenient_because {
            return Err(NotSealable::NotUpdatable { why });
        }
        if scan.header > 0 {
            return Err(NotSealable::not_updatable("bytes stand before the header"));
        }
        let end = scan.revision_ends.last().copied().unwrap_or(0);
        if !bytes[end..].trim_ascii().is_empty() {
            return Err(NotSealable::not_updatable("bytes stand behind the end"));
        }
        let document = loaded.document;
        let is_sealed = check_open(&document)?;
        let ids: Vec<ObjectId> = document.page_iter().take(MAX_PAGES + 1).collect();
        if ids.is_empty() || ids.len() > MAX_PAGES {
            return Err(NotSealable::not_updatable(format!("it does not have 1 to {MAX_PAGES} pages")));
        }
        let page = |id| Shape::of(&document, id).map(|shape| Page { id, shape });
        let pages: Option<Vec<Page>> = ids.into_iter().map(page).collect();
        let pages = pages.ok_or_else(|| NotSealable::not_updatable("a page has no size"))?;
        Ok(Self { bytes, document, pages, is_sealed })
    }

    /// Width and height of each page as displayed, in millimetres.
    pub fn pages(&self) -> impl ExactSizeIterator<Item = (f32, f32)> {
        self.pages.iter().map(|page| page.shape.size())
    }

    /// Whether the file bears a seal already.
    pub const fn is_sealed(&self) -> bool {
        self.is_sealed
    }

    /// Whether a seal whose picture has this size can stand in these places: see [`SpotSeal`].
    ///
    /// # Errors
    /// If it cannot.
    pub fn check_places(
        &self,
        spots: &[Spot],
        straddling: bool,
        size: (f32, f32),
    ) -> Result<(), NotSealable> {
        let [first, also @ ..] = spots else { return Ok(()) };
        self.on_page(*first, size)?;
        self.drawn(also, straddling, size).map(drop)
    }

    /// Adds room for the seal behind the file. What follows is [`super::seal::begin`].
    ///
    /// # Errors
    /// If the seal has no place on it, or the file's structure does not allow the update.
    pub fn with_seal(self, seal: &SpotSeal<'_>) -> Result<UnsealedPdf, NotSealable> {
        let size = seal_picture::size(seal.picture);
        let (page, rect) = self.on_page(seal.spot, size)?;
        let (id, upright) = (page.id, page.shape.upright());
        let slices = self.drawn(seal.also, seal.straddling, size)?;
        let mut update = Update::behind(&self.document, self.bytes)?;
        let picture = update.picture(seal.picture)?;
        for slice in slices {
            update.slice(&picture, &slice)?;
        }
        update.store(seal.validation)?;
        update.seal(id, rect, upright, &picture, &seal.signature)
    }

    /// The page of a spot, and the rectangle of a picture of this size around it.
    fn on_page(&self, spot: Spot, (width, height): (f32, f32)) -> Result<(&Page, [f32; 4]), NotSealable> {
        let no_such_page = NotSealable::NoSuchPage { pages: self.pages.len() };
        let page = self.pages.get(spot.page).ok_or(no_such_page)?;
        let (left, top) = spot.corner((width, height), page.shape.size())?;
        Ok((page, page.shape.rect(left, top, width, height)))
    }

    /// What is drawn on pages besides the seal itself.
    fn drawn(&self, also: &[Spot], straddling: bool, size: (f32, f32)) -> Result<Vec<Slice>, NotSealable> {
        if self.is_sealed && (straddling || !also.is_empty()) {
            return Err(NotSealable::SealedPages);
        }
        let mut slices = Vec::new();
        for spot in also {
            let (page, rect) = self.on_page(*spot, size)?;
            let upright = page.shape.upright();
            slices.push(Slice { page: page.id, rect, part: [0.0, 1.0], upright });
        }
        if straddling {
            slices.extend(self.slices(size)?);
        }
        Ok(slices)
    }

    /// The slices of a seal astride the edges of all pages.
    fn slices(&self, size: (f32, f32)) -> Result<Vec<Slice>, NotSealable> {
        let sizes = self.pages().map(|(width, height)| OfdPage { id: 0, width, height });
        let stamps = straddling(&sizes.collect::<Vec<_>>(), size, (0, 1));
        if stamps.is_empty() {
            return Err(NotSealable::OnePage);
        }
        let slice = |stamp: &crate::documents::ofd::seal::Stamped| {
            let page = &self.pages[stamp.page];
            let shown = stamp.shown?;
            let rect = page.shape.rect(stamp.left + shown.x, stamp.top + shown.y, shown.width, shown.height);
            let part = [shown.x / size.0, (shown.x + shown.width) / size.0];
            Some(Slice { page: page.id, rect, part, upright: page.shape.upright() })
        };
        Ok(stamps.iter().filter_map(slice).collect())
    }
}

/// Refuses what a seal may not be added to, and says whether there is one already.
fn check_open(document: &Document) -> Result<bool, NotSealable> {
    let catalog = document.catalog().map_err(|why| NotSealable::not_updatable(why.to_string()))?;
    if dict(document, catalog, b"Perms").is_some_and(|perms| !perms.is_empty()) {
        return Err(NotSealable::Certified);
    }
    if let Some(form) = dict(document, catalog, b"AcroForm")
        && form.has(b"XFA")
    {
        return Err(NotSealable::Xfa);
    }
    let fields = signature_fields(document);
    if fields.iter().any(|field| certifies(document, field)) {
        return Err(NotSealable::Certified);
    }
    if fields.iter().any(|field| locks(document, field)) {
        return Err(NotSealable::Locked);
    }
    Ok(!fields.is_empty())
}

/// The transforms of a signature, by name.
fn transforms<'a>(
    document: &'a Document,
    field: &Field<'a>,
) -> impl Iterator<Item = (String, Option<&'a Dictionary>)> {
    let references = array(document, field.signature, b"Reference").into_iter().flatten();
    references.take(16).filter_map(|reference| {
        let reference = document.dereference(reference).ok()?.1.as_dict().ok()?;
        let parameters = dict(document, reference, b"TransformParams");
        Some((name(document, reference, b"TransformMethod")?, parameters))
    })
}

/// A certification may be named by the signature alone.
fn certifies(document: &Document, field: &Field<'_>) -> bool {
    transforms(document, field).any(|(method, _)| matches!(method.as_str(), "DocMDP" | "UR3" | "UR"))
}

/// Whether nothing, or no new field, may follow a signature: it locks more than fields it names, or its field says so.
fn locks(document: &Document, field: &Field<'_>) -> bool {
    let locks_others =
        transforms(document, field).filter(|(method, _)| method == "FieldMDP").any(|(_, parameters)| {
            let action = parameters.and_then(|parameters| name(document, parameters, b"Action"));
            action.as_deref() != Some("Include")
        });
    let lock = dict(document, field.dictionary, b"Lock");
    let permission = lock.and_then(|lock| get(document, lock, b"P")).and_then(|p| p.as_i64().ok());
    locks_others || permission == Some(1)
}

/// The object identifier at a key.
fn reference(dictionary: &Dictionary, key: &[u8]) -> Option<ObjectId> {
    dictionary.get(key).and_then(Object::as_reference).ok()
}

#[cfg(test)]
mod tests;
