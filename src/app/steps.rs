//! The numbered steps of issuing, for whoever wants to watch them.

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

/// Watches issuing. Called on the way, so it must be quick; what it does cannot change the outcome.
pub trait Steps: Send + Sync {
    /// `step` is complete.
    fn reached(&self, step: IssueStep);
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Steps for Unwatched {
    fn reached(&self, _: IssueStep) {}
}
