//! Topics of events, and patterns of them.

/// What topics begin with.
const FAMILIES: [&str; 8] =
    ["business", "deputy", "envelope", "license", "seal", "show", "status_lists", "use"];
/// No topic is longer.
const LONGEST: usize = 60;

/// Topics that an endpoint wants: one (`license.issued`), a family (`license.*`) or all (`*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPattern(String);

impl TopicPattern {
    /// Reads its text; `None` for what can match no event there is.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self(text.to_owned()));
        }
        let (family, rest) = text.split_once('.')?;
        let word = || !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let fine = text.len() <= LONGEST && FAMILIES.contains(&family) && (rest == "*" || word());
        fine.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a topic is among them.
    pub fn matches(&self, topic: &str) -> bool {
        match self.0.strip_suffix('*') {
            // The dot stays: `seal.` begins no topic of another family.
            Some(beginning) => topic.starts_with(beginning),
            None => topic == self.0,
        }
    }
}
