//! Whether the parts of a kind fit together: what a reader of one key alone cannot see.

use super::reader::Notes;
use crate::domain::envelope::Wanted;
use crate::domain::license::LicenseKind;
use crate::domain::license::check::credit_code;
use crate::domain::license::check::decimal::compare;
use crate::domain::license::check::value::{RawValue, canonical};
use crate::domain::license::face::{
    Area, FaceItem, FacePage, Fit, SealPlace, TextStyle, ValuePart, ValueSource,
};
use crate::domain::license::kind::{Field, FieldType, NumberRule, Validity};
use crate::domain::license::metadata::code_type_name;
use crate::domain::license::number::check_pattern;
use crate::domain::time::Date;
use std::collections::BTreeSet;

/// Half the diameter of the largest seal that a department may have, in millimetres.
const SEAL_RADIUS: f32 = 22.5;

/// Least side of the code's square, so that a phone reads it from paper.
const LEAST_CODE: f32 = 18.0;

/// Most pages of a face.
const MOST_PAGES: usize = 10;

/// Notes everything that does not fit.
pub(super) fn check(kind: &LicenseKind, notes: &Notes) {
    if !slug(&kind.name, '-') {
        notes.add("name", "must be lower-case letters, digits and hyphens, at most 60");
    }
    if !slug(&kind.issuer, '-') {
        notes.add("issuer", "must be lower-case letters, digits and hyphens, at most 60");
    }
    check_type_code(&kind.type_code, notes);
    for (index, field) in kind.fields.iter().enumerate() {
        check_field(kind, index, field, notes);
    }
    check_rules(kind, notes);
    check_face(kind, notes);
    check_business(kind, notes);
    check_sealing(kind, notes);
}

fn slug(text: &str, joint: char) -> bool {
    text.len() <= 60
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
}

fn check_type_code(code: &str, notes: &Notes) {
    let (Some(authority), Some(sequence)) = (code.get(..18), code.get(18..)) else {
        return notes.add("type_code", "must have 21 characters (GB/T 36904)");
    };
    if sequence.len() != 3 || !sequence.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        notes.add("type_code", "must have 21 characters (GB/T 36904), the last three digits or capitals");
    }
    if !credit_code::valid(authority) {
        notes.add("type_code", "its first 18 characters must be a credit code with a right check character");
    }
}

fn check_field(kind: &LicenseKind, index: usize, field: &Field, notes: &Notes) {
    let at = |key: &str| format!("fields[{index}].{key}");
    if !slug(&field.name, '_') {
        notes.add(at("name"), "must be lower-case letters, digits and underscores, at most 60");
    }
    if kind.fields[..index].iter().any(|other| other.name == field.name) {
        notes.add(at("name"), "is used twice");
    }
    match &field.field_type {
        FieldType::Text { min, max, .. } if min > max => notes.add(at("min"), "is more than max"),
        FieldType::Number { min: Some(min), max: Some(max), .. } if compare(min, max).is_gt() => {
            notes.add(at("min"), "is more than max");
        }
        FieldType::Enumeration { choices } => {
            if choices.is_empty() {
                notes.add(at("choices"), "is empty");
            }
            let codes: BTreeSet<_> = choices.iter().map(|(code, _)| code).collect();
            if codes.len() < choices.len() {
                notes.add(at("choices"), "has a code twice");
            }
        }
        _ => {}
    }
    // The example is judged on the last day there is: whether it lies in the future depends on when one reads it.
    let example = RawValue::Text(field.example.clone());
    if let Err(fault) = canonical(&field.field_type, &example, "", Date::MAX) {
        notes.add(at("example"), format!("does not pass the field's own check: {}", fault.code));
    }
}

/// Notes it if there is no field of that name; the field otherwise.
fn field<'a>(kind: &'a LicenseKind, name: &str, path: &str, notes: &Notes) -> Option<&'a Field> {
    let found = kind.field(name);
    if found.is_none() && !name.is_empty() {
        notes.add(path, format!("there is no field {name}"));
    }
    found
}

