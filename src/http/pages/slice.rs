//! Lists that are shown a slice at a time.

use serde::Deserialize;

/// What the address of a list says besides: where to go on, and what was just done.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Where the slice before ended; empty for the first.
    #[serde(default)]
    pub after: String,
    /// A word for what was done.
    #[serde(default)]
    pub done: String,
}

/// Where the next slice is: behind the last row, if this one has as many as were asked for.
pub(super) fn next<T>(
    rows: &[T],
    asked_for: u32,
    here: &str,
    place: impl Fn(&T) -> String,
) -> Option<String> {
    let full = rows.len() == asked_for as usize;
    rows.last().filter(|_| full).map(|last| format!("{here}?after={}", place(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_full_slice_there_may_be_another_one() {
        let at = |rows: &[u32]| next(rows, 2, "/x", u32::to_string);
        assert_eq!(at(&[1, 7]).as_deref(), Some("/x?after=7"));
        assert_eq!(at(&[1]), None);
        assert_eq!(at(&[]), None);
    }
}
