//! Codes for tests.

use super::*;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_420_800);
pub(crate) const ISSUER: &str = "11450900MB0000001X";
pub(crate) const LIST: &str = "https://license.example.gov.cn/s/12";

/// A code of a business license on paper, signed an hour ago.
pub(crate) fn paper() -> OfflineCode {
    let from = NOW.minus(Duration::from_secs(3600));
    let mut fields: Vec<(String, String)> = [
        ("name", "景川市青禾生态农业科技有限公司"),
        ("legal_representative", "欧阳**"),
        ("type", "有限责任公司"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    field_order(&mut fields);
    OfflineCode {
        issuer: ISSUER.into(),
        kind: "business-license".into(),
        license: LicenseRef::Identifier(
            LicenseId::new("11100000MB0143028R001", ISSUER, "202611230001", 1).expect("an identifier"),
        ),
        fields,
        issued: from,
        from,
        file_sha256: [0xa5; 32],
        status: StatusRef { uri: LIST.into(), index: 8_675_309 },
        medium: Medium::Paper {
            purpose: "办理银行开户".into(),
            recipient: Some("景川农村商业银行".into()),
            life: PaperLife::Month,
        },
    }
}

/// The same on a phone with this key, for a day.
pub(crate) fn phone(device: DeviceKey) -> OfflineCode {
    let code = paper();
    let until = code.from.plus(Duration::from_secs(DAY));
    OfflineCode { license: LicenseRef::Short([0x5a; 12]), medium: Medium::Phone { device, until }, ..code }
}

/// The key that signs them.
pub(crate) fn key_facts() -> KeyFacts {
    KeyFacts {
        issuer: ISSUER.into(),
        issuer_name: "景川市市场监督管理局".into(),
        kinds: vec!["business-license".into(), "food-license".into()],
        from: NOW.minus(Duration::from_secs(100 * DAY)),
        until: NOW.plus(Duration::from_secs(100 * DAY)),
    }
}
