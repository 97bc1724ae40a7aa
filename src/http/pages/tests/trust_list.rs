//! A sample trust list: somebody recognised, somebody withdrawn, somebody whose time has not come; and the operators' pages about
//! lists.

use super::samples::draw;
use crate::app::trust_list::preview::Preview;
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Change, ChangeKind, Entry, Names, ServiceKind, Territory, TrustList};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::trust_lists::{NewSigner, PlaceRow, SignerRow, TrustLists, shown, signer_fields};
use crate::http::pages::words::Tag;

/// When it is looked at.
pub const NOW: Timestamp = Timestamp::from_seconds(1_795_400_000);

pub fn list() -> TrustList {
    let names = |zh: &str, en: &str| Names { zh: zh.into(), en: en.into() };
    let entry = |service, zh: &str, en: &str, from: i64| Entry {
        service,
        name: names(zh, en),
        x509: Vec::new(),
        valid_from: Timestamp::from_seconds(from),
        valid_until: None,
        withdrawn_since: None,
        areas: Vec::new(),
        crl_addresses: Vec::new(),
        crls: Vec::new(),
        note: None,
    };
    let old = Entry {
        withdrawn_since: Some(Timestamp::from_seconds(1_795_000_000)),
        ..entry(
            ServiceKind::IssuingCa,
            "云山市电子印章证书签发机构（旧）",
            "Yunshan Seal CA (old)",
            1_700_000_000,
        )
    };
    TrustList {
        territory: Territory::parse("990100").expect("a code"),
        territory_name: names("云山市", "Yunshan"),
        operator: names("云山市政务服务局", "Yunshan Services"),
        sequence: 7,
        issued: Timestamp::from_seconds(1_795_300_000),
        next_update: Timestamp::from_seconds(1_796_500_000),
        entries: vec![
            entry(ServiceKind::RootCa, "云山市根证书机构", "Yunshan Root CA", 1_700_000_000),
            old,
            entry(ServiceKind::SealMaker, "云山市统一电子印章", "Yunshan Seal Maker", 1_700_000_000),
            entry(ServiceKind::TimeStamping, "云山市时间戳服务", "Yunshan TSA", 1_799_000_000),
        ],
    }
}

fn signer(c: &Chrome, code: &str, confirm: bool) -> SignerRow {
    let named = [("by", "operator-0123456789ab".to_owned()), ("at", "2026-11-23 10:32".to_owned())];
    SignerRow {
        sha256: "5e".repeat(32),
        state: Tag { word: c.t(code), icon: "clock", tone: "unclear" },
        named: c.f("trust_lists.named", named),
        confirm,
        end: true,
    }
}

/// The operators' pages about lists, by name.
pub fn pages(operator: impl Fn() -> Chrome) -> Vec<(&'static str, String)> {
    let c = operator();
    let row = |code: &str, version: Option<String>, signers| PlaceRow {
        code: code.into(),
        name: "云山市".into(),
        takes: version.is_some(),
        version,
        signers,
    };
    let values = ["sequence", "issued", "next"].map(|name| (name, "7".to_owned()));
    let places = vec![
        row("990100", Some(c.f("trust.version", values)), vec![signer(&c, "trust_lists.trusted", false)]),
        row("990200", None, vec![signer(&c, "trust_lists.waiting", true)]),
    ];
    let done = Some(c.t("trust_lists.done_taken"));
    let all = draw(&TrustLists { c, places, done, faults: Vec::new() });
    let none = TrustLists { c: operator(), places: Vec::new(), done: None, faults: Vec::new() };
    let c = operator();
    let fields = signer_fields(&c, &[]);
    let new = draw(&NewSigner { c, fields, faults: Vec::new() });
    let list = list();
    let kinds = [
        ChangeKind::New,
        ChangeKind::Gone,
        ChangeKind::Withdrawn,
        ChangeKind::GrantedAgain,
        ChangeKind::Other,
        ChangeKind::Lists,
    ];
    let entries = list.entries.iter().cycle();
    let changes = kinds.into_iter().zip(entries).map(|(kind, entry)| Change { kind, entry: entry.clone() });
    let preview = |known, before, changes| Preview {
        sha256: [7; 32],
        list: list.clone(),
        signer: [9; 32],
        before,
        known,
        changes,
    };
    vec![
        ("trust-lists", all),
        ("trust-lists-none", draw(&none)),
        ("trust-list-signer", new),
        ("trust-list-preview", draw(&shown(operator(), &preview(false, Some(6), changes.collect())))),
        ("trust-list-known", draw(&shown(operator(), &preview(true, None, Vec::new())))),
    ]
}
