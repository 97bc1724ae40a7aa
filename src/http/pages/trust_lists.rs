//! Other regions' trust lists, for operators: who may sign them, which version is relied on, and what another one would change.

use super::chrome::Chrome;
use super::form::{FormField, Input, ShownFault, faults_of, place as put_faults};
use super::slice::Asked;
use super::trust::{entry_service, name};
use super::words::{self, Tag};
use super::{given, go_to, page};
use crate::app::trust_list::preview::{self, Preview};
use crate::app::trust_list::{PinnedSigner, import, pin, read};
use crate::domain::refusal::Fault;
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Change, ChangeKind};
use crate::http::body::multipart::FileForm;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;

/// A signer of a place's list.
pub(super) struct SignerRow {
    pub(super) sha256: String,
    pub(super) state: Tag,
    /// Who named it and when.
    pub(super) named: String,
    /// Whether this person may confirm it.
    pub(super) confirm: bool,
    /// Whether it can be ended.
    pub(super) end: bool,
}

/// A place.
pub(super) struct PlaceRow {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) signers: Vec<SignerRow>,
    /// Whether a list can be brought: somebody may sign it.
    pub(super) takes: bool,
}

#[derive(Template)]
#[template(path = "pages/trust_lists.html")]
pub(super) struct TrustLists {
    pub(super) c: Chrome,
    pub(super) places: Vec<PlaceRow>,
    pub(super) done: Option<String>,
    pub(super) faults: Vec<ShownFault>,
}

#[derive(Template)]
#[template(path = "pages/trust_list_signer.html")]
pub(super) struct NewSigner {
    pub(super) c: Chrome,
    pub(super) fields: Vec<FormField>,
    pub(super) faults: Vec<ShownFault>,
}

/// An entry that would change.
pub(super) struct ChangeRow {
    pub(super) what: Tag,
    pub(super) name: String,
    pub(super) service: String,
    pub(super) times: String,
}

#[derive(Template)]
#[template(path = "pages/trust_list_preview.html")]
pub(super) struct Shown {
    pub(super) c: Chrome,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) before: Option<String>,
    pub(super) signer: String,
    pub(super) sha256: String,
    pub(super) known: bool,
    pub(super) changes: Vec<ChangeRow>,
}

fn signer_row(c: &Chrome, signer: &PinnedSigner, caller: &Caller) -> SignerRow {
    let (code, icon, tone) = match (&signer.ended, &signer.confirmed) {
        (Some(_), _) => ("trust_lists.ended", "octagon", "still"),
        (None, Some(_)) => ("trust_lists.trusted", "tick", "good"),
        (None, None) => ("trust_lists.waiting", "clock", "unclear"),
    };
    let (by, at) = &signer.pinned;
    let waits = signer.ended.is_none() && signer.confirmed.is_none();
    SignerRow {
        sha256: hex::encode(signer.sha256),
        state: Tag { word: c.t(code), icon, tone },
        named: c.f("trust_lists.named", [("by", by.clone()), ("at", words::moment(*at))]),
        confirm: waits && *by != caller.credential.id,
        end: signer.ended.is_none(),
    }
}

async fn places(service: &State, c: &Chrome, caller: &Caller) -> Result<Vec<PlaceRow>, Problem> {
    let rows = read::all(service).await?.into_iter().map(|known| {
        let first = &known.signers[0];
        let version = known
            .version
            .as_ref()
            .map(|version| version_line(c, version.sequence, version.issued, version.next_update));
        PlaceRow {
            code: first.territory.to_string(),
            name: name(c, &first.name),
            version,
            takes: known.signers.iter().any(PinnedSigner::is_trusted),
            signers: known.signers.iter().map(|signer| signer_row(c, signer, caller)).collect(),
        }
    });
    Ok(rows.collect())
}

fn version_line(c: &Chrome, sequence: u64, issued: Timestamp, next: Timestamp) -> String {
    let values = [
        ("sequence", sequence.to_string()),
        ("issued", words::moment(issued)),
        ("next", words::moment(next)),
    ];
    c.f("trust.version", values)
}

/// `GET /operator/trust-lists`
pub(super) async fn list(
    From(service): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let done = match asked.done.as_str() {
        "named" => Some(c.t("trust_lists.done_named")),
        "confirmed" => Some(c.t("trust_lists.done_confirmed")),
        "ended" => Some(c.t("trust_lists.done_ended")),
        "taken" => Some(c.t("trust_lists.done_taken")),
        "known" => Some(c.t("trust_lists.done_known")),
        _ => None,
    };
    let places = places(&service, &c, &caller).await?;
    page(StatusCode::OK, &TrustLists { c, places, done, faults: Vec::new() })
}

/// The fields of a new signer.
pub(super) fn signer_fields(c: &Chrome, form: &[(String, String)]) -> Vec<FormField> {
    let field = |name, title, help, input| FormField::asked(c, form, (name, title, help), input, "");
    let file = Input::File { accept: ".cer,.crt,.pem,.der", several: false };
    vec![
        field("territory", "trust_lists.territory", "trust_lists.territory_help", Input::Number),
        field("name_zh", "trust_lists.name_zh", "trust_lists.name_help", Input::Line(40)),
        field("name_en", "trust_lists.name_en", "trust_lists.name_help", Input::Line(100)),
        field("signer", "trust_lists.signer", "trust_lists.signer_help", file),
    ]
}

/// `GET /operator/trust-lists/signer`
pub(super) async fn signer_form(c: Chrome) -> Result<Response, Problem> {
    let fields = signer_fields(&c, &[]);
    page(StatusCode::OK, &NewSigner { c, fields, faults: Vec::new() })
}

