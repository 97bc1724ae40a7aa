//! The incremental update that puts a seal on a PDF that somebody brought: new objects, new versions of the few that must
//! name them, and a cross-reference of the kind that the file has (ISO 32000-2 §7.5.6 and §7.5.8).

use super::reference;
use crate::crypto::sha256_of;
use crate::documents::brought::NotSealable;
use crate::documents::pdf::compose::appearance::Appearance;
use crate::documents::pdf::compose::file::{Objects, UpdateTrailer};
use crate::documents::pdf::compose::signature::{self, Follow};
use crate::documents::pdf::compose::{SignatureField, UnsealedPdf};
use crate::documents::pdf::examine::dictionary::{array, content, dict};
use crate::documents::validation::ValidationData;
use crate::domain::seal::SealPicture;
use lopdf::{Dictionary, Document, Object, ObjectId, Writer};
use pdf_writer::Ref;
use std::collections::{BTreeMap, BTreeSet};

/// Largest number of an object: the table of an update is as long.
const MAX_NUMBER: u32 = 1_000_000;
/// Most fields looked at for a name that is free.
const MAX_FIELDS: usize = 10_000;
/// Annotation flags: Print and Locked; of a slice also ReadOnly and LockedContents.
const WIDGET_FLAGS: i32 = 4 | 128;
const SLICE_FLAGS: i32 = 4 | 64 | 128 | 512;

/// The type of a slice's annotation. The standard's word is one that nothing of ours goes by (GLOSSARY.md).
pub(super) const SLICE_TYPE: &str = concat!("Sta", "mp");

/// A slice of a seal astride edges.
pub(super) struct Slice {
    pub page: ObjectId,
    pub rect: [f32; 4],
    /// From where to where across the picture, as parts of its width.
    pub part: [f32; 2],
    pub upright: [i32; 4],
}

/// The seal's picture as it was written.
pub(super) struct Picture {
    form: Ref,
    width: f32,
    height: f32,
}

/// An update being written.
pub(super) struct Update<'a> {
    document: &'a Document,
    root: ObjectId,
    objects: Objects,
    /// New versions of what was there.
    changed: BTreeMap<ObjectId, Object>,
    has_table: bool,
}

impl<'a> Update<'a> {
    /// Begins one.
    pub fn behind(document: &'a Document, mut bytes: Vec<u8>) -> Result<Self, NotSealable> {
        let root = reference(&document.trailer, b"Root")
            .ok_or_else(|| NotSealable::not_updatable("the catalog is no object of its own"))?;
        let size = document.trailer.get(b"Size").and_then(Object::as_i64).unwrap_or(0);
        let highest = document.max_id.max(u32::try_from(size - 1).unwrap_or(0));
        if highest > MAX_NUMBER {
            return Err(NotSealable::not_updatable(format!("objects have numbers up to {highest}")));
        }
        let table = bytes.get(document.xref_start..).unwrap_or_default().trim_ascii_start();
        let has_table = table.starts_with(b"xref");
        if !bytes.ends_with(b"\n") && !bytes.ends_with(b"\r") {
            bytes.push(b'\n');
        }
        let objects = Objects::update(bytes, highest as usize);
        Ok(Self { document, root, objects, changed: BTreeMap::new(), has_table })
    }

    /// Writes a seal's picture as a form.
    pub fn picture(&mut self, picture: &SealPicture) -> Result<Picture, NotSealable> {
        let appearance = Appearance::prepare(picture)?;
        let form = self.objects.next(0);
        appearance.write(&mut self.objects, form, Ref::new(form.get() + 1));
        Ok(Picture { form, width: appearance.width, height: appearance.height })
    }

    /// Writes a form that shows a part of the picture, turned so that it stands upright on its page.
    fn part(&mut self, picture: &Picture, [from, to]: [f32; 2], [a, b, c, d]: [i32; 4]) -> Ref {
        let id = self.objects.next(0);
        let (left, right) = (from * picture.width, to * picture.width);
        let text = format!(
            "<</Type/XObject/Subtype/Form/BBox[{left:.3} 0 {right:.3} {:.3}]/Matrix[{a} {b} {c} {d} 0 0]\
             /Resources<</XObject<</Seal {} 0 R>>>>/Length 12>>\nstream\nq /Seal Do Q\nendstream",
            picture.height,
            picture.form.get()
        );
        self.write(id, text.as_bytes());
        id
    }

