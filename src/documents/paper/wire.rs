//! What a paper says, as data: JSON inside the PDF and OFD files and, signed, by itself. Written once, never changed: later
//! versions get another schema.

use crate::documents::attachment;
use crate::domain::paper::PaperKind;
use crate::domain::report::facts::{Attached, PaperFacts};
use crate::domain::time::parse_time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the `schema` member says of a receipt.
pub const RECEIPT: &str = "yinzheng/receipt/1";
/// What it says of a receipt of an offline code: [`Receipt::code`] is there.
pub const CODE_RECEIPT: &str = "yinzheng/code-receipt/1";
/// What it says of an annotated copy.
pub const COPY: &str = "yinzheng/annotated-copy/1";
/// What it says of one on which fields are masked: `masked` stands in it as well.
pub const MASKED_COPY: &str = "yinzheng/annotated-copy/2";

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A body, by its registered name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Its credit code; empty where none is registered.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A receipt of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receipt {
    /// [`RECEIPT`] or [`CODE_RECEIPT`].
    pub schema: String,
    /// Identity of the receipt.
    pub id: String,
    /// The showing, or the use of a code, that it is about: the holder's consent, by its name in the holder's list.
    pub consent: String,
    /// Who verified: the body or counter as it is registered.
    pub verifier: Body,
    /// Which counter of that body.
    pub counter: String,
    /// What for, in the verifier's words.
    pub matter: String,
    /// What for, in the holder's words.
    pub purpose: String,
    /// How it was shown.
    pub way: String,
    /// Why what is sensitive stands in full; not there where it is masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was found: `in-force`, or nothing would have been shown.
    pub verdict: String,
    /// As of when that was so, in UTC.
    pub status_at: String,
    /// Whose register said so.
    pub status_source: String,
    /// When the receipt was made, in UTC.
    pub made_at: String,
    /// Who made it.
    pub issuer: Body,
    /// The seal on it.
    pub seal: String,
    /// How an offline code was checked; not there where it was another showing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ReceiptCode>,
    /// What was disclosed.
    pub licenses: Vec<ReceiptLicense>,
}

/// An offline code that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptCode {
    /// `paper` or `phone`.
    pub medium: String,
    /// When it was checked, in UTC.
    pub checked_at: String,
    /// Whether that was without a network and told afterwards: when it was is then the verifier's word alone, and where the
    /// license stood was asked later, at [`Receipt::status_at`].
    pub told_later: bool,
    /// Whether the verifier said to have compared the person with an identity document; of paper only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<bool>,
}

/// A license that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptLicense {
    /// Identifier (GB/T 36904); where a code named it by a digest only, `sha256-96:` and the first 12 bytes of its SHA-256.
    pub identifier: String,
    /// Kind.
    pub kind: String,
    /// What the kind is called.
    pub title: Title,
    /// The department that issued it.
    pub issuer_name: String,
    /// Where it stood.
    pub standing: String,
    /// Last day of validity; not there if it has no end, or was not shown (a code shows its own end only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// The fields that the holder showed, as they were shown.
    pub fields: Vec<ReceiptField>,
}

/// A field that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptField {
    /// Name.
    pub name: String,
    /// What it is called.
    pub title: Title,
    /// Its value as it was shown; null if the license leaves it empty.
    pub value: Option<String>,
    /// The same as licenses have it printed.
    #[serde(skip)]
    pub printed: String,
}

/// An annotated copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Copy {
    /// [`COPY`], or [`MASKED_COPY`] where fields are masked.
    pub schema: String,
    /// Identity of the copy.
    pub id: String,
    /// The license it is a copy of, by identifier (GB/T 36904).
    pub license: String,
    /// Kind of the license.
    pub kind: String,
    /// What the kind is called.
    pub title: Title,
    /// Elements of GB/T 36903, the four of an annotated copy among them.
    pub metadata: BTreeMap<String, String>,
    /// What it may be used for.
    pub purpose: String,
    /// Who may use it; empty where nobody is named.
    pub recipient: String,
    /// When it was made, in UTC.
    pub made_at: String,
    /// When it ends, in UTC.
    pub expires_at: String,
    /// Who made it.
    pub issuer: Body,
    /// The seal on it.
    pub seal: String,
    /// The license's fields.
    pub data: BTreeMap<String, String>,
    /// Names of the fields that are masked, in `data` as on the face: at least one in [`MASKED_COPY`], none otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
}

/// A value as JSON, the same bytes each time.
pub fn write(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("texts, lists and maps of texts are JSON")
}

/// What data inside a file say of the paper that it is; `None` if they say that it is none.
pub(in crate::documents) fn facts(json: &[u8], displayed: Option<&str>) -> Option<Attached> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    if json.len() > attachment::MAX_BYTES {
        return None;
    }
    let head: Head = serde_json::from_slice(json).ok()?;
    let unreadable = || Attached::Unreadable { why: "not the data of a paper".to_owned() };
    let facts = match head.schema.as_str() {
        RECEIPT | CODE_RECEIPT => {
            let receipt = serde_json::from_slice::<Receipt>(json).ok();
            let receipt = receipt.filter(|receipt| receipt.code.is_some() == (head.schema == CODE_RECEIPT));
            receipt.map(|receipt| of_receipt(receipt, displayed))
        }
        schema @ (COPY | MASKED_COPY) => serde_json::from_slice::<Copy>(json)
            .ok()
            .filter(|copy| copy.masked.is_empty() == (schema == COPY))
            .map(|copy| of_copy(copy, displayed)),
        _ => return None,
    };
    Some(facts.map_or_else(unreadable, |facts| Attached::Paper(Box::new(facts))))
}

