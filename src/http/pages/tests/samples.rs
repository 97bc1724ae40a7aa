//! Sample data for every page.

use super::{businesses, documents, envelopes, grants, trust_list, wallet, webhooks};
use crate::domain::license::kind::{Bilingual, Field, FieldType, Mask, PrivacyClass};
use crate::domain::license::record::Standing;
use crate::domain::license::{Ending, LicenseState};
use crate::domain::party::Role;
use crate::domain::refusal::Fault;
use crate::domain::report::{Finding, LicenseSummary, Report, SealSummary, Step, Verdict as Outcome, Weight};
use crate::domain::seal::SealState;
use crate::domain::time::Timestamp;
use crate::http::pages::chrome::{Chrome, SignedIn, Size};
use crate::http::pages::form::{FormField, place};
use crate::http::pages::verdict::{Card, Reason, Verdict};
use crate::http::pages::words::{self, Event};
use crate::http::pages::{
    Message, department, desk, home, issue, license, printed, seals, sign_in, trust, verify,
};
use crate::texts::Language;
use askama::Template;

/// A license.
pub const ID: &str = "1.2.156.3005.2.11100000MB0143028R001.11990000MB0000001M.20260000000001.001.1";
const FACE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 297 210"><rect x="8" y="8" width="281" height="194" fill="#fffdf6" stroke="#c9a24a" stroke-width="3"/></svg>"##;

pub fn chrome(language: Language, role: Option<Role>, address: &str) -> Chrome {
    let signed_in =
        role.map(|role| SignedIn {
            label: "景川市市场监督管理局".into(), role, csrf: "c5f1".into()
        });
    Chrome { language, type_size: Size::Normal, development: true, address: address.into(), signed_in }
}

fn kind_field(name: &str, zh: &str, field_type: FieldType, example: &str) -> Field {
    let title = Bilingual { zh: zh.into(), en: name.replace('_', " ") };
    Field {
        name: name.into(),
        title,
        field_type,
        required: name != "remark",
        privacy: PrivacyClass::Public,
        example: example.into(),
        mask: Mask::Whole,
    }
}

fn fields(c: &Chrome) -> Vec<FormField> {
    let choice = |code: &str, zh: &str| (code.to_owned(), Bilingual { zh: zh.into(), en: code.to_owned() });
    let line = FieldType::Text { min: 1, max: 60, multiline: false, form: None };
    [
        kind_field("name", "名称", line.clone(), "景川市青禾食品有限公司"),
        kind_field("code", "统一社会信用代码", FieldType::CreditCode, "91330105MA27Q4K2X1"),
        kind_field("person", "法定代表人", line, "林知远"),
        kind_field("capital", "注册资本", FieldType::Money, "5000000.00"),
        kind_field("born", "成立日期", FieldType::Date { future: false }, "2026-11-20"),
        kind_field(
            "scope",
            "经营范围",
            FieldType::Text { min: 1, max: 1000, multiline: true, form: None },
            "食品生产；食品销售",
        ),
        kind_field(
            "class",
            "类型",
            FieldType::Enumeration {
                choices: (1..7).map(|n| choice(&n.to_string(), "有限责任公司")).collect(),
            },
            "1",
        ),
        kind_field(
            "sex",
            "性别",
            FieldType::Enumeration { choices: vec![choice("1", "男"), choice("2", "女")] },
            "1",
        ),
        kind_field("number", "份数", FieldType::Number { decimals: 0, min: None, max: None }, "1"),
        kind_field("remark", "备注", FieldType::Text { min: 0, max: 60, multiline: false, form: None }, ""),
    ]
    .iter()
    .map(|field| FormField::of_kind(c, field, field.example.clone()))
    .collect()
}

fn row(c: &Chrome, holder: &str, standing: Standing) -> department::Row {
    department::Row {
        id: ID.into(),
        holder: holder.into(),
        kind: "营业执照".into(),
        number: "91330105MA27Q4K2X1".into(),
        issued_on: "2026年11月23日".into(),
        standing: words::standing(c, standing),
    }
}

fn about(c: &Chrome) -> Vec<words::Fact> {
    vec![
        (c.t("license_page.number"), "91330105MA27Q4K2X1".into()),
        (c.t("license_page.identifier"), ID.into()),
        (c.t("license_page.validity"), "2026年11月23日 至 长期".into()),
    ]
}

fn history(c: &Chrome) -> Vec<Event> {
    let event = |what: &str, reason: &str| Event {
        what: words::event(c, what),
        at: "2026-11-23 10:32".into(),
        by: "department-market".into(),
        reason: reason.into(),
    };
    vec![event("issued", ""), event("suspended", "经营场所无法联系，依法暂扣"), event("resumed", "已整改")]
}

