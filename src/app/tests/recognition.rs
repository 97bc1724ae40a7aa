//! Two cities: what one seals is recognised in the other by its trust list, and every way in which that must not be.

use super::super::trust_list::import::{self, Imported};
use super::super::trust_list::pin;
use super::super::trust_list::publish::{self, LIFE};
use super::super::trust_list::read;
use super::*;
use crate::domain::report::{Report, Verdict};
use crate::domain::trust_list::{GRACE, ServiceKind, TrustList};
use crate::formats::trust_list::{open, sign, to_json};
use crate::ports::keys::HandleSigner;

const HERE: &str = "990200";
const THERE: &str = "990100";

/// The city whose files are brought, and the one that they are brought to.
struct Cities {
    there: World,
    here: World,
    second_operator: Credential,
    files: Vec<(FileFormat, Vec<u8>)>,
}

impl Cities {
    async fn new() -> Self {
        Self::with("川南市").await
    }

    /// The authorities here have this name, those there are called 云山市.
    async fn with(name: &str) -> Self {
        let there = World::of_place(THERE, "云山市").await;
        let seal = there.active_seal().await;
        let order = there.order("business-license", &seal);
        let license = there.issue("key", order).await.expect("a license").license;
        let mut files = Vec::new();
        for file in &license.files {
            let format = file.form.format;
            let read = read_license::file(&there.service, &there.department, &license.id, Some(format)).await;
            files.push((format, read.expect("a file").bytes));
        }
        assert_eq!(files.len(), 2, "a PDF in P-256 and an OFD in SM2");
        publish::run_if_due(&there.service).await.expect("published").expect("a first one");
        let here = World::of_place(HERE, name).await;
        let second = blank(Role::Operator, "运维乙");
        let second = add_credential::run(&here.service, &here.operator, second).await;
        let second_operator = second.expect("a second operator").credential;
        Self { there, here, second_operator, files }
    }

    /// Both files, by the service here.
    async fn reports(&self) -> Vec<Report> {
        let mut reports = Vec::new();
        for (_, file) in &self.files {
            reports.push(verify_file::run(&self.here.service, file.clone()).await.expect("a report"));
        }
        reports
    }

    async fn all(&self, verdict: Verdict, codes: &[&str]) {
        for report in self.reports().await {
            let found: Vec<_> = report.findings.iter().map(|f| (f.weight.name(), f.code)).collect();
            assert_eq!(report.verdict, verdict, "{found:?}");
            for code in codes {
                assert!(report.has(code), "{code} in {found:?}");
            }
        }
    }

    fn signer(&self, suite: Suite) -> &ListSigner {
        let publishing = self.there.service.publishing().expect("publishes");
        publishing.signers.iter().find(|signer| signer.suite == suite).expect("of both suites")
    }

    async fn pin(&self, suite: Suite) -> String {
        let signer = self.signer(suite).x509.clone();
        let pinned = pin::pin(&self.here.service, &self.here.operator, wish(THERE, signer)).await;
        hex::encode(pinned.expect("pinned").sha256)
    }

    async fn confirmed(&self, suite: Suite) -> String {
        let sha256 = self.pin(suite).await;
        let confirmed = pin::confirm(&self.here.service, &self.second_operator, THERE, &sha256).await;
        assert!(confirmed.expect("confirmed").is_trusted());
        sha256
    }

    async fn import(&self, bytes: &[u8]) -> Result<Imported, AppError> {
        import::run(&self.here.service, &self.here.operator, THERE, bytes.to_vec()).await
    }

    async fn published(&self, suite: Suite) -> Vec<u8> {
        let latest = publish::latest(&self.there.service).await.expect("read").expect("published");
        match suite {
            Suite::P256 => latest.p256,
            Suite::Sm2 => latest.sm2,
        }
        .expect("signed in both suites")
    }

    /// A later version of their list, changed and signed by them.
    async fn changed(&self, change: impl FnOnce(&mut TrustList)) -> Vec<u8> {
        let mut list = open(&self.published(Suite::P256).await).expect("opens").list;
        list.sequence += 100;
        change(&mut list);
        self.signed(&list, Suite::P256)
    }

    fn signed(&self, list: &TrustList, suite: Suite) -> Vec<u8> {
        let by = self.signer(suite);
        let signer = HandleSigner::new(self.there.service.keys.as_ref(), &by.key).expect("there");
        sign(&to_json(list), &by.x509, &signer).expect("signed")
    }
}

fn wish(territory: &str, signer: Vec<u8>) -> pin::Request {
    pin::Request {
        territory: territory.into(), name_zh: "云山市".into(), name_en: "Yunshan".into(), signer
    }
}

