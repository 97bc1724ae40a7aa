//! Other systems ask: each question with its cause, each answer to be accounted for, and nothing told to strangers.

use crate::city::{City, HOLDER, PERMIT, Person, path};
use crate::service::Answer;
use serde_json::{Value, json};
use yinzheng::domain::license::LicenseId;

const SYSTEM: &str = "市民贷";
const ITEM: &str = "3301-0042";

/// Why it is asked.
pub fn cause() -> Value {
    json!({
        "certificateCopyCause": "办理贷款", "certificateCallCategory": "0", "certificateEventCode": ITEM,
        "certificateMatterName": "小微企业贷款", "certificateSystemName": SYSTEM,
    })
}

/// Two operators let somebody ask about these kinds, about some of them without consent.
pub async fn allow(city: &City, who: &Person, kinds: &[&str], lawful: &[&str], per_minute: u32) {
    let address = format!("/share/v1/allowances/{}", who.id);
    let wish = json!({
        "system": SYSTEM, "kinds": kinds, "causes": [ITEM], "lawful": lawful,
        "basis": "《优化营商环境条例》第三十七条", "per_minute": per_minute, "days": 30,
    });
    let answer = city.put(&city.operator, &address, &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    let second = city.person("operator", json!({ "label": "second operator" })).await;
    let answer = city.call(&second, "POST", &format!("{address}/confirm")).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
}

/// Asks about a license.
pub async fn by_identifier(city: &City, who: &Person, id: &Value, consent: Option<&str>) -> Answer {
    let mut body = json!({ "certIdentifier": id, "useCause": cause() });
    if let Some(consent) = consent {
        body["consent"] = json!(consent);
    }
    city.post(who, "/share/v1/queryCertInfo", &body).await
}

/// Asks about the licenses of a holder.
pub async fn by_holder(city: &City, who: &Person, code: &str, kind: &str) -> Answer {
    let body = json!({ "holderCode": code, "holderTypeCode": "001", "kind": kind, "useCause": cause() });
    city.post(who, "/share/v1/queryCertInfoByHolderCode", &body).await
}

/// The same status and, byte for byte, the same body.
pub fn alike(one: &Answer, other: &Answer) {
    assert_eq!(one.status, other.status);
    assert_eq!(String::from_utf8_lossy(&one.bytes), String::from_utf8_lossy(&other.bytes));
}

#[tokio::test]
async fn two_operators_let_a_system_ask_and_every_question_is_accounted_for() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let bank = city.person("institution", json!({ "label": "景川银行" })).await;
    let denied = by_identifier(&city, &bank, &license["id"], None).await;
    assert_eq!((denied.status.as_u16(), denied.code().as_str()), (403, "share.not_allowed"));

    // Registered and not confirmed is nothing yet; the same operator does not count twice.
    let address = format!("/share/v1/allowances/{}", bank.id);
    let wish = json!({
        "system": SYSTEM, "kinds": [PERMIT], "causes": [ITEM], "lawful": [PERMIT], "basis": "有关规定",
        "per_minute": 60, "days": 30,
    });
    city.put(&city.operator, &address, &wish).await;
    alike(&denied, &by_identifier(&city, &bank, &license["id"], None).await);
    let same = city.call(&city.operator, "POST", &format!("{address}/confirm")).await;
    assert_eq!((same.status.as_u16(), same.code().as_str()), (403, "share.same_person"));
    allow(&city, &bank, &[PERMIT], &[PERMIT], 60).await;

    let shared = by_identifier(&city, &bank, &license["id"], None).await;
    assert_eq!(shared.status, 200, "{}", shared.json());
    let shared = shared.json();
    assert_eq!((&shared["certIdentifier"], &shared["ground"]), (&license["id"], &json!("law")));
    assert_eq!(
        by_holder(&city, &bank, HOLDER, PERMIT).await.json()["items"].as_array().map(Vec::len),
        Some(1)
    );
    let data = json!({ "operator": "景川市云栖茶业有限公司", "premises": "别处" });
    let body = json!({ "certIdentifier": license["id"], "data": data, "useCause": cause() });
    let compared = city.post(&bank, "/share/v1/verifyCertInfo", &body).await.json();
    assert_eq!(
        (&compared["matches"], &compared["items"]),
        (
            &json!(false),
            &json!([{ "name": "operator", "matches": true }, { "name": "premises", "matches": false }])
        )
    );
    let body = json!({
        "certIdentifier": license["id"], "field": "premises", "remark": "地址与现场不符", "useCause": cause(),
    });
    assert_eq!(city.post(&bank, "/share/v1/certRemark", &body).await.status, 201);
    let remarks = city.get(&city.department, "/share/v1/remarks").await.json();
    assert_eq!(remarks["items"][0]["remark"], "地址与现场不符");

    // Another cause, or another system's name, is not what was allowed.
    for (member, value) in [("certificateEventCode", "3301-0043"), ("certificateSystemName", "别的系统")]
    {
        let mut other = cause();
        other[member] = json!(value);
        let body = json!({ "certIdentifier": license["id"], "useCause": other });
        alike(&denied, &city.post(&bank, "/share/v1/queryCertInfo", &body).await);
    }
    // The holder sees who looked, at which fields, for what.
    let uses = city.get(&city.holder, "/v1/space/uses").await.json();
    let items = uses["items"].as_array().expect("a list");
    assert!(items.len() >= 3, "{uses:#}");
    assert!(uses.to_string().contains("小微企业贷款") && uses.to_string().contains("景川银行"), "{uses:#}");
    let today = city.clock_date(0);
    let usage = city.get(&city.operator, &format!("/share/v1/usage?from={today}&to={today}")).await.json();
    let of = |operation: &str| {
        let items = usage["items"].as_array().expect("a list");
        let found = items.iter().find(|item| item["operation"] == operation && item["credential"] == bank.id);
        found.map(|item| (item["answered"].as_u64(), item["refused"].as_u64()))
    };
    assert_eq!(of("by-identifier"), Some((Some(1), Some(4))), "{usage:#}");
    assert_eq!((of("by-holder"), of("verify-data")), (Some((Some(1), Some(0))), Some((Some(1), Some(0)))));
    let lines = city.audit(license["id"].as_str().expect("an identifier")).await;
    assert!(lines.contains(&(bank.id.clone(), "share.ask".into(), "ok".into())), "{lines:#?}");

    // Withdrawn, it may ask nothing.
    let end = json!({ "reason": "合同终止" });
    assert_eq!(city.post(&city.operator, &format!("{address}/withdraw"), &end).await.status, 200);
    alike(&denied, &by_identifier(&city, &bank, &license["id"], None).await);
}

