//! Permits: proof that a rule was asked. Only this module can make one, and what needs one demands it.

use super::license::LicenseKind;
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
}

/// May this caller issue this kind for this department under this seal, now?
pub fn to_issue(
    caller: &Credential,
    department: &Department,
    kind: &LicenseKind,
    seal: &Seal,
    now: Timestamp,
) -> Result<IssuePermit, Refusal> {
    may_act_for(caller, department, kind, now)?;
    if department.responsibility != kind.issuer {
        return Err(forbidden("permit.not_responsible"));
    }
    if seal.owner_code != department.code {
        return Err(forbidden("permit.seal_of_another"));
    }
    if !caller.seals.allows(seal.code.as_str()) {
        return Err(forbidden("permit.seal_out_of_scope"));
    }
    seal.check_usable(now)?;
    Ok(IssuePermit {
        credential: caller.id.clone(),
        department: department.code.clone(),
        kind: kind.name.clone(),
        seal: seal.code.as_str().to_owned(),
    })
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
