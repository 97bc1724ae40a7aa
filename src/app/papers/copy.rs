//! The annotated copy (加注件): a license's face, marked with what it may be used for, by whom and how long. It ends by
//! itself; the license, and the right to see it, stay what they are.

use super::making::{self, Statement};
use super::{PaperDownload, download, enter, note_reading, service_seal};
use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, access, audit, inputs};
use crate::crypto::sha256;
use crate::documents::paper::wire::{Body, COPY, Copy, MASKED_COPY, Title};
use crate::documents::paper::{CAUSE, CREATED, CREATOR, Draft, EXPIRES, Original};
use crate::domain::license::mask::with_masked;
use crate::domain::license::metadata::{self, MetadataSource};
use crate::domain::license::{License, LicenseId, Standing};
use crate::domain::paper::{COPY_DAYS, Paper, PaperForm, PaperKind};
use crate::domain::party::{Credential, Department, Role};
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::seal::Seal;
use crate::domain::time::{Timestamp, compact};
use crate::ports::store;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Who may have copies made of licenses that they see.
const MAKERS: &[Role] = &[Role::Department, Role::Holder, Role::CompanyManager];

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// What the copy may be used for (事由), 1 to 60 characters.
    pub purpose: String,
    /// Who may use it, up to 60 characters; empty to name nobody.
    pub recipient: String,
    /// For how many days.
    pub days: u32,
}

/// A request whose parts were checked.
pub(crate) struct Checked {
    purpose: String,
    recipient: String,
    days: u32,
}

impl Request {
    /// Checks every part.
    pub(crate) fn check(&self) -> Result<Checked, Refusal> {
        let mut faults = Vec::new();
        let purpose = inputs::line("/purpose", &self.purpose, 1, 60, &mut faults);
        let recipient = inputs::line("/recipient", &self.recipient, 0, 60, &mut faults);
        if !COPY_DAYS.contains(&self.days) {
            let (min, max) = (COPY_DAYS.start(), COPY_DAYS.end());
            faults.push(Fault::at("/days", "number.out_of_range").with("min", min).with("max", max));
        }
        if faults.is_empty() {
            Ok(Checked { purpose, recipient, days: self.days })
        } else {
            Err(Refusal::invalid(faults))
        }
    }
}

/// Makes a copy under the caller's key; the same key and request give the same copy.
pub async fn run(
    service: &Arc<Service>,
    caller: &Credential,
    id: &LicenseId,
    key: &str,
    request: &Request,
) -> Result<Paper, AppError> {
    access::only(caller, MAKERS)?;
    let checked = request.check()?;
    let license = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { access::license(tx, caller, id).await })
    });
    // Whoever has the license or issued it sees all of it.
    make(service, caller, (license.await?, &[]), key, &checked).await
}

/// Makes a copy of a license that the caller may see, with these fields masked; what it may see was asked before.
pub(crate) async fn make(
    service: &Arc<Service>,
    caller: &Credential,
    (license, masked): (License, &[String]),
    key: &str,
    request: &Checked,
) -> Result<Paper, AppError> {
    let now = service.clock.now();
    let key = format!("copy {} {key}", caller.id);
    let mut asked = vec![json!(license.id.as_str()), json!(request.purpose), json!(request.recipient)];
    asked.push(json!(request.days));
    // Under a key that gave a copy of one sight of the license there is none of another.
    asked.extend((!masked.is_empty()).then(|| json!(masked)));
    let asked = json!(asked);
    let request_hash = sha256(asked.to_string().as_bytes());
    let (wanted, of) = (&key, &license);
    let (earlier, ground) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            if let Some(earlier) = tx.paper_of_key(wanted).await? {
                return Ok((Some(earlier), None));
            }
            let issuer = tx.department(&of.issuer).await?.ok_or_else(|| not_found("department.unknown"))?;
            let (_, seal) = service_seal::usable(&mut *tx, None, now).await?;
            Ok((None, Some((issuer, seal))))
        })
    })
    .await?;
    if let Some(paper) = earlier {
        if paper.request_hash != request_hash {
            return Err(conflict("idempotency.key_reused").into());
        }
        note_reading(service, &caller.id, &paper).await?;
        return Ok(paper);
    }
    let (issuer, seal) = ground.ok_or_else(|| AppError::internal("neither an earlier copy nor a ground"))?;
    if license.standing(now) != Standing::InForce {
        let standing = license.standing(now).name();
        return Err(conflict("license.not_in_force").with("standing", standing).into());
    }
    let until = now.plus(Duration::from_secs(u64::from(request.days) * 86_400)).whole_second();
    let (draft, copy) = draft(service, (license, masked), (&issuer, &seal), request, (now, until))?;
    let claims = serde_json::to_value(&copy).map_err(AppError::internal)?;
    let files =
        making::make(service, &seal, draft, Statement { kind: PaperKind::Copy.statement(), claims }).await?;
    let paper = Paper {
        id: copy.id,
        kind: PaperKind::Copy,
        key,
        request_hash,
        about: copy.license,
        asked_by: caller.id.clone(),
        made_at: now,
        expires_at: Some(until),
        seal: seal.code.clone(),
        files,
    };
    let detail = json!({
        "role": caller.role.name(),
        "paper": paper.id,
        "kind": paper.kind.name(),
        "seal": paper.seal.as_str(),
        "days": request.days,
        "masked": masked,
    });
    let line = audit::line(now, &caller.id, "paper.make", &paper.about, &detail);
    enter(service, paper, &line).await
}