#[tokio::test]
async fn a_stranger_learns_nothing_from_how_it_is_told_no() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let license = city.permit(&seal, "key").await;
    let ended = city.permit(&seal, "ended").await;
    let act = json!({ "ending": "revoked", "reason": "依法办理" });
    city.post(&city.department, &path(&ended, "end"), &act).await;
    // May ask about the kind, but only with consent: to it these licenses are strangers'.
    let bank = city.person("institution", json!({ "label": "景川银行" })).await;
    allow(&city, &bank, &[PERMIT, "business-license"], &["business-license"], 600).await;

    let id = license["id"].as_str().expect("an identifier");
    let unknown = by_identifier(&city, &bank, &json!("not-an-identifier"), None).await;
    assert_eq!((unknown.status.as_u16(), unknown.code().as_str()), (404, "share.nothing"));
    // There, ended, of no form, with a consent that is nobody's or another's.
    alike(&unknown, &by_identifier(&city, &bank, &license["id"], None).await);
    alike(&unknown, &by_identifier(&city, &bank, &ended["id"], None).await);
    alike(&unknown, &by_identifier(&city, &bank, &license["id"], Some("no-such-showing")).await);
    let theirs = showing(&city, &city.clerk, &license).await;
    alike(&unknown, &by_identifier(&city, &bank, &license["id"], Some(&theirs)).await);
    // A holder with licenses, one without, one of a kind that may not be asked about.
    let none = by_holder(&city, &bank, "91990102MA7YQX032J", PERMIT).await;
    alike(&unknown, &none);
    alike(&none, &by_holder(&city, &bank, HOLDER, PERMIT).await);
    alike(&none, &by_holder(&city, &bank, HOLDER, "no-such-kind").await);
    // Data that are right and data that are wrong.
    for operator in ["景川市云栖茶业有限公司", "别人"] {
        let data = json!({ "operator": operator });
        let body = json!({ "certIdentifier": id, "data": data, "useCause": cause() });
        alike(&unknown, &city.post(&bank, "/share/v1/verifyCertInfo", &body).await);
    }
    let body = json!({ "certIdentifier": id, "days": 7, "useCause": cause() });
    alike(&unknown, &city.post_once(&bank, "/share/v1/downloadUrl", "a", &body).await);
    let body = json!({ "certIdentifier": "1.2.3", "days": 7, "useCause": cause() });
    alike(&unknown, &city.post_once(&bank, "/share/v1/downloadUrl", "b", &body).await);
    // A remark on a license that is there, one that has ended, and one that nobody issued; the issuer hears of none.
    let remark = async |id: &Value, consent: Option<&str>| {
        let mut body = json!({ "certIdentifier": id, "remark": "地址与现场不符", "useCause": cause() });
        if let Some(consent) = consent {
            body["consent"] = json!(consent);
        }
        city.post(&bank, "/share/v1/certRemark", &body).await
    };
    let there = LicenseId::parse(id).expect("an identifier");
    let absent = LicenseId::new(there.type_code(), there.issuer_code(), "NOSUCHSERIAL", 1);
    let absent = absent.expect("an identifier that nobody issued").to_string();
    for id in [&license["id"], &ended["id"], &json!(absent), &json!("1.2.3")] {
        alike(&unknown, &remark(id, None).await);
    }
    alike(&unknown, &remark(&license["id"], Some(&theirs)).await);
    assert_eq!(city.get(&city.department, "/share/v1/remarks").await.json()["items"], json!([]));
    // Nobody's space has a line of it.
    let uses = city.get(&city.holder, "/v1/space/uses").await.json().to_string();
    assert!(!uses.contains("景川银行"), "{uses}");
    // No stranger any more: the holder showed it the license.
    let own = showing(&city, &bank, &license).await;
    let taken = remark(&license["id"], Some(&own)).await;
    assert_eq!(taken.status, 201, "{}", taken.json());
    assert_eq!(
        city.get(&city.department, "/share/v1/remarks").await.json()["items"].as_array().map(Vec::len),
        Some(1)
    );
    alike(&unknown, &remark(&ended["id"], Some(&own)).await);
}

