//! What a version of a list would change, for people who decide whether to take it.

use super::{Entry, TrustList};

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not in the list before.
    New,
    /// It is not in the list any more: as if it had never been recognised.
    Gone,
    /// It is withdrawn now, or from another time on.
    Withdrawn,
    /// It was withdrawn, and is not any more.
    GrantedAgain,
    /// Its name, end, places or note are others.
    Other,
    /// Only its revocation lists are others.
    Lists,
}

/// An entry that changes: as it will be, or, if it goes, as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What becomes of it.
    pub kind: ChangeKind,
    /// The entry.
    pub entry: Entry,
}

/// What taking `next` in place of `before` would change; nothing for entries that stay as they are. Entries are the same if
/// service, X.509 certificate and beginning are.
pub fn changes(before: Option<&TrustList>, next: &TrustList) -> Vec<Change> {
    let old = before.map(|list| list.entries.as_slice()).unwrap_or_default();
    let same =
        |a: &Entry, b: &Entry| (a.service, &a.x509, a.valid_from) == (b.service, &b.x509, b.valid_from);
    let mut found = Vec::new();
    for entry in &next.entries {
        let kind = match old.iter().find(|other| same(other, entry)) {
            None => Some(ChangeKind::New),
            Some(other) => difference(other, entry),
        };
        found.extend(kind.map(|kind| Change { kind, entry: entry.clone() }));
    }
    let gone = old.iter().filter(|entry| !next.entries.iter().any(|other| same(other, entry)));
    found.extend(gone.map(|entry| Change { kind: ChangeKind::Gone, entry: entry.clone() }));
    found
}

fn difference(before: &Entry, after: &Entry) -> Option<ChangeKind> {
    match (before.withdrawn_since, after.withdrawn_since) {
        (Some(_), None) => return Some(ChangeKind::GrantedAgain),
        (was, is) if was != is => return Some(ChangeKind::Withdrawn),
        _ => {}
    }
    let without_lists = |entry: &Entry| Entry { crls: Vec::new(), ..entry.clone() };
    if without_lists(before) != without_lists(after) {
        return Some(ChangeKind::Other);
    }
    (before.crls != after.crls).then_some(ChangeKind::Lists)
}