/// `POST /operator/trust-lists/signer`
pub(super) async fn name_signer(
    From(service): From<State>,
    c: Chrome,
    caller: Caller,
    sent: FileForm,
) -> Result<Response, Problem> {
    let text = |name: &str| given(&sent.fields, name).trim().to_owned();
    let file = sent.files.iter().find(|file| file.field == "signer");
    let request = pin::Request {
        territory: text("territory"),
        name_zh: text("name_zh"),
        name_en: text("name_en"),
        signer: file.map(|file| pin::x509_of(&file.bytes)).unwrap_or_default(),
    };
    match detach(async move { pin::pin(&service, &caller.credential, request).await }).await {
        Ok(_) => Ok(go_to("/operator/trust-lists?done=named")),
        Err(problem) => {
            let found = faults_of(problem)?;
            let mut fields = signer_fields(&c, &sent.fields);
            let faults = put_faults(&c, &mut fields, &found);
            page(StatusCode::UNPROCESSABLE_ENTITY, &NewSigner { c, fields, faults })
        }
    }
}

/// `POST /operator/trust-lists/{territory}/signers/{sha256}/{act}`
pub(super) async fn decide(
    From(service): From<State>,
    caller: Caller,
    Path((territory, sha256, act)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let by = caller.credential;
    let done = match act.as_str() {
        "confirm" => {
            detach(async move { pin::confirm(&service, &by, &territory, &sha256).await }).await?;
            "confirmed"
        }
        "end" => {
            detach(async move { pin::end(&service, &by, &territory, &sha256).await }).await?;
            "ended"
        }
        _ => return Err(Problem::new(Kind::NotFound, "request.no_such_address")),
    };
    Ok(go_to(&format!("/operator/trust-lists?done={done}")))
}

fn change_row(c: &Chrome, change: &Change) -> ChangeRow {
    let (code, icon, tone) = match change.kind {
        ChangeKind::New => ("trust_lists.change_new", "plus", "good"),
        ChangeKind::Gone => ("trust_lists.change_gone", "octagon", "bad"),
        ChangeKind::Withdrawn => ("trust_lists.change_withdrawn", "octagon", "bad"),
        ChangeKind::GrantedAgain => ("trust_lists.change_granted", "triangle", "unclear"),
        ChangeKind::Other => ("trust_lists.change_other", "triangle", "unclear"),
        ChangeKind::Lists => ("trust_lists.change_lists", "note", "still"),
    };
    let entry = &change.entry;
    let from = words::moment(entry.valid_from);
    let until = entry.valid_until.map_or_else(|| c.t("trust_lists.without_end"), words::moment);
    let mut times = c.f("license_page.period", [("from", from), ("until", until)]);
    if let Some(since) = entry.withdrawn_since {
        times = format!("{times} · {}", c.f("trust.withdrawn", [("at", words::moment(since))]));
    }
    ChangeRow {
        what: Tag { word: c.t(code), icon, tone },
        name: name(c, &entry.name),
        service: c.t(entry_service(entry.service)),
        times,
    }
}

pub(super) fn shown(c: Chrome, preview: &Preview) -> Shown {
    let list = &preview.list;
    Shown {
        code: list.territory.to_string(),
        name: name(&c, &list.territory_name),
        version: version_line(&c, list.sequence, list.issued, list.next_update),
        before: preview.before.map(|number| number.to_string()),
        signer: hex::encode(preview.signer),
        sha256: hex::encode(preview.sha256),
        known: preview.known,
        changes: preview.changes.iter().map(|change| change_row(&c, change)).collect(),
        c,
    }
}

/// `POST /operator/trust-lists/{territory}/preview`: what a list would change; nothing is taken.
pub(super) async fn look(
    From(service): From<State>,
    c: Chrome,
    caller: Caller,
    Path(territory): Path<String>,
    sent: FileForm,
) -> Result<Response, Problem> {
    let file =
        sent.files.into_iter().find(|file| file.field == "list" && file.bytes.len() <= import::MAX_BYTES);
    let found = match file {
        None => {
            let fault = Fault::at("/list", "trust_list.no_file").with("max", import::MAX_BYTES >> 20);
            Err(Problem::faults(Kind::Invalid, Place::Body, vec![fault]))
        }
        Some(file) => {
            preview::run(&service, &caller.credential, &territory, file.bytes).await.map_err(Problem::from)
        }
    };
    match found {
        Ok(preview) => page(StatusCode::OK, &shown(c, &preview)),
        Err(problem) => {
            let found = faults_of(problem)?;
            let faults = put_faults(&c, &mut [], &found);
            let places = places(&service, &c, &caller).await?;
            page(StatusCode::UNPROCESSABLE_ENTITY, &TrustLists { c, places, done: None, faults })
        }
    }
}

/// `POST /operator/trust-lists/{territory}/take`: takes the very list that was shown.
pub(super) async fn take(
    From(service): From<State>,
    caller: Caller,
    Path(territory): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let mut digest = [0; 32];
    hex::decode_to_slice(given(&form, "sha256"), &mut digest)
        .map_err(|_| Problem::new(Kind::NotFound, "trust_list.not_shown"))?;
    let take = async move { preview::take(&service, &caller.credential, &territory, &digest).await };
    let taken = detach(take).await?;
    let done = if taken.known { "known" } else { "taken" };
    Ok(go_to(&format!("/operator/trust-lists?done={done}")))
}
