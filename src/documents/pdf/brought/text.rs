//! The characters of a page with their places, in the order in which the page paints them (ISO 32000-2 §9.4). As much of
//! the imaging model as finding words takes; everything is bounded.

use super::font::Font;
use super::geometry::inherited;
use crate::documents::brought::PlacedCharacter;
use crate::documents::pdf::examine::dictionary::{dict, follow};
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::HashMap;

/// Most bytes of content of a page, or of a form on it.
const MAX_CONTENT: usize = 8 << 20;
/// Most bytes of content of all pages and their forms, each as often as it is drawn.
const MAX_DRAWN: usize = 128 << 20;
/// Most operations of all pages, forms included.
const MAX_OPERATIONS: usize = 5_000_000;
/// Most fonts.
const MAX_FONTS: usize = 1_000;
/// Most characters of a page.
const MAX_CHARACTERS: usize = 200_000;
/// Deepest nesting of forms.
const MAX_FORMS: usize = 8;
/// Most saved states.
const MAX_SAVED: usize = 256;
/// The middle of a character above its baseline, in ems.
const MIDDLE: f32 = 0.35;

/// A matrix `a b c d e f`: x' = ax + cy + e, y' = bx + dy + f.
#[derive(Clone, Copy)]
struct Matrix([f32; 6]);

impl Matrix {
    const ONE: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// First this, then `then`.
    fn then(self, then: Self) -> Self {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, then.0);
        Self([
            a * g + b * i,
            a * h + b * j,
            c * g + d * i,
            c * h + d * j,
            e * g + f * i + k,
            e * h + f * j + l,
        ])
    }

    fn at(self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    fn of(numbers: &[Object]) -> Option<Self> {
        let numbers: Vec<f32> =
            numbers.iter().take(7).map(Object::as_float).collect::<Result<_, _>>().ok()?;
        numbers.try_into().ok().map(Self)
    }
}

#[derive(Clone, Copy)]
struct State {
    matrix: Matrix,
    font: Option<usize>,
    size: f32,
    character_space: f32,
    word_space: f32,
    scale: f32,
    leading: f32,
    rise: f32,
}

/// Reads the text of one page after another, within bounds for all of them together.
pub(super) struct TextReader<'a> {
    document: &'a Document,
    fonts: Vec<Font<'a>>,
    known: HashMap<*const Dictionary, usize>,
    /// Operations, and bytes of content, that may still be read.
    operations: usize,
    left: usize,
    exhausted: bool,
    found: Vec<PlacedCharacter>,
}

impl<'a> TextReader<'a> {
    /// Nothing is read yet.
    pub fn new(document: &'a Document) -> Self {
        Self {
            document,
            fonts: Vec::new(),
            known: HashMap::new(),
            operations: MAX_OPERATIONS,
            left: MAX_DRAWN,
            exhausted: false,
            found: Vec::new(),
        }
    }

    /// Whether there was more than is read.
    pub const fn exhausted(&self) -> bool {
        self.exhausted
    }

