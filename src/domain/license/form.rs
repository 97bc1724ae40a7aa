//! The form that a text must have, as a kind's file describes it. Matching needs a library that the domain does not have:
//! whoever reads kinds brings the matcher along.

use super::kind::Bilingual;
use std::fmt;
use std::sync::Arc;

/// A form that the whole of a text must have.
#[derive(Clone)]
pub struct TextForm {
    pattern: String,
    hint: Bilingual,
    matcher: Arc<dyn Fn(&str) -> bool + Send + Sync>,
}

impl TextForm {
    /// A form written as `pattern`, a regular expression of the whole text without anchors, told to people as `hint`.
    /// `matcher` answers for it; its time must be bounded by the text's length.
    pub fn new(
        pattern: impl Into<String>,
        hint: Bilingual,
        matcher: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { pattern: pattern.into(), hint, matcher: Arc::new(matcher) }
    }

    /// The pattern, as forms and descriptions show it.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// What it asks for, in words.
    pub fn hint(&self) -> &Bilingual {
        &self.hint
    }

    /// Whether `text` has this form.
    pub fn fits(&self, text: &str) -> bool {
        (self.matcher)(text)
    }
}

impl PartialEq for TextForm {
    /// The pattern says what the matcher does.
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern && self.hint == other.hint
    }
}

impl Eq for TextForm {}

impl fmt::Debug for TextForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextForm").field("pattern", &self.pattern).finish_non_exhaustive()
    }
}
