//! SM2 both ways. OpenSSL's commands take the signer's identifier (`distid`) for the one X.509 certificate in question,
//! for requests and for raw signatures, so a chain is verified link by link. For revocation lists and time-stamp tokens
//! 3.0 has no such option and takes an empty identifier, so of those OpenSSL takes the parts apart (`asn1parse`) and
//! verifies the raw signature over them.

use super::*;
use yinzheng::crypto::PrivateKey;
use yinzheng::formats::x509::{PathFault, PathQuery, Trust, Usage, request};

const ID: &str = "distid:1234567812345678";

impl Bench {
    fn sm2() -> Self {
        let bench = Self::of(Suite::Sm2);
        bench.write("pass", b"correct horse\n");
        bench
    }

    /// Writes the public key of an X.509 certificate, for raw signatures.
    pub fn public_key(&self, x509: &str, to: &str) {
        let key = self.agrees(&format!("x509 -in {x509} -noout -pubkey"));
        self.write(to, key.as_bytes());
    }

    /// The command that verifies `signature` over `message` under a public key.
    pub fn raw(key: &str, message: &str, signature: &str) -> String {
        format!(
            "pkeyutl -verify -rawin -digest sm3 -pkeyopt {ID} -pubin -inkey {key} -in {message} -sigfile {signature}"
        )
    }

    /// OpenSSL's own SM3.
    fn sm3(&self, name: &str) -> String {
        let said = self.agrees(&format!("dgst -sm3 -r {name}"));
        said.split_whitespace().next().expect("a digest").to_owned()
    }

    /// Takes a signed DER structure apart: writes `tbs` and `signature`.
    pub fn take_apart(&self, name: &str) {
        let parts = self.agrees(&format!("asn1parse -inform DER -in {name}"));
        let at = |line: &str| line.split(':').next().expect("an offset").trim().to_owned();
        let top: Vec<&str> = parts.lines().filter(|line| line.contains("d=1 ")).collect();
        let signature = top.iter().find(|line| line.contains("BIT STRING")).expect("a signature");
        self.agrees(&format!("asn1parse -inform DER -in {name} -strparse {} -noout -out tbs", at(top[0])));
        self.agrees(&format!(
            "asn1parse -inform DER -in {name} -strparse {} -noout -out signature",
            at(signature)
        ));
    }
}

#[test]
fn certificates_of_sm2_read_and_verify() {
    let bench = Bench::sm2();
    let root = bench.agrees("x509 -in sm2/root.pem -noout -text");
    for part in ["CA:TRUE, pathlen:1", "SM2-with-SM3", "ASN1 OID: SM2", "Certificate Sign, CRL Sign"] {
        assert!(root.contains(part), "{part} in {root}");
    }
    let seal = bench.agrees("x509 -in seal.pem -noout -text -nameopt utf8,sep_comma_plus");
    for part in [
        "C=CN,O=11440300MB2C12345X景川市市场监督管理局,CN=44030000012345",
        "Digital Signature, Non Repudiation",
        "URI:https://zz.example/crl/sm2-seal-ca.crl",
    ] {
        assert!(seal.contains(part), "{part} in {seal}");
    }
    let check = format!("verify -vfyopt {ID} -attime {} -x509_strict", NOW + 60);
    // The root's own signature, which `verify` would check under an empty identifier.
    bench.write("root.der", &bench.set.root);
    bench.take_apart("root.der");
    bench.public_key("sm2/root.pem", "root.pub");
    bench.agrees(&Bench::raw("root.pub", "tbs", "signature"));
    bench.agrees(&format!("{check} -CAfile roots.pem -purpose timestampsign sm2/tsa.pem"));
    bench.agrees(&format!("{check} -CAfile roots.pem sm2/seal-ca.pem"));
    bench.agrees(&format!("{check} -CAfile roots.pem sm2/tls-ca.pem"));
    let by_ca = format!("{check} -partial_chain -trusted sm2/seal-ca.pem");
    bench.agrees(&format!("{by_ca} sm2/seal-maker.pem"));
    bench.agrees(&format!("{by_ca} seal.pem"));
    // Twins: one byte of the seal's signature, another issuer of the same name, another identifier of the signer.
    let mut twin = bench.seal.clone();
    *twin.last_mut().expect("not empty") ^= 1;
    bench.write("twin.pem", pem::x509s_to_pem([twin.as_slice()]).as_bytes());
    let said = bench.refuses(&format!("{by_ca} twin.pem"));
    assert!(said.contains("certificate signature failure"), "{said}");
    let stranger = Bench::sm2();
    bench.write("other.pem", pem::x509s_to_pem([stranger.set.seal_ca.as_slice()]).as_bytes());
    bench.refuses(&format!("{check} -partial_chain -trusted other.pem seal.pem"));
    bench.refuses(&format!("{} seal.pem", by_ca.replace(ID, "distid:8765432187654321")));
}

