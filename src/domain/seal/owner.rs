//! Who owns a seal, and the papers it was asked for with.

/// Kinds of owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnerKind {
    /// 机关: a department of a government, or a government.
    Organ,
    /// 事业单位: a public institution.
    Institution,
    /// 企业: an enterprise, a sole trader or a cooperative.
    Enterprise,
    /// 社会组织: an association, a foundation, a private non-enterprise unit.
    SocialOrganisation,
    /// Another body with a credit code.
    Other,
    /// 自然人: a person.
    Person,
}

impl OwnerKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Organ,
        Self::Institution,
        Self::Enterprise,
        Self::SocialOrganisation,
        Self::Other,
        Self::Person,
    ];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Organ => "organ",
            Self::Institution => "institution",
            Self::Enterprise => "enterprise",
            Self::SocialOrganisation => "social-organisation",
            Self::Other => "other",
            Self::Person => "person",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of the body with this unified social credit code, by the registering department and category in its first
    /// two digits (GB 32100-2015).
    pub fn of_code(code: &str) -> Self {
        match code.as_bytes() {
            [b'1', b'2', ..] => Self::Institution,
            [b'1', b'3', ..] | [b'5', ..] => Self::SocialOrganisation,
            [b'1', ..] => Self::Organ,
            [b'9', ..] => Self::Enterprise,
            _ => Self::Other,
        }
    }
}

/// Who a person is: a hash of the identity number under a salt of its own, never the number.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonIdentity {
    /// The salt.
    pub salt: [u8; 16],
    /// SHA-256 of the salt and the number.
    pub hash: [u8; 32],
}

impl std::fmt::Debug for PersonIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonIdentity").finish_non_exhaustive()
    }
}

/// A paper of an application: what it is called and which bytes it was. The bytes stay with the applicant, unless it is a
/// [`super::HeldPaper`] too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// What it is called.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// How many bytes.
    pub size: u64,
}
