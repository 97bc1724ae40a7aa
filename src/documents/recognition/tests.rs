use super::super::Known;
use super::super::evidence::Evidence;
use super::*;
use crate::crypto::Suite;
use crate::domain::report::facts::GoodChain;
use crate::domain::trust_list::NotRecognised;
use crate::formats::eseal::testing::SmPki;
use crate::formats::trust_list::testing::{entry, list};
use crate::formats::x509::crl::RevokedX509;
use crate::formats::x509::read;
use crate::formats::x509::testing::{DAY, TestPki};

/// The seal of the test PKI is 44030000012345.
const HOME: &str = "440300";

fn ca_entries(pki: &TestPki) -> Vec<Entry> {
    let crls = pki.crls(&[]);
    vec![
        Entry { crls: crls[..1].to_vec(), ..entry(ServiceKind::RootCa, &pki.root, pki.now) },
        Entry { crls: crls[1..].to_vec(), ..entry(ServiceKind::IssuingCa, &pki.ca, pki.now) },
    ]
}

struct Asked<'a> {
    pki: &'a TestPki,
    leaf: &'a [u8],
    usage: Usage,
    at: Timestamp,
    seal: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn seal(pki: &'a TestPki) -> Self {
        Self { pki, leaf: &pki.seal, usage: Usage::Sealing, at: pki.now.plus(DAY), seal: None }
    }

    fn tsa(pki: &'a TestPki) -> Self {
        Self { leaf: &pki.tsa, usage: Usage::TimeStamping, ..Self::seal(pki) }
    }

    /// By somebody who trusts another root of the same name, and this list.
    fn by(&self, territory: &str, entries: Vec<Entry>) -> Result<(GoodChain, ValidPath), ChainFault> {
        let stranger = TestPki::new();
        let trust = Trust::from_ders([stranger.root.clone()]).expect("a root");
        let recognised = Recognised::new([list(territory, self.pki.now, entries)]);
        let known = Known { recognised: Some(&recognised), ..Known::of(&trust) };
        let evidence = Evidence::new(known, vec![self.pki.ca.clone()], Vec::new());
        match self.seal {
            None => evidence.chain(self.leaf, &[], self.usage, self.at),
            Some(code) => {
                let good = evidence.maker_chain(self.leaf, code, self.at)?;
                let path = validate_alone(self.leaf, self.usage, self.at, self.at).expect("a maker");
                Ok((good, path))
            }
        }
    }

    fn home(&self, entries: Vec<Entry>) -> Result<(GoodChain, ValidPath), ChainFault> {
        self.by(HOME, entries)
    }
}

