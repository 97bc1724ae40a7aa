//! Papers that the service makes of its own accord, as pages: a receipt is laid out from what it says, an annotated copy is
//! the license's face with a watermark and a strip below that says what it is. Both are composed as licenses are, with
//! one place for a seal, and hold what they say as data ([`wire`]).

mod copy;
mod receipt;
pub mod report;
#[cfg(test)]
pub(in crate::documents) mod samples;
mod sheet;
pub mod wire;

use super::attachment;
use super::face::{FaceContent, FaceFault};
use super::fonts::Fonts;
use super::ofd::compose::{OfdContent, OfdTemplate};
use super::ofd::seal::SealableOfd;
use super::pdf::compose::{ComposeFault, PdfContent, PdfTemplate, PlannedSeal, UnsealedPdf, UnusableKind};
use super::validation::ValidationData;
use crate::domain::license::face::{Align, Area, FaceItem, Fit, FontRole, TextStyle};
use crate::domain::license::kind::LicenseKind;
use crate::domain::license::{FileFormat, LicenseData};
use crate::domain::picture::Rgb;
use crate::domain::time::{CHINA, Date, Timestamp};
use std::sync::Arc;

const INK: Rgb = Rgb(0x1C, 0x24, 0x2C);
const GREY: Rgb = Rgb(0x5A, 0x66, 0x70);
const RULE: Rgb = Rgb(0xC4, 0xCC, 0xD4);

/// Stands for a character that no font has: what is filed must not fail over one.
const NO_GLYPH: char = '〓';

/// A license that a copy is made of.
#[derive(Clone, Copy, Debug)]
pub struct Original<'a> {
    /// Its kind.
    pub kind: &'a LicenseKind,
    /// Its fields, as they are to be seen.
    pub data: &'a LicenseData,
    /// Printed number.
    pub number: &'a str,
    /// Who issued it.
    pub issuer_name: &'a str,
    /// Date of issue.
    pub issued_on: Date,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity.
    pub valid_until: Option<Date>,
    /// Its check code.
    pub check_code: &'a str,
    /// What its verification code says.
    pub verification_url: &'a str,
    /// Its metadata (GB/T 36903).
    pub metadata: &'a [(&'static str, String)],
}

