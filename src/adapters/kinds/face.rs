//! The face of a kind file: colours, styles, pages.

use super::reader::Section;
use crate::domain::license::face::{
    Align, Area, Face, FaceItem, FacePage, Fit, FontRole, FrameStyle, GroundPattern, TextStyle, ValuePart,
    ValueSource,
};
use crate::domain::picture::Rgb;
use std::collections::BTreeMap;

/// What items refer to by name.
struct Names {
    colours: BTreeMap<String, Rgb>,
    styles: BTreeMap<String, (TextStyle, Fit)>,
}

const DEFAULT_STYLE: (TextStyle, Fit) = (
    TextStyle { font: FontRole::Song, size: 12.0, align: Align::Left, colour: Rgb::BLACK, spacing: 0.0 },
    Fit::Shrink { min_size: 6.0 },
);

/// Reads `[colours]`, `[styles.*]` and `[[pages]]` of the file.
pub(super) fn read(file: &Section<'_>) -> Face {
    let mut names = Names { colours: BTreeMap::new(), styles: BTreeMap::new() };
    if let Some(colours) = file.section_if_any("colours") {
        for (name, value) in colours.entries() {
            match value.as_str().and_then(parse_colour) {
                Some(colour) => drop(names.colours.insert(name.to_owned(), colour)),
                None => colours.fault(name, "must be a colour like \"#1A2B3C\""),
            }
        }
    }
    if let Some(styles) = file.section("styles") {
        for (name, value) in styles.entries() {
            match value.as_table() {
                Some(table) => {
                    let section = Section::new(table, styles.at(name), styles.notes);
                    let style = style(&section, DEFAULT_STYLE, &names);
                    section.finish();
                    names.styles.insert(name.to_owned(), style);
                }
                None => styles.fault(name, "must be a table"),
            }
        }
    }
    Face { pages: file.sections("pages").into_iter().map(|section| page(section, &names)).collect() }
}

fn page(section: Section<'_>, names: &Names) -> FacePage {
    let (width, height) = match section.text("size") {
        "A4 portrait" => (210.0, 297.0),
        "A4 landscape" => (297.0, 210.0),
        "" => (210.0, 297.0),
        _ => {
            section.fault("size", "must be \"A4 portrait\" or \"A4 landscape\"");
            (210.0, 297.0)
        }
    };
    let items = section.sections("items").into_iter().filter_map(|section| item(section, names)).collect();
    section.finish();
    FacePage { width, height, items }
}

/// What an item is, by the key that names it.
const ITEM_KEYS: [&str; 8] = ["fill", "frame", "ground", "line", "label", "value", "seal", "code"];

fn item(section: Section<'_>, names: &Names) -> Option<FaceItem> {
    let named: Vec<&str> = ITEM_KEYS.into_iter().filter(|key| section.has(key)).collect();
    let [what] = named[..] else {
        section.notes.add(&section.path, format!("must have exactly one of {}", ITEM_KEYS.join(", ")));
        return None;
    };
    let item = match what {
        "fill" => {
            FaceItem::Fill { area: area(section.measures("fill")), colour: colour(&section, "colour", names) }
        }
        "frame" => FaceItem::Frame {
            style: match section.text("frame") {
                "double" => FrameStyle::Double,
                "guilloche" => FrameStyle::Guilloche,
                _ => {
                    section.fault("frame", "must be double or guilloche");
                    FrameStyle::Double
                }
            },
            area: area(section.measures("at")),
            breadth: section.measure("breadth").unwrap_or(2.0),
            colour: colour(&section, "colour", names),
        },
        "ground" => FaceItem::Ground {
            pattern: match section.text("ground") {
                "waves" => GroundPattern::Waves,
                "rosette" => GroundPattern::Rosette,
                _ => {
                    section.fault("ground", "must be waves or rosette");
                    GroundPattern::Waves
                }
            },
            area: area(section.measures("at")),
            colour: colour(&section, "colour", names),
        },
        "line" => {
            let [x1, y1, x2, y2] = section.measures("line");
            let width = section.measure("width").unwrap_or(0.2);
            FaceItem::Line { from: (x1, y1), to: (x2, y2), width, colour: colour(&section, "colour", names) }
        }
        "label" => {
            let (style, fit) = item_style(&section, names);
            FaceItem::Label {
                area: area(section.measures("at")),
                text: section.text("label").to_owned(),
                style,
                fit,
            }
        }
        "value" => {
            let (style, fit) = item_style(&section, names);
            let source = source(&section, section.text("value"));
            FaceItem::Value { area: area(section.measures("at")), source, style, fit }
        }
        "seal" => {
            let [x, y] = section.measures("seal");
            FaceItem::Seal { x, y, party: section.text_if_any("party").map(str::to_owned) }
        }
        _ => {
            let [x, y, side] = section.measures("code");
            FaceItem::Code { area: Area { x, y, width: side, height: side } }
        }
    };
    section.finish();
    Some(item)
}