fn why(found: Result<(GoodChain, ValidPath), ChainFault>) -> Unrecognised {
    match found {
        Err(ChainFault::NotRecognised { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_listed_authority_vouches_and_is_named() {
    let pki = TestPki::new();
    let asked = Asked::seal(&pki);
    let (good, path) = asked.home(ca_entries(&pki)).expect("recognised");
    assert_eq!((path.chain.len(), good.root.as_str()), (3, "Test Root"));
    let by = good.recognised.expect("named");
    assert_eq!((by.territory.as_str(), by.sequence, by.entry.zh.as_str()), (HOME, 7, "issuing-ca"));
    assert_eq!(by.withdrawn_later, None);
    // The issuing authority alone will do; without it, the root.
    let (good, path) = asked.home(ca_entries(&pki)[1..].to_vec()).expect("recognised");
    assert_eq!((path.chain.len(), good.root.as_str()), (2, "Test Seal CA"));
    let unknown = asked.home(ca_entries(&pki)[..1].to_vec());
    assert!(matches!(unknown, Err(ChainFault::RevocationUnknown { .. })), "{unknown:?}");
}

#[test]
fn nobody_listed_is_nobody_known() {
    let pki = TestPki::new();
    let other = TestPki::new();
    // Of the same name as ours and as the listed one: neither signed it.
    assert_eq!(Asked::seal(&pki).home(ca_entries(&other)).map(|_| ()), Err(ChainFault::BadSignature));
    assert_eq!(Asked::seal(&pki).home(Vec::new()).map(|_| ()), Err(ChainFault::BadSignature));
    // No TLS client, however it is listed.
    let tls = Asked { usage: Usage::TlsClient, ..Asked::seal(&pki) };
    assert!(tls.home(ca_entries(&pki)).is_err());
}

#[test]
fn our_own_roots_come_first() {
    let pki = TestPki::new();
    let trust = Trust::from_ders([pki.root.clone()]).expect("a root");
    let withdrawn =
        ca_entries(&pki).into_iter().map(|of| Entry { withdrawn_since: Some(pki.now), ..of }).collect();
    let recognised = Recognised::new([list(HOME, pki.now, withdrawn)]);
    let known = Known { recognised: Some(&recognised), ..Known::of(&trust) };
    let evidence = Evidence::new(known, vec![pki.ca.clone()], pki.crls(&[]));
    let (good, _) = evidence.chain(&pki.seal, &[], Usage::Sealing, pki.now.plus(DAY)).expect("ours");
    assert_eq!(good.recognised, None);
}

#[test]
fn recognition_is_asked_for_the_time_of_sealing() {
    let pki = TestPki::new();
    let asked = Asked::seal(&pki);
    let with = |change: &dyn Fn(&mut Entry)| {
        let mut entries = ca_entries(&pki);
        change(&mut entries[1]);
        asked.home(entries)
    };
    let since = pki.now.plus(DAY);
    let withdrawn = with(&|ca| ca.withdrawn_since = Some(since));
    assert_eq!(
        why(withdrawn),
        Unrecognised::Then(NotRecognised::Withdrawn { since }),
        "the root does not help"
    );
    let later = since.plus(DAY);
    let (good, _) = with(&|ca| ca.withdrawn_since = Some(later)).expect("sealed before");
    assert_eq!(good.recognised.expect("named").withdrawn_later, Some(later));
    let not_yet = with(&|ca| ca.valid_from = later);
    assert_eq!(why(not_yet), Unrecognised::Then(NotRecognised::NotYet { from: later }));
    let until = pki.now.plus(DAY / 2);
    let ended = with(&|ca| ca.valid_until = Some(until));
    assert_eq!(why(ended), Unrecognised::Then(NotRecognised::Ended { until }));
    // A second period.
    let mut entries = ca_entries(&pki);
    entries[1].valid_until = Some(until);
    entries.push(Entry { valid_from: since, valid_until: None, ..entries[1].clone() });
    assert!(asked.home(entries).is_ok());
}

#[test]
fn a_list_vouches_for_seals_of_its_own_place() {
    let pki = TestPki::new();
    let asked = Asked::seal(&pki);
    let elsewhere = Unrecognised::Elsewhere { seal: "44030000012345".into() };
    assert_eq!(why(asked.by("440400", ca_entries(&pki))), elsewhere);
    assert!(asked.by("440000", ca_entries(&pki)).is_ok());
    let mut entries = ca_entries(&pki);
    entries[1].areas = vec![crate::domain::trust_list::Territory::parse("440305").expect("a code")];
    assert_eq!(why(asked.home(entries)), elsewhere);
}

#[test]
fn what_its_list_revoked_is_revoked() {
    let pki = TestPki::new();
    let asked = Asked::seal(&pki);
    let serial_hex = read(&pki.seal).expect("reads").serial_hex;
    let revoked = |at| RevokedX509 { serial_hex: serial_hex.clone(), at, reason: 1, invalid_since: None };
    let with = |at| {
        let mut entries = ca_entries(&pki);
        entries[1].crls = pki.crls(&[revoked(at)])[1..].to_vec();
        asked.home(entries)
    };
    assert!(matches!(with(pki.now), Err(ChainFault::Revoked { .. })));
    let (good, _) = with(pki.now.plus(DAY * 2)).expect("sealed before");
    assert!(good.revoked_later.is_some());
    let mut entries = ca_entries(&pki);
    entries[1].crls.clear();
    assert!(matches!(asked.home(entries), Err(ChainFault::RevocationUnknown { .. })));
}

#[test]
fn timestamping_authorities_are_listed_as_such() {
    let pki = TestPki::new();
    let asked = Asked::tsa(&pki);
    let fault = asked.home(ca_entries(&pki)).map(|_| ());
    assert_eq!(fault, Err(ChainFault::BadSignature), "a root vouches for no timestamps");
    let tsa = entry(ServiceKind::TimeStamping, &pki.tsa, pki.now);
    let (_, path) = asked.home(vec![tsa.clone()]).expect("by itself");
    assert_eq!(path.chain.len(), 1);
    let mut entries = ca_entries(&pki);
    entries.push(tsa);
    let (good, path) = asked.home(entries.clone()).expect("with its root");
    assert_eq!((path.chain.len(), good.recognised.expect("named").entry.zh), (2, "timestamping".into()));
    // What issues to it may be listed in its place; a seal is not vouched for by that.
    let issuer = Entry { service: ServiceKind::TimeStamping, ..entries[0].clone() };
    assert!(asked.home(vec![issuer.clone()]).is_ok());
    assert_eq!(Asked::seal(&pki).home(vec![issuer]).map(|_| ()), Err(ChainFault::BadSignature));
    let since = pki.now;
    entries[2].withdrawn_since = Some(since);
    assert_eq!(why(asked.home(entries)), Unrecognised::Then(NotRecognised::Withdrawn { since }));
    let seal = entry(ServiceKind::TimeStamping, &pki.seal, pki.now);
    let unfit = Asked { leaf: &pki.seal, ..Asked::tsa(&pki) }.home(vec![seal]);
    assert!(matches!(unfit, Err(ChainFault::Unfit { .. })), "{unfit:?}");
}

#[test]
fn seal_makers_are_listed_as_such() {
    let pki = SmPki::new();
    assert_eq!(Suite::of_key(&read(&pki.maker).expect("reads").spki), Some(Suite::Sm2));
    let asked =
        |seal| Asked { leaf: &pki.maker, usage: Usage::SealMaking, seal: Some(seal), ..Asked::seal(&pki) };
    let home = "44030000012345";
    let fault = asked(home).home(ca_entries(&pki)).map(|_| ());
    assert_eq!(fault, Err(ChainFault::BadSignature), "an authority makes no seals");
    let maker = entry(ServiceKind::SealMaker, &pki.maker, pki.now);
    assert!(asked(home).home(vec![maker.clone()]).is_ok());
    let mut entries = ca_entries(&pki);
    entries.push(maker);
    let (good, _) = asked(home).home(entries.clone()).expect("recognised");
    assert_eq!(good.recognised.expect("named").entry.zh, "seal-maker");
    let elsewhere = Unrecognised::Elsewhere { seal: "99010000012345".into() };
    assert_eq!(why(asked("99010000012345").home(entries.clone())), elsewhere);
    // It makes seals and signs under none.
    let signs = Asked { usage: Usage::SealSigning, seal: None, ..asked(home) };
    assert!(matches!(signs.home(entries), Err(ChainFault::Unfit { .. })));
}
