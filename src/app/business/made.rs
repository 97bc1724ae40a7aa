//! The seals of a plan: made before the license is released, entered in the register with it.

use super::plan::{Plan, Planned};
use crate::app::end_seal::{self, Ending};
use crate::app::error::{conflict, not_found};
use crate::app::make_seal::{self, Credentials};
use crate::app::{AppError, Service, audit};
use crate::domain::business::{Business, BusinessSeal, BusinessState};
use crate::domain::license::License;
use crate::domain::party::Role;
use crate::domain::seal::{Seal, SealEvent, SealPicture, SealState};
use crate::domain::time::Timestamp;
use crate::ports::store::{Issuance, OutboxEvent, StoreError, Transaction, TxError};
use futures::future::try_join_all;
use serde_json::json;
use std::sync::Arc;

/// Everything of a plan that is ready to be entered.
pub(crate) struct Made<'s> {
    seals: Vec<MadeSeal>,
    endings: Vec<Ending<'s>>,
}

struct MadeSeal {
    seal: Seal,
    picture: SealPicture,
    credentials: Credentials,
    /// The seal before it, as it is when it has given way.
    old: Option<(Seal, u32)>,
}

/// Makes keys, X.509 certificates and seal objects, all seals at once: most of it is waiting for the disk. All are useless
/// until they are entered; a key that an interrupted process left behind is taken up.
pub(crate) async fn make<'s>(
    service: &'s Arc<Service>,
    plan: &Plan,
    issuance: &Issuance,
) -> Result<Made<'s>, AppError> {
    let now = service.clock.now();
    let making = plan.seals.iter().map(|planned| make_one(service, plan, planned, issuance, now));
    let (seals, endings): (Vec<_>, Vec<_>) = try_join_all(making).await?.into_iter().unzip();
    Ok(Made { seals, endings: endings.into_iter().flatten().collect() })
}

/// One seal, and the endings of the one before it.
async fn make_one<'s>(
    service: &'s Arc<Service>,
    plan: &Plan,
    planned: &Planned,
    issuance: &Issuance,
    now: Timestamp,
) -> Result<(MadeSeal, Vec<Ending<'s>>), AppError> {
    let (mut seal, picture) = plan.seal(service, planned, issuance, now)?;
    let (maker, wanted) = (Arc::clone(service), seal.clone());
    let making = tokio::task::spawn_blocking(move || {
        let made = make_seal::run(&maker, &wanted, &picture)?;
        Ok::<_, AppError>((made, picture))
    });
    let (credentials, picture) = making.await??;
    seal.valid_until = credentials.valid_until;
    let (mut old, mut endings) = (None, Vec::new());
    if let Some(before) = &planned.replaces {
        let after = before.give_way(&seal.code)?;
        endings = end_seal::endings(service, &after, now).await?;
        old = Some((after, before.revision));
    }
    Ok((MadeSeal { seal, picture, credentials, old }, endings))
}

/// Enters them, binds them to the license and says so, in the transaction that releases it.
pub(crate) async fn enter(
    tx: &mut dyn Transaction,
    service: &Service,
    plan: &Plan,
    made: &Made<'_>,
    license: &License,
    issuance: &Issuance,
) -> Result<(), TxError> {
    let (now, by) = (license.released_at, issuance.requested_by.as_str());
    if let Some(rule) = &plan.rule {
        let rule = tx.standing_rule(&rule.id).await?.ok_or_else(|| not_found("rule.unknown"))?;
        let purposes: Vec<_> = plan.seals.iter().map(|planned| planned.purpose).collect();
        rule.check(&purposes, now)?;
    }
    let topic = enter_business(&mut *tx, plan, license, now).await?;
    if plan.led_by_another {
        for role in [Role::CompanyManager, Role::Sealer] {
            tx.withdraw_business_credentials(&plan.code, role, now).await?;
        }
    }
    for made in &made.seals {
        enter_seal(&mut *tx, service, made, license, by).await?;
    }
    end_seal::revoke(&mut *tx, &made.endings).await?;
    let codes: Vec<&str> = made.seals.iter().map(|made| made.seal.code.as_str()).collect();
    let body = json!({ "license": license.id.as_str(), "seals": codes });
    tx.append_audit(&audit::line(now, by, topic, &plan.code, &body)).await?;
    let event = audit::event(service, now, topic, &plan.code, &body);
    tx.append_event(&event.concerning([&license.issuer, &plan.code])).await?;
    Ok(())
}

/// The topic that says what happened.
async fn enter_business(
    tx: &mut dyn Transaction,
    plan: &Plan,
    license: &License,
    now: Timestamp,
) -> Result<&'static str, TxError> {
    let Some(before) = &plan.before else {
        let business = Business {
            code: plan.code.clone(),
            name: plan.name.clone(),
            registry: license.issuer.clone(),
            license: license.id.clone(),
            state: BusinessState::Active,
            manager: None,
            revision: 1,
            registered_at: now,
            changed_at: now,
        };
        return match tx.insert_business(&business).await {
            Ok(()) => Ok("business.registered"),
            Err(StoreError::Exists(_)) => Err(conflict("business.exists").into()),
            Err(other) => Err(other.into()),
        };
    };
    let after = Business {
        name: plan.name.clone(),
        license: license.id.clone(),
        manager: before.manager.clone().filter(|_| !plan.led_by_another),
        revision: before.revision + 1,
        changed_at: now,
        ..before.clone()
    };
    if tx.update_business(&after, before.revision).await? {
        Ok("business.amended")
    } else {
        Err(conflict("business.changed").with("revision", before.revision).into())
    }
}

async fn enter_seal(
    tx: &mut dyn Transaction,
    service: &Service,
    made: &MadeSeal,
    license: &License,
    by: &str,
) -> Result<(), TxError> {
    let (seal, now) = (&made.seal, license.released_at);
    let happened = |seal: &Seal, state| SealEvent {
        seal: seal.code.clone(),
        state,
        at: now,
        by: by.to_owned(),
        reason: String::new(),
    };
    let told = |seal: &Seal| -> OutboxEvent {
        let topic = format!("seal.{}", seal.state.name());
        let body = json!({ "act": "business", "license": license.id.as_str() });
        audit::event(service, now, &topic, seal.code.as_str(), &body).concerning([&seal.owner_code])
    };
    match tx.insert_seal(seal, &made.picture).await {
        Err(StoreError::Exists(_)) => return Err(conflict("seal.no_free_code").into()),
        other => other?,
    }
    for state in [SealState::Requested, SealState::Active] {
        tx.add_seal_event(&happened(seal, state)).await?;
    }
    for credential in &made.credentials.made {
        tx.insert_x509(&credential.x509).await?;
        tx.insert_seal_credential(&seal.code, &credential.credential).await?;
    }
    tx.append_event(&told(seal)).await?;
    if let Some((old, seen)) = &made.old {
        if !tx.update_seal(old, *seen).await? {
            return Err(conflict("seal.changed").into());
        }
        tx.add_seal_event(&happened(old, SealState::Replaced)).await?;
        tx.append_event(&told(old)).await?;
    }
    let bound = BusinessSeal {
        business: seal.owner_code.clone(),
        purpose: seal.purpose,
        seal: seal.code.clone(),
        license: license.id.clone(),
    };
    Ok(tx.bind_seal(&bound).await?)
}

/// Publishes what was revoked, once it stands.
pub(crate) async fn publish(service: &Service, made: &Made<'_>, now: Timestamp) {
    if !made.endings.is_empty() {
        end_seal::publish(service, &made.endings, now).await;
    }
}
