//! Chains that lead to no root of ours, but to a body that another region's trust list names.
//!
//! A list's own word takes the place of what lies above its bodies: an authority in it is the end of the chain, and a
//! seal maker or timestamping authority needs none. For what lies below an authority its revocation lists are asked as
//! ever. Nothing is fetched.

use super::evidence::chain_fault;
use crate::domain::report::facts::{ChainFault, RecognisedBy, Unrecognised};
use crate::domain::seal::SealCode;
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Entry, ServiceKind, TrustList};
use crate::formats::x509::{
    PathFault, PathQuery, Trust, Usage, ValidPath, issuer_and_subject, validate_alone,
};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Most authorities of one list that are tried for one chain: several of one name are the exception.
const MAX_TRIED: usize = 8;
/// Most revocation lists of a trust list that are used for one chain.
const MAX_OF_LIST: usize = 16;
/// Most of those at hand besides; together no more than a chain is checked with.
const MAX_AT_HAND: usize = 48;

/// The trust lists that are relied on. Share it by `Arc`.
#[derive(Debug, Default)]
pub struct Recognised {
    lists: Vec<Indexed>,
}

/// A list, prepared for questions.
#[derive(Debug)]
struct Indexed {
    list: TrustList,
    /// Authorities by the name (DER) they issue under: places in `anchors`.
    by_name: HashMap<Vec<u8>, Vec<usize>>,
    /// Each authority once, however many periods or services it has.
    anchors: Vec<Anchor>,
    /// Entries by their X.509 certificate.
    by_x509: HashMap<Vec<u8>, Vec<usize>>,
}

#[derive(Debug)]
struct Anchor {
    x509: Vec<u8>,
    is_root: bool,
    /// Whether it is listed as an authority; if not, it vouches for timestamps only.
    is_ca: bool,
    /// Made when it is first asked for: most are never.
    trust: OnceLock<Option<Trust>>,
}

impl Recognised {
    /// Prepares lists. Whether each may be relied on was asked before.
    pub fn new(lists: impl IntoIterator<Item = TrustList>) -> Self {
        Self { lists: lists.into_iter().map(Indexed::new).collect() }
    }

    /// The lists.
    pub fn lists(&self) -> impl Iterator<Item = &TrustList> {
        self.lists.iter().map(|indexed| &indexed.list)
    }

    /// The chain, and who vouches for it; or why who would vouch does not. `None` if no list knows anybody in it. `seal` is
    /// the code of the seal that is made or signs, where the leaf does not name it.
    pub(super) fn chain(
        &self,
        query: &PathQuery<'_>,
        seal: Option<&str>,
    ) -> Option<Result<(ValidPath, RecognisedBy), ChainFault>> {
        let mut found = None;
        for indexed in &self.lists {
            match indexed.chain(query, seal) {
                Some(Ok(good)) => return Some(Ok(good)),
                Some(Err(fault)) => _ = found.get_or_insert(Err(fault)),
                None => {}
            }
        }
        found
    }
}

impl Indexed {
    fn new(list: TrustList) -> Self {
        let mut new = Self { list, by_name: HashMap::new(), anchors: Vec::new(), by_x509: HashMap::new() };
        let mut seen = HashMap::new();
        for (place, entry) in new.list.entries.iter().enumerate() {
            new.by_x509.entry(entry.x509.clone()).or_default().push(place);
            let is_root = entry.service == ServiceKind::RootCa;
            if let Some(known) = seen.get(&entry.x509) {
                let anchor: &mut Anchor = &mut new.anchors[*known];
                anchor.is_root |= is_root;
                anchor.is_ca |= entry.service.is_ca();
                continue;
            }
            // A timestamping authority may be listed by what issues to it. What cannot be an anchor fails there.
            let may_issue = entry.service.is_ca() || entry.service == ServiceKind::TimeStamping;
            if let (true, Ok((_, subject))) = (may_issue, issuer_and_subject(&entry.x509)) {
                seen.insert(entry.x509.clone(), new.anchors.len());
                new.by_name.entry(subject).or_default().push(new.anchors.len());
                let x509 = entry.x509.clone();
                new.anchors.push(Anchor {
                    x509,
                    is_root,
                    is_ca: entry.service.is_ca(),
                    trust: OnceLock::new(),
                });
            }
        }
        new
    }

    fn chain(
        &self,
        query: &PathQuery<'_>,
        seal: Option<&str>,
    ) -> Option<Result<(ValidPath, RecognisedBy), ChainFault>> {
        let mut found = None;
        let tried = self.candidates(query);
        let crls = self.crls(&tried, query.crls);
        let query = &PathQuery { crls: &crls, ..*query };
        for anchor in tried {
            let Some(trust) = anchor.trust() else { continue };
            match trust.validate(query) {
                Ok(path) => match self.vouch(path, query, seal) {
                    Some(Err(fault)) => _ = found.get_or_insert(fault),
                    Some(good) => return Some(good),
                    None => {}
                },
                Err(PathFault::NoPath | PathFault::BadSignature) => {}
                // Said by somebody on the way who is recognised: no other way leads around it.
                Err(fault @ PathFault::Revoked(_)) => return Some(Err(chain_fault(fault))),
                // From nearer by there may be less to ask for.
                Err(fault) => _ = found.get_or_insert(chain_fault(fault)),
            }
        }
        if self.by_x509.contains_key(query.leaf) {
            let alone = validate_alone(query.leaf, query.usage, query.at, self.list.issued);
            match alone.map_err(chain_fault).map(|path| self.vouch(path, query, seal)) {
                Ok(Some(Ok(good))) => return Some(Ok(good)),
                Ok(Some(Err(fault))) | Err(fault) => _ = found.get_or_insert(fault),
                Ok(None) => {}
            }
        }
        found.map(Err)
    }

