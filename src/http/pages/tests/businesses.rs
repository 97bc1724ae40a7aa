//! Sample data for the pages about businesses, their rules and spaces.

use super::samples::{chrome, draw, seal_row};
use crate::domain::business::{BusinessState, RuleState};
use crate::domain::grant::GrantState;
use crate::domain::license::Standing;
use crate::domain::party::Role;
use crate::domain::refusal::Fault;
use crate::domain::seal::SealState;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::form::place;
use crate::http::pages::grants::{self, GrantRow};
use crate::http::pages::registry::{BusinessRow, Businesses, OneBusiness};
use crate::http::pages::rules::{self, RuleRow, Rules};
use crate::http::pages::space::{
    LicenseRow, PersonRow, PersonToken, Sections, Space, Uses, business_state, person_fields,
};
use crate::http::pages::space_grants::{self, NewSpaceGrant};
use crate::http::pages::uses::{DisputeLine, DisputedRow, Disputes, UseLine};
use crate::http::pages::words;
use crate::texts::Language;

const CODE: &str = "91990102MA7YQX031L";
const NAME: &str = "景川市云栖茶业有限公司";

fn license(c: &Chrome) -> LicenseRow {
    LicenseRow {
        kind: "营业执照".into(),
        number: CODE.into(),
        valid: "2021年3月18日 至 2041年3月17日".into(),
        standing: words::standing(c, Standing::InForce),
        copies: Some("/copies/1".into()),
    }
}

fn used(who: &str) -> UseLine {
    UseLine {
        id: hex::encode(who),
        fields: "名称、统一社会信用代码".into(),
        behalf: Some("周念安代为亮证".into()),
        compared: None,
        offline: Some("断网时核验".into()),
        dispute: None,
        what: "查看了营业执照".into(),
        at: "2026-11-26 10:32".into(),
        who: who.into(),
        why: "开户 · 对公账户".into(),
    }
}

fn disputed(who: &str, answer: Option<String>) -> UseLine {
    let dispute = DisputeLine {
        said: "2026-11-26 11:00".into(),
        words: "那天我没有去过".into(),
        answered: "2026-11-26 12:00".into(),
        answer,
    };
    UseLine { dispute: Some(dispute), ..used(who) }
}

fn space(c: Chrome, who: &str) -> Space {
    let signed_in = c.signed_in.as_ref().map(|caller| caller.role);
    let (manages, employee) = (signed_in == Some(Role::CompanyManager), signed_in == Some(Role::Sealer));
    let person = |id: &str, label: &str, employee| PersonRow {
        id: id.into(),
        label: label.into(),
        role: "企业用印人".into(),
        until: "2027年11月26日".into(),
        employee,
    };
    let mut fields = person_fields(&c, &[]);
    let wrong = [Fault::at("/label", "field.required")];
    let faults = if manages { place(&c, &mut fields, &wrong) } else { Vec::new() };
    let sections = Sections {
        licenses: vec![license(&c)],
        seals: [SealState::Active, SealState::Replaced].map(|state| seal_row(&c, state)).into(),
        people: vec![person("sealer-0a", who, true), person("company-manager-0b", "王经理", false)],
        grants: vec![GrantRow {
            id: "00063f5a4f2b400007070707070707aa".into(),
            grantee: "凭证 sealer-0a".into(),
            kinds: "文件用印".into(),
            period: "2026年11月26日 至 2027年11月26日".into(),
            used: "3 / 20".into(),
            state: grants::standing(&c, GrantState::InForce),
        }],
        uses: vec![used("景川农商银行城南支行"), used("3号窗口")],
        more: Some("/space/uses?after=1".into()),
    };
    Space {
        title: NAME.into(),
        lead: c.t("space.lead_company"),
        business: (manages || employee).then(|| (CODE.to_owned(), business_state(&c, BusinessState::Active))),
        manages,
        employee,
        sections,
        fields,
        faults,
        done: Some(c.t("space.let_gone")),
        c,
    }
}

fn row(c: &Chrome, state: BusinessState) -> BusinessRow {
    BusinessRow {
        code: CODE.into(),
        name: NAME.into(),
        changed: "2026-11-26 10:32".into(),
        state: business_state(c, state),
    }
}

fn one(c: Chrome, state: BusinessState) -> OneBusiness {
    OneBusiness {
        business: row(&c, state),
        about: vec![(c.t("businesses.manager"), c.t("businesses.nobody"))],
        license: license(&c),
        license_id: "1.2.156.3005.2.11100000MB0143028R001.11450900MB0000001X.202611230001.001.K".into(),
        seals: vec![seal_row(&c, SealState::Active)],
        active: state == BusinessState::Active,
        done: Some(c.t("businesses.done_deregistered")),
        c,
    }
}