fn area([x, y, width, height]: [f32; 4]) -> Area {
    Area { x, y, width, height }
}

/// The style an item names, with what it says otherwise itself.
fn item_style(section: &Section<'_>, names: &Names) -> (TextStyle, Fit) {
    let named = section.text("style");
    let base = names.styles.get(named).copied().unwrap_or_else(|| {
        if !named.is_empty() {
            section.fault("style", format!("there is no [styles.{named}]"));
        }
        DEFAULT_STYLE
    });
    style(section, base, names)
}

fn style(section: &Section<'_>, (mut style, base_fit): (TextStyle, Fit), names: &Names) -> (TextStyle, Fit) {
    match section.text_if_any("font") {
        None => {}
        Some("song") => style.font = FontRole::Song,
        Some("song-bold") => style.font = FontRole::SongBold,
        Some(_) => section.fault("font", "must be song or song-bold"),
    }
    match section.text_if_any("align") {
        None => {}
        Some("left") => style.align = Align::Left,
        Some("centre") => style.align = Align::Centre,
        Some("right") => style.align = Align::Right,
        Some("spread") => style.align = Align::Spread,
        Some(_) => section.fault("align", "must be left, centre, right or spread"),
    }
    if section.has("colour") {
        style.colour = colour(section, "colour", names);
    }
    let size = section.measure("size");
    style.size = size.unwrap_or(style.size);
    style.spacing = section.measure("spacing").unwrap_or(style.spacing);
    let (base_min, base_height) = match base_fit {
        Fit::Shrink { min_size } => (min_size, 1.4),
        Fit::Wrap { min_size, line_height } | Fit::Lines { min_size, line_height } => (min_size, line_height),
    };
    // Where an item only changes the size, the least size it inherits never stands above it.
    let inherited = if size.is_some() { base_min.min(style.size) } else { base_min };
    let min_size = section.measure("min_size").unwrap_or(inherited);
    let line_height = section.measure("line_height");
    let base = match base_fit {
        Fit::Shrink { .. } => "shrink",
        Fit::Wrap { .. } => "wrap",
        Fit::Lines { .. } => "lines",
    };
    let line_height = line_height.unwrap_or(base_height);
    let fit = match section.text_if_any("fit").unwrap_or(base) {
        "wrap" => Fit::Wrap { min_size, line_height },
        "lines" => Fit::Lines { min_size, line_height },
        "shrink" => Fit::Shrink { min_size },
        _ => {
            section.fault("fit", "must be shrink, wrap or lines");
            Fit::Shrink { min_size }
        }
    };
    (style, fit)
}

fn colour(section: &Section<'_>, key: &'static str, names: &Names) -> Rgb {
    let text = section.text(key);
    names.colours.get(text).copied().or_else(|| parse_colour(text)).unwrap_or_else(|| {
        if !text.is_empty() {
            section.fault(key, format!("{text:?} is neither in [colours] nor like \"#1A2B3C\""));
        }
        Rgb::BLACK
    })
}

fn parse_colour(text: &str) -> Option<Rgb> {
    let digits =
        text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some(Rgb(part(0)?, part(2)?, part(4)?))
}

/// Reads `编号 {@number}`: fixed text with values in braces, a field's name or one of the built-in ones after @.
fn source(section: &Section<'_>, template: &str) -> ValueSource {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            parts.push(ValuePart::Text(before.to_owned()));
        }
        let Some((name, after)) = after.split_once('}') else {
            section.fault("value", "has a { without its }");
            rest = "";
            break;
        };
        parts.push(ValuePart::Value(match name {
            "@number" => ValueSource::Number,
            "@identifier" => ValueSource::Identifier,
            "@issuer" => ValueSource::IssuerName,
            "@issued_on" => ValueSource::IssuedOn,
            "@validity" => ValueSource::ValidityPeriod,
            "@valid_until" => ValueSource::ValidUntil,
            "@check_code" => ValueSource::CheckCode,
            unknown if unknown.starts_with('@') => {
                section.fault("value", format!("{{{unknown}}} is not a built-in value"));
                ValueSource::Number
            }
            field => ValueSource::Field(field.to_owned()),
        }));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(ValuePart::Text(rest.to_owned()));
    }
    if !parts.iter().any(|part| matches!(part, ValuePart::Value(_))) && !template.is_empty() {
        section.fault("value", "has no value in braces; fixed text is a label");
    }
    match <[ValuePart; 1]>::try_from(parts) {
        Ok([ValuePart::Value(value)]) => value,
        Ok(text) => ValueSource::Joined(text.into()),
        Err(parts) => ValueSource::Joined(parts),
    }
}
