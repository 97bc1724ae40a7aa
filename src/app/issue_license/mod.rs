//! Issues a license: eight numbered steps, as ARCHITECTURE.md has them. Steps 1 to 4 are here; 5 to 8, which a restart
//! repeats from what step 4 recorded, are in [`finish`].

pub(crate) mod check;
pub(crate) mod finish;
mod order;
pub(in crate::app) mod seal;
pub(crate) mod under_grant;

pub use order::{BusinessOrder, EnvelopeVersion, Order, Replaced, raw};
pub(crate) use seal::{face_fault, face_fault_at};

use super::change_license_state::to_change;
use super::envelope::finish::Together;
use super::error::{conflict, not_found};
use super::steps::IssueStep;
use super::{AppError, Service, access, audit, business};
use crate::domain::grant::{Grant, GrantId};
use crate::domain::license::draft::CheckedDraft;
use crate::domain::license::kind::{LicenseKind, NumberRule};
use crate::domain::license::{License, LicenseId, LicenseState, number};
use crate::domain::party::{Credential, Department, Role};
use crate::domain::permit;
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::seal::Seal;
use crate::domain::time::{Timestamp, format_date};
use crate::ports::random::Random;
use crate::ports::store::{self, Issuance, IssuanceState, StoreError, Transaction, TxError};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Digits of a check code: a stranger has one chance in ten thousand million at each try.
const CHECK_DIGITS: usize = 10;
/// An open intent this old is nobody's any more: whoever asks again finishes it.
const ABANDONED: Duration = Duration::from_secs(30);
/// How often another identifier or number is drawn when one is taken.
const DRAWS: usize = 8;

const DIGITS: &[u8] = b"0123456789";

/// What became of an order.
pub struct Issued {
    /// The license.
    pub license: License,
    /// Whether this call made it; otherwise an earlier call under the same key did.
    pub fresh: bool,
}

/// Issues a license under the department's idempotency key: 1 to 64 visible ASCII characters.
pub async fn run(
    service: &Arc<Service>,
    caller: &Credential,
    key: &str,
    order: Order,
) -> Result<Issued, AppError> {
    let outcome = issue(service, caller, key, &order).await;
    if let Err(AppError::Refused(refusal)) = &outcome
        && refusal.class == RefusalClass::Forbidden
    {
        let line =
            audit::line(service.clock.now(), &caller.id, "license.issue", &order.kind, &audit::nothing());
        let line = store::AuditLine { outcome: refusal.code.to_owned(), ..line };
        audit::append(service, &line).await?;
    }
    outcome
}

async fn issue(
    service: &Arc<Service>,
    caller: &Credential,
    key: &str,
    order: &Order,
) -> Result<Issued, AppError> {
    let issuers: &[Role] =
        if order.grant.is_some() { &[Role::Department, Role::Clerk] } else { &[Role::Department] };
    access::only(caller, issuers)?;
    if !(1..=64).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Refusal::new(RefusalClass::Invalid, "idempotency.key_form").into());
    }
    // Under a grant the license is the owner's, and the key is one of the grant's: no key of the owner's own has a blank.
    let grant = granted(service, caller, order.grant.as_ref()).await?;
    let key = &grant.as_ref().map_or_else(|| key.to_owned(), |grant| format!("{} {key}", grant.id));
    let department = grant.as_ref().map(|grant| grant.owner.as_str()).or(caller.department.as_deref());
    let department = department.ok_or_else(|| not_found("department.unknown"))?;
    let request = order.to_text().map_err(AppError::internal)?;
    let hash = order::hash(&request);
    let kind = service.kinds.get(&order.kind).ok_or_else(|| not_found("kind.unknown"))?;
    let now = service.clock.now();

    let ground = ground(service, caller, department, key, order, now).await?;
    let ground = match ground {
        Ground::Earlier(earlier) => return again(service, caller, order, *earlier, hash).await,
        Ground::New(new) => *new,
    };
    // 1. Permit: may this caller issue this kind under this seal?
    match &grant {
        None => permit::to_issue(caller, &ground.department, kind, &ground.seal, now)?,
        Some(grant) => {
            permit::under_grant(caller, grant, &ground.department, kind, &ground.seal, now, false)?
        }
    };
    if kind.sealing.is_some() {
        return Err(Refusal::invalid(vec![Fault::at("/kind", "envelope.kind_of_several")]).into());
    }
    // 2 to 4.
    let asker = Asker { by: &caller.id, key, request: &request, now };
    match intend(service, kind, asker, order, ground).await? {
        // 5 to 8.
        Some(work) => finish::run(service, work).await,
        None => {
            let earlier = earlier(service, department, key).await?;
            let earlier = earlier.ok_or_else(|| AppError::internal("an intent came and went"))?;
            again(service, caller, order, earlier, hash).await
        }
    }
}