fn rule(c: &Chrome, n: usize, state: RuleState) -> RuleRow {
    RuleRow {
        id: format!("00063f5a4f2b400007070707070707a{n}"),
        registry: "景川市市场监督管理局".into(),
        purposes: "法定名称章、财务专用章".into(),
        period: "2026年11月26日 至 2027年11月26日".into(),
        days: c.f("rules.days_of", [("days", "1095".to_owned())]),
        reason: "企业开办一件事".into(),
        state: rules::standing(c, state),
        by: c.f("rules.by_one", [("first", "seal-administrator-0a".to_owned())]),
        approvable: state == RuleState::Proposed,
        open: state == RuleState::Proposed || state == RuleState::InForce,
    }
}

fn rules_page(c: Chrome, found: &[Fault]) -> Rules {
    let registries = vec![("1".to_owned(), "景川市市场监督管理局".to_owned())];
    let mut fields = rules::fields(&c, registries, "2027-11-26", &[]);
    let faults = place(&c, &mut fields, found);
    let states =
        [RuleState::Proposed, RuleState::Waiting, RuleState::InForce, RuleState::Ended, RuleState::Withdrawn];
    let rules = if found.is_empty() {
        Vec::new()
    } else {
        states.into_iter().enumerate().map(|(n, state)| rule(&c, n, state)).collect()
    };
    Rules { rules, purposes: rules::purposes(&c, None), fields, faults, done: None, c }
}

fn grant_page(c: Chrome, somebody: bool) -> NewSpaceGrant {
    let seals = vec![("33010500000001".to_owned(), "合同专用章".to_owned())];
    let people = vec![("sealer-0a".to_owned(), "小李".to_owned())];
    let people = if somebody { people } else { Vec::new() };
    let mut fields = space_grants::fields(&c, (seals, people), "2027-02-24", &[]);
    let faults = place(&c, &mut fields, &[Fault::at("/credential", "field.required")]);
    NewSpaceGrant { c, fields, faults, nobody: !somebody }
}

/// Every page about businesses, by name.
pub fn pages(language: Language) -> Vec<(&'static str, String)> {
    let of = |role, address: &str| chrome(language, Some(role), address);
    let registry = || of(Role::Department, "/department/businesses");
    let administrator = || of(Role::SealAdministrator, "/seals/rules");
    let manager = || of(Role::CompanyManager, "/space");
    let c = registry();
    let list = vec![row(&c, BusinessState::Active), row(&c, BusinessState::Deregistered)];
    let token = "yz_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg".to_owned();
    let (label, back) = ("王经理".to_owned(), "/space".to_owned());
    vec![
        ("businesses", draw(&Businesses { rows: list, next: Some("/x?after=1".into()), c })),
        ("businesses-none", draw(&Businesses { rows: Vec::new(), next: None, c: registry() })),
        ("business", draw(&one(registry(), BusinessState::Active))),
        ("business-gone", draw(&one(registry(), BusinessState::Deregistered))),
        ("rules", draw(&rules_page(administrator(), &[Fault::at("/until", "rule.period_empty")]))),
        ("rules-none", draw(&rules_page(administrator(), &[]))),
        ("space-company", draw(&space(manager(), "小李"))),
        ("space-grant", draw(&grant_page(manager(), true))),
        ("space-grant-nobody", draw(&grant_page(manager(), false))),
        ("space-employee", draw(&space(of(Role::Sealer, "/space"), "小李"))),
        ("space-person", draw(&space(of(Role::Holder, "/space"), "小李"))),
        (
            "space-uses",
            draw(&Uses {
                uses: vec![
                    used("3号窗口"),
                    disputed("城东支行", None),
                    disputed("城西支行", Some("系窗口误操作，已更正".into())),
                ],
                more: None,
                back: "/space/uses",
                done: true,
                c: manager(),
            }),
        ),
        (
            "space-uses-none",
            draw(&Uses { uses: Vec::new(), more: None, back: "/space/uses", done: false, c: manager() }),
        ),
        (
            "disputes",
            draw(&Disputes {
                rows: vec![
                    DisputedRow {
                        owner: "9****L".into(),
                        by: "clerk-0a".into(),
                        used: disputed("3号窗口", None),
                    },
                    DisputedRow {
                        owner: "9****L".into(),
                        by: "clerk-0b".into(),
                        used: disputed("5号窗口", Some("系窗口误操作".into())),
                    },
                ],
                next: Some("/disputes?after=1".into()),
                done: true,
                c: of(Role::Operator, "/disputes"),
            }),
        ),
        (
            "disputes-none",
            draw(&Disputes { rows: Vec::new(), next: None, done: false, c: of(Role::Auditor, "/disputes") }),
        ),
        ("person-token", draw(&PersonToken { c: manager(), label, token, back })),
    ]
}

/// A page that shows a value which tries to be more than text.
pub fn hostile(value: &str) -> String {
    draw(&space(chrome(Language::Chinese, Some(Role::CompanyManager), "/space"), value))
}
