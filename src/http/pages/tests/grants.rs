//! Sample data for the pages about grants.

use super::samples::draw;
use crate::domain::grant::{GrantState, UseOutcome};
use crate::domain::refusal::Fault;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::form::place;
use crate::http::pages::grants::{
    GrantRow, Grants, KindChoice, NewGrant, OneGrant, UseRow, fields, outcome, standing,
};

const SEAL: &str = "33010500000001";

fn row(c: &Chrome, state: GrantState) -> GrantRow {
    GrantRow {
        id: "00063f5a4f2b400007070707070707aa".into(),
        grantee: "景川市政务服务中心".into(),
        kinds: "营业执照、食品经营许可证".into(),
        period: "2026-11-23 08:00 至 2027-11-23 00:00".into(),
        used: "12 / 500".into(),
        state: standing(c, state),
    }
}

fn one(c: Chrome) -> OneGrant {
    let used = |(n, became)| UseRow {
        subject: format!("1.2.156.3005.2.11100000MB0143028R001.11450900MB0000001X.20261123000{n}.001.K"),
        kind: "营业执照".into(),
        by: "3号窗口".into(),
        at: "2026-11-24 09:12".into(),
        outcome: outcome(&c, became),
    };
    OneGrant {
        seal: SEAL.into(),
        grant: row(&c, GrantState::InForce),
        about: vec![(c.t("act.reason"), "委托政务服务中心办理".into())],
        uses: (1..).zip(UseOutcome::ALL).map(used).collect(),
        next: Some(format!("/seals/{SEAL}/grants/x?after=1")),
        open: true,
        given: false,
        done: Some(c.t("grants.done_granted")),
        c,
    }
}

fn new(c: Chrome) -> NewGrant {
    let bodies = vec![("1".into(), "景川市政务服务中心".into())];
    let mut fields = fields(&c, bodies, "2026-11-23", &[]);
    let wrong =
        [Fault::at("/until", "grant.period_empty"), Fault::at("/kinds", "grant.kinds").with("max", 50)];
    let faults = place(&c, &mut fields, &wrong);
    let kind = |name: &str, title: &str, ticked| KindChoice {
        name: name.to_owned(),
        title: title.to_owned(),
        ticked,
    };
    let kinds = vec![kind("business-license", "营业执照", true), kind("food", "食品经营许可证", false)];
    NewGrant { c, seal: SEAL.into(), kinds, documents: true, fields, faults }
}

/// Every page about grants, by name.
pub(super) fn pages(
    department: impl Fn() -> Chrome,
    sealer: impl Fn() -> Chrome,
) -> Vec<(&'static str, String)> {
    let states = [
        GrantState::InForce,
        GrantState::Exhausted,
        GrantState::Withdrawn,
        GrantState::Waiting,
        GrantState::Ended,
    ];
    let list = |c: Chrome, seal: Option<(String, String)>| {
        let rows = states.iter().map(|state| row(&c, *state)).collect();
        draw(&Grants { seal, rows, next: None, c })
    };
    let named = (SEAL.to_owned(), "景川市市场监督管理局电子证照专用章".to_owned());
    let empty = Grants { c: sealer(), seal: Some(named.clone()), rows: Vec::new(), next: None };
    vec![
        ("grants", list(sealer(), Some(named))),
        ("grants-empty", draw(&empty)),
        ("grants-given", list(department(), None)),
        ("grant", draw(&one(sealer()))),
        ("grant-given", draw(&OneGrant { given: true, open: false, ..one(department()) })),
        ("grant-new", draw(&new(sealer()))),
    ]
}
