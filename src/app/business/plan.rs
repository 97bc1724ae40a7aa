//! Which seals are made with a business license, and what becomes of those before them.

use crate::app::error::{conflict, forbidden, not_found};
use crate::app::issue_license::{BusinessOrder, NewGround, Order, face_fault_at};
use crate::app::{AppError, Service};
use crate::crypto::sha256;
use crate::documents::seal_picture::{self, Design};
use crate::domain::business::{Business, BusinessState, COMPANY_SEALS, SealWords, StandingRule};
use crate::domain::envelope::Level;
use crate::domain::license::LicenseKind;
use crate::domain::license::draft::CheckedDraft;
use crate::domain::picture::Drawing;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::seal::{OwnerKind, Seal, SealCode, SealPicture, SealPurpose, SealState};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, Issuance};
use std::collections::BTreeSet;
use std::time::Duration;

/// Most rules of a registry that are looked at, newest first.
const MOST_RULES: u32 = 50;
/// Stands for the code of a seal that has none yet: as long as any, so that what fits with it fits.
const NO_CODE: &str = "00000000000000";

/// What is made with a business license.
pub(crate) struct Plan {
    /// The business before it; none where it is registered now.
    pub before: Option<Business>,
    /// The rule that the seals are made under; none where no seal is made.
    pub rule: Option<StandingRule>,
    /// The company, by credit code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What is made.
    pub seals: Vec<Planned>,
    /// Whether another person leads the company now: control is handed over anew.
    pub led_by_another: bool,
    area: String,
}

/// One seal of a plan.
pub(crate) struct Planned {
    /// What it is for.
    pub purpose: SealPurpose,
    words: String,
    /// The seal that gives way to it.
    pub replaces: Option<Seal>,
}

/// Makes the plan of an order of a business license; `None` for other orders. What is refused is refused before anything
/// is recorded.
pub(crate) async fn make(
    service: &Service,
    kind: &LicenseKind,
    order: &Order,
    ground: &NewGround,
    draft: &CheckedDraft,
    at: Timestamp,
) -> Result<Option<Plan>, AppError> {
    let Some(wanted) = &order.business else { return Ok(None) };
    let Some(representative) = &kind.representative else {
        return Err(Refusal::invalid(vec![Fault::at("/kind", "business.kind_of_none")]).into());
    };
    let (code, registry) = (&draft.holder.code, &ground.department.code);
    let (before, bound, rules) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let before = tx.business(code).await?;
            let mut bound = Vec::new();
            for seal in tx.business_seals(code).await? {
                bound.push(tx.seal(&seal.seal).await?.ok_or_else(|| not_found("seal.unknown"))?);
            }
            Ok((before, bound, tx.standing_rules(registry, None, MOST_RULES).await?))
        })
    })
    .await?;
    if ground.replaced.as_ref().is_some_and(|license| license.holder.code != *code) {
        let pointer = format!("/data/{}", kind.holder.code);
        return Err(Refusal::invalid(vec![Fault::at(pointer, "business.other_code")]).into());
    }
    check_before(wanted, before.as_ref(), registry)?;
    let text = |name: &str| draft.data.get(name).map(String::as_str).unwrap_or_default();
    let now = SealWords { name: &draft.holder.name, representative: text(representative) };
    let old = ground.replaced.as_ref().map(|license| SealWords {
        name: &license.holder.name,
        representative: license.data.get(representative).map(String::as_str).unwrap_or_default(),
    });
    let seals = planned(wanted, &bound, old.unwrap_or(now), now)?;
    let purposes: Vec<SealPurpose> = seals.iter().map(|planned| planned.purpose).collect();
    let plan = Plan {
        rule: rule(rules, &purposes, at)?,
        code: code.clone(),
        name: draft.holder.name.clone(),
        area: ground.department.area_code.chars().take(6).collect(),
        led_by_another: before.is_some() && old.is_some_and(|old| old.representative != now.representative),
        before,
        seals,
    };
    let faults: Vec<Fault> = plan
        .seals
        .iter()
        .filter_map(|planned| plan.draw(service, planned, NO_CODE).err())
        .flatten()
        .map(|fault| {
            let field = if fault.field() == "purpose_words" { representative } else { &kind.holder.name };
            face_fault_at(format!("/data/{field}"), &fault)
        })
        .collect();
    if faults.is_empty() { Ok(Some(plan)) } else { Err(Refusal::invalid(faults).into()) }
}

fn check_before(wanted: &BusinessOrder, before: Option<&Business>, registry: &str) -> Result<(), Refusal> {
    match (wanted, before) {
        (BusinessOrder::Register { .. }, None) => Ok(()),
        (BusinessOrder::Register { .. }, Some(there)) if there.state == BusinessState::Active => {
            Err(conflict("business.exists"))
        }
        (BusinessOrder::Register { .. }, Some(_)) => Err(conflict("business.struck_off")),
        (BusinessOrder::Change { revision, .. }, Some(there)) if there.registry == registry => {
            there.check_changeable(*revision)
        }
        (BusinessOrder::Change { .. }, _) => Err(not_found("business.unknown")),
    }
}