fn valid(c: &Chrome, holder: &str) -> Verdict {
    let mut verdict = Verdict::of(c, Reason::Valid);
    let tail = c.f("desk.tail", [("tail", "K2X1".to_owned())]);
    verdict.whose = format!("{holder} · 营业执照 · {tail}");
    verdict.disclosed_why = c.f("desk.disclosed_why", [("purpose", "办理银行业务".to_owned())]);
    verdict.cards = vec![Card {
        whose: verdict.whose.clone(),
        standing: Some(words::standing(c, Standing::InForce)),
        issuer: c.f("desk.issuer", [("issuer", "景川市市场监督管理局".to_owned())]),
        facts: vec![
            ("名称".into(), "景川市青禾食品有限公司".into()),
            ("法定代表人".into(), "林知远".into()),
            ("注册资本".into(), "¥ 5,000,000.00".into()),
            (
                "经营范围".into(),
                "食品生产；食品销售；餐饮服务（依法须经批准的项目，经相关部门批准后方可开展经营活动）".into(),
            ),
        ],
    }];
    verdict.facts = verdict.cards[0].facts.clone();
    verdict.as_of = c.f("desk.as_of", [("time", "10:32".to_owned())]);
    verdict.evidence = vec![(c.t("desk.showing"), "S-1".into())];
    verdict
}

fn report(outcome: Outcome) -> Report {
    let weight = match outcome {
        Outcome::Passed => Weight::Good,
        Outcome::Indeterminate => Weight::Unclear,
        Outcome::Failed => Weight::Bad,
    };
    Report {
        verdict: outcome,
        file: [7; 32],
        judged_at: Timestamp::from_seconds(1_795_400_000),
        rules: "ETSI EN 319 142-1",
        license: Some(LicenseSummary {
            identifier: ID.into(),
            kind_title: "营业执照".into(),
            issuer_name: "景川市市场监督管理局".into(),
            number: "91330105MA27Q4K2X1".into(),
        }),
        paper: None,
        seals: vec![SealSummary {
            seal_code: Some("33010500000001".into()),
            owner: Some("景川市市场监督管理局".into()),
            sealed_at: Some(Timestamp::from_seconds(1_795_390_000)),
            time_is_trusted: true,
        }],
        findings: vec![
            Finding::new(Step::Format, Weight::Good, "step.format"),
            Finding::new(Step::Integrity, weight, "step.integrity"),
            Finding::new(Step::Status, Weight::Note, "step.status"),
        ],
    }
}

pub(super) fn draw(page: &impl Template) -> String {
    page.render().expect("a page renders")
}

fn issue_page(c: Chrome, faults: &[Fault], amending: bool) -> issue::Issue {
    let mut fields = fields(&c);
    let faults = place(&c, &mut fields, faults);
    issue::Issue {
        heading: c.f("issue.h1", [("kind", "营业执照".to_owned())]),
        back: "/department/issue".into(),
        back_text: c.t("issue.choose"),
        action: "/department/issue/business-license".into(),
        preview: "/department/preview/business-license".into(),
        key: "0f0f".into(),
        amending,
        together: false,
        reason: String::new(),
        fields,
        faults,
        seals: vec![("33010500000001".into(), "景川市市场监督管理局 电子证照专用章".into())],
        chosen_seal: String::new(),
        face: FACE.into(),
        submit: c.t("issue.submit"),
        c,
    }
}

fn one_license(c: Chrome, holder: &str, state: &LicenseState, standing: Standing) -> license::OneLicense {
    license::OneLicense {
        license: row(&c, holder, standing),
        revision: 3,
        face: FACE.into(),
        facts: about(&c),
        about: about(&c),
        acts: license::acts(&c, state),
        endings: license::endings(&c),
        history: history(&c),
        code_url: format!("/c/{ID}?k=A1B2C3D4"),
        downloads: vec![("pdf", "PDF".into()), ("ofd", "OFD".into())],
        copies: standing == Standing::InForce,
        done: Some(c.t("issue.done")),
        done_text: c.t("issue.done_text"),
        c,
    }
}

