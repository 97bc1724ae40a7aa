//! One of everything, all made up.

use std::collections::BTreeMap;
use yinzheng::domain::license::{
    FileForm, FileFormat, Holder, License, LicenseFile, LicenseId, LicenseState,
};
use yinzheng::domain::party::{Credential, Department, Role, Scope};
use yinzheng::domain::picture::{Drawing, Paint, Path, Rgb, Segment};
use yinzheng::domain::seal::{
    OwnerKind, Paper, Seal, SealCode, SealLook, SealPicture, SealPurpose, SealState,
};
use yinzheng::domain::show_code::{Part, Redemption, Showing, Way};
use yinzheng::domain::suite::Suite;
use yinzheng::domain::time::{Timestamp, parse_date};
use yinzheng::ports::store::{AuditLine, Issuance, IssuanceState, OutboxEvent};

pub const TYPE: &str = "11990000MB0000001M001";
pub const ISSUER: &str = "11990000MB0000001M";

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000 + 123_456)
}

pub fn department(code: &str) -> Department {
    Department {
        code: code.into(),
        name_zh: "景川市市场监督管理局".into(),
        name_en: "Jingchuan Market Regulation Bureau".into(),
        area_code: "990100".into(),
        responsibility: "market-regulation".into(),
    }
}

pub fn credential(id: &str) -> Credential {
    Credential {
        id: id.into(),
        label: "一号窗口".into(),
        business: None,
        role: Role::Department,
        department: Some(ISSUER.into()),
        holder: None,
        kinds: Scope::Only(vec!["business-license".into()]),
        seals: Scope::All,
        expires_at: at(9_000),
        withdrawn_at: None,
        person: Some("0417".into()),
    }
}

pub fn seal_code(number: u32) -> SealCode {
    SealCode::parse(&format!("990100{number:08}")).expect("14 digits")
}

pub fn seal(number: u32) -> Seal {
    Seal {
        code: seal_code(number),
        owner_code: ISSUER.into(),
        owner_name: "景川市市场监督管理局".into(),
        owner_kind: OwnerKind::Organ,
        person: None,
        purpose: SealPurpose::License,
        purpose_words: "电子证照专用章".into(),
        look: SealLook::Drawn,
        suites: vec![Suite::P256, Suite::Sm2],
        state: SealState::Requested,
        papers: vec![Paper { name: "营业执照".into(), sha256: [5; 32], size: 1_024 }],
        replaces: None,
        replaced_by: None,
        requested_by: "first".into(),
        approved_by: None,
        valid_from: at(0),
        valid_until: at(10_000),
        revision: 1,
    }
}

/// A drawn picture.
pub fn seal_picture() -> SealPicture {
    let segments =
        vec![Segment::MoveTo(0.1, 0.2), Segment::CurveTo(1.0, 2.0, 3.0, 4.0, 5.5, 6.0), Segment::Close];
    SealPicture::Drawn(Drawing {
        width: 42.0,
        height: 42.0,
        paths: vec![Path { segments, paint: Paint::Fill(Rgb::SEAL_RED) }],
    })
}

pub fn license_id(serial: u32, edition: u16) -> LicenseId {
    LicenseId::new(TYPE, ISSUER, &format!("{serial:010}"), edition).expect("an identifier")
}

pub fn license(serial: u32) -> License {
    License {
        id: license_id(serial, 1),
        kind: "business-license".into(),
        kind_version: 1,
        number: format!("N{serial}"),
        issuer: ISSUER.into(),
        holder: Holder {
            name: "景川云山有限公司".into(), code_type: "001".into(), code: "holder-1".into()
        },
        data: BTreeMap::from([
            ("capital".into(), "5000000.00".into()),
            ("name".into(), "云山\"'\\ \n".into()),
        ]),
        issued_on: parse_date("2026-11-23").expect("a date"),
        valid_from: parse_date("2026-11-24").expect("a date"),
        valid_until: None,
        edition: 1,
        previous: None,
        state: LicenseState::Active,
        revision: 1,
        seal: seal_code(1).to_string(),
        check_code: "8QK2".into(),
        files: vec![
            LicenseFile { form: FileForm { format: FileFormat::Pdf, suite: Suite::P256 }, sha256: [7; 32] },
            LicenseFile { form: FileForm { format: FileFormat::Ofd, suite: Suite::Sm2 }, sha256: [8; 32] },
        ],
        salt: [9; 16],
        released_at: at(i64::from(serial)),
    }
}

pub fn issuance(key: &str, serial: u32) -> Issuance {
    Issuance {
        department: ISSUER.into(),
        key: key.into(),
        request_hash: [3; 32],
        request: "{\"kind\":\"business-license\"}".into(),
        requested_by: "first".into(),
        license: license_id(serial, 1),
        number: format!("N{serial}"),
        check_code: "8QK2".into(),
        salt: [1; 16],
        started_at: at(i64::from(serial)),
        state: IssuanceState::Open,
    }
}

/// A showing of `license(1)`.
pub fn showing(number: u8) -> Showing {
    Showing {
        id: format!("s{number:03}"),
        code_hash: Some([number; 32]),
        parts: vec![
            Part { license: license_id(1, 1), fields: vec!["name".into(), "capital".into()] },
            Part { license: license_id(2, 1), fields: vec!["name".into()] },
        ],
        way: Way::Prefetched,
        holder: "holder-1".into(),
        shown_by: "wallet".into(),
        purpose: "开户".into(),
        reason: Some("核对年龄".into()),
        created_at: at(i64::from(number)),
        expires_at: at(i64::from(number) + 60),
        withdrawn_at: None,
        redeemed: None,
    }
}

pub fn redemption(by: &str) -> Redemption {
    Redemption {
        by: by.into(), label: "景川银行".into(), at: at(30), matter: "开立对公账户".into()
    }
}

pub fn audit_line(subject: &str, actor: &str, seconds: i64) -> AuditLine {
    AuditLine {
        position: 0,
        at: at(seconds),
        actor: actor.into(),
        action: "license.read".into(),
        subject: subject.into(),
        detail: "{}".into(),
        outcome: "ok".into(),
    }
}

pub fn event(id: &str) -> OutboxEvent {
    OutboxEvent {
        position: 0,
        id: id.into(),
        topic: "license.issued".into(),
        subject: license_id(1, 1).to_string(),
        concerns: vec![ISSUER.into()],
        body: "{}".into(),
        at: at(1),
    }
}
