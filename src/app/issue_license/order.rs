//! What a department asks for, in the canonical form that is recorded and compared.

use crate::crypto::sha256;
use crate::domain::envelope::EnvelopeId;
use crate::domain::grant::GrantId;
use crate::domain::license::draft::RawValue;
use crate::domain::license::{LicenseData, LicenseId};
use crate::domain::seal::{SealCode, SealPurpose};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A license to issue, or a new edition of one.
#[derive(Clone, PartialEq, Eq)]
pub struct Order {
    /// Kind name.
    pub kind: String,
    /// The seal to put on it.
    pub seal: SealCode,
    /// Field values as they came.
    pub data: BTreeMap<String, RawValue>,
    /// The printed number, where the caller gives it itself.
    pub number: Option<String>,
    /// The edition that this one replaces.
    pub replaces: Option<Replaced>,
    /// The envelope whose parties seal it together.
    pub envelope: Option<EnvelopeVersion>,
    /// The grant under which somebody else than the seal's owner asks.
    pub grant: Option<GrantId>,
    /// The business whose seals are made with it, where it is a business license.
    pub business: Option<BusinessOrder>,
}

/// What is done to a business with its license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusinessOrder {
    /// It is registered.
    Register {
        /// The seals to make.
        seals: Vec<SealPurpose>,
    },
    /// Its license, and with it what its seals say, changes.
    Change {
        /// The revision of the business that the caller saw; `None` changes whatever stands then.
        revision: Option<u32>,
        /// Seals to make beside those that the change makes anew.
        seals: Vec<SealPurpose>,
    },
}

impl BusinessOrder {
    /// The seals that are asked for by name.
    pub fn seals(&self) -> &[SealPurpose] {
        match self {
            Self::Register { seals } | Self::Change { seals, .. } => seals,
        }
    }
}

/// A version of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeVersion {
    /// Which envelope.
    pub id: EnvelopeId,
    /// Which version of its content.
    pub version: u32,
}

/// The edition that a new one replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Which.
    pub license: LicenseId,
    /// The revision the caller saw. `None` replaces whatever stands then.
    pub revision: Option<u32>,
    /// Why.
    pub reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    seal: String,
    data: BTreeMap<String, WrittenValue>,
    number: Option<String>,
    replaces: Option<WrittenReplaced>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    envelope: Option<WrittenEnvelope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    business: Option<WrittenBusiness>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBusiness {
    change: bool,
    revision: Option<u32>,
    seals: Vec<String>,
}

impl From<&BusinessOrder> for WrittenBusiness {
    fn from(order: &BusinessOrder) -> Self {
        let (change, revision) = match order {
            BusinessOrder::Register { .. } => (false, None),
            BusinessOrder::Change { revision, .. } => (true, *revision),
        };
        Self { change, revision, seals: order.seals().iter().map(|seal| seal.name().to_owned()).collect() }
    }
}

