//! Lists written and read in both forms, and everything that is refused, each with its own code.

use super::*;
use crate::crypto::{PrivateKey, PublicKey, Signer, Suite};
use crate::domain::status_list::{Answer, Untold, tell};
use crate::domain::time::Timestamp;
use crate::formats::cose::{self, Protected, Value, map, write_cbor};
use crate::formats::jws;
use crate::formats::x509::testing::new_key;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use std::time::Duration;

const URI: &str = "https://license.example.gov.cn/s/12";
const NOW: Timestamp = Timestamp::from_seconds(1_795_420_800);
const EXPECTED: Expected<'static> = Expected { uri: URI, most_entries: 4096 };

fn public(key: &PrivateKey) -> PublicKey {
    PublicKey::from_spki(key.spki()).expect("a key")
}

fn token(bits: Bits) -> ListToken {
    let mut list = StatusList::new(bits, 1000);
    for index in (0..1000).step_by(7) {
        assert!(list.set(index, 1));
    }
    ListToken {
        uri: URI.into(),
        issued: NOW,
        expires: NOW.plus(Duration::from_secs(86_400)),
        ttl: Duration::from_secs(900),
        list,
    }
}

#[test]
fn both_forms_come_back_as_they_were() {
    let (p256, sm2) = (new_key(Suite::P256), new_key(Suite::Sm2));
    for bits in Bits::ALL {
        let token = token(bits);
        let jwt = sign_jwt(&token, "k1", &p256).expect("signed");
        assert_eq!(read_jwt(&jwt, &public(&p256), &EXPECTED).as_ref(), Ok(&token));
        for key in [&p256, &sm2] {
            let cwt = sign_cwt(&token, b"k1", key).expect("signed");
            assert_eq!(read_cwt(&cwt, &public(key), &EXPECTED).as_ref(), Ok(&token));
        }
        let told = |index| tell(token.entry(index), NOW).answer;
        assert_eq!((told(0), told(1), told(994)), (Answer::Ended, Answer::Valid, Answer::Ended));
        assert_eq!(token.entry(token.list.len()), Err(Untold::PastEnd));
        assert_eq!(token.entry(u64::MAX), Err(Untold::PastEnd));
    }
    assert!(sign_jwt(&token(Bits::One), "k1", &sm2).is_err(), "no algorithm of JOSE is SM2");
}

#[test]
fn entries_are_where_the_draft_has_them() {
    // draft-ietf-oauth-status-list-21 §4.1 and §4.2.
    let statuses: [&[u8]; 2] =
        [&[1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1], &[1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]];
    for (bits, (packed, statuses)) in [Bits::One, Bits::Two]
        .into_iter()
        .zip(["eNrbuRgAAhcBXQ", "eNo76fITAAPfAgc"].into_iter().zip(statuses))
    {
        let packed = URL_SAFE_NO_PAD.decode(packed).expect("base64url");
        let list = StatusList::unpack(u64::from(bits.number()), &packed, 16).expect("a list");
        let read: Vec<u8> = (0..).map_while(|index| list.get(index)).collect();
        assert_eq!(read, statuses);
        let mut again = StatusList::new(bits, statuses.len() as u64);
        for (index, value) in statuses.iter().enumerate() {
            assert!(again.set(index as u64, *value));
        }
        assert_eq!(again, list);
    }
    // The draft's appendix C.1: 2^20 entries.
    let packed = "eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAAAAAAAAAA\
                  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAAA7KpLAAAAAAAAAAAAAAAAAAAA\
                  AJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAAACAZC8L2AEb";
    let packed = URL_SAFE_NO_PAD.decode(packed).expect("base64url");
    let list = StatusList::unpack(1, &packed, 1 << 20).expect("a list");
    let set: Vec<u64> = (0..1 << 20).filter(|index| list.get(*index) == Some(1)).collect();
    assert_eq!(set, [0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345]);
    assert_eq!(
        StatusList::unpack(1, &packed, (1 << 20) - 8)
            .map(|_| ())
            .map_err(NotRead::from)
            .map_err(NotRead::code),
        Err("status_list.more_than_declared")
    );
}