#[test]
fn revocation_lists_of_sm2_verify() {
    let bench = Bench::sm2();
    let ca_key = set_key(Suite::Sm2, "seal-ca").expect("a handle");
    let ca_key = HandleSigner::new(bench.keys.as_ref(), &ca_key).expect("there");
    let issuer = Issuer { x509: &bench.set.seal_ca, signer: &ca_key };
    let at = Timestamp::from_seconds(NOW);
    let serial_hex = x509::read(&bench.seal).expect("reads").serial_hex;
    let revoked = crl::RevokedX509 { serial_hex: serial_hex.clone(), at, reason: 1, invalid_since: None };
    let times = crl::CrlTimes { this_update: at, next_update: at.plus(std::time::Duration::from_secs(999)) };
    let list = crl::make(&issuer, 2, times, &[revoked]).expect("a list");
    bench.write("list.der", &list);
    let shown = bench.agrees("crl -inform DER -in list.der -noout -text");
    assert!(shown.contains("SM2-with-SM3") && shown.contains("Key Compromise"), "{shown}");
    assert!(shown.to_lowercase().contains(&serial_hex), "{shown}");
    bench.take_apart("list.der");
    bench.public_key("sm2/seal-ca.pem", "ca.pub");
    bench.agrees(&Bench::raw("ca.pub", "tbs", "signature"));
    bench.public_key("sm2/tls-ca.pem", "other.pub");
    bench.refuses(&Bench::raw("other.pub", "tbs", "signature"));
    let mut twin = fs::read(bench.path("tbs")).expect("written");
    *twin.last_mut().expect("not empty") ^= 1;
    bench.write("tbs", &twin);
    bench.refuses(&Bench::raw("ca.pub", "tbs", "signature"));
}

#[test]
fn key_files_of_sm2_open_and_sign_with_openssl() {
    let bench = Bench::sm2();
    bench.write("wrong", b"correct house\n");
    let public = bench.agrees("pkey -in sm2/tsa.key.pem -passin file:pass -pubout");
    assert_eq!(public, bench.agrees("x509 -in sm2/tsa.pem -noout -pubkey"));
    bench.refuses("pkey -in sm2/tsa.key.pem -passin file:wrong -pubout");

    bench.write("message", b"license");
    let signer = HandleSigner::new(bench.keys.as_ref(), &handle("seal/1")).expect("there");
    bench.write("ours", &signer.sign(b"license").expect("signs"));
    bench.public_key("seal.pem", "seal.pub");
    bench.agrees(&Bench::raw("seal.pub", "message", "ours"));
    // And back: the same key file, used by OpenSSL.
    bench.agrees(&format!(
        "pkeyutl -sign -rawin -digest sm3 -pkeyopt {ID} -inkey seal/1.key.pem -passin file:pass -in message -out theirs"
    ));
    let theirs = fs::read(bench.path("theirs")).expect("written");
    assert!(Suite::Sm2.verify(signer.spki(), b"license", &theirs));
    assert!(!Suite::Sm2.verify(signer.spki(), b"licence", &theirs));
    bench.write("message", b"licence");
    bench.refuses(&Bench::raw("seal.pub", "message", "ours"));
    // Another identifier of the signer is another signature.
    bench.agrees(
        "pkeyutl -sign -rawin -digest sm3 -pkeyopt distid:8765432187654321 -inkey seal/1.key.pem -passin file:pass \
         -in message -out other",
    );
    let other = fs::read(bench.path("other")).expect("written");
    assert!(!Suite::Sm2.verify(signer.spki(), b"licence", &other));
}

