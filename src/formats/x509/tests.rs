//! Profiles and chains, each good one with twins that are not.

use super::crl::RevokedX509;
use super::testing::{DAY, TestPki, new_key, particulars, seal_profile};
use super::*;
use crate::crypto::{PrivateKey, Signer, Suite};
use crate::domain::time::Timestamp;

fn ask<'a>(pki: &'a TestPki, intermediates: &'a [Vec<u8>], crls: &'a [Vec<u8>]) -> PathQuery<'a> {
    PathQuery { leaf: &pki.seal, intermediates, crls, usage: Usage::Sealing, at: pki.now.plus(DAY) }
}

fn trust(pki: &TestPki) -> Trust {
    Trust::from_ders([pki.root.clone()]).expect("a root")
}

#[test]
fn the_seal_profile_is_as_written_down() {
    let pki = TestPki::new();
    let seal = read(&pki.seal).expect("reads");
    assert_eq!(seal.subject_cn, "44030000012345");
    assert_eq!(seal.subject_o, "11440300MB2C12345X 景川市市场监督管理局");
    assert!(seal.subject.starts_with("C=CN, O="));
    assert_eq!(seal.issuer_cn, "Test Seal CA");
    let usage = seal.key_usage.expect("present");
    assert!(usage.digital_signature && usage.non_repudiation && !usage.key_cert_sign && !usage.crl_sign);
    let extended = ExtendedUsage { critical: false, oids: vec!["1.3.6.1.5.5.7.3.36".into()] };
    assert_eq!(seal.extended_usage, Some(extended));
    assert_eq!(seal.crl_addresses, ["http://crl.example/x.crl"]);
    assert_eq!((seal.not_before, seal.not_after), (pki.now, pki.now.plus(DAY * 1000)));
    assert_eq!(seal.serial_hex.len(), 32);
    assert!(!seal.is_ca && !seal.is_self_issued);
    assert_eq!(spki(&pki.seal), Ok(pki.seal_key.spki()));
}

#[test]
fn authorities_and_timestamping_have_their_profiles() {
    let pki = TestPki::new();
    let (root, ca, tsa) =
        (read(&pki.root).expect("root"), read(&pki.ca).expect("ca"), read(&pki.tsa).expect("tsa"));
    for authority in [&root, &ca] {
        let usage = authority.key_usage.expect("present");
        assert!(authority.is_ca && usage.key_cert_sign && usage.crl_sign && !usage.digital_signature);
        assert_eq!(authority.extended_usage, None);
    }
    assert!(root.is_self_issued && !ca.is_self_issued);
    let alone = ExtendedUsage { critical: true, oids: vec!["1.3.6.1.5.5.7.3.8".into()] };
    assert_eq!(tsa.extended_usage, Some(alone));
    assert!(!is_development(&pki.root));
}

#[test]
fn sm2_has_the_same_profiles_under_its_own_names() {
    let (pki, twin) = (TestPki::of(Suite::Sm2), TestPki::new());
    let pairs =
        [(&pki.root, &twin.root), (&pki.ca, &twin.ca), (&pki.seal, &twin.seal), (&pki.tsa, &twin.tsa)];
    for (der, twin) in pairs {
        assert_eq!(Suite::of_key(spki(der).expect("reads")), Some(Suite::Sm2));
        assert!(x509_algorithms(der).iter().all(|oid| oid == "1.2.156.10197.1.501"), "inside and outside");
        assert!(x509_algorithms(twin).iter().all(|oid| oid == "1.2.840.10045.4.3.2"));
        let (mut facts, twin) = (read(der).expect("reads"), read(twin).expect("reads"));
        assert_eq!(facts.subject_key_id.as_ref().map(Vec::len), Some(20));
        facts.spki.clone_from(&twin.spki);
        facts.serial_hex.clone_from(&twin.serial_hex);
        facts.subject_key_id.clone_from(&twin.subject_key_id);
        if facts.subject_o.is_empty() {
            assert_eq!(facts, twin);
        } else {
            // Government seals have nothing between code and name.
            assert_eq!(facts.subject_o, twin.subject_o.replace(' ', ""));
            assert_eq!((facts.key_usage, facts.extended_usage), (twin.key_usage, twin.extended_usage));
        }
    }
}