#[test]
fn values_and_places_have_bounds() {
    let mut list = StatusList::new(Bits::Two, 9);
    assert_eq!(list.len(), 12, "whole bytes");
    assert!(list.set(11, 3) && !list.set(11, 4) && !list.set(12, 0) && !list.set(u64::MAX, 0));
    assert_eq!((list.get(11), list.get(10), list.get(12)), (Some(3), Some(0), None));
    assert!(list.set(11, 1));
    assert_eq!(list.get(11), Some(1));
    assert_eq!(StatusList::new(Bits::One, u64::MAX).len(), MOST_ENTRIES);
}

/// What is said of a JWT with these claims and header, and of a CWT that says the same.
fn refused(jwt: &str, cwt: &[u8], key: &PublicKey) -> [&'static str; 2] {
    let jwt = read_jwt(jwt, key, &EXPECTED).expect_err("refused").code();
    [jwt, read_cwt(cwt, key, &EXPECTED).expect_err("refused").code()]
}

/// A list signed as given, with one claim changed in both forms.
fn changed(key: &PrivateKey, label: i64, name: &str, claim: Option<(Value, Json)>) -> (String, Vec<u8>) {
    let packed = token(Bits::One).list.pack();
    let list = map(vec![
        (Value::Text("bits".into()), Value::from(1)),
        (Value::Text("lst".into()), Value::Bytes(packed.clone())),
    ]);
    let mut cwt = vec![
        (Value::from(2), Value::Text(URI.into())),
        (Value::from(6), Value::from(NOW.seconds())),
        (Value::from(4), Value::from(NOW.seconds() + 60)),
        (Value::from(65_533), list),
    ];
    let mut jwt = json!({
        "sub": URI, "iat": NOW.seconds(), "exp": NOW.seconds() + 60,
        "status_list": { "bits": 1, "lst": URL_SAFE_NO_PAD.encode(packed) },
    });
    cwt.retain(|(known, _)| *known != Value::from(label));
    jwt.as_object_mut().expect("an object").remove(name);
    if let Some((value, json)) = claim {
        cwt.push((Value::from(label), value));
        jwt[name] = json;
    }
    let protected = Protected { key_id: b"k", kind: Some("application/statuslist+cwt"), private: None };
    let cwt = cose::sign(&protected, write_cbor(&map(cwt)), &[], key).expect("signed");
    (jws::sign_as("statuslist+jwt", &jwt, "k", key).expect("signed"), cwt)
}

#[test]
fn each_wrong_claim_has_its_code() {
    let key = new_key(Suite::P256);
    let text = |text: &str| Some((Value::Text(text.into()), json!(text)));
    let number = |number: i64| Some((Value::from(number), json!(number)));
    let (jwt, cwt) = changed(&key, 7, "x", text("of no concern"));
    let read = [read_jwt(&jwt, &public(&key), &EXPECTED), read_cwt(&cwt, &public(&key), &EXPECTED)];
    assert!(read.iter().all(|read| read.as_ref().is_ok_and(|token| token.ttl.is_zero())), "{read:?}");
    for (label, name, claim, code) in [
        (2, "sub", text("https://license.example.gov.cn/s/13"), "status_list.subject"),
        (2, "sub", None, "status_list.claims"),
        (2, "sub", number(5), "status_list.claims"),
        (6, "iat", None, "status_list.claims"),
        (6, "iat", text("1795420800"), "status_list.claims"),
        (6, "iat", number(-5), "status_list.claims"),
        (4, "exp", None, "status_list.times"),
        (4, "exp", number(NOW.seconds()), "status_list.times"),
        (65_534, "ttl", number(0), "status_list.claims"),
        (65_534, "ttl", number(1 << 40), "status_list.claims"),
        (65_533, "status_list", None, "status_list.claims"),
        (65_533, "status_list", number(5), "status_list.claims"),
    ] {
        let (jwt, cwt) = changed(&key, label, name, claim);
        assert_eq!(refused(&jwt, &cwt, &public(&key)), [code; 2], "{name}");
    }
}

