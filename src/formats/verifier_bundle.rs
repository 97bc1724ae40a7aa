//! The bundle that a verifier without a network carries, read: whose keys sign codes, the status lists, the names of kinds and
//! fields. `app/offline` writes it; docs/offline-codes.md has its form.

use super::jws::{self, NotOpened};
use super::offline_code::{Checked, IssuerKeys, verify};
use super::status_list::{Expected, ListToken, MOST_ENTRIES, read_cwt};
use crate::crypto::PublicKey;
use crate::domain::alarm::Alarm;
use crate::domain::offline_code::{Carried, KeyFacts};
use crate::domain::status_list::{Entry, StatusRef, Untold};
use crate::domain::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Its type (`typ`).
pub const KIND: &str = "yinzheng-bundle+jwt";
/// Largest bundle that is read.
pub const MOST_BYTES: usize = 64 << 20;

/// Why a bundle is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotABundle {
    /// More bytes than are read.
    #[error("too large")]
    TooLarge,
    /// Not signed by the given key, or not as a bundle.
    #[error(transparent)]
    Signed(#[from] NotOpened),
    /// What is signed is not of the form.
    #[error("a claim is missing or malformed")]
    Claims,
}

#[derive(Deserialize)]
struct Claims {
    iat: i64,
    exp: i64,
    keys: Vec<Key>,
    lists: Vec<List>,
}

#[derive(Deserialize)]
struct Key {
    spki: String,
    issuer: String,
    name: Both,
    kinds: Vec<Kind>,
    not_before: i64,
    not_after: i64,
}

#[derive(Deserialize)]
struct Kind {
    code: String,
    title: Both,
    fields: BTreeMap<String, Both>,
}

#[derive(Deserialize)]
struct List {
    uri: String,
    cwt: String,
}

/// A name in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Both {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Both {
    /// The one in a language, `zh` or `en`.
    pub fn of(&self, language: &str) -> &str {
        if language == "en" { &self.en } else { &self.zh }
    }
}

/// What the fields of a kind are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindNames {
    /// The kind itself.
    pub title: Both,
    /// Its fields, by name.
    pub fields: BTreeMap<String, Both>,
}

/// A bundle whose signature is right.
pub struct VerifierBundle {
    /// When it was made.
    pub issued: Timestamp,
    /// Should be fetched anew before this.
    pub expires: Timestamp,
    /// Names of kinds, by kind.
    pub kinds: BTreeMap<String, KindNames>,
    keys: IssuerKeys,
    lists: BTreeMap<String, Result<ListToken, &'static str>>,
}

impl VerifierBundle {
    /// Opens a bundle that `key` must have signed. The lists in it are signed by the same key; one that is refused makes
    /// its entries untold, and nothing else.
    ///
    /// # Errors
    /// See [`NotABundle`].
    pub fn open(token: &str, key: &PublicKey) -> Result<Self, NotABundle> {
        if token.len() > MOST_BYTES {
            return Err(NotABundle::TooLarge);
        }
        let claims = jws::open(token.trim(), KIND, key)?;
        let claims: Claims = serde_json::from_slice(&claims).map_err(|_| NotABundle::Claims)?;
        let (issued, expires) = (Timestamp::from_seconds(claims.iat), Timestamp::from_seconds(claims.exp));
        let mut keys = IssuerKeys::carried(Carried { made: issued, until: expires });
        let mut kinds = BTreeMap::new();
        for known in claims.keys {
            let spki = STANDARD.decode(&known.spki).map_err(|_| NotABundle::Claims)?;
            let facts = KeyFacts {
                issuer: known.issuer,
                issuer_name: known.name.zh,
                kinds: known.kinds.iter().map(|kind| kind.code.clone()).collect(),
                from: Timestamp::from_seconds(known.not_before),
                until: Timestamp::from_seconds(known.not_after),
            };
            if !keys.add(&spki, facts) {
                return Err(NotABundle::Claims);
            }
            let names = |kind: Kind| (kind.code, KindNames { title: kind.title, fields: kind.fields });
            kinds.extend(known.kinds.into_iter().map(names));
        }
        let mut lists = BTreeMap::new();
        for list in claims.lists {
            let cwt = STANDARD.decode(&list.cwt).map_err(|_| NotABundle::Claims)?;
            let expected = Expected { uri: &list.uri, most_entries: MOST_ENTRIES };
            let read = read_cwt(&cwt, key, &expected).map_err(|why| why.code());
            lists.insert(list.uri, read);
        }
        Ok(Self { issued, expires, kinds, keys, lists })
    }

    /// What a status list in the bundle says of an entry.
    ///
    /// # Errors
    /// Why nothing is known of it.
    pub fn entry(&self, status: &StatusRef) -> Result<Entry, Untold> {
        match self.lists.get(&status.uri) {
            None => Err(Untold::NoList),
            Some(Err(why)) => Err(Untold::Refused(why)),
            // What holds the list may be over before the list is.
            Some(Ok(list)) => {
                let entry = list.entry(status.index)?;
                Ok(Entry { expires: entry.expires.min(self.expires), ..entry })
            }
        }
    }

