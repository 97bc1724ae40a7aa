//! Sample data for the pages about documents that are brought.

use super::samples::draw;
use crate::domain::license::{FileForm, FileFormat};
use crate::domain::refusal::Fault;
use crate::domain::seal::SealCode;
use crate::domain::seal_job::{JobId, JobState, KeptFile, Place, SealJob, Which};
use crate::domain::suite::Suite;
use crate::domain::time::Timestamp;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::documents::{Documents, NewDocument, SealChoice, fields, one_document, row};
use crate::http::pages::form::place;

fn at() -> Timestamp {
    Timestamp::from_seconds(1_795_392_000)
}

fn job(state: JobState) -> SealJob {
    SealJob {
        id: JobId::new(at(), [7; 8]),
        key_owner: "91990102MA7YQX031L".into(),
        key: "one".into(),
        request_hash: [1; 32],
        requested_by: "sealer-1".into(),
        seal: SealCode::parse("33010500000001").expect("14 digits"),
        owner: "91990102MA7YQX031L".into(),
        grant: None,
        form: FileForm { format: FileFormat::Pdf, suite: Suite::P256 },
        place: Place::Words { words: "甲方（盖章）".into(), which: Which::Nth(2) },
        straddling: true,
        name: "茶叶采购合同.pdf".into(),
        reason: "签订采购合同".into(),
        brought: KeptFile { sha256: [2; 32], size: 9 },
        started_at: at(),
        state,
    }
}

fn states() -> [JobState; 3] {
    let file = KeptFile { sha256: [3; 32], size: 99 };
    [
        JobState::Open,
        JobState::Done { file, at: at() },
        JobState::Failed { code: "seal_job.not_proved".into(), at: at() },
    ]
}

fn list(c: Chrome) -> Documents {
    let rows = states().into_iter().map(|state| row(&c, &job(state))).collect();
    Documents { rows, next: Some("/seal-documents?after=x".into()), c }
}

fn new(c: Chrome) -> NewDocument {
    let mut fields = fields(&c, &[]);
    let wrong = [
        Fault::at("/words", "seal_job.words_found_often").with("found", 50).with("places", "1 (52, 88)"),
        Fault::at("/file", "format.encrypted"),
        Fault::at("/reason", "field.required"),
    ];
    let faults = place(&c, &mut fields, &wrong);
    let reason = fields.split_off(6);
    let on_point = fields.split_off(3);
    let choice = |code: &str, note: String, ticked| SealChoice {
        value: code.into(),
        code: code.into(),
        owner: "景川市云栖茶业有限公司".into(),
        words: "合同专用章".into(),
        note,
        ticked,
    };
    let left = c.f("documents.under_grant_left", [("left", "3".to_owned())]);
    NewDocument {
        seals: vec![choice("33010500000001", String::new(), true), choice("33010500000002", left, false)],
        key: "00ff".into(),
        at_point: false,
        straddling: true,
        on_words: fields,
        on_point,
        fields: reason,
        file_fault: Some(c.t("format.encrypted")),
        faults,
        c,
    }
}

/// Every page about documents, by name.
pub(super) fn pages(c: &dyn Fn() -> Chrome) -> Vec<(&'static str, String)> {
    let [open, done, failed] = states().map(job);
    let no_seals = NewDocument { seals: Vec::new(), faults: Vec::new(), ..new(c()) };
    vec![
        ("documents", draw(&list(c()))),
        ("documents-none", draw(&Documents { rows: Vec::new(), next: None, c: c() })),
        ("document-open", draw(&one_document(c(), &open, false))),
        ("document-done", draw(&one_document(c(), &done, true))),
        ("document-failed", draw(&one_document(c(), &failed, false))),
        ("document-new", draw(&new(c()))),
        ("document-no-seals", draw(&no_seals)),
    ]
}
