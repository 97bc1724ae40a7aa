//! JSON Web Signatures that a stranger may have made: papers with their signer's chain, and bundles of what a verifier knows.

use super::bench::{NOW, PDF};
use std::sync::LazyLock;
use yinzheng::crypto::PublicKey;
use yinzheng::formats::statement::{Statement, read};
use yinzheng::formats::verifier_bundle::VerifierBundle;
use yinzheng::formats::x509;

/// What somebody signed.
static SIGNED: LazyLock<Vec<Statement>> = LazyLock::new(|| {
    let seeds: [&[u8]; 2] =
        [include_bytes!("../corpus/statement/receipt.jws"), include_bytes!("../corpus/statement/copy.jws")];
    let signed = seeds.iter().map(|seed| read(seed).expect("a seed"));
    signed.inspect(|seed| assert!(holds(seed), "a seed that nobody signed")).collect()
});

/// Whether the signature is of the key that the header brings along.
fn holds(statement: &Statement) -> bool {
    let leaf = statement.x509s.first().and_then(|leaf| x509::spki(leaf).ok());
    let key = leaf.and_then(PublicKey::from_spki);
    key.is_some_and(|key| statement.is_signed_by(&key) == Some(true))
}

/// A receipt or a copy in a file of its own.
pub fn statement(bytes: &[u8]) {
    PDF.judge(bytes);
    let Ok(read) = read(bytes) else { return };
    if holds(&read) {
        let made = |seed: &Statement| seed.kind == read.kind && seed.content == read.content;
        assert!(SIGNED.iter().any(made), "a forged statement is right");
    }
}

static PUBLISHER: LazyLock<PublicKey> = LazyLock::new(|| {
    PublicKey::from_spki(include_bytes!("../known/verifier_bundle/p256.spki")).expect("a key of the seeds")
});
const BUNDLE: &str = include_str!("../corpus/verifier_bundle/bundle.jwt");

/// A verifier's bundle.
pub fn verifier_bundle(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(bundle) = VerifierBundle::open(text, &PUBLISHER) else { return };
    let content = |token: &str| token.trim().split('.').nth(1).map(str::to_owned);
    assert_eq!(content(text), content(BUNDLE), "a forged bundle is opened");
    assert!(!bundle.check("71", NOW).findings.is_empty());
}
