//! Sample data for the pages of a holder.

use super::samples::{ID, chrome, draw};
use crate::domain::license::record::Standing;
use crate::domain::party::Role;
use crate::domain::refusal::Fault;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::family::{self, DeputyRow, Family, FamilyCards};
use crate::http::pages::form::{ShownFault, place};
use crate::http::pages::uses::UseLine;
use crate::http::pages::{offline, show, wallet, words};
use crate::texts::Language;

const QR: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><rect width="29" height="29" fill="#fff"/><path d="M4 4h7v7h-7zM18 4h7v7h-7zM4 18h7v7h-7zM13 13h3v3h-3z" fill="#000"/></svg>"##;

fn shown() -> Vec<show::Showable> {
    let field = |name: &str, title: &str, checked, sensitive| show::Showable {
        name: name.into(),
        title: title.into(),
        checked,
        sensitive,
        fixed: name == "name",
        needed_for: "bank counter".into(),
    };
    vec![
        field("name", "名称", true, false),
        field("person", "法定代表人", true, false),
        field("identity", "证件号码", false, true),
    ]
}

fn item(id: &str, kind: &str) -> show::Item {
    show::Item { id: id.into(), kind: kind.into(), number: "K2X1".into(), shown: shown() }
}

fn show_page(c: Chrome, several: bool, value: &str, faults: Vec<ShownFault>) -> show::Show {
    let preset = |code: &str, title: &str| show::Preset {
        code: code.into(),
        title: title.into(),
        why: "核对主体和效力。".into(),
    };
    let mut items = vec![item(ID, "营业执照")];
    if several {
        items.push(item("second", "食品经营许可证"));
    }
    show::Show {
        heading: "营业执照".into(),
        items,
        presets: vec![preset("counter", "办理政务服务事项"), preset("bank", "办理银行业务")],
        purpose: "办理银行业务".into(),
        reason: value.into(),
        behalf: several.then(|| ("0a".into(), value.into())),
        faults,
        c,
    }
}

fn code_page(c: Chrome, several: bool, value: &str) -> show::Code {
    show::Code {
        heading: value.into(),
        drawn: show::Drawn {
            showing: "ab12".into(),
            qr: QR.into(),
            bars: QR.into(),
            digits: "7112 3456 7890 1234 5678 9012 345".into(),
            seconds: 60,
        },
        purpose: "办理银行业务".into(),
        reason: if several { value.into() } else { String::new() },
        behalf: several.then(|| ("0a".into(), value.into())),
        what: vec![("营业执照".into(), "名称、法定代表人".into())],
        hidden: vec![("license".into(), ID.into()), (format!("field:{ID}"), value.into())],
        change: format!("/wallet/show?license={ID}"),
        keep: (10, 24),
        c,
    }
}

fn card(c: &Chrome, kind: &str, standing: Standing) -> wallet::Card {
    wallet::Card {
        id: ID.into(),
        dress: "business-license".into(),
        kind: kind.into(),
        holder: "林知远".into(),
        number: "JC2026-000123".into(),
        valid: c.t("license_page.unlimited"),
        standing: words::standing(c, standing),
        showable: standing == Standing::InForce,
        downloads: vec![("pdf", "PDF".into()), ("ofd", "OFD".into())],
    }
}

fn cards(c: &Chrome) -> Vec<wallet::Card> {
    vec![
        card(c, "营业执照", Standing::InForce),
        card(c, "食品经营许可证", Standing::InForce),
        card(c, "职业资格证书", Standing::Expired),
    ]
}

fn look(looked: bool, who: String, again: &[&str]) -> wallet::Look {
    wallet::Look {
        at: "2026-11-23 10:31".into(),
        kind: "营业执照".into(),
        looked,
        who,
        why: "办理银行业务".into(),
        fields: "名称、法定代表人".into(),
        again: again.iter().map(|text| (*text).to_owned()).collect(),
    }
}

fn used(who: &str) -> UseLine {
    UseLine {
        id: "u1".into(),
        what: "查看了营业执照".into(),
        at: "2026-11-26 10:32".into(),
        who: who.into(),
        why: "开户 · 对公账户".into(),
        fields: "名称".into(),
        behalf: Some(who.into()),
        compared: Some("窗口已核对身份证件".into()),
        offline: None,
        dispute: None,
    }
}

fn deputy(c: &Chrome, n: usize, name: &str, in_force: bool) -> DeputyRow {
    let (word, tone) = if in_force { ("deputy.in_force", "good") } else { ("deputy.over", "still") };
    DeputyRow {
        id: format!("0a{n}"),
        name: name.into(),
        licenses: "营业执照".into(),
        until: "2027-02-24 23:59".into(),
        state: words::Tag { word: c.t(word), icon: "tick", tone },
        in_force,
    }
}

