//! OpenSSL reads and verifies what we make, and refuses its twins. These tests need the `openssl` command (3.0 or later) and
//! fail without it.

#[path = "openssl/root_key.rs"]
mod root_key;
#[path = "openssl/sm2.rs"]
mod sm2;
#[path = "openssl/trust_list.rs"]
mod trust_list;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use yinzheng::adapters::keys::{
    KeySet, KeySets, NewKeySet, NewTlsServer, Passphrase, SoftwareKeys, authority_name, crl_address, set_key,
};
use yinzheng::adapters::timestamps::{OwnAuthority, OwnAuthorityParts};
use yinzheng::crypto::{DigestAlgorithm, Signer, Suite, sha256};
use yinzheng::domain::time::Timestamp;
use yinzheng::formats::x509::{self, Issuer, Particulars, Profile, crl, pem};
use yinzheng::formats::{cms, tsp};
use yinzheng::ports::clock::Clock;
use yinzheng::ports::keys::{HandleSigner, KeyHandle, Keys};
use yinzheng::ports::random::Random;
use yinzheng::ports::timestamps::Timestamps;

/// 2027-01-15: OpenSSL is told to judge at this time.
const NOW: i64 = 1_800_000_000;

struct TestRandom;

impl Random for TestRandom {
    fn fill(&self, buffer: &mut [u8]) {
        use ring::rand::SecureRandom;
        ring::rand::SystemRandom::new().fill(buffer).expect("randomness");
    }
}

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(NOW)
    }
}

struct Bench {
    place: tempfile::TempDir,
    keys: Arc<SoftwareKeys>,
    suite: Suite,
    set: KeySet,
    seal: Vec<u8>,
}

fn handle(text: &str) -> KeyHandle {
    KeyHandle::parse(text).expect("a handle")
}

impl Bench {
    /// Of the suite P-256.
    fn new() -> Self {
        Self::of(Suite::P256)
    }

    /// A key set and a seal under it, all on disk as the command makes it.
    fn of(suite: Suite) -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let random: Arc<dyn Random> = Arc::new(TestRandom);
        let passphrase = Passphrase::new("correct horse").expect("long enough");
        let keys = Arc::new(SoftwareKeys::open(place.path(), passphrase, random.clone()).expect("opens"));
        let now = Timestamp::from_seconds(NOW);
        let new = NewKeySet {
            directory: place.path(),
            suite,
            name: "景川市",
            development: false,
            public_url: Some("https://zz.example"),
            now,
        };
        let set = new.make(keys.as_ref(), random.as_ref()).expect("a key set");
        if suite == Suite::P256 {
            let tls = NewTlsServer {
                directory: place.path(),
                hosts: vec!["localhost".into(), "127.0.0.1".into()],
                public_url: None,
                life: None,
                now,
            };
            tls.make(keys.as_ref(), random.as_ref()).expect("a TLS server certificate");
        }
        let spki = keys.generate(&handle("seal/1"), suite).expect("a key").spki;
        let ca_key = set_key(suite, "seal-ca").expect("a handle");
        let ca_key = HandleSigner::new(keys.as_ref(), &ca_key).expect("there");
        let crl_address = crl_address("https://zz.example", &authority_name(suite, "seal-ca"));
        let profile = Profile::Seal {
            owner_code: "11440300MB2C12345X".into(),
            owner_name: "景川市市场监督管理局".into(),
            seal_code: "44030000012345".into(),
        };
        let particulars = Particulars {
            serial: random.bytes(),
            not_before: now,
            not_after: now.plus(profile.life()),
            crl_address: Some(&crl_address),
        };
        let issuer = Issuer { x509: &set.seal_ca, signer: &ca_key };
        let seal = x509::issue(&profile, &particulars, &spki, &issuer).expect("issued");
        drop(ca_key);
        let bench = Self { place, keys, suite, set, seal };
        bench.write("seal.pem", pem::x509s_to_pem([bench.seal.as_slice()]).as_bytes());
        bench.write("untrusted.pem", pem::x509s_to_pem([bench.set.seal_ca.as_slice()]).as_bytes());
        let crls: String = bench.set.crls.values().map(|der| pem::crl_to_pem(der)).collect();
        bench.write("crls.pem", crls.as_bytes());
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).expect("writes");
    }

    fn openssl(&self, line: &str) -> Output {
        let output =
            Command::new("openssl").args(line.split_whitespace()).current_dir(self.place.path()).output();
        output.expect("the openssl command is needed for these tests: install openssl 3.0 or later")
    }

    /// What OpenSSL prints when it agrees.
    fn agrees(&self, line: &str) -> String {
        let output = self.openssl(line);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {line}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned() + &said
    }

    /// What OpenSSL complains about when it does not.
    fn refuses(&self, line: &str) -> String {
        let output = self.openssl(line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "openssl {line} should have refused");
        String::from_utf8_lossy(&output.stdout).into_owned() + &said
    }

    fn authority(&self) -> OwnAuthority {
        OwnAuthority::new(OwnAuthorityParts {
            keys: self.keys.clone(),
            handle: set_key(self.suite, "tsa").expect("a handle"),
            x509: self.set.tsa.clone(),
            chain: vec![self.set.root.clone()],
            crls: Vec::new(),
            clock: Arc::new(FixedClock),
            random: Arc::new(TestRandom),
            floor: Timestamp::from_seconds(0),
        })
        .expect("an authority")
    }
}

