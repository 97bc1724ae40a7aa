//! A paper's content as a JSON Web Signature ([`crate::formats::statement`]) in the words of the report's facts.

use super::Known;
use super::evidence::Evidence;
use super::paper::wire;
use crate::crypto::{PublicKey, sha256};
use crate::domain::paper::PaperKind;
use crate::domain::report::facts::{
    Attached, ChainFault, StatementFacts, StatementFault, StatementFileFacts,
};
use crate::formats::statement::{Statement, read};
use crate::formats::x509::{self, Usage};

/// Examines a file that looks like a statement.
pub fn examine(bytes: &[u8], known: Known<'_>) -> StatementFileFacts {
    let statement = read(bytes).and_then(|statement| facts(&statement, known));
    StatementFileFacts { file: sha256(bytes), statement }
}

fn facts(statement: &Statement, known: Known<'_>) -> Result<StatementFacts, StatementFault> {
    let kind = PaperKind::of_statement(&statement.kind);
    let kind = kind.ok_or_else(|| StatementFault::Kind { name: statement.kind.clone() })?;
    let content = match wire::facts(&statement.content, None) {
        Some(Attached::Paper(paper)) if paper.kind == kind => Attached::Paper(paper),
        Some(Attached::Paper(_)) => unreadable("another paper than the header says"),
        Some(other) => other,
        None => unreadable("not the data of a paper"),
    };
    let claimed_time = match &content {
        Attached::Paper(paper) => paper.made_at,
        _ => None,
    };
    // What is signed names its chain itself, so nothing in it can be exchanged; lists it carries none.
    let [leaf, others @ ..] = &statement.x509s[..] else {
        return Err(StatementFault::Form { why: "no chain" });
    };
    let evidence = Evidence::new(known, Vec::new(), Vec::new());
    let signer = evidence.signer(leaf);
    let at = claimed_time.or(signer.as_ref().map(|signer| signer.not_before));
    let chain = match at {
        Some(at) => evidence.chain(leaf, &[others], Usage::Sealing, at).map(|(good, _)| good),
        None => Err(ChainFault::NoSigner),
    };
    let key = x509::spki(leaf).ok().and_then(PublicKey::from_spki);
    let signature_is_right = key.and_then(|key| statement.is_signed_by(&key));
    Ok(StatementFacts { signature_is_right, signer, chain, claimed_time, content })
}

fn unreadable(why: &str) -> Attached {
    Attached::Unreadable { why: why.to_owned() }
}

#[cfg(test)]
mod tests;