fn one_seal(c: Chrome, state: SealState, own: bool) -> seals::OneSeal {
    seals::OneSeal {
        seal: seal_row(&c, state),
        revision: 1,
        about: about(&c),
        papers: [Some("/seals/33010500000001/papers/00"), None]
            .map(|href| seals::PaperRow {
                text: c.f("seals.paper", ["name", "size", "sha256"].map(|name| (name, "1234".to_owned()))),
                href: href.map(str::to_owned),
            })
            .into(),
        acts: seals::acts(&c, state, own),
        anew: Vec::new(),
        why_not: own.then(|| c.t("seals.second_person")),
        waiting: vec![c.f(
            "seals.waits",
            ["act", "by", "at", "expires"].map(|name| (name, "2026-11-23 10:32".to_owned())),
        )],
        history: history(&c),
        grantable: true,
        done: None,
        c,
    }
}

pub fn seal_row(c: &Chrome, state: SealState) -> seals::SealRow {
    seals::SealRow {
        code: "33010500000001".into(),
        owner: "景川市市场监督管理局".into(),
        words: "电子证照专用章".into(),
        state: words::seal_state(c, state),
    }
}

/// Every page, by name.
pub fn pages(language: Language) -> Vec<(String, String)> {
    let anyone = |address: &str| chrome(language, None, address);
    let department = || chrome(language, Some(Role::Department), "/department");
    let sealer = || chrome(language, Some(Role::SealAdministrator), "/seals");
    let clerk = || chrome(language, Some(Role::Clerk), "/desk");
    let mut pages: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, html: String| pages.push((name.to_owned(), html));

    add("home", draw(&home::Home { c: anyone("/") }));
    add("sign-in", draw(&sign_in::SignIn { c: anyone("/sign-in"), fault: None, next: String::new() }));
    let c = anyone("/sign-in");
    let fault = Some(c.t("sign_in.wrong"));
    add("sign-in-wrong", draw(&sign_in::SignIn { c, fault, next: String::new() }));
    let c = anyone("/nowhere");
    add(
        "message",
        draw(&Message {
            title: c.t("class.not_found"),
            text: c.t("request.no_such_address"),
            list: vec!["甲".into()],
            href: "/verify".into(),
            link: c.t("nav.verify"),
            code: "x".into(),
            c,
        }),
    );

    let c = department();
    let licenses = [
        ("景川市青禾食品有限公司", Standing::InForce),
        ("景川市远山茶业有限公司", Standing::Suspended),
        ("景川市河畔书店", Standing::Ended(Ending::Cancelled)),
        ("景川市城南面馆", Standing::Expired),
    ]
    .map(|(name, standing)| row(&c, name, standing));
    add(
        "department",
        draw(&department::Licenses {
            department: "景川市市场监督管理局".into(),
            kinds: vec![("business-license".into(), "营业执照".into())],
            filter_kind: "business-license".into(),
            filter_number: String::new(),
            licenses: licenses.into(),
            next: Some("/department?after=1".into()),
            c,
        }),
    );
    add(
        "department-empty",
        draw(&department::Licenses {
            c: department(),
            department: "景川市民政局".into(),
            kinds: Vec::new(),
            filter_kind: String::new(),
            filter_number: String::new(),
            licenses: Vec::new(),
            next: None,
        }),
    );
    let door =
        |name: &str, title: &str| issue::KindDoor { name: name.into(), title: title.into(), fields: 9 };
    let kinds = vec![door("business-license", "营业执照"), door("food", "食品经营许可证")];
    add("kinds", draw(&issue::Kinds { c: department(), kinds }));
    add("issue", draw(&issue_page(department(), &[], false)));
    add("issue-together", draw(&issue::Issue { together: true, ..issue_page(department(), &[], false) }));
    for (name, html) in envelopes::pages(department) {
        add(name, html);
    }
    let faults = [
        Fault::at("/data/code", "request.invalid"),
        Fault::at("/data/sex", "request.invalid"),
        Fault::at("/data/scope", "request.invalid"),
        Fault::at("", "request.invalid"),
    ];
    add("issue-faults", draw(&issue_page(department(), &faults, false)));
    add("amend", draw(&issue_page(department(), &[], true)));
    let firm = "景川市青禾食品有限公司";
    add("license", draw(&one_license(department(), firm, &LicenseState::Active, Standing::InForce)));
    let suspended = LicenseState::Suspended { reason: "整改".into() };
    add("license-suspended", draw(&one_license(department(), firm, &suspended, Standing::Suspended)));

    let operator = || chrome(language, Some(Role::Operator), "/operator/webhooks");
    for (name, html) in webhooks::pages(operator) {
        add(name, html);
    }
    for (name, html) in trust_list::pages(operator) {
        add(name, html);
    }
    for (name, html) in webhooks::pages(department) {
        add(&format!("department-{name}"), html);
    }

    let c = sealer();
    let list = SealState::ALL.map(|state| seal_row(&c, state)).into();
    add("seals", draw(&seals::Seals { seals: list, next: None, c }));
    let manager = || chrome(language, Some(Role::CompanyManager), "/seal-documents");
    for (name, html) in documents::pages(&manager) {
        add(name, html);
    }
    for (name, html) in grants::pages(department, sealer) {
        add(name, html);
    }
    for (name, html) in businesses::pages(language) {
        add(name, html);
    }
    let c = sealer();
    let fields = seals::request_fields(&c, vec![("1".into(), "景川市民政局".into())], &[]);
    add("seal-request", draw(&seals::SealRequest { c, fields, faults: Vec::new() }));
    add("seal-approve", draw(&one_seal(sealer(), SealState::Requested, false)));
    add("seal-own", draw(&one_seal(sealer(), SealState::Requested, true)));
    add("seal-active", draw(&one_seal(sealer(), SealState::Active, false)));

    for (name, html) in wallet::pages(language) {
        add(name, html);
    }

    add("desk", draw(&desk::Desk::new(clerk(), None, "窗口核验".into())));
    let c = clerk();
    let verdict = Some(valid(&c, firm));
    add("desk-valid", draw(&desk::Desk::new(c, verdict, "开户".into())));
    for reason in Reason::ALL {
        let c = clerk();
        let verdict = Verdict { as_of: "10:32".into(), ..Verdict::of(&c, reason) };
        add(&format!("desk-{}", verdict.code), draw(&desk::Desk::new(c, Some(verdict), "开户".into())));
    }
    let c = clerk();
    let mut several = valid(&c, firm);
    several.cards = vec![several.cards[0].clone(), several.cards[0].clone()];
    add("desk-several", draw(&desk::Desk::new(c, Some(several), "开户".into())));
    let shell = desk::Desk { shell: true, ..desk::Desk::new(anyone("/desk"), None, "窗口核验".into()) };
    add("desk-shell", draw(&shell));

    add("verify", draw(&verify::Verify { c: anyone("/verify"), fault: None }));
    let c = anyone("/verify");
    let fault = Some((c.t("verify.unreadable"), c.t("verify.no_file_text")));
    add("verify-fault", draw(&verify::Verify { c, fault }));
    let c = anyone("/trust");
    let places = vec![trust::place(&c, &trust_list::list(), trust_list::NOW)];
    add("trust", draw(&trust::Trust { c, places, own: Some("7".into()) }));
    add("trust-none", draw(&trust::Trust { c: anyone("/trust"), places: Vec::new(), own: None }));
    for outcome in [Outcome::Passed, Outcome::Indeterminate, Outcome::Failed] {
        let page = verify::report_page(anyone("/verify"), &report(outcome), b"{}");
        add(&format!("report-{}", outcome.name()), draw(&page));
    }
    let form = printed::Printed { c: anyone("/c"), verdict: None, identifier: String::new() };
    add("printed", draw(&form));
    let c = anyone("/c/1?k=2");
    let verdict = Some(Verdict { name: "in-force", ..valid(&c, "林**") });
    add("printed-known", draw(&printed::Printed { c, verdict, identifier: ID.into() }));
    let c = anyone("/c/1?k=2");
    let verdict = Some(printed::unknown(&c));
    add("printed-unknown", draw(&printed::Printed { c, verdict, identifier: ID.into() }));
    pages
}

/// Pages that show a value which tries to be more than text.
pub fn hostile() -> Vec<(&'static str, String)> {
    const VALUE: &str = "<img src=x onerror=alert(1)>";
    let language = Language::Chinese;
    let c = chrome(language, Some(Role::Department), "/department");
    let license = one_license(c, VALUE, &LicenseState::Active, Standing::InForce);
    let c = chrome(language, Some(Role::Clerk), "/desk");
    let verdict = Some(valid(&c, VALUE));
    let desk = desk::Desk::new(c, verdict, String::new());
    let c = chrome(language, None, "/sign-in");
    let sign_in = sign_in::SignIn { c, fault: None, next: VALUE.into() };
    let department = || chrome(language, Some(Role::Department), "/department/envelopes");
    let operator = chrome(language, Some(Role::Operator), "/operator/webhooks");
    let mut pages = vec![
        ("space", businesses::hostile(VALUE)),
        ("webhook", webhooks::hostile(operator, VALUE)),
        ("license", draw(&license)),
        ("desk", draw(&desk)),
        ("sign-in", draw(&sign_in)),
    ];
    pages.extend(envelopes::hostile(department, VALUE));
    pages.extend(wallet::hostile(VALUE));
    pages
}
