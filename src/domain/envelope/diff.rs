//! What is different between two versions of an envelope's content, field by field.

use crate::domain::license::LicenseData;

/// A field whose value is not the same.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangedField {
    /// Its name.
    pub field: String,
    /// Its value before, if it had one.
    pub before: Option<String>,
    /// Its value now, if it has one.
    pub now: Option<String>,
}

impl std::fmt::Debug for ChangedField {
    /// Leaves the values out: they are personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangedField").field("field", &self.field).finish_non_exhaustive()
    }
}

/// The fields that differ, by name.
pub fn diff(before: &LicenseData, now: &LicenseData) -> Vec<ChangedField> {
    let mut names: Vec<&String> = before.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| before.get(*name) != now.get(*name))
        .map(|name| ChangedField {
            field: name.clone(),
            before: before.get(name).cloned(),
            now: now.get(name).cloned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_added_and_removed_fields_are_told_and_no_others() {
        let data = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<LicenseData>()
        };
        let before = data(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let now = data(&[("a", "1"), ("b", "2"), ("d", "1")]);
        let told: Vec<_> = diff(&before, &now).into_iter().map(|c| (c.field, c.before, c.now)).collect();
        let one = || Some("1".to_owned());
        let expected = [("b", one(), Some("2".to_owned())), ("c", one(), None), ("d", None, one())];
        assert_eq!(told, expected.map(|(field, before, now)| (field.to_owned(), before, now)));
        assert_eq!(diff(&before, &before), []);
    }
}
