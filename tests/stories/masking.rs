//! Sensitive fields: masked wherever somebody else looks, in words, files and codes, unless a reason was given for them. Every
//! story tells both, so that a mask that covers nothing, or a reason that uncovers nothing, is found.

use crate::city::{City, Person, faults, findings, path};
use crate::judges;
use crate::service::Answer;
use crate::sharing::{allow, by_identifier, cause, urlencoded};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::io::{Cursor, Read as _};
use std::process::Command;
use yinzheng::crypto::{PrivateKey, Suite};

/// A kind with sensitive fields of most types.
const KIND: &str = "birth-medical-certificate";
/// Who has it: the mother.
const MOTHER: &str = "990102199105082048";
/// A body that issues it.
const HEALTH: &str = "11990000MB0000002Q";
/// A body that issues qualifications.
const LABOUR: &str = "11990000MB7100021M";
/// What is sensitive on it, by name, and a part of the value that nothing else says.
const SECRETS: [(&str, &str); 2] = [("address", "青禾路66号"), ("mother_ethnicity", "汉族")];

/// A city in which a mother has the birth certificate of her child.
struct Maternity {
    city: City,
    mother: Person,
    license: Value,
}

impl Maternity {
    async fn start() -> Self {
        let city = City::start().await;
        let license = issued(&city, (HEALTH, "health"), KIND, &json!({})).await;
        let mother = city.person("holder", json!({ "holder": MOTHER })).await;
        Self { license, mother, city }
    }

    /// The same, with a seal for papers of the service.
    async fn with_papers() -> Self {
        let town = Self::start().await;
        let wish = json!({ "seal": town.city.active_seal().await });
        assert_eq!(town.city.put(&town.city.operator, "/v1/service-seal", &wish).await.status, 204);
        let agreed = town.city.post(&town.city.department, "/v1/service-seal:agree", &wish).await;
        assert_eq!(agreed.status, 204);
        town
    }

    fn id(&self) -> &str {
        self.license["id"].as_str().expect("an identifier")
    }

    fn all_fields(&self) -> Vec<String> {
        let kind = self.city.service.kinds.get(KIND).expect("an embedded kind");
        kind.fields.iter().map(|field| field.name.clone()).collect()
    }

    /// Shows these fields to somebody; the answer of the redemption.
    async fn show(&self, who: &Person, fields: &[String], reason: Option<&str>) -> Answer {
        let mut wish = json!({ "fields": fields, "purpose": "户口登记" });
        if let Some(reason) = reason {
            wish["reason"] = json!(reason);
        }
        let drawn = self.city.post(&self.mother, &path(&self.license, "show-codes"), &wish).await;
        assert_eq!(drawn.status, 201, "{}", drawn.json());
        let claim = json!({ "code": drawn.json()["code"], "matter": "户口登记" });
        let shown = self.city.post(who, "/v1/show-codes:redeem", &claim).await;
        assert_eq!(shown.status, 200, "{}", shown.json());
        shown
    }
}

/// A license of that kind, by a body of its own; some of its data are others than the example's.
async fn issued(city: &City, (body, duty): (&str, &str), kind: &str, others: &Value) -> Value {
    city.bureau(body, duty).await;
    let department = city.person("department", json!({ "department": body })).await;
    let sealer = city.person("seal-administrator", json!({ "department": body })).await;
    let wish =
        json!({ "owner_code": body, "purpose": "license", "purpose_words": "电子证照专用章", "days": 365 });
    let seal = city.post(&sealer, "/v1/seals", &wish).await.json();
    let seal = seal["code"].as_str().expect("a code");
    city.approve_seal_of(body, seal).await;
    let mut order = city.order(kind, seal);
    let others = others.as_object().expect("fields").clone();
    order["data"].as_object_mut().expect("fields").extend(others);
    let made = city.post_once(&department, "/v1/licenses", "issued", &order).await;
    assert_eq!(made.status, 201, "{}", made.json());
    made.json()
}

