//! Receipts and annotated copies: made once, in every form, and judged as what they are when they come back.

use super::*;
use crate::app::papers::receipt::{self, About};
use crate::app::papers::{copy, service_seal};
use crate::app::show_license::Drawn;
use crate::domain::license::mask::with_masked;
use crate::domain::license::{Ending, LicenseId, LicenseKind, NumberRule};
use crate::domain::paper::{Paper, PaperForm};
use crate::domain::report::{Report, Verdict};
use serde_json::Value;

struct Office {
    world: World,
    license: License,
    holder: Credential,
    clerk: Credential,
    seal: Seal,
}

impl Office {
    async fn new() -> Self {
        let office = Self::without_seal().await;
        let Self { world, seal, .. } = &office;
        service_seal::propose(&world.service, &world.operator, &seal.code).await.expect("proposed");
        service_seal::agree(&world.service, &world.department, &seal.code).await.expect("agreed");
        office
    }

    async fn without_seal() -> Self {
        let (world, seal) = World::new().await;
        let license = world.permit("key", &seal).await.license;
        let holder = world.holder(&license.holder.code).await;
        let clerk = world.clerk().await;
        Self { world, license, holder, clerk, seal }
    }

    async fn shown(&self) -> String {
        let request = show_license::Request {
            chosen: vec![show_license::Chosen {
                license: self.license.id.clone(),
                fields: vec!["operator".into(), "credit_code".into()],
            }],
            purpose: "办理贷款".into(),
            reason: None,
            seconds: None,
        };
        let drawn: Drawn =
            show_license::run(&self.world.service, &self.holder, request).await.expect("a code");
        let code = drawn.code.digits().to_owned();
        let request = redeem_show_code::Request { code, matter: "核验经营资格".into() };
        redeem_show_code::run(&self.world.service, &self.clerk, request).await.expect("shown").showing
    }

    async fn receipt(&self, showing: &str, form: PaperForm) -> Vec<u8> {
        receipt::file(&self.world.service, &self.clerk, About::Showing(showing), form)
            .await
            .expect("a receipt")
            .bytes
    }

    async fn copy(&self, key: &str, days: u32) -> Result<Paper, AppError> {
        let request =
            copy::Request { purpose: "办理贷款".into(), recipient: "景川银行".into(), days };
        copy::run(&self.world.service, &self.holder, &self.license.id, key, &request).await
    }

    async fn copy_file(&self, paper: &Paper, form: PaperForm) -> Result<Vec<u8>, AppError> {
        let file = copy::file(&self.world.service, &self.holder, &paper.id, form).await?;
        Ok(file.bytes)
    }

    async fn verified(&self, bytes: Vec<u8>) -> Report {
        verify_file::run(&self.world.service, bytes).await.expect("a report")
    }