fn check_rules(kind: &LicenseKind, notes: &Notes) {
    if let Validity::Fields { from, until } = &kind.validity {
        for (name, path) in [(from, "validity.from"), (until, "validity.until")] {
            match field(kind, name, path, notes) {
                Some(f) if !matches!(f.field_type, FieldType::Date { .. }) => {
                    notes.add(path, "must be a date field")
                }
                Some(f) if path == "validity.from" && !f.required => {
                    notes.add(path, "must be a required field")
                }
                _ => {}
            }
        }
    }
    match &kind.number {
        NumberRule::Field(name) => {
            if field(kind, name, "number.field", notes).is_some_and(|f| !f.required) {
                notes.add("number.field", "must be a required field");
            }
        }
        NumberRule::Pattern(pattern) if pattern.is_empty() => {}
        NumberRule::Pattern(pattern) => {
            if let Err(bad) = check_pattern(pattern) {
                notes.add("number.pattern", bad.to_string());
            }
        }
    }
    let holder = &kind.holder;
    for (name, path) in [(&holder.name, "holder.name"), (&holder.code, "holder.code")] {
        if field(kind, name, path, notes).is_some_and(|f| !f.required) {
            notes.add(path, "must be a required field");
        }
    }
    let code_field = kind.field(&holder.code).map(|f| &f.field_type);
    let needed = match holder.code_type.as_str() {
        "001" => Some(FieldType::CreditCode),
        "111" => Some(FieldType::IdentityNumber),
        other => {
            if code_type_name(other).is_none() && !other.is_empty() {
                notes.add("holder.code_type", "is not a code type of GB/T 36903 annex A");
            }
            None
        }
    };
    if let (Some(needed), Some(found)) = (needed, code_field)
        && needed != *found
    {
        notes.add("holder.code_type", "does not go with the type of the field that holds the code");
    }
}

/// The stage graph, if there is one: sound in itself, and with the issuer among those who must consent.
/// A business license is a company's, known by its credit code, and has one sealer.
fn check_business(kind: &LicenseKind, notes: &Notes) {
    let Some(name) = &kind.representative else { return };
    if let Some(found) = field(kind, name, "business.representative", notes)
        && (!found.required || !matches!(found.field_type, FieldType::Text { multiline: false, .. }))
    {
        notes.add("business.representative", "must be a required text field of one line");
    }
    if kind.holder.code_type != "001" {
        notes.add("business", "needs a holder whose code is a credit code");
    }
    if kind.sealing.is_some() {
        notes.add("business", "does not go with sealing by several");
    }
}

fn check_sealing(kind: &LicenseKind, notes: &Notes) {
    // A fault of the places themselves is told with the face.
    let places = kind.face.seal_places().unwrap_or_default();
    let Some(plan) = &kind.sealing else {
        if places.len() > 1 {
            notes.add("sealing", "is missing: the face has places for several seals");
        }
        return;
    };
    for (_, party) in plan.parties() {
        if !places.is_empty() && SealPlace::among(&places, Some(&party.name)).is_none() {
            notes.add("sealing", format!("the face has no place for the seal of {}", party.name));
        }
    }
    for fault in plan.faults() {
        notes.add("sealing", fault.to_string());
    }
    let issuer = |wanted: &Wanted| matches!(wanted, Wanted::Role { responsibility, .. } if *responsibility == kind.issuer);
    let certain =
        plan.stages.iter().filter(|stage| stage.quorum.of(stage.parties.len()) == stage.parties.len());
    if !certain.flat_map(|stage| &stage.parties).any(|party| issuer(&party.wanted)) {
        notes.add("sealing", "the responsibility that issues must be a party of a stage that takes all");
    }
    for (_, party) in plan.parties() {
        if let Wanted::Role { responsibility, .. } = &party.wanted
            && !slug(responsibility, '-')
        {
            let problem = format!(
                "the responsibility of {} must be lower-case letters, digits and hyphens",
                party.name
            );
            notes.add("sealing", problem);
        }
    }
}

