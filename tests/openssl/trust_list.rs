//! The trust list that the service publishes: OpenSSL verifies it and takes the document out; and a list that OpenSSL
//! signed opens here.

use super::*;
use yinzheng::domain::trust_list::{Entry, Names, ServiceKind, Territory, TrustList};
use yinzheng::formats::trust_list::{OpenFault, open, sign, to_json};

fn list(bench: &Bench) -> TrustList {
    let names = || Names { zh: "云山市".into(), en: "Yunshan".into() };
    let now = Timestamp::from_seconds(NOW);
    TrustList {
        territory: Territory::parse("440300").expect("a code"),
        territory_name: names(),
        operator: names(),
        sequence: 3,
        issued: now,
        next_update: now.plus(std::time::Duration::from_secs(14 * 86_400)),
        entries: vec![Entry {
            service: ServiceKind::RootCa,
            name: names(),
            x509: bench.set.root.clone(),
            valid_from: now,
            valid_until: None,
            withdrawn_since: None,
            areas: Vec::new(),
            crl_addresses: Vec::new(),
            crls: vec![bench.set.crls["root"].clone()],
            note: None,
        }],
    }
}

fn signed(bench: &Bench) -> Vec<u8> {
    let key = set_key(bench.suite, "trust-list").expect("a handle");
    let signer = HandleSigner::new(bench.keys.as_ref(), &key).expect("there");
    let x509 = bench.set.trust_list.as_deref().expect("made with the set");
    sign(&to_json(&list(bench)), x509, &signer).expect("signed")
}

#[test]
fn openssl_verifies_our_list_and_refuses_its_twins() {
    let bench = Bench::new();
    let shown = bench.agrees("x509 -in trust-list.pem -noout -text");
    for part in ["0.4.0.2231.3.0", "Digital Signature, Non Repudiation", "CA:FALSE"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let list = signed(&bench);
    bench.write("list.p7m", &list);
    let check = |file: &str| {
        format!(
            "cms -verify -binary -purpose any -attime {} -CAfile roots.pem -inform DER -in {file} -out json",
            NOW + 60
        )
    };
    bench.agrees(&check("list.p7m"));
    let json = fs::read(bench.path("json")).expect("written");
    assert_eq!(json, open(&list).expect("opens").json);
    // Without a chain: the pinned signer alone, as docs/trust-lists.md says.
    let pinned = format!("{} -certfile trust-list.pem -nointern -noverify", check("list.p7m"));
    bench.agrees(&pinned);
    let stranger = Bench::new();
    bench.write("stranger.pem", &fs::read(stranger.path("trust-list.pem")).expect("there"));
    bench.refuses(&pinned.replace("trust-list.pem", "stranger.pem"));
    // A byte of the document, and of the signature.
    for (offset, name) in [
        (list.windows(8).position(|w| w == b"sequence").expect("inside") + 11, "content"),
        (list.len() - 1, "signature"),
    ] {
        let mut twin = list.clone();
        twin[offset] ^= 1;
        bench.write("twin.p7m", &twin);
        bench.refuses(&check("twin.p7m"));
        assert_eq!(open(&twin), Err(OpenFault::WrongSignature), "{name}");
    }
}

#[test]
fn a_list_that_openssl_signed_opens() {
    let bench = Bench::new();
    bench.write("json", &to_json(&list(&bench)));
    bench.write("pass", b"correct horse\n");
    for more in ["-cades", "", "-keyid"] {
        bench.agrees(&format!(
            "cms -sign -binary -nodetach -in json -signer trust-list.pem -inkey trust-list.key.pem -passin file:pass \
             -md sha256 -outform DER -out theirs.p7m {more}"
        ));
        let opened = open(&fs::read(bench.path("theirs.p7m")).expect("written")).expect("opens");
        assert_eq!((opened.list, Some(opened.signer_x509)), (list(&bench), bench.set.trust_list.clone()));
    }
    bench.agrees(
        "cms -sign -binary -in json -signer trust-list.pem -inkey trust-list.key.pem -passin file:pass -outform DER \
         -out detached.p7s",
    );
    let detached = open(&fs::read(bench.path("detached.p7s")).expect("written"));
    assert!(matches!(detached, Err(OpenFault::NotSigned(_))), "{detached:?}");
}

/// 3.0's `cms` command takes an empty identifier of the signer for SM2, so the parts are verified as elsewhere here.
#[test]
fn openssl_verifies_the_parts_of_our_list_in_sm2() {
    let bench = Bench::of(Suite::Sm2);
    let list = signed(&bench);
    bench.write("list.p7m", &list);
    let shown = bench.agrees("cms -cmsout -print -inform DER -in list.p7m");
    assert!(shown.contains("sm3") && shown.contains("pkcs7-data"), "{shown}");
    let facts = cms::read(&list).expect("reads");
    bench.write("json", facts.content.as_deref().expect("inside"));
    bench.write("attributes", &facts.signed_attributes);
    bench.write("value", &facts.signature);
    bench.public_key("sm2/trust-list.pem", "signer.pub");
    bench.agrees(&Bench::raw("signer.pub", "attributes", "value"));
    let digest = bench.agrees("dgst -sm3 -r json");
    let digest = digest.split_whitespace().next().expect("a digest");
    assert_eq!(hex::encode(facts.message_digest.as_deref().expect("there")), digest);
    bench.public_key("sm2/tsa.pem", "other.pub");
    bench.refuses(&Bench::raw("other.pub", "attributes", "value"));
}