/// A seal signature over `content`, detached, with a time stamp.
fn seal_signature(bench: &Bench, content: &[u8]) -> Vec<u8> {
    let signer = HandleSigner::new(bench.keys.as_ref(), &handle("seal/1")).expect("there");
    let suite = bench.suite;
    let attributes = cms::signed_attributes(suite, &suite.digest(content), &bench.seal, cms::DATA);
    let signature = signer.sign(&attributes).expect("signs");
    let token =
        bench.authority().stamp(suite.digest_algorithm(), &suite.digest(&signature)).expect("a token");
    cms::assemble(&cms::Assembly {
        suite: signer.suite(),
        signer_x509: &bench.seal,
        other_x509s: &[&bench.set.seal_ca],
        signed_attributes: &attributes,
        signature: &signature,
        timestamp_token: Some(&token),
        econtent: None,
    })
    .expect("assembled")
}

#[test]
fn certificates_read_as_the_profiles_say() {
    let bench = Bench::new();
    let root = bench.agrees("x509 -in root.pem -noout -text");
    for part in
        ["CA:TRUE, pathlen:1", "Certificate Sign, CRL Sign", "ecdsa-with-SHA256", "Public-Key: (256 bit)"]
    {
        assert!(root.contains(part), "{part} in {root}");
    }
    assert!(!root.contains("CRL Distribution Points"));
    let ca = bench.agrees("x509 -in seal-ca.pem -noout -text");
    assert!(ca.contains("CA:TRUE, pathlen:0") && ca.contains("URI:https://zz.example/crl/root.crl"));
    let tsa = bench.agrees("x509 -in tsa.pem -noout -text");
    assert!(tsa.contains("X509v3 Extended Key Usage: critical\n                Time Stamping"), "{tsa}");
    let seal = bench.agrees("x509 -in seal.pem -noout -text -nameopt utf8,sep_comma_plus");
    for part in [
        "C=CN,O=11440300MB2C12345X 景川市市场监督管理局,CN=44030000012345",
        "Digital Signature, Non Repudiation",
        "1.3.6.1.5.5.7.3.36",
        "CA:FALSE",
        "URI:https://zz.example/crl/seal-ca.crl",
    ] {
        assert!(seal.contains(part), "{part} in {seal}");
    }
    let server = bench.agrees("x509 -in tls-server.pem -noout -text");
    assert!(server.contains("DNS:localhost, IP Address:127.0.0.1") && server.contains("TLS Web Server"));
}