/// A showing that `who` redeemed.
async fn showing(city: &City, who: &Person, license: &Value) -> String {
    let request = json!({ "fields": ["operator"], "purpose": "办理贷款" });
    let drawn = city.post(&city.holder, &path(license, "show-codes"), &request).await.json();
    let request = json!({ "code": drawn["code"], "matter": "贷款" });
    let shown = city.post(who, "/v1/show-codes:redeem", &request).await.json();
    shown["showing"].as_str().expect("a showing").to_owned()
}

#[tokio::test]
async fn with_consent_exactly_what_was_shown_and_copies_by_law_alone() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let wish = json!({ "seal": seal });
    city.put(&city.operator, "/v1/service-seal", &wish).await;
    city.post(&city.department, "/v1/service-seal:agree", &wish).await;
    let license = city.permit(&seal, "key").await;
    let bank = city.person("institution", json!({ "label": "景川银行" })).await;
    allow(&city, &bank, &[PERMIT], &[], 600).await;
    let consent = showing(&city, &bank, &license).await;
    let shared = by_identifier(&city, &bank, &license["id"], Some(&consent)).await;
    assert_eq!(shared.status, 200, "{}", shared.json());
    let shared = shared.json();
    let names: Vec<_> = shared["fields"].as_array().expect("fields").iter().map(|f| &f["name"]).collect();
    assert_eq!((names, &shared["ground"]), (vec![&json!("operator")], &json!("consent")));
    // One field is no consent to a copy of the whole face.
    let body = json!({
        "certIdentifier": license["id"], "days": 7, "consent": consent, "useCause": cause(),
    });
    let copy = city.post_once(&bank, "/share/v1/downloadUrl", "a", &body).await;
    assert_eq!(copy.code(), "share.nothing");

    let office = city.person("institution", json!({ "label": "景川市税务局" })).await;
    allow(&city, &office, &[PERMIT], &[PERMIT], 600).await;
    let body = json!({ "certIdentifier": license["id"], "days": 7, "useCause": cause() });
    let copy = city.post_once(&office, "/share/v1/downloadUrl", "a", &body).await;
    assert_eq!(copy.status, 200, "{}", copy.json());
    let copy = copy.json();
    let id = copy["id"].as_str().expect("an identity");
    let address = format!("/v1/annotated-copies/{id}/file");
    assert!(copy["url"].as_str().expect("an address").ends_with(&address));
    let file = city.get(&office, &address).await;
    let report = city.verify(file.bytes).await.json();
    assert_eq!((&report["verdict"], &report["paper"]["recipient"]), (&json!("passed"), &json!(SYSTEM)));
    assert_eq!(city.get(&bank, &address).await.code(), "paper.unknown");
}