#[tokio::test]
async fn a_license_of_another_city_is_recognised_by_its_list() {
    let cities = Cities::new().await;
    cities.all(Verdict::Indeterminate, &["chain.unknown_root", "time.authority_unknown"]).await;
    for suite in Suite::ALL {
        cities.confirmed(suite).await;
    }
    let imported = cities.import(&cities.published(Suite::P256).await).await.expect("taken");
    assert_eq!((imported.version.sequence, imported.known), (1, false));
    cities.all(Verdict::Passed, &["recognition.by", "status.of_another_region"]).await;
    for report in cities.reports().await {
        // The signer and the time; in OFD the seal maker too.
        let by: Vec<_> = report.findings.iter().filter(|f| f.code == "recognition.by").collect();
        assert!(by.len() >= 2, "{by:?}");
        for finding in by {
            let said =
                |name: &str| finding.args.iter().any(|(known, value)| *known == name && !value.is_empty());
            assert!(
                said("body_zh") && said("body_en") && said("sequence") && said("territory"),
                "{finding:?}"
            );
            assert_eq!(finding.standard, "ETSI TS 119 612");
        }
    }
    // Sent again it is no fault; the same in the other suite is another file of the same number.
    assert!(cities.import(&cities.published(Suite::P256).await).await.expect("known").known);
    assert_eq!(refused(cities.import(&cities.published(Suite::Sm2).await).await), "trust_list.not_newer");
    let list = open(&cities.published(Suite::P256).await).expect("opens").list;
    let in_sm2 = cities.signed(&TrustList { sequence: 2, ..list }, Suite::Sm2);
    assert_eq!(cities.import(&in_sm2).await.expect("taken").version.sequence, 2);
    cities.all(Verdict::Passed, &["recognition.by"]).await;
    let kept =
        read::versions(&cities.here.service, &cities.here.operator, THERE, None).await.expect("a list");
    assert_eq!(kept.iter().map(|version| version.sequence).collect::<Vec<_>>(), [2, 1]);
    let all = read::all(&cities.here.service).await.expect("a list");
    let services: Vec<_> =
        all[0].list.as_ref().expect("relied on").entries.iter().map(|entry| entry.service).collect();
    use ServiceKind::{IssuingCa, RootCa, SealMaker, TimeStamping};
    assert_eq!(services, [RootCa, IssuingCa, TimeStamping, RootCa, IssuingCa, SealMaker, TimeStamping]);
    // There it is as it ever was.
    for (_, file) in &cities.files {
        let report = verify_file::run(&cities.there.service, file.clone()).await.expect("a report");
        assert!(report.verdict == Verdict::Passed && !report.has("recognition.by"));
    }
}

/// The authorities of both have the same names, other keys, and those here began later.
#[tokio::test]
async fn a_name_like_ours_does_not_keep_others_from_being_recognised() {
    let cities = Cities::with("云山市").await;
    let without = cities.reports().await;
    assert!(without.iter().all(|report| report.verdict != Verdict::Passed && !report.has("chain.trusted")));
    cities.confirmed(Suite::P256).await;
    cities.import(&cities.published(Suite::P256).await).await.expect("taken");
    cities.all(Verdict::Passed, &["recognition.by"]).await;
}

#[tokio::test]
async fn two_people_say_whose_list_is_taken() {
    let cities = Cities::new().await;
    let list = cities.published(Suite::P256).await;
    let here = &cities.here;
    assert_eq!(refused(cities.import(&list).await), "trust_list.unknown_territory");
    let sha256 = cities.pin(Suite::P256).await;
    assert_eq!(refused(cities.import(&list).await), "trust_list.not_confirmed");
    let alone = pin::confirm(&here.service, &here.operator, THERE, &sha256).await;
    assert_eq!(refused(alone), "trust_list.second_person_needed");
    for (territory, signer) in [(HERE, sha256.as_str()), (THERE, "00"), (THERE, &"0".repeat(64))] {
        let unknown = pin::confirm(&here.service, &cities.second_operator, territory, signer).await;
        assert_eq!(refused(unknown), "trust_list.signer_unknown");
    }
    let clerk = pin::confirm(&here.service, &here.department, THERE, &sha256).await;
    assert_eq!(refused(clerk), "permit.role");
    let again = pin::pin(&here.service, &here.operator, wish(THERE, cities.signer(Suite::P256).x509.clone()));
    assert_eq!(refused(again.await), "trust_list.signer_known");
    pin::confirm(&here.service, &cities.second_operator, THERE, &sha256).await.expect("confirmed");
    let twice = pin::confirm(&here.service, &cities.second_operator, THERE, &sha256).await;
    assert_eq!(refused(twice), "trust_list.signer_decided");
    cities.import(&list).await.expect("taken");
    cities.all(Verdict::Passed, &["recognition.by"]).await;
    let audit = here.audit(THERE).await;
    let line = |action: &str, outcome: &str| (action.to_owned(), outcome.to_owned());
    assert!(audit.contains(&line("trust_list.confirm", "trust_list.second_person_needed")), "{audit:?}");
    assert!(audit.contains(&line("trust_list.import", "ok")), "{audit:?}");
    // One is enough to end it, and at once nobody is recognised any more.
    pin::end(&here.service, &here.operator, THERE, &sha256).await.expect("ended");
    let reports = cities.reports().await;
    assert!(reports.iter().all(|report| report.verdict != Verdict::Passed && !report.has("recognition.by")));
    assert_eq!(refused(cities.import(&list).await), "trust_list.unknown_territory");
    let twice = pin::end(&here.service, &here.operator, THERE, &sha256).await;
    assert_eq!(refused(twice), "trust_list.signer_decided");
    // It may begin anew, by two people again.
    assert_eq!(cities.confirmed(Suite::P256).await, sha256);
    cities.all(Verdict::Passed, &["recognition.by"]).await;
}

