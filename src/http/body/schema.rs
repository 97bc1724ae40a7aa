//! Checks a JSON tree against the schema that a type publishes. It knows the keywords that our own types
//! use, no more: a test refuses a schema with another.

use super::tree::{MAX_FAULTS, child};
use crate::domain::refusal::Fault;
use crate::domain::time::parse_date;
use regex::Regex;
use serde_json::Value;
use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use utoipa::ToSchema;

/// The schema of one type, ready to check with.
pub struct Checker {
    root: Value,
    named: BTreeMap<String, Value>,
    patterns: HashMap<String, Regex>,
}

type Cache = RwLock<HashMap<TypeId, Arc<Checker>>>;

impl Checker {
    /// The checker of `T`, made once.
    pub fn of<T: ToSchema + 'static>() -> Arc<Self> {
        static CACHE: OnceLock<Cache> = OnceLock::new();
        let cache = CACHE.get_or_init(Cache::default);
        if let Some(known) = cache.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()) {
            return known.clone();
        }
        let made = Arc::new(Self::make::<T>());
        cache.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), made.clone());
        made
    }

    fn make<T: ToSchema>() -> Self {
        let mut schemas = Vec::new();
        T::schemas(&mut schemas);
        let value = |schema| serde_json::to_value(schema).unwrap_or_default();
        let named: BTreeMap<String, Value> = schemas.into_iter().map(|(name, s)| (name, value(s))).collect();
        let root = value(T::schema());
        let mut patterns = HashMap::new();
        std::iter::once(&root).chain(named.values()).for_each(|schema| collect(schema, &mut patterns));
        Self { root, named, patterns }
    }

    /// Whether the member `name` of an object schema is an integer.
    pub fn wants_integer(&self, name: &str) -> bool {
        let types = &self.root["properties"][name]["type"];
        types == "integer" || types.as_array().is_some_and(|types| types.iter().any(|t| t == "integer"))
    }

    /// Every fault of `value`.
    pub fn check(&self, value: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.walk(&self.root, value, "", &mut faults);
        faults.truncate(MAX_FAULTS);
        faults
    }

    fn walk(&self, schema: &Value, value: &Value, pointer: &str, faults: &mut Vec<Fault>) {
        if faults.len() >= MAX_FAULTS {
            return;
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            if let Some(schema) = self.named.get(name) {
                self.walk(schema, value, pointer, faults);
            }
            return;
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            // Our types use it for one thing: something or null.
            let something = choices.iter().find(|choice| choice["type"] != "null");
            if let (Some(schema), false) = (something, value.is_null()) {
                self.walk(schema, value, pointer, faults);
            }
            return;
        }
        if !has_type(&schema["type"], value) {
            let expected = expected(&schema["type"]);
            faults.push(Fault::at(pointer, "body.wrong_type").with("expected", expected));
            return;
        }
        match value {
            Value::Object(members) => self.object(schema, members, pointer, faults),
            Value::Array(items) => self.array(schema, items, pointer, faults),
            Value::String(text) => self.text(schema, text, pointer, faults),
            Value::Number(number) => range(schema, number, pointer, faults),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn object(
        &self,
        schema: &Value,
        members: &serde_json::Map<String, Value>,
        pointer: &str,
        faults: &mut Vec<Fault>,
    ) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                faults.push(Fault::at(child(pointer, name), "body.required"));
            }
        }
        for (name, value) in members {
            let pointer = child(pointer, name);
            let others = &schema["additionalProperties"];
            match schema["properties"].get(name) {
                Some(schema) => self.walk(schema, value, &pointer, faults),
                None if others == &Value::Bool(false) => {
                    faults.push(Fault::at(pointer, "body.unknown_field"));
                }
                None if others.is_object() => self.walk(others, value, &pointer, faults),
                None => {}
            }
        }
    }

    fn array(&self, schema: &Value, items: &[Value], pointer: &str, faults: &mut Vec<Fault>) {
        let count = items.len() as u64;
        if let Some(max) = schema["maxItems"].as_u64().filter(|max| count > *max) {
            faults.push(Fault::at(pointer, "body.too_many").with("max", max));
            return;
        }
        if let Some(min) = schema["minItems"].as_u64().filter(|min| count < *min) {
            faults.push(Fault::at(pointer, "body.too_few").with("min", min));
        }
        for (index, item) in items.iter().enumerate() {
            self.walk(&schema["items"], item, &child(pointer, &index.to_string()), faults);
        }
    }

    fn text(&self, schema: &Value, text: &str, pointer: &str, faults: &mut Vec<Fault>) {
        let length = text.chars().count() as u64;
        if let Some(max) = schema["maxLength"].as_u64().filter(|max| length > *max) {
            faults.push(Fault::at(pointer, "body.too_long").with("max", max));
        } else if let Some(min) = schema["minLength"].as_u64().filter(|min| length < *min) {
            faults.push(Fault::at(pointer, "body.too_short").with("min", min));
        } else if let Some(choices) = schema["enum"].as_array() {
            if !choices.iter().any(|choice| choice == text) {
                let names: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
                faults.push(Fault::at(pointer, "body.not_one_of").with("choices", names.join(", ")));
            }
        } else if let Some(pattern) = schema["pattern"].as_str() {
            if !self.patterns.get(pattern).is_some_and(|pattern| pattern.is_match(text)) {
                faults.push(Fault::at(pointer, "body.pattern").with("pattern", pattern));
            }
        } else if schema["format"] == "date" && parse_date(text).is_none() {
            faults.push(Fault::at(pointer, "body.date"));
        } else if !schema["type"].is_null() && text.contains('\n') {
            faults.push(Fault::at(pointer, "body.control_character"));
        }
    }
}

fn range(schema: &Value, number: &serde_json::Number, pointer: &str, faults: &mut Vec<Fault>) {
    let value = number.as_f64().unwrap_or(f64::NAN);
    let (min, max) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
    if min.is_some_and(|min| value < min) || max.is_some_and(|max| value > max) {
        let word = |bound: Option<f64>| bound.map_or_else(|| "∞".to_owned(), |bound| bound.to_string());
        faults.push(Fault::at(pointer, "body.out_of_range").with("min", word(min)).with("max", word(max)));
    }
}

fn collect(schema: &Value, patterns: &mut HashMap<String, Regex>) {
    match schema {
        Value::Object(members) => {
            if let Some(pattern) = members.get("pattern").and_then(Value::as_str)
                && let Ok(regex) = Regex::new(pattern)
            {
                patterns.insert(pattern.to_owned(), regex);
            }
            members.values().for_each(|inner| collect(inner, patterns));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, patterns)),
        _ => {}
    }
}

fn has_type(types: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    match types {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

fn expected(types: &Value) -> String {
    match types {
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect::<Vec<_>>()
            .join(", "),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}
