//! Finding words on the pages of a PDF, to put a seal on them.

use super::BroughtPdf;
use super::text::TextReader;
use crate::documents::brought::{NotSearched, Spot, find};

impl BroughtPdf {
    /// The middle of the words, wherever they stand: in the order of the pages and of what they paint. The form of a
    /// character does not count.
    ///
    /// # Errors
    /// If there are no words, or too many, or there is more text than is searched.
    pub fn find(&self, words: &str) -> Result<Vec<Spot>, NotSearched> {
        let mut reader = TextReader::new(&self.document);
        let pages = self.pages.iter().map(|page| {
            let mut placed = reader.page(page.id);
            for character in &mut placed {
                character.middle = page.shape.to_display(character.middle);
            }
            placed
        });
        let found = find(pages, words);
        if reader.exhausted() { Err(NotSearched::TooMuch) } else { found }
    }
}