/// The grant under which the caller asks, if it names one. To everyone whom the grant does not name, it does not exist.
pub(crate) async fn granted(
    service: &Service,
    caller: &Credential,
    id: Option<&GrantId>,
) -> Result<Option<Grant>, AppError> {
    let Some(id) = id else { return Ok(None) };
    let found =
        store::glance(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.grant(id).await?) }))
            .await?;
    let found = found.ok_or_else(|| not_found("grant.unknown"))?;
    match permit::is_granted_to(caller, &found) {
        Err(refusal) if refusal.code == "grant.of_another" => Err(not_found("grant.unknown").into()),
        Err(refusal) => Err(refusal.into()),
        Ok(()) => Ok(Some(found)),
    }
}

/// Issues the license of a satisfied envelope, on the ground that its consents are. Nothing happens if somebody else has
/// recorded the intent meanwhile.
pub(crate) async fn together(
    service: &Arc<Service>,
    by: &str,
    key: &str,
    order: Order,
    ground: NewGround,
) -> Result<(), AppError> {
    let kind = service.kinds.get(&order.kind).ok_or_else(|| not_found("kind.unknown"))?;
    // 1. What permits each seal is the consent; whether the seal may be used now is asked as ever.
    let now = service.clock.now();
    finish::permits(&ground, now)?;
    let request = order.to_text().map_err(AppError::internal)?;
    match intend(service, kind, Asker { by, key, request: &request, now }, &order, ground).await? {
        Some(work) => finish::run(service, work).await.map(drop),
        None => Ok(()),
    }
}

/// Who asks, under which key, for what (the order as text), when.
#[derive(Clone, Copy)]
struct Asker<'a> {
    by: &'a str,
    key: &'a str,
    request: &'a str,
    now: Timestamp,
}

/// Steps 2 to 4, once the permit is there. `None` if the key was used meanwhile.
async fn intend(
    service: &Service,
    kind: &Arc<LicenseKind>,
    Asker { by, key, request, now }: Asker<'_>,
    order: &Order,
    ground: NewGround,
) -> Result<Option<finish::Work>, AppError> {
    finish::forms(service, kind, &finish::laid_on(service, &ground).await?)?;
    service.steps.reached(IssueStep::Permitted);
    // 2. Check the data against the kind and its face: every fault at once.
    let draft = check::check(kind, &ground.asked(order), &service.fonts, now)?;
    let company = business::plan::make(service, kind, order, &ground, &draft, now).await?;
    service.steps.reached(IssueStep::Checked);
    let mut draws = 0;
    let issuance = loop {
        // 3. Number it: identifier, printed number, check code.
        let numbers = numbers(service, kind, order, &ground, &draft)?;
        service.steps.reached(IssueStep::Numbered);
        let issuance = Issuance {
            department: ground.department.code.clone(),
            key: key.to_owned(),
            request_hash: order::hash(request),
            request: request.to_owned(),
            requested_by: by.to_owned(),
            license: numbers.license,
            number: numbers.number,
            check_code: service.random.text(CHECK_DIGITS, DIGITS),
            salt: service.random.bytes(),
            started_at: now,
            state: IssuanceState::Open,
        };
        // 4. Record the intent, durable before any key is touched.
        draws += 1;
        if let Some(plan) = &company
            && plan.code_taken(service, &issuance).await?
        {
            if draws < DRAWS {
                continue;
            }
            return Err(conflict("seal.no_free_code").into());
        }
        match record(service, kind, order, &issuance).await {
            Ok(()) => break issuance,
            Err(Clash::SameKey) => return Ok(None),
            Err(Clash::Number) if numbers.drawn && draws < DRAWS => {}
            Err(Clash::Number) => return Err(conflict("license.number_taken").into()),
            Err(Clash::Identifier) if draws < DRAWS && ground.replaced.is_none() => {}
            // A new edition has the identifier after the one it replaces; somebody is making that one.
            Err(Clash::Identifier) => return Err(conflict("license.changed").into()),
            Err(Clash::Other(why)) => return Err(why),
        }
    };
    service.steps.reached(IssueStep::Recorded);
    Ok(Some(finish::Work { issuance, order: order.clone(), kind: Arc::clone(kind), draft, ground, company }))
}

