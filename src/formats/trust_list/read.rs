//! Reading a list that a stranger may have made: within bounds, every member checked, nothing guessed.

use super::{MAX_BYTES, MAX_ENTRIES, wire};
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Entry, Names, ServiceKind, Territory, TrustList};
use crate::formats::cms;
use crate::formats::x509::{self, crl};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::time::Duration;
use time::PrimitiveDateTime;
use time::macros::format_description;

/// Most characters of a name.
const MAX_NAME: usize = 100;
/// Most characters of a note.
const MAX_NOTE: usize = 500;
/// Most areas of an entry.
const MAX_AREAS: usize = 100;
/// Most addresses, and most revocation lists, of an entry.
const MAX_CRLS: usize = 4;
/// Longest address.
const MAX_ADDRESS: usize = 300;
/// Longest time between two versions: as in ETSI TS 119 612 §5.3.15, half a year. Who holds back a newer version can do
/// so no longer.
const MAX_LIFE: Duration = Duration::from_secs(185 * 24 * 60 * 60);

/// A list whose signature is right. By whom it must be is for the caller to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What it says.
    pub list: TrustList,
    /// The X.509 certificate (DER) whose key signed it.
    pub signer_x509: Vec<u8>,
    /// The document as it was signed.
    pub json: Vec<u8>,
}

/// Why bytes are no signed trust list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenFault {
    /// Larger than [`MAX_BYTES`].
    #[error("larger than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    /// No signature of one signer with the document inside.
    #[error("not signed: {0}")]
    NotSigned(String),
    /// The signature is not over this document.
    #[error("the signature is wrong")]
    WrongSignature,
    /// The document is not as it should be.
    #[error("{place}: {why}")]
    Malformed {
        /// Where, as a JSON pointer; empty for the whole.
        place: String,
        /// What is wrong.
        why: String,
    },
}

/// Opens a signed list: reads the signature, verifies it, then reads the document.
///
/// # Errors
/// The first fault, in that order: what nobody signed is not looked into.
pub fn open(bytes: &[u8]) -> Result<Opened, OpenFault> {
    if bytes.len() > MAX_BYTES {
        return Err(OpenFault::TooLarge);
    }
    let not_signed = |why: &str| OpenFault::NotSigned(why.to_owned());
    let signed = cms::read(bytes).map_err(|why| OpenFault::NotSigned(why.to_string()))?;
    if signed.trailing > 0 || signed.signer_infos != 1 || !signed.is_data() || signed.has_crls {
        return Err(not_signed("not one signature over one document"));
    }
    let json = signed.content.as_deref().ok_or_else(|| not_signed("the document is not inside"))?;
    let signer = signed.signer_x509.as_deref();
    let signer = signer.ok_or_else(|| not_signed("the signer's X.509 certificate is not inside"))?;
    let digest = signed.digest_algorithm.ok_or_else(|| not_signed("an unknown digest"))?;
    let right = signed.message_digest.as_deref() == Some(digest.digest(&[json]).as_slice())
        && signed.attribute_content_type == Some(signed.content_type)
        && (signed.ess_v2.is_empty() || signed.names_its_signer())
        && signed.verify_signature();
    if !right {
        return Err(OpenFault::WrongSignature);
    }
    let list = from_json(json)?;
    Ok(Opened { list, signer_x509: signer.to_vec(), json: json.to_vec() })
}

/// Reads the document alone: nothing is known of who made it.
///
/// # Errors
/// [`OpenFault::Malformed`]: the first member that is not as it should be.
pub fn from_json(json: &[u8]) -> Result<TrustList, OpenFault> {
    let wire: wire::List = serde_json::from_slice(json).map_err(|why| malformed("", why))?;
    if wire.format != wire::FORMAT {
        return Err(malformed("/format", "another format"));
    }
    // The database keeps the number as a signed integer.
    if wire.sequence == 0 || i64::try_from(wire.sequence).is_err() {
        return Err(malformed("/sequence", "out of range"));
    }
    if wire.entries.len() > MAX_ENTRIES {
        return Err(malformed("/entries", "too many"));
    }
    let territory = place("/territory/code", &wire.territory.code)?;
    let issued = moment("/issued", &wire.issued)?;
    let next_update = moment("/next_update", &wire.next_update)?;
    if next_update <= issued || next_update.since(issued) > MAX_LIFE {
        return Err(malformed("/next_update", "not within half a year after the issue"));
    }
    let mut entries = Vec::with_capacity(wire.entries.len());
    for (index, of) in wire.entries.into_iter().enumerate() {
        entries.push(entry(&format!("/entries/{index}"), of, &territory)?);
    }
    check_periods(&entries)?;
    Ok(TrustList {
        territory,
        territory_name: names("/territory/name", &wire.territory.name)?,
        operator: names("/operator", &wire.operator)?,
        sequence: wire.sequence,
        issued,
        next_update,
        entries,
    })
}

fn malformed(place: &str, why: impl ToString) -> OpenFault {
    OpenFault::Malformed { place: place.to_owned(), why: why.to_string() }
}

