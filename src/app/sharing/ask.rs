//! The questions. Each is one writing transaction: what is read, its audit line, its count and the holder's line stand or
//! fall together.

use super::{Question, Seen, Sight, begin, identifier};
use crate::app::papers::copy;
use crate::app::redeem_show_code::{self, Shown};
use crate::app::{AppError, Service, audit, inputs, verify_file};
use crate::domain::license::kind::{Bilingual, LicenseKind};
use crate::domain::license::mask::covered;
use crate::domain::license::{License, LicenseId, Standing};
use crate::domain::paper::Paper;
use crate::domain::party::Credential;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::report::Report;
use crate::domain::sharing::{Operation, Remark, UseCause, nothing};
use crate::domain::time::Date;
use crate::ports::store::{self, LicenseFilter, Page, Transaction, TxError};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most licenses of one answer.
const MOST_LICENSES: u32 = 50;
/// Most items that are compared at once.
const MOST_ITEMS: usize = 50;
/// An annotated copy that a system asks for ends after at most so many days.
pub const MOST_COPY_DAYS: u32 = 30;

/// A license as another system sees it.
#[derive(Clone)]
pub struct Shared {
    /// Identifier.
    pub license: LicenseId,
    /// Kind.
    pub kind: String,
    /// What the kind is called.
    pub title: Bilingual,
    /// Who issued it.
    pub issuer_name: String,
    /// Where it stands.
    pub standing: Standing,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity.
    pub valid_until: Option<Date>,
    /// On what ground it is seen: `law` or `consent`.
    pub ground: &'static str,
    /// What may be seen of it, in the order of the kind; nothing of one that is not in force.
    pub fields: Vec<SharedField>,
}

/// A field as another system sees it.
#[derive(Clone)]
pub struct SharedField {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: Bilingual,
    /// Its value in canonical form, or what its mask leaves of it; `None` if the license leaves it empty.
    pub value: Option<String>,
    /// Whether it is masked.
    pub masked: bool,
}

/// A license by its identifier (queryCertInfo).
pub async fn by_identifier(
    service: &Service,
    caller: &Credential,
    cause: &UseCause,
    id: &str,
    consent: Option<&str>,
) -> Result<Shared, AppError> {
    let question = &begin(service, caller, Operation::ByIdentifier, cause).await?;
    let id = identifier(id);
    let id = id.as_ref();
    let outcome = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let license = read(&mut *tx, id).await?;
            let shared = share(&mut *tx, question, license.as_ref(), consent).await?;
            let shared = shared.ok_or_else(nothing)?;
            question.answered(&mut *tx, shared.license.as_str()).await?;
            Ok(shared)
        })
    });
    question.end(outcome.await).await
}

/// Whose licenses, and which.
pub struct OfHolder<'a> {
    /// The holder's code.
    pub code: &'a str,
    /// Its type (GB/T 36903 annex A).
    pub code_type: &'a str,
    /// The kind.
    pub kind: &'a str,
    /// The printed number, if only that one is wanted.
    pub number: Option<&'a str>,
}

/// The licenses of a holder (queryCertInfoByHolderCode): with the holder's consent those that it showed, by law those of the
/// kind that are in force.
pub async fn by_holder(
    service: &Service,
    caller: &Credential,
    cause: &UseCause,
    of: OfHolder<'_>,
    consent: Option<&str>,
) -> Result<Vec<Shared>, AppError> {
    let question = &begin(service, caller, Operation::ByHolder, cause).await?;
    let filter = &LicenseFilter {
        holder: Some(of.code.to_owned()),
        kind: Some(of.kind.to_owned()),
        number: of.number.map(str::to_owned),
        ..LicenseFilter::default()
    };
    let code_type = of.code_type;
    let outcome = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let page = Page { after: None, limit: MOST_LICENSES };
            let mut found = tx.licenses(filter, &page).await?;
            found.retain(|license| license.holder.code_type == code_type);
            let mut all = Vec::new();
            for license in &found {
                // A list is of what can be relied on: what has ended is asked for by its identifier.
                if license.standing(question.now) == Standing::InForce {
                    all.extend(share(&mut *tx, question, Some(license), consent).await?);
                }
            }
            if all.is_empty() {
                return Err(TxError::from(nothing()));
            }
            // Not the holder's code: the lines in the holder's space say whose they were.
            question.answered(&mut *tx, Operation::ByHolder.name()).await?;
            Ok(all)
        })
    });
    question.end(outcome.await).await
}