#[tokio::test]
async fn signers_are_checked_when_they_are_named() {
    let cities = Cities::new().await;
    let here = &cities.here;
    let faults = async |request: pin::Request| match pin::pin(&here.service, &here.operator, request).await {
        Err(AppError::Refused(refusal)) => {
            let faults: Vec<_> = refusal.faults.into_iter().map(|f| (f.pointer, f.code)).collect();
            (refusal.code, faults)
        }
        other => panic!("{other:?}"),
    };
    let fine = cities.signer(Suite::P256).x509.clone();
    let at = |pointer: &str, code| ("request.invalid", vec![(pointer.to_owned(), code)]);
    assert_eq!(faults(wish("99", fine.clone())).await, at("/territory", "trust_list.territory"));
    assert_eq!(faults(wish(THERE, b"x".to_vec())).await, at("/signer", "x509.unreadable"));
    let root = here.service.authorities.p256.root.x509.clone();
    assert_eq!(faults(wish(THERE, root)).await, at("/signer", "trust_list.signer_unfit"));
    let own = faults(wish(HERE, fine)).await;
    assert_eq!(own.0, "trust_list.own_territory");
}

#[tokio::test]
async fn a_list_that_is_not_the_newest_of_its_signer_is_refused() {
    let cities = Cities::new().await;
    cities.confirmed(Suite::P256).await;
    let first = cities.published(Suite::P256).await;
    let here = &cities.here.service;
    // Not signed, changed, by somebody else.
    let json = open(&first).expect("opens").json;
    assert_eq!(refused(cities.import(&json).await), "trust_list.not_signed");
    assert_eq!(refused(cities.import(b"").await), "trust_list.not_signed");
    let mut twin = first.clone();
    let place = twin.windows(8).position(|part| part == b"sequence").expect("stands in it");
    twin[place + 11] ^= 1;
    assert_eq!(refused(cities.import(&twin).await), "trust_list.signature_wrong");
    let in_sm2 = cities.published(Suite::Sm2).await;
    assert_eq!(
        refused(cities.import(&in_sm2).await),
        "trust_list.other_signer",
        "a signer that nobody pinned"
    );
    assert_eq!(refused(cities.import(&vec![0x30; import::MAX_BYTES + 1]).await), "trust_list.too_large");
    let malformed = cities.changed(|list| list.territory_name.zh = "\n".into()).await;
    assert_eq!(refused(cities.import(&malformed).await), "trust_list.malformed");
    let elsewhere = cities.changed(|list| list.territory = Territory::parse("990300").expect("a code")).await;
    assert_eq!(refused(cities.import(&elsewhere).await), "trust_list.other_territory");
    let day = Duration::from_secs(86_400);
    let old = cities
        .changed(|list| {
            (list.issued, list.next_update) = (list.issued.minus(day * 2), list.issued.minus(day))
        })
        .await;
    assert_eq!(refused(cities.import(&old).await), "trust_list.ran_out");
    let future = cities.changed(|list| list.issued = list.issued.plus(day)).await;
    assert_eq!(refused(cities.import(&future).await), "trust_list.in_future");
    assert!(read::all(here).await.expect("a list")[0].version.is_none(), "nothing was kept");
    // Older ones do not come back.
    let third = cities.changed(|list| list.sequence = 3).await;
    cities.import(&third).await.expect("taken");
    assert_eq!(refused(cities.import(&first).await), "trust_list.not_newer");
    let other_third = cities.changed(|list| (list.sequence, list.entries) = (3, Vec::new())).await;
    assert_eq!(refused(cities.import(&other_third).await), "trust_list.not_newer");
    let auditor = import::run(here, &cities.here.sealer, THERE, third).await;
    assert_eq!(refused(auditor), "permit.role");
}

