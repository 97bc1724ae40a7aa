//! JSON that everybody reads alike: no object in it names a member twice. Readers differ in which of two they take, so what
//! somebody signed could say one thing here and another there.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// Refuses what is no JSON, is nested too deeply, or names a member twice in one object.
///
/// # Errors
/// Why, in words of the reader of JSON.
pub fn check_once(bytes: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<Once>(bytes).map(|_| ())
}

/// Any value. Depth is bounded by the reader of JSON.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Once, A::Error> {
        while items.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Once, A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            members.next_value::<Once>()?;
            if !seen.insert(name) {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_stands_once_at_every_depth() {
        let refused = |text: &str| check_once(text.as_bytes()).is_err();
        for text in [r#"{"a":[{"b":1,"c":-1.5},{"b":null}],"b":{"a":"a"}}"#, "[]", "true", r#""a""#] {
            assert!(!refused(text), "{text}");
        }
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            // The same name, written in another way.
            r#"{"a":1,"\u0061":2}"#,
            "{} {}",
            "",
        ] {
            assert!(refused(text), "{text}");
        }
        assert!(refused(&"[".repeat(100_000)));
    }
}