/// The algorithm named inside what is signed, and the one beside the signature.
fn x509_algorithms(der: &[u8]) -> [String; 2] {
    let x509 = super::read::parse(der).expect("reads");
    [&x509.tbs_certificate.signature, &x509.signature_algorithm].map(|named| {
        assert!(named.parameters.is_none(), "RFC 8998 and RFC 5758: no parameters");
        named.algorithm.to_string()
    })
}

#[test]
fn a_seal_maker_makes_seals_and_nothing_else() {
    for suite in Suite::ALL {
        let pki = TestPki::of(suite);
        let profile = Profile::SealMaker { name: "景川市电子印章制作系统".into() };
        let key = new_key(suite);
        let maker =
            issue(&profile, &particulars(pki.now, DAY * 900), key.spki(), &pki.by_ca()).expect("issued");
        let facts = read(&maker).expect("reads");
        assert_eq!((facts.subject_cn.as_str(), facts.subject_o.as_str()), ("景川市电子印章制作系统", ""));
        let usage = facts.key_usage.expect("present");
        assert!(usage.digital_signature && usage.non_repudiation && !usage.key_cert_sign && !facts.is_ca);
        let extended = ExtendedUsage { critical: false, oids: vec![SEAL_MAKING.into()] };
        assert_eq!(facts.extended_usage, Some(extended));
        let (chain, crls) = ([pki.ca.clone()], pki.crls(&[]));
        let query = PathQuery { leaf: &maker, usage: Usage::SealMaking, ..ask(&pki, &chain, &crls) };
        assert!(trust(&pki).validate(&query).is_ok());
        for usage in [Usage::Sealing, Usage::SealSigning, Usage::TimeStamping, Usage::TlsClient] {
            let other = PathQuery { usage, ..query };
            assert!(matches!(trust(&pki).validate(&other), Err(PathFault::Unfit(_))), "{usage:?}");
        }
        // Whoever signs under a seal cannot make one.
        let signing = PathQuery { leaf: &pki.seal, usage: Usage::SealSigning, ..query };
        assert!(trust(&pki).validate(&signing).is_ok());
        let making = PathQuery { usage: Usage::SealMaking, ..signing };
        assert!(matches!(trust(&pki).validate(&making), Err(PathFault::Unfit(_))));
    }
}

#[test]
fn an_authority_may_issue_for_a_key_of_another_suite() {
    for (suite, other) in [(Suite::P256, Suite::Sm2), (Suite::Sm2, Suite::P256)] {
        let pki = TestPki::of(suite);
        let key = new_key(other);
        let made = issue(&seal_profile(), &particulars(pki.now, DAY * 9), key.spki(), &pki.by_ca());
        let leaf = made.expect("issued");
        let (chain, crls) = ([pki.ca.clone()], pki.crls(&[]));
        let query = PathQuery { leaf: &leaf, ..ask(&pki, &chain, &crls) };
        assert!(trust(&pki).validate(&query).is_ok(), "{other:?} under {suite:?}");
        assert_eq!(spki(&leaf), Ok(key.spki()));
        assert!(x509_algorithms(&leaf).iter().all(|oid| *oid == suite.signature_oid().to_string()));
        let forged = issue(
            &seal_profile(),
            &particulars(pki.now, DAY * 9),
            key.spki(),
            &Issuer { x509: &pki.ca, signer: &new_key(suite) },
        );
        let query = PathQuery { leaf: &forged.expect("written"), ..query };
        assert_eq!(trust(&pki).validate(&query), Err(PathFault::BadSignature));
    }
}

#[test]
fn a_key_that_does_not_sign_says_why() {
    struct Broken(crate::crypto::PrivateKey);
    impl Signer for Broken {
        fn suite(&self) -> Suite {
            self.0.suite()
        }
        fn spki(&self) -> &[u8] {
            self.0.spki()
        }
        fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, crate::crypto::SignError> {
            Err(crate::crypto::SignError("the device is out of reach".into()))
        }
    }
    for suite in Suite::ALL {
        let pki = TestPki::of(suite);
        let by = Issuer { x509: &pki.ca, signer: &Broken(new_key(suite)) };
        let made = issue(&seal_profile(), &particulars(pki.now, DAY), pki.seal_key.spki(), &by);
        assert!(matches!(made, Err(IssueError::Sign(why)) if why.0 == "the device is out of reach"));
        let times = crl::CrlTimes { this_update: pki.now, next_update: pki.now.plus(DAY) };
        assert!(matches!(crl::make(&by, 1, times, &[]), Err(IssueError::Sign(_))));
    }
}

