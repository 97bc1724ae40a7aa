//! Who takes part: departments that issue, people that seal, show, scan and audit.

use super::time::Timestamp;

/// What a credential lets its bearer be. One credential has one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// 颁发机构: a department's business system or officer; issues and ends licenses.
    Department,
    /// 印章管理员: requests, approves, suspends and revokes seals.
    SealAdministrator,
    /// 持证主体: sees and shows its own licenses.
    Holder,
    /// 窗口人员: redeems show codes at a counter.
    Clerk,
    /// 用证机构: a bank, hospital or other body that relies on licenses.
    Institution,
    /// 审计人员: reads the audit trail.
    Auditor,
    /// 运维人员: runs the service; sees no license data.
    Operator,
    /// 企业印章管理人: controls the seals of its company, seals with them and lets employees use them.
    CompanyManager,
    /// 用印人: an employee who seals for the company as far as the manager granted it.
    Sealer,
}

impl Role {
    /// Every role, in the order of the access matrix.
    pub const ALL: [Self; 9] = [
        Self::Department,
        Self::SealAdministrator,
        Self::Holder,
        Self::Clerk,
        Self::Institution,
        Self::Auditor,
        Self::Operator,
        Self::CompanyManager,
        Self::Sealer,
    ];

    /// Stable name, as in the API and in stores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::SealAdministrator => "seal-administrator",
            Self::Holder => "holder",
            Self::Clerk => "clerk",
            Self::Institution => "institution",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::CompanyManager => "company-manager",
            Self::Sealer => "sealer",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A body of government that issues licenses and owns seals (颁发机构).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// Unified social credit code (GB 32100-2015), 18 characters: the identity everywhere.
    pub code: String,
    /// Chinese name in full, as on its seal.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Administrative division code (GB/T 2260), 6 digits.
    pub area_code: String,
    /// What it is responsible for; license kinds name the responsibility that may issue them,
    /// e.g. `market-regulation`.
    pub responsibility: String,
}

/// Limits a credential to some of its department's things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// Only those named.
    Only(Vec<String>),
}

impl Scope {
    /// Whether `name` is inside.
    pub fn allows(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|n| n == name),
        }
    }
}

/// A token or client certificate that someone calls with. The token itself is never kept, only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Identifier, safe to write in audit lines.
    pub id: String,
    /// What to call the bearer on pages and in the holder's list of lookups, e.g. a counter or a bank branch.
    pub label: String,
    /// The one role.
    pub role: Role,
    /// The department it acts for (departments, seal administrators), by credit code.
    pub department: Option<String>,
    /// The holder it speaks for (holders), by holder code.
    pub holder: Option<String>,
    /// The company it acts for (company managers, sealers), by credit code.
    pub business: Option<String>,
    /// License kinds it may use.
    pub kinds: Scope,
    /// Seals it may use.
    pub seals: Scope,
    /// From here on it is refused.
    pub expires_at: Timestamp,
    /// Set when it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// Who bears it, as the operator who gave it knows them: a staff number, or a keyed hash of one. `None` where nobody
    /// said.
    pub person: Option<String>,
}

impl Credential {
    /// Whether it may be used at `now`.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.withdrawn_at.is_none_or(|at| now < at)
    }
}

/// Who counts as one where an act takes two people: everybody who bears a credential with the same reference, or whoever
/// bears a credential without one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Person(String);

impl Person {
    /// Who bears this credential.
    pub fn of(credential: &Credential) -> Self {
        match &credential.person {
            // No credential's identifier has a colon.
            Some(reference) => Self(format!("person:{reference}")),
            None => Self::unknown(&credential.id),
        }
    }

    /// Who bears the credential of this identifier, of whom nothing else is known.
    pub fn unknown(credential: &str) -> Self {
        Self(credential.to_owned())
    }

    /// As [`Self::as_str`] gave it.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// As it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_one_reference_are_one_person_and_others_each_their_own() {
        let credential = |id: &str, person: Option<&str>| Credential {
            business: None,
            id: id.into(),
            label: "x".into(),
            role: Role::SealAdministrator,
            department: None,
            holder: None,
            kinds: Scope::All,
            seals: Scope::All,
            expires_at: Timestamp::from_seconds(1),
            withdrawn_at: None,
            person: person.map(str::to_owned),
        };
        let person = |id, person| Person::of(&credential(id, person));
        assert_eq!(person("a-1", Some("0417")), person("a-2", Some("0417")));
        assert_ne!(person("a-1", Some("0417")), person("a-2", Some("0418")));
        assert_ne!(person("a-1", None), person("a-2", None));
        assert_eq!(person("a-1", None), Person::unknown("a-1"));
        // A reference that looks like another credential's identifier makes nobody that one.
        assert_ne!(person("a-1", Some("a-2")), person("a-2", None));
    }
}
