//! Where a seal is to stand on a file that somebody brings: on words found in it, or at a point.

/// Most characters of the words that are looked for.
pub const MOST_WORDS: usize = 100;
/// Most places that one job puts its seal on.
pub const MOST_PLACES: usize = 10;
/// In how many places words may stand at most where it is said which is meant: more is no mark any more.
const MOST_FOUND: usize = 49;

/// A point on a page as it is displayed, for the middle of the seal's picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The page, from 1.
    pub page: u32,
    /// From the left edge, in hundredths of a millimetre.
    pub x: u32,
    /// From the top edge, in hundredths of a millimetre.
    pub y: u32,
}

/// Which of the places where words stand, in the order of the pages and of what they paint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The only one.
    Only,
    /// This one, from 1.
    Nth(u32),
    /// The last one.
    Last,
    /// All of them, at most [`MOST_PLACES`].
    All,
}

/// Where a seal is to stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On words.
    Words {
        /// The words: space between characters does not count.
        words: String,
        /// Which of the places they stand in.
        which: Which,
    },
    /// At a point.
    At(Point),
}

/// Why words name no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// They stand nowhere.
    Nowhere,
    /// They stand in several places where one is wanted, or in too many.
    TooMany,
    /// They stand in fewer places than that.
    TooFew,
}

impl Unfit {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nowhere => "seal_job.words_not_found",
            Self::TooMany => "seal_job.words_found_often",
            Self::TooFew => "seal_job.words_found_less",
        }
    }
}

impl Which {
    /// Of words that stand in so many places, which ones are meant, from 0.
    pub fn choose(self, found: usize) -> Result<std::ops::Range<usize>, Unfit> {
        let one = |place: usize| Ok(place..place + 1);
        match self {
            _ if found == 0 => Err(Unfit::Nowhere),
            Self::Only if found == 1 => one(0),
            Self::Only => Err(Unfit::TooMany),
            Self::Nth(_) | Self::Last if found > MOST_FOUND => Err(Unfit::TooMany),
            Self::Nth(nth) => {
                let place = (nth as usize).checked_sub(1).filter(|place| *place < found);
                place.ok_or(Unfit::TooFew).and_then(one)
            }
            Self::Last => one(found - 1),
            Self::All if found > MOST_PLACES => Err(Unfit::TooMany),
            Self::All => Ok(0..found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_chosen_or_it_is_said_why_not() {
        for (which, found, chosen) in [
            (Which::Only, 1, Ok(0..1)),
            (Which::Only, 0, Err(Unfit::Nowhere)),
            (Which::Only, 2, Err(Unfit::TooMany)),
            (Which::Nth(2), 3, Ok(1..2)),
            (Which::Nth(4), 3, Err(Unfit::TooFew)),
            (Which::Nth(0), 3, Err(Unfit::TooFew)),
            (Which::Nth(2), 49, Ok(1..2)),
            (Which::Nth(2), 50, Err(Unfit::TooMany)),
            (Which::Last, 3, Ok(2..3)),
            (Which::Last, 50, Err(Unfit::TooMany)),
            (Which::All, 3, Ok(0..3)),
            (Which::All, 10, Ok(0..10)),
            (Which::All, 11, Err(Unfit::TooMany)),
            (Which::All, 0, Err(Unfit::Nowhere)),
        ] {
            assert_eq!(which.choose(found), chosen, "{which:?} of {found}");
        }
    }
}
