//! The printed number (证照编号): made by a kind's pattern, or given by the caller.

use super::check::characters;
use crate::domain::refusal::Fault;
use crate::domain::time::Date;

/// Most characters of a printed number.
pub const MOST_CHARACTERS: usize = 60;

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Area,
    Year,
    Random(usize),
}

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// A brace without its partner.
    #[error("a brace without its partner")]
    Brace,
    /// Something else than `{{area}}`, `{{year}}` or `{{random:N}}` with N from 4 to 20 in braces.
    #[error("{{{0}}} is none of {{area}}, {{year}}, {{random:N}} with N from 4 to 20")]
    Unknown(String),
    /// Nothing random in it: two licenses of one year would get the same number.
    #[error("it has no {{random:N}}, so numbers would repeat")]
    NotUnique,
}

fn pieces(pattern: &str) -> Result<Vec<Piece<'_>>, BadPattern> {
    let mut found = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        let Some((before, after)) = rest.split_once('{') else {
            found.push(Piece::Text(rest));
            break;
        };
        if !before.is_empty() {
            found.push(Piece::Text(before));
        }
        let (inside, after) = after.split_once('}').ok_or(BadPattern::Brace)?;
        found.push(match inside {
            "area" => Piece::Area,
            "year" => Piece::Year,
            _ => inside
                .strip_prefix("random:")
                .and_then(|count| count.parse().ok())
                .filter(|count| (4..=20).contains(count))
                .map(Piece::Random)
                .ok_or_else(|| BadPattern::Unknown(inside.to_owned()))?,
        });
        rest = after;
    }
    if found.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains('}'))) {
        return Err(BadPattern::Brace);
    }
    Ok(found)
}

/// Checks a pattern of a kind file.
pub fn check_pattern(pattern: &str) -> Result<(), BadPattern> {
    let random = pieces(pattern)?.iter().any(|piece| matches!(piece, Piece::Random(_)));
    if random { Ok(()) } else { Err(BadPattern::NotUnique) }
}

/// Makes a number: `{area}` becomes the issuer's division code, `{year}` the year of issue, `{random:N}` what
/// `random_digits(N)` answers; everything else stays.
pub fn make(
    pattern: &str,
    area_code: &str,
    issued_on: Date,
    mut random_digits: impl FnMut(usize) -> String,
) -> Result<String, BadPattern> {
    let mut number = String::new();
    for piece in pieces(pattern)? {
        match piece {
            Piece::Text(text) => number.push_str(text),
            Piece::Area => number.push_str(area_code),
            Piece::Year => number.push_str(&format!("{:04}", issued_on.year())),
            Piece::Random(count) => number.push_str(&random_digits(count)),
        }
    }
    Ok(number)
}

/// Checks a number that the caller gave: one line of 1 to [`MOST_CHARACTERS`] printable characters.
pub fn canonical(raw: &str) -> Result<String, Fault> {
    match characters::canonical(raw, false) {
        Ok(number) if (1..=MOST_CHARACTERS).contains(&number.chars().count()) => Ok(number),
        _ => Err(Fault::at("/number", "field.license_number_form").with("max", MOST_CHARACTERS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_date;

    #[test]
    fn a_pattern_is_filled_in() {
        let day = parse_date("2026-11-23").expect("a date");
        let made =
            make("景({year})第{area}-{random:7}号", "990100", day, |n| "0123456789"[..n].to_owned());
        assert_eq!(made.as_deref(), Ok("景(2026)第990100-0123456号"));
    }

    #[test]
    fn bad_patterns_are_named() {
        assert_eq!(check_pattern("{random:8}"), Ok(()));
        assert_eq!(check_pattern("{random:8"), Err(BadPattern::Brace));
        assert_eq!(check_pattern("{random:8}}"), Err(BadPattern::Brace));
        assert_eq!(check_pattern("{random:0}"), Err(BadPattern::Unknown("random:0".into())));
        assert_eq!(check_pattern("{month}{random:8}"), Err(BadPattern::Unknown("month".into())));
        assert_eq!(check_pattern("{area}{year}"), Err(BadPattern::NotUnique));
    }

    #[test]
    fn a_given_number_is_one_printable_line() {
        assert_eq!(canonical(" JY1990100 ").as_deref(), Ok("JY1990100"));
        for bad in [String::new(), "a\nb".into(), "a\u{200B}b".into(), "1".repeat(61)] {
            assert_eq!(canonical(&bad).map_err(|f| f.code), Err("field.license_number_form"));
        }
    }
}
