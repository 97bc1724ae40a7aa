//! What is made with the root's key from its safe, and for a department's machine: OpenSSL's word on both.

use super::*;
use std::time::Duration;
use yinzheng::adapters::keys::{ClientKey, NewRootCrl, NewTlsClient, OneKey, Revoke};

const MINUTE: Duration = Duration::from_secs(60);

/// The root's next list, a minute after the keys were made; the authority for seals is revoked.
fn revoke_the_seal_authority(bench: &Bench) -> PathBuf {
    let folder = if bench.suite == Suite::Sm2 { "sm2/" } else { "" };
    fs::rename(bench.path(&format!("{folder}root.key.pem")), bench.path("safe.pem")).expect("moved");
    let passphrase = Passphrase::new("correct horse").expect("long enough");
    let key = OneKey::open(&bench.path("safe.pem"), &passphrase).expect("opens");
    let new = NewRootCrl {
        directory: bench.place.path(),
        suite: bench.suite,
        last: None,
        revoke: vec![Revoke::X509(bench.set.seal_ca.clone())],
        reason: 2,
        life: MINUTE * 1000,
        now: Timestamp::from_seconds(NOW).plus(MINUTE),
    };
    let made = new.make(&key).expect("a list");
    assert_eq!(made.number, 2);
    made.path
}

#[test]
fn the_roots_next_list_verifies_and_revokes() {
    let bench = Bench::new();
    let check = format!(
        "verify -attime {} -x509_strict -crl_check_all -CAfile roots.pem -untrusted untrusted.pem",
        NOW + 120
    );
    bench.agrees(&format!("{check} -CRLfile crls.pem seal.pem"));
    revoke_the_seal_authority(&bench);
    bench.agrees("crl -in root.crl.pem -CAfile root.pem -noout -verify");
    bench.refuses("crl -in root.crl.pem -CAfile seal-ca.pem -noout -verify");
    let shown = bench.agrees("crl -in root.crl.pem -noout -text");
    let serial = x509::read(&bench.set.seal_ca).expect("reads").serial_hex.to_uppercase();
    for part in ["X509v3 CRL Number: \n                2\n", "CA Compromise", &serial] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let both = fs::read_to_string(bench.path("root.crl.pem")).expect("there")
        + &pem::crl_to_pem(&bench.set.crls["seal-ca"]);
    bench.write("revoked.pem", both.as_bytes());
    let said = bench.refuses(&format!("{check} -CRLfile revoked.pem seal.pem"));
    assert!(said.contains("certificate revoked"), "{said}");
    // What stands beside it under the root does not fall with it.
    bench.agrees(&format!("{check} -CRLfile revoked.pem -purpose timestampsign tsa.pem"));
}

/// OpenSSL 3.0 takes the list apart; see `sm2`.
#[test]
fn the_roots_next_list_of_sm2_is_signed_by_the_root() {
    let bench = Bench::of(Suite::Sm2);
    let path = revoke_the_seal_authority(&bench);
    let list = pem::crls_from_pem(&fs::read_to_string(path).expect("there")).expect("reads").remove(0);
    bench.write("list.der", &list);
    let shown = bench.agrees("crl -inform DER -in list.der -noout -text");
    let serial = x509::read(&bench.set.seal_ca).expect("reads").serial_hex.to_uppercase();
    for part in ["SM2-with-SM3", "CA Compromise", &serial] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    bench.take_apart("list.der");
    bench.public_key("sm2/root.pem", "root.pub");
    bench.agrees(&Bench::raw("root.pub", "tbs", "signature"));
    bench.public_key("sm2/seal-ca.pem", "other.pub");
    bench.refuses(&Bench::raw("other.pub", "tbs", "signature"));
}

#[test]
fn a_machines_certificate_is_a_clients_and_its_key_opens_under_its_own_passphrase() {
    let bench = Bench::new();
    bench.write("own", b"the machine's own\n");
    bench.write("pass", b"correct horse\n");
    let issue = |key: ClientKey<'_>, out: &str| {
        let path = bench.path(out);
        let new = NewTlsClient {
            directory: bench.place.path(),
            profile: Profile::TlsClient {
                owner_code: "11440300MB2C12345X".into(),
                owner_name: "景川市市场监督管理局".into(),
                name: "业务系统".into(),
            },
            key,
            path: &path,
            public_url: Some("https://zz.example"),
            life: None,
            now: Timestamp::from_seconds(NOW),
        };
        new.make(bench.keys.as_ref(), &TestRandom).expect("issued");
    };
    // The commands that the help names.
    bench.agrees(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass file:own -out machine.key",
    );
    bench.agrees("req -new -key machine.key -passin file:own -subj /CN=machine -out machine.csr");
    let request = pem::request_from_pem(&fs::read_to_string(bench.path("machine.csr")).expect("written"));
    issue(ClientKey::Requested(&request.expect("reads")), "machine.pem");
    let public = bench.agrees("pkey -in machine.key -passin file:own -pubout");
    assert_eq!(public, bench.agrees("x509 -in machine.pem -noout -pubkey"));
    // And with a key made for the machine.
    let own = Passphrase::from_file(&bench.path("own")).expect("long enough");
    issue(ClientKey::New(&bench.path("made.key.pem"), &own), "made.pem");
    let public = bench.agrees("pkey -in made.key.pem -passin file:own -pubout");
    assert_eq!(public, bench.agrees("x509 -in made.pem -noout -pubkey"));
    bench.refuses("pkey -in made.key.pem -passin file:pass -pubout");

    let check = format!(
        "verify -attime {} -x509_strict -crl_check_all -CAfile roots.pem -CRLfile crls.pem -untrusted tls-ca.pem",
        NOW + 60
    );
    for name in ["machine.pem", "made.pem"] {
        let shown = bench.agrees(&format!("x509 -in {name} -noout -text -nameopt utf8,sep_comma_plus"));
        for part in [
            "C=CN,O=11440300MB2C12345X 景川市市场监督管理局,CN=业务系统",
            "TLS Web Client Authentication",
            "URI:https://zz.example/crl/tls-ca.crl",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        bench.agrees(&format!("{check} -purpose sslclient {name}"));
        bench.refuses(&format!("{check} -purpose sslserver {name}"));
    }
}