#[test]
fn requests_go_both_ways() {
    let bench = Bench::sm2();
    let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["keys", "request", "--dir", ".", "--suite", "sm2", "--key", "sm2/other-maker"])
        .args(["--name", "景川市电子印章", "--passphrase-file", "pass"])
        .current_dir(bench.place.path())
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    bench.write("ours.csr", &output.stdout);
    let again = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["keys", "request", "--dir", ".", "--suite", "p256", "--key", "sm2/other-maker"])
        .args(["--name", "景川市电子印章", "--passphrase-file", "pass"])
        .current_dir(bench.place.path())
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && said.contains("of the suite sm2"), "{said}");
    let shown = bench.agrees(&format!("req -in ours.csr -verify -vfyopt {ID} -noout -text -nameopt utf8"));
    for part in ["CN=景川市电子印章", "SM2-with-SM3", "verify OK"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    bench.agrees("req -in ours.csr -outform DER -out ours.der");
    let mut twin = fs::read(bench.path("ours.der")).expect("written");
    assert!(request::read(&twin).expect("reads").proves_possession);
    *twin.last_mut().expect("not empty") ^= 1;
    bench.write("twin.der", &twin);
    // 3.0 says so and yet ends with success.
    let said = bench.openssl(&format!("req -inform DER -in twin.der -verify -vfyopt {ID} -noout"));
    assert!(String::from_utf8_lossy(&said.stderr).contains("verify failure"), "{said:?}");
    assert!(!request::read(&twin).is_ok_and(|facts| facts.proves_possession));

    bench.agrees(&format!(
        "req -new -key seal/1.key.pem -passin file:pass -sm3 -sigopt {ID} -subj /C=CN/CN=theirs -outform DER -out theirs.der"
    ));
    let theirs = request::read(&fs::read(bench.path("theirs.der")).expect("written")).expect("reads");
    assert!(theirs.proves_possession && theirs.suite == Some(Suite::Sm2), "{theirs:?}");
    assert_eq!(theirs.subject, "C=CN, CN=theirs");
}

#[test]
fn a_seal_signature_of_sm2_holds_for_openssl() {
    let bench = Bench::sm2();
    let content = b"the covered bytes".as_slice();
    bench.write("content", content);
    let facts = cms::read(&seal_signature(&bench, content)).expect("reads");
    assert_eq!(hex::encode(facts.message_digest.as_deref().expect("there")), bench.sm3("content"));
    bench.write("attributes", &facts.signed_attributes);
    bench.write("value", &facts.signature);
    bench.public_key("seal.pem", "seal.pub");
    bench.agrees(&Bench::raw("seal.pub", "attributes", "value"));
    bench.write("seal.der", &bench.seal);
    assert_eq!(hex::encode(&facts.ess_v2[0].hash), bench.sm3("seal.der"));
    bench.write("token.der", &facts.timestamp_tokens[0]);
    bench.agrees("pkcs7 -inform DER -in token.der -print_certs -noout");

    // The token over it: an ordinary reply of RFC 3161, whose signature OpenSSL verifies by its parts.
    let token = tsp::read_token(&facts.timestamp_tokens[0]).expect("reads");
    assert_eq!(hex::encode(&token.imprint), bench.sm3("value"));
    bench.write("info", token.cms.content.as_deref().expect("inside"));
    assert_eq!(hex::encode(token.cms.message_digest.as_deref().expect("there")), bench.sm3("info"));
    bench.write("attributes", &token.cms.signed_attributes);
    bench.write("value", &token.cms.signature);
    bench.public_key("sm2/tsa.pem", "tsa.pub");
    bench.agrees(&Bench::raw("tsa.pub", "attributes", "value"));
    bench.refuses(&Bench::raw("seal.pub", "attributes", "value"));
}

#[test]
fn time_stamps_of_sm2_are_asked_for_and_shown_by_openssl() {
    let bench = Bench::sm2();
    bench.write("data", b"signature value");
    bench.agrees("ts -query -data data -sm3 -cert -out query.tsq");
    let query = fs::read(bench.path("query.tsq")).expect("written");
    assert_eq!(tsp::parse_request(&query).expect("reads").algorithm, Some(DigestAlgorithm::Sm3));
    bench.write("reply.tsr", &bench.authority().answer(&query).expect("ours"));
    let shown = bench.agrees("ts -reply -in reply.tsr -text");
    assert!(shown.contains("Status: Granted") && shown.contains("Hash Algorithm: sm3"), "{shown}");
    let reply = tsp::parse_response(&fs::read(bench.path("reply.tsr")).expect("written")).expect("reads");
    let tsp::Response::Granted(token) = reply else { panic!("refused") };
    let facts = tsp::read_token(&token).expect("reads");
    assert!(facts.is_intact() && facts.stamps(b"signature value") && !facts.stamps(b"signature valve"));
}