/// The face as a whole, then each item.
fn check_face(kind: &LicenseKind, notes: &Notes) {
    let pages = &kind.face.pages;
    if pages.is_empty() || pages.len() > MOST_PAGES {
        notes.add("pages", format!("must be 1 to {MOST_PAGES}"));
    }
    let count =
        |wanted: fn(&FaceItem) -> bool| pages.iter().flat_map(|p| &p.items).filter(|i| wanted(i)).count();
    if let Err(fault) = kind.face.seal_places() {
        notes.add("pages", fault.to_string());
    }
    let codes = count(|item| matches!(item, FaceItem::Code { .. }));
    if codes != 1 {
        notes.add("pages", format!("must have exactly one code, not {codes}"));
    }
    for (value, name) in [(ValueSource::Identifier, "@identifier"), (ValueSource::CheckCode, "@check_code")] {
        if !pages.iter().flat_map(|p| &p.items).any(|item| prints(item, &value)) {
            notes.add("pages", format!("must print {{{name}}}: without it nobody can check a paper copy"));
        }
    }
    if kind.face.straddle {
        check_edges(pages, notes);
    }
    for (index, page) in pages.iter().enumerate() {
        for (place, item) in page.items.iter().enumerate() {
            check_item(kind, page, item, &format!("pages[{index}].items[{place}]"), notes);
        }
    }
}

/// The places of a straddling seal's slices, in the middle of each page's right edge: neither the code nor the seal may
/// lie under one.
fn check_edges(pages: &[FacePage], notes: &Notes) {
    if pages.len() < 2 {
        return notes.add("straddle", "is for a face of two or more pages");
    }
    // A narrow seal is spread over groups of pages, so more than four pages do not always make narrower slices.
    let breadth = SEAL_RADIUS * 2.0 / pages.len().min(4) as f32;
    for (index, page) in pages.iter().enumerate() {
        let slice = Area {
            x: page.width - breadth,
            y: page.height / 2.0 - SEAL_RADIUS,
            width: breadth,
            height: SEAL_RADIUS * 2.0,
        };
        for (place, item) in page.items.iter().enumerate() {
            let (touches, key) = match item {
                FaceItem::Code { area } => (overlap(area, &slice), "code"),
                FaceItem::Seal { x, y, .. } => (circle_touches(*x, *y, &slice), "seal"),
                _ => continue,
            };
            if touches {
                notes.add(
                    format!("pages[{index}].items[{place}].{key}"),
                    "lies under a slice of the straddling seal, in the middle of the page's right edge",
                );
            }
        }
    }
}

fn prints(item: &FaceItem, wanted: &ValueSource) -> bool {
    match item {
        FaceItem::Value { source: ValueSource::Joined(parts), .. } => {
            parts.iter().any(|part| matches!(part, ValuePart::Value(value) if value == wanted))
        }
        FaceItem::Value { source, .. } => source == wanted,
        _ => false,
    }
}

fn check_item(kind: &LicenseKind, page: &FacePage, item: &FaceItem, path: &str, notes: &Notes) {
    let inside = |area: &Area, key: &str| {
        if area.width <= 0.0 || area.height <= 0.0 {
            notes.add(format!("{path}.{key}"), "must have a width and a height");
        } else if !within(area, page) {
            notes.add(format!("{path}.{key}"), "reaches outside the page");
        }
    };
    let code = page.items.iter().find_map(|item| match item {
        FaceItem::Code { area } => Some(*area),
        _ => None,
    });
    let off_the_code = |area: &Area, key: &str| {
        if code.is_some_and(|code| overlap(area, &code)) {
            notes.add(format!("{path}.{key}"), "lies over the code");
        }
    };
    match item {
        FaceItem::Fill { area, .. } => inside(area, "fill"),
        FaceItem::Ground { area, .. } | FaceItem::Watermark { area, .. } => inside(area, "at"),
        FaceItem::Frame { area, breadth, .. } => {
            inside(area, "at");
            if !(0.2..=40.0).contains(breadth) || breadth * 2.0 > area.width.min(area.height) {
                notes
                    .add(format!("{path}.breadth"), "does not fit: 0.2 to 40 mm and less than half the area");
            }
        }
        FaceItem::Line { from, to, width, .. } => {
            let area = bounds(*from, *to);
            if !within(&area, page) {
                notes.add(format!("{path}.line"), "reaches outside the page");
            }
            off_the_code(&area, "line");
            if !(0.02..=10.0).contains(width) {
                notes.add(format!("{path}.width"), "must be 0.02 to 10 mm");
            }
        }
        FaceItem::Label { area, style, fit, .. } => {
            inside(area, "at");
            off_the_code(area, "at");
            check_style(style, *fit, path, notes);
        }
        FaceItem::Value { area, source, style, fit } => {
            inside(area, "at");
            off_the_code(area, "at");
            check_style(style, *fit, path, notes);
            check_source(kind, source, &format!("{path}.value"), notes);
        }
        FaceItem::Seal { x, y, party } => {
            if party.as_ref().is_some_and(|party| !slug(party, '-')) {
                let problem = "must be lower-case letters, digits and hyphens, at most 60";
                notes.add(format!("{path}.party"), problem);
            }
            if page.items.iter().any(|other| other != item && seals_touch((*x, *y), other)) {
                notes.add(format!("{path}.seal"), "a seal would lie over another");
            }
            let area = Area {
                x: x - SEAL_RADIUS,
                y: y - SEAL_RADIUS,
                width: SEAL_RADIUS * 2.0,
                height: SEAL_RADIUS * 2.0,
            };
            if !within(&area, page) {
                let problem = format!("a seal reaches {SEAL_RADIUS} mm around its middle: outside the page");
                notes.add(format!("{path}.seal"), problem);
            }
            if code.is_some_and(|code| circle_touches(*x, *y, &code)) {
                notes.add(format!("{path}.seal"), "a seal would lie over the code");
            }
        }
        FaceItem::Code { area } => {
            inside(area, "code");
            if area.width < LEAST_CODE {
                notes.add(format!("{path}.code"), format!("must be at least {LEAST_CODE} mm wide"));
            }
        }
    }
}