fn some_fields() -> Vec<String> {
    ["mother_name", "mother_ethnicity", "address"].map(str::to_owned).into()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether a text says nothing, or everything, that is sensitive.
fn says_secrets(text: &str, says: bool, place: &str) {
    for (name, secret) in SECRETS {
        assert_eq!(text.contains(secret), says, "{name} in {place}: {text}");
    }
}

/// Value and mask of the sensitive fields of a license that is shown.
fn sensitive(license: &Value) -> Vec<(String, bool)> {
    let fields = license["fields"].as_array().expect("fields").iter();
    let known = fields.filter(|field| SECRETS.iter().any(|(name, _)| field["name"] == *name));
    let seen = known.map(|field| {
        (field["value"].as_str().expect("a value").to_owned(), field["masked"].as_bool().expect("a mask"))
    });
    seen.collect()
}

fn covered() -> Vec<(String, bool)> {
    vec![("***".to_owned(), true); SECRETS.len()]
}

fn claims(statement: &[u8]) -> Value {
    let statement = text(statement);
    let content = statement.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(content).expect("base64url")).expect("JSON")
}

#[tokio::test]
async fn without_a_reason_a_counter_sees_masks_and_its_receipt_and_the_trail_have_nothing_else() {
    let town = Maternity::with_papers().await;
    let city = &town.city;
    for reason in [None, Some("户口登记要写明民族和住址")] {
        let plain = reason.is_some();
        let answer = town.show(&city.clerk, &some_fields(), reason).await;
        let shown = answer.json();
        let license = &shown["licenses"][0];
        assert_eq!(license["fields"][0]["value"], "林知微", "personal, and shown: {shown}");
        assert_eq!((sensitive(license) == covered(), &shown["reason"]), (!plain, &json!(reason)), "{shown}");
        assert!(sensitive(license).iter().all(|(_, masked)| *masked != plain), "{shown}");
        says_secrets(&text(&answer.bytes), plain, "the answer");

        let receipt = format!("/v1/showings/{}/receipt", shown["showing"].as_str().expect("a showing"));
        let made = city.call(&city.clerk, "POST", &format!("{receipt}?format=json")).await;
        let content = claims(&made.bytes);
        assert_eq!(
            (content["reason"].as_str(), content["licenses"].as_array().map(Vec::len)),
            (reason, Some(1))
        );
        says_secrets(&content.to_string(), plain, "the receipt");
        let pdf = city.call(&city.clerk, "POST", &format!("{receipt}?format=pdf")).await.bytes;
        if let Some(printed) = printed(&pdf) {
            assert!(printed.contains("林知微"), "{printed}");
            says_secrets(&printed, plain, "the printed receipt");
        }
    }
    // Names, never values; with a reason as without.
    let audit = city.get(&city.auditor, &format!("/v1/audit?subject={}&limit=200", town.id())).await;
    let audit = text(&audit.bytes);
    assert!(audit.contains("show_code.redeem") && audit.contains("mother_ethnicity"), "{audit}");
    says_secrets(&audit, false, "the audit trail");
    says_secrets(&text(&city.get(&town.mother, "/v1/space/uses").await.bytes), false, "the mother's space");
}

#[tokio::test]
async fn a_code_that_a_phone_keeps_asks_for_nothing_in_full() {
    let town = Maternity::start().await;
    let city = &town.city;
    let licenses = json!([{ "license": town.id(), "fields": some_fields() }]);
    let mut fetch = json!({ "licenses": licenses, "purpose": "户口登记", "count": 1 });
    let fetched = city.post(&town.mother, "/v1/show-codes:prefetch", &fetch).await.json();
    let claim = json!({ "code": fetched["codes"][0]["code"], "matter": "户口登记" });
    let shown = city.post(&city.clerk, "/v1/show-codes:redeem", &claim).await;
    assert_eq!((shown.status.as_u16(), &shown.json()["way"]), (200, &json!("prefetched")));
    assert_eq!(sensitive(&shown.json()["licenses"][0]), covered());
    says_secrets(&text(&shown.bytes), false, "the answer");
    // No reason is taken for one.
    fetch["reason"] = json!("户口登记要写明民族和住址");
    let refused = city.post(&town.mother, "/v1/show-codes:prefetch", &fetch).await;
    assert!(refused.status.is_client_error(), "{}", refused.json());
}