/// A file of a copy: for whoever asked for it, and for whoever may see the license. Once it has ended there is none.
pub async fn file(
    service: &Service,
    caller: &Credential,
    id: &str,
    form: PaperForm,
) -> Result<PaperDownload, AppError> {
    let detail = json!({ "role": caller.role.name(), "form": form.name() });
    let paper = found(service, caller, id, ("paper.read", detail)).await?;
    download(service, paper, form).await
}

/// What is known of a copy, but for what stands in it: for the same, and as long.
pub async fn about(service: &Service, caller: &Credential, id: &str) -> Result<Paper, AppError> {
    let detail = json!({ "role": caller.role.name() });
    found(service, caller, id, ("paper.read_metadata", detail)).await
}

async fn found(
    service: &Service,
    caller: &Credential,
    id: &str,
    (what, detail): (&str, serde_json::Value),
) -> Result<Paper, AppError> {
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, what, id, &detail);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let unknown = || not_found("paper.unknown");
            let paper = tx.paper(id).await?.filter(|paper| paper.kind == PaperKind::Copy);
            let paper = paper.ok_or_else(unknown)?;
            if paper.asked_by != caller.id {
                let license = LicenseId::parse(&paper.about).map_err(|_| unknown())?;
                access::license(&mut *tx, caller, &license).await.map_err(|_| unknown())?;
            }
            if paper.expires_at.is_some_and(|end| now >= end) {
                return Err(Refusal::new(RefusalClass::Gone, "paper.copy_over").into());
            }
            Ok(paper)
        })
    })
    .await
}

fn draft(
    service: &Service,
    (license, masked): (License, &[String]),
    (issuer, seal): (&Department, &Seal),
    request: &Checked,
    (now, until): (Timestamp, Timestamp),
) -> Result<(Draft, Copy), AppError> {
    let kind = service.kinds.get(&license.kind).ok_or_else(|| not_found("kind.unknown"))?;
    // From here on there is nothing else of the license: neither face nor data can say what is masked.
    let license = with_masked(kind, license, masked);
    let metadata = metadata::elements(&MetadataSource {
        kind,
        id: &license.id,
        number: &license.number,
        issuer,
        holder: &license.holder,
        issued_on: license.issued_on,
        valid_from: license.valid_from,
        valid_until: license.valid_until,
    });
    let own = [
        (CREATED, compact(now)),
        (CREATOR, seal.owner_name.clone()),
        (CAUSE, request.purpose.clone()),
        (EXPIRES, compact(until)),
    ];
    let all = metadata.iter().cloned().chain(own);
    let copy = Copy {
        schema: if masked.is_empty() { COPY } else { MASKED_COPY }.to_owned(),
        id: format!("JZ{}", hex::encode_upper(service.random.bytes::<10>())),
        license: license.id.to_string(),
        kind: license.kind.clone(),
        title: Title { zh: kind.title.zh.clone(), en: kind.title.en.clone() },
        metadata: all.map(|(name, value)| (name.to_owned(), value)).collect(),
        purpose: request.purpose.clone(),
        recipient: request.recipient.clone(),
        made_at: now.to_string(),
        expires_at: until.to_string(),
        issuer: Body { code: seal.owner_code.clone(), name: seal.owner_name.clone() },
        seal: seal.code.to_string(),
        data: license.data.clone(),
        masked: masked.to_vec(),
    };
    let url = service.settings.verification_url(&license.id, &license.check_code);
    let original = Original {
        kind,
        data: &license.data,
        number: &license.number,
        issuer_name: &issuer.name_zh,
        issued_on: license.issued_on,
        valid_from: license.valid_from,
        valid_until: license.valid_until,
        check_code: &license.check_code,
        verification_url: &url,
        metadata: &metadata,
    };
    Ok((Draft::copy(&copy, &original, &service.fonts), copy))
}
