//! Identity assertions: a trusted verifier of faces (刷脸) says who stands at a counter. Signed by a key that stands in the
//! settings, for this service, for one request or session, fresh by our clock, and taken once.

use super::Service;
use super::error::{conflict, forbidden};
use crate::domain::party::Credential;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::time::Timestamp;
use crate::formats::jws::{self, NotOpened};
use crate::ports::store::{StoreError, Transaction, TxError};
use crate::ports::verifiers::Verifier;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Type of an assertion (`typ` in its header).
const KIND: &str = "identity-assertion+jwt";
/// Longest assertion in bytes.
const MOST_BYTES: usize = 4096;
/// Longest life that an assertion may claim, and its greatest age.
const LIFE: Duration = Duration::from_secs(60);
/// How far a verifier's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(5);

/// How somebody was recognised. Names of methods, not a measure of how good they are.
const LIVENESS: [&str; 3] = ["active", "passive", "attended"];

/// What an assertion says. Members beyond these say nothing to us.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    iat: i64,
    exp: i64,
    request: String,
    liveness: String,
}

/// What was asserted, checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asserted {
    /// Who was recognised (holder code).
    pub(super) holder: String,
    /// The verifier.
    pub(super) issuer: String,
    jti: String,
    until: Timestamp,
    liveness: &'static str,
}

impl Asserted {
    /// What the audit trail says of it.
    pub(super) fn told(&self) -> Value {
        json!({ "verifier": self.issuer, "jti": self.jti, "liveness": self.liveness })
    }
}

/// The verifiers that speak for this counter.
pub(super) fn verifiers<'s>(service: &'s Service, counter: &Credential) -> Vec<&'s Verifier> {
    let all = service.asking.verifiers.iter();
    all.filter(|verifier| verifier.counters.contains(&counter.id)).collect()
}

/// Takes an assertion for what is called `id`, once and for good, with the transaction.
pub(super) async fn take(
    tx: &mut dyn Transaction,
    service: &Service,
    verifiers: &[&Verifier],
    (id, assertion): (&str, &str),
    now: Timestamp,
) -> Result<Asserted, TxError> {
    if verifiers.is_empty() {
        return Err(forbidden("assertion.not_for_this_counter").into());
    }
    let asserted = check(verifiers, &service.settings.public_url, id, assertion, now)?;
    // A replay is told as one, whatever became of the request that it was good for.
    match tx.take_assertion(&asserted.issuer, &asserted.jti, asserted.until).await {
        Err(StoreError::Exists(_)) => return Err(conflict("assertion.used").into()),
        other => other?,
    }
    // Those whose time is long over are refused for that.
    tx.forget_assertions(now.minus(LIFE)).await?;
    Ok(asserted)
}

fn no(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Invalid, code)
}