/// A paper that is to be composed.
pub struct Draft {
    /// Looks like a license's kind, and is none.
    kind: LicenseKind,
    title: String,
    identifier: String,
    issuer_name: String,
    data: LicenseData,
    number: String,
    issued_on: Option<Date>,
    valid_from: Option<Date>,
    valid_until: Option<Date>,
    check_code: String,
    verification_url: String,
    metadata: Vec<(&'static str, String)>,
    json: Vec<u8>,
}

/// Why a paper cannot be composed.
#[derive(Debug, thiserror::Error)]
pub enum PaperFault {
    /// Its pages cannot be laid out.
    #[error(transparent)]
    Layout(#[from] UnusableKind),
    /// The file cannot be composed.
    #[error(transparent)]
    Compose(#[from] ComposeFault),
    /// The values do not fit the face.
    #[error("the values do not fit the face: {0:?}")]
    Face(Vec<FaceFault>),
}

impl Draft {
    /// A receipt. `place` is where strangers verify files.
    pub fn receipt(receipt: &wire::Receipt, place: &str, fonts: &Fonts) -> Self {
        let title = "电子证照核验回执".to_owned();
        Self {
            kind: synthetic("receipt", &title, receipt::face(receipt, place, fonts)),
            identifier: receipt.id.clone(),
            issuer_name: receipt.issuer.name.clone(),
            data: LicenseData::new(),
            number: String::new(),
            issued_on: None,
            valid_from: None,
            valid_until: None,
            check_code: String::new(),
            verification_url: String::new(),
            metadata: Vec::new(),
            json: wire::write(receipt),
            title,
        }
    }

    /// An annotated copy.
    pub fn copy(copy: &wire::Copy, original: &Original<'_>, fonts: &Fonts) -> Self {
        let mut metadata = original.metadata.to_vec();
        let names = [copy::CREATED, copy::CREATOR, copy::CAUSE, copy::EXPIRES];
        metadata.extend(names.into_iter().filter_map(|name| Some((name, copy.metadata.get(name)?.clone()))));
        let face = copy::face(copy, original.kind, fonts);
        Self {
            kind: LicenseKind { face, ..original.kind.clone() },
            title: format!("{}（加注件）", original.kind.title.zh),
            identifier: copy.license.clone(),
            issuer_name: original.issuer_name.to_owned(),
            data: original.data.clone(),
            number: original.number.to_owned(),
            issued_on: Some(original.issued_on),
            valid_from: Some(original.valid_from),
            valid_until: original.valid_until,
            check_code: original.check_code.to_owned(),
            verification_url: original.verification_url.to_owned(),
            metadata,
            json: wire::write(copy),
        }
    }

    /// What the document is called.
    pub fn title(&self) -> &str {
        &self.title
    }

    fn face(&self) -> FaceContent<'_> {
        FaceContent {
            data: &self.data,
            number: &self.number,
            identifier: &self.identifier,
            issuer_name: &self.issuer_name,
            issued_on: self.issued_on,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            check_code: &self.check_code,
            verification_url: &self.verification_url,
        }
    }

    /// Composes it as PDF.
    ///
    /// # Errors
    /// If its text does not fit its pages.
    pub fn pdf(
        &self,
        seal: PlannedSeal<'_>,
        (document_id, created): ([u8; 16], Timestamp),
        fonts: &Arc<Fonts>,
    ) -> Result<UnsealedPdf, PaperFault> {
        let template = PdfTemplate::prepare_with(&self.kind, fonts, attachment::PAPER)?;
        let content = PdfContent {
            face: self.face(),
            seals: &[seal],
            attachment_json: &self.json,
            title: &self.title,
            document_id,
            created,
        };
        Ok(template.compose(&content)?)
    }

    /// Composes it as OFD.
    ///
    /// # Errors
    /// If its text does not fit its pages.
    pub fn ofd(
        &self,
        (seal, validation): (&str, &ValidationData),
        (document_id, created): ([u8; 16], Timestamp),
        fonts: &Arc<Fonts>,
    ) -> Result<SealableOfd, PaperFault> {
        let template = OfdTemplate::prepare_with(&self.kind, fonts, attachment::PAPER)?;
        let content = OfdContent {
            face: self.face(),
            metadata: &self.metadata,
            attachment_json: &self.json,
            validation,
            expected_seals: &[seal],
            title: &self.title,
            document_id,
            created,
        };
        template.compose(&content).map_err(PaperFault::Face)
    }
}

/// What makes a face composable: a kind with no fields of its own.
fn synthetic(name: &str, title: &str, face: crate::domain::license::face::Face) -> LicenseKind {
    use crate::domain::license::kind::{Bilingual, HolderRule, NumberRule, Validity};
    let nothing = String::new;
    LicenseKind {
        name: name.to_owned(),
        version: 1,
        title: Bilingual { zh: title.to_owned(), en: title.to_owned() },
        type_code: nothing(),
        issuer: nothing(),
        validity: Validity::Unlimited,
        number: NumberRule::Field(nothing()),
        holder: HolderRule { name: nothing(), code: nothing(), code_type: nothing() },
        files: FileFormat::ALL
            .into_iter()
            .map(|format| crate::domain::license::FileForm {
                format,
                suite: crate::domain::suite::Suite::P256,
            })
            .collect(),
        fields: Vec::new(),
        face,
        representative: None,
        sealing: None,
    }
}

/// The text with what no font has replaced, so that it can always be set.
fn settable(text: &str, font: FontRole, fonts: &Fonts) -> String {
    let known = |c: char| c == '\n' || fonts.find(font, c).is_some();
    text.chars().map(|c| if known(c) { c } else { NO_GLYPH }).collect()
}

/// Text in its place.
struct Words<'a> {
    area: Area,
    text: &'a str,
    font: FontRole,
    size: f32,
    align: Align,
    colour: Rgb,
}

/// One line, made smaller where it must be; what does not fit even so is cut.
fn line(words: &Words<'_>, fonts: &Fonts) -> FaceItem {
    let least = words.size * 0.55;
    // A wide character takes an em.
    let ems = words.area.width / (least * 25.4 / 72.0);
    let text = cut(&settable(words.text, words.font, fonts), ems);
    item(words, text, Fit::Shrink { min_size: least })
}

/// As many lines as its place has room for.
fn lines(words: &Words<'_>, fonts: &Fonts) -> FaceItem {
    let text = settable(words.text, words.font, fonts);
    item(words, text, Fit::Wrap { min_size: words.size * 0.5, line_height: 1.35 })
}

fn item(words: &Words<'_>, text: String, fit: Fit) -> FaceItem {
    let Words { area, font, size, align, colour, .. } = *words;
    FaceItem::Label { area, text, style: TextStyle { font, size, align, colour, spacing: 0.0 }, fit }
}

/// A character's width in ems, counted high.
fn width(character: char) -> f32 {
    if character.is_ascii() { 0.62 } else { 1.0 }
}

/// As much of a text as is no wider than that.
fn cut(text: &str, ems: f32) -> String {
    let whole: f32 = text.chars().map(width).sum();
    if whole <= ems {
        return text.to_owned();
    }
    let mut room = ems - 1.0;
    let fits = |c: &char| {
        room -= width(*c);
        room >= 0.0
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// A moment in China, as papers have it.
fn moment(at: Timestamp) -> String {
    let at = at.to_offset().to_offset(CHINA);
    let (date, month) = (at.date(), u8::from(at.month()));
    format!(
        "{}年{month:02}月{:02}日 {:02}:{:02}:{:02}",
        date.year(),
        date.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

pub use copy::{CAUSE, CREATED, CREATOR, EXPIRES};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_set_is_replaced_and_what_is_too_long_is_cut() {
        let fonts = Fonts::embedded();
        assert_eq!(settable("办理\u{1F980}贷款", FontRole::Song, &fonts), "办理〓贷款");
        assert_eq!(cut("景川市", 3.0), "景川市");
        assert_eq!(cut("景川市政务", 3.0), "景川…");
    }

    #[test]
    fn moments_are_chinas() {
        let at = crate::domain::time::parse_time("2026-11-26T16:05:09Z").expect("a time");
        assert_eq!(moment(at), "2026年11月27日 00:05:09");
    }
}