    /// Keeps a file where a person can look at it, if a place is named.
    fn keep(name: &str, bytes: &[u8]) {
        if let Some(place) = std::env::var_os("YINZHENG_KEEP_PAPERS") {
            std::fs::write(Path::new(&place).join(name), bytes).expect("a place to keep files");
        }
    }
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

#[tokio::test]
async fn a_receipt_is_made_once_in_every_form_and_is_verified_as_a_receipt() {
    let office = Office::new().await;
    let showing = office.shown().await;
    for (form, name) in [(PaperForm::Pdf, "receipt.pdf"), (PaperForm::Ofd, "receipt.ofd")] {
        let file = office.receipt(&showing, form).await;
        Office::keep(name, &file);
        assert_eq!(office.receipt(&showing, form).await, file, "the same again");
        let report = office.verified(file).await;
        assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
        assert!(report.license.is_none(), "a receipt is no license");
        let paper = report.paper.as_ref().expect("a paper");
        assert_eq!((paper.kind.name(), paper.purpose.as_str()), ("receipt", "办理贷款"));
        assert_eq!(paper.licenses, [office.license.id.to_string()]);
        for code in ["paper.is_receipt", "paper.issuer_is_signer", "paper.known", "paper.says_then"] {
            assert!(report.has(code), "{code}: {:?}", codes(&report));
        }
    }
    let lines = office.world.audit(&showing).await;
    assert_eq!(lines.iter().filter(|line| line.0 == "paper.make").count(), 1, "{lines:?}");
}

#[tokio::test]
async fn a_receipt_says_what_was_disclosed_and_nothing_else() {
    let office = Office::new().await;
    let showing = office.shown().await;
    let statement = String::from_utf8(office.receipt(&showing, PaperForm::Json).await).expect("text");
    let claims = statement.split('.').nth(1).expect("three parts");
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims);
    let claims: Value = serde_json::from_slice(&claims.expect("base64url")).expect("JSON");
    assert_eq!((&claims["matter"], &claims["consent"]), (&"核验经营资格".into(), &showing.as_str().into()));
    let license = &claims["licenses"][0];
    let fields = license["fields"].as_array().expect("fields");
    let names: Vec<_> = fields.iter().map(|field| field["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["operator", "credit_code"]);
    let text = claims.to_string();
    for (name, value) in &office.license.data {
        if !names.contains(&name.as_str()) && value.chars().count() > 4 {
            assert!(!text.contains(value.as_str()), "{name} was not disclosed");
        }
    }
    assert_eq!(license["standing"], "in-force");
}

#[tokio::test]
async fn whoever_did_not_redeem_has_no_receipt_and_an_auditor_only_learns_of_it() {
    let office = Office::new().await;
    let (service, showing) = (&office.world.service, office.shown().await);
    let other = office.world.clerk().await;
    assert_eq!(refused(receipt::run(service, &other, About::Showing(&showing)).await), "showing.unknown");
    assert_eq!(refused(receipt::run(service, &office.holder, About::Showing(&showing)).await), "permit.role");
    assert_eq!(
        refused(receipt::run(service, &office.clerk, About::Showing("no-such")).await),
        "showing.unknown"
    );
    let auditor = add_credential::run(service, &office.world.operator, blank(Role::Auditor, "审计")).await;
    let auditor = auditor.expect("an auditor").credential;
    assert_eq!(refused(receipt::about(service, &auditor, About::Showing(&showing)).await), "paper.unknown");
    office.receipt(&showing, PaperForm::Pdf).await;
    let about = receipt::about(service, &auditor, About::Showing(&showing)).await.expect("metadata");
    assert_eq!((about.about.as_str(), about.files.len()), (showing.as_str(), 3));
    assert_eq!(refused(receipt::run(service, &auditor, About::Showing(&showing)).await), "permit.role");
}

#[tokio::test]
async fn a_receipt_can_be_had_for_thirty_days_and_says_what_was_so_then() {
    let office = Office::new().await;
    let (service, showing) = (&office.world.service, office.shown().await);
    let end = change_license_state::Request {
        license: office.license.id.clone(),
        act: change_license_state::Act::End(Ending::Revoked),
        reason: "依法办理".into(),
        revision: None,
    };
    change_license_state::run(service, &office.world.department, end).await.expect("revoked");
    // What was shown was in force then; that it has ended since is not in the receipt.
    let file = office.receipt(&showing, PaperForm::Pdf).await;
    assert_eq!(office.verified(file.clone()).await.verdict, Verdict::Passed);
    office.world.clock.forward(Duration::from_secs(29 * 86_400));
    assert_eq!(office.receipt(&showing, PaperForm::Pdf).await, file);
    office.world.clock.forward(Duration::from_secs(86_400));
    assert_eq!(
        refused(receipt::run(service, &office.clerk, About::Showing(&showing)).await),
        "paper.receipt_too_late"
    );
}

#[tokio::test]
async fn five_years_later_a_receipt_still_says_so_and_its_json_says_what_it_cannot_prove() {
    let office = Office::new().await;
    let showing = office.shown().await;
    let mut files = Vec::new();
    for form in PaperForm::ALL {
        files.push((form, office.receipt(&showing, form).await));
    }
    // The seal's own certificate has ended by then, and so have the revocation lists in the file.
    office.world.clock.forward(Duration::from_secs((5 * 365 + 2) * 86_400));
    for (form, file) in files {
        let report = office.verified(file.clone()).await;
        for code in ["paper.is_receipt", "paper.issuer_is_signer", "paper.says_then", "paper.known"] {
            assert!(report.has(code), "{form:?}: {code}: {:?}", codes(&report));
        }
        // A token proves that PDF and OFD were sealed in time. When the JSON form was signed is its signer's word.
        let (verdict, code) = match form {
            PaperForm::Json => (Verdict::Indeterminate, "chain.ended_since"),
            PaperForm::Pdf => (Verdict::Passed, "time.proven"),
            PaperForm::Ofd => (Verdict::Passed, "time.proven"),
        };
        assert_eq!(report.verdict, verdict, "{form:?}: {:#?}", report.findings);
        assert!(report.has(code), "{form:?}: {code}: {:?}", codes(&report));
        // Time heals nothing: a byte that was changed is found as on the first day.
        let mut twin = file;
        let middle = twin.len() / 2;
        twin[middle] ^= 1;
        let twin = office.verified(twin).await;
        assert!(twin.verdict != Verdict::Passed && !twin.has("paper.known"), "{form:?}: {:?}", codes(&twin));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_ask_at_one_time_all_get_the_same_receipt() {
    let office = Arc::new(Office::new().await);
    let showing = office.shown().await;
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let (office, showing) = (office.clone(), showing.clone());
            tokio::spawn(async move { office.receipt(&showing, PaperForm::Pdf).await })
        })
        .collect();
    let mut files = Vec::new();
    for call in calls {
        files.push(call.await.expect("no panic"));
    }
    assert!(files.iter().all(|file| *file == files[0]));
}

#[tokio::test]
async fn a_copy_is_a_copy_until_its_end_and_fails_from_then_on() {
    let office = Office::new().await;
    let paper = office.copy("a", 7).await.expect("a copy");
    for (form, name) in [(PaperForm::Pdf, "copy.pdf"), (PaperForm::Ofd, "copy.ofd")] {
        let file = office.copy_file(&paper, form).await.expect("its file");
        Office::keep(name, &file);
        let report = office.verified(file).await;
        assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
        assert!(report.license.is_none(), "a copy is not the license");
        for code in ["paper.is_copy", "paper.copy_in_time", "paper.license_in_force", "paper.known"] {
            assert!(report.has(code), "{code}: {:?}", codes(&report));
        }
    }
    let file = office.copy_file(&paper, PaperForm::Pdf).await.expect("its file");
    office.world.clock.forward(Duration::from_secs(7 * 86_400));
    let report = office.verified(file).await;
    assert_eq!(report.verdict, Verdict::Failed);
    let bad: Vec<_> = report.findings.iter().filter(|f| f.weight.name() == "bad").map(|f| f.code).collect();
    assert_eq!(bad, ["paper.copy_expired"], "nothing else has changed");
    assert_eq!(refused(office.copy_file(&paper, PaperForm::Pdf).await), "paper.copy_over");
}

#[tokio::test]
async fn a_copy_of_a_license_that_has_ended_fails_and_none_is_made() {
    let office = Office::new().await;
    let paper = office.copy("a", 7).await.expect("a copy");
    let file = office.copy_file(&paper, PaperForm::Ofd).await.expect("its file");
    let act = change_license_state::Request {
        license: office.license.id.clone(),
        act: change_license_state::Act::Suspend,
        reason: "依法办理".into(),
        revision: None,
    };
    change_license_state::run(&office.world.service, &office.world.department, act).await.expect("suspended");
    let report = office.verified(file).await;
    assert!(report.verdict == Verdict::Failed && report.has("paper.license_not_in_force"));
    assert_eq!(refused(office.copy("b", 7).await), "license.not_in_force");
    // Asked again, the earlier one is what there is.
    assert_eq!(office.copy("a", 7).await.expect("the same"), paper);
    assert_eq!(refused(office.copy("a", 8).await), "idempotency.key_reused");
    assert_eq!(refused(office.copy("c", 0).await), "request.invalid");
    assert_eq!(refused(office.copy("c", 366).await), "request.invalid");
    let stranger = office.world.holder("91990102MA7YQX032J").await;
    let unknown = copy::file(&office.world.service, &stranger, &paper.id, PaperForm::Pdf).await;
    assert_eq!(refused(unknown), "paper.unknown");
    let request = copy::Request { purpose: "办理贷款".into(), recipient: String::new(), days: 1 };
    let id: &LicenseId = &office.license.id;
    let denied = copy::run(&office.world.service, &stranger, id, "d", &request).await;
    assert_eq!(refused(denied), "license.unknown");
}

#[tokio::test]
async fn what_is_masked_is_masked_wherever_a_license_says_it_again() {
    let office = Office::without_seal().await;
    let license = &office.license;
    let kind = office.world.service.kinds.get(&license.kind).expect("its kind");
    let kind = LicenseKind { number: NumberRule::Field("credit_code".into()), ..LicenseKind::clone(kind) };
    let masked = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        with_masked(&kind, license.clone(), &names)
    };
    let seen = masked(&["operator", "credit_code", "no-such"]);
    let [name, code] = ["operator", "credit_code"].map(|field| &seen.data[field]);
    assert_eq!((&seen.holder.name, &seen.holder.code, &seen.number), (name, code, code));
    assert!(*name != license.data["operator"] && *code != license.data["credit_code"]);
    assert_eq!(seen.data["premises"], license.data["premises"]);
    // What is neither its holder's nor its number stands in one place.
    let seen = masked(&["premises"]);
    assert_ne!(seen.data["premises"], license.data["premises"]);
    assert_eq!(License { data: license.data.clone(), ..seen }, *license);
}

#[tokio::test]
async fn a_changed_byte_is_found_in_every_paper() {
    let office = Office::new().await;
    let showing = office.shown().await;
    let mut file = office.receipt(&showing, PaperForm::Pdf).await;
    let at = file.len() / 3;
    file[at] ^= 1;
    let report = office.verified(file).await;
    assert_eq!(report.verdict, Verdict::Failed);
}

#[tokio::test]
async fn nothing_is_sealed_without_a_seal_that_both_agreed_to() {
    let office = Office::without_seal().await;
    let (service, showing) = (&office.world.service, office.shown().await);
    let code = &office.seal.code;
    assert_eq!(
        refused(receipt::run(service, &office.clerk, About::Showing(&showing)).await),
        "service_seal.none"
    );
    assert_eq!(
        refused(service_seal::agree(service, &office.world.department, code).await),
        "service_seal.not_proposed"
    );
    assert_eq!(refused(service_seal::propose(service, &office.world.department, code).await), "permit.role");
    service_seal::propose(service, &office.world.operator, code).await.expect("proposed");
    assert_eq!(
        refused(receipt::run(service, &office.clerk, About::Showing(&showing)).await),
        "service_seal.none"
    );
    assert_eq!(refused(service_seal::agree(service, &office.world.operator, code).await), "permit.role");
    service_seal::agree(service, &office.world.department, code).await.expect("agreed");
    assert!(receipt::run(service, &office.clerk, About::Showing(&showing)).await.is_ok());
    // A seal out of use seals nothing.
    let second = office.shown().await;
    office.world.act(&office.world.second_sealer, &office.seal, SealAct::Suspend).await.expect("suspended");
    assert_eq!(
        refused(receipt::run(service, &office.clerk, About::Showing(&second)).await),
        "seal.suspended"
    );
}
