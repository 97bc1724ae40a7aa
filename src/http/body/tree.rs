//! JSON text to a tree, with limits and without what JSON leaves open: duplicate names, control characters.

use crate::domain::refusal::Fault;
use crate::http::problem::{Kind, Place, Problem};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::fmt;

/// Greatest depth of nesting.
const MAX_DEPTH: usize = 12;
/// Greatest number of values in one body.
const MAX_VALUES: usize = 20_000;
/// Faults listed before giving up.
pub const MAX_FAULTS: usize = 100;

#[derive(Default)]
struct Context {
    faults: Vec<Fault>,
    values: usize,
    limit: Option<&'static str>,
}

/// Parses one JSON text without faults.
pub fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    match parse_with_faults(bytes)? {
        (value, faults) if faults.is_empty() => Ok(value),
        (_, faults) => Err(Problem::faults(Kind::Invalid, Place::Body, faults)),
    }
}

/// Parses one JSON text; beside the tree, the faults that can be told by their places: at most [`MAX_FAULTS`].
pub fn parse_with_faults(bytes: &[u8]) -> Result<(Value, Vec<Fault>), Problem> {
    let context = RefCell::new(Context::default());
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let seed = Node { context: &context, pointer: String::new(), depth: 0 };
    let parsed = seed.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    let context = context.into_inner();
    match (parsed, context.limit) {
        (_, Some(code)) => Err(Problem::new(Kind::Malformed, code)),
        (Err(error), None) => Err(Problem::new(Kind::Malformed, "request.not_json")
            .with("line", error.line())
            .with("column", error.column())),
        (Ok(value), None) => Ok((value, context.faults)),
    }
}

/// The pointer to member `name` of what `pointer` points to (RFC 6901 §3).
pub fn child(pointer: &str, name: &str) -> String {
    let name: String = name.chars().take(80).collect();
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Characters that no text of a request may hold: controls, and marks that turn the direction of writing and
/// so make a text look like another. A line feed is left to the rules of the field.
pub fn is_forbidden(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

struct Node<'c> {
    context: &'c RefCell<Context>,
    pointer: String,
    depth: usize,
}

impl Node<'_> {
    fn fault(&self, pointer: String, code: &'static str) {
        let mut context = self.context.borrow_mut();
        if context.faults.len() < MAX_FAULTS {
            context.faults.push(Fault::at(pointer, code));
        }
    }

    fn stop<E: Error>(&self, code: &'static str) -> E {
        self.context.borrow_mut().limit = Some(code);
        E::custom("a limit")
    }

    fn below(&self, name: &str) -> Self {
        Self { context: self.context, pointer: child(&self.pointer, name), depth: self.depth + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(self.stop("request.too_deep"));
        }
        let values = {
            let mut context = self.context.borrow_mut();
            context.values += 1;
            context.values
        };
        if values > MAX_VALUES {
            return Err(self.stop("request.too_many_values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        if value.chars().any(is_forbidden) {
            self.fault(self.pointer.clone(), "body.control_character");
        }
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self.below(&items.len().to_string()))? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let below = self.below(&name);
            if name.chars().any(is_forbidden) {
                self.fault(self.pointer.clone(), "body.control_character");
            }
            if members.contains_key(&name) {
                self.fault(below.pointer.clone(), "body.duplicate_key");
            }
            members.insert(name, access.next_value_seed(below)?);
        }
        Ok(Value::Object(members))
    }
}
