//! What a holder hands in once (相同材料只提交一次): brought by the holder, or by the counter that the holder has just said yes to;
//! found again by the next matter that needs the same, and used with the holder's consent alone. Every look is a line.

use super::super::error::{forbidden, not_found};
use super::super::{AppError, Service, access, audit};
use super::watch::own;
use crate::domain::material::{Fitness, Material};
use crate::domain::matter::{MaterialNeed, Matter};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::seal::PaperMedia;
use crate::domain::show_request::ShowRequest;
use crate::domain::time::Timestamp;
use crate::ports::files::ContentHash;
use crate::ports::store::{Transaction, TxError};
use serde_json::json;

/// Largest material in bytes.
pub const MOST_BYTES: usize = 10 << 20;
/// Most materials of a holder that are looked through, newest first.
const MOST: u32 = 200;

/// A material that comes with its bytes.
pub struct Brought {
    /// The matter that it is for, by code; a counter's is that of its request.
    pub matter: String,
    /// What it is: a label of the matter.
    pub label: String,
    /// The request that the holder said yes to, where a counter brings it.
    pub request: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A material that a matter needs, and what there is.
pub struct Held {
    /// What is needed.
    pub need: MaterialNeed,
    /// What there is, and whether it can be used.
    pub found: Option<(Material, Fitness)>,
    /// Whether it is another than the holder handed in before under this label.
    pub changed: bool,
}

/// What a holder has of what a matter needs.
pub(super) async fn held(
    tx: &mut dyn Transaction,
    matter: &Matter,
    holder: &str,
    now: Timestamp,
) -> Result<Vec<Held>, TxError> {
    if matter.materials.is_empty() {
        return Ok(Vec::new());
    }
    let all = tx.materials(holder, MOST).await?;
    Ok(matter.materials.iter().map(|need| of_need(need, &all, |m| m.replaced_at.is_none(), now)).collect())
}

fn of_need(need: &MaterialNeed, all: &[Material], is_it: impl Fn(&Material) -> bool, now: Timestamp) -> Held {
    let found = all.iter().find(|material| material.label == need.label && is_it(material));
    let other = |material: &Material, found: &Material| {
        material.label == found.label && material.at < found.at && material.sha256 != found.sha256
    };
    Held {
        need: need.clone(),
        changed: found.is_some_and(|found| all.iter().any(|material| other(material, found))),
        found: found.map(|material| (material.clone(), material.fitness(need, now))),
    }
}

/// The materials that a holder lets be used again; every fault at once.
pub(super) async fn consented(
    tx: &mut dyn Transaction,
    matter: &Matter,
    holder: &str,
    ids: &[String],
    now: Timestamp,
) -> Result<Vec<String>, TxError> {
    let mut faults = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let place = format!("/materials/{at}");
        let material = tx.material(id).await?.filter(|material| material.holder == holder);
        let need = |material: &Material| matter.materials.iter().find(|need| need.label == material.label);
        let fault = match material.as_ref().map(|material| (material, need(material))) {
            None => Some("material.unknown"),
            Some((_, None)) => Some("material.not_needed"),
            Some((material, Some(need))) => match material.fitness(need, now) {
                Fitness::Fits => None,
                Fitness::Expired => Some("material.expired"),
                Fitness::Replaced => Some("material.replaced"),
            },
        };
        faults.extend(fault.map(|code| Fault::at(place, code)));
    }
    if faults.is_empty() { Ok(ids.to_vec()) } else { Err(Refusal::invalid(faults).into()) }
}

/// Brings a material; gives it as it is kept.
pub async fn bring(service: &Service, caller: &Credential, brought: Brought) -> Result<Material, AppError> {
    access::only(caller, &[Role::Holder, Role::Clerk, Role::Institution])?;
    if brought.bytes.len() > MOST_BYTES {
        let refusal = Refusal::new(RefusalClass::TooLarge, "material.too_large");
        return Err(refusal.with("max", MOST_BYTES >> 20).into());
    }
    let media = PaperMedia::of(&brought.bytes);
    let media = media.ok_or_else(|| Refusal::new(RefusalClass::Invalid, "material.sort"))?;
    let size = brought.bytes.len() as u64;
    let now = service.clock.now();
    // Durable before a row names it; one that no row names is nothing to anybody.
    let ContentHash(sha256) = service.files.put(brought.bytes).await?;
    let blank = Material {
        id: hex::encode(service.random.bytes::<12>()),
        holder: String::new(),
        name: format!("{}.{}", brought.label, media.ending()),
        label: brought.label,
        sha256,
        size,
        media,
        by: caller.id.clone(),
        label_of_bringer: caller.label.clone(),
        matter: brought.matter,
        at: now,
        replaced_at: None,
    };
    let detail = json!({ "label": blank.label, "matter": blank.matter, "sha256": hex::encode(sha256) });
    let line = audit::line(now, &caller.id, "material.bring", &blank.id, &detail);
    let (blank, request) = (&blank, brought.request.as_deref());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let holder = whose(&mut *tx, caller, request, blank, now).await?;
            let matter = service.asking.matters.get(&blank.matter);
            let known = matter.is_some_and(|m| m.materials.iter().any(|need| need.label == blank.label));
            if !known {
                return Err(Refusal::new(RefusalClass::Invalid, "material.not_needed").into());
            }
            let material = Material { holder, ..blank.clone() };
            tx.add_material(&material).await?;
            Ok(material)
        })
    })
    .await
}

