//! `/v1/credentials`

use super::common::{from_cursor, to_cursor};
use crate::app::add_credential::{self, Secret};
use crate::domain::party::{Credential, Role, Scope};
use crate::domain::refusal::Fault;
use crate::http::body::{Strict, StrictQuery};
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::route::Route;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Routes about credentials.
pub fn routes() -> Vec<Route> {
    let operator: &[Role] = &[Role::Operator];
    vec![
        Route::get("/v1/credentials", list)
            .api("credentials", "List credentials, without their secrets, which nobody has")
            .roles(operator)
            .query::<CredentialQuery>()
            .gives::<CredentialList>(200),
        Route::post("/v1/credentials", add)
            .api("credentials", "Give a credential; its token is shown this once")
            .roles(operator)
            .takes::<CredentialRequest>()
            .gives::<NewCredential>(201)
            .refuses(&[503]),
        Route::delete("/v1/credentials/{id}", withdraw)
            .api("credentials", "Withdraw a credential")
            .roles(operator)
            .refuses(&[404, 503]),
    ]
}

/// Whom to give a credential.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialRequest {
    /// What to call the bearer; holders read it in their list of lookups.
    #[schema(min_length = 1, max_length = 60)]
    label: String,
    /// Its role.
    role: RoleName,
    /// The department it acts for, by credit code.
    #[schema(pattern = "^[0-9A-Z]{18}$")]
    department: Option<String>,
    /// The holder it speaks for, by code.
    #[schema(min_length = 1, max_length = 60)]
    holder: Option<String>,
    /// The company it acts for, by credit code.
    #[schema(pattern = "^[0-9A-Z]{18}$")]
    business: Option<String>,
    /// License kinds it may use; all if absent.
    #[schema(max_items = 100)]
    kinds: Option<Vec<String>>,
    /// Seals it may use; all if absent.
    #[schema(max_items = 100)]
    seals: Option<Vec<String>>,
    /// Days until it expires.
    #[schema(minimum = 1, maximum = 1100)]
    days: u32,
    /// Who bears it: a reference that you give the same person each time, such as a staff number or a keyed hash of it, never
    /// an identity number. Two credentials with one reference count as one person where an act takes two; without one,
    /// each credential counts as a person of its own. It cannot be changed later.
    #[schema(min_length = 1, max_length = 60)]
    person: Option<String>,
    /// DER of a client X.509 certificate in base64, to call with instead of a token.
    #[schema(min_length = 1, max_length = 22000)]
    client_x509: Option<String>,
}

/// A role.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleName {
    /// 颁发机构
    Department,
    /// 印章管理员
    SealAdministrator,
    /// 持证主体
    Holder,
    /// 窗口人员
    Clerk,
    /// 用证机构
    Institution,
    /// 审计人员
    Auditor,
    /// 运维人员
    Operator,
    /// 企业印章管理人
    CompanyManager,
    /// 用印人
    Sealer,
}

/// Which credentials.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,200}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct CredentialList {
    /// By id.
    items: Vec<CredentialView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// A credential.
#[derive(Serialize, ToSchema)]
pub struct CredentialView {
    /// Identifier.
    id: String,
    /// What the bearer is called.
    label: String,
    /// Role.
    role: String,
    /// Department.
    department: Option<String>,
    /// Company.
    business: Option<String>,
    /// License kinds it may use; null for all.
    kinds: Option<Vec<String>>,
    /// Seals it may use; null for all.
    seals: Option<Vec<String>>,
    /// From here on it is refused.
    #[schema(format = "date-time")]
    expires_at: String,
    /// When it was withdrawn.
    #[schema(format = "date-time")]
    withdrawn_at: Option<String>,
    /// Who bears it, where that was said.
    person: Option<String>,
}

/// A credential just made.
#[derive(Serialize, ToSchema)]
pub struct NewCredential {
    /// The credential.
    credential: CredentialView,
    /// Its token, shown this once; null where a client X.509 certificate is called with.
    token: Option<String>,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Department => Self::Department,
            RoleName::SealAdministrator => Self::SealAdministrator,
            RoleName::Holder => Self::Holder,
            RoleName::Clerk => Self::Clerk,
            RoleName::Institution => Self::Institution,
            RoleName::Auditor => Self::Auditor,
            RoleName::Operator => Self::Operator,
            RoleName::CompanyManager => Self::CompanyManager,
            RoleName::Sealer => Self::Sealer,
        }
    }
}

impl From<Credential> for CredentialView {
    /// Leaves the holder's code out: operators run the service and see no holder's data.
    fn from(credential: Credential) -> Self {
        let names = |scope| match scope {
            Scope::All => None,
            Scope::Only(names) => Some(names),
        };
        Self {
            id: credential.id,
            label: credential.label,
            role: credential.role.name().to_owned(),
            department: credential.department,
            business: credential.business,
            kinds: names(credential.kinds),
            seals: names(credential.seals),
            expires_at: credential.expires_at.to_string(),
            withdrawn_at: credential.withdrawn_at.map(|at| at.to_string()),
            person: credential.person,
        }
    }
}

async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<CredentialQuery>,
) -> Result<Json<CredentialList>, Problem> {
    let after = from_cursor(query.after.as_deref(), |text| Some(text.to_owned()))?.unwrap_or_default();
    let found = add_credential::list(&state, &caller.credential, &after, query.limit).await?;
    let next = found.last().map(|last| to_cursor(&last.id));
    Ok(Json(CredentialList { items: found.into_iter().map(CredentialView::from).collect(), next }))
}

async fn add(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<CredentialRequest>,
) -> Result<(StatusCode, Json<NewCredential>), Problem> {
    let scope = |names: Option<Vec<String>>| names.map_or(Scope::All, Scope::Only);
    let request = add_credential::Request {
        label: body.label,
        role: body.role.into(),
        department: body.department,
        holder: body.holder,
        business: body.business,
        kinds: scope(body.kinds),
        seals: scope(body.seals),
        days: body.days,
        person: body.person,
        secret: match body.client_x509 {
            None => Secret::Token,
            Some(text) => Secret::ClientX509(STANDARD.decode(text).map_err(|_| unreadable())?),
        },
    };
    let add = async move { add_credential::run(&state, &caller.credential, request).await };
    let added = detach(add).await?;
    let view = NewCredential { credential: added.credential.into(), token: added.token };
    Ok((StatusCode::CREATED, Json(view)))
}

fn unreadable() -> Problem {
    Problem::faults(Kind::Invalid, Place::Body, vec![Fault::at("/client_x509", "x509.unreadable")])
}

async fn withdraw(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    detach(async move { add_credential::withdraw(&state, &caller.credential, &id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
