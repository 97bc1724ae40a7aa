//! What seals of every file format have in common: signers, chains and trusted-time tokens, in the words of the report's
//! facts.

use super::Known;
use crate::domain::report::facts::{ChainFault, GoodChain, SignerFacts, TokenFacts};
use crate::domain::time::Timestamp;
use crate::formats::tsp;
use crate::formats::x509::{PathFault, PathQuery, Usage, ValidPath};

/// Most X.509 certificates taken from a file for one chain.
const MAX_INTERMEDIATES: usize = 32;
/// Most revocation lists used for one chain of those that are known, and as many of those in the file.
const MAX_CRLS: usize = 32;

/// Everything at hand to build chains with.
pub(super) struct Evidence<'a> {
    known: Known<'a>,
    x509s: Vec<Vec<u8>>,
    crls: Vec<Vec<u8>>,
    file_has_crls: bool,
}

impl<'a> Evidence<'a> {
    /// What the verifier knows, and what stands in the file. However many lists a file brings, those that are known are
    /// asked too: a file made with a stolen key brings old ones.
    pub fn new(known: Known<'a>, x509s: Vec<Vec<u8>>, mut crls: Vec<Vec<u8>>) -> Self {
        crls.truncate(MAX_CRLS);
        let file_has_crls = !crls.is_empty();
        // A file sealed lately carries the very lists that are known.
        let news: Vec<_> =
            known.crls.iter().take(MAX_CRLS).filter(|list| !crls.contains(list)).cloned().collect();
        crls.extend(news);
        Self { known, x509s, crls, file_has_crls }
    }

    /// Whether the file carries revocation lists of its own.
    pub const fn file_has_crls(&self) -> bool {
        self.file_has_crls
    }

    /// The words of an X.509 certificate that matter; `None` if it cannot be read.
    pub fn signer(&self, x509: &[u8]) -> Option<SignerFacts> {
        let reading = self.known.trust.read(x509).ok()?;
        Some(SignerFacts {
            name: reading.facts.subject_cn.clone(),
            organisation: reading.facts.subject_o.clone(),
            not_before: reading.facts.not_before,
            not_after: reading.facts.not_after,
        })
    }

    /// The chain from `leaf` up; `others` may lie between.
    pub fn chain(
        &self,
        leaf: &[u8],
        others: &[&[Vec<u8>]],
        usage: Usage,
        at: Timestamp,
    ) -> Result<(GoodChain, ValidPath), ChainFault> {
        self.chain_for(leaf, others, usage, at, None)
    }

    /// The chain of the maker of the seal of this code.
    pub fn maker_chain(&self, maker: &[u8], seal: &str, at: Timestamp) -> Result<GoodChain, ChainFault> {
        self.chain_for(maker, &[], Usage::SealMaking, at, Some(seal)).map(|(good, _)| good)
    }

    fn chain_for(
        &self,
        leaf: &[u8],
        others: &[&[Vec<u8>]],
        usage: Usage,
        at: Timestamp,
        seal: Option<&str>,
    ) -> Result<(GoodChain, ValidPath), ChainFault> {
        let mut intermediates: Vec<Vec<u8>> = Vec::new();
        let given = others.iter().copied().flatten().chain(&self.x509s).chain(self.known.x509s);
        for x509 in given {
            if x509 != leaf && !intermediates.contains(x509) && intermediates.len() < MAX_INTERMEDIATES {
                intermediates.push(x509.clone());
            }
        }
        let query = PathQuery { leaf, intermediates: &intermediates, crls: &self.crls, usage, at };
        let (path, recognised) = match (self.known.trust.validate(&query), self.known.recognised) {
            (Ok(path), _) => (path, None),
            // Another issuer may have the name of one of ours: under ours the signature is wrong, or the time, which is
            // asked for before the signature. What our own lists revoked is never asked for again; and no list makes a
            // certificate valid at a time that is not its own.
            (Err(fault), Some(recognised)) if may_be_of_others(&fault) => {
                let found = recognised.chain(&query, seal);
                let (path, by) = found.unwrap_or_else(|| Err(chain_fault(fault)))?;
                (path, Some(Box::new(by)))
            }
            (Err(fault), _) => return Err(chain_fault(fault)),
        };
        let good = GoodChain {
            root: path.root_cn.clone(),
            revoked_later: path.revoked_later.as_ref().map(|entry| (entry.subject_cn.clone(), entry.at)),
            revocation_known_at: path.revocation_known_at,
            recognised,
        };
        Ok((good, path))
    }

    /// A token that should be over `signature`; `others` may help to build its chain.
    pub fn token(
        &self,
        token: &[u8],
        signature: &[u8],
        others: &[Vec<u8>],
    ) -> (TokenFacts, Option<ValidPath>) {
        let token = match tsp::read_token(token) {
            Ok(token) => token,
            Err(why) => return (TokenFacts::Unreadable { why: why.to_string() }, None),
        };
        let cms = &token.cms;
        let found = match cms.signer_x509.as_deref() {
            Some(leaf) => {
                self.chain(leaf, &[&cms.x509_certificates, others], Usage::TimeStamping, token.gen_time)
            }
            None => Err(ChainFault::NoSigner),
        };
        let (chain, path) = match found {
            Ok((good, path)) => (Ok(good), Some(path)),
            Err(fault) => (Err(fault), None),
        };
        // Nothing may ride along that nobody vouches for.
        let vouched = |x509: &Vec<u8>| path.as_ref().is_none_or(|path| path.chain.contains(x509));
        let facts = TokenFacts::Read {
            time: token.gen_time,
            over_this_signature: token.stamps(signature),
            intact: token.is_intact()
                && cms.x509_certificates.iter().all(vouched)
                && cms.frame_is_right
                && cms.unsigned_types.is_empty()
                && !cms.has_crls,
            authority: cms.signer_x509.as_deref().and_then(|x509| self.signer(x509)),
            chain,
        };
        (facts, path)
    }
}

/// Whether the fault leaves open that somebody else than our own authorities issued it.
const fn may_be_of_others(fault: &PathFault) -> bool {
    matches!(
        fault,
        PathFault::NoPath
            | PathFault::BadSignature
            | PathFault::Expired { .. }
            | PathFault::NotYetValid { .. }
    )
}

pub(super) fn chain_fault(fault: PathFault) -> ChainFault {
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
