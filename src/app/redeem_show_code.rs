//! Redeems a show code: once, by a counter or an institution, for exactly the fields that the holder chose.

use super::error::not_found;
use super::{AppError, Service, access, audit, inputs, space};
use crate::crypto::sha256;
use crate::domain::consent::Try;
use crate::domain::handle::NotAHandle;
use crate::domain::license::kind::{Bilingual, PrivacyClass};
use crate::domain::license::mask::covered;
use crate::domain::license::{License, LicenseId, Standing};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::sharing::Allowance;
use crate::domain::show_code::{Closed, Part, Redemption, ShowCode, Showing, Way};
use crate::domain::space::Used;
use crate::domain::time::{Date, Timestamp};
use crate::ports::store::{self, Transaction, TxError};
use serde_json::json;
use std::time::Duration;

/// A code read in its last second must still pass when the request arrives.
const GRACE: Duration = Duration::from_secs(10);

/// Most later comers that are noted of one code.
const MOST_TRIES: u32 = 20;

/// A code as scanned or typed.
pub struct Request {
    /// What was read.
    pub code: String,
    /// What the redeemer needs it for, 1 to 60 characters; the holder will read it.
    pub matter: String,
}

/// A field that the holder showed.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownField {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: Bilingual,
    /// Its value in canonical form, or what its mask leaves of it; `None` if the license leaves it empty.
    pub value: Option<String>,
    /// Whether it is masked: sensitive, and shown without a reason.
    pub masked: bool,
}

/// A license that the holder showed.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownLicense {
    /// The license.
    pub license: LicenseId,
    /// Its kind's name.
    pub kind: String,
    /// What the kind is called.
    pub kind_title: Bilingual,
    /// Name of the issuing department.
    pub issuer_name: String,
    /// Where the license stands.
    pub standing: Standing,
    /// Last day of validity; `None` if it has no end.
    pub valid_until: Option<Date>,
    /// Exactly the fields that the holder chose, in the order of the kind; none of a license that is not in force.
    pub fields: Vec<ShownField>,
}

/// What the redeemer sees: at least one license is in force, or nothing would be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    /// Name of the showing, as the holder sees it too.
    pub showing: String,
    /// How it came about.
    pub way: Way,
    /// What the holder shows it for.
    pub purpose: String,
    /// Why sensitive fields are shown in full.
    pub reason: Option<String>,
    /// Who showed it on behalf of the holder, as the holder calls that one.
    pub deputy: Option<String>,
    /// When it was redeemed.
    pub redeemed_at: Timestamp,
    /// The licenses, in the holder's order.
    pub licenses: Vec<ShownLicense>,
}

/// Redeems a code.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Shown, AppError> {
    run_within(service, caller, request, None).await
}

/// Redeems a code for somebody who may see some kinds only, if that is said. A code with a license of another kind is unknown
/// to that one in everything, also as a guess; it stays as it was for whoever may see it.
pub(crate) async fn run_within(
    service: &Service,
    caller: &Credential,
    request: Request,
    within: Option<&Allowance>,
) -> Result<Shown, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution])?;
    let mut faults = Vec::new();
    let matter = inputs::line("/matter", &request.matter, 1, 60, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    service.guesses.check(&caller.id, now)?;
    let code = ShowCode::parse(&request.code).map_err(|why| match why {
        NotAHandle::Form => Refusal::new(RefusalClass::Invalid, "show_code.not_a_code"),
        NotAHandle::Check => Refusal::new(RefusalClass::Invalid, "show_code.forged"),
    })?;
    let hash = sha256(code.digits().as_bytes());
    let by = Redemption { by: caller.id.clone(), label: caller.label.clone(), at: now, matter };
    let redemption = &by;
    let outcome = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let showing = showing(&mut *tx, &hash, within).await?;
            let (shown, holder) = redeem(&mut *tx, service, (&hash, showing), redemption).await?;
            note(&mut *tx, service, (&holder, caller), &shown, &redemption.matter).await?;
            Ok(shown)
        })
    })
    .await;
    // Nothing was opened, so there is no license to name; the hash names the code to whoever has the table.
    let detail = json!({ "role": caller.role.name() });
    let refused = audit::line(now, &caller.id, "show_code.redeem", &hex::encode(hash), &detail);
    let outcome = audit::refused(service, refused, outcome).await;
    if let Err(AppError::Refused(refusal)) = &outcome {
        match refusal.code {
            "show_code.unknown" => service.guesses.count(&caller.id, now),
            "show_code.used" => tell_holder(service, caller, &hash, now).await,
            _ => {}
        }
    }
    outcome
}