/// A root, a leaf and a list that OpenSSL made and signed.
#[test]
fn we_verify_chains_that_openssl_signed() {
    let bench = Bench::sm2();
    let config = "[req]\ndistinguished_name = dn\nprompt = no\nx509_extensions = root\n[dn]\nC = CN\nCN = Their Root\n\
                  [root]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\n\
                  subjectKeyIdentifier = hash\n[leaf]\nbasicConstraints = critical,CA:FALSE\n\
                  keyUsage = critical,digitalSignature,nonRepudiation\nextendedKeyUsage = 1.3.6.1.5.5.7.3.36\n\
                  [ca]\ndefault_ca = c\n[c]\ndatabase = index\ncrlnumber = number\ndefault_md = sm3\n\
                  default_crl_days = 30\ncrl_extensions = list\n[list]\nauthorityKeyIdentifier = keyid\n";
    bench.write("their.cnf", config.as_bytes());
    bench.write("index", b"");
    bench.write("number", b"01\n");
    bench.agrees("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out their.key");
    bench.agrees("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out leaf.key");
    bench.agrees(&format!(
        "req -new -x509 -config their.cnf -key their.key -sm3 -sigopt {ID} -days 99 -outform DER -out their.der"
    ));
    bench.agrees("x509 -inform DER -in their.der -out their.pem");
    bench.agrees(&format!(
        "req -new -config their.cnf -key leaf.key -sm3 -sigopt {ID} -subj /C=CN/CN=leaf -out leaf.csr"
    ));
    let issue = |id: &str, out: &str| {
        bench.agrees(&format!(
            "x509 -req -in leaf.csr -vfyopt {ID} -CA their.pem -CAkey their.key -sm3 -sigopt {id} -extfile their.cnf \
             -extensions leaf -days 30 -set_serial 77 -outform DER -out {out}"
        ));
        fs::read(bench.path(out)).expect("written")
    };
    let leaf = issue(ID, "leaf.der");
    bench.agrees(&format!(
        "ca -config their.cnf -gencrl -keyfile their.key -cert their.pem -sigopt {ID} -out list.pem"
    ));
    let lists = fs::read_to_string(bench.path("list.pem")).expect("written");
    let crls = pem::crls_from_pem(&lists).expect("reads");
    let trust = Trust::from_ders([fs::read(bench.path("their.der")).expect("written")]).expect("a root");
    let at = x509::read(&leaf).expect("reads").not_before.plus(std::time::Duration::from_secs(60));
    let query = PathQuery { leaf: &leaf, intermediates: &[], crls: &crls, usage: Usage::Sealing, at };
    trust.validate(&query).expect("good");
    assert!(crl::check_issuer(&crls[0], &fs::read(bench.path("their.der")).expect("written")).is_ok());

    // Twins: a leaf and a list signed under another identifier, and a byte of each changed.
    let other = issue("distid:8765432187654321", "other.der");
    assert_eq!(trust.validate(&PathQuery { leaf: &other, ..query }), Err(PathFault::BadSignature));
    let mut twin = leaf.clone();
    *twin.last_mut().expect("not empty") ^= 1;
    assert!(trust.validate(&PathQuery { leaf: &twin, ..query }).is_err());
    let mut twins = crls.clone();
    *twins[0].last_mut().expect("not empty") ^= 1;
    let unknown = trust.validate(&PathQuery { crls: &twins, ..query });
    assert!(matches!(unknown, Err(PathFault::RevocationUnknown { .. })), "{unknown:?}");
}

#[test]
fn keys_of_openssl_are_read() {
    let bench = Bench::sm2();
    let new_key = |curve: &str, out: &str| {
        bench.agrees(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out made.pem"));
        bench.agrees(&format!("pkcs8 -topk8 -nocrypt -in made.pem -outform DER -out {out}"));
    };
    new_key("SM2", "their.key");
    bench.agrees("pkey -inform DER -in their.key -pubout -out their.pub");
    let key = PrivateKey::from_pkcs8(&fs::read(bench.path("their.key")).expect("written")).expect("reads");
    assert_eq!(key.suite(), Suite::Sm2);
    bench.write("message", b"license");
    bench.write("ours", &key.sign(b"license").expect("signs"));
    bench.agrees(&Bench::raw("their.pub", "message", "ours"));
    new_key("P-384", "other.key");
    assert!(PrivateKey::from_pkcs8(&fs::read(bench.path("other.key")).expect("written")).is_err());
}
