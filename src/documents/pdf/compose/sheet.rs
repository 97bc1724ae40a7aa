//! The sheet with a code on paper (纸质亮证单): A4, one code, little text, so that nobody takes the text for the license.
//!
//! The code is as large as fixed scanners like it, and each of its modules is a whole number of a printer's dots: at 300
//! dots an inch an image pixel is a dot.

use super::deflate::{Deflate, FAST};
use super::file::{Objects, text_string};
use super::fonts::{FontCuts, OBJECTS_PER_CUT};
use super::paint::Painter;
use crate::documents::face::{FaceFault, POINTS_PER_MM, PlacedCode, compose_fixed};
use crate::documents::fonts::Fonts;
use crate::domain::license::face::{Align, Area, Face, FaceItem, FacePage, Fit, FontRole, TextStyle};
use crate::domain::picture::Rgb;
use crate::formats::code::Qr;
use pdf_writer::{Filter, Finish as _, Name, Rect, Ref, TextStr};

const WIDTH: f32 = 210.0;
const HEIGHT: f32 = 297.0;
/// A printer's dot at 300 an inch, in millimetres.
const DOT: f32 = 25.4 / 300.0;
/// The code without its quiet zone is about this wide.
const SIDE: f32 = 46.0;
/// Dots of a module: six are 0.508 mm.
const LEAST_DOTS: usize = 6;
const MOST_DOTS: usize = 9;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const RESOURCES: Ref = Ref::new(5);
const INFO: Ref = Ref::new(6);
const CODE: Ref = Ref::new(7);
const FIRST_FONT: Ref = Ref::new(8);

const INK: Rgb = Rgb(0x1A, 0x1A, 0x1A);
const SOFT: Rgb = Rgb(0x55, 0x5B, 0x63);
const LINE: Rgb = Rgb(0xC4, 0xC9, 0xD0);

/// What is printed.
#[derive(Clone, Copy, Debug)]
pub struct SheetContent<'a> {
    /// What the sheet is called.
    pub title: &'a str,
    /// What the license's kind is called.
    pub heading: &'a str,
    /// Lines of a label and a value.
    pub lines: &'a [(&'a str, String)],
    /// Below the code, a line each.
    pub notes: &'a [&'a str],
    /// At the foot.
    pub foot: &'a str,
    /// The code.
    pub code: &'a Qr,
    /// Unique to this file.
    pub document_id: [u8; 16],
}

/// Composes the sheet.
///
/// # Errors
/// What cannot be printed: no font has a character, or a line is too long.
pub fn compose(content: &SheetContent<'_>, fonts: &Fonts) -> Result<Vec<u8>, Vec<FaceFault>> {
    let dots = ((SIDE / DOT) as usize / content.code.side()).clamp(LEAST_DOTS, MOST_DOTS);
    let whole = (content.code.side_with_quiet_zone() * dots) as f32 * DOT;
    // On the dots of the page, so that no module begins between two.
    let on_dots = |mm: f32| (mm / DOT).round() * DOT;
    let area = Area { x: on_dots((WIDTH - whole) / 2.0), y: on_dots(118.0), width: whole, height: whole };
    let page = FacePage { width: WIDTH, height: HEIGHT, items: items(content, area.y + whole) };
    let (marks, faults) = compose_fixed(&Face { pages: vec![page], straddle: false }, fonts);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut deflate = Deflate::new(FAST);
    let mut objects = Objects::start();
    let mut cuts = FontCuts::default();
    let mut painter = Painter::new(HEIGHT);
    for marks in &marks {
        painter.marks(marks, &mut cuts, b'F');
    }
    painter.code(&PlacedCode { area, code: content.code.clone() });
    let (packed, (side, rows)) = (deflate.run(&painter.out), content.code.bitmap(dots));
    let pixels = deflate.run(&rows);

    objects.object(CATALOG, |chunk| {
        let mut catalog = chunk.indirect(CATALOG).dict();
        catalog.pair(Name(b"Type"), Name(b"Catalog")).pair(Name(b"Pages"), PAGES);
        catalog.pair(Name(b"Lang"), TextStr("zh-CN"));
        catalog
            .insert(Name(b"ViewerPreferences"))
            .dict()
            .pair(Name(b"DisplayDocTitle"), true)
            // Scaled to fit, the modules would fall between the dots.
            .pair(Name(b"PrintScaling"), Name(b"None"));
    });
    objects.object(PAGES, |chunk| {
        chunk.pages(PAGES).kids([PAGE]).count(1);
    });
    objects.object(PAGE, |chunk| {
        let mut page = chunk.page(PAGE);
        page.parent(PAGES).pair(Name(b"Resources"), RESOURCES);
        page.media_box(Rect::new(0.0, 0.0, WIDTH * POINTS_PER_MM, HEIGHT * POINTS_PER_MM));
        page.contents(CONTENT);
    });
    objects.object(CONTENT, |chunk| {
        chunk.stream(CONTENT, &packed).filter(Filter::FlateDecode);
    });
    objects.object(RESOURCES, |chunk| {
        let mut resources = chunk.indirect(RESOURCES).start::<pdf_writer::writers::Resources<'_>>();
        let mut names = resources.fonts();
        for n in 0..cuts.len() as i32 {
            let id = Ref::new(FIRST_FONT.get() + n * OBJECTS_PER_CUT);
            names.pair(Name(format!("F{n}").as_bytes()), id);
        }
        names.finish();
        resources.x_objects().pair(Name(b"Code"), CODE);
    });
    objects.begin(INFO);
    objects.bytes.extend_from_slice(format!("{} 0 obj\n<</Title", INFO.get()).as_bytes());
    text_string(&mut objects.bytes, content.title);
    objects.bytes.extend_from_slice(b">>\nendobj\n\n");
    objects.object(CODE, |chunk| {
        let mut image = chunk.image_xobject(CODE, &pixels);
        image.filter(Filter::FlateDecode);
        image.width(side as i32).height(side as i32).bits_per_component(1);
        image.color_space().device_gray();
        image.finish();
    });
    cuts.write(&mut objects, FIRST_FONT, fonts, &mut deflate).map_err(|fault| vec![fault])?;
    Ok(objects.finish(CATALOG, INFO, &content.document_id))
}

