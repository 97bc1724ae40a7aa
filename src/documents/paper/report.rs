//! The report on a file as pages, in the words that it is given. It bears no seal: whoever has the file has it judged again, and
//! what anybody can bring must not be what the service seals.

use super::sheet::{BAD, GOOD, Sheet, UNCLEAR};
use crate::documents::face::FaceFault;
use crate::documents::fonts::Fonts;
use crate::documents::pdf::compose::{About, plain};
use crate::domain::report::{Verdict, Weight};
use crate::domain::time::Timestamp;

/// A name and its value.
pub type Row = (String, String);

/// What a report says, in words of one language.
pub struct ReportWords {
    /// What the document is called.
    pub title: String,
    /// Below it.
    pub subtitle: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict in a word.
    pub word: String,
    /// Why.
    pub sentence: String,
    /// That it bears no seal, and how to have the same again.
    pub note: String,
    /// What is inside, seals, evidence: headings with rows.
    pub parts: Vec<(String, Vec<Row>)>,
    /// What the findings are called.
    pub findings_title: String,
    /// Each finding: weight, step with the word for its weight, text.
    pub findings: Vec<(Weight, String, String)>,
    /// SHA-256 of the file, or of the digits of a code, hexadecimal.
    pub file: String,
    /// At the foot.
    pub how: String,
}

/// Writes it as a PDF file.
///
/// # Errors
/// What is wrong with the pages.
pub fn pdf(
    words: &ReportWords,
    (created, document_id): (Timestamp, [u8; 16]),
    fonts: &Fonts,
) -> Result<Vec<u8>, Vec<FaceFault>> {
    let tone = match words.verdict {
        Verdict::Passed => GOOD,
        Verdict::Indeterminate => UNCLEAR,
        Verdict::Failed => BAD,
    };
    let mut sheet = Sheet::begin(&words.title, &words.subtitle, tone, fonts);
    sheet.band(&words.word, &words.sentence);
    for (title, rows) in &words.parts {
        sheet.heading(title, "");
        for (name, value) in rows {
            sheet.row(name, value);
        }
    }
    sheet.heading(&words.findings_title, "");
    for (weight, step, text) in &words.findings {
        let mark = match weight {
            Weight::Good => "√",
            Weight::Note => "·",
            Weight::Unclear => "？",
            Weight::Bad => "×",
        };
        sheet.row(&format!("{mark} {step}"), text);
    }
    sheet.row("", &words.note);
    let face = sheet.finish(&words.how, &words.file[..words.file.len().min(16)]);
    let about =
        About { title: &words.title, identifier: &words.file, author: "Yinzheng", created, document_id };
    plain(&face, &about, fonts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_report_takes_several_pages_and_holds_no_signature() {
        let finding = |n: usize| (Weight::Good, "印章 良好".to_owned(), format!("第{n}项检查通过").repeat(9));
        let words = ReportWords {
            title: "验证报告".into(),
            subtitle: "Report".into(),
            verdict: Verdict::Failed,
            word: "验证不通过".into(),
            sentence: "文件在盖章后被改动".into(),
            note: "本报告未盖章".into(),
            parts: vec![("证照".into(), vec![("编号".into(), "JY10000000001".into())])],
            findings_title: "逐项检查".into(),
            findings: (0..60).map(finding).collect(),
            file: "ab".repeat(32),
            how: "如何验证".into(),
        };
        let file = pdf(&words, (Timestamp::from_seconds(0), [1; 16]), &Fonts::embedded()).expect("a file");
        let document = lopdf::Document::load_mem(&file).expect("a PDF file");
        assert!(document.get_pages().len() >= 3);
        assert!(!file.windows(9).any(|w| w == b"/ByteRang"));
    }
}
