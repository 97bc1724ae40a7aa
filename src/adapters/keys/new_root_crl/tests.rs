use super::*;
use crate::adapters::keys::testing::{RingRandom, passphrase};
use crate::adapters::keys::{KeySets, NewKeySet, OneKey, SoftwareKeys};
use crate::formats::x509::{PathFault, PathQuery, Trust, Usage};
use std::fs;
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const CA_COMPROMISE: u8 = 2;

/// A key set of one suite whose root's key lies in a safe.
struct Place {
    set: tempfile::TempDir,
    safe: tempfile::TempDir,
    suite: Suite,
}

impl Place {
    fn of(suite: Suite) -> Self {
        let (set, safe) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
        let keys = SoftwareKeys::open(set.path(), passphrase(), Arc::new(RingRandom)).expect("opens");
        let (directory, public_url) = (set.path(), None);
        let new = NewKeySet { directory, suite, name: "景川市", development: false, public_url, now: NOW };
        new.make(&keys, &RingRandom).expect("a set");
        fs::rename(path(set.path(), suite, "root.key.pem"), safe.path().join("root.key.pem")).expect("moved");
        Self { set, safe, suite }
    }

    fn key(&self) -> OneKey {
        OneKey::open(&self.safe.path().join("root.key.pem"), &passphrase()).expect("opens")
    }

    /// The next list, a day after the keys were made.
    fn next(&self) -> NewRootCrl<'_> {
        NewRootCrl {
            directory: self.set.path(),
            suite: self.suite,
            last: None,
            revoke: Vec::new(),
            reason: CA_COMPROMISE,
            life: DAY * 400,
            now: NOW.plus(DAY),
        }
    }

    fn list(&self) -> Vec<u8> {
        KeySet::crl(self.set.path(), self.suite, "root").expect("reads").expect("there")
    }

    fn loaded(&self) -> KeySet {
        KeySet::load(self.set.path(), self.suite).expect("a set")
    }

    /// Nothing was made: what lies there is the list of before.
    fn refused(&self, new: &NewRootCrl<'_>, key: &OneKey) -> RootCrlError {
        let before = self.list();
        let refusal = new.make(key).expect_err("refused");
        assert_eq!(self.list(), before);
        refusal
    }
}

fn serial(der: &[u8]) -> String {
    x509::read(der).expect("reads").serial_hex
}

#[test]
fn a_list_comes_after_the_last_and_carries_it_over() {
    for suite in Suite::ALL {
        let place = Place::of(suite);
        let set = place.loaded();
        let plain = place.next().make(&place.key()).expect("a list");
        assert_eq!((plain.number, plain.carried, plain.revoked.len()), (2, 0, 0));
        assert_eq!(crl::number(&place.list()), Ok(2));
        let expected = CrlTimes { this_update: NOW.plus(DAY), next_update: NOW.plus(DAY * 401) };
        assert_eq!((crl::times(&place.list()), plain.times), (Ok(expected), expected));
        assert_eq!(crl::check_issuer(&place.list(), &set.root), Ok(()));

        // The authority for seals by its certificate, the one for TLS by its number; a third one by number alone.
        let first = NewRootCrl { revoke: vec![Revoke::X509(set.seal_ca.clone())], ..place.next() };
        let first = first.make(&place.key()).expect("a list");
        assert_eq!(first.number, 3);
        assert_eq!(first.times.this_update, NOW.plus(DAY).plus(SECOND), "later than the last, if by little");
        assert!(first.revoked[0].1.as_deref().is_some_and(|name| name.contains("Seal CA")));
        let serials = [serial(&set.tls_ca).to_uppercase(), "0x47:11".to_owned()];
        let (revoke, now) = (serials.map(Revoke::Serial).into(), NOW.plus(DAY * 2));
        let second =
            NewRootCrl { revoke, reason: 4, now, ..place.next() }.make(&place.key()).expect("a list");
        assert_eq!((second.number, second.carried), (4, 1));
        let names: Vec<_> = second.revoked.iter().map(|(_, name)| name.is_some()).collect();
        assert_eq!(names, [true, false]);
        let entries: Vec<_> = crl::entries(&place.list()).expect("reads");
        let told: Vec<_> = entries.iter().map(|e| (e.serial_hex.as_str(), e.at, e.reason)).collect();
        let (seal_ca, tls_ca) = (serial(&set.seal_ca), serial(&set.tls_ca));
        let (before, now) = (NOW.plus(DAY), NOW.plus(DAY * 2));
        assert_eq!(told, [(&*seal_ca, before, CA_COMPROMISE), (&*tls_ca, now, 4), ("4711", now, 4)]);
        // The set is whole as before.
        assert!(suite == Suite::Sm2 || KeySets::load(place.set.path()).is_ok());
    }
}