#[tokio::test]
async fn no_code_without_a_network_holds_a_sensitive_field() {
    let town = Maternity::start().await;
    let city = &town.city;
    let key = PrivateKey::from_pkcs8(&PrivateKey::generate_pkcs8(Suite::P256).expect("a key")).expect("ours");
    let (device, _) = crate::offline::enrol(city, &town.mother, &key).await;
    let paper = json!({ "fields": some_fields(), "purpose": "户口登记", "days": 7 });
    let phone = json!({ "fields": some_fields(), "device": device["id"] });
    for (place, wish) in [("paper-codes", paper), ("phone-codes", phone)] {
        let refused = city.post(&town.mother, &path(&town.license, place), &wish).await;
        let fault = |at: usize| (format!("/fields/{at}"), "offline_code.sensitive".to_owned());
        assert_eq!(faults(&refused), [fault(1), fault(2)], "{place}");
        // Those that are not sensitive go in, personal ones masked as for strangers.
        let mut twin = wish.clone();
        twin["fields"] = json!(["mother_name", "newborn_name"]);
        let made = city.post(&town.mother, &path(&town.license, place), &twin).await;
        assert_eq!(made.status, 201, "{place}: {}", made.json());
        if place == "paper-codes" {
            let checked = json!({ "code": made.json()["digits"] });
            let seen = city.post(&city.clerk, "/v1/offline-codes:check", &checked).await.json();
            let values: Vec<_> = seen["code"]["fields"].as_array().expect("fields").iter().collect();
            assert!(values.iter().any(|field| field["value"] == "林**"), "{seen}");
        } else {
            let code = STANDARD.decode(made.json()["code"].as_str().expect("a code")).expect("base64");
            assert!(!text(&code).contains("林知微"));
        }
    }
}

#[tokio::test]
async fn a_matter_s_own_reason_shows_what_it_asks_for_and_without_one_none_is_given() {
    let town = Maternity::start().await;
    let city = &town.city;
    for (matter, fields, reason) in [
        ("household-registration-of-newborn", vec!["address"], true),
        ("school-enrolment", vec!["newborn_sex"], false),
    ] {
        let asked = city.post(&city.clerk, "/v1/requests", &json!({ "matter": matter })).await;
        assert_eq!(asked.status, 201, "{}", asked.json());
        let asked = asked.json();
        let yes = json!({
            "code": asked["code"], "number": asked["number"],
            "licenses": [{ "license": town.id(), "fields": fields }],
        });
        let approved = city.post(&town.mother, "/v1/requests:approve", &yes).await;
        assert_eq!(approved.status, 201, "{}", approved.json());
        let address = format!("/v1/requests/{}/showing", asked["id"].as_str().expect("an identifier"));
        let answer = city.get(&city.clerk, &address).await;
        let shown = answer.json();
        assert_eq!(!shown["reason"].is_null(), reason, "{shown}");
        says_secrets(&text(&answer.bytes), reason, "the answer");
        assert_eq!(sensitive(&shown["licenses"][0]).len(), if reason { SECRETS.len() } else { 0 }, "{shown}");
        assert!(sensitive(&shown["licenses"][0]).iter().all(|(_, masked)| !masked), "{shown}");
    }
    let audit = city.get(&city.auditor, &format!("/v1/audit?subject={}&limit=200", town.id())).await;
    says_secrets(&text(&audit.bytes), false, "the audit trail");
}

/// What a reader of PDF files that shares no code with us takes from the pages; `None`, and it is said, where there is none.
fn printed(pdf: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("printed.pdf");
    std::fs::write(&file, pdf).expect("written");
    let Ok(output) = Command::new("pdftotext").arg("-raw").arg(&file).arg("-").output() else {
        judges::not_run("pdftotext");
        return None;
    };
    // Where a value stands in two lines it is one value all the same.
    Some(text(&output.stdout).split_whitespace().collect())
}

/// Everything that a package holds and that is text.
fn unpacked(ofd: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(ofd)).expect("a package");
    let mut all = String::new();
    for place in 0..archive.len() {
        let mut content = Vec::new();
        archive.by_index(place).expect("a part").read_to_end(&mut content).expect("unpacked");
        all.push_str(&text(&content));
    }
    all
}

