//! A sample trust list: somebody recognised, somebody withdrawn, somebody whose time has not come.

use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Entry, Names, ServiceKind, Territory, TrustList};

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
