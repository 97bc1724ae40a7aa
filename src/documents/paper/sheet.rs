//! A4 pages filled from the top: a head, a band with the verdict, rows of names and values, headings; the foot is written when
//! the number of pages is known.

use super::{GREY, INK, RULE, Words, line, lines, width};
use crate::documents::fonts::Fonts;
use crate::domain::license::face::{Align, Area, Face, FaceItem, FacePage, FontRole};
use crate::domain::picture::Rgb;

const WIDTH: f32 = 210.0;
const HEIGHT: f32 = 297.0;
/// Left margin.
pub(super) const LEFT: f32 = 22.0;
/// Between the margins.
pub(super) const INNER: f32 = WIDTH - 2.0 * LEFT;
/// Nothing but the foot stands lower.
const LAST: f32 = 272.0;
/// Breadth of what a row is called.
pub(super) const NAME: f32 = 36.0;
/// Height of a line of a row.
const LINE: f32 = 5.4;
/// Most lines of a row; what is longer is set smaller.
const MOST_LINES: f32 = 40.0;

/// Colours of a verdict: its word and its ground.
#[derive(Clone, Copy)]
pub(super) struct Tone {
    pub ink: Rgb,
    pub ground: Rgb,
}

/// What was found is good.
pub(super) const GOOD: Tone = Tone { ink: Rgb(0x17, 0x6B, 0x43), ground: Rgb(0xE9, 0xF4, 0xEE) };
/// It cannot be told.
pub(super) const UNCLEAR: Tone = Tone { ink: Rgb(0x8A, 0x5A, 0x00), ground: Rgb(0xFB, 0xF3, 0xE2) };
/// It is bad.
pub(super) const BAD: Tone = Tone { ink: Rgb(0xA6, 0x1B, 0x1B), ground: Rgb(0xFB, 0xEA, 0xEA) };

/// Font, size, alignment, colour.
pub(super) type Look = (FontRole, f32, Align, Rgb);

/// Pages that are being filled.
pub(super) struct Sheet<'a> {
    pages: Vec<FacePage>,
    pub items: Vec<FaceItem>,
    pub y: f32,
    pub tone: Tone,
    fonts: &'a Fonts,
}

impl<'a> Sheet<'a> {
    /// Begins the first page.
    pub fn begin(title: &str, subtitle: &str, tone: Tone, fonts: &'a Fonts) -> Self {
        let mut sheet = Self { pages: Vec::new(), items: Vec::new(), y: 43.0, tone, fonts };
        sheet.rule(17.0, 0.9, tone.ink);
        sheet.words(LEFT, 22.0, (INNER, 10.0), title, (FontRole::SongBold, 22.0, Align::Centre, INK));
        sheet.words(LEFT, 33.0, (INNER, 5.0), subtitle, (FontRole::Song, 9.5, Align::Centre, GREY));
        sheet
    }

    pub fn words(&mut self, x: f32, top: f32, (width, height): (f32, f32), text: &str, look: Look) {
        let (font, size, align, colour) = look;
        let area = Area { x, y: top, width, height };
        let words = Words { area, text, font, size, align, colour };
        let one = height < 2.3 * size * 25.4 / 72.0;
        self.items.push(if one { line(&words, self.fonts) } else { lines(&words, self.fonts) });
    }

    pub fn rule(&mut self, y: f32, width: f32, colour: Rgb) {
        self.items.push(FaceItem::Line { from: (LEFT, y), to: (LEFT + INNER, y), width, colour });
    }

    /// The verdict in large letters, and a line below it.
    pub fn band(&mut self, word: &str, text: &str) {
        let (top, tone) = (self.y, self.tone);
        let area = Area { x: LEFT, y: top, width: INNER, height: 20.0 };
        self.items.push(FaceItem::Fill { area, colour: tone.ground });
        self.items.push(FaceItem::Fill { area: Area { width: 1.6, ..area }, colour: tone.ink });
        let (x, room) = (LEFT + 7.0, INNER - 14.0);
        self.words(x, top + 3.0, (room, 7.0), word, (FontRole::SongBold, 15.0, Align::Left, tone.ink));
        self.words(x, top + 11.5, (room, 6.0), text, (FontRole::Song, 9.0, Align::Left, INK));
        self.y = top + 24.0;
    }

