//! Materials that a holder hands in once (相同材料只提交一次): kept under a label and by what they contain, found again by the next
//! matter that needs the same.

use super::matter::MaterialNeed;
use super::seal::PaperMedia;
use super::time::Timestamp;
use std::time::Duration;

/// Something that a holder handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// Identity.
    pub id: String,
    /// Whose it is, by holder code.
    pub holder: String,
    /// What it is: the label of a [`MaterialNeed`].
    pub label: String,
    /// What its file is called.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// How many bytes.
    pub size: u64,
    /// Its sort.
    pub media: PaperMedia,
    /// Who brought it (credential id).
    pub by: String,
    /// What that one is called.
    pub label_of_bringer: String,
    /// For which matter, by code.
    pub matter: String,
    /// When.
    pub at: Timestamp,
    /// When another of the same label took its place.
    pub replaced_at: Option<Timestamp>,
}

/// Whether a material can be used for a matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitness {
    /// It can.
    Fits,
    /// It is too old for this matter.
    Expired,
    /// Another one took its place since.
    Replaced,
}

impl Fitness {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Expired => "expired",
            Self::Replaced => "replaced",
        }
    }
}

impl Material {
    /// The last moment at which it is good for this need.
    pub fn good_until(&self, need: &MaterialNeed) -> Timestamp {
        self.at.plus(Duration::from_secs(u64::from(need.days) * 86_400))
    }

    /// Whether it can be used for this need at `now`.
    pub fn fitness(&self, need: &MaterialNeed, now: Timestamp) -> Fitness {
        if self.replaced_at.is_some() {
            Fitness::Replaced
        } else if now > self.good_until(need) {
            Fitness::Expired
        } else {
            Fitness::Fits
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::license::kind::Bilingual;

    #[test]
    fn a_material_fits_until_it_is_too_old_for_the_matter_or_another_takes_its_place() {
        let need = MaterialNeed {
            label: "premises-lease".into(),
            title: Bilingual { zh: "租赁合同".into(), en: "Lease".into() },
            days: 30,
            may_lack: false,
        };
        let material = Material {
            id: "m".into(),
            holder: "h".into(),
            label: "premises-lease".into(),
            name: "合同.pdf".into(),
            sha256: [1; 32],
            size: 9,
            media: PaperMedia::Pdf,
            by: "clerk-1".into(),
            label_of_bringer: "3号窗口".into(),
            matter: "open-bank-account".into(),
            at: Timestamp::from_seconds(0),
            replaced_at: None,
        };
        let day = |day: i64| Timestamp::from_seconds(day * 86_400);
        assert_eq!(material.fitness(&need, day(30)), Fitness::Fits);
        assert_eq!(material.fitness(&need, day(30).plus(Duration::from_secs(1))), Fitness::Expired);
        // Another matter may take an older one.
        let patient = MaterialNeed { days: 31, ..need.clone() };
        assert_eq!(material.fitness(&patient, day(31)), Fitness::Fits);
        let replaced = Material { replaced_at: Some(day(2)), ..material };
        assert_eq!(replaced.fitness(&need, day(3)), Fitness::Replaced);
    }
}