    /// Authorities that, by their names, somebody in the chain may be issued by: roots first, since what lies between
    /// is then asked for too.
    fn candidates(&self, query: &PathQuery<'_>) -> Vec<&Anchor> {
        let mut found: Vec<usize> = Vec::new();
        let at_hand = std::iter::once(query.leaf).chain(query.intermediates.iter().map(Vec::as_slice));
        for der in at_hand {
            let Ok((issuer, _)) = issuer_and_subject(der) else { continue };
            for place in self.by_name.get(&issuer).into_iter().flatten() {
                if !found.contains(place) {
                    found.push(*place);
                }
            }
        }
        let stands = |anchor: &&Anchor| anchor.is_ca || query.usage == Usage::TimeStamping;
        let mut found: Vec<&Anchor> =
            found.into_iter().map(|place| &self.anchors[place]).filter(stands).collect();
        found.sort_by_key(|anchor| !anchor.is_root);
        found.truncate(MAX_TRIED);
        found
    }

    /// Revocation lists of those authorities, then those at hand.
    fn crls(&self, anchors: &[&Anchor], at_hand: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let entries = anchors.iter().flat_map(|anchor| self.entries(&anchor.x509));
        let mut crls: Vec<Vec<u8>> = Vec::new();
        for der in entries.flat_map(|entry| &entry.crls) {
            if crls.len() < MAX_OF_LIST && !crls.contains(der) {
                crls.push(der.clone());
            }
        }
        let others: Vec<Vec<u8>> =
            at_hand.iter().filter(|der| !crls.contains(der)).take(MAX_AT_HAND).cloned().collect();
        crls.extend(others);
        crls
    }

    fn entries(&self, x509: &[u8]) -> impl Iterator<Item = &Entry> {
        let places = self.by_x509.get(x509).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|place| &self.list.entries[*place])
    }

    /// Whether the list vouches for this chain: somebody in it is listed for what the leaf does, and nobody in it who is
    /// listed was not recognised then. `None` if nobody is listed for it.
    fn vouch(
        &self,
        path: ValidPath,
        query: &PathQuery<'_>,
        seal: Option<&str>,
    ) -> Option<Result<(ValidPath, RecognisedBy), ChainFault>> {
        let mut vouching: Option<&Entry> = None;
        for (distance, x509) in path.chain.iter().enumerate() {
            for decides in [true, false] {
                // What stands for what the leaf does; and authorities, whatever the leaf does.
                let asked = |entry: &&Entry| {
                    if decides {
                        stands_for(query.usage, entry.service, distance)
                    } else {
                        entry.service.is_ca()
                    }
                };
                let mut entries = self.entries(x509).filter(asked).peekable();
                if entries.peek().is_none() {
                    continue;
                }
                match recognised_then(entries, query.at) {
                    Ok(entry) if decides => _ = vouching.get_or_insert(entry),
                    Ok(_) => {}
                    Err((entry, why)) => return Some(Err(self.not_recognised(entry, why))),
                }
            }
        }
        let entry = vouching?;
        let seal = seal.unwrap_or(&path.leaf.facts.subject_cn);
        let is_of_seal = query.usage != Usage::TimeStamping && SealCode::parse(seal).is_some();
        if is_of_seal && !entry.covers(&self.list.territory, seal) {
            let why = Unrecognised::Elsewhere { seal: seal.to_owned() };
            return Some(Err(self.not_recognised(entry, why)));
        }
        let by = self.by(entry);
        Some(Ok((path, by)))
    }

    fn by(&self, entry: &Entry) -> RecognisedBy {
        RecognisedBy {
            territory: self.list.territory.to_string(),
            territory_name: self.list.territory_name.clone(),
            sequence: self.list.sequence,
            next_update: self.list.next_update,
            entry: entry.name.clone(),
            withdrawn_later: entry.withdrawn_since,
        }
    }

    fn not_recognised(&self, entry: &Entry, why: Unrecognised) -> ChainFault {
        ChainFault::NotRecognised { by: Box::new(self.by(entry)), why }
    }
}

impl Anchor {
    fn trust(&self) -> Option<&Trust> {
        self.trust.get_or_init(|| Trust::from_ders([self.x509.clone()]).ok()).as_ref()
    }
}

/// Whether a listed service so far from the leaf is the one that makes the leaf what it is. A certificate for
/// signing under seals and one for making them can look alike (GB/T 20518 asks for key usages only), so makers must be
/// listed themselves; so must timestamping authorities, or what issues to them and nobody else.
const fn stands_for(usage: Usage, service: ServiceKind, distance: usize) -> bool {
    match usage {
        Usage::Sealing | Usage::SealSigning => service.is_ca() && distance > 0,
        Usage::SealMaking => matches!(service, ServiceKind::SealMaker) && distance == 0,
        Usage::TimeStamping => matches!(service, ServiceKind::TimeStamping),
        Usage::TlsClient => false,
    }
}

/// The entry, of one body's, whose period holds that time; else the last that does not, and why.
fn recognised_then<'e>(
    entries: impl Iterator<Item = &'e Entry>,
    at: Timestamp,
) -> Result<&'e Entry, (&'e Entry, Unrecognised)> {
    let mut not = None;
    for entry in entries {
        match entry.recognised_at(at) {
            Ok(()) => return Ok(entry),
            Err(why) => not = Some((entry, Unrecognised::Then(why))),
        }
    }
    Err(not.expect("the caller saw that there is one"))
}

#[cfg(test)]
mod tests;
