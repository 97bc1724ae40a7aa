//! What a seal is for: its words, who may have it, and its size.
//!
//! Sizes follow 国发〔1999〕25号 where it speaks (governments by level; at most 45 mm for everybody else) and common practice
//! of seal cutters where it does not. The table stands in `docs/seals.md`.

use super::OwnerKind;
use crate::domain::envelope::Level;

/// What a seal is for; decides its words and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealPurpose {
    /// 法定名称章: the body's own name; nothing below the star.
    LegalName,
    /// 电子证照专用章: for electronic licenses.
    License,
    /// 业务专用章, e.g. 不动产登记专用章: the words stand on the seal.
    Business,
    /// 财务专用章: money matters.
    Finance,
    /// 合同专用章: contracts.
    Contract,
    /// 发票专用章: invoices; an ellipse with the owner's tax number in the middle.
    Invoice,
    /// 法定代表人名章: the square name seal of the body's legal representative.
    LegalRepresentative,
    /// 内设机构章: a part of the body, named in the words.
    InnerBody,
    /// 分支机构章: a branch of the body, named in the words.
    Branch,
    /// 个人名章: a person's square name seal.
    PersonalName,
    /// 手写签名: a picture of a person's handwriting.
    Signature,
}

/// What a seal looks like in outline; lengths in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Round, with a star.
    Round {
        /// Diameter.
        diameter: f32,
    },
    /// An ellipse that lies, with a number in the middle.
    Ellipse {
        /// Width.
        width: f32,
        /// Height.
        height: f32,
    },
    /// A square of characters.
    Square {
        /// Side.
        side: f32,
    },
    /// Not drawn: the owner brings it.
    Brought,
}

impl SealPurpose {
    /// Every purpose.
    pub const ALL: [Self; 11] = [
        Self::LegalName,
        Self::License,
        Self::Business,
        Self::Finance,
        Self::Contract,
        Self::Invoice,
        Self::LegalRepresentative,
        Self::InnerBody,
        Self::Branch,
        Self::PersonalName,
        Self::Signature,
    ];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LegalName => "legal-name",
            Self::License => "license",
            Self::Business => "business",
            Self::Finance => "finance",
            Self::Contract => "contract",
            Self::Invoice => "invoice",
            Self::LegalRepresentative => "legal-representative",
            Self::InnerBody => "inner-body",
            Self::Branch => "branch",
            Self::PersonalName => "personal-name",
            Self::Signature => "signature",
        }
    }

    /// The purpose of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }

    /// Whether an owner of this kind can have such a seal: persons have their names and hands, everybody else the rest.
    pub const fn fits(self, owner: OwnerKind) -> bool {
        matches!(self, Self::PersonalName | Self::Signature) == matches!(owner, OwnerKind::Person)
    }

    /// The words of such a seal unless told otherwise.
    pub const fn usual_words(self) -> Option<&'static str> {
        match self {
            Self::License => Some("电子证照专用章"),
            Self::Finance => Some("财务专用章"),
            Self::Contract => Some("合同专用章"),
            Self::Invoice => Some("发票专用章"),
            _ => None,
        }
    }

    /// Least and most characters of its words; `None` if it has none.
    pub const fn words(self) -> Option<(usize, usize)> {
        match self {
            Self::LegalName | Self::PersonalName | Self::Signature => None,
            _ => Some((2, 20)),
        }
    }

    /// The outline of such a seal of this owner. `level` is that of a department's place.
    pub fn shape(self, owner: OwnerKind, owner_name: &str, level: Option<Level>) -> Shape {
        let main = main_diameter(owner, owner_name, level);
        match self {
            Self::LegalName => Shape::Round { diameter: main },
            Self::Business | Self::InnerBody | Self::Branch => Shape::Round { diameter: main.min(42.0) },
            Self::License => Shape::Round { diameter: main.min(40.0) },
            Self::Finance | Self::Contract => Shape::Round { diameter: 38.0 },
            Self::Invoice => Shape::Ellipse { width: 40.0, height: 30.0 },
            Self::LegalRepresentative => Shape::Square { side: 20.0 },
            Self::PersonalName => Shape::Square { side: 18.0 },
            Self::Signature => Shape::Brought,
        }
    }
}

/// The diameter of the legal-name seal.
fn main_diameter(owner: OwnerKind, owner_name: &str, level: Option<Level>) -> f32 {
    match (owner, level) {
        // Only the government of a province has 50 mm; its departments stay within 45.
        (OwnerKind::Organ, Some(Level::Province)) if owner_name.ends_with("人民政府") => 50.0,
        (OwnerKind::Organ, Some(Level::Township)) => 42.0,
        (OwnerKind::Organ, _) => 45.0,
        (OwnerKind::Enterprise, _) => 40.0,
        (
            OwnerKind::Institution | OwnerKind::SocialOrganisation | OwnerKind::Other | OwnerKind::Person,
            _,
        ) => 42.0,
    }
}