/// A copy of the mother's license, and that what is sensitive is on it, or masked in all of its forms.
async fn copied(town: &Maternity, who: &Person, key: &str, consent: Option<&str>, plain: bool) {
    let city = &town.city;
    let mut body = json!({ "certIdentifier": town.id(), "days": 7, "useCause": cause() });
    if let Some(consent) = consent {
        body["consent"] = json!(consent);
    }
    let copy = city.post_once(who, "/share/v1/downloadUrl", key, &body).await;
    assert_eq!(copy.status, 200, "{}", copy.json());
    let copy = copy.json()["id"].as_str().expect("an identity").to_owned();
    let mut files = Vec::new();
    for form in ["json", "ofd", "pdf"] {
        let file = city.get(who, &format!("/v1/annotated-copies/{copy}/file?format={form}")).await;
        assert_eq!(file.status, 200, "{form}");
        let report = city.verify(file.bytes.clone()).await.json();
        assert_eq!(report["verdict"], "passed", "{form}: {report:#}");
        assert_eq!(
            findings(&report).contains(&"paper.fields_masked".to_owned()),
            !plain,
            "{form}: {report:#}"
        );
        files.push(file.bytes);
    }
    let content = claims(&files[0]);
    says_secrets(&content.to_string(), plain, "the statement");
    let masked: Vec<_> = content["masked"].as_array().into_iter().flatten().collect();
    let schema = if plain { "yinzheng/annotated-copy/1" } else { "yinzheng/annotated-copy/2" };
    assert_eq!((content["schema"].as_str(), masked.is_empty()), (Some(schema), plain));
    for (name, _) in SECRETS {
        assert_eq!(masked.iter().any(|known| **known == name), !plain, "{content}");
        assert_eq!(content["data"][name] == "***", !plain, "{content}");
    }
    // What is personal is seen by law.
    assert_eq!(content["data"]["mother_name"], "林知微");
    says_secrets(&unpacked(&files[1]), plain, "the package");
    assert_eq!(unpacked(&files[1]).contains("<ofd:CustomData Name=\"KZ_address\">***<"), !plain);
    if let Some(printed) = printed(&files[2]) {
        says_secrets(&printed, plain, "the printed copy");
        let named = "敏感信息10项：出生孕周、出生体重(克)、出生身长(厘米)、母亲年龄、母亲国籍、母亲民族、父亲年龄、父亲国籍、父亲民族、家庭住址";
        assert_eq!(printed.contains(named), !plain, "{printed}");
    }
    let name = if plain { "copy-plain" } else { "copy-masked" };
    judges::ofd(&format!("{name}.ofd"), &files[1]);
    let roots = text(&city.get(&city.operator, "/pki/roots.pem").await.bytes);
    judges::statement(&format!("{name}.jws"), &files[0], &roots);
    judges::pdf(&format!("{name}.pdf"), &files[2], &roots, 1, 0);
}