fn check_style(style: &TextStyle, fit: Fit, path: &str, notes: &Notes) {
    let (min_size, line_height) = match fit {
        Fit::Shrink { min_size } => (min_size, None),
        Fit::Wrap { min_size, line_height } | Fit::Lines { min_size, line_height } => {
            (min_size, Some(line_height))
        }
    };
    if !(4.0..=120.0).contains(&style.size) {
        notes.add(format!("{path}.size"), "must be 4 to 120 points");
    }
    if !(4.0..=style.size).contains(&min_size) {
        notes.add(format!("{path}.min_size"), "must be 4 points or more, and not more than size");
    }
    if line_height.is_some_and(|height| !(1.0..=4.0).contains(&height)) {
        notes.add(format!("{path}.line_height"), "must be 1 to 4");
    }
    if !(-1.0..=100.0).contains(&style.spacing) {
        notes.add(format!("{path}.spacing"), "must be -1 to 100 points");
    }
}

fn check_source(kind: &LicenseKind, source: &ValueSource, path: &str, notes: &Notes) {
    match source {
        ValueSource::Field(name) if kind.field(name).is_none() => {
            notes.add(path, format!("there is no field {name:?}"));
        }
        ValueSource::Joined(parts) => {
            for part in parts {
                if let ValuePart::Value(value) = part {
                    check_source(kind, value, path, notes);
                }
            }
        }
        _ => {}
    }
}

fn bounds(from: (f32, f32), to: (f32, f32)) -> Area {
    let (x, y) = (from.0.min(to.0), from.1.min(to.1));
    Area { x, y, width: (from.0 - to.0).abs(), height: (from.1 - to.1).abs() }
}

fn within(area: &Area, page: &FacePage) -> bool {
    area.x >= 0.0 && area.y >= 0.0 && area.x + area.width <= page.width && area.y + area.height <= page.height
}

fn overlap(a: &Area, b: &Area) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/// Whether the seal of another place could touch one with its middle at x, y.
fn seals_touch((x, y): (f32, f32), other: &FaceItem) -> bool {
    matches!(other, FaceItem::Seal { x: x2, y: y2, .. } if (x - x2).hypot(y - y2) < 2.0 * SEAL_RADIUS)
}

/// Whether a seal with its middle at x, y touches the area.
fn circle_touches(x: f32, y: f32, area: &Area) -> bool {
    let dx = x - x.clamp(area.x, area.x + area.width);
    let dy = y - y.clamp(area.y, area.y + area.height);
    dx * dx + dy * dy < SEAL_RADIUS * SEAL_RADIUS
}