    /// Adds a slice to its page as an annotation.
    pub fn slice(&mut self, picture: &Picture, slice: &Slice) -> Result<(), NotSealable> {
        let form = self.part(picture, slice.part, slice.upright);
        let id = self.objects.next(0);
        let [left, bottom, right, top] = slice.rect;
        let text = format!(
            "<</Type/Annot/Subtype/{SLICE_TYPE}/F {SLICE_FLAGS}/Rect[{left:.3} {bottom:.3} {right:.3} {top:.3}]\
             /P {} {} R/AP<</N {} 0 R>>>>",
            slice.page.0,
            slice.page.1,
            form.get()
        );
        self.write(id, text.as_bytes());
        self.push(slice.page, &[b"Annots"], id)
    }

    /// Adds what is not there yet to the document security store.
    pub fn store(&mut self, validation: &ValidationData) -> Result<(), NotSealable> {
        let catalog = self.document.get_dictionary(self.root).ok();
        let store = catalog.and_then(|catalog| dict(self.document, catalog, b"DSS"));
        for (key, ders) in [(b"Certs".as_slice(), &validation.x509s), (b"CRLs", &validation.crls)] {
            let listed = store.and_then(|store| array(self.document, store, key));
            let mut known: BTreeSet<Vec<u8>> =
                listed.into_iter().flatten().take(256).filter_map(|o| content(self.document, o)).collect();
            for der in ders {
                if known.insert(der.clone()) {
                    let id = self.objects.next(0);
                    self.objects.object(id, |chunk| {
                        chunk.stream(id, der);
                    });
                    self.push(self.root, &[b"DSS", key], id)?;
                }
            }
        }
        Ok(())
    }