fn entry(at: &str, wire: wire::Entry, territory: &Territory) -> Result<Entry, OpenFault> {
    let member = |name: &str| format!("{at}/{name}");
    let service = ServiceKind::parse(&wire.service);
    let service = service.ok_or_else(|| malformed(&member("service"), "unknown"))?;
    let withdrawn_since = match (wire.status.as_str(), &wire.since) {
        (wire::GRANTED, None) => None,
        (wire::WITHDRAWN, Some(since)) => Some(moment(&member("since"), since)?),
        (wire::GRANTED | wire::WITHDRAWN, _) => {
            return Err(malformed(&member("since"), "stands where it is withdrawn, and only there"));
        }
        _ => return Err(malformed(&member("status"), "unknown")),
    };
    let valid_from = moment(&member("valid_from"), &wire.valid_from)?;
    let valid_until =
        wire.valid_until.as_deref().map(|text| moment(&member("valid_until"), text)).transpose()?;
    if valid_until.is_some_and(|until| until < valid_from) {
        return Err(malformed(&member("valid_until"), "before its beginning"));
    }
    let x509 = base64(&member("x509"), &wire.x509)?;
    let facts = x509::read(&x509).map_err(|why| malformed(&member("x509"), why))?;
    if service.is_ca() && !facts.is_ca || service == ServiceKind::SealMaker && facts.is_ca {
        return Err(malformed(&member("x509"), "not for this service"));
    }
    let areas = areas(&member("areas"), &wire.areas, territory)?;
    let crls = crls(&member("crls"), &wire.crls, service)?;
    let fine = |text: &&String| {
        let known = ["http://", "https://", "ldap://"].iter().any(|scheme| text.starts_with(scheme));
        known && text.len() <= MAX_ADDRESS && text.bytes().all(|b| b.is_ascii_graphic())
    };
    if wire.crl_addresses.len() > MAX_CRLS
        || wire.crl_addresses.iter().filter(fine).count() < wire.crl_addresses.len()
    {
        return Err(malformed(&member("crl_addresses"), "too many, or no address"));
    }
    if let Some(note) = &wire.note {
        text(&member("note"), note, MAX_NOTE)?;
    }
    Ok(Entry {
        service,
        name: names(&member("name"), &wire.name)?,
        x509,
        valid_from,
        valid_until,
        withdrawn_since,
        areas,
        crl_addresses: wire.crl_addresses,
        crls,
        note: wire.note,
    })
}

/// One body may have been recognised several times, one after the other: an entry for each period.
fn check_periods(entries: &[Entry]) -> Result<(), OpenFault> {
    let mut order: Vec<(usize, &Entry)> = entries.iter().enumerate().collect();
    order.sort_by_key(|(_, entry)| (entry.service, &entry.x509, entry.valid_from));
    for pair in order.windows(2) {
        let [(_, before), (index, after)] = pair else { continue };
        let same = before.service == after.service && before.x509 == after.x509;
        if same && before.end().is_none_or(|end| end > after.valid_from) {
            return Err(malformed(&format!("/entries/{index}"), "stands twice for the same time"));
        }
    }
    Ok(())
}

fn areas(at: &str, wire: &[String], territory: &Territory) -> Result<Vec<Territory>, OpenFault> {
    if wire.len() > MAX_AREAS {
        return Err(malformed(at, "too many"));
    }
    let mut areas = Vec::with_capacity(wire.len());
    for code in wire {
        let area = place(at, code)?;
        // A place's list vouches for nobody elsewhere.
        if !territory.covers(area.as_str()) || areas.contains(&area) {
            return Err(malformed(at, "outside the list's territory, or twice"));
        }
        areas.push(area);
    }
    Ok(areas)
}

fn crls(at: &str, wire: &[String], service: ServiceKind) -> Result<Vec<Vec<u8>>, OpenFault> {
    if wire.len() > MAX_CRLS || !wire.is_empty() && !service.is_ca() {
        return Err(malformed(at, "too many, or of no authority"));
    }
    let mut crls = Vec::with_capacity(wire.len());
    for text in wire {
        let der = base64(at, text)?;
        // Whose it is is asked when it is used.
        crl::times(&der).map_err(|why| malformed(at, why))?;
        crls.push(der);
    }
    Ok(crls)
}

fn place(at: &str, code: &str) -> Result<Territory, OpenFault> {
    Territory::parse(code).ok_or_else(|| malformed(at, "no division code of six digits"))
}

fn names(at: &str, wire: &wire::Names) -> Result<Names, OpenFault> {
    text(&format!("{at}/zh"), &wire.zh, MAX_NAME)?;
    text(&format!("{at}/en"), &wire.en, MAX_NAME)?;
    Ok(Names { zh: wire.zh.clone(), en: wire.en.clone() })
}

fn text(at: &str, text: &str, longest: usize) -> Result<(), OpenFault> {
    let fine = !text.trim().is_empty()
        && text.trim().len() == text.len()
        && text.chars().count() <= longest
        && !text.chars().any(|c| c.is_control() || hides(c));
    if fine { Ok(()) } else { Err(malformed(at, "empty, too long, or with characters that are not shown")) }
}

/// Characters that turn around or hide what stands beside them: the name stands in reports that people rely on.
const fn hides(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// RFC 3339 in UTC to the second, `2026-11-26T00:00:00Z`, and in no other way.
fn moment(at: &str, text: &str) -> Result<Timestamp, OpenFault> {
    let shape = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let read =
        PrimitiveDateTime::parse(text, shape).ok().map(|time| Timestamp::from_offset(time.assume_utc()));
    read.filter(|time| time.to_string() == text)
        .ok_or_else(|| malformed(at, "no time as 2026-11-26T00:00:00Z"))
}

fn base64(at: &str, text: &str) -> Result<Vec<u8>, OpenFault> {
    STANDARD.decode(text).map_err(|_| malformed(at, "not base64"))
}
