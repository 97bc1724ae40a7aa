//! Grants (用印授权): the owner of a seal lets somebody else seal with it, licenses of named kinds or documents that are
//! brought, for a time, up to a count. What is sealed so is the owner's: who controls answers (国办发〔2025〕33号, art. 21).

use super::envelope::EnvelopeId;
use super::license::LicenseId;
use super::refusal::{Refusal, RefusalClass};
use super::seal::SealCode;
use super::seal_job::JobId;
use super::time::Timestamp;
use super::timed_id::timed_id;

timed_id! {
    /// Identity of a grant.
    GrantId
}

/// Who may use the seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grantee {
    /// Another body, by credit code: whoever acts for it.
    Body(String),
    /// One credential, by its identifier: a clerk at a counter, or a system.
    Credential(String),
}

/// An end before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// When.
    pub at: Timestamp,
    /// By whom (credential).
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Identity.
    pub id: GrantId,
    /// The seal.
    pub seal: SealCode,
    /// Its owner, by credit code: whose licenses they are.
    pub owner: String,
    /// Who may use it.
    pub grantee: Grantee,
    /// For which license kinds; at least one, unless it is for documents.
    pub kinds: Vec<String>,
    /// Whether documents that the grantee brings may be sealed.
    pub documents: bool,
    /// Not before this.
    pub from: Timestamp,
    /// Not from this on.
    pub until: Timestamp,
    /// How often at most; `None` is any number.
    pub most: Option<u32>,
    /// How often it was used; uses under way count.
    pub used: u32,
    /// Who granted it (credential).
    pub granted_by: String,
    /// When.
    pub granted_at: Timestamp,
    /// Why.
    pub reason: String,
    /// Set when it was withdrawn.
    pub withdrawn: Option<Withdrawal>,
}

/// What a grant is good for at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// Its time has not come.
    Waiting,
    /// It can be used.
    InForce,
    /// It was used as often as it may be.
    Exhausted,
    /// Its time is over.
    Ended,
    /// It was withdrawn.
    Withdrawn,
}

impl GrantState {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InForce => "in-force",
            Self::Exhausted => "exhausted",
            Self::Ended => "ended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Grant {
    /// What it is good for at `now`.
    pub fn state(&self, now: Timestamp) -> GrantState {
        if self.withdrawn.is_some() {
            GrantState::Withdrawn
        } else if now < self.from {
            GrantState::Waiting
        } else if now >= self.until {
            GrantState::Ended
        } else if self.most.is_some_and(|most| self.used >= most) {
            GrantState::Exhausted
        } else {
            GrantState::InForce
        }
    }

    /// The bodies that it concerns, by credit code.
    pub fn concerned(&self) -> Vec<&str> {
        let body = match &self.grantee {
            Grantee::Body(body) => Some(body.as_str()),
            Grantee::Credential(_) => None,
        };
        [self.owner.as_str()].into_iter().chain(body).collect()
    }

    /// Refuses a use of this seal for this kind at `now`. A use that was counted already asks with `counted`: that the count
    /// is full says nothing against it.
    pub fn check(&self, seal: &SealCode, kind: &str, now: Timestamp, counted: bool) -> Result<(), Refusal> {
        let has_kind = self.kinds.iter().any(|named| named == kind);
        self.check_use(seal, if has_kind { Ok(()) } else { Err("grant.other_kind") }, now, counted)
    }

    /// The same for a document that is brought.
    pub fn check_document(&self, seal: &SealCode, now: Timestamp, counted: bool) -> Result<(), Refusal> {
        let scope = if self.documents { Ok(()) } else { Err("grant.not_for_documents") };
        self.check_use(seal, scope, now, counted)
    }

    fn check_use(
        &self,
        seal: &SealCode,
        scope: Result<(), &'static str>,
        now: Timestamp,
        counted: bool,
    ) -> Result<(), Refusal> {
        let forbidden = |code| Err(Refusal::new(RefusalClass::Forbidden, code).with("grant", &self.id));
        if self.seal != *seal {
            return forbidden("grant.other_seal");
        }
        if let Err(code) = scope {
            return forbidden(code);
        }
        match self.state(now) {
            GrantState::InForce => Ok(()),
            GrantState::Exhausted if counted => Ok(()),
            GrantState::Waiting => forbidden("grant.not_begun"),
            GrantState::Exhausted => forbidden("grant.exhausted"),
            GrantState::Ended => forbidden("grant.ended"),
            GrantState::Withdrawn => forbidden("grant.withdrawn"),
        }
    }
}

/// What became of a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseOutcome {
    /// What is to be sealed is on its way; the use counts.
    Open,
    /// It was released.
    Done,
    /// Nothing was released; the use does not count.
    Cancelled,
}

impl UseOutcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Open, Self::Done, Self::Cancelled];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    /// The outcome of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// What a use was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UseSubject {
    /// A license of the owner's.
    License(LicenseId),
    /// A document that was brought in this job.
    Document(JobId),
    /// The owner's consent to a version of an envelope. It stays a use whatever becomes of the envelope: the seal was used.
    Consent {
        /// The envelope.
        envelope: EnvelopeId,
        /// The version of its content.
        version: u32,
    },
}

