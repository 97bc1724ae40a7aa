//! Sample data for the pages about envelopes.

use super::samples::{ID, draw};
use crate::domain::envelope::testing::{Bench, county_city_province, draft, yes};
use crate::domain::envelope::{Act, EnvelopeState};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::words::Event;
use crate::http::pages::{envelope, envelopes};

const ENVELOPE: &str = "0123456789abcdef0123456789abcdef";

fn envelope_list(c: Chrome, count: usize) -> envelopes::Envelopes {
    let row = |_| envelopes::EnvelopeRow {
        id: ENVELOPE.into(),
        kind: "建设工程施工许可证".into(),
        initiator: "景川市云栖区住房和城乡建设局".into(),
        created: "2026-11-23 10:32".into(),
        deadline: "2026-11-30 23:59".into(),
        state: envelopes::state(&c, EnvelopeState::Open),
    };
    let tab = |code: &str, current| envelopes::Tab {
        href: "/department/envelopes".into(),
        word: c.t(code),
        current,
    };
    envelopes::Envelopes {
        done: Some(c.t("envelope_page.done")),
        tabs: vec![tab("envelopes.asked", true), tab("envelopes.initiated", false)],
        rows: (0..count).map(row).collect(),
        next: Some("/department/envelopes?after=1".into()),
        c,
    }
}

fn one_envelope(c: Chrome, holder: &str) -> envelope::OneEnvelope {
    let bench = Bench::new();
    let mut sent = draft(county_city_province(), bench.now);
    bench.does(&mut sent, "county", Act::Send).expect("sent");
    bench.does(&mut sent, "county", yes("county", 1)).expect("consented");
    let names = [("city-a".to_owned(), holder.to_owned())].into();
    envelope::OneEnvelope {
        id: ENVELOPE.into(),
        kind: "建设工程施工许可证".into(),
        holder: holder.into(),
        state: envelopes::state(&c, sent.state),
        version: 1,
        version_words: c.f("envelope_page.version", [("version", "1".to_owned())]),
        revision: 3,
        takes_part: true,
        license: Some(format!("/department/licenses/{ID}")),
        downloads: vec![("pdf", "PDF".into()), ("ofd", "OFD".into())],
        replaces: vec![(c.t("envelope_page.replaces"), ID.into())],
        came_back: Some(
            c.f("envelope_page.came_back", [("who", "市".to_owned()), ("reason", holder.to_owned())]),
        ),
        changes: vec![envelope::ChangeShown {
            field: "建设地址".into(),
            before: holder.into(),
            now: "望江路以南".into(),
        }],
        changes_title: c.f("envelope_page.changed", [("version", "1".to_owned())]),
        stages: envelope::stages(&c, &sent, &names),
        facts: vec![("工程名称".into(), holder.into())],
        acts: envelope::acts(&c, &sent, "city-a", false, bench.now),
        seals: vec![("33010500000001".into(), "电子证照专用章".into())],
        bodies: vec![("11990000MB0000001M".into(), holder.into())],
        done: Some(c.t("envelope_page.done")),
        c,
    }
}

fn envelope_sheet(c: Chrome, reason: &str) -> envelopes::AuditSheet {
    envelopes::AuditSheet {
        id: ENVELOPE.into(),
        kind: "建设工程施工许可证".into(),
        state: envelopes::state(&c, EnvelopeState::Finished),
        versions: vec![envelopes::Version {
            version: 1,
            at: "2026-11-23 10:32".into(),
            sha256: "ab".repeat(32),
            sm3: "cd".repeat(32),
        }],
        proofs: [true, false]
            .map(|good| envelopes::Proof {
                party: "县区住房城乡建设局".into(),
                version: 1,
                department: reason.into(),
                seal: "33010500000001".into(),
                at: "2026-11-23 10:32".into(),
                by: "officer".into(),
                grant: good.then(|| "00063f5a4f2b400007070707070707aa".into()),
                good,
                statement: "yinzheng envelope consent v1\nenvelope ab\n".into(),
            })
            .into(),
        history: vec![Event {
            what: c.t("envelope.returned"),
            at: "2026-11-23 10:32".into(),
            by: "officer".into(),
            reason: reason.into(),
        }],
        c,
    }
}

/// Every page about envelopes, by name.
pub fn pages(department: impl Fn() -> Chrome) -> Vec<(&'static str, String)> {
    vec![
        ("envelopes", draw(&envelope_list(department(), 2))),
        ("envelopes-empty", draw(&envelope_list(department(), 0))),
        ("envelope", draw(&one_envelope(department(), "云栖茶文化产业园一期工程"))),
        ("envelope-audit", draw(&envelope_sheet(department(), "按规定办理"))),
    ]
}

/// Pages that show a value which tries to be more than text.
pub fn hostile(department: impl Fn() -> Chrome, value: &str) -> [(&'static str, String); 2] {
    [
        ("envelope", draw(&one_envelope(department(), value))),
        ("envelope-audit", draw(&envelope_sheet(department(), value))),
    ]
}
