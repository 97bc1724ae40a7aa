//! Sealing files that somebody brings, whatever their format: where the seal stands, and why it cannot.

use super::pdf::compose::UnreadablePicture;
use crate::domain::report::facts::NotExaminable;
use unicode_normalization::UnicodeNormalization as _;

/// How far a seal may reach over its page's edge, in millimetres: what rounding leaves.
pub(super) const SLACK: f32 = 0.01;
/// Most characters of what is looked for.
const MAX_WORDS: usize = 100;
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

/// Words to look for.
#[derive(Clone, Copy, Debug)]
pub struct Keyword<'a> {
    /// The words. Space between characters does not count, and neither does the form of a character.
    pub words: &'a str,
    /// Which of the places, from 1, in the order of the pages and of what they paint; the only one if it is not said.
    pub nth: Option<usize>,
    /// In how many places they may stand at most where the one wanted is said.
    pub most: usize,
}

/// Why words name no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSpot {
    /// There are no words, or too many.
    #[error("the words to look for are none or too long")]
    Words,
    /// They stand nowhere. A scanned page has no words.
    #[error("the words stand nowhere in the document")]
    Nowhere,
    /// There is more text than is searched.
    #[error("the document has more text than is searched")]
    TooMuch,
    /// They stand in several places, and it is not said which is meant, or in too many.
    #[error("the words stand in {found} places")]
    TooMany {
        /// In how many.
        found: usize,
    },
    /// They stand in fewer places than that.
    #[error("the words stand in {found} places, not in {nth}")]
    TooFew {
        /// Which was wanted.
        nth: usize,
        /// In how many they stand.
        found: usize,
    },
}

impl NoSpot {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Words => "seal_job.words",
            Self::Nowhere => "seal_job.words_not_found",
            Self::TooMuch => "seal_job.too_much_text",
            Self::TooMany { .. } => "seal_job.words_found_often",
            Self::TooFew { .. } => "seal_job.words_found_less",
        }
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

/// The middle of the words on pages whose characters are given in the order in which they are painted.
pub(super) fn find(
    pages: impl Iterator<Item = Vec<PlacedCharacter>>,
    keyword: &Keyword<'_>,
) -> Result<Spot, NoSpot> {
    let wanted = folded(keyword.words.chars());
    if wanted.is_empty() || wanted.len() > MAX_WORDS {
        return Err(NoSpot::Words);
    }
    let mut spots = Vec::new();
    for (page, placed) in pages.enumerate() {
        spots.extend(occurrences(&placed, &wanted).into_iter().map(|(x, y)| Spot { page, x, y }));
        if spots.len() > MAX_FOUND {
            break;
        }
    }
    chosen(&spots, keyword)
}

fn chosen(spots: &[Spot], keyword: &Keyword<'_>) -> Result<Spot, NoSpot> {
    let found = spots.len();
    match (spots, keyword.nth) {
        ([], _) => Err(NoSpot::Nowhere),
        ([only], None) => Ok(*only),
        (_, None) => Err(NoSpot::TooMany { found }),
        (_, Some(_)) if found > keyword.most => Err(NoSpot::TooMany { found }),
        (spots, Some(nth)) => nth
            .checked_sub(1)
            .and_then(|place| spots.get(place))
            .copied()
            .ok_or(NoSpot::TooFew { nth, found }),
    }
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
    fn one_place_is_chosen_or_it_is_said_why_not() {
        let spot = |page| Spot { page, x: 0.0, y: 0.0 };
        let three = [spot(0), spot(1), spot(2)];
        let choose = |spots: &[Spot], nth, most| chosen(spots, &Keyword { words: "", nth, most });
        assert_eq!(choose(&three[..1], None, 1), Ok(spot(0)));
        assert_eq!(choose(&three, Some(2), 3), Ok(spot(1)));
        assert_eq!(choose(&[], None, 1), Err(NoSpot::Nowhere));
        assert_eq!(choose(&three, None, 9), Err(NoSpot::TooMany { found: 3 }));
        assert_eq!(choose(&three, Some(2), 2), Err(NoSpot::TooMany { found: 3 }));
        assert_eq!(choose(&three, Some(4), 9), Err(NoSpot::TooFew { nth: 4, found: 3 }));
        assert_eq!(choose(&three, Some(0), 9), Err(NoSpot::TooFew { nth: 0, found: 3 }));
    }
}