/// Checks an assertion for what is called `request`.
fn check(
    verifiers: &[&Verifier],
    audience: &str,
    request: &str,
    token: &str,
    now: Timestamp,
) -> Result<Asserted, Refusal> {
    if token.len() > MOST_BYTES {
        return Err(no("assertion.malformed"));
    }
    // No key is ever taken from the assertion, nor who made it before its signature was right.
    let mut why = NotOpened::Signature;
    let opened = verifiers.iter().find_map(|verifier| match jws::open(token, KIND, &verifier.key) {
        Ok(content) => Some((*verifier, content)),
        Err(not) => {
            why = not;
            None
        }
    });
    let (verifier, content) = opened.ok_or_else(|| {
        no(match why {
            NotOpened::Form | NotOpened::Critical => "assertion.malformed",
            NotOpened::Algorithm => "assertion.algorithm",
            NotOpened::Signature => "assertion.signature",
            NotOpened::Kind => "assertion.kind",
        })
    })?;
    let claims: Claims = serde_json::from_slice(&content).map_err(|_| no("assertion.claims"))?;
    let liveness = LIVENESS.into_iter().find(|known| *known == claims.liveness);
    let (Some(liveness), true) = (liveness, (16..=64).contains(&claims.jti.len())) else {
        return Err(no("assertion.claims"));
    };
    if claims.iss != verifier.name {
        return Err(no("assertion.issuer"));
    }
    if claims.aud != audience {
        return Err(no("assertion.audience"));
    }
    if claims.request != request {
        return Err(no("assertion.other_request"));
    }
    let seconds = |at: i64| Timestamp::from_micros(at.saturating_mul(1_000_000));
    let (made, end) = (seconds(claims.iat), seconds(claims.exp));
    if end <= made || end > made.plus(LIFE) {
        return Err(no("assertion.life"));
    }
    if made > now.plus(AHEAD) {
        return Err(no("assertion.not_yet"));
    }
    if now > end {
        return Err(no("assertion.stale"));
    }
    Ok(Asserted { holder: claims.sub, issuer: claims.iss, jti: claims.jti, until: end, liveness })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{PublicKey, Signer, Suite};
    use crate::formats::x509::testing::new_key;

    const AUDIENCE: &str = "https://zz.example.gov.cn";
    const NOW: i64 = 1_795_000_000;

    fn claims() -> Value {
        json!({
            "iss": "face-1", "aud": AUDIENCE, "sub": "990102199105082048", "jti": "0123456789abcdef", "iat": NOW - 5,
            "exp": NOW + 25, "request": "r-1", "liveness": "active",
        })
    }

    fn with(name: &str, value: impl Into<Value>) -> Value {
        let mut claims = claims();
        claims[name] = value.into();
        claims
    }

    fn told(verifier: &Verifier, token: &str) -> Result<Asserted, &'static str> {
        let now = Timestamp::from_seconds(NOW);
        check(&[verifier], AUDIENCE, "r-1", token, now).map_err(|refusal| refusal.code)
    }

    #[test]
    fn a_good_assertion_and_its_twins() {
        let key = new_key(Suite::P256);
        let public = PublicKey::from_spki(key.spki()).expect("a key");
        let verifier = Verifier { name: "face-1".into(), key: public, counters: Vec::new() };
        let sign = |claims: &Value| jws::sign_as(KIND, claims, "1", &key).expect("signed");
        let good = told(&verifier, &sign(&claims())).expect("a good one");
        assert_eq!((good.holder.as_str(), good.liveness), ("990102199105082048", "active"));
        assert_eq!(good.until, Timestamp::from_seconds(NOW + 25));
        for (claims, code) in [
            (with("iss", "face-2"), "assertion.issuer"),
            (with("aud", "https://other.example.gov.cn"), "assertion.audience"),
            (with("request", "r-2"), "assertion.other_request"),
            (with("liveness", "photo"), "assertion.claims"),
            (with("jti", "short"), "assertion.claims"),
            (with("sub", 7), "assertion.claims"),
            (with("exp", NOW + 56), "assertion.life"),
            (with("exp", NOW - 5), "assertion.life"),
            (with("exp", i64::MAX), "assertion.life"),
            (with("exp", NOW - 1), "assertion.stale"),
            (with("iat", NOW + 6), "assertion.not_yet"),
        ] {
            assert_eq!(told(&verifier, &sign(&claims)), Err(code), "{claims}");
        }
        let other = new_key(Suite::P256);
        let token = jws::sign_as(KIND, &claims(), "1", &other).expect("signed");
        assert_eq!(told(&verifier, &token), Err("assertion.signature"));
        let token = jws::sign_as("status+jwt", &claims(), "1", &key).expect("signed");
        assert_eq!(told(&verifier, &token), Err("assertion.kind"));
        assert_eq!(told(&verifier, &"x".repeat(MOST_BYTES + 1)), Err("assertion.malformed"));
        assert_eq!(told(&verifier, "a.b.c"), Err("assertion.malformed"));
        // A verifier that is not for this counter is nobody here.
        let now = Timestamp::from_seconds(NOW);
        let nobody = check(&[], AUDIENCE, "r-1", &sign(&claims()), now);
        assert_eq!(nobody.map_err(|refusal| refusal.code), Err("assertion.signature"));
    }
}