#[test]
fn each_wrong_packing_has_its_code() {
    use std::io::Write;
    let key = new_key(Suite::P256);
    let pack = |bytes: &[u8], level| {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
        out.write_all(bytes).expect("in memory");
        out.finish().expect("in memory")
    };
    let with = |bits: u64, packed: &[u8]| {
        let value = map(vec![
            (Value::Text("bits".into()), Value::from(bits)),
            (Value::Text("lst".into()), Value::Bytes(packed.to_vec())),
        ]);
        let json = json!({ "bits": bits, "lst": URL_SAFE_NO_PAD.encode(packed) });
        changed(&key, 65_533, "status_list", Some((value, json)))
    };
    let good = pack(&[0x35; 512], 9);
    for level in 0..=9 {
        let (jwt, cwt) = with(1, &pack(&[0x35; 512], level));
        let read = [read_jwt(&jwt, &public(&key), &EXPECTED), read_cwt(&cwt, &public(&key), &EXPECTED)];
        assert!(read.iter().all(Result::is_ok), "level {level}");
    }
    let mut damaged = good.clone();
    *damaged.last_mut().expect("some bytes") ^= 1;
    for (bits, packed, code) in [
        (3, good.clone(), "status_list.bits"),
        (0, good.clone(), "status_list.bits"),
        (1 << 40, good.clone(), "status_list.bits"),
        (1, pack(&[], 9), "status_list.empty"),
        (1, pack(&[0; 513], 9), "status_list.more_than_declared"),
        (1, pack(&vec![0; 10 << 20], 9), "status_list.more_than_declared"),
        (1, URL_SAFE_NO_PAD.decode("eLsADQAHYwQjAAAsAA0").expect("base64url"), "status_list.dictionary"),
        (1, good[..good.len() - 3].to_vec(), "status_list.truncated"),
        (1, Vec::new(), "status_list.truncated"),
        (1, [&good[..], &[0]].concat(), "status_list.trailing"),
        (1, [&good[..], &good[..]].concat(), "status_list.trailing"),
        (1, good[2..].to_vec(), "status_list.not_zlib"),
        (1, b"\x1f\x8b\x08\x00\x00".to_vec(), "status_list.not_zlib"),
        (1, damaged, "status_list.damaged"),
    ] {
        let (jwt, cwt) = with(bits, &packed);
        assert_eq!(refused(&jwt, &cwt, &public(&key)), [code; 2]);
    }
}

#[test]
fn each_wrong_envelope_has_its_code() {
    let (key, other, sm2) = (new_key(Suite::P256), new_key(Suite::P256), new_key(Suite::Sm2));
    let (jwt, cwt) = (
        sign_jwt(&token(Bits::One), "k", &key).expect("signed"),
        sign_cwt(&token(Bits::One), b"k", &key).expect("signed"),
    );
    assert_eq!(refused(&jwt, &cwt, &public(&other)), ["status_list.signature"; 2]);
    assert_eq!(refused(&jwt, &cwt, &public(&sm2)), ["status_list.algorithm"; 2]);
    assert_eq!(refused("", b"", &public(&key)), ["status_list.form"; 2]);
    assert_eq!(refused(&jwt[..jwt.len() / 2], &cwt[..cwt.len() / 2], &public(&key)), ["status_list.form"; 2]);
    let protected = Protected { key_id: b"k", kind: Some("application/cwt"), private: None };
    let untyped = cose::sign(&protected, b"\xa0".to_vec(), &[], &key).expect("signed");
    let jwt = jws::sign_as("jwt", &json!({}), "k", &key).expect("signed");
    assert_eq!(refused(&jwt, &untyped, &public(&key)), ["status_list.type"; 2]);
    let large = vec![b'a'; MOST_BYTES + 1];
    let text = std::str::from_utf8(&large).expect("letters");
    assert_eq!(refused(text, &large, &public(&key)), ["status_list.too_large"; 2]);
    // A member that stands twice may be read in two ways.
    let claims = format!(
        r#"{{"sub":"{URI}","sub":"{URI}","iat":1,"exp":2,"status_list":{{"bits":1,"lst":"eNrbuRgAAhcBXQ"}}}}"#
    );
    let input = format!("{}.{}", jwt_header(), URL_SAFE_NO_PAD.encode(claims));
    let signature =
        crate::crypto::fixed_signature(&key.sign(input.as_bytes()).expect("signed")).expect("fixed");
    let twice = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
    assert_eq!(read_jwt(&twice, &public(&key), &EXPECTED).map_err(NotRead::code), Err("status_list.claims"));
}