#[test]
fn requests_prove_that_their_key_is_there() {
    for suite in Suite::ALL {
        let key = new_key(suite);
        let made = request::make(&seal_profile(), &key).expect("made");
        let facts = request::read(&made).expect("reads");
        assert!(facts.proves_possession);
        assert_eq!((facts.suite, facts.spki.as_slice()), (Some(suite), key.spki()));
        assert!(facts.subject.starts_with("C=CN, O=11440300MB2C12345X"), "{}", facts.subject);
        let place = made.windows(14).position(|w| w == b"44030000012345").expect("the code stands in it");
        for at in [place, made.len() - 1] {
            let mut twin = made.clone();
            twin[at] ^= 1;
            assert!(!request::read(&twin).is_ok_and(|facts| facts.proves_possession), "byte {at}");
        }
        assert!(request::read(&[made.as_slice(), &[0]].concat()).is_err());
        for end in 0..made.len() {
            assert!(request::read(&made[..end]).is_err());
        }
    }
}

#[test]
fn what_does_not_fit_a_profile_is_refused() {
    let pki = TestPki::new();
    let try_name = |seal_code: &str, owner_name: &str| {
        let profile = Profile::Seal {
            owner_code: "1".into(),
            owner_name: owner_name.into(),
            seal_code: seal_code.into(),
        };
        issue(&profile, &particulars(pki.now, DAY), pki.seal_key.spki(), &pki.by_ca()).map(|_| ())
    };
    assert!(try_name("44030000012345", "x").is_ok());
    assert!(matches!(try_name("", "x"), Err(IssueError::Profile(fault)) if fault.field == "name"));
    assert!(matches!(try_name("1", "a\nb"), Err(IssueError::Profile(fault)) if fault.field == "owner"));
    let host = |host: &str| {
        let profile = Profile::TlsServer { hosts: vec![host.into()] };
        issue(&profile, &particulars(pki.now, DAY), pki.seal_key.spki(), &pki.by_ca()).is_ok()
    };
    assert!(host("zz.example") && host("::1"));
    assert!(!host("zz example") && !host("zz.example/x"));
    assert!(issue(&seal_profile(), &particulars(pki.now, DAY), b"no key", &pki.by_ca()).is_err());
}

#[test]
fn a_good_chain_is_good_and_remembered() {
    for suite in Suite::ALL {
        good_and_remembered(&TestPki::of(suite));
    }
}

fn good_and_remembered(pki: &TestPki) {
    let trust = trust(pki);
    let (chain, crls) = ([pki.ca.clone()], pki.crls(&[]));
    let path = trust.validate(&ask(pki, &chain, &crls)).expect("good");
    assert_eq!(path.chain, [pki.seal.clone(), pki.ca.clone(), pki.root.clone()]);
    assert_eq!((path.revoked_later, path.revocation_known_at), (None, pki.now));
    // The leaf's and the CA's signatures, and those of two lists.
    assert_eq!(trust.verified.len(), 4);
    assert!(trust.validate(&ask(pki, &chain, &crls)).is_ok());
    assert_eq!(trust.verified.len(), 4);
}

#[test]
fn one_byte_changed_anywhere_is_noticed() {
    let pki = TestPki::new();
    noticed(&pki, 1);
    noticed(&TestPki::of(Suite::Sm2), 5);
}

fn noticed(pki: &TestPki, stride: usize) {
    let trust = trust(pki);
    let (chain, crls) = ([pki.ca.clone()], pki.crls(&[]));
    trust.validate(&ask(pki, &chain, &crls)).expect("good, and remembered");
    for place in (4..pki.seal.len()).step_by(3 * stride) {
        let mut leaf = pki.seal.clone();
        leaf[place] ^= 1;
        let query = PathQuery { leaf: &leaf, ..ask(pki, &chain, &crls) };
        assert!(trust.validate(&query).is_err(), "byte {place} of the leaf");
    }
    for place in (4..pki.ca.len()).step_by(7 * stride) {
        let mut ca = pki.ca.clone();
        ca[place] ^= 1;
        assert!(trust.validate(&ask(pki, &[ca], &crls)).is_err(), "byte {place} of the CA");
    }
    for place in (4..crls[1].len()).step_by(7 * stride) {
        let mut twin = crls.clone();
        twin[1][place] ^= 1;
        assert!(trust.validate(&ask(pki, &chain, &twin)).is_err(), "byte {place} of the list");
    }
}

