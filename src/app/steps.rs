//! The numbered steps of issuing and of sealing documents, and those of an act on a seal, for whoever wants to watch them.

/// A step of issuing that has just been completed; the order is that of ARCHITECTURE.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssueStep {
    /// 1: the caller may issue this kind under this seal.
    Permitted,
    /// 2: the data has no fault.
    Checked,
    /// 3: it has its identifier and number.
    Numbered,
    /// 4: the intent is durable.
    Recorded,
    /// 5: the file stands, without its seal.
    Composed,
    /// 6: the file is sealed.
    Sealed,
    /// 7: our own examination passed it.
    Proved,
    /// 7b: the seals that belong to it are made; only with a business license there are any.
    SealsMade,
    /// 8a: the file is durable, but nothing points to it.
    Filed,
    /// 8b: license, history, audit and outbox are durable.
    Committed,
}

impl IssueStep {
    /// Every step in order.
    pub const ALL: [Self; 10] = [
        Self::Permitted,
        Self::Checked,
        Self::Numbered,
        Self::Recorded,
        Self::Composed,
        Self::Sealed,
        Self::Proved,
        Self::SealsMade,
        Self::Filed,
        Self::Committed,
    ];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Permitted => "permitted",
            Self::Checked => "checked",
            Self::Numbered => "numbered",
            Self::Recorded => "recorded",
            Self::Composed => "composed",
            Self::Sealed => "sealed",
            Self::Proved => "proved",
            Self::SealsMade => "seals-made",
            Self::Filed => "filed",
            Self::Committed => "committed",
        }
    }
}

/// A step of sealing a document that has just been completed; the order is that of `seal_document`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobStep {
    /// 1: the caller may use this seal.
    Permitted,
    /// 2: the file can be sealed, and the seal has its place on it.
    Read,
    /// 3: the file is durable as it was brought.
    Kept,
    /// 4: the intent is durable.
    Recorded,
    /// 5: the file has room for the seal.
    Laid,
    /// 6: the file is sealed.
    Sealed,
    /// 7: our own examination passed it.
    Proved,
    /// 8a: the sealed file is durable, but nothing points to it.
    Filed,
    /// 8b: job, use, audit and outbox are durable.
    Committed,
}

impl JobStep {
    /// Every step in order.
    pub const ALL: [Self; 9] = [
        Self::Permitted,
        Self::Read,
        Self::Kept,
        Self::Recorded,
        Self::Laid,
        Self::Sealed,
        Self::Proved,
        Self::Filed,
        Self::Committed,
    ];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Permitted => "permitted",
            Self::Read => "read",
            Self::Kept => "kept",
            Self::Recorded => "recorded",
            Self::Laid => "laid",
            Self::Sealed => "sealed",
            Self::Proved => "proved",
            Self::Filed => "filed",
            Self::Committed => "committed",
        }
    }
}

/// A step of an act on a seal that has just been completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SealStep {
    /// It may be carried out now; nothing is made or written.
    Decided,
    /// One suite's key is there, with an X.509 certificate that nobody knows; reached once a suite, where a seal is made.
    KeyMade,
    /// All that the seal will sign with is there.
    Made,
    /// Seal, credentials, certificates, history, audit and outbox are durable; no revocation list says so yet.
    Committed,
}

impl SealStep {
    /// Every step in order.
    pub const ALL: [Self; 4] = [Self::Decided, Self::KeyMade, Self::Made, Self::Committed];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decided => "seal-decided",
            Self::KeyMade => "seal-key-made",
            Self::Made => "seal-made",
            Self::Committed => "seal-committed",
        }
    }
}

/// Watches issuing, sealing and acts on seals. Called on the way, so it must be quick; what it does cannot change the outcome.
pub trait Steps: Send + Sync {
    /// `step` of issuing is complete.
    fn reached(&self, step: IssueStep);

    /// `step` of sealing a document is complete.
    fn reached_in_job(&self, _: JobStep) {}

    /// `step` of an act on a seal is complete. Nobody need mind.
    fn seal_reached(&self, step: SealStep) {
        let _ = step;
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Steps for Unwatched {
    fn reached(&self, _: IssueStep) {}
}