#[tokio::test]
async fn only_who_was_recognised_at_the_sealing_vouches() {
    let cities = Cities::new().await;
    cities.confirmed(Suite::P256).await;
    let long_ago = Timestamp::from_seconds(1_000_000_000);
    let is_ca = |service: ServiceKind| service.is_ca();
    let withdraw = |list: &mut TrustList, of: &dyn Fn(ServiceKind) -> bool, since| {
        for entry in list.entries.iter_mut().filter(|entry| of(entry.service)) {
            entry.withdrawn_since = Some(since);
        }
    };
    let mut sequence = 200;
    let mut bring = async |change: &dyn Fn(&mut TrustList)| {
        sequence += 1;
        let list = cities.changed(|list| {
            change(list);
            list.sequence = sequence;
        });
        cities.import(&list.await).await.expect("taken");
    };
    bring(&|list| withdraw(list, &|of| of == ServiceKind::IssuingCa, long_ago)).await;
    cities.all(Verdict::Failed, &["recognition.withdrawn"]).await;
    // Withdrawn after it sealed: that is told, and changes nothing.
    let later = cities.there.clock.now().whole_second().plus(Duration::from_secs(60));
    bring(&|list| withdraw(list, &is_ca, later)).await;
    cities.all(Verdict::Passed, &["recognition.withdrawn_later", "recognition.by"]).await;
    // Not listed: nobody known.
    bring(&|list| list.entries.retain(|entry| !entry.service.is_ca())).await;
    let reports = cities.reports().await;
    assert!(reports.iter().all(|report| report.verdict == Verdict::Indeterminate), "{reports:?}");
    // A list without timestamping authorities proves no time.
    bring(&|list| list.entries.retain(|entry| entry.service != ServiceKind::TimeStamping)).await;
    cities.all(Verdict::Indeterminate, &["time.authority_unknown"]).await;
    // Without seal makers, seal objects are of nobody.
    bring(&|list| list.entries.retain(|entry| entry.service != ServiceKind::SealMaker)).await;
    for (report, (format, _)) in cities.reports().await.iter().zip(&cities.files) {
        let expected = match format {
            FileFormat::Pdf => Verdict::Passed,
            FileFormat::Ofd => Verdict::Indeterminate,
        };
        assert_eq!(
            (report.verdict, report.has("eseal.maker_unknown")),
            (expected, *format == FileFormat::Ofd)
        );
    }
    // For another place's seals it does not speak.
    bring(&|list| {
        for entry in &mut list.entries {
            entry.areas = vec![Territory::parse("990105").expect("a code")];
        }
    })
    .await;
    cities.all(Verdict::Failed, &["recognition.elsewhere"]).await;
    bring(&|_| {}).await;
    cities.all(Verdict::Passed, &["recognition.by"]).await;
}

#[tokio::test]
async fn a_list_that_ran_out_is_told_and_then_not_relied_on() {
    let cities = Cities::new().await;
    cities.confirmed(Suite::P256).await;
    cities.import(&cities.published(Suite::P256).await).await.expect("taken");
    cities.here.clock.forward(LIFE + Duration::from_secs(60));
    cities.all(Verdict::Passed, &["recognition.list_overdue"]).await;
    cities.here.clock.forward(GRACE);
    cities.all(Verdict::Indeterminate, &["recognition.list_ran_out"]).await;
}

#[tokio::test]
async fn our_list_is_issued_anew_when_it_says_something_new_or_half_its_life_is_over() {
    let there = World::of_place(THERE, "云山市").await;
    let due = async || publish::run_if_due(&there.service).await.expect("no fault");
    let first = due().await.expect("a first one");
    let list = open(first.p256.as_deref().expect("signed")).expect("opens").list;
    assert_eq!(
        (list.sequence, list.territory.as_str(), list.next_update.since(list.issued)),
        (1, THERE, LIFE)
    );
    assert_eq!(first.json, open(first.sm2.as_deref().expect("signed")).expect("opens").json);
    assert_eq!(due().await, None);
    there.clock.forward(LIFE / 2 + Duration::from_secs(1));
    let second = due().await.expect("in time");
    assert_eq!((second.sequence, second.content), (2, first.content));
    assert_eq!(due().await, None);
    // A new revocation list stands in it.
    let authority = &there.service.authorities.p256.seal;
    let (store, keys) = (there.service.store.as_ref(), there.service.keys.as_ref());
    publish_crl::run(store, keys, authority, there.clock.now()).await.expect("a list");
    let third = due().await.expect("something new");
    assert_eq!(third.sequence, 3);
    assert_ne!(third.content, second.content);
    assert_eq!(publish::latest(&there.service).await.expect("read"), Some(third));
    // Who is no place publishes nothing.
    let nowhere = World::bare().await;
    assert_eq!(publish::run_if_due(&nowhere.service).await.expect("no fault"), None);
}