    /// The characters of a page; their middles are in the page's own units.
    pub fn page(&mut self, page: ObjectId) -> Vec<PlacedCharacter> {
        let document = self.document;
        let resources = inherited(document, page, b"Resources")
            .and_then(|object| follow(document, object))
            .and_then(|(_, object)| object.as_dict().ok());
        let content = document.get_page_content_with_limit(page, MAX_CONTENT);
        let Some(content) = self.spend(content.ok()) else { return Vec::new() };
        let state = State {
            matrix: Matrix::ONE,
            font: None,
            size: 0.0,
            character_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        self.content(&content, resources, state, 0);
        std::mem::take(&mut self.found)
    }

    /// Content that was inflated, if it may still be read. What inflates to too much has cost as much as the largest.
    fn spend(&mut self, content: Option<Vec<u8>>) -> Option<Vec<u8>> {
        match self.left.checked_sub(content.as_ref().map_or(MAX_CONTENT, Vec::len)) {
            Some(left) => self.left = left,
            None => (self.left, self.exhausted) = (0, true),
        }
        self.exhausted |= content.is_none();
        content.filter(|_| !self.exhausted)
    }

    fn content(&mut self, content: &[u8], resources: Option<&'a Dictionary>, start: State, depth: usize) {
        let mut state = start;
        let mut saved = Vec::new();
        let (mut line, mut text) = (Matrix::ONE, Matrix::ONE);
        for operation in Content::decode_iter(content) {
            let Ok(operation) = operation else { return };
            if self.operations == 0 || self.found.len() > MAX_CHARACTERS {
                self.exhausted = true;
            }
            if self.exhausted {
                return;
            }
            self.operations -= 1;
            let Operation { operator, operands } = &operation;
            let number = |n: usize| operands.get(n).and_then(|o| o.as_float().ok()).unwrap_or(0.0);
            let mut next_line = |line: &mut Matrix, x: f32, y: f32| {
                *line = Matrix([1.0, 0.0, 0.0, 1.0, x, y]).then(*line);
                text = *line;
            };
            match operator.as_str() {
                "q" if saved.len() < MAX_SAVED => saved.push(state),
                "Q" => state = saved.pop().unwrap_or(start),
                "cm" => {
                    if let Some(matrix) = Matrix::of(operands) {
                        state.matrix = matrix.then(state.matrix);
                    }
                }
                "BT" => (line, text) = (Matrix::ONE, Matrix::ONE),
                "Tm" => {
                    if let Some(matrix) = Matrix::of(operands) {
                        (line, text) = (matrix, matrix);
                    }
                }
                "Td" => next_line(&mut line, number(0), number(1)),
                "TD" => {
                    state.leading = -number(1);
                    next_line(&mut line, number(0), number(1));
                }
                "T*" => next_line(&mut line, 0.0, -state.leading),
                "Tf" => {
                    state.size = number(1);
                    let named = operands.first().and_then(|name| name.as_name().ok());
                    state.font = named.and_then(|name| self.font(resources, name));
                }
                "TL" => state.leading = number(0),
                "Tc" => state.character_space = number(0),
                "Tw" => state.word_space = number(0),
                "Tz" => state.scale = number(0) / 100.0,
                "Ts" => state.rise = number(0),
                "Tj" => text = self.show(operands, &state, text),
                "'" => {
                    next_line(&mut line, 0.0, -state.leading);
                    text = self.show(operands, &state, text);
                }
                "\"" => {
                    (state.word_space, state.character_space) = (number(0), number(1));
                    next_line(&mut line, 0.0, -state.leading);
                    text = self.show(operands.get(2..).unwrap_or_default(), &state, text);
                }
                "TJ" => {
                    let items = operands.first().and_then(|items| items.as_array().ok());
                    text = self.show(items.map(Vec::as_slice).unwrap_or_default(), &state, text);
                }
                "Do" => {
                    if let Some(name) = operands.first().and_then(|name| name.as_name().ok()) {
                        self.form(resources, name, state, depth);
                    }
                }
                _ => {}
            }
        }
    }

    /// Strings, and numbers between them that move back. Returns the text matrix behind them.
    fn show(&mut self, items: &[Object], state: &State, mut text: Matrix) -> Matrix {
        let Some(font) = state.font.and_then(|place| self.fonts.get(place)) else { return text };
        for item in items {
            if let Ok(back) = item.as_float() {
                let x = -back / 1000.0 * state.size * state.scale;
                text = Matrix([1.0, 0.0, 0.0, 1.0, x, 0.0]).then(text);
                continue;
            }
            let Ok(string) = item.as_str() else { continue };
            for (shown, width, is_space) in font.codes(string) {
                let advance = width * state.size;
                let on_page = text.then(state.matrix);
                let middle = on_page.at(advance * state.scale / 2.0, state.rise + MIDDLE * state.size);
                if middle.0.is_finite() && middle.1.is_finite() && self.found.len() <= MAX_CHARACTERS {
                    let characters = shown.chars().take(8);
                    self.found.extend(characters.map(|character| PlacedCharacter { character, middle }));
                }
                let more = state.character_space + if is_space { state.word_space } else { 0.0 };
                let x = (advance + more) * state.scale;
                text = Matrix([1.0, 0.0, 0.0, 1.0, x, 0.0]).then(text);
            }
        }
        text
    }

    fn font(&mut self, resources: Option<&'a Dictionary>, name: &[u8]) -> Option<usize> {
        let font = dict(self.document, dict(self.document, resources?, b"Font")?, name)?;
        if self.fonts.len() >= MAX_FONTS {
            self.exhausted = true;
            return None;
        }
        let place = *self.known.entry(std::ptr::from_ref(font)).or_insert_with(|| {
            self.fonts.push(Font::read(self.document, font));
            self.fonts.len() - 1
        });
        Some(place)
    }

    fn form(&mut self, resources: Option<&'a Dictionary>, name: &[u8], state: State, depth: usize) {
        let form = resources
            .and_then(|resources| dict(self.document, resources, b"XObject"))
            .and_then(|objects| follow(self.document, objects.get(name).ok()?))
            .and_then(|(_, object)| object.as_stream().ok());
        let Some(form) = form.filter(|form| depth < MAX_FORMS && is_form(&form.dict)) else { return };
        let matrix = form.dict.get(b"Matrix").and_then(Object::as_array).ok();
        let matrix = matrix.and_then(|numbers| Matrix::of(numbers)).unwrap_or(Matrix::ONE);
        let content = if form.dict.has(b"Filter") {
            form.decompressed_content_with_limit(MAX_CONTENT).ok()
        } else {
            Some(form.content.clone())
        };
        let Some(content) = self.spend(content) else { return };
        let own = dict(self.document, &form.dict, b"Resources").or(resources);
        let state = State { matrix: matrix.then(state.matrix), ..state };
        self.content(&content, own, state, depth + 1);
    }
}

fn is_form(dictionary: &Dictionary) -> bool {
    dictionary.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Form")
}