impl UseSubject {
    /// Its text; no two subjects have the same.
    pub fn to_text(&self) -> String {
        match self {
            Self::License(license) => license.as_str().to_owned(),
            Self::Document(job) => format!("job/{job}"),
            Self::Consent { envelope, version } => format!("envelope/{envelope}/{version}"),
        }
    }

    /// Reads that text.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(job) = text.strip_prefix("job/") {
            return JobId::parse(job).map(Self::Document);
        }
        let Some(rest) = text.strip_prefix("envelope/") else {
            return LicenseId::parse(text).ok().map(Self::License);
        };
        let (envelope, version) = rest.split_once('/')?;
        Some(Self::Consent { envelope: EnvelopeId::parse(envelope)?, version: version.parse().ok()? })
    }
}

/// One use: who sealed what, when, under which grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantUse {
    /// The grant.
    pub grant: GrantId,
    /// What for.
    pub subject: UseSubject,
    /// The license's kind; empty where it was none.
    pub kind: String,
    /// Who used it (credential).
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: UseOutcome,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const DAY: Duration = Duration::from_secs(86_400);

    fn grant() -> Grant {
        let at = Timestamp::from_seconds(1_795_392_000);
        Grant {
            id: GrantId::new(at, [7; 8]),
            seal: SealCode::parse("44030000012345").expect("14 digits"),
            owner: "11440300MB2C12345X".into(),
            grantee: Grantee::Body("12440300MB2C00001X".into()),
            kinds: vec!["business-license".into()],
            documents: false,
            from: at.plus(DAY),
            until: at.plus(DAY * 10),
            most: Some(2),
            used: 1,
            granted_by: "a".into(),
            granted_at: at,
            reason: "委托办理".into(),
            withdrawn: None,
        }
    }

    #[test]
    fn a_use_within_the_grant_is_good_and_each_step_beyond_it_is_refused() {
        let grant = grant();
        let (seal, kind, now) = (grant.seal.clone(), "business-license", grant.from);
        assert_eq!(grant.check(&seal, kind, now, false), Ok(()));
        let code = |grant: &Grant, seal: &SealCode, kind, now, counted| {
            grant.check(seal, kind, now, counted).expect_err("beyond it").code
        };
        let other = SealCode::parse("44030000012346").expect("14 digits");
        assert_eq!(code(&grant, &other, kind, now, false), "grant.other_seal");
        assert_eq!(code(&grant, &seal, "work-permit", now, false), "grant.other_kind");
        assert_eq!(code(&grant, &seal, kind, grant.granted_at, false), "grant.not_begun");
        assert_eq!(code(&grant, &seal, kind, grant.until, false), "grant.ended");
        let full = Grant { used: 2, ..grant.clone() };
        assert_eq!(code(&full, &seal, kind, now, false), "grant.exhausted");
        assert_eq!(full.check(&seal, kind, now, true), Ok(()), "this use is one of the two");
        assert_eq!(code(&full, &seal, kind, full.until, true), "grant.ended");
        let withdrawn = Withdrawal { at: now, by: "b".into(), reason: "停止委托".into() };
        let over = Grant { withdrawn: Some(withdrawn), ..full };
        assert_eq!(code(&over, &seal, kind, now, true), "grant.withdrawn");
    }

    #[test]
    fn documents_are_granted_by_themselves() {
        let kinds_only = grant();
        let now = kinds_only.from;
        let seal = kinds_only.seal.clone();
        let code = |grant: &Grant| grant.check_document(&seal, now, false).map_err(|refusal| refusal.code);
        assert_eq!(code(&kinds_only), Err("grant.not_for_documents"));
        let documents = Grant { documents: true, kinds: Vec::new(), ..kinds_only };
        assert_eq!(code(&documents), Ok(()));
        assert_eq!(code(&Grant { used: 2, ..documents.clone() }), Err("grant.exhausted"));
        let other = documents.check(&seal, "business-license", now, false).expect_err("no kind");
        assert_eq!(other.code, "grant.other_kind");
    }

    #[test]
    fn what_a_use_was_for_reads_back() {
        let license =
            LicenseId::new("11990000MB7100010H001", "11990100MB7100010H", "1", 1).expect("an identifier");
        let consent = UseSubject::Consent { envelope: EnvelopeId::new([7; 16]), version: 3 };
        let job = UseSubject::Document(JobId::new(Timestamp::from_seconds(1), [7; 8]));
        for subject in [UseSubject::License(license), consent, job] {
            assert_eq!(UseSubject::parse(&subject.to_text()), Some(subject));
        }
        let consents = ["envelope/", "envelope/x/1", "envelope/07070707070707070707070707070707/x"];
        for wrong in ["", "job/", "job/x"].into_iter().chain(consents) {
            assert_eq!(UseSubject::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn later_grants_sort_behind_earlier_ones() {
        let at = Timestamp::from_seconds(1_795_392_000);
        let (first, second) = (GrantId::new(at, [255; 8]), GrantId::new(at.plus(DAY), [0; 8]));
        assert!(first < second);
        assert_eq!(GrantId::parse(first.as_str()), Some(first));
        for wrong in ["", "0", &"g".repeat(32), &"A".repeat(32)] {
            assert_eq!(GrantId::parse(wrong), None);
        }
    }
}