#[tokio::test]
async fn a_copy_for_another_system_shows_of_what_is_sensitive_what_the_holder_gave_a_reason_for() {
    let town = Maternity::with_papers().await;
    let city = &town.city;
    let office = city.person("institution", json!({ "label": "景川市公安局" })).await;
    allow(city, &office, &[KIND], &[KIND], 600).await;
    let asked = by_identifier(city, &office, &town.license["id"], None).await;
    assert_eq!((sensitive(&asked.json()), &asked.json()["ground"]), (covered(), &json!("law")));
    says_secrets(&text(&asked.bytes), false, "the answer by law");
    copied(&town, &office, "law", None, false).await;
    // Neither what is right nor what the mask leaves of it is told to be the same.
    for address in ["景川市澄湖区青禾路66号听澜苑3幢2单元1102室", "***"] {
        let data = json!({ "address": address, "mother_name": "林知微" });
        let body = json!({ "certIdentifier": town.id(), "data": data, "useCause": cause() });
        let compared = city.post(&office, "/share/v1/verifyCertInfo", &body).await.json();
        let items =
            json!([{ "name": "address", "matches": false }, { "name": "mother_name", "matches": true }]);
        assert_eq!(compared["items"], items);
    }

    // With the mother's consent, with a reason and without.
    let bank = city.person("institution", json!({ "label": "景川银行" })).await;
    allow(city, &bank, &[KIND], &[], 600).await;
    let consent = async |who: &Person, reason: Option<&str>| {
        let shown = town.show(who, &town.all_fields(), reason).await.json();
        shown["showing"].as_str().expect("a showing").to_owned()
    };
    let (bare, full) = (consent(&bank, None).await, consent(&bank, Some("核对住址")).await);
    let asked = by_identifier(city, &bank, &town.license["id"], Some(&bare)).await;
    assert_eq!((sensitive(&asked.json()), &asked.json()["ground"]), (covered(), &json!("consent")));
    says_secrets(&text(&asked.bytes), false, "the answer without a reason");
    let asked = by_identifier(city, &bank, &town.license["id"], Some(&full)).await;
    says_secrets(&text(&asked.bytes), true, "the answer with a reason");
    copied(&town, &bank, "bare", Some(&bare), false).await;
    copied(&town, &bank, "full", Some(&full), true).await;
    // What the law leaves masked the mother may still show.
    let full = consent(&office, Some("核对住址")).await;
    copied(&town, &office, "both", Some(&full), true).await;
    // One key, one copy: not with more in it than it had.
    let body = json!({ "certIdentifier": town.id(), "days": 7, "consent": full, "useCause": cause() });
    let reused = city.post_once(&office, "/share/v1/downloadUrl", "law", &body).await;
    assert_eq!((reused.status.as_u16(), reused.code().as_str()), (409, "idempotency.key_reused"));
    // Of a copy, names stand in the trail and no value.
    let audit = text(&city.get(&city.auditor, "/v1/audit?limit=200").await.bytes);
    assert!(audit.contains("paper.make") && audit.contains("mother_ethnicity"), "{audit}");
    says_secrets(&audit, false, "the audit trail");
}

#[tokio::test]
async fn a_system_redeems_what_its_kinds_allow_and_learns_nothing_of_other_codes() {
    let town = Maternity::start().await;
    let city = &town.city;
    let bank = city.person("institution", json!({ "label": "景川银行" })).await;
    allow(city, &bank, &["marriage-certificate"], &[], 600).await;
    let code = async || {
        let wish = json!({ "fields": some_fields(), "purpose": "户口登记" });
        let drawn = city.post(&town.mother, &path(&town.license, "show-codes"), &wish).await.json();
        drawn["code"].as_str().expect("a code").to_owned()
    };
    let redeem = async |code: &str| {
        let body = json!({ "qrcode": code, "useCause": cause() });
        city.post(&bank, "/share/v1/queryCertInfoByQRcode", &body).await
    };
    let made_up =
        yinzheng::domain::show_code::ShowCode::from_random("12345678901234567890123").expect("digits");
    let unknown = redeem(made_up.digits()).await;
    assert_eq!((unknown.status.as_u16(), unknown.code().as_str()), (404, "show_code.unknown"));
    let other = code().await;
    crate::sharing::alike(&unknown, &redeem(&other).await);
    // It was not used up by that; used, withdrawn or run out, it is still unknown.
    let claim = json!({ "code": other, "matter": "户口登记" });
    assert_eq!(city.post(&city.clerk, "/v1/show-codes:redeem", &claim).await.status, 200);
    crate::sharing::alike(&unknown, &redeem(&other).await);
    let tried = city.get(&town.mother, "/v1/showings").await.json();
    assert_eq!(tried["items"][0]["tried_again"], json!([]), "{tried}");

    // The kind is allowed: the same code opens, masked, once, for the matter that was named.
    allow(city, &bank, &[KIND], &[], 600).await;
    let own = code().await;
    let answer = redeem(&own).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let shown = answer.json();
    assert_eq!(
        (&shown["licenses"][0]["license"], sensitive(&shown["licenses"][0])),
        (&town.license["id"], covered())
    );
    let again = redeem(&own).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (410, "show_code.used"));
    let uses = city.get(&town.mother, "/v1/space/uses").await.json();
    let newest = &uses["items"][0];
    assert_eq!((&newest["label"], &newest["matter"]), (&json!("景川银行"), &json!("小微企业贷款")), "{uses}");
    // It counts as consent from now on, for what was shown.
    let consent = shown["showing"].as_str().expect("a showing");
    assert_eq!(by_identifier(city, &bank, &town.license["id"], Some(consent)).await.status, 200);
    let today = city.clock_date(0);
    let usage = city.get(&city.operator, &format!("/share/v1/usage?from={today}&to={today}")).await.json();
    let count = usage["items"].as_array().expect("counts").iter().find(|item| item["operation"] == "by-code");
    let count = count.map(|count| (count["answered"].clone(), count["refused"].clone()));
    assert_eq!(count, Some((json!(1), json!(4))), "{usage:#}");

    // Of two licenses one is of a kind that is not allowed: not even the other is shown, until both are.
    let theirs = json!({ "name": "林知微", "identity_number": MOTHER, "birth_date": "1991-05-08" });
    let skill = issued(city, (LABOUR, "human-resources"), "vocational-qualification", &theirs).await;
    let licenses = json!([
        { "license": town.id(), "fields": ["mother_name"] }, { "license": skill["id"], "fields": ["name"] },
    ]);
    let wish = json!({ "licenses": licenses, "purpose": "户口登记" });
    let both = city.post(&town.mother, "/v1/show-codes", &wish).await.json();
    let both = both["code"].as_str().expect("a code");
    crate::sharing::alike(&unknown, &redeem(both).await);
    allow(city, &bank, &[KIND, "vocational-qualification"], &[], 600).await;
    assert_eq!(redeem(both).await.json()["licenses"].as_array().map(Vec::len), Some(2));

    // Who may not ask is not told either.
    let stranger = city.person("institution", json!({ "label": "路人" })).await;
    let body = json!({ "qrcode": code().await, "useCause": cause() });
    let denied = city.post(&stranger, "/share/v1/queryCertInfoByQRcode", &body).await;
    assert_eq!((denied.status.as_u16(), denied.code().as_str()), (403, "share.not_allowed"));
}

