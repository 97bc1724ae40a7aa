//! Gives, lists and withdraws credentials.

use super::error::{conflict, forbidden, not_found};
use super::{AppError, Service, audit, inputs};
use crate::crypto::sha256;
use crate::domain::license::check::{credit_code, identity_number};
use crate::domain::party::{Credential, Role, Scope};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::seal::SealCode;
use crate::ports::store::{self, AuditLine};
use serde_json::json;
use std::time::Duration;

/// Letters of tokens.
const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 43 letters of 62: 256 bits.
const TOKEN_LETTERS: usize = 43;
/// Longest life of a credential.
const MOST_DAYS: u32 = 1100;
/// The refusal of a first credential where there is one.
const NOT_THE_FIRST: &str = "credential.not_the_first";

/// What the bearer will call with.
pub enum Secret {
    /// A random token, made here and told once.
    Token,
    /// A client X.509 certificate (DER) that the bearer has.
    ClientX509(Vec<u8>),
}

/// Whom to give a credential.
pub struct Request {
    /// What to call the bearer.
    pub label: String,
    /// Its role.
    pub role: Role,
    /// The department it acts for.
    pub department: Option<String>,
    /// The holder it speaks for.
    pub holder: Option<String>,
    /// The company it acts for.
    pub business: Option<String>,
    /// License kinds it may use.
    pub kinds: Scope,
    /// Seals it may use.
    pub seals: Scope,
    /// Days until it expires.
    pub days: u32,
    /// Who bears it: a reference that the operator gives the same person each time, where two credentials of one person
    /// must not count as two people.
    pub person: Option<String>,
    /// What it calls with.
    pub secret: Secret,
}

/// A credential just made.
pub struct Added {
    /// The credential.
    pub credential: Credential,
    /// The token, where one was made: told this once and kept nowhere.
    pub token: Option<String>,
}

/// An operator gives a credential.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Added, AppError> {
    operator(caller)?;
    add(service, &caller.id, request, false).await
}

/// The first operator of a new service, if it has no credential at all. Asked for by whoever has the machine.
pub async fn first_operator(service: &Service, label: &str) -> Result<Option<Added>, AppError> {
    match add(service, audit::SYSTEM, an_operator(label), true).await {
        Err(AppError::Refused(refusal)) if refusal.code == NOT_THE_FIRST => Ok(None),
        added => added.map(Some),
    }
}

/// One more operator, asked for by whoever has the machine.
pub async fn another_operator(service: &Service, label: &str) -> Result<Added, AppError> {
    add(service, audit::SYSTEM, an_operator(label), false).await
}

fn an_operator(label: &str) -> Request {
    Request {
        label: label.to_owned(),
        role: Role::Operator,
        department: None,
        holder: None,
        business: None,
        kinds: Scope::All,
        seals: Scope::All,
        days: 366,
        person: None,
        secret: Secret::Token,
    }
}

/// `first` adds only if there is no credential yet.
async fn add(service: &Service, actor: &str, request: Request, first: bool) -> Result<Added, AppError> {
    let prepared = prepare(service, request)?;
    let Prepared { credential, hash, token } = &prepared;
    let line = line(service, actor, credential);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            if first && !tx.credentials("", 1).await?.is_empty() {
                return Err(conflict(NOT_THE_FIRST).into());
            }
            if let Some(code) = &credential.department
                && tx.department(code).await?.is_none()
            {
                return Err(Refusal::invalid(vec![Fault::at("/department", "department.unknown")]).into());
            }
            if let Some(code) = &credential.business
                && tx.business(code).await?.is_none()
            {
                return Err(Refusal::invalid(vec![Fault::at("/business", "business.unknown")]).into());
            }
            match tx.add_credential(credential, hash).await {
                Err(store::StoreError::Exists(_)) => {
                    Err(Refusal::invalid(vec![Fault::at("/client_x509", "credential.known")]).into())
                }
                other => Ok(other?),
            }
        })
    })
    .await?;
    let token = token.clone();
    Ok(Added { credential: prepared.credential, token })
}

/// The line of the audit trail about a new credential.
pub(super) fn line(service: &Service, actor: &str, credential: &Credential) -> AuditLine {
    let detail = json!({
        "role": credential.role.name(), "department": credential.department, "business": credential.business,
    });
    audit::line(service.clock.now(), actor, "credential.add", &credential.id, &detail)
}

/// A credential that nobody has yet.
pub(super) struct Prepared {
    pub credential: Credential,
    pub hash: [u8; 32],
    pub token: Option<String>,
}

