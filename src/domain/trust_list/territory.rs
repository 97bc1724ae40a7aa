//! Places by their division code.

use std::fmt;

/// A place by the six digits of GB/T 2260: a province (`990000`), a city (`990100`) or a county (`990102`). `100000` is the
/// whole country, as national bodies use it in seal codes; GB/T 2260 itself has no code for that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Territory(String);

/// The whole country.
const COUNTRY: &str = "100000";

impl Territory {
    /// Reads six digits, the first no zero.
    pub fn parse(text: &str) -> Option<Self> {
        let fine = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        fine.then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a code that begins with a division code (another place's, a seal's) lies in this place.
    pub fn covers(&self, code: &str) -> bool {
        code.starts_with(self.prefix())
    }

    /// What the codes of all places in it begin with.
    fn prefix(&self) -> &str {
        if self.0 == COUNTRY {
            return "";
        }
        match self.0.as_bytes() {
            [.., b'0', b'0', b'0', b'0'] => &self.0[..2],
            [.., b'0', b'0'] => &self.0[..4],
            _ => &self.0,
        }
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