#[test]
fn chains_and_revocation_lists_verify() {
    let bench = Bench::new();
    let check = format!("verify -attime {} -x509_strict -crl_check_all -CAfile roots.pem", NOW + 60);
    bench.agrees(&format!("{check} -CRLfile crls.pem -untrusted untrusted.pem seal.pem"));
    bench.agrees(&format!(
        "{check} -CRLfile crls.pem -untrusted tls-ca.pem -purpose sslserver tls-server.pem"
    ));
    bench.agrees(&format!("{check} -CRLfile crls.pem -purpose timestampsign tsa.pem"));
    bench.agrees("crl -in seal-ca.crl.pem -CAfile seal-ca.pem -noout -verify");
    assert!(bench.agrees("crl -in seal-ca.crl.pem -noout -text").contains("X509v3 CRL Number"));
    bench.refuses("crl -in seal-ca.crl.pem -CAfile tls-ca.pem -noout -verify");

    // The seal is revoked.
    let ca_key = HandleSigner::new(bench.keys.as_ref(), &handle("seal-ca")).expect("there");
    let issuer = Issuer { x509: &bench.set.seal_ca, signer: &ca_key };
    let at = Timestamp::from_seconds(NOW);
    let serial_hex = x509::read(&bench.seal).expect("reads").serial_hex;
    let revoked = crl::RevokedX509 { serial_hex, at, reason: 1, invalid_since: None };
    let times = crl::CrlTimes { this_update: at, next_update: at.plus(std::time::Duration::from_secs(999)) };
    let list = crl::make(&issuer, 2, times, &[revoked]).expect("a list");
    let both = pem::crl_to_pem(&bench.set.crls["root"]) + &pem::crl_to_pem(&list);
    bench.write("revoked.pem", both.as_bytes());
    let said = bench.refuses(&format!("{check} -CRLfile revoked.pem -untrusted untrusted.pem seal.pem"));
    assert!(said.contains("certificate revoked"), "{said}");
    bench.write("list.pem", pem::crl_to_pem(&list).as_bytes());
    assert!(bench.agrees("crl -in list.pem -noout -text").contains("Key Compromise"));
}

/// A seal that turned out to be void: revoked from its beginning, which stands apart as the date of invalidity too.
#[test]
fn a_void_seals_entry_reads_as_it_is_meant_in_both_suites() {
    for suite in [Suite::P256, Suite::Sm2] {
        let bench = Bench::of(suite);
        let ca_key = set_key(suite, "seal-ca").expect("a handle");
        let ca_key = HandleSigner::new(bench.keys.as_ref(), &ca_key).expect("there");
        let issuer = Issuer { x509: &bench.set.seal_ca, signer: &ca_key };
        let (from, at) = (Timestamp::from_seconds(NOW), Timestamp::from_seconds(NOW + 86_400));
        let serial_hex = x509::read(&bench.seal).expect("reads").serial_hex;
        let entry = |reason, at, invalid_since| {
            [crl::RevokedX509 { serial_hex: serial_hex.clone(), at, reason, invalid_since }]
        };
        let times =
            crl::CrlTimes { this_update: at, next_update: at.plus(std::time::Duration::from_secs(999)) };
        let said = |number, entries: &[crl::RevokedX509]| {
            let list = crl::make(&issuer, number, times, entries).expect("a list");
            assert_eq!(crl::entries(&list).expect("read again"), entries);
            bench.write("list.pem", pem::crl_to_pem(&list).as_bytes());
            bench.agrees("crl -in list.pem -noout -text")
        };
        let cancelled = said(2, &entry(5, at, None));
        assert!(cancelled.contains("Cessation Of Operation") && !cancelled.contains("Invalidity Date"));
        let void = said(3, &entry(9, from, Some(from)));
        for part in ["Revocation Date: Jan 15 08:00:00 2027 GMT", "Privilege Withdrawn", "Invalidity Date"] {
            assert!(void.contains(part), "{part} in {void}");
        }
        assert_eq!(void.matches("Jan 15 08:00:00 2027 GMT").count(), 2, "{void}");
    }
}

#[test]
fn a_seal_signature_verifies_and_its_twins_do_not() {
    let bench = Bench::new();
    let content = b"%PDF-1.7 as it would be, without the place of the signature".as_slice();
    let signature = seal_signature(&bench, content);
    bench.write("content", content);
    bench.write("seal.der", &signature);
    let check = |cms: &str, content: &str| {
        format!(
            "cms -verify -cades -binary -purpose any -attime {} -CAfile roots.pem -inform DER -in {cms} \
             -content {content} -out verified",
            NOW + 60
        )
    };
    bench.agrees(&check("seal.der", "content"));
    assert_eq!(fs::read(bench.path("verified")).expect("written"), content);

    let mut twin = content.to_vec();
    twin[9] ^= 1;
    bench.write("content-twin", &twin);
    let said = bench.refuses(&check("seal.der", "content-twin"));
    assert!(said.contains("verification failure"), "{said}");
    let value = cms::read(&signature).expect("reads").signature;
    let place = signature.windows(value.len()).position(|w| w == value).expect("stands in it");
    let mut twin = signature.clone();
    twin[place + value.len() - 1] ^= 1;
    bench.write("seal-twin.der", &twin);
    bench.refuses(&check("seal-twin.der", "content"));
    assert!(!cms::read(&twin).expect("reads").verify_signature(), "and we refuse it too");

    let shown = bench.agrees("cms -cmsout -print -inform DER -in seal.der");
    assert!(
        shown.contains("id-smime-aa-signingCertificateV2") && shown.contains("id-smime-aa-timeStampToken")
    );
    assert!(!shown.contains("signingTime"), "PAdES forbids it");
}

