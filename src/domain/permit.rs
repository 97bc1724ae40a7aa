//! Permits: proof that a rule was asked. Only this module can make one, and what needs one demands it.

use super::envelope::Consent;
use super::grant::{Grant, Grantee};
use super::license::LicenseKind;
use super::paper::ServiceSeal;
use super::party::{Credential, Department, Role};
use super::refusal::{Refusal, RefusalClass};
use super::seal::Seal;
use super::time::Timestamp;

/// Permission to issue one license of one kind for one department under one seal. Made by [`to_issue`].
#[derive(Debug)]
pub struct IssuePermit {
    credential: String,
    department: String,
    kind: String,
    seal: String,
}

impl IssuePermit {
    /// Who was permitted (credential id).
    pub fn credential(&self) -> &str {
        &self.credential
    }

    /// For which department (credit code).
    pub fn department(&self) -> &str {
        &self.department
    }

    /// Which kind.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Under which seal (code).
    pub fn seal(&self) -> &str {
        &self.seal
    }

    /// Permission to lay that seal on the license's files.
    pub fn to_seal(&self) -> SealPermit {
        SealPermit { seal: self.seal.clone() }
    }
}

/// Permission to lay one seal on the files of one license, or on one document. Made by [`IssuePermit::to_seal`],
/// [`to_lay_on`], [`to_seal_document`] and [`for_service`].
#[derive(Debug)]
pub struct SealPermit {
    seal: String,
}

impl SealPermit {
    /// The seal (code).
    pub fn seal(&self) -> &str {
        &self.seal
    }
}

/// Permission to consent, for one department under one seal, to an envelope of one kind. Made by [`to_consent`] and
/// [`to_consent_under_grant`].
#[derive(Debug)]
pub struct ConsentPermit {
    seal: String,
}

impl ConsentPermit {
    /// Under which seal (code).
    pub fn seal(&self) -> &str {
        &self.seal
    }
}

/// May this caller issue this kind for this department under this seal, now?
pub fn to_issue(
    caller: &Credential,
    department: &Department,
    kind: &LicenseKind,
    seal: &Seal,
    now: Timestamp,
) -> Result<IssuePermit, Refusal> {
    to_open(caller, department, kind, now)?;
    may_use(caller, department, seal, now)?;
    Ok(IssuePermit {
        credential: caller.id.clone(),
        department: department.code.clone(),
        kind: kind.name.clone(),
        seal: seal.code.as_str().to_owned(),
    })
}

/// May this caller issue this kind for `department`, the owner of this seal, because of this grant, now? A use that was
/// counted when the intent was recorded is asked with `counted`.
pub fn under_grant(
    caller: &Credential,
    grant: &Grant,
    department: &Department,
    kind: &LicenseKind,
    seal: &Seal,
    now: Timestamp,
    counted: bool,
) -> Result<IssuePermit, Refusal> {
    if department.responsibility != kind.issuer {
        return Err(forbidden("permit.not_responsible"));
    }
    may_use_under(caller, grant, department, kind, seal, now, counted)?;
    Ok(IssuePermit {
        credential: caller.id.clone(),
        department: department.code.clone(),
        kind: kind.name.clone(),
        seal: seal.code.as_str().to_owned(),
    })
}

/// May this caller use this seal of `owner` for this kind because of this grant, now?
fn may_use_under(
    caller: &Credential,
    grant: &Grant,
    owner: &Department,
    kind: &LicenseKind,
    seal: &Seal,
    now: Timestamp,
    counted: bool,
) -> Result<(), Refusal> {
    if !caller.is_usable(now) {
        return Err(Refusal::new(RefusalClass::Unauthenticated, "caller.credential_expired"));
    }
    is_granted_to(caller, grant)?;
    if !caller.kinds.allows(&kind.name) {
        return Err(forbidden("permit.kind_out_of_scope"));
    }
    if owner.code != grant.owner || seal.owner_code != grant.owner {
        return Err(forbidden("permit.seal_of_another"));
    }
    grant.check(&seal.code, &kind.name, now, counted)?;
    seal.check_usable(now)
}

/// May this caller lay this seal on a document that it brings, now: because it acts for the seal's owner, or because of this
/// grant? A use that was counted when the intent was recorded is asked with `counted`.
pub fn to_seal_document(
    caller: &Credential,
    grant: Option<&Grant>,
    seal: &Seal,
    now: Timestamp,
    counted: bool,
) -> Result<SealPermit, Refusal> {
    if !caller.is_usable(now) {
        return Err(Refusal::new(RefusalClass::Unauthenticated, "caller.credential_expired"));
    }
    match grant {
        Some(grant) => {
            is_granted_to(caller, grant)?;
            if seal.owner_code != grant.owner {
                return Err(forbidden("permit.seal_of_another"));
            }
            grant.check_document(&seal.code, now, counted)?;
        }
        None => {
            if !acts_for(caller, &seal.owner_code) {
                return Err(forbidden("permit.seal_of_another"));
            }
            if !caller.seals.allows(seal.code.as_str()) {
                return Err(forbidden("permit.seal_out_of_scope"));
            }
        }
    }
    seal.check_usable(now)?;
    Ok(SealPermit { seal: seal.code.as_str().to_owned() })
}