#[test]
fn a_stranger_is_not_trusted_even_under_the_same_name() {
    let (pki, stranger) = (TestPki::new(), TestPki::new());
    let (chain, crls) = ([stranger.ca.clone()], stranger.crls(&[]));
    let fault = trust(&pki).validate(&ask(&stranger, &chain, &crls)).expect_err("not ours");
    assert_eq!(fault, PathFault::BadSignature);

    let other = new_key(Suite::P256);
    let profile = Profile::Root { name: "Another Root".into() };
    let other_root = issue_root(&profile, &particulars(pki.now, DAY * 100), &other).expect("a root");
    let elsewhere = Trust::from_ders([other_root]).expect("a root");
    let crls = pki.crls(&[]);
    assert_eq!(elsewhere.validate(&ask(&pki, std::slice::from_ref(&pki.ca), &crls)), Err(PathFault::NoPath));
    assert_eq!(trust(&pki).validate(&ask(&pki, &[], &crls)), Err(PathFault::NoPath), "the CA is missing");
}

/// The ways through certificates that all name each other are hundreds of thousands, and nobody who is trusted signed any.
#[test]
fn a_crowd_of_one_name_is_passed_over() {
    let pki = TestPki::new();
    let profile = Profile::Root { name: "Crowd".into() };
    let keys: Vec<_> = (0..31).map(|_| new_key(Suite::P256)).collect();
    let member =
        |key: &PrivateKey| issue_root(&profile, &particulars(pki.now, DAY * 100), key).expect("written");
    let mut crowd: Vec<Vec<u8>> = keys.iter().map(member).collect();
    let by_one = Issuer { x509: &crowd[0], signer: &keys[0] };
    let leaf = issue(&seal_profile(), &particulars(pki.now, DAY * 9), pki.seal_key.spki(), &by_one);
    let (leaf, crls) = (leaf.expect("written"), pki.crls(&[]));
    let trust = trust(&pki);
    let query = PathQuery { leaf: &leaf, ..ask(&pki, &crowd, &crls) };
    assert_eq!(trust.validate(&query), Err(PathFault::NoPath));
    crowd.push(pki.ca.clone());
    assert!(trust.validate(&ask(&pki, &crowd, &crls)).is_ok(), "the right one stands among them");
}

#[test]
fn times_are_judged_at_the_time_asked_for() {
    let pki = TestPki::new();
    let trust = trust(&pki);
    let (chain, crls) = ([pki.ca.clone()], pki.crls(&[]));
    let at = |at: Timestamp| trust.validate(&PathQuery { at, ..ask(&pki, &chain, &crls) });
    assert!(at(pki.now).is_ok());
    assert_eq!(at(pki.now.minus(DAY)).map(|_| ()), Err(PathFault::NotYetValid { not_before: pki.now }));
    let end = pki.now.plus(DAY * 1000);
    assert_eq!(at(end.plus(DAY)).map(|_| ()), Err(PathFault::Expired { not_after: end }));
    // Still valid, but the list at hand is from long before.
    let unknown = PathFault::RevocationUnknown { subject_cn: "44030000012345".into() };
    assert_eq!(at(pki.now.plus(DAY * 31)).map(|_| ()), Err(unknown));
}

#[test]
fn revocation_counts_from_its_time() {
    for suite in Suite::ALL {
        counts_from_its_time(&TestPki::of(suite));
    }
}