/// What a show code shows (queryCertInfoByQRcode): the holder's consent, given this moment. A code of which a license is of a
/// kind that the caller may not ask about is to it as if there were none, and stays open.
pub async fn by_code(
    service: &Service,
    caller: &Credential,
    cause: &UseCause,
    code: String,
) -> Result<Shown, AppError> {
    let question = begin(service, caller, Operation::ByCode, cause).await?;
    let request = redeem_show_code::Request { code, matter: question.cause.matter.clone() };
    match redeem_show_code::run_within(service, caller, request, Some(&question.allowance)).await {
        Ok(shown) => {
            let (noted, subject) = (&question, shown.showing.as_str());
            store::write(service.store.as_ref(), |tx, _| {
                Box::pin(async move { noted.answered(tx, subject).await })
            })
            .await?;
            Ok(shown)
        }
        Err(AppError::Refused(refusal)) => question.end(Err(TxError::Refused(refusal))).await,
        Err(other) => Err(other),
    }
}

/// What came of comparing data.
pub struct Compared {
    /// Where the license stands.
    pub standing: Standing,
    /// Each item that was brought: whether the license says the same.
    pub items: Vec<(String, bool)>,
}

/// Whether data are those of a license (verifyCertInfo). Fields that the caller may not see, or sees masked, are not the
/// same: what is sensitive can mostly be guessed in a few questions.
pub async fn verify_data(
    service: &Service,
    caller: &Credential,
    cause: &UseCause,
    id: &str,
    items: &BTreeMap<String, String>,
    consent: Option<&str>,
) -> Result<Compared, AppError> {
    if items.is_empty() || items.len() > MOST_ITEMS {
        let fault = Fault::at("/data", "share.items").with("max", MOST_ITEMS);
        return Err(Refusal::invalid(vec![fault]).into());
    }
    let question = &begin(service, caller, Operation::VerifyData, cause).await?;
    let id = identifier(id);
    let id = id.as_ref();
    let outcome = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let license = read(&mut *tx, id).await?;
            let shared = share(&mut *tx, question, license.as_ref(), consent).await?;
            let shared = shared.ok_or_else(nothing)?;
            let same = |name: &String, brought: &String| {
                let known = shared.fields.iter().find(|known| known.name == *name && !known.masked);
                known.and_then(|known| known.value.as_ref()).is_some_and(|value| value == brought)
            };
            let compared = items.iter().map(|(name, value)| (name.clone(), same(name, value)));
            let compared = Compared { standing: shared.standing, items: compared.collect() };
            question.answered(&mut *tx, shared.license.as_str()).await?;
            Ok(compared)
        })
    });
    question.end(outcome.await).await
}

/// What a file is (verifyFile).
pub async fn verify_file(
    service: &Arc<Service>,
    caller: &Credential,
    cause: &UseCause,
    bytes: Vec<u8>,
) -> Result<Report, AppError> {
    let question = begin(service, caller, Operation::VerifyFile, cause).await?;
    let report = verify_file::run(service, bytes).await?;
    let (noted, subject) = (&question, hex::encode(report.file));
    let subject = subject.as_str();
    store::write(service.store.as_ref(), |tx, _| Box::pin(async move { noted.answered(tx, subject).await }))
        .await?;
    Ok(report)
}

/// An annotated copy (downloadUrl), for the cause and the system that the question names. It shows the whole face, so law
/// must let the caller see the kind, or the holder have shown every field; what the caller sees masked is masked on it.
pub async fn copy(
    service: &Arc<Service>,
    caller: &Credential,
    cause: &UseCause,
    (id, key, days): (&str, &str, u32),
    consent: Option<&str>,
) -> Result<Paper, AppError> {
    if !(1..=MOST_COPY_DAYS).contains(&days) {
        let fault = Fault::at("/days", "number.out_of_range").with("min", 1).with("max", MOST_COPY_DAYS);
        return Err(Refusal::invalid(vec![fault]).into());
    }
    let question = &begin(service, caller, Operation::Copy, cause).await?;
    let request = copy::Request {
        purpose: question.cause.cause.clone(),
        recipient: question.allowance.system.clone(),
        days,
    };
    let checked = request.check()?;
    let id = identifier(id);
    let id = id.as_ref();
    let outcome = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let license = read(&mut *tx, id).await?;
            let seen = question.fields(&mut *tx, license.as_ref(), consent).await?;
            let (license, seen) = license.zip(seen).ok_or_else(nothing)?;
            let kind = service.kinds.get(&license.kind).ok_or_else(nothing)?;
            let sights = kind.fields.iter().map(|field| Some((field, seen.sight(field)?)));
            let sights: Option<Vec<_>> = sights.collect();
            let sights = sights.filter(|_| license.standing(question.now) == Standing::InForce);
            let sights = sights.ok_or_else(nothing)?;
            // Where the license says nothing there is nothing to mask.
            let says = |name: &String| license.data.get(name).is_some_and(|value| !value.is_empty());
            let masked = sights.iter().filter(|(field, sight)| *sight == Sight::Masked && says(&field.name));
            let masked: Vec<String> = masked.map(|(field, _)| field.name.clone()).collect();
            let names = sights.iter().map(|(field, _)| field.name.clone()).collect();
            question.seen(&mut *tx, &license, names).await?;
            question.answered(&mut *tx, license.id.as_str()).await?;
            Ok((license, masked))
        })
    });
    let (license, masked) = question.end(outcome.await).await?;
    copy::make(service, caller, (license, &masked), key, &checked).await
}