    /// As of when it says all that it says, and until when: when its oldest list was made, which may be long before itself,
    /// and the first end of a list or of itself.
    pub fn times(&self) -> (Timestamp, Timestamp) {
        let lists = || self.lists.values().flatten();
        let made = lists().map(|list| list.issued).fold(self.issued, Timestamp::min);
        (made, lists().map(|list| list.expires).fold(self.expires, Timestamp::min))
    }

    /// What is to be said of its age at `now`, well before it says nothing any more.
    pub fn alarm(&self, now: Timestamp) -> Option<Alarm> {
        let (made, until) = self.times();
        Alarm::of(made, until, now)
    }

    /// Reads and judges digits as they were scanned or typed, with nothing but the bundle.
    pub fn check(&self, digits: &str, now: Timestamp) -> Checked {
        verify(digits, &self.keys, |status| self.entry(status), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{PrivateKey, Signer, Suite};
    use crate::domain::offline_code::testing::{ISSUER, LIST, NOW, paper};
    use crate::domain::report::Verdict;
    use crate::formats::offline_code::{sign, to_digits};
    use crate::formats::status_list::{Bits, ListToken, StatusList, sign_cwt};
    use crate::formats::x509::testing::new_key;
    use serde_json::{Value, json};
    use std::time::Duration;

    const PLACE: u64 = 700;

    fn public(key: &PrivateKey) -> PublicKey {
        PublicKey::from_spki(key.spki()).expect("a key")
    }

    fn list(publisher: &PrivateKey, value: u8) -> Vec<u8> {
        let mut list = StatusList::new(Bits::Two, 1_024);
        assert!(list.set(PLACE, value));
        let (ttl, expires) = (Duration::from_secs(900), NOW.plus(Duration::from_secs(86_400)));
        let token = ListToken { uri: LIST.into(), issued: NOW, expires, ttl, list };
        sign_cwt(&token, b"k", publisher).expect("signed")
    }

    fn claims(issuer: &PrivateKey, cwt: &[u8]) -> Value {
        let both = json!({ "zh": "营业执照", "en": "Business license" });
        json!({
            "iss": "https://license.example.gov.cn", "iat": NOW.seconds(), "exp": NOW.seconds() + 86_400, "ttl": 900,
            "keys": [{
                "kid": "00", "spki": STANDARD.encode(issuer.spki()), "alg": "ES256", "issuer": ISSUER, "name": both,
                "kinds": [{ "code": "business-license", "title": both, "fields": { "name": both } }],
                "not_before": NOW.seconds() - 9_999, "not_after": NOW.seconds() + 9_999,
            }],
            "lists": [{ "uri": LIST, "cwt": STANDARD.encode(cwt) }],
            "texts": { "offline.forged": { "zh": "x", "en": "y" } },
        })
    }

    fn open(claims: &Value, publisher: &PrivateKey) -> Result<VerifierBundle, NotABundle> {
        let token = jws::sign_as(KIND, claims, "k", publisher).expect("signed");
        VerifierBundle::open(&token, &public(publisher))
    }

    fn digits(issuer: &PrivateKey) -> String {
        let mut code = paper();
        code.status.index = PLACE;
        to_digits(&sign(&code, issuer).expect("signed")).expect("fits")
    }

    #[test]
    fn a_code_is_judged_by_what_the_bundle_holds() {
        let (publisher, issuer) = (new_key(Suite::P256), new_key(Suite::P256));
        let digits = digits(&issuer);
        for (value, verdict, code) in [
            (0, Verdict::Passed, "offline.status_valid"),
            (1, Verdict::Failed, "offline.status_ended"),
            (2, Verdict::Failed, "offline.status_suspended"),
        ] {
            let bundle = open(&claims(&issuer, &list(&publisher, value)), &publisher).expect("a bundle");
            let checked = bundle.check(&digits, NOW);
            assert_eq!((checked.verdict, checked.findings.last().map(|f| f.code)), (verdict, Some(code)));
            assert_eq!(bundle.kinds["business-license"].fields["name"].of("en"), "Business license");
        }
        // A list of another signer, and none: nobody can tell, and nothing else is lost.
        let foreign = open(&claims(&issuer, &list(&issuer, 0)), &publisher).expect("a bundle");
        let checked = foreign.check(&digits, NOW);
        assert_eq!(checked.verdict, Verdict::Indeterminate);
        assert_eq!(checked.findings.last().map(|f| f.code), Some("offline.status_refused"));
        let mut bare = claims(&issuer, &[]);
        bare["lists"] = json!([]);
        let checked = open(&bare, &publisher).expect("a bundle").check(&digits, NOW);
        assert_eq!(checked.findings.last().map(|f| f.code), Some("offline.status_no_list"));
        // Without the issuer's key nobody is a forger.
        bare["keys"] = json!([]);
        let checked = open(&bare, &publisher).expect("a bundle").check(&digits, NOW);
        assert_eq!(checked.findings.last().map(|f| f.code), Some("offline.unknown_key"));
    }

    #[test]
    fn a_bundle_past_its_end_says_neither_yes_nor_no_whatever_its_lists_say() {
        let (publisher, issuer) = (new_key(Suite::P256), new_key(Suite::P256));
        let digits = digits(&issuer);
        for value in [0, 1] {
            let mut claims = claims(&issuer, &list(&publisher, value));
            let good = open(&claims, &publisher).expect("a bundle").check(&digits, NOW);
            assert_ne!(good.verdict, Verdict::Indeterminate, "the twin");
            // The list in it is good for a day.
            claims["exp"] = json!(NOW.seconds() - 1);
            let over = open(&claims, &publisher).expect("a bundle").check(&digits, NOW);
            assert_eq!(over.verdict, Verdict::Indeterminate);
            assert_eq!(over.findings.last().map(|f| f.code), Some("offline.status_too_old"));
            // Nor is who signs a kind that it does not know of a forger; who signed nothing is.
            claims["keys"][0]["kinds"] = json!([]);
            let over = open(&claims, &publisher).expect("a bundle").check(&digits, NOW);
            assert_eq!(over.verdict, Verdict::Indeterminate, "{:?}", over.findings);
            assert!(over.findings.iter().any(|f| f.code == "offline.bundle_too_old"));
            claims["exp"] = json!(NOW.seconds());
            let twin = open(&claims, &publisher).expect("a bundle").check(&digits, NOW);
            assert_eq!(twin.findings.last().map(|f| f.code), Some("offline.key_not_for_kind"));
        }
        let mut claims = claims(&issuer, &list(&publisher, 0));
        claims["exp"] = json!(NOW.seconds() - 1);
        let mut code = paper();
        code.status.index = PLACE;
        let mut signed = sign(&code, &issuer).expect("signed");
        *signed.last_mut().expect("a byte") ^= 1;
        let forged =
            open(&claims, &publisher).expect("a bundle").check(&to_digits(&signed).expect("fits"), NOW);
        assert_eq!(forged.findings.last().map(|f| f.code), Some("offline.forged"));
    }

    #[test]
    fn a_bundle_is_as_old_as_its_oldest_list() {
        let (publisher, issuer) = (new_key(Suite::P256), new_key(Suite::P256));
        let later = |hours: u64| NOW.plus(Duration::from_secs(hours * 3600));
        let mut claims = claims(&issuer, &list(&publisher, 0));
        assert_eq!(open(&claims, &publisher).expect("a bundle").alarm(later(2)), None);
        // Signed anew an hour ago, with the list of 23 hours ago.
        claims["iat"] = json!(later(22).seconds());
        claims["exp"] = json!(later(46).seconds());
        let bundle = open(&claims, &publisher).expect("a bundle");
        assert_eq!(bundle.times(), (NOW, later(24)));
        assert_eq!(bundle.alarm(later(3)), Some(Alarm::Old));
        assert_eq!(bundle.alarm(later(23)), Some(Alarm::Ending));
        assert_eq!(bundle.alarm(later(25)), Some(Alarm::Over));
    }

    #[test]
    fn what_the_key_did_not_sign_as_a_bundle_is_none() {
        let (publisher, issuer) = (new_key(Suite::P256), new_key(Suite::P256));
        let good = claims(&issuer, &list(&publisher, 0));
        assert!(open(&good, &publisher).is_ok());
        let token = jws::sign_as(KIND, &good, "k", &issuer).expect("signed");
        let refused = VerifierBundle::open(&token, &public(&publisher)).err();
        assert_eq!(refused, Some(NotABundle::Signed(NotOpened::Signature)));
        let token = jws::sign_as("statuslist+jwt", &good, "k", &publisher).expect("signed");
        let refused = VerifierBundle::open(&token, &public(&publisher)).err();
        assert_eq!(refused, Some(NotABundle::Signed(NotOpened::Kind)));
        for (place, wrong) in [
            ("/keys", json!("none")),
            ("/keys/0/spki", json!("AAAA")),
            ("/keys/0/not_after", json!("tomorrow")),
            ("/lists/0/cwt", json!("*")),
            ("/exp", json!(null)),
        ] {
            let mut twin = good.clone();
            *twin.pointer_mut(place).expect("there") = wrong;
            assert_eq!(open(&twin, &publisher).err(), Some(NotABundle::Claims), "{place}");
        }
        let mut twice = good.clone();
        twice["keys"] = json!([good["keys"][0], good["keys"][0]]);
        assert_eq!(open(&twice, &publisher).err(), Some(NotABundle::Claims), "two keys of one name");
    }
}