#[tokio::test]
async fn a_system_has_a_file_verified_for_a_cause_it_may_name() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let file = city.file(&license).await;
    let bank = city.person("institution", json!({ "label": "景川银行" })).await;
    allow(&city, &bank, &[crate::city::PERMIT], &[], 600).await;
    let address = |cause: &Value| {
        let pairs = cause.as_object().expect("a cause").iter();
        let pairs =
            pairs.map(|(name, value)| format!("{name}={}", urlencoded(value.as_str().expect("a text"))));
        format!("/share/v1/verifyFile?{}", pairs.collect::<Vec<_>>().join("&"))
    };
    let verify = async |who: &Person, cause: &Value, file: &[u8]| {
        let request = axum::http::Request::post(address(cause))
            .header("authorization", format!("Bearer {}", who.token))
            .header("content-type", "application/pdf");
        city.send(request.body(axum::body::Body::from(file.to_vec())).expect("a request")).await
    };
    let good = verify(&bank, &cause(), &file).await;
    assert_eq!(good.status, 200, "{}", good.json());
    let report = good.json();
    assert_eq!(
        (&report["verdict"], &report["license"]["identifier"]),
        (&json!("passed"), &license["id"]),
        "{report}"
    );
    let mut twin = file.clone();
    twin[file.len() / 3] ^= 1;
    let report = verify(&bank, &cause(), &twin).await.json();
    assert_eq!(report["verdict"], "failed", "{report}");
    let mut other = cause();
    other["certificateEventCode"] = json!("3301-0043");
    let denied = verify(&bank, &other, &file).await;
    assert_eq!((denied.status.as_u16(), denied.code().as_str()), (403, "share.not_allowed"));
    crate::sharing::alike(&denied, &verify(&city.institution, &cause(), &file).await);

    let today = city.clock_date(0);
    let usage = city.get(&city.operator, &format!("/share/v1/usage?from={today}&to={today}")).await.json();
    let counts = usage["items"].as_array().expect("counts").iter();
    let count = counts.filter(|item| item["credential"] == bank.id && item["operation"] == "verify-file");
    let count: Vec<_> = count.map(|count| (&count["answered"], &count["refused"])).collect();
    assert_eq!(count, [(&json!(2), &json!(1))], "{usage:#}");
}