/// That something on a license is wrong (certRemark): its issuer is told. Only who may see a license can say so of it:
/// taking the remark tells that there is such a license.
pub async fn remark(
    service: &Service,
    caller: &Credential,
    cause: &UseCause,
    (id, field, remark): (&str, &str, &str),
    consent: Option<&str>,
) -> Result<String, AppError> {
    let mut faults = Vec::new();
    let field = inputs::line("/field", field, 0, 60, &mut faults);
    let text = inputs::line("/remark", remark, 2, 200, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let question = &begin(service, caller, Operation::Remark, cause).await?;
    let id = identifier(id);
    let (id, field, text) = (id.as_ref(), &field, &text);
    let name = &hex::encode(service.random.bytes::<12>());
    let outcome = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let license = read(&mut *tx, id).await?;
            let seen = question.fields(&mut *tx, license.as_ref(), consent).await?;
            let (license, _) = license.zip(seen).ok_or_else(nothing)?;
            let remark = Remark {
                id: name.clone(),
                license: license.id.clone(),
                issuer: license.issuer.clone(),
                field: field.clone(),
                remark: text.clone(),
                by: caller.id.clone(),
                at: question.now,
            };
            tx.add_share_remark(&remark).await?;
            question.answered(&mut *tx, license.id.as_str()).await?;
            let body = json!({ "remark": name, "field": field });
            let event = audit::event(service, question.now, "license.remarked", license.id.as_str(), &body);
            Ok(tx.append_event(&event.concerning([&license.issuer])).await?)
        })
    });
    question.end(outcome.await).await?;
    Ok(name.clone())
}

/// The license of that identifier. What is no identifier is looked for too: the answer must not come sooner.
async fn read(tx: &mut dyn Transaction, id: Option<&LicenseId>) -> Result<Option<License>, TxError> {
    match id {
        Some(id) => Ok(tx.license(id).await?),
        None => {
            tx.paper("").await?;
            Ok(None)
        }
    }
}

/// What the caller may see of a license; noted in its holder's space.
async fn share(
    tx: &mut dyn Transaction,
    question: &Question<'_>,
    license: Option<&License>,
    consent: Option<&str>,
) -> Result<Option<Shared>, TxError> {
    let seen = question.fields(&mut *tx, license, consent).await?;
    let issuer = tx.department(license.map_or("", |license| license.issuer.as_str())).await?;
    let (Some(license), Some(seen)) = (license, seen) else { return Ok(None) };
    let Some(kind) = question.service.kinds.get(&license.kind) else { return Ok(None) };
    let standing = license.standing(question.now);
    let fields = if standing == Standing::InForce { fields(kind, license, &seen) } else { Vec::new() };
    let names = fields.iter().map(|field| field.name.clone()).collect();
    question.seen(tx, license, names).await?;
    Ok(Some(Shared {
        license: license.id.clone(),
        kind: kind.name.clone(),
        title: kind.title.clone(),
        issuer_name: issuer.map(|found| found.name_zh).unwrap_or_default(),
        standing,
        valid_from: license.valid_from,
        valid_until: license.valid_until,
        ground: seen.ground(),
        fields,
    }))
}

/// The fields of a license as the caller sees them.
fn fields(kind: &LicenseKind, license: &License, seen: &Seen) -> Vec<SharedField> {
    let shown = kind.fields.iter().filter_map(|field| {
        let masked = seen.sight(field)? == Sight::Masked;
        let value = license.data.get(&field.name);
        let value = value.map(|value| if masked { covered(field, value) } else { value.clone() });
        Some(SharedField { name: field.name.clone(), title: field.title.clone(), value, masked })
    });
    shown.collect()
}
