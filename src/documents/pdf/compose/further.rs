//! The seals after the first. Each is an incremental update that fills its field, which was there from the start: a
//! signature, the field with the seal's picture, and the validation data that were not there yet. Nothing else changes,
//! so a reader can tell a further seal from any other change.

use super::appearance::Appearance;
use super::file::{Objects, UpdateTrailer};
use super::signature::{self, Follow, Signed, Widget};
use super::store::Store;
use super::{SignatureField, UnsealedPdf};
use crate::crypto::sha256_of;
use crate::documents::validation::ValidationData;
use crate::domain::time::Timestamp;
use pdf_writer::Ref;
use std::collections::VecDeque;
use std::sync::Arc;

/// A further seal, prepared.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FurtherSeal {
    widget: Widget,
    appearance: Arc<Appearance>,
    name: String,
    reason: String,
    claimed_time: Timestamp,
    contents_reserve: usize,
    validation: ValidationData,
}

impl FurtherSeal {
    /// Prepares one.
    pub fn new(
        widget: Widget,
        appearance: Arc<Appearance>,
        field: &SignatureField<'_>,
        validation: &ValidationData,
    ) -> Self {
        Self {
            widget,
            appearance,
            name: field.name.to_owned(),
            reason: field.reason.to_owned(),
            claimed_time: field.claimed_time,
            contents_reserve: field.contents_reserve,
            validation: validation.clone(),
        }
    }
}

/// The objects of a file that every revision refers to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Anchors {
    pub root: Ref,
    pub info: Ref,
    pub store: Ref,
}

/// The seals that are to follow, and what the next revision must know of the file.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::documents::pdf) struct Further {
    pub(super) seals: VecDeque<FurtherSeal>,
    pub(super) store: Store,
    pub(super) anchors: Anchors,
    pub(super) document_id: [u8; 16],
    /// Highest number of an object.
    pub(super) highest: usize,
    /// Offset of the newest cross-reference table.
    pub(super) table: usize,
}

impl Further {
    /// Opens the sealed file for the next seal. `None` if there is none to follow.
    pub fn open(mut self: Box<Self>, bytes: Vec<u8>) -> Option<UnsealedPdf> {
        let seal = self.seals.pop_front()?;
        let mut objects = Objects::update(bytes, self.highest);
        if self.store.add(&mut objects, &seal.validation, 0) {
            self.store.write(&mut objects, self.anchors.store);
        }
        let form = objects.next(0);
        seal.appearance.write(&mut objects, form, Ref::new(form.get() + 1));
        let signature = objects.next(0);
        seal.widget.write(&mut objects, Some(Signed { signature, appearance: form }));
        let field = SignatureField {
            name: &seal.name,
            reason: &seal.reason,
            claimed_time: seal.claimed_time,
            contents_reserve: seal.contents_reserve,
        };
        let last = self.seals.is_empty();
        let follow = if last { Follow::Nothing { root: self.anchors.root } } else { Follow::AsCertified };
        let places = signature::write(&mut objects, signature, &field, follow);
        let trailer = UpdateTrailer {
            root: self.anchors.root,
            info: Some(self.anchors.info),
            id: Some(self.document_id.to_vec()),
            revision_id: self.revision_id(seal.widget.number),
            previous: self.table,
        };
        (self.highest, self.table) = (objects.highest(), objects.bytes.len());
        let unsealed = places.fill(objects.finish_update(&trailer));
        Some(UnsealedPdf { further: (!last).then_some(self), ..unsealed })
    }

    /// For twins: the seals come in another order than was said.
    #[cfg(test)]
    pub fn turn_round(&mut self) {
        self.seals.rotate_left(1);
    }

    /// For twins: goes on behind a table that somebody else wrote.
    #[cfg(test)]
    pub fn behind(&mut self, table: usize, highest: usize) {
        (self.table, self.highest) = (table, highest);
    }

    /// An identifier of the revision that follows from the file's own, so that the same input gives the same bytes.
    fn revision_id(&self, number: usize) -> [u8; 16] {
        let digest = sha256_of(&[&self.document_id, &number.to_be_bytes()]);
        std::array::from_fn(|place| digest[place])
    }
}