impl WrittenBusiness {
    fn read(self) -> Option<BusinessOrder> {
        let seals = self.seals.iter().map(|name| SealPurpose::parse(name)).collect::<Option<_>>()?;
        Some(if self.change {
            BusinessOrder::Change { revision: self.revision, seals }
        } else {
            BusinessOrder::Register { seals }
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEnvelope {
    id: String,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenReplaced {
    license: String,
    revision: Option<u32>,
    reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenValue {
    Text(String),
    Number(String),
    Bool(bool),
    Other,
}

impl Order {
    /// The canonical form: the same order always gives the same text.
    pub(crate) fn to_text(&self) -> Result<String, serde_json::Error> {
        let value = |raw: &RawValue| match raw {
            RawValue::Text(text) => WrittenValue::Text(text.clone()),
            RawValue::Number(text) => WrittenValue::Number(text.clone()),
            RawValue::Bool(value) => WrittenValue::Bool(*value),
            RawValue::Other => WrittenValue::Other,
        };
        serde_json::to_string(&Written {
            kind: self.kind.clone(),
            seal: self.seal.as_str().to_owned(),
            data: self.data.iter().map(|(name, raw)| (name.clone(), value(raw))).collect(),
            number: self.number.clone(),
            replaces: self.replaces.as_ref().map(|replaced| WrittenReplaced {
                license: replaced.license.as_str().to_owned(),
                revision: replaced.revision,
                reason: replaced.reason.clone(),
            }),
            envelope: self.envelope.as_ref().map(|envelope| WrittenEnvelope {
                id: envelope.id.as_str().to_owned(),
                version: envelope.version,
            }),
            grant: self.grant.as_ref().map(|grant| grant.as_str().to_owned()),
            business: self.business.as_ref().map(WrittenBusiness::from),
        })
    }

    /// Reads the canonical form; `None` if it is none of ours.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let written: Written = serde_json::from_str(text).ok()?;
        let raw = |value| match value {
            WrittenValue::Text(text) => RawValue::Text(text),
            WrittenValue::Number(text) => RawValue::Number(text),
            WrittenValue::Bool(value) => RawValue::Bool(value),
            WrittenValue::Other => RawValue::Other,
        };
        let replaces = match written.replaces {
            None => None,
            Some(replaced) => Some(Replaced {
                license: LicenseId::parse(&replaced.license).ok()?,
                revision: replaced.revision,
                reason: replaced.reason,
            }),
        };
        let envelope = match written.envelope {
            None => None,
            Some(WrittenEnvelope { id, version }) => {
                Some(EnvelopeVersion { id: EnvelopeId::parse(&id)?, version })
            }
        };
        let grant = match written.grant {
            None => None,
            Some(id) => Some(GrantId::parse(&id)?),
        };
        let business = match written.business {
            None => None,
            Some(business) => Some(business.read()?),
        };
        Some(Self {
            envelope,
            grant,
            business,
            kind: written.kind,
            seal: SealCode::parse(&written.seal)?,
            data: written.data.into_iter().map(|(name, value)| (name, raw(value))).collect(),
            number: written.number,
            replaces,
        })
    }
}

/// What tells two orders apart.
pub(crate) fn hash(canonical: &str) -> [u8; 32] {
    sha256(canonical.as_bytes())
}

/// A license's own data as raw values, to start a new edition from.
pub fn raw(data: &LicenseData) -> BTreeMap<String, RawValue> {
    data.iter().map(|(name, value)| (name.clone(), RawValue::Text(value.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_reads_back_and_any_change_changes_its_hash() {
        let seal = SealCode::parse("99010000000001").expect("14 digits");
        let order = Order {
            kind: "business-license".into(),
            seal: seal.clone(),
            data: BTreeMap::from([
                ("a".into(), RawValue::Text("1".into())),
                ("b".into(), RawValue::Number("1".into())),
                ("c".into(), RawValue::Bool(true)),
                ("d".into(), RawValue::Other),
            ]),
            number: Some("7".into()),
            replaces: None,
            envelope: None,
            grant: None,
            business: None,
        };
        let text = order.to_text().expect("plain values");
        assert!(Order::from_text(&text).expect("our own text") == order);
        let mut other = order.clone();
        other.data.insert("a".into(), RawValue::Number("1".into()));
        assert_ne!(hash(&text), hash(&other.to_text().expect("plain values")));
        let seals = vec![SealPurpose::LegalName, SealPurpose::Finance];
        for business in [
            BusinessOrder::Register { seals: seals.clone() },
            BusinessOrder::Change { revision: Some(3), seals: seals.clone() },
            BusinessOrder::Change { revision: None, seals: Vec::new() },
        ] {
            let with = Order { business: Some(business), ..order.clone() };
            let text = with.to_text().expect("plain values");
            assert!(Order::from_text(&text).expect("our own text") == with);
        }
        let granted = Order { grant: GrantId::parse(&"a".repeat(32)), ..order };
        let text = granted.to_text().expect("plain values");
        assert!(Order::from_text(&text).expect("our own text") == granted);
        assert!(Order::from_text("{}").is_none());
    }
}
