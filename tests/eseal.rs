//! OpenSSL verifies the values in electronic seals and seal signatures, others' and ours, and refuses their twins. These
//! tests need the `openssl` command (3.0 or later) and fail without it.

use std::fs;
use std::path::Path;
use std::process::Command;
use yinzheng::crypto::{PrivateKey, Signer, Suite, sm3};
use yinzheng::domain::time::Timestamp;
use yinzheng::formats::eseal::{
    SealContent, TbsContent, Version, assemble_seal, assemble_signature, read_seal, read_signature,
    seal_info, to_sign,
};

/// The signer's identifier that GM/T 0009 gives.
const ID: &str = "distid:1234567812345678";

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ofd").join(name)).expect("a sample")
}

/// What the command prints; `None` if it says no.
fn openssl(place: &Path, line: &str) -> Option<String> {
    let output = Command::new("openssl").args(line.split_whitespace()).current_dir(place).output();
    let output = output.expect("the openssl command is needed for these tests: install openssl 3.0 or later");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether OpenSSL takes `signature` over `message` by the key of this X.509 certificate.
fn verifies(x509: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let place = tempfile::tempdir().expect("a directory");
    for (name, content) in [("x509.der", x509), ("message", message), ("signature", signature)] {
        fs::write(place.path().join(name), content).expect("writes");
    }
    let key = openssl(place.path(), "x509 -inform DER -in x509.der -pubkey -noout").expect("a certificate");
    fs::write(place.path().join("key.pem"), key).expect("writes");
    let line = format!(
        "pkeyutl -verify -pubin -inkey key.pem -rawin -digest sm3 -pkeyopt {ID} -in message -sigfile signature"
    );
    openssl(place.path(), &line).is_some()
}

/// Agrees with us about a value, and about its twin.
fn agrees(x509: &[u8], message: &[u8], signature: &[u8]) {
    assert!(verifies(x509, message, signature));
    let mut twin = message.to_vec();
    twin[40] ^= 1;
    assert!(!verifies(x509, &twin, signature));
}

fn parses(der: &[u8]) -> String {
    let place = tempfile::tempdir().expect("a directory");
    fs::write(place.path().join("object"), der).expect("writes");
    openssl(place.path(), "asn1parse -inform DER -in object").expect("DER")
}

#[test]
fn values_made_elsewhere() {
    for name in ["UserV1.esl", "UserV4.esl", "UserV5.esl"] {
        let seal = read_seal(&sample(name)).expect("reads");
        assert!(seal.maker_signature_is_right());
        agrees(&seal.maker_x509, &seal.signed, &seal.signature);
    }
    let read = read_signature(&sample("SignedValueV4.dat")).expect("reads");
    assert!(read.signature_is_right());
    agrees(&read.signer_x509, &read.signed, &read.signature);
}

/// A key and a self-signed X.509 certificate, both made by OpenSSL.
fn party(name: &str) -> (PrivateKey, Vec<u8>) {
    let place = tempfile::tempdir().expect("a directory");
    let made = openssl(place.path(), "genpkey -algorithm SM2 -out key.pem")
        .and_then(|_| openssl(place.path(), "pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der"))
        .and_then(|_| {
            let line = format!(
                "req -x509 -new -key key.pem -sm3 -sigopt {ID} -days 30 -subj /CN={name} -outform DER -out x509.der"
            );
            openssl(place.path(), &line)
        });
    made.expect("OpenSSL makes SM2 keys and certificates");
    let read = |name: &str| fs::read(place.path().join(name)).expect("written");
    (PrivateKey::from_pkcs8(&read("key.der")).expect("an SM2 key"), read("x509.der"))
}

#[test]
fn values_made_here() {
    let (maker_key, maker) = party("maker");
    let (signer_key, signer) = party("signer");
    assert_eq!((maker_key.suite(), signer_key.suite()), (Suite::Sm2, Suite::Sm2));
    let now = Timestamp::from_seconds(1_800_000_000);
    for version in [Version::V4, Version::V5] {
        let content = SealContent {
            version,
            vendor: "YINZHENG",
            id: "44030000012345",
            kind: 4,
            name: "景川市市场监督管理局",
            signers: &[&signer],
            created: now,
            valid_from: now,
            valid_until: Timestamp::from_seconds(1_900_000_000),
            picture_format: "PNG",
            picture: b"picture",
            width_mm: 42,
            height_mm: 42,
            extensions: &[],
        };
        let info = seal_info(&content).expect("a seal");
        let seal =
            assemble_seal(&info, &maker, &maker_key.sign(&info).expect("signs"), None).expect("a seal");
        agrees(&seal.maker_x509, &seal.signed, &seal.signature);
        let listing = parses(&seal.raw);
        assert_eq!(listing.matches("GENERALIZEDTIME   :2027").count(), 2, "{listing}");
        let tbs = to_sign(&TbsContent {
            version,
            seal: &seal.raw,
            time: now,
            data_hash: &sm3(b"Signature.xml"),
            property: "/Doc_0/Signs/Sign_0/Signature.xml",
            extensions: &[],
        });
        let tbs = tbs.expect("fits");
        let signature = signer_key.sign(&tbs).expect("signs");
        let (whole, read) = assemble_signature(&tbs, &signer, &signature, None).expect("a signature");
        agrees(&read.signer_x509, &read.signed, &read.signature);
        assert!(parses(&whole).contains("IA5STRING         :/Doc_0/Signs/Sign_0/Signature.xml"));
    }
}
