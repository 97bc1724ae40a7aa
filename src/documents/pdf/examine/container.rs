//! The cryptography in a seal: signature, signer, chain, trusted time.

use super::dictionary::{array, content, dict, get, name};
use super::fields::Field;
use super::hashed::HashedFile;
use super::range::{Covered, covered};
use super::scan::Scan;
use crate::domain::report::facts::{
    ChainFault, Container, GoodChain, SealFacts, SignatureFacts, SignerFacts, TokenFacts,
};
use crate::domain::time::{Date, Timestamp};
use crate::formats::cms::{self, SignedDataFacts};
use crate::formats::tsp;
use crate::formats::x509::{self, PathFault, PathQuery, Trust, Usage, ValidPath};
use lopdf::{Dictionary, Document};

/// Most X.509 certificates and lists taken from a file.
const MAX_STORED: usize = 32;
/// Most bytes of them all.
const MAX_STORED_BYTES: usize = 16 << 20;
/// Most tokens read in one seal.
const MAX_TOKENS: usize = 4;

/// What stands in the document security store (ETSI EN 319 142-1 §5.4.2).
pub(super) struct SecurityStore {
    x509s: Vec<Vec<u8>>,
    crls: Vec<Vec<u8>>,
}

impl SecurityStore {
    /// Reads it; empty if there is none.
    pub fn read(document: &Document) -> Self {
        let store = document.catalog().ok().and_then(|catalog| dict(document, catalog, b"DSS"));
        let mut budget = MAX_STORED_BYTES;
        let mut streams = |key: &[u8]| -> Vec<Vec<u8>> {
            let listed = store.and_then(|store| array(document, store, key));
            let contents = listed.into_iter().flatten().take(MAX_STORED).filter_map(|o| content(document, o));
            let within = |content: &Vec<u8>| {
                let left = budget.checked_sub(content.len());
                budget = left.unwrap_or(0);
                left.is_some()
            };
            contents.take_while(within).collect()
        };
        Self { x509s: streams(b"Certs"), crls: streams(b"CRLs") }
    }
}

/// Everything about one signed field.
pub(super) fn seal_facts(
    file: &HashedFile<'_>,
    scan: &Scan,
    document: &Document,
    field: &Field<'_>,
    store: &SecurityStore,
    trust: &Trust,
) -> SealFacts {
    let covered = covered(file.bytes(), scan, document, field);
    let format = name(document, field.signature, b"SubFilter").unwrap_or_default();
    let claimed_time =
        get(document, field.signature, b"M").and_then(|m| m.as_str().ok()).and_then(parse_date_text);
    let is_document_timestamp = format == "ETSI.RFC3161";
    let range = covered.as_ref().ok();
    let container = match get(document, field.signature, b"Contents").and_then(|c| c.as_str().ok()) {
        None => Container::Unreadable { why: "no contents".to_owned() },
        Some([0x30, 0x80, ..]) => Container::NotDer,
        Some(contents) => match format.as_str() {
            "ETSI.CAdES.detached" | "adbe.pkcs7.detached" => {
                Checker { file, store, trust, claimed_time, range }.signature(contents)
            }
            "ETSI.RFC3161" => {
                Checker { file, store, trust, claimed_time, range }.document_timestamp(contents)
            }
            other => Container::OtherFormat { name: other.chars().take(64).collect() },
        },
    };
    SealFacts {
        field: field.name.clone(),
        is_document_timestamp,
        coverage: covered.map(|covered| covered.coverage),
        claimed_time,
        permits: field.certifies.then(|| permission(document, field.signature)).flatten(),
        container,
    }
}

/// P of the DocMDP transform (ISO 32000-2 §12.8.2.2), 2 where it is left out.
fn permission(document: &Document, signature: &Dictionary) -> Option<u8> {
    let references = array(document, signature, b"Reference")?;
    references.iter().take(MAX_TOKENS).find_map(|reference| {
        let reference = document.dereference(reference).ok()?.1.as_dict().ok()?;
        if name(document, reference, b"TransformMethod")? != "DocMDP" {
            return None;
        }
        let parameters = dict(document, reference, b"TransformParams")?;
        let level = get(document, parameters, b"P").map_or(Some(2), |p| p.as_i64().ok())?;
        u8::try_from(level).ok().filter(|level| (1..=3).contains(level))
    })
}

struct Checker<'a> {
    file: &'a HashedFile<'a>,
    store: &'a SecurityStore,
    trust: &'a Trust,
    claimed_time: Option<Timestamp>,
    range: Option<&'a Covered<'a>>,
}