#[test]
fn what_openssl_signs_we_read() {
    let bench = Bench::new();
    bench.write("content", b"something");
    bench.write("pass", b"correct horse\n");
    let sign = |more: &str, out: &str| {
        bench.agrees(&format!(
            "cms -sign -binary -in content -signer seal.pem -inkey seal/1.key.pem -passin file:pass \
             -outform DER -out {out} {more}"
        ));
        cms::read(&fs::read(bench.path(out)).expect("written")).expect("reads")
    };
    let facts = sign("-cades -md sha256", "a.der");
    assert!(facts.verify_signature() && facts.names_its_signer() && facts.has_signing_time);
    assert_eq!(facts.message_digest.as_deref(), Some(sha256(b"something").as_slice()));
    let facts = sign("-nodetach -keyid -md sha384", "b.der");
    assert!(facts.verify_signature());
    assert_eq!(facts.content.as_deref(), Some(b"something".as_slice()));
    assert_eq!(facts.signer_x509, Some(bench.seal.clone()));
}

#[test]
fn our_time_stamps_satisfy_openssl() {
    let bench = Bench::new();
    bench.write("data", b"signature value");
    bench.agrees("ts -query -data data -sha256 -cert -out query.tsq");
    let query = fs::read(bench.path("query.tsq")).expect("written");
    bench.write("reply.tsr", &bench.authority().answer(&query).expect("ours"));
    let shown = bench.agrees("ts -reply -in reply.tsr -text");
    assert!(shown.contains("Status: Granted") && shown.contains("Policy OID: 2.25.1431655765"), "{shown}");
    let check = |line: &str| format!("ts -verify {line} -attime {} -CAfile roots.pem", NOW + 60);
    bench.agrees(&check("-queryfile query.tsq -in reply.tsr"));

    // Other data, another query (another nonce), and a reply with its last byte changed.
    bench.write("data-twin", b"signature valve");
    bench.refuses(&check("-data data-twin -in reply.tsr"));
    bench.agrees("ts -query -data data -sha256 -cert -out other.tsq");
    assert!(bench.refuses(&check("-queryfile other.tsq -in reply.tsr")).contains("nonce mismatch"));
    let mut twin = fs::read(bench.path("reply.tsr")).expect("written");
    *twin.last_mut().expect("not empty") ^= 1;
    bench.write("twin.tsr", &twin);
    bench.refuses(&check("-queryfile query.tsq -in twin.tsr"));

    // A bare token, as it stands in a seal.
    let token =
        bench.authority().stamp(DigestAlgorithm::Sha256, &sha256(b"signature value")).expect("a token");
    bench.write("token.der", &token);
    bench.agrees(&check("-data data -token_in -in token.der"));

    // A client that wants no certificate inside, and one that asks for what we do not do.
    bench.agrees("ts -query -data data -sha512 -out bare.tsq");
    let query = fs::read(bench.path("bare.tsq")).expect("written");
    bench.write("bare.tsr", &bench.authority().answer(&query).expect("ours"));
    bench.agrees(&check("-queryfile bare.tsq -in bare.tsr -untrusted tsa.pem"));
    bench.agrees("ts -query -data data -sha1 -out sha1.tsq");
    let query = fs::read(bench.path("sha1.tsq")).expect("written");
    bench.write("sha1.tsr", &bench.authority().answer(&query).expect("ours"));
    let shown = bench.agrees("ts -reply -in sha1.tsr -text");
    assert!(shown.contains("Rejected") && shown.contains("unrecognized or unsupported algorithm"), "{shown}");
}

