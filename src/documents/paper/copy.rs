//! The pages of an annotated copy: the license's face under a watermark, and below it a strip that says for what and how
//! long it may be used, and what is masked on it. The issuer's seal is not shown: it seals the license, not its copies.

use super::wire::Copy;
use super::{GREY, INK, RULE, Words, cut, line, lines, moment};
use crate::documents::fonts::Fonts;
use crate::domain::license::LicenseKind;
use crate::domain::license::face::{Align, Area, Face, FaceItem, FontRole};
use crate::domain::picture::Rgb;
use crate::domain::time::parse_time;

/// When it was made: an element of GB/T 36903 for annotated copies, as are the next three.
pub const CREATED: &str = "certificateCopyCreationTime";
/// Who made it.
pub const CREATOR: &str = "certificateCopyCreator";
/// What for.
pub const CAUSE: &str = "certificateCopyCause";
/// When it ends.
pub const EXPIRES: &str = "certificateCopyExpiringTime";

/// Height of the strip.
const STRIP: f32 = 54.0;
/// What the row about masked fields adds to it: room for two lines.
const MASKED: f32 = 11.0;
/// From the strip's right edge to the middle of the seal.
const SEAL: f32 = 32.0;
const MARGIN: f32 = 14.0;
/// Size of the row about masked fields.
const MASKED_SIZE: f32 = 9.5;
const PALE: Rgb = Rgb(0xF4, 0xF6, 0xF8);
const BLUE: Rgb = Rgb(0x1D, 0x4E, 0x79);
/// Seen on screens and on copies of prints, and no hindrance to reading.
const WATERMARK: Rgb = Rgb(0xC2, 0xCF, 0xDC);

/// The face of a copy.
pub(super) fn face(copy: &Copy, kind: &LicenseKind, fonts: &Fonts) -> Face {
    let mut face = kind.face.clone();
    face.straddle = false;
    let until = parse_time(&copy.expires_at).map_or_else(|| copy.expires_at.clone(), moment);
    let day = until.split(' ').next().unwrap_or_default();
    let whom = if copy.recipient.is_empty() { String::new() } else { format!("　{}", copy.recipient) };
    let mark = format!("仅用于{}{whom}　{day}前有效", copy.purpose);
    for page in &mut face.pages {
        let seals = page.items.extract_if(.., |item| matches!(item, FaceItem::Seal { .. }));
        let places: Vec<(f32, f32)> = seals
            .filter_map(|item| match item {
                FaceItem::Seal { x, y, .. } => Some((x, y)),
                _ => None,
            })
            .collect();
        for (x, y) in places {
            let area = Area { x: x - 18.0, y: y - 3.0, width: 36.0, height: 6.0 };
            let words = Words {
                area,
                text: "（印章见证照原件）",
                font: FontRole::Song,
                size: 8.5,
                align: Align::Centre,
                colour: GREY,
            };
            page.items.push(line(&words, fonts));
        }
        let area = Area { x: 0.0, y: 0.0, width: page.width, height: page.height };
        page.items.push(FaceItem::Watermark { area, text: mark.clone(), size: 15.0, colour: WATERMARK });
    }
    if let Some(last) = face.pages.last_mut() {
        let masked = masked(copy, kind);
        let strip = strip(copy, masked.as_deref(), (last.width, last.height), &until, fonts);
        last.items.extend(strip);
        last.height += height(masked.as_deref());
    }
    face
}

/// Which fields are masked, in words. How many comes first: a list that is too long for its place is cut.
fn masked(copy: &Copy, kind: &LicenseKind) -> Option<String> {
    let titles =
        copy.masked.iter().map(|name| kind.field(name).map_or(name.as_str(), |field| &field.title.zh));
    let titles = titles.collect::<Vec<_>>().join("、");
    (!titles.is_empty()).then(|| format!("敏感信息 {} 项：{titles}", copy.masked.len()))
}

/// Height of the strip.
fn height(masked: Option<&str>) -> f32 {
    STRIP + masked.map_or(0.0, |_| MASKED)
}

