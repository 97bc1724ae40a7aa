//! Names of the sets of algorithms a key, a seal and a file may be of. What they compute is `crypto`'s.

/// A set of algorithms that belong together, chosen per key by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// ECDSA on NIST P-256 with SHA-256.
    P256,
    /// SM2 with SM3 (GB/T 32918.2-2016), user identifier `1234567812345678`.
    Sm2,
}

impl Suite {
    /// Every suite.
    pub const ALL: [Self; 2] = [Self::P256, Self::Sm2];

    /// Stable name, as configurations, kinds and key files spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::Sm2 => "sm2",
        }
    }

    /// The suite of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name() == name)
    }
}