/// Tells the holder that somebody came with a code that was used before; of each once. Whoever came has its answer
/// already, so what fails here is for the log alone.
async fn tell_holder(service: &Service, caller: &Credential, hash: &[u8; 32], now: Timestamp) {
    let told = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let Some(showing) = tx.showing_by_code(hash).await? else { return Ok(None) };
            let known = tx.tries(&showing.id, MOST_TRIES).await?;
            let new = known.len() < MOST_TRIES as usize && known.iter().all(|tried| tried.by != caller.id);
            Ok(Some(showing.id).filter(|_| new))
        })
    });
    let noted = match told.await {
        Ok(Some(showing)) => {
            let tried = &Try { showing, by: caller.id.clone(), label: caller.label.clone(), at: now };
            store::write(service.store.as_ref(), |tx, _| {
                Box::pin(async move {
                    if !tx.add_try(tried).await? {
                        return Ok(());
                    }
                    let body = json!({ "place": caller.role.name() });
                    let event = audit::event(service, now, "show.tried_again", &tried.showing, &body);
                    Ok(tx.append_event(&event).await?)
                })
            })
            .await
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = noted {
        tracing::warn!(%error, "who came with a used show code was not noted");
    }
}

/// The showing of that code, if all its licenses are of kinds that may be seen.
async fn showing(
    tx: &mut dyn Transaction,
    hash: &[u8; 32],
    within: Option<&Allowance>,
) -> Result<Showing, TxError> {
    let unknown = || Refusal::new(RefusalClass::NotFound, "show_code.unknown");
    let showing = tx.showing_by_code(hash).await?.ok_or_else(unknown)?;
    if let Some(allowance) = within {
        for part in &showing.parts {
            let license = tx.license(&part.license).await?;
            license.filter(|license| allowance.may_see(&license.kind, true)).ok_or_else(unknown)?;
        }
    }
    Ok(showing)
}

async fn redeem(
    tx: &mut dyn Transaction,
    service: &Service,
    (hash, showing): (&[u8; 32], Showing),
    by: &Redemption,
) -> Result<(Shown, String), TxError> {
    if let Err(closed) = showing.check_open(by.at.minus(GRACE)) {
        return Err(why_closed(tx, closed).await?.into());
    }
    let deputy = tx.showing_deputy(&showing.id).await?;
    if deputy.as_ref().is_some_and(|deputy| deputy.withdrawn_at.is_some()) {
        return Err(why_closed(tx, Closed::Withdrawn).await?.into());
    }
    let licenses = disclose(&mut *tx, service, &showing, by.at).await?;
    if let [only] = &licenses[..]
        && only.standing != Standing::InForce
    {
        let refusal = Refusal::new(RefusalClass::Gone, "show_code.license_not_in_force");
        return Err(refusal.with("standing", only.standing.name()).into());
    }
    if licenses.iter().all(|license| license.standing != Standing::InForce) {
        let refusal = Refusal::new(RefusalClass::Gone, "show_code.licenses_not_in_force");
        return Err(refusal.with("standing", weightiest(&licenses).name()).into());
    }
    if !tx.redeem_showing(&showing.id, by).await? {
        // Serializable transactions let nobody in between; should a store do, its first redeemer is told here.
        let now = tx.showing_by_code(hash).await?.and_then(|s| s.check_open(by.at.minus(GRACE)).err());
        return Err(why_closed(tx, now.unwrap_or(Closed::Withdrawn)).await?.into());
    }
    let shown = Shown {
        showing: showing.id,
        way: showing.way,
        purpose: showing.purpose,
        reason: showing.reason,
        deputy: deputy.map(|deputy| deputy.deputy_name),
        redeemed_at: by.at,
        licenses,
    };
    Ok((shown, showing.holder))
}

/// Of licenses none of which is in force: what weighs most for whoever relies on them.
fn weightiest(licenses: &[ShownLicense]) -> Standing {
    let weight = |standing: &Standing| match standing {
        Standing::Ended(_) => 5,
        Standing::Suspended => 4,
        Standing::Expired => 3,
        Standing::NotYetValid => 2,
        Standing::Superseded => 1,
        Standing::InForce => 0,
    };
    licenses.iter().map(|license| license.standing).max_by_key(weight).unwrap_or(Standing::InForce)
}

/// The licenses of a showing as they are at `at`: exactly the chosen fields, sensitive ones masked unless the showing
/// gives a reason, and nothing but the standing of one that is not in force.
pub(crate) async fn disclose(
    tx: &mut dyn Transaction,
    service: &Service,
    showing: &Showing,
    at: Timestamp,
) -> Result<Vec<ShownLicense>, TxError> {
    let mut licenses = Vec::with_capacity(showing.parts.len());
    for part in &showing.parts {
        let license = tx.license(&part.license).await?.ok_or_else(|| not_found("license.unknown"))?;
        let standing = license.standing(at);
        licenses.push(shown(&mut *tx, service, (showing, part), license, standing).await?);
    }
    Ok(licenses)
}

/// One license of a showing, which stood so.
pub(crate) async fn shown(
    tx: &mut dyn Transaction,
    service: &Service,
    (showing, part): (&Showing, &Part),
    license: License,
    standing: Standing,
) -> Result<ShownLicense, TxError> {
    let kind = service.kinds.get(&license.kind).ok_or_else(|| not_found("kind.unknown"))?;
    let issuer = tx.department(&license.issuer).await?;
    let chosen = kind.fields.iter().filter(|field| part.fields.contains(&field.name));
    let fields = chosen.filter(|_| standing == Standing::InForce).map(|field| {
        let masked = field.privacy == PrivacyClass::Sensitive && showing.reason.is_none();
        let value = license.data.get(&field.name);
        ShownField {
            name: field.name.clone(),
            title: field.title.clone(),
            value: value.map(|value| if masked { covered(field, value) } else { value.clone() }),
            masked,
        }
    });
    Ok(ShownLicense {
        fields: fields.collect(),
        kind: kind.name.clone(),
        kind_title: kind.title.clone(),
        issuer_name: issuer.map(|found| found.name_zh).unwrap_or_default(),
        standing,
        valid_until: license.valid_until,
        license: license.id,
    })
}

/// Notes what `caller` saw of `owner`'s: a line of the audit trail and of the owner's space for each license, and the
/// event. Written in the transaction that let it look; of fields the names, never the values.
pub(crate) async fn note(
    tx: &mut dyn Transaction,
    service: &Service,
    (owner, caller): (&str, &Credential),
    shown: &Shown,
    matter: &str,
) -> Result<(), TxError> {
    let now = shown.redeemed_at;
    for license in &shown.licenses {
        let names: Vec<&str> = license.fields.iter().map(|field| field.name.as_str()).collect();
        let detail = json!({
            "role": caller.role.name(), "showing": shown.showing, "way": shown.way.name(), "fields": names,
            "on_behalf": shown.deputy.is_some(),
        });
        let id = license.license.as_str();
        tx.append_audit(&audit::line(now, &caller.id, "show_code.redeem", id, &detail)).await?;
        let used = Used::Shown {
            license: license.license.clone(),
            purpose: shown.purpose.clone(),
            matter: matter.to_owned(),
            fields: names.iter().map(|name| (*name).to_owned()).collect(),
            deputy: shown.deputy.clone(),
            compared: None,
            offline: false,
            code: None,
        };
        space::note(&mut *tx, service, (owner, caller), used, now).await?;
    }
    // Only operators' endpoints hear of it, such as that of the app that tells the holder: neither the issuer nor any
    // other department has to know where somebody shows a license.
    let shown_licenses = shown.licenses.iter();
    let told: Vec<_> = shown_licenses
        .map(|license| json!({ "license": license.license.as_str(), "kind": license.kind }))
        .collect();
    let told = json!({ "licenses": told, "place": caller.role.name(), "way": shown.way.name() });
    Ok(tx.append_event(&audit::event(service, now, "show.redeemed", &shown.showing, &told)).await?)
}

/// Says which way a code is closed. Of the first redeemer only when, and what kind of place.
async fn why_closed(tx: &mut dyn Transaction, closed: Closed) -> Result<Refusal, TxError> {
    let gone = |code| Refusal::new(RefusalClass::Gone, code);
    Ok(match closed {
        Closed::Expired => gone("show_code.expired"),
        Closed::Withdrawn => gone("show_code.withdrawn"),
        Closed::Used(first) => {
            let place = tx.credential(&first.by).await?.map_or("unknown", |c| c.role.name());
            gone("show_code.used").with("at", first.at).with("place", place)
        }
    })
}