/// What the document's own metadata name, if it is not what they should.
fn another(expected: &str, displayed: Option<&str>) -> Option<String> {
    displayed.filter(|shown| *shown != expected).map(str::to_owned)
}

fn of_receipt(receipt: Receipt, displayed: Option<&str>) -> PaperFacts {
    PaperFacts {
        kind: PaperKind::Receipt,
        displays_another: another(&receipt.id, displayed),
        id: receipt.id,
        issuer_code: receipt.issuer.code,
        issuer_name: receipt.issuer.name,
        seal: receipt.seal,
        made_at: parse_time(&receipt.made_at),
        expires_at: None,
        licenses: receipt.licenses.into_iter().map(|license| license.identifier).collect(),
        purpose: receipt.purpose,
        recipient: receipt.verifier.name,
        masked: 0,
    }
}

fn of_copy(copy: Copy, displayed: Option<&str>) -> PaperFacts {
    PaperFacts {
        kind: PaperKind::Copy,
        // It shows the license's face, and so the license's identifier.
        displays_another: another(&copy.license, displayed),
        id: copy.id,
        issuer_code: copy.issuer.code,
        issuer_name: copy.issuer.name,
        seal: copy.seal,
        made_at: parse_time(&copy.made_at),
        expires_at: parse_time(&copy.expires_at),
        licenses: vec![copy.license],
        purpose: copy.purpose,
        recipient: copy.recipient,
        masked: copy.masked.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::paper::samples;

    #[test]
    fn what_is_written_is_read_as_the_paper_that_it_is() {
        let receipt = samples::receipt(2);
        let read = facts(&write(&receipt), Some(&receipt.id));
        let Some(Attached::Paper(paper)) = read else { panic!("a paper") };
        assert_eq!((paper.kind, paper.licenses.len()), (PaperKind::Receipt, 2));
        assert_eq!((paper.recipient.as_str(), &paper.displays_another), ("景川市政务服务中心", &None));
        let receipt = samples::code_receipt(true);
        let read = facts(&write(&receipt), Some(&receipt.id));
        let Some(Attached::Paper(paper)) = read else { panic!("a paper") };
        assert_eq!((paper.kind, paper.purpose.as_str()), (PaperKind::Receipt, "银行开户"));
        let copy = samples::copy();
        let read = facts(&write(&copy), Some(&copy.license));
        let Some(Attached::Paper(paper)) = read else { panic!("a paper") };
        assert_eq!(paper.kind, PaperKind::Copy);
        assert!(paper.expires_at > paper.made_at);
        assert_eq!(paper.masked, 0);
    }

    #[test]
    fn a_copy_on_which_fields_are_masked_has_a_schema_of_its_own_and_names_them() {
        let plain = samples::copy();
        let masked = samples::masked_copy();
        let read = |copy: &Copy| facts(&write(copy), None);
        assert!(matches!(read(&masked), Some(Attached::Paper(paper)) if paper.masked == 2));
        assert!(!String::from_utf8(write(&plain)).expect("UTF-8").contains("masked"));
        // One without the other is no paper.
        let twins = [Copy { schema: COPY.into(), ..masked }, Copy { schema: MASKED_COPY.into(), ..plain }];
        for twin in twins {
            assert!(matches!(read(&twin), Some(Attached::Unreadable { .. })), "{}", twin.schema);
        }
    }

    #[test]
    fn one_thing_changed_is_said() {
        let receipt = samples::receipt(1);
        let text = String::from_utf8(write(&receipt)).expect("UTF-8");
        // Not a paper at all: left to those who read licenses.
        assert_eq!(facts(text.replace("receipt/1", "receipt/2").as_bytes(), None), None);
        assert_eq!(facts(b"{}", None), None);
        let twin = text.replace("\"matter\"", "\"matters\"");
        assert!(matches!(facts(twin.as_bytes(), None), Some(Attached::Unreadable { .. })));
        // What a code's receipt says of the code stands in no other, and in each of those.
        for (schema, mut twin) in [(CODE_RECEIPT, receipt.clone()), (RECEIPT, samples::code_receipt(false))] {
            twin.schema = schema.to_owned();
            assert!(matches!(facts(&write(&twin), None), Some(Attached::Unreadable { .. })), "{schema}");
        }
        let Some(Attached::Paper(paper)) = facts(text.as_bytes(), Some("other")) else { panic!("a paper") };
        assert_eq!(paper.displays_another.as_deref(), Some("other"));
        let twin = text.replace("\"madeAt\": \"", "\"madeAt\": \"x");
        let Some(Attached::Paper(paper)) = facts(twin.as_bytes(), None) else { panic!("a paper") };
        assert_eq!(paper.made_at, None);
    }
}