fn strip(
    copy: &Copy,
    masked: Option<&str>,
    (page, top): (f32, f32),
    until: &str,
    fonts: &Fonts,
) -> Vec<FaceItem> {
    let height = height(masked);
    let made = parse_time(&copy.made_at).map_or_else(|| copy.made_at.clone(), moment);
    let mut items = vec![
        FaceItem::Fill { area: Area { x: 0.0, y: top, width: page, height }, colour: PALE },
        FaceItem::Fill { area: Area { x: 0.0, y: top, width: page, height: 1.0 }, colour: BLUE },
    ];
    let room = page - MARGIN - 2.0 * SEAL + 4.0;
    let text = |area, text: &str, font, size, colour| {
        let words = Words { area, text, font, size, align: Align::Left, colour };
        if area.height > 8.0 { lines(&words, fonts) } else { line(&words, fonts) }
    };
    let head = Area { x: MARGIN, y: top + 4.0, width: room, height: 7.0 };
    items.push(text(head, "电子证照加注件", FontRole::SongBold, 14.0, BLUE));
    let rows = [
        ("使用事由", copy.purpose.as_str()),
        ("使用单位", if copy.recipient.is_empty() { "未限定" } else { &copy.recipient }),
        ("有效期截止", until),
        ("制作者", &copy.issuer.name),
        ("制作时间", &made),
    ];
    for (n, (name, value)) in rows.into_iter().enumerate() {
        let y = top + 12.5 + n as f32 * 6.2;
        let area = |x: f32, width: f32| Area { x, y, width, height: 6.0 };
        items.push(text(area(MARGIN, 24.0), name, FontRole::Song, 9.5, GREY));
        items.push(text(area(MARGIN + 25.0, room - 25.0), value, FontRole::Song, 10.0, INK));
        let below = y + 6.1;
        items.push(FaceItem::Line {
            from: (MARGIN, below),
            to: (MARGIN + room, below),
            width: 0.1,
            colour: RULE,
        });
    }
    if let Some(masked) = masked {
        let y = top + 12.5 + 5.0 * 6.2;
        let width = room - 25.0;
        items.push(text(
            Area { x: MARGIN, y, width: 24.0, height: 6.0 },
            "已遮盖",
            FontRole::Song,
            9.5,
            GREY,
        ));
        let masked = cut(masked, 2.0 * width / em(MASKED_SIZE) - 2.0);
        let area = Area { x: MARGIN + 25.0, y: y + 0.9, width, height: MASKED - 1.0 };
        items.push(text(area, &masked, FontRole::Song, MASKED_SIZE, INK));
        let below = y + MASKED;
        items.push(FaceItem::Line {
            from: (MARGIN, below),
            to: (MARGIN + room, below),
            width: 0.1,
            colour: RULE,
        });
    }
    let note = format!("本件不是证照原件，到期失效，仅限上述用途。编号 {}", copy.id);
    let area = Area { x: MARGIN, y: top + height - 9.0, width: room, height: 6.0 };
    items.push(text(area, &note, FontRole::Song, 8.5, GREY));
    items.push(FaceItem::Seal { x: page - SEAL, y: top + height / 2.0, party: None });
    items
}

/// The width of a wide character of that size, in millimetres.
fn em(size: f32) -> f32 {
    size * 25.4 / 72.0
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::adapters::kinds;
    use crate::documents::face::compose_fixed;

    #[test]
    fn every_kinds_copy_can_be_composed_and_has_the_copys_seal_alone() {
        let fonts = Fonts::embedded();
        for kind in kinds::load(None).expect("the embedded kinds").iter() {
            // Also where every field is masked, which is more than the strip has room for.
            let masked = kind.fields.iter().map(|field| field.name.clone()).collect();
            for copy in [samples::copy(), Copy { masked, ..samples::copy() }] {
                let face = face(&copy, kind, &fonts);
                let (_, faults) = compose_fixed(&face, &fonts);
                assert!(faults.is_empty(), "{}: {faults:?}", kind.name);
                let places = face.seal_places().expect("a place");
                let last = face.pages.last().expect("a page");
                assert_eq!(places.len(), 1, "{}", kind.name);
                assert!(places[0].y > last.height - STRIP - MASKED, "{}", kind.name);
            }
        }
    }

    #[test]
    fn the_strip_says_which_fields_are_masked_and_without_any_says_nothing_of_it() {
        let fonts = Fonts::embedded();
        let kinds = kinds::load(None).expect("the embedded kinds");
        let kind = kinds.get("vocational-qualification").expect("a kind");
        let printed = |masked: &[&str]| {
            let masked = masked.iter().map(|name| (*name).to_owned()).collect();
            let face = face(&Copy { masked, ..samples::copy() }, kind, &fonts);
            let items = face.pages.into_iter().flat_map(|page| page.items);
            let labels = items.filter_map(|item| match item {
                FaceItem::Label { text, .. } => Some(text),
                _ => None,
            });
            labels.collect::<Vec<_>>()
        };
        let said = "敏感信息 2 项：理论知识成绩、评定成绩".to_owned();
        assert!(printed(&["theory_score", "assessment"]).contains(&said));
        assert!(!printed(&[]).iter().any(|text| text.contains("遮盖") || text.contains("敏感")));
    }
}
