//! Finding words on the pages of a PDF, to put a seal on them.

use super::BroughtPdf;
use super::text::TextReader;
use crate::documents::brought::{Keyword, NoSpot, Spot, find};

impl BroughtPdf {
    /// The middle of the words, where they stand in one place or it is said which is meant.
    ///
    /// # Errors
    /// If they stand nowhere, in too many places, or in fewer than that.
    pub fn find(&self, keyword: &Keyword<'_>) -> Result<Spot, NoSpot> {
        let mut reader = TextReader::new(&self.document);
        let pages = self.pages.iter().map(|page| {
            let mut placed = reader.page(page.id);
            for character in &mut placed {
                character.middle = page.shape.to_display(character.middle);
            }
            placed
        });
        let found = find(pages, keyword);
        if reader.exhausted() { Err(NoSpot::TooMuch) } else { found }
    }
}