/// What an order stands on.
pub(crate) struct NewGround {
    /// Who issues.
    pub department: Department,
    /// The seal of the department that issues.
    pub seal: Seal,
    /// The edition to be replaced.
    pub replaced: Option<License>,
    /// Those who seal together, where there are several; the issuer is among them.
    pub together: Option<Together>,
}

impl NewGround {
    /// Every seal in the order in which they are laid on, with the party whose place on the face it takes; none for the
    /// only place of a face.
    fn laid_on(&self) -> Vec<(Option<&str>, &Seal)> {
        match &self.together {
            Some(together) => {
                together.seals.iter().map(|laid| (Some(laid.party.as_str()), &laid.seal)).collect()
            }
            None => vec![(None, &self.seal)],
        }
    }

    /// Those seals.
    fn seals(&self) -> Vec<&Seal> {
        self.laid_on().into_iter().map(|(_, seal)| seal).collect()
    }

    /// What the order asks for, on this ground.
    fn asked<'a>(&'a self, order: &'a Order) -> check::Asked<'a> {
        check::Asked {
            data: &order.data,
            number: order.number.as_deref(),
            department: &self.department,
            replaced: self.replaced.as_ref(),
        }
    }
}

enum Ground {
    Earlier(Box<Issuance>),
    New(Box<NewGround>),
}

/// Reads whether the key was used before, and what the order stands on. A first edition needs no snapshot for that: each
/// part is asked for again before it counts.
async fn ground(
    service: &Service,
    caller: &Credential,
    department: &str,
    key: &str,
    order: &Order,
    now: Timestamp,
) -> Result<Ground, AppError> {
    if let Some(earlier) = earlier(service, department, key).await? {
        return Ok(Ground::Earlier(Box::new(earlier)));
    }
    let store = service.store.as_ref();
    let owner =
        store::glance(store, |tx, _| Box::pin(async move { Ok(tx.department(department).await?) })).await?;
    let owner = owner.ok_or_else(|| not_found("department.unknown"))?;
    let seal = store::glance(store, |tx, _| Box::pin(async move { Ok(tx.seal(&order.seal).await?) })).await?;
    let seal = seal.ok_or_else(|| not_found("seal.unknown"))?;
    let replaced = match &order.replaces {
        None => None,
        Some(Replaced { license, revision, .. }) => {
            let license = store::read(store, |tx, _| {
                Box::pin(async move { to_change(tx, service, caller, license, *revision, now).await })
            })
            .await?;
            if order.business.is_none() {
                business::read::not_bound(service, &license).await?;
            }
            Some(replaceable(license, &order.kind)?)
        }
    };
    Ok(Ground::New(Box::new(NewGround { department: owner, seal, replaced, together: None })))
}

/// An edition that is in force or suspended can be replaced, by one of its own kind.
pub(crate) fn replaceable(license: License, kind: &str) -> Result<License, Refusal> {
    if license.kind != kind {
        return Err(Refusal::invalid(vec![Fault::at("/kind", "license.other_kind")]));
    }
    match license.state {
        LicenseState::Active | LicenseState::Suspended { .. } => Ok(license),
        _ => Err(conflict("license.act_not_allowed")
            .with("state", license.state.name())
            .with("act", "amended")),
    }
}

struct Numbers {
    license: LicenseId,
    number: String,
    /// Whether the number was drawn, so that another can be.
    drawn: bool,
}

