//! The cryptography in a seal: signature, signer, chain, trusted time.

use super::dictionary::{array, content, dict, get, name};
use super::fields::Field;
use super::hashed::HashedFile;
use super::range::{Covered, covered};
use super::scan::Scan;
use crate::crypto::DigestAlgorithm;
use crate::documents::Known;
use crate::documents::evidence::Evidence;
use crate::domain::report::facts::{ChainFault, Container, GoodChain, SealFacts, SignatureFacts, TokenFacts};
use crate::domain::time::{Date, Timestamp};
use crate::formats::cms::{self, Frame, SignedDataFacts};
use crate::formats::tsp;
use crate::formats::x509::{Usage, ValidPath};
use lopdf::{Dictionary, Document};

/// Most X.509 certificates and lists taken from a file.
const MAX_STORED: usize = 32;
/// Most bytes of them all.
const MAX_STORED_BYTES: usize = 16 << 20;
/// Most tokens read in one seal.
const MAX_TOKENS: usize = 4;

/// What stands in the document security store (ETSI EN 319 142-1 §5.4.2), beside the trusted roots and the lists that are
/// known. The chain between must stand in the file.
pub(super) fn evidence<'a>(document: &Document, known: Known<'a>) -> Evidence<'a> {
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
    let (x509s, crls) = (streams(b"Certs"), streams(b"CRLs"));
    Evidence::new(Known { x509s: &[], ..known }, x509s, crls)
}

/// Everything about one signed field.
pub(super) fn seal_facts(
    file: &HashedFile<'_>,
    scan: &Scan,
    document: &Document,
    field: &Field<'_>,
    evidence: &Evidence<'_>,
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
                Checker { file, evidence, claimed_time, range }.signature(contents)
            }
            "ETSI.RFC3161" => Checker { file, evidence, claimed_time, range }.document_timestamp(contents),
            other => Container::OtherFormat { name: other.chars().take(64).collect() },
        },
    };
    let permits = field.certifies.then(|| permission(document, field.signature)).flatten();
    SealFacts {
        field: field.name.clone(),
        is_document_timestamp,
        sub_filter: format.chars().take(64).collect(),
        coverage: covered.map(|covered| covered.coverage),
        claimed_time,
        permits,
        locks: permits == Some(1) || locks_all(document, field.signature),
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

/// Whether the FieldMDP transform (ISO 32000-2 §12.8.2.4) is over every field of the form.
fn locks_all(document: &Document, signature: &Dictionary) -> bool {
    let references = array(document, signature, b"Reference");
    references.into_iter().flatten().take(MAX_TOKENS).any(|reference| {
        document
            .dereference(reference)
            .ok()
            .and_then(|(_, reference)| reference.as_dict().ok())
            .filter(|reference| name(document, reference, b"TransformMethod").as_deref() == Some("FieldMDP"))
            .and_then(|reference| dict(document, reference, b"TransformParams"))
            .is_some_and(|parameters| name(document, parameters, b"Action").as_deref() == Some("All"))
    })
}

struct Checker<'a> {
    file: &'a HashedFile<'a>,
    evidence: &'a Evidence<'a>,
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
        let proven = tokens.iter().find_map(TokenFacts::trusted_time);
        let at = proven.or(self.claimed_time).unwrap_or(Timestamp::from_seconds(0));
        let mut facts = self.facts(&cms, Usage::Sealing, at, &mut paths);
        facts.content_inside = cms.content.is_some() || !cms.is_data();
        facts.attributes_complete =
            cms.attribute_content_type == Some(cms.content_type) && cms.message_digest.is_some();
        facts.digest_matches = self.digest_matches(&cms);
        facts.unsigned_parts_canonical = cms.frame_is_right
            && !cms.has_crls
            && cms.unsigned_types.len() == cms.timestamp_tokens.len()
            && tokens.len() <= 1;
        let chains_hold = facts.chain.is_ok()
            && tokens.iter().all(|token| matches!(token, TokenFacts::Read { chain: Ok(_), .. }));
        facts.long_term = chains_hold && self.evidence.file_has_crls();
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
        facts.long_term = facts.chain.is_ok() && self.evidence.file_has_crls();
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
            signature_is_right: known.then(|| self.signature_is_right(cms)),
            is_gm: cms.frame == Frame::Gm || cms.digest_algorithm == Some(DigestAlgorithm::Sm3),
            algorithm: cms.signature_algorithm.to_string(),
            attributes_complete: false,
            names_its_signer: (names_any && cms.signer_x509.is_some()).then(|| cms.names_its_signer()),
            contents_canonical: cms.trailing_is_zero && self.range.is_none_or(|range| one_case(range.text)),
            strays: 0,
            unsigned_parts_canonical: true,
            signer: cms.signer_x509.as_deref().and_then(|x509| self.evidence.signer(x509)),
            chain: self.chain(cms, usage, at, paths),
            tokens: Vec::new(),
            long_term: false,
        }
    }

    fn signature_is_right(&self, cms: &SignedDataFacts) -> bool {
        if !cms.signed_attributes.is_empty() {
            return cms.verify_signature();
        }
        self.range.is_some_and(|range| cms.verify_bare_signature(&range.parts.concat()))
    }

    fn digest_matches(&self, cms: &SignedDataFacts) -> Option<bool> {
        let range = self.range?;
        if cms.signed_attributes.is_empty() {
            // No digest is named: the signature alone says whether these bytes were signed.
            return cms.digest_algorithm.map(|_| self.signature_is_right(cms));
        }
        let digest = self.file.digest(cms.digest_algorithm?, range);
        Some(cms.message_digest.as_ref() == Some(&digest))
    }

    fn token(&self, token: &[u8], seal: &SignedDataFacts, paths: &mut Vec<ValidPath>) -> TokenFacts {
        let (facts, path) = self.evidence.token(token, &seal.signature, &seal.x509_certificates);
        paths.extend(path);
        facts
    }

    fn chain(
        &self,
        cms: &SignedDataFacts,
        usage: Usage,
        at: Timestamp,
        paths: &mut Vec<ValidPath>,
    ) -> Result<GoodChain, ChainFault> {
        let leaf = cms.signer_x509.as_deref().ok_or(ChainFault::NoSigner)?;
        let (good, path) = self.evidence.chain(leaf, &[&cms.x509_certificates], usage, at)?;
        paths.push(path);
        Ok(good)
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