impl Checker<'_> {
    fn signature(&self, contents: &[u8]) -> Container {
        let cms = match cms::read(contents) {
            Ok(cms) => cms,
            Err(why) => return Container::Unreadable { why: why.to_string() },
        };
        let mut paths = Vec::new();
        let tokens: Vec<TokenFacts> = cms
            .timestamp_tokens
            .iter()
            .take(MAX_TOKENS)
            .map(|token| self.token(token, &cms, &mut paths))
            .collect();
        let proven = tokens.iter().find_map(|token| match token {
            TokenFacts::Read { time, over_this_signature: true, intact: true, chain: Ok(_), .. } => {
                Some(*time)
            }
            _ => None,
        });
        let at = proven.or(self.claimed_time).unwrap_or(Timestamp::from_seconds(0));
        let mut facts = self.facts(&cms, Usage::Sealing, at, &mut paths);
        facts.content_inside = cms.content.is_some() || cms.content_type != cms::DATA;
        facts.attributes_complete =
            cms.attribute_content_type == Some(cms::DATA) && cms.message_digest.is_some();
        facts.digest_matches = self.digest_matches(&cms);
        facts.unsigned_parts_canonical = cms.frame_is_right
            && !cms.has_crls
            && cms.unsigned_types.len() == cms.timestamp_tokens.len()
            && tokens.len() <= 1;
        let chains_hold = facts.chain.is_ok()
            && tokens.iter().all(|token| matches!(token, TokenFacts::Read { chain: Ok(_), .. }));
        facts.long_term = chains_hold && !self.store.crls.is_empty();
        if chains_hold {
            let is_stray = |x509: &&Vec<u8>| !paths.iter().any(|path: &ValidPath| path.chain.contains(x509));
            facts.strays = cms.x509_certificates.iter().filter(is_stray).count();
        }
        facts.tokens = tokens;
        Container::Read(Box::new(facts))
    }

    /// A timestamp over the document itself: its token is the seal.
    fn document_timestamp(&self, contents: &[u8]) -> Container {
        let unreadable = |why: crate::formats::Unreadable| Container::Unreadable { why: why.to_string() };
        let padded = match cms::read(contents) {
            Ok(padded) => padded,
            Err(why) => return unreadable(why),
        };
        let token = match tsp::read_token(&contents[..contents.len() - padded.trailing]) {
            Ok(token) => token,
            Err(why) => return unreadable(why),
        };
        let mut paths = Vec::new();
        let mut facts = self.facts(&token.cms, Usage::TimeStamping, token.gen_time, &mut paths);
        facts.contents_canonical &= padded.trailing_is_zero;
        facts.attributes_complete = token.is_intact();
        facts.digest_matches =
            self.range.and_then(|range| Some(self.file.digest(token.algorithm?, range) == token.imprint));
        facts.long_term = facts.chain.is_ok() && !self.store.crls.is_empty();
        Container::Read(Box::new(facts))
    }

    fn facts(
        &self,
        cms: &SignedDataFacts,
        usage: Usage,
        at: Timestamp,
        paths: &mut Vec<ValidPath>,
    ) -> SignatureFacts {
        let known = cms.digest_algorithm.is_some() && cms.signer_x509.is_some();
        let names_any = !cms.ess_v2.is_empty();
        SignatureFacts {
            signers: cms.signer_infos,
            content_inside: false,
            digest_matches: None,
            signature_is_right: known.then(|| cms.verify_signature()),
            algorithm: cms.signature_algorithm.to_string(),
            attributes_complete: false,
            names_its_signer: (names_any && cms.signer_x509.is_some()).then(|| cms.names_its_signer()),
            contents_canonical: cms.trailing_is_zero && self.range.is_none_or(|range| one_case(range.text)),
            strays: 0,
            unsigned_parts_canonical: true,
            signer: signer_facts(cms),
            chain: self.chain(cms, &[], usage, at, paths),
            tokens: Vec::new(),
            long_term: false,
        }
    }

    fn digest_matches(&self, cms: &SignedDataFacts) -> Option<bool> {
        let range = self.range?;
        let digest = self.file.digest(cms.digest_algorithm?, range);
        Some(cms.message_digest.as_ref() == Some(&digest))
    }

    fn token(&self, token: &[u8], seal: &SignedDataFacts, paths: &mut Vec<ValidPath>) -> TokenFacts {
        let token = match tsp::read_token(token) {
            Ok(token) => token,
            Err(why) => return TokenFacts::Unreadable { why: why.to_string() },
        };
        let before = paths.len();
        let chain =
            self.chain(&token.cms, &seal.x509_certificates, Usage::TimeStamping, token.gen_time, paths);
        // Nothing may ride along that nobody vouches for.
        let vouched = |x509: &Vec<u8>| paths[before..].iter().any(|path| path.chain.contains(x509));
        let clean = chain.is_err() || token.cms.x509_certificates.iter().all(vouched);
        TokenFacts::Read {
            time: token.gen_time,
            over_this_signature: token.stamps(&seal.signature),
            intact: token.is_intact()
                && clean
                && token.cms.frame_is_right
                && token.cms.unsigned_types.is_empty()
                && !token.cms.has_crls,
            authority: signer_facts(&token.cms),
            chain,
        }
    }

    fn chain(
        &self,
        cms: &SignedDataFacts,
        others: &[Vec<u8>],
        usage: Usage,
        at: Timestamp,
        paths: &mut Vec<ValidPath>,
    ) -> Result<GoodChain, ChainFault> {
        let leaf = cms.signer_x509.as_deref().ok_or(ChainFault::NoSigner)?;
        let mut intermediates: Vec<Vec<u8>> = Vec::new();
        for x509 in cms.x509_certificates.iter().chain(others).chain(&self.store.x509s) {
            if x509 != leaf && !intermediates.contains(x509) && intermediates.len() < MAX_STORED {
                intermediates.push(x509.clone());
            }
        }
        let query = PathQuery { leaf, intermediates: &intermediates, crls: &self.store.crls, usage, at };
        let path = self.trust.validate(&query).map_err(chain_fault)?;
        let good = GoodChain {
            root: path.root_cn.clone(),
            revoked_later: path.revoked_later.as_ref().map(|entry| (entry.subject_cn.clone(), entry.at)),
            revocation_known_at: path.revocation_known_at,
        };
        paths.push(path);
        Ok(good)
    }
}

