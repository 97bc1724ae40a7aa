//! `/v1/license-kinds`

use super::licenses::raw;
use crate::app::preview_face;
use crate::domain::license::LicenseKind;
use crate::domain::license::kind::{Bilingual, Field, FieldType, PrivacyClass};
use crate::domain::party::Role;
use crate::http;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::{InBoth, Kind, Problem};
use crate::http::route::Route;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Routes about license kinds: what licenses there are is public.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/license-kinds", list)
            .api("license kinds", "List the kinds of licenses")
            .public()
            .gives::<KindList>(200),
        Route::get("/v1/license-kinds/{kind}", one)
            .api("license kinds", "Read a kind with its fields")
            .public()
            .gives::<KindView>(200)
            .refuses(&[404]),
        Route::post("/v1/license-kinds/{kind}/preview", preview)
            .api("license kinds", "Draw a face with what has been filled in so far")
            .roles(&[Role::Department])
            .takes::<PreviewRequest>()
            .gives::<PreviewView>(200)
            .refuses(&[404]),
    ]
}

/// A form that is being filled in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// Values so far.
    #[schema(value_type = Object)]
    data: BTreeMap<String, Value>,
    /// The printed number, where the department gives it itself.
    #[schema(max_length = 60)]
    number: Option<String>,
}

/// What it looks like so far.
#[derive(Serialize, ToSchema)]
pub struct PreviewView {
    /// The face, without a seal.
    svg: String,
    /// What is not yet right. Fields left empty are no fault here.
    faults: Vec<PreviewFault>,
}

/// What is not yet right with a field.
#[derive(Serialize, ToSchema)]
pub struct PreviewFault {
    /// Where, as a JSON pointer.
    pointer: String,
    /// Stable code.
    code: String,
    /// What.
    details: InBoth,
}

/// All kinds.
#[derive(Serialize, ToSchema)]
pub struct KindList {
    /// By name.
    items: Vec<KindView>,
}

/// A kind.
#[derive(Serialize, ToSchema)]
pub struct KindView {
    /// Name in addresses and requests.
    #[schema(example = "business-license")]
    name: String,
    /// Grows with each change.
    version: u32,
    /// What it is called.
    title: InBoth,
    /// Type code (GB/T 36904).
    type_code: String,
    /// The responsibility a department must have to issue it.
    issuer: String,
    /// In the order of forms.
    fields: Vec<FieldView>,
}

/// A field of a kind.
#[derive(Serialize, ToSchema)]
pub struct FieldView {
    /// Name.
    name: String,
    /// What it is called.
    title: InBoth,
    /// `text`, `date`, `money`, `number`, `enumeration`, `credit-code` or `identity-number`.
    #[serde(rename = "type")]
    field_type: String,
    /// Whether it must be given.
    required: bool,
    /// `public`, `personal` or `sensitive`.
    privacy: String,
    /// Least number of characters, of a text.
    min_length: Option<u64>,
    /// Greatest number of characters, of a text.
    max_length: Option<u64>,
    /// Whether a text may have line breaks.
    multiline: bool,
    /// Whether a date may lie after today.
    future: bool,
    /// The form the whole of a text must have, as a regular expression.
    pattern: Option<String>,
    /// That form in words.
    pattern_hint: Option<InBoth>,
    /// Greatest number of digits after the point, of a number.
    decimals: Option<u8>,
    /// Least number, exact.
    minimum: Option<String>,
    /// Greatest number, exact.
    maximum: Option<String>,
    /// The choices of an enumeration.
    choices: Vec<ChoiceView>,
    /// A value that passes the checks.
    example: String,
}

/// A choice of an enumeration.
#[derive(Serialize, ToSchema)]
pub struct ChoiceView {
    /// Code, as in the data.
    code: String,
    /// What it is called.
    title: InBoth,
}

impl From<Bilingual> for InBoth {
    fn from(text: Bilingual) -> Self {
        Self { zh: text.zh, en: text.en }
    }
}

impl From<&LicenseKind> for KindView {
    fn from(kind: &LicenseKind) -> Self {
        Self {
            name: kind.name.clone(),
            version: kind.version,
            title: kind.title.clone().into(),
            type_code: kind.type_code.clone(),
            issuer: kind.issuer.clone(),
            fields: kind.fields.iter().map(FieldView::from).collect(),
        }
    }
}

impl From<&Field> for FieldView {
    fn from(field: &Field) -> Self {
        let mut view = Self {
            name: field.name.clone(),
            title: field.title.clone().into(),
            field_type: String::new(),
            required: field.required,
            privacy: privacy(field.privacy).to_owned(),
            min_length: None,
            max_length: None,
            multiline: false,
            future: false,
            pattern: None,
            pattern_hint: None,
            decimals: None,
            minimum: None,
            maximum: None,
            choices: Vec::new(),
            example: field.example.clone(),
        };
        let name = match &field.field_type {
            FieldType::Text { min, max, multiline, form } => {
                view.pattern = form.as_ref().map(|form| form.pattern().to_owned());
                view.pattern_hint = form.as_ref().map(|form| form.hint().clone().into());
                view.min_length = Some(*min as u64);
                view.max_length = Some(*max as u64);
                view.multiline = *multiline;
                "text"
            }
            FieldType::Date { future } => {
                view.future = *future;
                "date"
            }
            FieldType::Money => "money",
            FieldType::Number { decimals, min, max } => {
                view.decimals = Some(*decimals);
                view.minimum.clone_from(min);
                view.maximum.clone_from(max);
                "number"
            }
            FieldType::Enumeration { choices } => {
                let choice = |(code, title): &(String, Bilingual)| ChoiceView {
                    code: code.clone(),
                    title: title.clone().into(),
                };
                view.choices = choices.iter().map(choice).collect();
                "enumeration"
            }
            FieldType::CreditCode => "credit-code",
            FieldType::IdentityNumber => "identity-number",
        };
        view.field_type = name.to_owned();
        view
    }
}

const fn privacy(class: PrivacyClass) -> &'static str {
    match class {
        PrivacyClass::Public => "public",
        PrivacyClass::Personal => "personal",
        PrivacyClass::Sensitive => "sensitive",
    }
}

async fn list(State(state): State<http::State>) -> Json<KindList> {
    Json(KindList { items: state.kinds.iter().map(|kind| KindView::from(&**kind)).collect() })
}

async fn one(State(state): State<http::State>, Path(name): Path<String>) -> Result<Json<KindView>, Problem> {
    let kind = state.kinds.get(&name).ok_or_else(|| Problem::new(Kind::NotFound, "kind.unknown"))?;
    Ok(Json(KindView::from(&**kind)))
}

async fn preview(
    State(state): State<http::State>,
    caller: Caller,
    Path(kind): Path<String>,
    Strict(body): Strict<PreviewRequest>,
) -> Result<Json<PreviewView>, Problem> {
    let request = preview_face::Request { kind, data: raw(body.data), number: body.number, issuer: None };
    let preview = preview_face::run(&state, &caller.credential, request).await?;
    let faults = preview.faults.into_iter().map(|fault| PreviewFault {
        pointer: fault.pointer,
        code: fault.code.to_owned(),
        details: InBoth::of(fault.code, &fault.args),
    });
    Ok(Json(PreviewView { svg: preview.svg, faults: faults.collect() }))
}