#[test]
fn what_it_revokes_is_revoked_from_then_on() {
    for suite in Suite::ALL {
        let place = Place::of(suite);
        let set = place.loaded();
        let trust = Trust::from_ders([set.root.clone()]).expect("a root");
        let judged = |list: Vec<u8>, at: Timestamp| {
            let crls = [list];
            let query =
                PathQuery { leaf: &set.tsa, intermediates: &[], crls: &crls, usage: Usage::TimeStamping, at };
            trust.validate(&query)
        };
        let revoke = vec![Revoke::X509(set.tsa.clone())];
        NewRootCrl { revoke, ..place.next() }.make(&place.key()).expect("a list");
        let revoked = judged(place.list(), NOW.plus(DAY));
        assert!(matches!(revoked, Err(PathFault::Revoked(entry)) if entry.reason == CA_COMPROMISE));
        let before = judged(place.list(), NOW.plus(DAY).minus(SECOND)).expect("good before");
        assert!(before.revoked_later.is_some());
        assert!(judged(set.crls["root"].clone(), NOW.plus(DAY)).is_ok(), "the twin: the list of before");
    }
}

#[test]
fn the_last_list_is_the_newest_and_the_roots_own() {
    let place = Place::of(Suite::P256);
    let (key, set) = (place.key(), place.loaded());
    let first = place.list();
    let revoke = || vec![Revoke::Serial("4711".into())];
    NewRootCrl { revoke: revoke(), ..place.next() }.make(&key).expect("number 2");
    let given = |der: &[u8]| NewRootCrl { last: Some(der.to_vec()), ..place.next() };
    let refused = place.refused(&given(&first), &key);
    assert!(matches!(refused, RootCrlError::Older { given: 1, here: 2, .. }), "{refused}");
    let refused = place.refused(&given(&set.crls["seal-ca"]), &key);
    assert!(matches!(refused, RootCrlError::OtherIssuer { .. }), "{refused}");
    let mut twin = place.list();
    *twin.last_mut().expect("not empty") ^= 1;
    assert!(matches!(place.refused(&given(&twin), &key), RootCrlError::OtherIssuer { .. }));

    // One that the service published meanwhile: its number counts, and nothing of either is lost.
    let times = CrlTimes { this_update: NOW.plus(DAY * 2), next_update: NOW.plus(DAY * 9) };
    let another = RevokedX509 { serial_hex: "0815".into(), at: NOW, reason: 0, invalid_since: None };
    let published =
        crl::make(&Issuer { x509: &set.root, signer: &key }, 7, times, &[another]).expect("a list");
    let now = NOW.plus(DAY * 3);
    let made = NewRootCrl { now, ..given(&published) }.make(&key).expect("a list");
    assert_eq!((made.number, made.carried), (8, 2));
    let serials: Vec<_> =
        crl::entries(&place.list()).expect("reads").into_iter().map(|e| e.serial_hex).collect();
    assert_eq!(serials, ["0815", "4711"]);

    fs::remove_file(place.next().path()).expect("there");
    let refused = place.next().make(&key).expect_err("no last list");
    assert!(matches!(refused, RootCrlError::NoLast { .. }) && refused.to_string().contains("/crl/root.crl"));
    assert_eq!(given(&first).make(&key).expect("a list").number, 2);
}

#[test]
fn another_root_another_time_and_what_is_not_the_roots_are_refused() {
    let (place, other) = (Place::of(Suite::P256), Place::of(Suite::P256));
    let (key, set) = (place.key(), place.loaded());
    let refused = place.refused(&place.next(), &other.key());
    assert!(matches!(refused, RootCrlError::OtherKey { .. }), "{refused}");
    let refused = place.refused(&NewRootCrl { now: NOW.minus(DAY), ..place.next() }, &key);
    assert!(matches!(refused, RootCrlError::Clock { .. }), "{refused}");
    let refused = place.refused(&NewRootCrl { now: NOW.plus(DAY * 8000), ..place.next() }, &key);
    assert!(matches!(refused, RootCrlError::Ended { .. }), "{refused}");

    let revoking = |what: Revoke| NewRootCrl { revoke: vec![what], ..place.next() };
    let refusal = |what: Revoke| place.refused(&revoking(what), &key);
    let stranger = Revoke::X509(other.loaded().seal_ca);
    assert!(matches!(refusal(stranger), RootCrlError::NotIssued { .. }));
    assert!(matches!(refusal(Revoke::X509(set.root.clone())), RootCrlError::Itself(_)));
    assert!(matches!(refusal(Revoke::Serial(serial(&set.root))), RootCrlError::Itself(_)));
    assert!(matches!(refusal(Revoke::X509(b"no".to_vec())), RootCrlError::Unreadable(_)));
    for text in ["", "0", "root", "47 1g", &"1".repeat(41)] {
        assert!(matches!(refusal(Revoke::Serial(text.into())), RootCrlError::Serial(_)), "{text}");
    }
    revoking(Revoke::X509(set.tsa.clone())).make(&key).expect("revoked");
    let twice = refusal(Revoke::Serial(serial(&set.tsa)));
    assert!(matches!(twice, RootCrlError::Already { at, .. } if at == NOW.plus(DAY)));
}