    /// Begins a page where `height` has no room on this one.
    pub fn room(&mut self, height: f32) {
        if self.y + height > LAST {
            let items = std::mem::take(&mut self.items);
            self.pages.push(FacePage { width: WIDTH, height: HEIGHT, items });
            self.rule(17.0, 0.5, self.tone.ink);
            self.y = 21.0;
        }
    }

    pub fn row(&mut self, name: &str, value: &str) {
        let room = INNER - NAME - 2.0;
        // An em of 10.5 points is 3.7 mm.
        let per_line = (room / 3.75).floor();
        let part = |part: &str| (part.chars().map(width).sum::<f32>() / per_line).ceil().max(1.0);
        let count: f32 = value.split('\n').map(part).sum();
        let height = count.min(MOST_LINES) * LINE + 2.6;
        self.room(height);
        let top = self.y;
        let first = (NAME - 2.0, LINE + 2.6);
        self.words(LEFT, top, first, name, (FontRole::Song, 10.0, Align::Left, GREY));
        let inset = if count < 2.0 { 0.0 } else { 1.3 };
        let look = (FontRole::Song, 10.5, Align::Left, INK);
        self.words(LEFT + NAME, top + inset, (room, height - inset), value, look);
        self.y = top + height;
        self.rule(self.y, 0.1, RULE);
    }

    /// A row whose value stands on one line, made smaller where it must be: what has no place to break.
    pub fn single(&mut self, name: &str, value: &str) {
        let height = LINE + 2.6;
        self.room(height);
        let (top, room) = (self.y, INNER - NAME - 2.0);
        let look = (FontRole::Song, 10.0, Align::Left, GREY);
        self.words(LEFT, top, (NAME - 2.0, height), name, look);
        self.words(LEFT + NAME, top, (room, height), value, (FontRole::Song, 10.5, Align::Left, INK));
        self.y = top + height;
        self.rule(self.y, 0.1, RULE);
    }

    /// A heading, with something at its right, that stays with its first rows.
    pub fn heading(&mut self, title: &str, right: &str) {
        self.room(36.0);
        let top = self.y + 6.0;
        let look = (FontRole::SongBold, 13.0, Align::Left, INK);
        self.words(LEFT, top, (INNER * 0.7, 7.0), title, look);
        if !right.is_empty() {
            let look = (FontRole::SongBold, 10.0, Align::Right, self.tone.ink);
            self.words(LEFT + INNER * 0.7, top, (INNER * 0.3, 7.0), right, look);
        }
        self.y = top + 8.0;
        self.rule(self.y, 0.35, INK);
    }

    /// Writes the feet: how to verify, and the number of the paper with that of the page.
    pub fn finish(mut self, how: &str, number: &str) -> Face {
        let items = std::mem::take(&mut self.items);
        let mut pages = std::mem::take(&mut self.pages);
        pages.push(FacePage { width: WIDTH, height: HEIGHT, items });
        let count = pages.len();
        for (n, page) in pages.iter_mut().enumerate() {
            self.items = std::mem::take(&mut page.items);
            self.rule(279.0, 0.1, RULE);
            let look = |align| (FontRole::Song, 8.5, align, GREY);
            self.words(LEFT, 281.0, (INNER * 0.62, 5.0), how, look(Align::Left));
            let number = format!("{number} · {} / {count}", n + 1);
            self.words(LEFT + INNER * 0.62, 281.0, (INNER * 0.38, 5.0), &number, look(Align::Right));
            page.items = std::mem::take(&mut self.items);
        }
        Face { pages, straddle: false }
    }
}