fn jwt_header() -> String {
    URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","typ":"statuslist+jwt","kid":"k"}"#)
}

#[test]
fn what_nobody_would_read_is_not_signed() {
    let key = new_key(Suite::P256);
    let endless = ListToken { expires: NOW, ..token(Bits::One) };
    assert!(sign_jwt(&endless, "k", &key).is_err() && sign_cwt(&endless, b"k", &key).is_err());
    let nameless = ListToken { uri: String::new(), ..token(Bits::One) };
    assert!(sign_jwt(&nameless, "k", &key).is_err() && sign_cwt(&nameless, b"k", &key).is_err());
}

/// The files that another implementation made (`tests/data/status_list`, by `tests/tools/offline_check.py make`).
#[test]
fn lists_of_another_implementation_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/status_list");
    let point = hex::decode(std::fs::read_to_string(folder.join("key.hex")).expect("the key").trim());
    let key = PublicKey::from_point(Suite::P256, &point.expect("hex")).expect("a key");
    let expected = Expected { uri: "https://status.example.com/lists/1", most_entries: 4096 };
    for bits in Bits::ALL {
        let number = bits.number();
        let jwt = std::fs::read_to_string(folder.join(format!("{number}.jwt"))).expect("a list");
        let cwt = std::fs::read(folder.join(format!("{number}.cwt"))).expect("a list");
        let jwt = read_jwt(jwt.trim(), &key, &expected).expect("their JWT");
        let cwt = read_cwt(&cwt, &key, &expected).expect("their CWT");
        assert_eq!(jwt, cwt);
        assert_eq!((jwt.list.bits(), jwt.list.len()), (bits, 1024));
        for index in 0..1024 {
            let value = (index * 7 % 256) as u8 & bits_mask(bits);
            assert_eq!(jwt.list.get(index), Some(value), "{number} bits, entry {index}");
        }
        let mut twin = std::fs::read(folder.join(format!("{number}.cwt"))).expect("a list");
        twin[60] ^= 1;
        assert!(read_cwt(&twin, &key, &expected).is_err());
    }
}

fn bits_mask(bits: Bits) -> u8 {
    u8::try_from((1_u16 << bits.number()) - 1).expect("at most 255")
}

/// Left for the judges of `tests/tools`, and for the fuzzer.
#[test]
fn seeds_and_lists_for_the_judges() {
    let (p256, sm2) = (new_key(Suite::P256), new_key(Suite::Sm2));
    let out = std::env::var_os("YINZHENG_TEST_OUT").map(|out| std::path::Path::new(&out).join("offline"));
    let keep = |name: &str, bytes: &[u8]| {
        if let Some(folder) = &out {
            std::fs::create_dir_all(folder).expect("a folder");
            std::fs::write(folder.join(name), bytes).expect("written");
        }
    };
    keep("lists.spki", p256.spki());
    let seed = crate::formats::testing::keep_seed;
    for bits in Bits::ALL {
        let number = bits.number();
        let jwt = sign_jwt(&token(bits), "k1", &p256).expect("signed");
        let cwt = sign_cwt(&token(bits), b"k1", &p256).expect("signed");
        keep(&format!("list-{number}.jwt"), jwt.as_bytes());
        keep(&format!("list-{number}.cwt"), &cwt);
        if bits <= Bits::Two {
            seed(&format!("corpus/status_list/{number}.jwt"), jwt.as_bytes());
            seed(&format!("corpus/status_list/{number}.cwt"), &cwt);
        }
    }
    let cwt = sign_cwt(&token(Bits::One), b"k1", &sm2).expect("signed");
    seed("corpus/status_list/sm2.cwt", &cwt);
    seed("corpus/cose/list-sm2.cbor", &cwt);
    seed("known/status_list/p256.spki", p256.spki());
    seed("known/status_list/sm2.spki", sm2.spki());
}