fn family_page(c: Chrome, name: &str, wrong: &[Fault]) -> Family {
    let mut fields = family::fields(&c, &[], "2027-02-24");
    let faults = place(&c, &mut fields, wrong);
    Family {
        named: vec![deputy(&c, 1, name, true), deputy(&c, 2, "周以宁", false)],
        for_whom: vec![deputy(&c, 3, "林知微", true), deputy(&c, 4, "林知远", false)],
        choices: vec![(ID.into(), "营业执照 尾号 K2X1".into(), true)],
        fields,
        faults,
        done: Some(c.t("deputy.done_named")),
        c,
    }
}

/// Every page of a holder, by name.
pub fn pages(language: Language) -> Vec<(&'static str, String)> {
    let holder = || chrome(language, Some(Role::Holder), "/wallet");
    let (c, few, none) = (holder(), holder(), holder());
    let need = ShownFault { target: Some("reason".into()), text: c.t("show.reason_too_long") };
    let behalf = vec![("0a".to_owned(), "林知微".to_owned())];
    let done = Some(c.t("wallet.choose"));
    let codes = vec![
        look(
            true,
            c.f("looks.told", [("who", "3号窗口".to_owned()), ("at", "10:32".to_owned())]),
            &["5号窗口"],
        ),
        look(false, c.t("looks.over"), &[]),
    ];
    let on_behalf = FamilyCards {
        id: "0a".into(),
        owner: "林知微".into(),
        until: "2027-02-24 23:59".into(),
        licenses: cards(&c),
        suffix: "&for=0a".into(),
        c: holder(),
    };
    let nothing = FamilyCards { licenses: Vec::new(), c: holder(), ..on_behalf_of_nobody(&c) };
    let (withdrawn, licenses) = (Some(c.t("code.withdrawn")), cards(&c));
    let wrong = [Fault::at("/deputy", "deputy.oneself"), Fault::at("/until", "deputy.until")];
    vec![
        ("wallet", draw(&wallet::Wallet { licenses, next: None, behalf, done, c })),
        (
            "wallet-one",
            draw(&wallet::Wallet {
                licenses: vec![card(&few, "营业执照", Standing::InForce)],
                next: Some("/wallet?after=1".into()),
                behalf: Vec::new(),
                done: None,
                c: few,
            }),
        ),
        (
            "wallet-empty",
            draw(&wallet::Wallet {
                licenses: Vec::new(),
                next: None,
                behalf: Vec::new(),
                done: None,
                c: none,
            }),
        ),
        ("show", draw(&show_page(holder(), false, "", Vec::new()))),
        ("show-several", draw(&show_page(holder(), true, "林知微", vec![need]))),
        ("code", draw(&code_page(holder(), false, "营业执照"))),
        ("code-several", draw(&code_page(holder(), true, "林知微"))),
        (
            "looks",
            draw(&wallet::Looks {
                uses: vec![used("3号窗口")],
                back: "/wallet/looks",
                next: Some("/wallet/looks?after=1".into()),
                done: true,
                c: holder(),
            }),
        ),
        (
            "looks-none",
            draw(&wallet::Looks {
                uses: Vec::new(),
                back: "/wallet/looks",
                next: None,
                done: false,
                c: holder(),
            }),
        ),
        ("showings", draw(&wallet::Showings { looks: codes, next: None, done: withdrawn, c: holder() })),
        ("showings-none", draw(&wallet::Showings { looks: Vec::new(), next: None, done: None, c: holder() })),
        ("family", draw(&family_page(holder(), "周念安", &[]))),
        ("family-wrong", draw(&family_page(holder(), "周念安", &wrong))),
        ("family-cards", draw(&on_behalf)),
        ("family-cards-none", draw(&nothing)),
        (
            "offline",
            draw(&offline::Offline {
                c: chrome(language, None, "/wallet/offline"),
                presets: vec!["办理贷款".into()],
            }),
        ),
    ]
}

fn on_behalf_of_nobody(c: &Chrome) -> FamilyCards {
    FamilyCards {
        id: "0b".into(),
        owner: "林知远".into(),
        until: "2027-02-24 23:59".into(),
        licenses: Vec::new(),
        suffix: "&for=0b".into(),
        c: c.clone(),
    }
}

/// Pages that show a value which tries to be more than text.
pub fn hostile(value: &str) -> Vec<(&'static str, String)> {
    let holder = || chrome(Language::Chinese, Some(Role::Holder), "/wallet");
    vec![
        ("show", draw(&show_page(holder(), true, value, Vec::new()))),
        ("code", draw(&code_page(holder(), true, value))),
        ("family", draw(&family_page(holder(), value, &[]))),
        (
            "looks",
            draw(&wallet::Looks {
                uses: vec![used(value)],
                back: "/wallet/looks",
                next: None,
                done: false,
                c: holder(),
            }),
        ),
    ]
}
