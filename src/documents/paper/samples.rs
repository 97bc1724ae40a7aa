//! Papers that tests are made with.

use super::wire::{
    Body, CODE_RECEIPT, COPY, Copy, MASKED_COPY, RECEIPT, Receipt, ReceiptCode, ReceiptField, ReceiptLicense,
    Title,
};

fn both(text: &str) -> Title {
    Title { zh: text.into(), en: text.into() }
}

/// A receipt about so many licenses.
pub(in crate::documents) fn receipt(licenses: usize) -> Receipt {
    let field = |name: &str, value: &str| ReceiptField {
        name: name.into(),
        title: both("经营者名称"),
        value: Some(value.into()),
        printed: value.into(),
    };
    let license = |n: usize| ReceiptLicense {
        identifier: format!("1.2.156.3005.2.11990000MB0000001M001.11990000MB0000001M.2026000{n:04}.001.1"),
        kind: "food-operation-permit".into(),
        title: both("食品经营许可证"),
        issuer_name: "景川市市场监督管理局".into(),
        standing: "in-force".into(),
        valid_until: Some("2031-11-25".into()),
        fields: vec![field("operator", "景川市云栖茶业有限公司"), field("code", "91990102MA7YQX031L")],
    };
    Receipt {
        schema: RECEIPT.into(),
        id: "r-20261126-0001".into(),
        consent: "5f0c3a9be1d24c7a90b1c2d3".into(),
        verifier: Body { code: "11990100MB0F7E2C1X".into(), name: "景川市政务服务中心".into() },
        counter: "3号窗口".into(),
        matter: "办理入驻".into(),
        purpose: "入驻审核".into(),
        way: "rolling".into(),
        reason: None,
        verdict: "in-force".into(),
        status_at: "2026-11-26T08:00:00Z".into(),
        status_source: "本系统证照库".into(),
        made_at: "2026-11-26T08:01:00Z".into(),
        issuer: Body { code: "11990100MB0F7E2C1X".into(), name: "景川市数据局".into() },
        seal: "99010020260001".into(),
        code: None,
        licenses: (0..licenses).map(license).collect(),
    }
}

/// A receipt of a code on paper, told afterwards or not.
pub(in crate::documents) fn code_receipt(told_later: bool) -> Receipt {
    let mut receipt = receipt(1);
    receipt.licenses[0].valid_until = None;
    Receipt {
        schema: CODE_RECEIPT.into(),
        purpose: "银行开户".into(),
        way: "paper".into(),
        code: Some(ReceiptCode {
            medium: "paper".into(),
            checked_at: "2026-11-26T07:00:00Z".into(),
            told_later,
            compared: Some(true),
        }),
        ..receipt
    }
}

/// A copy.
pub(in crate::documents) fn copy() -> Copy {
    Copy {
        schema: COPY.into(),
        id: "c-20261126-0001".into(),
        license: "1.2.156.3005.2.11990000MB0000001M001.11990000MB0000001M.20260000000001.001.1".into(),
        kind: "food-operation-permit".into(),
        title: both("食品经营许可证"),
        metadata: [(super::CAUSE.to_owned(), "办理贷款".to_owned())].into(),
        purpose: "办理贷款".into(),
        recipient: "景川银行云栖支行".into(),
        made_at: "2026-11-26T08:01:00Z".into(),
        expires_at: "2026-12-26T08:01:00Z".into(),
        issuer: Body { code: "11990100MB0F7E2C1X".into(), name: "景川市数据局".into() },
        seal: "99010020260001".into(),
        data: [("operator".to_owned(), "景川市云栖茶业有限公司".to_owned())].into(),
        masked: Vec::new(),
    }
}

/// A copy on which two fields are masked.
pub(in crate::documents) fn masked_copy() -> Copy {
    Copy {
        schema: MASKED_COPY.into(),
        masked: vec!["operator".into(), "premises".into()],
        data: [("operator", "***"), ("premises", "***")]
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        ..copy()
    }
}
