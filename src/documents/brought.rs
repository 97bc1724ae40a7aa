//! Sealing files that somebody brings, whatever their format: where the seal stands, and why it cannot.

use super::pdf::compose::UnreadablePicture;
use crate::domain::report::facts::NotExaminable;
use crate::domain::seal_job::MOST_WORDS;
use unicode_normalization::UnicodeNormalization as _;

/// How far a seal may reach over its page's edge, in millimetres: what rounding leaves.
const SLACK: f32 = 0.01;
/// Most places that are counted.
const MAX_FOUND: usize = 1_000;

/// A point on a page as it is displayed: millimetres from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// The page, from 0.
    pub page: usize,
    /// From the left edge.
    pub x: f32,
    /// From the top edge.
    pub y: f32,
}

/// Why words cannot be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSearched {
    /// There are no words, or too many.
    #[error("the words to look for are none or too long")]
    Words,
    /// There is more text than is searched.
    #[error("the document has more text than is searched")]
    TooMuch,
}

impl NotSearched {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Words => "seal_job.words",
            Self::TooMuch => "seal_job.too_much_text",
        }
    }
}

impl Spot {
    /// The spot nearest to this one where a picture of this size lies as a whole on a page of that size.
    pub fn within(self, (width, height): (f32, f32), page: (f32, f32)) -> Self {
        let inside = |at: f32, half: f32, side: f32| at.min(side - half).max(half);
        Self { x: inside(self.x, width / 2.0, page.0), y: inside(self.y, height / 2.0, page.1), ..self }
    }

    /// Left and top of a picture of this size with its middle here.
    ///
    /// # Errors
    /// If it would reach over the edge of a page of that size.
    pub(super) fn corner(
        self,
        (width, height): (f32, f32),
        page: (f32, f32),
    ) -> Result<(f32, f32), NotSealable> {
        let (left, top) = (self.x - width / 2.0, self.y - height / 2.0);
        let inside = left >= -SLACK
            && top >= -SLACK
            && left + width <= page.0 + SLACK
            && top + height <= page.1 + SLACK;
        // What is no number is not inside.
        if inside { Ok((left, top)) } else { Err(NotSealable::OverTheEdge) }
    }
}

/// Why a file that somebody brought cannot be sealed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotSealable {
    /// It cannot be read at all, or is encrypted.
    #[error(transparent)]
    NotExaminable(#[from] NotExaminable),
    /// Its structure allows no update that every reader takes alike.
    #[error("the file cannot be updated: {why}")]
    NotUpdatable {
        /// What is wrong with it.
        why: String,
    },
    /// A certification or usage rights say what may follow, and a new seal is not part of it.
    #[error("the file is certified: a new seal would break it")]
    Certified,
    /// A seal on it locks it.
    #[error("a seal on the file lets nothing follow")]
    Locked,
    /// Its form is XFA.
    #[error("the file's form is XFA")]
    Xfa,
    /// There is no such page.
    #[error("the file has {pages} pages")]
    NoSuchPage {
        /// How many it has.
        pages: usize,
    },
    /// The seal would reach over the page's edge.
    #[error("the seal would reach over the edge of the page")]
    OverTheEdge,
    /// A seal astride edges wants two pages or more.
    #[error("one page has no edges to stand astride")]
    OnePage,
    /// The file bears a seal already, so its pages may not be drawn on.
    #[error("the file bears a seal: its pages may not be drawn on")]
    SealedPages,
    /// The seal's picture.
    #[error(transparent)]
    Picture(#[from] UnreadablePicture),
}

impl NotSealable {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotExaminable(why) => why.code(),
            Self::NotUpdatable { .. } => "seal_job.not_updatable",
            Self::Certified => "seal_job.certified",
            Self::Locked => "seal_job.locked",
            Self::Xfa => "seal_job.xfa",
            Self::NoSuchPage { .. } => "seal_job.no_such_page",
            Self::OverTheEdge => "seal_job.over_the_edge",
            Self::OnePage => "seal_job.one_page",
            Self::SealedPages => "seal_job.sealed_pages",
            Self::Picture(_) => "seal_job.picture",
        }
    }

    pub(super) fn not_updatable(why: impl Into<String>) -> Self {
        Self::NotUpdatable { why: why.into() }
    }
}

/// A character where it stands, its middle in millimetres of the page as displayed.
pub(super) struct PlacedCharacter {
    pub character: char,
    pub middle: (f32, f32),
}

/// The middle of the words, wherever they stand on pages whose characters are given in the order in which they are
/// painted.
pub(super) fn find(
    pages: impl Iterator<Item = Vec<PlacedCharacter>>,
    words: &str,
) -> Result<Vec<Spot>, NotSearched> {
    let wanted = folded(words.chars());
    if wanted.is_empty() || wanted.len() > MOST_WORDS {
        return Err(NotSearched::Words);
    }
    let mut spots = Vec::new();
    for (page, placed) in pages.enumerate() {
        spots.extend(occurrences(&placed, &wanted).into_iter().map(|(x, y)| Spot { page, x, y }));
        if spots.len() > MAX_FOUND {
            break;
        }
    }
    Ok(spots)
}

/// Characters without space, each in its plain form: writers map glyphs to radicals, ligatures and wide forms.
fn folded(characters: impl Iterator<Item = char>) -> Vec<char> {
    characters.nfkc().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

/// The middles of all places where the characters stand one after another; none overlaps another.
fn occurrences(placed: &[PlacedCharacter], wanted: &[char]) -> Vec<(f32, f32)> {
    let plain: Vec<(char, (f32, f32))> = placed
        .iter()
        .flat_map(|placed| folded([placed.character].into_iter()).into_iter().map(|c| (c, placed.middle)))
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at + wanted.len() <= plain.len() && found.len() <= MAX_FOUND {
        let here = &plain[at..at + wanted.len()];
        if here.iter().map(|(c, _)| c).eq(wanted) {
            let (first, last) = (here[0].1, here[here.len() - 1].1);
            found.push(((first.0 + last.0) / 2.0, (first.1 + last.1) / 2.0));
            at += wanted.len();
        } else {
            at += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(text: &str) -> Vec<PlacedCharacter> {
        let place = |(n, character)| PlacedCharacter { character, middle: (n as f32, 0.0) };
        text.chars().enumerate().map(place).collect()
    }

    #[test]
    fn words_are_found_through_space_and_forms() {
        let find = |text: &str, words: &str| occurrences(&placed(text), &folded(words.chars()));
        assert_eq!(find("甲方（盖 章）：", "(盖章)"), [(4.0, 0.0)]);
        assert_eq!(find("甲⽅", "甲方"), [(0.5, 0.0)]);
        assert_eq!(find("盖章盖章", "盖章").len(), 2);
        assert_eq!(find("甲方签字", "盖章"), []);
        assert_eq!(find("aaa", "aa").len(), 1);
    }

    #[test]
    fn a_picture_is_moved_inside_its_page_and_otherwise_refused() {
        let spot = |x, y| Spot { page: 0, x, y };
        let (size, page) = ((40.0, 40.0), (210.0, 297.0));
        assert_eq!(spot(1.0, 1.0).within(size, page), spot(20.0, 20.0));
        assert_eq!(spot(209.0, 296.0).within(size, page), spot(190.0, 277.0));
        assert_eq!(spot(20.0, 277.0).corner(size, page), Ok((0.0, 257.0)));
        for over in [spot(19.9, 20.0), spot(20.0, 277.1), spot(f32::NAN, 20.0)] {
            assert_eq!(over.corner(size, page), Err(NotSealable::OverTheEdge));
        }
    }
}