fn signer_facts(cms: &SignedDataFacts) -> Option<SignerFacts> {
    let facts = x509::read(cms.signer_x509.as_ref()?).ok()?;
    Some(SignerFacts {
        name: facts.subject_cn,
        organisation: facts.subject_o,
        not_before: facts.not_before,
        not_after: facts.not_after,
    })
}

fn chain_fault(fault: PathFault) -> ChainFault {
    match fault {
        PathFault::NoPath => ChainFault::UnknownRoot,
        PathFault::Expired { not_after } => ChainFault::Expired { not_after },
        PathFault::NotYetValid { not_before } => ChainFault::NotYetValid { not_before },
        PathFault::Revoked(entry) => {
            ChainFault::Revoked { name: entry.subject_cn, at: entry.at, reason: entry.reason }
        }
        PathFault::RevocationUnknown { subject_cn } => ChainFault::RevocationUnknown { name: subject_cn },
        PathFault::Unfit(why) => ChainFault::Unfit { why },
        PathFault::BadSignature => ChainFault::BadSignature,
        PathFault::Unreadable(why) => ChainFault::Unreadable { why: why.to_string() },
    }
}

/// Whether hexadecimal text keeps to one case, as every writer does.
fn one_case(text: &[u8]) -> bool {
    !(text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase))
}

/// Reads a PDF date: `D:YYYYMMDDHHmmSS` with `Z` or `+HH'mm'` (ISO 32000-2 §7.9.4).
fn parse_date_text(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_prefix("D:")?;
    let digits = text.get(..14).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?;
    let two = |at: usize| digits.get(at..at + 2).and_then(|part| part.parse::<u8>().ok());
    let month = two(4)?.try_into().ok()?;
    let date = Date::from_calendar_date(digits.get(..4)?.parse().ok()?, month, two(6)?).ok()?;
    let local = date.with_hms(two(8)?, two(10)?, two(12)?).ok()?;
    let zone = text.get(14..)?;
    let part = |at: usize| zone.get(at..at + 2).and_then(|part| part.parse::<i8>().ok());
    let offset = match zone.as_bytes().first() {
        None | Some(b'Z') => time::UtcOffset::UTC,
        Some(b'+') => time::UtcOffset::from_hms(part(1)?, part(4).unwrap_or(0), 0).ok()?,
        Some(b'-') => time::UtcOffset::from_hms(-part(1)?, -part(4).unwrap_or(0), 0).ok()?,
        Some(_) => return None,
    };
    Some(Timestamp::from_offset(local.assume_offset(offset)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_pdf_are_read_with_their_zone() {
        let at = |text: &str| parse_date_text(text.as_bytes()).map(|t| t.to_string());
        assert_eq!(at("D:20261123160000+08'00'").as_deref(), Some("2026-11-23T08:00:00Z"));
        assert_eq!(at("D:20261123080000Z").as_deref(), Some("2026-11-23T08:00:00Z"));
        assert_eq!(at("D:20261123030000-05'00").as_deref(), Some("2026-11-23T08:00:00Z"));
        for wrong in ["20261123160000Z", "D:20261323160000Z", "D:2026", "D:20261123160000+é8", ""] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