#[test]
fn we_read_the_requests_and_replies_of_openssl() {
    let bench = Bench::new();
    let config = "[t]\ndefault_tsa = c\n[c]\nserial = serial\ndefault_policy = 1.2.3.4\ndigests = sha256\n\
                  signer_digest = sha256\naccuracy = secs:1, millisecs:500\nclock_precision_digits = 3\n\
                  ordering = yes\ntsa_name = yes\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n";
    bench.write("ts.cnf", config.as_bytes());
    bench.write("serial", b"01\n");
    bench.write("data", b"signature value");
    bench.write("pass", b"correct horse\n");
    bench.agrees("ts -query -data data -sha256 -cert -out query.tsq");
    bench.agrees(
        "ts -reply -config ts.cnf -section c -queryfile query.tsq -signer tsa.pem -inkey tsa.key.pem \
         -passin file:pass -out reply.tsr",
    );
    let query = tsp::parse_request(&fs::read(bench.path("query.tsq")).expect("written")).expect("reads");
    let reply = tsp::parse_response(&fs::read(bench.path("reply.tsr")).expect("written")).expect("reads");
    let tsp::Response::Granted(token) = reply else { panic!("refused") };
    let facts = tsp::read_token(&token).expect("reads");
    assert!(facts.is_intact() && facts.stamps(b"signature value"));
    assert_eq!(facts.nonce, query.nonce);
    assert_eq!(facts.policy.to_string(), "1.2.3.4");
}

#[test]
fn key_files_open_with_their_passphrase_only() {
    let bench = Bench::new();
    bench.write("pass", b"correct horse\n");
    bench.write("wrong", b"correct house\n");
    let public = bench.agrees("pkey -in tsa.key.pem -passin file:pass -pubout");
    assert_eq!(public, bench.agrees("x509 -in tsa.pem -noout -pubkey"));
    bench.refuses("pkey -in tsa.key.pem -passin file:wrong -pubout");
    let shape = bench.agrees("asn1parse -in tsa.key.pem");
    assert!(shape.contains("PBES2") && shape.contains("scrypt") && shape.contains("aes-256-cbc"));
}

#[test]
fn the_development_keys_are_whole_and_marked() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("keys-dev");
    let sets = KeySets::load(&directory).expect("reads");
    assert!(sets.all().count() == 2 && sets.all().all(KeySet::is_development));
    assert!(!Bench::new().set.is_development());
    let passphrase = Passphrase::from_file(&directory.join("passphrase.txt")).expect("there");
    let own = tempfile::tempdir().expect("a directory");
    let passphrase_again = passphrase.clone();
    let keys = SoftwareKeys::open(own.path(), passphrase, Arc::new(TestRandom)).expect("opens");
    let keys = keys.also_reading(&directory);
    for set in sets.all() {
        let x509s = [
            ("root", Some(&set.root)),
            ("seal-ca", Some(&set.seal_ca)),
            ("tls-ca", Some(&set.tls_ca)),
            ("tsa", Some(&set.tsa)),
            ("seal-maker", set.seal_maker.as_ref()),
            ("trust-list", Some(set.trust_list.as_ref().expect("the development sets have one"))),
        ];
        for (name, der) in x509s {
            let Some(der) = der else { continue };
            let key = set_key(set.suite, name).expect("a handle");
            let public = keys.public_key(&key).expect("the passphrase opens it");
            assert_eq!((x509::spki(der), public.suite), (Ok(public.spki.as_slice()), set.suite), "{key}");
        }
        let years = (x509::read(&set.root).expect("reads").not_after.seconds() - NOW) / (365 * 24 * 3600);
        assert!(years >= 19, "{years}");
    }
    let keys: Arc<dyn Keys> = Arc::new(
        SoftwareKeys::open(own.path(), passphrase_again, Arc::new(TestRandom))
            .expect("opens")
            .also_reading(&directory),
    );
    let tls = |name: &str| {
        yinzheng::adapters::keys::tls_server(keys.clone(), &handle(name), &directory.join("tls-server.pem"))
    };
    assert_eq!(tls("tls-server").expect("fits").cert.len(), 2);
    assert!(tls("tls-ca").is_err(), "another key");
}
