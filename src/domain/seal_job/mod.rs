//! Seal jobs (用印任务): whoever may use a seal brings a file, a contract say, and gets it sealed.
//!
//! A job is open from the moment its intent is durable until it is done or failed, and it changes no more. What was
//! brought stays under its digest, so that a restart can finish the job.

mod place;

pub use place::{MOST_PLACES, MOST_WORDS, Place, Point, Unfit, Which};

use super::grant::GrantId;
use super::license::FileForm;
use super::party::{Credential, Role};
use super::seal::SealCode;
use super::time::Timestamp;
use super::timed_id::timed_id;

timed_id! {
    /// Identity of a job.
    JobId
}

/// A file in the file store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptFile {
    /// SHA-256 of its bytes: its name there.
    pub sha256: [u8; 32],
    /// How many bytes.
    pub size: u64,
}

/// How a job ended, or that it has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// The intent is recorded; the file may or may not be on its way.
    Open,
    /// The sealed file is there.
    Done {
        /// It.
        file: KeptFile,
        /// Since when.
        at: Timestamp,
    },
    /// Given up for good; nothing was sealed.
    Failed {
        /// The refusal's code.
        code: String,
        /// Since when.
        at: Timestamp,
    },
}

impl JobState {
    /// Stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
        }
    }

    /// Whether a job in this state can go on to `next`. The end is the end.
    pub const fn allows(&self, next: &Self) -> bool {
        matches!((self, next), (Self::Open, Self::Done { .. } | Self::Failed { .. }))
    }
}

/// A job: all that is needed to finish it after a crash, and to give the same answer again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealJob {
    /// Identity.
    pub id: JobId,
    /// Whose idempotency key it is: see [`key_owner`].
    pub key_owner: String,
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of the canonical request.
    pub request_hash: [u8; 32],
    /// Who asked (credential).
    pub requested_by: String,
    /// The seal.
    pub seal: SealCode,
    /// Its owner: whose seal stands on the file.
    pub owner: String,
    /// The grant under which somebody else than the owner asks.
    pub grant: Option<GrantId>,
    /// What the file is, and the suite that it is sealed with.
    pub form: FileForm,
    /// Where the seal is to stand. The words in it are the file's, so they may be personal.
    pub place: Place,
    /// Whether it also stands astride the edges of all pages (骑缝).
    pub straddling: bool,
    /// What the file is called. It may be personal.
    pub name: String,
    /// Why it is sealed, for the record of the seal's use.
    pub reason: String,
    /// The file as it was brought.
    pub brought: KeptFile,
    /// When the intent was recorded.
    pub started_at: Timestamp,
    /// What became of it.
    pub state: JobState,
}

/// Whose idempotency keys this caller uses, and whose jobs it sees as its own: the body it acts for, or itself.
pub fn key_owner(caller: &Credential) -> &str {
    let body = match caller.role {
        Role::Department => caller.department.as_deref(),
        Role::CompanyManager => caller.business.as_deref(),
        _ => None,
    };
    body.unwrap_or(&caller.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_ends_once() {
        let at = Timestamp::from_seconds(1_795_392_000);
        let done = JobState::Done { file: KeptFile { sha256: [1; 32], size: 9 }, at };
        let failed = JobState::Failed { code: "seal.suspended".into(), at };
        assert!(JobState::Open.allows(&done) && JobState::Open.allows(&failed));
        for end in [&done, &failed] {
            for next in [&JobState::Open, &done, &failed] {
                assert!(!end.allows(next), "{end:?} {next:?}");
            }
        }
        assert!(!JobState::Open.allows(&JobState::Open));
    }

    #[test]
    fn later_jobs_sort_behind_earlier_ones() {
        let at = Timestamp::from_seconds(1_795_392_000);
        let later = at.plus(std::time::Duration::from_micros(1));
        let (first, second) = (JobId::new(at, [255; 8]), JobId::new(later, [0; 8]));
        assert!(first < second);
        assert_eq!(JobId::parse(first.as_str()), Some(first));
        for wrong in ["", "0", &"g".repeat(32), &"A".repeat(32)] {
            assert_eq!(JobId::parse(wrong), None);
        }
    }
}
