//! How much of the time of checking an offline code is not the bare signature, and how long a status list of sixteen million
//! entries takes to build and how large it is: `cargo bench --bench offline`.

use criterion::{Criterion, criterion_group, criterion_main};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use std::hint::black_box;
use std::time::Duration;
use yinzheng::crypto::{PrivateKey, PublicKey, Signer, Suite, fixed_signature};
use yinzheng::domain::offline_code::{KeyFacts, LicenseRef, Medium, OfflineCode, PaperLife, field_order};
use yinzheng::domain::report::Verdict;
use yinzheng::domain::status_list::{Entry, StatusRef, Untold};
use yinzheng::domain::time::Timestamp;
use yinzheng::formats::offline_code::{IssuerKeys, sign, to_digits, verify};
use yinzheng::formats::status_list::{Bits, Expected, ListToken, StatusList, read_cwt, sign_cwt};

const NOW: Timestamp = Timestamp::from_seconds(1_795_420_800);
const ISSUER: &str = "11450900MB0000001X";
const URI: &str = "https://license.example.gov.cn/s/12";
/// Entries of the large list; one of a hundred has ended.
const ENTRIES: u64 = 16 << 20;

fn key() -> PrivateKey {
    PrivateKey::from_pkcs8(&PrivateKey::generate_pkcs8(Suite::P256).expect("a key")).expect("our own key")
}

fn code() -> OfflineCode {
    let fields = [("company_name", "景川市青禾生态农业科技有限公司"), ("legal_representative", "欧阳**")];
    let mut fields: Vec<(String, String)> = fields.map(|(name, value)| (name.into(), value.into())).into();
    fields.push(("registered_capital".into(), "壹仟贰佰万元整".into()));
    field_order(&mut fields);
    OfflineCode {
        issuer: ISSUER.into(),
        kind: "business-license".into(),
        license: LicenseRef::Short([7; 12]),
        fields,
        issued: NOW,
        from: NOW,
        file_sha256: [0xa5; 32],
        status: StatusRef { uri: URI.into(), index: 8_675_309 },
        medium: Medium::Paper {
            purpose: "办理银行开户".into(), recipient: None, life: PaperLife::Month
        },
    }
}

fn in_force(_: &StatusRef) -> Result<Entry, Untold> {
    let expires = NOW.plus(Duration::from_secs(3600));
    Ok(Entry { value: 0, issued: NOW, ttl: Duration::from_secs(900), expires })
}

fn codes(c: &mut Criterion) {
    let key = key();
    let mut keys = IssuerKeys::default();
    let facts = KeyFacts {
        issuer: ISSUER.into(),
        issuer_name: "景川市市场监督管理局".into(),
        kinds: vec!["business-license".into()],
        from: NOW,
        until: NOW,
    };
    assert!(keys.add(key.spki(), facts));
    let signed = sign(&code(), &key).expect("signed");
    let digits = to_digits(&signed).expect("fits");
    let check = || verify(black_box(&digits), &keys, in_force, NOW);
    assert_eq!(check().verdict, Verdict::Passed);
    c.bench_function(&format!("offline code of {} digits: read and judged", digits.len()), |b| b.iter(check));

    // As long as what the code's signature is over: the code less its own signature, and the frame around it.
    let message = &signed[..signed.len() - 46];
    let signature = fixed_signature(&key.sign(message).expect("signed")).expect("a signature");
    let public = PublicKey::from_spki(key.spki()).expect("a key");
    let bare = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public.point());
    c.bench_function("of that: the bare verification of ring", |b| {
        b.iter(|| bare.verify(black_box(message), &signature).expect("right"))
    });
}

fn lists(c: &mut Criterion) {
    let key = key();
    let build = || {
        let mut list = StatusList::new(Bits::One, ENTRIES);
        // Spread as if drawn, and the same each time.
        let mut drawn: u64 = 0x9e37_79b9_7f4a_7c15;
        for _ in 0..ENTRIES / 100 {
            drawn ^= drawn << 13;
            drawn ^= drawn >> 7;
            drawn ^= drawn << 17;
            assert!(list.set(drawn % ENTRIES, 1));
        }
        let expires = NOW.plus(Duration::from_secs(86_400));
        let token = ListToken { uri: URI.into(), issued: NOW, expires, ttl: Duration::from_secs(900), list };
        sign_cwt(&token, b"k", &key).expect("signed")
    };
    let signed = build();
    let public = PublicKey::from_spki(key.spki()).expect("a key");
    let expected = Expected { uri: URI, most_entries: ENTRIES };
    let mut group =
        c.benchmark_group(format!("status list of 16 Mi entries, 1 % ended, {} bytes", signed.len()));
    group.sample_size(10);
    group.bench_function("built, packed, signed", |b| b.iter(build));
    group.bench_function("read", |b| b.iter(|| read_cwt(black_box(&signed), &public, &expected)));
    group.finish();
}

criterion_group!(all, codes, lists);
criterion_main!(all);
