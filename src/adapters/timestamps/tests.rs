//! Our authority under a clock that misbehaves.

use super::{BySuite, OwnAuthority, OwnAuthorityParts};
use crate::adapters::keys::testing::{RingRandom, passphrase};
use crate::adapters::keys::{KeySet, NewKeySet, SoftwareKeys, set_key};
use crate::crypto::{DigestAlgorithm, Suite};
use crate::domain::time::Timestamp;
use crate::formats::tsp::{self, Response};
use crate::ports::clock::Clock;
use crate::ports::timestamps::{TimestampError, Timestamps};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

const START: i64 = 1_800_000_000;

const SHA_256: DigestAlgorithm = DigestAlgorithm::Sha256;

fn authority(floor: i64) -> (tempfile::TempDir, Arc<HandClock>, KeySet, OwnAuthority) {
    authority_of(Suite::P256, floor)
}

fn authority_of(suite: Suite, floor: i64) -> (tempfile::TempDir, Arc<HandClock>, KeySet, OwnAuthority) {
    let place = tempfile::tempdir().expect("a directory");
    let keys = SoftwareKeys::open(place.path(), passphrase(), Arc::new(RingRandom)).expect("opens");
    let now = Timestamp::from_seconds(START);
    let directory = place.path();
    let new = NewKeySet { directory, suite, name: "x", development: true, public_url: None, now };
    let set = new.make(&keys, &RingRandom).expect("a key set");
    let clock = Arc::new(HandClock(AtomicI64::new(START)));
    let authority = OwnAuthority::new(OwnAuthorityParts {
        keys: Arc::new(keys),
        handle: set_key(suite, "tsa").expect("a handle"),
        x509: set.tsa.clone(),
        chain: vec![set.root.clone()],
        crls: vec![set.crls["root"].clone()],
        clock: clock.clone(),
        random: Arc::new(RingRandom),
        floor: Timestamp::from_seconds(floor),
    });
    (place, clock, set, authority.expect("an authority"))
}

#[test]
fn it_stamps_and_refuses_when_the_clock_goes_back() {
    let (_place, clock, set, authority) = authority(START - 10);
    let token = authority.stamp(SHA_256, &[5; 32]).expect("a token");
    let facts = tsp::read_token(&token).expect("reads");
    assert!(facts.is_intact());
    assert_eq!((facts.gen_time.seconds(), facts.imprint.as_slice()), (START, [5; 32].as_slice()));
    assert_eq!(facts.cms.signer_x509, Some(set.tsa));
    authority.stamp(SHA_256, &[5; 32]).expect("standing still is allowed");
    clock.0.store(START - 1, Ordering::SeqCst);
    assert!(matches!(authority.stamp(SHA_256, &[5; 32]), Err(TimestampError::ClockWentBackwards)));
    let answer = authority.answer(&tsp::request(SHA_256, &[5; 32], 1)).expect("ours");
    assert_eq!(tsp::parse_response(&answer), Ok(Response::Refused { status: 2, failure: Some(14) }));
    clock.0.store(START + 1, Ordering::SeqCst);
    authority.stamp(SHA_256, &[5; 32]).expect("it caught up");
}

#[test]
fn it_starts_no_earlier_than_its_floor() {
    let (_place, clock, _, authority) = authority(START + 60);
    assert!(matches!(authority.stamp(SHA_256, &[5; 32]), Err(TimestampError::ClockWentBackwards)));
    clock.0.store(START + 60, Ordering::SeqCst);
    assert!(authority.stamp(SHA_256, &[5; 32]).is_ok());
}

#[test]
fn serial_numbers_differ_and_lists_can_be_renewed() {
    let (_place, _, set, authority) = authority(START);
    let serial =
        || tsp::read_token(&authority.stamp(SHA_256, &[5; 32]).expect("a token")).expect("reads").serial_hex;
    assert_ne!(serial(), serial());
    assert_eq!(authority.validation_data(SHA_256).x509_certificates, [set.root]);
    authority.set_crls(vec![vec![1]]);
    assert_eq!(authority.validation_data(SHA_256).crls, [vec![1]]);
}

#[test]
fn requests_from_outside_are_answered() {
    let (_place, _, _, authority) = authority(START);
    let ask = |request: &[u8]| tsp::parse_response(&authority.answer(request).expect("ours"));
    let request = tsp::request(SHA_256, &[5; 32], 77);
    let Ok(Response::Granted(token)) = ask(&request) else { panic!("no token") };
    let facts = tsp::read_token(&token).expect("reads");
    assert!(facts.is_intact());
    assert_eq!(facts.nonce, tsp::parse_request(&request).expect("reads").nonce);
    let refused = |bit| Ok(Response::Refused { status: 2, failure: Some(bit) });
    assert_eq!(ask(b"rubbish"), refused(5));
    // The same request with another digest algorithm: one byte of its identifier.
    let mut other = request.clone();
    let place = other.windows(3).position(|w| w == [4, 2, 1]).expect("SHA-256's identifier");
    other[place + 2] = 9;
    assert_eq!(ask(&other), refused(0));
    // SHA-384's identifier over a digest of 32 bytes.
    other[place + 2] = 2;
    assert_eq!(ask(&other), refused(5));
}

#[test]
fn the_digest_chooses_the_authority() {
    let (_places, _, p256_set, p256) = authority(START);
    let (_place, _, sm2_set, sm2) = authority_of(Suite::Sm2, START);
    let both = BySuite { p256: Arc::new(p256), sm2: Arc::new(sm2) };
    for (suite, set) in [(Suite::P256, p256_set), (Suite::Sm2, sm2_set)] {
        let algorithm = suite.digest_algorithm();
        let token = both.stamp(algorithm, &[5; 32]).expect("a token");
        assert!(token.len() <= both.largest_token(algorithm), "{} bytes", token.len());
        assert_eq!(both.validation_data(algorithm).x509_certificates, [set.root]);
        let answer = both.answer(&tsp::request(algorithm, &[5; 32], 7)).expect("ours");
        let Ok(Response::Granted(answered)) = tsp::parse_response(&answer) else { panic!("no token") };
        for token in [token, answered] {
            let facts = tsp::read_token(&token).expect("reads");
            assert!(facts.is_intact() && facts.algorithm == Some(algorithm));
            assert_eq!(facts.cms.signer_x509.as_ref(), Some(&set.tsa));
            assert_eq!(facts.cms.digest_algorithm, Some(algorithm));
        }
    }
    let refused = Ok(Response::Refused { status: 2, failure: Some(5) });
    assert_eq!(tsp::parse_response(&both.answer(b"rubbish").expect("ours")), refused);
}