/// Whose a material is that this caller brings.
async fn whose(
    tx: &mut dyn Transaction,
    caller: &Credential,
    request: Option<&str>,
    material: &Material,
    now: Timestamp,
) -> Result<String, TxError> {
    if caller.role == Role::Holder {
        return Ok(caller.holder.clone().ok_or_else(|| forbidden("permit.role"))?);
    }
    let request = own(&mut *tx, caller, request.unwrap_or_default()).await?;
    let showing = request.readable(now).filter(|_| request.matter == material.matter);
    let showing = showing.ok_or_else(|| Refusal::new(RefusalClass::Gone, "material.no_holder"))?;
    let showing = tx.showing(showing).await?.ok_or_else(super::unknown)?;
    Ok(showing.holder)
}

/// A holder's own materials, newest first.
pub async fn mine(service: &Service, caller: &Credential) -> Result<Vec<Material>, AppError> {
    access::only(caller, &[Role::Holder])?;
    let holder = caller.holder.as_deref().ok_or_else(|| forbidden("permit.role"))?;
    let line = audit::line(service.clock.now(), &caller.id, "material.list", "materials", &audit::nothing());
    let work =
        audit::audited(service, line, |tx, _| Box::pin(async move { Ok(tx.materials(holder, MOST).await?) }));
    work.await
}

/// What a matter needs beside licenses, in the eyes of who asked and got a yes: what the holder let be used again, what the
/// asker has brought since, what is lacking.
pub async fn handed(service: &Service, caller: &Credential, id: &str) -> Result<Vec<Held>, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "material.list", id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let request = own(&mut *tx, caller, id).await?;
            let all = of_holder(&mut *tx, &request, now).await?;
            let matter = service.asking.matters.get(&request.matter);
            let needs = matter.into_iter().flat_map(|matter| &matter.materials);
            Ok(needs.map(|need| of_need(need, &all, |one| sees(caller, &request, one), now)).collect())
        })
    })
    .await
}

/// All materials of the holder who said yes, newest first.
async fn of_holder(
    tx: &mut dyn Transaction,
    request: &ShowRequest,
    now: Timestamp,
) -> Result<Vec<Material>, TxError> {
    let showing = request.readable(now);
    let showing = showing.ok_or_else(|| Refusal::new(RefusalClass::Gone, "ask.read_too_late"))?;
    let showing = tx.showing(showing).await?.ok_or_else(super::unknown)?;
    Ok(tx.materials(&showing.holder, MOST).await?)
}

/// Whether who asked sees this one of them: the holder let it be used again, or who asked brought it for this matter since.
fn sees(caller: &Credential, request: &ShowRequest, material: &Material) -> bool {
    request.ended.as_ref().is_some_and(|ended| {
        let since = material.by == caller.id && material.matter == request.matter && material.at >= ended.at;
        since || ended.materials.contains(&material.id)
    })
}

/// A material with its bytes: its holder's, or one that the caller sees by its own request.
pub async fn read(
    service: &Service,
    caller: &Credential,
    request: Option<&str>,
    id: &str,
) -> Result<(Material, Vec<u8>), AppError> {
    access::only(caller, &[Role::Holder, Role::Clerk, Role::Institution])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "material.read", id, &json!({ "request": request }));
    let material = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let found = if caller.role == Role::Holder {
                tx.material(id).await?.filter(|material| caller.holder.as_deref() == Some(&material.holder))
            } else {
                let request = own(&mut *tx, caller, request.unwrap_or_default()).await?;
                let all = of_holder(&mut *tx, &request, now).await?;
                all.into_iter().find(|material| material.id == id && sees(caller, &request, material))
            };
            Ok(found.ok_or_else(|| not_found("material.unknown"))?)
        })
    })
    .await?;
    let bytes = service.files.get(&ContentHash(material.sha256)).await?;
    let bytes =
        bytes.ok_or_else(|| AppError::internal("the bytes of a material are gone from the file store"))?;
    Ok((material, bytes))
}
