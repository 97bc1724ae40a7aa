//! How many offline codes one thread checks in a second, as a ratio to the bare verifications of ring in the same seconds; and how
//! long a status list of sixteen million entries takes to build and how large it is: `cargo bench --bench offline`.

use criterion::{Criterion, criterion_group, criterion_main};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use std::hint::black_box;
use std::time::{Duration, Instant};
use yinzheng::crypto::{PrivateKey, PublicKey, Signer, Suite, fixed_signature};
use yinzheng::domain::offline_code::{KeyFacts, LicenseRef, Medium, OfflineCode, PaperLife, field_order};
use yinzheng::domain::report::Verdict;
use yinzheng::domain::status_list::{Entry, StatusRef, Untold};
use yinzheng::domain::time::Timestamp;
use yinzheng::formats::offline_code::{IssuerKeys, sign, to_digits, verify};
use yinzheng::formats::status_list::{Bits, Expected, ListToken, StatusList, read_cwt, read_jwt, sign_both};

/// The service's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOW: Timestamp = Timestamp::from_seconds(1_795_420_800);
const ISSUER: &str = "11450900MB0000001X";
const URI: &str = "https://license.example.gov.cn/s/12";
/// Entries of the large list; one of a hundred is not in force.
const ENTRIES: u64 = 16 << 20;
/// Pairs of batches that are compared.
const PAIRS: usize = 400;
/// Checks in a batch: a millisecond or so, within which a neighbour disturbs both of a pair or neither.
const BATCH: u32 = 25;

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

/// Seconds that a batch takes.
#[allow(clippy::disallowed_methods, reason = "measuring is what a benchmark does")]
fn batch(work: &dyn Fn()) -> f64 {
    let start = Instant::now();
    for _ in 0..BATCH {
        work();
    }
    start.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Batches of both by turns: neighbours on the machine slow both alike, and the median of the ratios leaves out what hit only one.
fn compare(what: &str, ours: &dyn Fn(), bare: &dyn Fn()) {
    let mut pairs = Vec::with_capacity(PAIRS);
    for at in 0..PAIRS + 20 {
        // Neither always goes first.
        let pair = if at % 2 == 0 {
            (batch(ours), batch(bare))
        } else {
            let bare = batch(bare);
            (batch(ours), bare)
        };
        // The first ones warm the caches.
        if at >= 20 {
            pairs.push(pair);
        }
    }
    let rate =
        |seconds: fn(&(f64, f64)) -> f64| f64::from(BATCH) / median(pairs.iter().map(seconds).collect());
    let ratio = median(pairs.iter().map(|(ours, bare)| bare / ours).collect());
    println!(
        "{what}: {:.0} a second on one thread, bare verifications of ring {:.0}, ratio {ratio:.3}",
        rate(|pair| pair.0),
        rate(|pair| pair.1)
    );
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

    // As long as what the code's signature is over: the code less its own signature, and the frame around it.
    let message = &signed[..signed.len() - 46];
    let signature = fixed_signature(&key.sign(message).expect("signed")).expect("a signature");
    let public = PublicKey::from_spki(key.spki()).expect("a key");
    let bare = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public.point());
    let bare = || bare.verify(black_box(message), &signature).expect("right");

    let name = format!("offline code of {} digits, read and judged", digits.len());
    let ours = || {
        black_box(check());
    };
    compare(&name, &ours, &bare);
    c.bench_function(&name, |b| b.iter(check));
    c.bench_function("of that: the bare verification of ring", |b| b.iter(bare));
}

/// A list in which one of a hundred entries is not in force: one of ten of those suspended, where there is a bit for it.
fn filled(bits: Bits) -> StatusList {
    let mut list = StatusList::new(bits, ENTRIES);
    // Spread as if drawn, and the same each time.
    let mut drawn: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut left = ENTRIES / 100;
    while left > 0 {
        drawn ^= drawn << 13;
        drawn ^= drawn >> 7;
        drawn ^= drawn << 17;
        let place = drawn % ENTRIES;
        if list.get(place) == Some(0) {
            let value = if bits == Bits::Two && left.is_multiple_of(10) { 2 } else { 1 };
            assert!(list.set(place, value));
            left -= 1;
        }
    }
    list
}

fn lists(c: &mut Criterion) {
    let key = key();
    let public = PublicKey::from_spki(key.spki()).expect("a key");
    let expected = Expected { uri: URI, most_entries: ENTRIES };
    for bits in [Bits::One, Bits::Two] {
        let token = |list| ListToken {
            uri: URI.into(),
            issued: NOW,
            expires: NOW.plus(Duration::from_secs(86_400)),
            ttl: Duration::from_secs(900),
            list,
        };
        let signed = |list| sign_both(&token(list), b"12345678", &key).expect("signed");
        let list = filled(bits);
        let (jwt, cwt) = signed(list.clone());
        let raw = ENTRIES * u64::from(bits.number()) / 8;
        println!(
            "status list of {ENTRIES} entries of {} bit(s), 1 % not in force: {raw} bytes, CWT {}, JWT {}",
            bits.number(),
            cwt.len(),
            jwt.len()
        );
        let mut group = c.benchmark_group(format!("status list of 16 Mi entries, {bits:?}"));
        group.sample_size(10);
        group.bench_function("built", |b| b.iter(|| filled(bits)));
        group.bench_function("packed", |b| b.iter(|| list.pack()));
        group.bench_function("built, packed, signed as JWT and CWT", |b| b.iter(|| signed(filled(bits))));
        group.bench_function("CWT read", |b| b.iter(|| read_cwt(black_box(&cwt), &public, &expected)));
        group.bench_function("JWT read", |b| b.iter(|| read_jwt(black_box(&jwt), &public, &expected)));
        let read = read_cwt(&cwt, &public, &expected).expect("our own");
        assert_eq!(read, token(list.clone()));
        let mut place = 0;
        group.bench_function("looked up", |b| {
            b.iter(|| {
                // Far from the last one.
                place = (place + 8_675_309) % ENTRIES;
                read.entry(black_box(place))
            });
        });
        group.finish();
    }
}

criterion_group!(all, codes, lists);
criterion_main!(all);
