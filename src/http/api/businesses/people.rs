//! `POST /v1/businesses/{code}/manager`, `/v1/businesses/{code}/people`

use crate::app::add_credential::Added;
use crate::app::business::people;
use crate::domain::party::Credential;
use crate::http::api::common::{from_cursor, to_cursor};
use crate::http::body::{Strict, StrictQuery};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who gets control.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ManagerRequest {
    /// What to call the manager.
    #[schema(min_length = 1, max_length = 60)]
    label: String,
}

/// Whom to let in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmployeeRequest {
    /// What to call the employee.
    #[schema(min_length = 1, max_length = 60)]
    label: String,
    /// Days until the credential expires.
    #[schema(minimum = 1, maximum = 1100)]
    days: u32,
}

/// Which people.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,200}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct PeopleList {
    /// By credential.
    items: Vec<PersonView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// One of a company's people.
#[derive(Serialize, ToSchema)]
pub struct PersonView {
    /// Credential, as grants name it.
    id: String,
    /// What the person is called.
    label: String,
    /// `company-manager` or `sealer`.
    role: String,
    /// From here on refused.
    #[schema(format = "date-time")]
    expires_at: String,
    /// When it was withdrawn.
    #[schema(format = "date-time")]
    withdrawn_at: Option<String>,
}

/// Somebody just let in.
#[derive(Serialize, ToSchema)]
pub struct NewPerson {
    /// The person.
    person: PersonView,
    /// The token to call with, shown this once.
    token: String,
}

impl From<Credential> for PersonView {
    fn from(credential: Credential) -> Self {
        Self {
            id: credential.id,
            label: credential.label,
            role: credential.role.name().to_owned(),
            expires_at: credential.expires_at.to_string(),
            withdrawn_at: credential.withdrawn_at.map(|at| at.to_string()),
        }
    }
}

fn new_person(added: Added) -> (StatusCode, Json<NewPerson>) {
    let view = NewPerson { person: added.credential.into(), token: added.token.unwrap_or_default() };
    (StatusCode::CREATED, Json(view))
}

/// Hands control over.
pub async fn hand_over(
    State(state): State<http::State>,
    caller: Caller,
    Path(code): Path<String>,
    Strict(body): Strict<ManagerRequest>,
) -> Result<(StatusCode, Json<NewPerson>), Problem> {
    let work = async move { people::hand_over(&state, &caller.credential, &code, &body.label).await };
    Ok(new_person(detach(work).await?))
}

/// Lets in.
pub async fn let_in(
    State(state): State<http::State>,
    caller: Caller,
    Path(code): Path<String>,
    Strict(body): Strict<EmployeeRequest>,
) -> Result<(StatusCode, Json<NewPerson>), Problem> {
    let work = async move { people::let_in(&state, &caller.credential, &code, &body.label, body.days).await };
    Ok(new_person(detach(work).await?))
}

/// Lets go.
pub async fn let_go(
    State(state): State<http::State>,
    caller: Caller,
    Path((code, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    detach(async move { people::let_go(&state, &caller.credential, &code, &id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    Path(code): Path<String>,
    StrictQuery(query): StrictQuery<PeopleQuery>,
) -> Result<Json<PeopleList>, Problem> {
    let after = from_cursor(query.after.as_deref(), |text| Some(text.to_owned()))?.unwrap_or_default();
    let found = people::list(&state, &caller.credential, &code, &after, query.limit).await?;
    let next = found.last().map(|last| to_cursor(&last.id));
    Ok(Json(PeopleList { items: found.into_iter().map(PersonView::from).collect(), next }))
}