/// Step 3. A new edition keeps number and serial; a first edition draws its serial: the day and 12 random digits.
fn numbers(
    service: &Service,
    kind: &LicenseKind,
    order: &Order,
    ground: &NewGround,
    draft: &CheckedDraft,
) -> Result<Numbers, AppError> {
    let random: &dyn Random = service.random.as_ref();
    let issuer = &ground.department;
    if let Some(replaced) = &ground.replaced {
        let edition = replaced.edition.saturating_add(1);
        let license = LicenseId::new(&kind.type_code, &issuer.code, replaced.id.serial(), edition)
            .map_err(|_| conflict("license.no_more_editions"))?;
        let number = draft.number.clone().unwrap_or_else(|| replaced.number.clone());
        return Ok(Numbers { license, number, drawn: false });
    }
    let day = format_date(draft.issued_on).replace('-', "");
    let serial = format!("{day}{}", random.text(12, DIGITS));
    let license = LicenseId::new(&kind.type_code, &issuer.code, &serial, 1).map_err(AppError::internal)?;
    let given = order.number.as_deref().map(number::canonical).transpose();
    let given = given.map_err(|fault| Refusal::invalid(vec![fault]))?;
    if let Some(number) = given.or_else(|| draft.number.clone()) {
        return Ok(Numbers { license, number, drawn: false });
    }
    let NumberRule::Pattern(pattern) = &kind.number else {
        return Err(AppError::internal("a kind whose number is a field has none"));
    };
    let number = number::make(pattern, &issuer.area_code, draft.issued_on, |n| random.text(n, DIGITS))
        .map_err(AppError::internal)?;
    Ok(Numbers { license, number, drawn: true })
}

enum Clash {
    SameKey,
    Number,
    Identifier,
    Other(AppError),
}

/// Step 4: one writing transaction. A use of a grant is counted in it.
async fn record(
    service: &Service,
    kind: &LicenseKind,
    order: &Order,
    issuance: &Issuance,
) -> Result<(), Clash> {
    // Asked in a snapshot of its own: inside the writing transaction this question would make each of two concurrent
    // orders wait for what the other wrote. The claim on the number in step 8 is what decides.
    if number_taken(service, kind, issuance).await.map_err(Clash::Other)? {
        return Err(Clash::Number);
    }
    let recorded = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            tx.insert_issuance(issuance).await?;
            match &order.grant {
                None => Ok(()),
                Some(grant) => under_grant::count(tx, grant, order, issuance).await,
            }
        })
    })
    .await;
    recorded.map_err(|why| match why {
        TxError::Store(StoreError::Exists("idempotency key")) => Clash::SameKey,
        TxError::Store(StoreError::Exists(_)) => Clash::Identifier,
        other => Clash::Other(other.into()),
    })
}

async fn number_taken(service: &Service, kind: &LicenseKind, issuance: &Issuance) -> Result<bool, AppError> {
    let (issuer, number, serial) = (&issuance.department, &issuance.number, issuance.license.serial());
    let taken = store::glance(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.license_number_taken(&kind.name, issuer, number, serial).await?) })
    })
    .await?;
    Ok(taken)
}

async fn earlier(service: &Service, department: &str, key: &str) -> Result<Option<Issuance>, AppError> {
    let found = store::glance(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.issuance(department, key).await?) })
    })
    .await?;
    Ok(found)
}

/// Answers a key that was used before: the same order gives the same license, another order is refused.
async fn again(
    service: &Arc<Service>,
    caller: &Credential,
    order: &Order,
    earlier: Issuance,
    hash: [u8; 32],
) -> Result<Issued, AppError> {
    if earlier.request_hash != hash {
        return Err(conflict("idempotency.key_reused").into());
    }
    let now = service.clock.now();
    match &earlier.state {
        IssuanceState::Done => answer(service, caller, order, &earlier.license).await,
        IssuanceState::Cancelled(code) => Err(conflict("idempotency.cancelled").with("reason", code).into()),
        IssuanceState::Open if now.since(earlier.started_at) < ABANDONED => {
            Err(conflict("idempotency.in_progress").into())
        }
        IssuanceState::Open => finish::recorded(service, earlier).await,
    }
}

/// The license that an earlier call made; reading it is an audit line like any other.
/// What was issued under a grant is shown to those whom it names, for they ordered it.
async fn answer(
    service: &Service,
    caller: &Credential,
    order: &Order,
    id: &LicenseId,
) -> Result<Issued, AppError> {
    let detail = json!({ "role": caller.role.name(), "why": "repeated order" });
    let line = audit::line(service.clock.now(), &caller.id, "license.read", id.as_str(), &detail);
    let license = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            match order.grant {
                None => access::license(tx, caller, id).await,
                Some(_) => stored(tx, id).await,
            }
        })
    })
    .await?;
    Ok(Issued { license, fresh: false })
}

/// The license that is stored under `id`, for the service itself.
pub(crate) async fn stored(tx: &mut dyn Transaction, id: &LicenseId) -> Result<License, TxError> {
    Ok(tx.license(id).await?.ok_or_else(|| not_found("license.unknown"))?)
}