fn counts_from_its_time(pki: &TestPki) {
    let trust = trust(pki);
    let serial_hex = read(&pki.seal).expect("reads").serial_hex;
    let revoked_at = pki.now.plus(DAY * 2);
    let entry =
        RevokedX509 { serial_hex: serial_hex.clone(), at: revoked_at, reason: 1, invalid_since: None };
    let (chain, crls) = ([pki.ca.clone()], pki.crls(&[entry]));
    let at = |at: Timestamp| trust.validate(&PathQuery { at, ..ask(pki, &chain, &crls) });
    let expected = Revocation { subject_cn: "44030000012345".into(), serial_hex, at: revoked_at, reason: 1 };
    assert_eq!(at(revoked_at), Err(PathFault::Revoked(expected.clone())));
    let before = at(revoked_at.minus(DAY)).expect("sealed before it was revoked");
    assert_eq!(before.revoked_later, Some(expected));

    let another = RevokedX509 { serial_hex: "4711".into(), at: pki.now, reason: 1, invalid_since: None };
    let crls = pki.crls(&[another]);
    assert!(trust.validate(&ask(pki, &chain, &crls)).is_ok(), "another one is revoked");
}

#[test]
fn the_newest_list_counts_and_only_the_issuers_own() {
    let pki = TestPki::new();
    let trust = trust(&pki);
    let serial_hex = read(&pki.seal).expect("reads").serial_hex;
    let entry = RevokedX509 { serial_hex, at: pki.now, reason: 5, invalid_since: None };
    let chain = [pki.ca.clone()];
    let mut crls = pki.crls(&[]);
    crls.push(pki.crl(&pki.by_ca(), 2, pki.now.plus(DAY), std::slice::from_ref(&entry)));
    assert!(matches!(trust.validate(&ask(&pki, &chain, &crls)), Err(PathFault::Revoked(_))));

    // A list under the CA's name by another key, and one by the root, say nothing about the seal.
    let stranger = new_key(Suite::P256);
    let forged = pki.crl(&Issuer { x509: &pki.ca, signer: &stranger }, 3, pki.now.plus(DAY), &[]);
    let crls = [pki.crls(&[])[0].clone(), forged, pki.crl(&pki.by_root(), 2, pki.now, &[entry])];
    assert!(matches!(
        trust.validate(&ask(&pki, &chain, &crls)),
        Err(PathFault::RevocationUnknown { subject_cn }) if subject_cn == "44030000012345"
    ));
    let only_leaf = [pki.crls(&[])[1].clone()];
    assert!(matches!(
        trust.validate(&ask(&pki, &chain, &only_leaf)),
        Err(PathFault::RevocationUnknown { subject_cn }) if subject_cn == "Test Seal CA"
    ));
}

#[test]
fn a_certificate_is_good_only_for_its_use() {
    let pki = TestPki::new();
    let trust = trust(&pki);
    let (chain, crls) = ([pki.ca.clone()], pki.crls(&[]));
    let ask = ask(&pki, &chain, &crls);
    for usage in [Usage::TimeStamping, Usage::TlsClient] {
        assert!(matches!(trust.validate(&PathQuery { usage, ..ask }), Err(PathFault::Unfit(_))));
    }
    let tsa = PathQuery { leaf: &pki.tsa, usage: Usage::TimeStamping, ..ask };
    assert!(trust.validate(&tsa).is_ok());
    assert!(matches!(trust.validate(&PathQuery { usage: Usage::Sealing, ..tsa }), Err(PathFault::Unfit(_))));
    assert!(matches!(trust.validate(&PathQuery { leaf: &pki.ca, ..ask }), Err(PathFault::Unfit(_))));
}

#[test]
fn a_seal_issues_nothing_and_a_ca_below_no_ca() {
    let pki = TestPki::new();
    let trust = trust(&pki);
    let crls = pki.crls(&[]);
    let by_seal = Issuer { x509: &pki.seal, signer: &pki.seal_key };
    let key = new_key(Suite::P256);
    let fake = issue(&seal_profile(), &particulars(pki.now, DAY * 9), key.spki(), &by_seal).expect("written");
    let chain = [pki.ca.clone(), pki.seal.clone()];
    let query = PathQuery { leaf: &fake, ..ask(&pki, &chain, &crls) };
    assert!(matches!(trust.validate(&query), Err(PathFault::Unfit(_))));

    let sub_key = new_key(Suite::P256);
    let sub = Profile::SealCa { name: "Below".into() };
    let sub = issue(&sub, &particulars(pki.now, DAY * 9), sub_key.spki(), &pki.by_ca()).expect("written");
    let by_sub = Issuer { x509: &sub, signer: &sub_key };
    let leaf = issue(&seal_profile(), &particulars(pki.now, DAY * 9), key.spki(), &by_sub).expect("written");
    let chain = [pki.ca.clone(), sub];
    let query = PathQuery { leaf: &leaf, ..ask(&pki, &chain, &crls) };
    assert!(matches!(trust.validate(&query), Err(PathFault::Unfit(_))));
}