/// Does this caller act for that owner of seals?
pub fn acts_for(caller: &Credential, owner: &str) -> bool {
    match caller.role {
        Role::Department => caller.department.as_deref() == Some(owner),
        Role::CompanyManager => caller.business.as_deref() == Some(owner),
        _ => false,
    }
}

/// Is this caller the one that the grant names? A body is whoever acts for it, as far as its credential goes for the seal;
/// a credential that is named itself needs no more.
pub fn is_granted_to(caller: &Credential, grant: &Grant) -> Result<(), Refusal> {
    match &grant.grantee {
        Grantee::Credential(id) if caller.id == *id => match caller.role {
            Role::Department | Role::Clerk => Ok(()),
            // An employee seals for its own company alone.
            Role::Sealer if caller.business.as_ref() == Some(&grant.owner) => Ok(()),
            _ => Err(forbidden("permit.role")),
        },
        Grantee::Body(body)
            if caller.role == Role::Department && caller.department.as_ref() == Some(body) =>
        {
            if caller.seals.allows(grant.seal.as_str()) {
                Ok(())
            } else {
                Err(forbidden("permit.seal_out_of_scope"))
            }
        }
        Grantee::Body(_) | Grantee::Credential(_) => Err(forbidden("grant.of_another")),
    }
}

/// May this caller start issuing this kind for this department, now?
pub fn to_open(
    caller: &Credential,
    department: &Department,
    kind: &LicenseKind,
    now: Timestamp,
) -> Result<(), Refusal> {
    may_act_for(caller, department, kind, now)?;
    if department.responsibility != kind.issuer {
        return Err(forbidden("permit.not_responsible"));
    }
    Ok(())
}

/// May this caller consent, for this department under this seal, to a license of this kind, now? The department need not be
/// the one that issues: whether it is asked at all is the envelope's rule.
pub fn to_consent(
    caller: &Credential,
    department: &Department,
    kind: &LicenseKind,
    seal: &Seal,
    now: Timestamp,
) -> Result<ConsentPermit, Refusal> {
    may_act_for(caller, department, kind, now)?;
    may_use(caller, department, seal, now)?;
    Ok(ConsentPermit { seal: seal.code.as_str().to_owned() })
}

/// May this caller consent for `owner`, under its seal, to a license of this kind, because of this grant, now?
pub fn to_consent_under_grant(
    caller: &Credential,
    grant: &Grant,
    owner: &Department,
    kind: &LicenseKind,
    seal: &Seal,
    now: Timestamp,
) -> Result<ConsentPermit, Refusal> {
    may_use_under(caller, grant, owner, kind, seal, now, false)?;
    Ok(ConsentPermit { seal: seal.code.as_str().to_owned() })
}

/// May this seal be laid on, now, because of this consent? Who consented was permitted to when it did; that its credential
/// has ended since takes nothing back, but a seal that is out of use seals nothing.
pub fn to_lay_on(consent: &Consent, seal: &Seal, now: Timestamp) -> Result<SealPermit, Refusal> {
    if consent.seal != seal.code || consent.body != seal.owner_code {
        return Err(forbidden("permit.seal_of_another"));
    }
    seal.check_usable(now)?;
    Ok(SealPermit { seal: seal.code.as_str().to_owned() })
}

/// May this seal be laid on what the service says of its own accord, now, because an operator proposed it and its owner
/// agreed?
pub fn for_service(appointed: &ServiceSeal, seal: &Seal, now: Timestamp) -> Result<SealPermit, Refusal> {
    if appointed.seal != seal.code || appointed.agreed.is_none() {
        return Err(forbidden("permit.seal_of_another"));
    }
    seal.check_usable(now)?;
    Ok(SealPermit { seal: seal.code.as_str().to_owned() })
}

fn may_use(caller: &Credential, department: &Department, seal: &Seal, now: Timestamp) -> Result<(), Refusal> {
    if seal.owner_code != department.code {
        return Err(forbidden("permit.seal_of_another"));
    }
    if !caller.seals.allows(seal.code.as_str()) {
        return Err(forbidden("permit.seal_out_of_scope"));
    }
    seal.check_usable(now)
}

/// May this caller change (end, suspend, resume) licenses of this kind for this department, now?
pub fn may_act_for(
    caller: &Credential,
    department: &Department,
    kind: &LicenseKind,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !caller.is_usable(now) {
        return Err(Refusal::new(RefusalClass::Unauthenticated, "caller.credential_expired"));
    }
    if caller.role != Role::Department || caller.department.as_deref() != Some(&department.code) {
        return Err(forbidden("permit.other_department"));
    }
    if !caller.kinds.allows(&kind.name) {
        return Err(forbidden("permit.kind_out_of_scope"));
    }
    Ok(())
}

fn forbidden(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Forbidden, code)
}
