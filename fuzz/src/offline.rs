//! Offline codes, the messages they are made of, and status lists.

use super::bench::NOW;
use std::sync::LazyLock;
use std::time::Duration;
use yinzheng::crypto::PublicKey;
use yinzheng::domain::offline_code::{Examined, KeyFacts};
use yinzheng::domain::status_list::Untold;
use yinzheng::formats::cose::Sign1;
use yinzheng::formats::offline_code::{IssuerKeys, examine, verify};
use yinzheng::formats::status_list::{Expected, ListToken, StatusList, read_cwt, read_jwt};

/// The issuers of the seeds.
static KEYS: LazyLock<IssuerKeys> = LazyLock::new(|| {
    let mut keys = IssuerKeys::default();
    let spkis: [&[u8]; 2] =
        [include_bytes!("../known/offline/p256.spki"), include_bytes!("../known/offline/sm2.spki")];
    for spki in spkis {
        let facts = KeyFacts {
            issuer: "11450900MB0000001X".into(),
            issuer_name: "景川市市场监督管理局".into(),
            kinds: vec!["business-license".into()],
            from: NOW.minus(Duration::from_secs(1 << 30)),
            until: NOW.plus(Duration::from_secs(1 << 30)),
        };
        assert!(keys.add(spki, facts), "a key of the seeds");
    }
    keys
});

/// What they say.
static CODES: LazyLock<Vec<Examined>> = LazyLock::new(|| {
    let seeds = [
        include_str!("../corpus/offline_code/paper-p256.txt"),
        include_str!("../corpus/offline_code/paper-sm2.txt"),
        include_str!("../corpus/offline_code/phone.txt"),
        include_str!("../corpus/offline_code/no-proof.txt"),
    ];
    seeds.iter().map(|seed| examine(seed, &KEYS)).collect()
});

/// Digits as they were scanned.
pub fn offline_code(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Examined::Signed(read) = examine(text, &KEYS) {
        let made = |seed: &Examined| matches!(seed, Examined::Signed(made) if made.code == read.code);
        assert!(CODES.iter().any(made), "a forged code is right");
    }
    let checked = verify(text, &KEYS, |_| Err(Untold::NoList), NOW);
    assert!(!checked.findings.is_empty());
}

/// A COSE_Sign1.
pub fn cose(bytes: &[u8]) {
    let Ok(read) = Sign1::read(bytes, 1 << 16) else { return };
    // What is read is written in one way, and reads as the same.
    if read.unprotected_is_empty() {
        assert_eq!(Sign1::read(&read.canonical(), 1 << 17).as_ref(), Ok(&read));
    }
}

/// Who signed the lists of the seeds, and what stands in them.
static LIST_KEYS: LazyLock<[PublicKey; 2]> = LazyLock::new(|| {
    let spkis: [&[u8]; 2] =
        [include_bytes!("../known/status_list/p256.spki"), include_bytes!("../known/status_list/sm2.spki")];
    spkis.map(|spki| PublicKey::from_spki(spki).expect("a key of the seeds"))
});
const LIST: Expected<'static> =
    Expected { uri: "https://license.example.gov.cn/s/12", most_entries: 1 << 16 };
static LISTS: LazyLock<Vec<ListToken>> = LazyLock::new(|| {
    let seeds: [&[u8]; 3] = [
        include_bytes!("../corpus/status_list/1.cwt"),
        include_bytes!("../corpus/status_list/2.cwt"),
        include_bytes!("../corpus/status_list/sm2.cwt"),
    ];
    let read = |seed: &[u8]| LIST_KEYS.iter().find_map(|key| read_cwt(seed, key, &LIST).ok());
    seeds.iter().map(|seed| read(seed).expect("a seed")).collect()
});

/// A signed list in either form, or a packed one.
pub fn status_list(bytes: &[u8]) {
    for key in LIST_KEYS.iter() {
        let text = std::str::from_utf8(bytes).ok();
        let jwt = text.and_then(|text| read_jwt(text, key, &LIST).ok());
        for token in jwt.into_iter().chain(read_cwt(bytes, key, &LIST)) {
            assert!(LISTS.contains(&token), "a forged list is right");
        }
    }
    if let Some((bits, packed)) = bytes.split_first()
        && let Ok(list) = StatusList::unpack(u64::from(*bits), packed, 1 << 20)
    {
        assert!(list.len() <= 1 << 20 && list.get(list.len()).is_none());
        assert_eq!(StatusList::unpack(u64::from(*bits), &list.pack(), list.len()).as_ref(), Ok(&list));
    }
}