#[test]
fn pem_goes_there_and_back_and_trust_needs_a_root() {
    let pki = TestPki::new();
    let text = pem::x509s_to_pem([pki.root.as_slice(), &pki.ca]);
    assert_eq!(pem::x509s_from_pem(&text), Ok(vec![pki.root.clone(), pki.ca.clone()]));
    let crl = &pki.crls(&[])[0];
    assert_eq!(pem::crls_from_pem(&pem::crl_to_pem(crl)), Ok(vec![crl.clone()]));
    let asked = request::make(&seal_profile(), &pki.seal_key).expect("a request");
    let request = pem::request_to_pem(&asked);
    assert_eq!(pem::request_from_pem(&request), Ok(asked.clone()));
    let of_keytool = request.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
    assert_eq!(pem::request_from_pem(&of_keytool), Ok(asked));
    assert!(pem::request_from_pem(&text).is_err());
    assert!(Trust::from_pem(&text).is_ok());
    assert!(Trust::from_pem("").is_err());
    assert!(Trust::from_ders([pki.seal.clone()]).is_err(), "a seal is no root");
    assert!(Trust::from_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_err());
}

#[test]
fn lists_say_who_made_them_and_when() {
    let pki = TestPki::new();
    let list = pki.crl(&pki.by_ca(), 300, pki.now, &[]);
    assert_eq!(crl::number(&list), Ok(300));
    assert_eq!(crl::times(&list).expect("reads").this_update, pki.now);
    assert_eq!(crl::check_issuer(&list, &pki.ca), Ok(()));
    assert!(crl::check_issuer(&list, &pki.root).is_err());
    assert!(crl::number(&list[1..]).is_err());
}

#[test]
fn a_list_tells_what_it_revokes_as_it_was_told() {
    for suite in Suite::ALL {
        let pki = TestPki::of(suite);
        let entry = |serial_hex: &str, days: u32, reason| RevokedX509 {
            serial_hex: serial_hex.into(),
            at: pki.now.minus(DAY * days),
            reason,
            invalid_since: None,
        };
        // A serial number with the first bit set is led by a zero octet on the wire.
        let entries = [entry("4711", 3, 0), entry("9a00", 2, 2), entry("01", 1, 10)];
        let list = pki.crl(&pki.by_root(), 4, pki.now, &entries);
        assert_eq!(crl::entries(&list), Ok(entries.to_vec()));
        assert_eq!(crl::entries(&pki.crl(&pki.by_root(), 5, pki.now, &[])), Ok(Vec::new()));
        assert!(crl::entries(&list[1..]).is_err());
    }
}

#[test]
fn who_issued_is_told_by_name_and_signature() {
    for suite in Suite::ALL {
        let (pki, other) = (TestPki::of(suite), TestPki::of(suite));
        assert_eq!(check_issued_by(&pki.ca, &pki.root), Ok(()));
        assert_eq!(check_issued_by(&pki.seal, &pki.ca), Ok(()));
        assert!(check_issued_by(&pki.seal, &pki.root).is_err(), "issued below it, not by it");
        assert!(check_issued_by(&pki.ca, &other.root).is_err(), "the same name, another key");
        let mut twin = pki.ca.clone();
        *twin.last_mut().expect("not empty") ^= 1;
        assert!(check_issued_by(&twin, &pki.root).is_err());
    }
}

#[test]
fn rubbish_is_refused_without_a_panic() {
    let pki = TestPki::new();
    for end in 0..pki.seal.len() {
        assert!(read(&pki.seal[..end]).is_err());
    }
    let longer = [pki.seal.as_slice(), b"0"].concat();
    assert!(read(&longer).is_err(), "a byte after the end");
    assert!(read(&vec![0x30; read::MAX_BYTES + 1]).is_err());
    let many = vec![pki.ca.clone(); 33];
    let crls = pki.crls(&[]);
    assert!(matches!(trust(&pki).validate(&ask(&pki, &many, &crls)), Err(PathFault::Unreadable(_))));
}