    /// Adds the signature, its field and widget, and finishes the update.
    pub fn seal(
        mut self,
        page: ObjectId,
        [left, bottom, right, top]: [f32; 4],
        upright: [i32; 4],
        picture: &Picture,
        field: &SignatureField<'_>,
    ) -> Result<UnsealedPdf, NotSealable> {
        let shown =
            if upright == [1, 0, 0, 1] { picture.form } else { self.part(picture, [0.0, 1.0], upright) };
        let widget = self.objects.next(0);
        let signature = Ref::new(widget.get() + 1);
        let text = format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal{})/F {WIDGET_FLAGS}\
             /Rect[{left:.3} {bottom:.3} {right:.3} {top:.3}]/P {} {} R/V {} 0 R/AP<</N {} 0 R>>>>",
            self.free_number(),
            page.0,
            page.1,
            signature.get(),
            shown.get()
        );
        self.write(widget, text.as_bytes());
        self.push(page, &[b"Annots"], widget)?;
        self.push(self.root, &[b"AcroForm", b"Fields"], widget)?;
        let flags = self.at(self.root, &[b"AcroForm", b"SigFlags"], &Object::Integer(0))?;
        *flags = Object::Integer(flags.as_i64().unwrap_or(0) | 3);
        for ((number, _), object) in std::mem::take(&mut self.changed) {
            let mut text = Vec::new();
            Writer::write_object(&mut text, &object)
                .map_err(|why| NotSealable::not_updatable(why.to_string()))?;
            self.write(Ref::new(number as i32), &text);
        }
        let places = signature::write(&mut self.objects, signature, field, Follow::AsCertified);
        let trailer = self.trailer()?;
        let bytes = if self.has_table {
            self.objects.finish_update(&trailer)
        } else {
            self.objects.finish_update_as_stream(&trailer)
        };
        Ok(places.fill(bytes))
    }

    fn trailer(&self) -> Result<UpdateTrailer, NotSealable> {
        let info = reference(&self.document.trailer, b"Info");
        let number = |(number, generation): ObjectId| (generation == 0).then(|| Ref::new(number as i32));
        let root = number(self.root);
        let id = self.document.trailer.get(b"ID").and_then(Object::as_array).ok();
        let id = id.and_then(|parts| parts.first()?.as_str().ok()).map(<[u8]>::to_vec);
        let digest = sha256_of(&[id.as_deref().unwrap_or_default(), &self.objects.bytes.len().to_be_bytes()]);
        Ok(UpdateTrailer {
            root: root.ok_or_else(old_generation)?,
            info: info.map(|info| number(info).ok_or_else(old_generation)).transpose()?,
            id,
            revision_id: std::array::from_fn(|place| digest[place]),
            previous: self.document.xref_start,
        })
    }

    fn write(&mut self, id: Ref, object: &[u8]) {
        self.objects.begin(id);
        let out = &mut self.objects.bytes;
        out.extend_from_slice(format!("{} 0 obj\n", id.get()).as_bytes());
        out.extend_from_slice(object);
        out.extend_from_slice(b"\nendobj\n\n");
    }

    /// The first number with which no field is named.
    fn free_number(&self) -> usize {
        let catalog = self.document.get_dictionary(self.root).ok();
        let form = catalog.and_then(|catalog| dict(self.document, catalog, b"AcroForm"));
        let fields = form.and_then(|form| array(self.document, form, b"Fields"));
        let name = |field: &Object| {
            let field = self.document.dereference(field).ok()?.1.as_dict().ok()?;
            Some(field.get(b"T").ok()?.as_str().ok()?.to_vec())
        };
        let taken: BTreeSet<Vec<u8>> =
            fields.into_iter().flatten().take(MAX_FIELDS).filter_map(name).collect();
        (1..).find(|n| !taken.contains(format!("Seal{n}").as_bytes())).unwrap_or(1)
    }

    /// Appends a reference to the list at a path below an object.
    fn push(&mut self, holder: ObjectId, path: &[&[u8]], item: Ref) -> Result<(), NotSealable> {
        let list = self.at(holder, path, &Object::Array(Vec::new()))?;
        let list = list.as_array_mut().map_err(|_| odd(path))?;
        list.push(Object::Reference((item.get().unsigned_abs(), 0)));
        Ok(())
    }

    /// The value at a path below an object, to be changed; what is not there is made, at the end `empty`.
    fn at(&mut self, holder: ObjectId, path: &[&[u8]], empty: &Object) -> Result<&mut Object, NotSealable> {
        // What lies in an object of its own is changed there.
        let (mut id, mut rest) = (holder, Vec::new());
        for key in path {
            rest.push(*key);
            if let Some(Object::Reference(next)) = self.peek(id, &rest) {
                (id, rest) = (*next, Vec::new());
            }
        }
        let mut object = self.edit(id)?;
        for (n, key) in rest.iter().enumerate() {
            let dictionary = object.as_dict_mut().map_err(|_| odd(path))?;
            if !dictionary.has(key) {
                let last = n + 1 == rest.len();
                dictionary.set(key.to_vec(), if last { empty.clone() } else { Dictionary::new().into() });
            }
            object = dictionary.get_mut(key).map_err(|_| odd(path))?;
        }
        Ok(object)
    }

    fn peek(&self, id: ObjectId, path: &[&[u8]]) -> Option<&Object> {
        let mut object = self.changed.get(&id).or_else(|| self.document.objects.get(&id))?;
        for key in path {
            object = object.as_dict().ok()?.get(key).ok()?;
        }
        Some(object)
    }

    fn edit(&mut self, id: ObjectId) -> Result<&mut Object, NotSealable> {
        if id.1 != 0 {
            return Err(old_generation());
        }
        let old = self.document.objects.get(&id);
        let old = old.ok_or_else(|| NotSealable::not_updatable(format!("object {} is not there", id.0)))?;
        Ok(self.changed.entry(id).or_insert_with(|| old.clone()))
    }
}

fn old_generation() -> NotSealable {
    NotSealable::not_updatable("an object that must change has been replaced in an old way")
}

fn odd(path: &[&[u8]]) -> NotSealable {
    let path: Vec<_> = path.iter().map(|key| String::from_utf8_lossy(key)).collect();
    NotSealable::not_updatable(format!("{} is not what it should be", path.join("/")))
}