#[tokio::test]
async fn a_caller_has_its_own_number_of_questions_and_changes_go_on_from_a_place() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let first = city.permit(&seal, "first").await;
    let platform = city.person("institution", json!({ "label": "大数据平台" })).await;
    allow(&city, &platform, &[PERMIT], &[PERMIT], 6).await;
    let query = |cursor: Option<&str>| {
        let mut pairs = vec![
            ("certificateCopyCause", "目录汇聚"),
            ("certificateEventCode", ITEM),
            ("certificateMatterName", "目录汇聚"),
            ("certificateSystemName", SYSTEM),
        ];
        pairs.extend(cursor.map(|cursor| ("cursor", cursor)));
        let query = pairs.iter().map(|(name, value)| format!("{name}={}", urlencoded(value)));
        format!("/share/v1/changes?{}", query.collect::<Vec<_>>().join("&"))
    };
    let slice = city.get(&platform, &query(None)).await.json();
    assert_eq!(slice["items"][0]["certIdentifier"], first["id"], "{slice:#}");
    assert_eq!(slice["items"][0]["what"], "license.issued");
    let next = slice["next"].as_str().expect("a place").to_owned();
    assert_eq!(city.get(&platform, &query(Some(&next))).await.json()["items"], json!([]));
    let act = json!({ "ending": "cancelled", "reason": "依当事人申请" });
    city.post(&city.department, &path(&first, "end"), &act).await;
    let slice = city.get(&platform, &query(Some(&next))).await.json();
    assert_eq!(
        (&slice["items"][0]["what"], slice["items"].as_array().map(Vec::len)),
        (&json!("license.ended"), Some(1))
    );
    assert!(!slice.to_string().contains(HOLDER), "{slice}");
    for _ in 0..3 {
        city.get(&platform, &query(Some(&next))).await;
    }
    let over = city.get(&platform, &query(Some(&next))).await;
    assert_eq!((over.status.as_u16(), over.code().as_str()), (429, "caller.too_many_tries"));
}

/// As a value in a query.
pub fn urlencoded(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b == b'-' {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