fn items(content: &SheetContent<'_>, below: f32) -> Vec<FaceItem> {
    let text = |at: [f32; 4], text: &str, style: TextStyle, least: f32| {
        let [x, y, width, height] = at;
        let fit = Fit::Shrink { min_size: least };
        FaceItem::Label { area: Area { x, y, width, height }, text: text.to_owned(), style, fit }
    };
    let style = |font, size, align, colour| TextStyle { font, size, align, colour, spacing: 0.0 };
    let rule = |y: f32| FaceItem::Line { from: (30.0, y), to: (180.0, y), width: 0.25, colour: LINE };
    let title = TextStyle { spacing: 3.0, ..style(FontRole::Song, 13.0, Align::Centre, SOFT) };
    let heading = style(FontRole::SongBold, 24.0, Align::Centre, INK);
    let mut items = vec![
        text([30.0, 22.0, 150.0, 8.0], content.title, title, 9.0),
        text([30.0, 33.0, 150.0, 13.0], content.heading, heading, 12.0),
        rule(52.0),
    ];
    let (label, value) =
        (style(FontRole::Song, 11.0, Align::Left, SOFT), style(FontRole::Song, 12.5, Align::Left, INK));
    for (n, (name, said)) in content.lines.iter().enumerate() {
        let y = 55.0 + n as f32 * 9.5;
        items.push(text([34.0, y, 34.0, 8.0], name, label, 8.0));
        items.push(text([68.0, y, 110.0, 8.0], said, value, 6.0));
    }
    items.push(rule(57.0 + content.lines.len() as f32 * 9.5));
    let note = style(FontRole::Song, 11.0, Align::Centre, INK);
    for (n, said) in content.notes.iter().enumerate() {
        items.push(text([25.0, below + 6.0 + n as f32 * 7.5, 160.0, 7.0], said, note, 7.0));
    }
    items.push(text(
        [25.0, 276.0, 160.0, 6.0],
        content.foot,
        style(FontRole::Song, 8.5, Align::Centre, SOFT),
        6.0,
    ));
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content<'a>(code: &'a Qr, lines: &'a [(&'a str, String)]) -> SheetContent<'a> {
        SheetContent {
            title: "纸质亮证单",
            heading: "食品经营许可证",
            lines,
            notes: &["请扫码核验，并与身份证件核对本人"],
            foot: "编号 0123",
            code,
            document_id: [7; 16],
        }
    }

    #[test]
    fn a_character_that_no_font_has_is_a_fault() {
        let fonts = Fonts::embedded();
        let code = Qr::encode(&[b'7'; 1_212]).expect("fits");
        assert_eq!(code.side(), 85, "version 17");
        let lines = |text: &str| vec![("用途", text.to_owned())];
        let good = lines("租房");
        let sheet = compose(&content(&code, &good), &fonts).expect("a sheet");
        assert!(sheet.starts_with(b"%PDF-1.7"));
        let bad = lines("租房😀");
        let faults = compose(&content(&code, &bad), &fonts).expect_err("no such glyph");
        assert!(matches!(&faults[..], [FaceFault::MissingGlyph { character: '😀', .. }]), "{faults:?}");
    }

    #[test]
    fn modules_are_whole_dots_and_half_a_millimetre_at_least() {
        for side in [57, 61, 65, 69, 73, 77, 81, 85] {
            let dots = ((SIDE / DOT) as usize / side).clamp(LEAST_DOTS, MOST_DOTS);
            assert!(dots as f32 * DOT >= 0.5, "{side}");
            let whole = (side * dots) as f32 * DOT;
            assert!((38.0..=46.5).contains(&whole), "{side}: {whole} mm");
        }
    }
}