/// A new business gets what was asked for. A change makes anew what its words are on, and adds what was asked for where the
/// company has no such seal in use.
fn planned(
    wanted: &BusinessOrder,
    bound: &[Seal],
    before: SealWords<'_>,
    now: SealWords<'_>,
) -> Result<Vec<Planned>, Refusal> {
    let asked = wanted.seals();
    let different: BTreeSet<&str> = asked.iter().map(|purpose| purpose.name()).collect();
    let known = asked.iter().all(|purpose| COMPANY_SEALS.contains(purpose));
    let whole = matches!(wanted, BusinessOrder::Change { .. }) || asked.contains(&SealPurpose::LegalName);
    if !known || !whole || different.len() != asked.len() {
        return Err(Refusal::invalid(vec![Fault::at("/seals", "business.seals")]));
    }
    let mut seals = Vec::new();
    for purpose in COMPANY_SEALS {
        let old = bound.iter().find(|seal| seal.purpose == purpose);
        let in_use = old.filter(|seal| seal.can_give_way());
        let changes = in_use.is_some() && before.change(now, purpose);
        if changes && in_use.is_some_and(|seal| seal.state == SealState::Suspended) {
            // Its successor would be in use: whoever suspended it decides first.
            return Err(conflict("business.seal_suspended").with("purpose", purpose.name()));
        }
        if let Some(place) = asked.iter().position(|asked| *asked == purpose)
            && in_use.is_some()
        {
            return Err(Refusal::invalid(vec![Fault::at(format!("/seals/{place}"), "business.seal_in_use")]));
        }
        if changes || asked.contains(&purpose) {
            let words = match purpose {
                SealPurpose::LegalRepresentative => now.representative.to_owned(),
                other => other.usual_words().unwrap_or_default().to_owned(),
            };
            seals.push(Planned { purpose, words, replaces: in_use.cloned() });
        }
    }
    Ok(seals)
}

/// The newest rule in force that covers these seals.
fn rule(
    rules: Vec<StandingRule>,
    purposes: &[SealPurpose],
    at: Timestamp,
) -> Result<Option<StandingRule>, Refusal> {
    if purposes.is_empty() {
        return Ok(None);
    }
    let found = rules.into_iter().find(|rule| rule.check(purposes, at).is_ok());
    found.map(Some).ok_or_else(|| forbidden("business.no_rule"))
}

impl Plan {
    /// The code of a planned seal: of the registry's place, and of eight digits that follow from what was drawn for the
    /// license, so that a restart comes to the same one.
    pub fn code_of(&self, planned: &Planned, issuance: &Issuance) -> Result<SealCode, AppError> {
        let ground = [&issuance.salt[..], b"seal code", planned.purpose.name().as_bytes()].concat();
        let digest = sha256(&ground);
        let number = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let code = format!("{}{:08}", self.area, number % 100_000_000);
        SealCode::parse(&code).ok_or_else(|| AppError::internal("a registry's place makes no seal code"))
    }

    fn draw(
        &self,
        service: &Service,
        planned: &Planned,
        code: &str,
    ) -> Result<Drawing, Vec<crate::documents::face::FaceFault>> {
        let owner = OwnerKind::of_code(&self.code);
        let design = Design {
            owner_name: &self.name,
            owner_code: &self.code,
            purpose: planned.purpose,
            words: &planned.words,
            code,
            shape: planned.purpose.shape(owner, &self.name, Level::of(&self.area)),
        };
        seal_picture::draw_design(&design, &service.fonts)
    }

    /// A planned seal with its picture, in use from `now` under the plan's rule.
    pub fn seal(
        &self,
        service: &Service,
        planned: &Planned,
        issuance: &Issuance,
        now: Timestamp,
    ) -> Result<(Seal, SealPicture), AppError> {
        let code = self.code_of(planned, issuance)?;
        let drawing = self.draw(service, planned, code.as_str());
        let drawing = drawing.map_err(|_| AppError::internal("a seal that could be drawn cannot"))?;
        let picture = SealPicture::Drawn(drawing);
        let rule = self.rule.as_ref().ok_or_else(|| AppError::internal("a seal without a rule"))?;
        let from = now.whole_second();
        let seal = Seal {
            code,
            owner_code: self.code.clone(),
            owner_name: self.name.clone(),
            owner_kind: OwnerKind::of_code(&self.code),
            person: None,
            purpose: planned.purpose,
            purpose_words: planned.words.clone(),
            look: picture.look(),
            suites: service.authorities.hierarchies().map(|(suite, _)| suite).collect(),
            state: SealState::Active,
            papers: Vec::new(),
            replaces: planned.replaces.as_ref().map(|old| old.code.clone()),
            replaced_by: None,
            requested_by: issuance.requested_by.clone(),
            approved_by: Some(format!("rule-{}", rule.id)),
            valid_from: from,
            valid_until: from.plus(Duration::from_secs(u64::from(rule.days) * 86_400)),
            revision: 1,
        };
        Ok((seal, picture))
    }

    /// Whether one of the codes is another seal's.
    pub async fn code_taken(&self, service: &Service, issuance: &Issuance) -> Result<bool, AppError> {
        for planned in &self.seals {
            let code = &self.code_of(planned, issuance)?;
            let found = store::glance(service.store.as_ref(), |tx, _| {
                Box::pin(async move { Ok(tx.seal(code).await?) })
            });
            if found.await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