/// Checks a request and draws what the bearer will call with.
pub(super) fn prepare(service: &Service, request: Request) -> Result<Prepared, Refusal> {
    let now = service.clock.now();
    let (label, person) = check(service, &request)?;
    let (token, hash) = match &request.secret {
        Secret::Token => {
            let token = format!("yz_{}", service.random.text(TOKEN_LETTERS, ALPHABET));
            let hash = sha256(token.as_bytes());
            (Some(token), hash)
        }
        Secret::ClientX509(der) => (None, sha256(der)),
    };
    let credential = Credential {
        id: format!("{}-{}", request.role.name(), hex::encode(service.random.bytes::<6>())),
        label,
        role: request.role,
        department: request.department,
        holder: request.holder,
        business: request.business,
        kinds: request.kinds,
        seals: request.seals,
        expires_at: now.plus(Duration::from_secs(u64::from(request.days) * 86_400)),
        withdrawn_at: None,
        person,
    };
    Ok(Prepared { credential, hash, token })
}

fn check(service: &Service, request: &Request) -> Result<(String, Option<String>), Refusal> {
    let mut faults = Vec::new();
    let label = inputs::line("/label", &request.label, 1, 60, &mut faults);
    if !(1..=MOST_DAYS).contains(&request.days) {
        faults.push(Fault::at("/days", "number.out_of_range").with("min", 1).with("max", MOST_DAYS));
    }
    match (request.role, &request.department) {
        (Role::Department, None) => faults.push(Fault::at("/department", "field.required")),
        (_, Some(code)) if !credit_code::valid(code) => {
            faults.push(Fault::at("/department", "field.credit_code"));
        }
        (Role::Department | Role::SealAdministrator | Role::Clerk, _) | (_, None) => {}
        (_, Some(_)) => faults.push(Fault::at("/department", "credential.not_for_this_role")),
    }
    match (request.role, &request.holder) {
        (Role::Holder, None) => faults.push(Fault::at("/holder", "field.required")),
        (Role::Holder, Some(code)) => {
            inputs::line("/holder", code, 1, 60, &mut faults);
        }
        (_, Some(_)) => faults.push(Fault::at("/holder", "credential.not_for_this_role")),
        (_, None) => {}
    }
    let of_company = matches!(request.role, Role::CompanyManager | Role::Sealer);
    match &request.business {
        None if of_company => faults.push(Fault::at("/business", "field.required")),
        Some(_) if !of_company => faults.push(Fault::at("/business", "credential.not_for_this_role")),
        Some(code) if !credit_code::valid(code) => {
            faults.push(Fault::at("/business", "field.credit_code"));
        }
        Some(_) | None => {}
    }
    if let Scope::Only(names) = &request.kinds
        && !names.iter().all(|name| service.kinds.get(name).is_some())
    {
        faults.push(Fault::at("/kinds", "kind.unknown"));
    }
    if let Scope::Only(codes) = &request.seals
        && (codes.len() > 100 || !codes.iter().all(|c| SealCode::parse(c).is_some()))
    {
        faults.push(Fault::at("/seals", "seal.not_a_code"));
    }
    if let Secret::ClientX509(der) = &request.secret
        && (der.len() > 16_384 || crate::formats::x509::read(der).is_err())
    {
        faults.push(Fault::at("/client_x509", "x509.unreadable"));
    }
    let person = request.person.as_ref().map(|given| inputs::line("/person", given, 1, 60, &mut faults));
    // It is kept and shown as it is.
    if person.as_deref().is_some_and(identity_number::valid) {
        faults.push(Fault::at("/person", "credential.person_is_identity_number"));
    }
    if faults.is_empty() { Ok((label, person)) } else { Err(Refusal::invalid(faults)) }
}

/// Withdraws a credential: from now on it is refused.
pub async fn withdraw(service: &Service, caller: &Credential, id: &str) -> Result<(), AppError> {
    operator(caller)?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "credential.withdraw", id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            if tx.withdraw_credential(id, now).await? {
                Ok(())
            } else {
                Err(not_found("credential.unknown").into())
            }
        })
    })
    .await
}

/// Credentials by id after `after`, without their secrets, which nobody has.
pub async fn list(
    service: &Service,
    caller: &Credential,
    after: &str,
    limit: Option<u32>,
) -> Result<Vec<Credential>, AppError> {
    operator(caller)?;
    let limit = inputs::rows(limit);
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.credentials(after, limit).await?) })
    })
    .await?;
    Ok(found)
}

fn operator(caller: &Credential) -> Result<(), Refusal> {
    if caller.role == Role::Operator { Ok(()) } else { Err(forbidden("permit.role")) }
}
