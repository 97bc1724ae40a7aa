//! Receipts for the file and annotated copies, through the API: others judge what we sealed.

use crate::city::{City, Person, findings, path};
use crate::judges;
use crate::postgres::Postgres;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::io::{Cursor, Read as _};
use std::time::Duration;
use yinzheng::app::offline;
use yinzheng::app::papers::receipt::{self, About};
use yinzheng::crypto::{PrivateKey, Suite, sha256};
use yinzheng::domain::party::Credential;
use yinzheng::domain::time::{Timestamp, parse_time};
use yinzheng::formats::offline_code::{on_phone, prove};
use yinzheng::ports::clock::Clock;
use yinzheng::ports::store;

/// A city whose seal seals papers of the service as well: an operator proposed it, its owner agreed.
async fn city_with_seal(city: &City) -> Value {
    let seal = city.active_seal().await;
    let wish = json!({ "seal": seal });
    assert_eq!(city.put(&city.operator, "/v1/service-seal", &wish).await.status, 204);
    let answer = city.get(&city.operator, "/v1/service-seal").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "service_seal.none"));
    assert_eq!(city.post(&city.department, "/v1/service-seal:agree", &wish).await.status, 204);
    let current = city.get(&city.auditor, "/v1/service-seal").await.json();
    assert_eq!((&current["seal"], &current["agreed_by"]), (&json!(seal), &json!(city.department.id)));
    city.permit(&seal, "key").await
}

/// A showing that the clerk redeemed.
async fn shown(city: &City, license: &Value) -> String {
    let request = json!({ "fields": ["operator", "premises"], "purpose": "入驻审核" });
    let drawn = city.post(&city.holder, &path(license, "show-codes"), &request).await.json();
    let request = json!({ "code": drawn["code"], "matter": "办理入驻" });
    let shown = city.post(&city.clerk, "/v1/show-codes:redeem", &request).await;
    assert_eq!(shown.status, 200, "{}", shown.json());
    shown.json()["showing"].as_str().expect("a showing").to_owned()
}

async fn the_life_of_a_receipt(city: &City) -> [Vec<u8>; 3] {
    let license = city_with_seal(city).await;
    let showing = shown(city, &license).await;
    let address = format!("/v1/showings/{showing}/receipt");
    assert_eq!(city.get(&city.auditor, &address).await.code(), "paper.unknown");
    let mut files = Vec::new();
    for form in ["pdf", "ofd", "json"] {
        let address = format!("{address}?format={form}");
        let answer = city.call(&city.clerk, "POST", &address).await;
        assert_eq!(answer.status, 200, "{form}");
        assert_eq!(city.call(&city.clerk, "POST", &address).await.bytes, answer.bytes, "{form}: the same");
        files.push(answer.bytes);
    }
    let about = city.get(&city.auditor, &address).await.json();
    assert_eq!((&about["kind"], about["files"].as_array().map(Vec::len)), (&json!("receipt"), Some(3)));
    for (who, code) in [
        (&city.institution, "showing.unknown"),
        (&city.holder, "caller.wrong_role"),
        (&city.auditor, "caller.wrong_role"),
    ] {
        assert_eq!(city.call(who, "POST", &address).await.code(), code);
    }
    let wrong = city.call(&city.clerk, "POST", &format!("{address}?format=png")).await;
    assert_eq!(wrong.status, 400, "{}", wrong.json());
    for file in &files {
        let report = city.verify(file.clone()).await.json();
        assert_eq!(report["verdict"], "passed", "{report:#}");
        assert_eq!((&report["license"], &report["paper"]["kind"]), (&Value::Null, &json!("receipt")));
        assert_eq!(report["paper"]["purpose"], "入驻审核");
        for code in ["paper.is_receipt", "paper.issuer_is_signer", "paper.known"] {
            assert!(findings(&report).contains(&code.into()), "{code}: {report:#}");
        }
    }
    the_statements_twin(city, &files[2]).await;
    let page = city.verify_page(files[0].clone()).await;
    assert!(page.contains("核验回执属实") && !page.contains("证照有效"), "{page}");
    files.try_into().expect("three files")
}

/// The JSON form: on the page too, and not with a byte changed, nor written again by its own seal.
async fn the_statements_twin(city: &City, statement: &[u8]) {
    let page = city.verify_page(statement.to_vec()).await;
    assert!(page.contains("核验回执属实"), "{page}");
    let mut twin = statement.to_vec();
    let last = twin.len() - 20;
    twin[last] = if twin[last] == b'A' { b'B' } else { b'A' };
    let report = city.verify(twin).await.json();
    assert_eq!(report["verdict"], "failed", "{report:#}");
    for code in ["jws.signature_wrong", "paper.not_the_made_file"] {
        assert!(findings(&report).contains(&code.into()), "{code}: {report:#}");
    }
    let report = city.verify([statement, b"\n"].concat()).await.json();
    assert_eq!(
        (&report["verdict"], findings(&report)),
        (&json!("indeterminate"), vec!["jws.unreadable".into()])
    );
}

#[tokio::test]
async fn a_receipt_goes_into_the_file_and_others_judge_it() {
    let city = City::start().await;
    let [pdf, ofd, statement] = the_life_of_a_receipt(&city).await;
    let roots = String::from_utf8(city.get(&city.operator, "/pki/roots.pem").await.bytes);
    let roots = roots.expect("PEM");
    judges::pdf("receipt.pdf", &pdf, &roots, 1, 0);
    judges::statement("receipt.jws", &statement, &roots);
    judges::ofd("receipt.ofd", &ofd);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_receipt_over_postgres() {
    let Some(server) = Postgres::start("a_receipt_over_postgres") else { return };
    let database = server.database().await;
    let city = City::with(|config| config.database = database).await;
    the_life_of_a_receipt(&city).await;
}

/// What a finished PDF has attached, read by the PDF library alone.
fn attached(pdf: &[u8]) -> Vec<u8> {
    let document = lopdf::Document::load_mem(pdf).expect("a PDF");
    let files = document.objects.values().filter_map(|object| object.as_stream().ok());
    let mut files = files.filter(|stream| stream.dict.has_type(b"EmbeddedFile"));
    let file = files.next().expect("an attached file");
    assert!(files.next().is_none(), "one and no more");
    file.get_plain_content().expect("its bytes")
}

/// A part of a finished OFD file.
fn part(ofd: &[u8], wanted: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(ofd)).expect("a package");
    let mut names = archive.file_names().map(|name| name.expect("a name").into_owned());
    let name = names.find(|name| name.ends_with(wanted)).expect("the part");
    drop(names);
    let mut content = String::new();
    archive.by_name(&name).expect("the part").read_to_string(&mut content).expect("text");
    content
}

/// 14 digits of China's time.
fn moment(digits: &str) -> Timestamp {
    assert!(digits.len() == 14 && digits.bytes().all(|b| b.is_ascii_digit()), "{digits}");
    let cut = |from: usize, to: usize| &digits[from..to];
    let (date, time) =
        ([cut(0, 4), cut(4, 6), cut(6, 8)].join("-"), [cut(8, 10), cut(10, 12), cut(12, 14)].join(":"));
    parse_time(&format!("{date}T{time}+08:00")).expect("a time")
}

/// The elements that the standard has for annotated copies, as the finished file gives them.
fn the_four_elements(form: &str, file: &[u8], made: &Value) {
    let said = |name: &str| parse_time(made[name].as_str().expect("a time")).expect("a time").whole_second();
    let check = |[created, creator, cause, expires]: [&str; 4]| {
        assert_eq!((moment(created), moment(expires)), (said("made_at"), said("expires_at")), "{form}");
        assert_eq!((creator, cause), ("景川市市场监督管理局", "办理贷款"), "{form}");
    };
    // In the data of every form by the standard's names.
    let data = match form {
        "pdf" => serde_json::from_slice(&attached(file)),
        "ofd" => serde_json::from_str(&part(file, "yinzheng-paper.json")),
        _ => {
            let statement = String::from_utf8(file.to_vec()).expect("text");
            let content = statement.split('.').nth(1).expect("three parts");
            let content = URL_SAFE_NO_PAD.decode(content);
            serde_json::from_slice(&content.expect("base64url"))
        }
    };
    let data: Value = data.expect("JSON");
    let names = ["CreationTime", "Creator", "Cause", "ExpiringTime"];
    check(names.map(|name| data["metadata"][format!("certificateCopy{name}")].as_str().expect("an element")));
    // In what an OFD file says of itself by the short names in use.
    if form == "ofd" {
        let root = part(file, "OFD.xml");
        let root = roxmltree::Document::parse(&root).expect("XML");
        check(["JZJZZSJ", "JZJZZZ", "JZJZZSY", "JZJYXQJZSJ"].map(|name| {
            let mut found = root.descendants().filter(|node| node.attribute("Name") == Some(name));
            let (only, none) = (found.next().expect("an element"), found.next());
            assert!(none.is_none() && only.tag_name().name() == "CustomData", "{name}");
            only.text().expect("a value")
        }));
    }
}

/// What a receipt's statement says.
fn claims(statement: &[u8]) -> Value {
    let text = std::str::from_utf8(statement).expect("text");
    let claims = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).expect("claims")).expect("base64url");
    serde_json::from_slice(&claims).expect("JSON")
}

/// Uses a code; gives what was found.
async fn uses(city: &City, who: &Person, code: &Value, kept: Option<u64>) -> Value {
    let mut request = json!({ "code": code, "matter": "对公开户" });
    if let Some(ago) = kept {
        request["kept"] = json!({ "id": "0123456789abcdef".repeat(2), "seconds_ago": ago });
    }
    let answer = city.post(who, "/v1/offline-codes:use", &request).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

fn receipt_of(used: &Value) -> String {
    format!("/v1/offline-code-uses/{}/receipt", used["use"].as_str().expect("a use"))
}

async fn receipts_of_codes(city: &City) -> [Vec<u8>; 3] {
    let license = city_with_seal(city).await;
    offline::publish(&city.service).await.expect("published");
    let wish = json!({ "fields": ["operator", "business_form"], "purpose": "银行开户", "days": 30 });
    let made = city.post(&city.holder, &path(&license, "paper-codes"), &wish).await.json();
    let digits = &made["digits"];
    let used = uses(city, &city.clerk, digits, None).await;
    let compared = city.post(&city.clerk, "/v1/offline-codes:compared", &json!({ "use": used["use"] })).await;
    assert_eq!(compared.status, 204);
    let address = receipt_of(&used);
    assert_eq!(city.get(&city.auditor, &address).await.code(), "paper.unknown");
    let mut files = Vec::new();
    for form in ["pdf", "ofd", "json"] {
        let address = format!("{address}?format={form}");
        let answer = city.call(&city.clerk, "POST", &address).await;
        assert_eq!(answer.status, 200, "{form}: {}", String::from_utf8_lossy(&answer.bytes));
        assert_eq!(city.call(&city.clerk, "POST", &address).await.bytes, answer.bytes, "{form}: the same");
        let report = city.verify(answer.bytes.clone()).await.json();
        assert_eq!(
            (&report["verdict"], &report["paper"]["kind"]),
            (&json!("passed"), &json!("receipt")),
            "{report:#}"
        );
        files.push(answer.bytes);
    }
    // What the code said, and no more: not the license's other fields, not its end.
    let said = claims(&files[2]);
    assert_eq!((&said["schema"], &said["consent"]), (&json!("yinzheng/code-receipt/1"), &used["use"]));
    let code =
        json!({ "medium": "paper", "checkedAt": used["judged_at"], "toldLater": false, "compared": true });
    assert_eq!(
        (&said["code"], &said["statusAt"], &said["way"]),
        (&code, &used["judged_at"], &json!("paper"))
    );
    assert_eq!((&said["purpose"], &said["matter"]), (&json!("银行开户"), &json!("对公开户")));
    assert_eq!((&said["counter"], &said["verdict"]), (&json!("3号窗口"), &json!("in-force")));
    let shown = &said["licenses"][0];
    assert_eq!((&shown["identifier"], &shown["validUntil"]), (&license["id"], &Value::Null));
    let fields = |of: &Value| -> Vec<(Value, Value)> {
        let fields = of["fields"].as_array().expect("fields").iter();
        fields.map(|field| (field["name"].clone(), field["value"].clone())).collect()
    };
    assert_eq!(fields(shown), fields(&used["code"]));
    assert_eq!(fields(shown).len(), 2);

    // Nobody else's; and a showing is no code.
    for (who, code) in [
        (&city.institution, "code_use.unknown"),
        (&city.holder, "caller.wrong_role"),
        (&city.auditor, "caller.wrong_role"),
    ] {
        assert_eq!(city.call(who, "POST", &address).await.code(), code);
    }
    assert_eq!(city.get(&city.institution, &address).await.code(), "code_use.unknown");
    let about = city.get(&city.auditor, &address).await.json();
    assert_eq!((&about["about"], about["files"].as_array().map(Vec::len)), (&used["use"], Some(3)));
    shown_use_has_none(city, &license).await;

    // Checked without a network, and told afterwards: when it was is the verifier's word.
    let told = uses(city, &city.institution, digits, Some(0)).await;
    assert_eq!(told["verdict"], "passed", "{told}");
    let file =
        city.call(&city.institution, "POST", &format!("{}?format=json", receipt_of(&told))).await.bytes;
    let said = claims(&file);
    assert_eq!((&said["code"]["toldLater"], &said["code"]["checkedAt"]), (&json!(true), &told["judged_at"]));
    assert_eq!(said["code"]["compared"], json!(false));
    assert!(said["statusAt"].as_str() >= said["code"]["checkedAt"].as_str(), "{said:#}");
    let again = uses(city, &city.institution, digits, Some(0)).await;
    let same =
        city.call(&city.institution, "POST", &format!("{}?format=json", receipt_of(&again))).await.bytes;
    assert!(same == file, "told twice, one receipt");
    of_a_phone(city, &license).await;

    // What did not pass showed nothing; what passed before keeps its receipt for thirty days.
    let reason = json!({ "reason": "整改" });
    assert!(city.post(&city.department, &path(&license, "suspend"), &reason).await.status.is_success());
    let failed = uses(city, &city.clerk, digits, None).await;
    assert_eq!(failed["verdict"], "failed");
    let refused = city.call(&city.clerk, "POST", &receipt_of(&failed)).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "code_use.not_passed"));
    city.clock.forward(Duration::from_secs(29 * 86_400));
    assert_eq!(city.call(&city.clerk, "POST", &address).await.bytes, files[0]);
    city.clock.forward(Duration::from_secs(86_400));
    let late =
        receipt::run(&city.service, &clerk(city).await, About::CodeUse(used["use"].as_str().expect("a use")))
            .await;
    let code = late.err().and_then(|error| error.refusal().map(|refusal| refusal.code));
    assert_eq!(code, Some("paper.receipt_too_late"));
    files.try_into().expect("three files")
}

/// The clerk's credential: its token ends after thirty days.
async fn clerk(city: &City) -> Credential {
    let id = &city.clerk.id;
    let found = store::read(city.service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.credential(id).await?) })
    });
    found.await.expect("read").expect("there")
}

/// The use that a redeemed showing leaves has its receipt by the showing alone.
async fn shown_use_has_none(city: &City, license: &Value) {
    shown(city, license).await;
    let newest = city.get(&city.holder, "/v1/space/uses").await.json()["items"][0].clone();
    assert_eq!(newest["matter"], "办理入驻");
    for id in [newest["id"].as_str().expect("an identity"), &"0".repeat(32), "no"] {
        let answer = city.call(&city.clerk, "POST", &format!("/v1/offline-code-uses/{id}/receipt")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "code_use.unknown"), "{id}");
    }
}

/// A phone's code names its license by a digest, and so does its receipt.
async fn of_a_phone(city: &City, license: &Value) {
    let key = PrivateKey::generate_pkcs8(Suite::P256).expect("a key");
    let key = PrivateKey::from_pkcs8(&key).expect("ours");
    let (device, _) = crate::offline::enrol(city, &city.holder, &key).await;
    let wish = json!({ "device": device["id"], "fields": ["operator"] });
    let made = city.post(&city.holder, &path(license, "phone-codes"), &wish).await.json();
    let code = STANDARD.decode(made["code"].as_str().expect("a code")).expect("base64");
    let proof = prove(&code, city.clock.now(), "入驻审核", &key).expect("signed");
    let digits = json!(on_phone(&code, &proof).expect("fits"));
    let used = uses(city, &city.clerk, &digits, None).await;
    let file = city.call(&city.clerk, "POST", &format!("{}?format=json", receipt_of(&used))).await.bytes;
    let said = claims(&file);
    let code = json!({ "medium": "phone", "checkedAt": used["judged_at"], "toldLater": false });
    assert_eq!((&said["code"], &said["purpose"]), (&code, &json!("入驻审核")));
    let identifier = said["licenses"][0]["identifier"].as_str().expect("a text");
    let digest = sha256(license["id"].as_str().expect("an identifier").as_bytes());
    assert_eq!(identifier, format!("sha256-96:{}", hex::encode(&digest[..12])));
    // The very same showing a second time is told, and shows nothing.
    let twice = uses(city, &city.clerk, &digits, None).await;
    assert_eq!(city.call(&city.clerk, "POST", &receipt_of(&twice)).await.code(), "code_use.not_passed");
}

#[tokio::test]
async fn who_checked_a_paper_or_phone_code_has_a_receipt_and_others_judge_it() {
    let city = City::start().await;
    let [pdf, ofd, statement] = receipts_of_codes(&city).await;
    let roots = String::from_utf8(city.get(&city.operator, "/pki/roots.pem").await.bytes);
    let roots = roots.expect("PEM");
    judges::pdf("code-receipt.pdf", &pdf, &roots, 1, 0);
    judges::statement("code-receipt.jws", &statement, &roots);
    judges::ofd("code-receipt.ofd", &ofd);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn receipts_of_codes_over_postgres() {
    let Some(server) = Postgres::start("receipts_of_codes_over_postgres") else { return };
    let database = server.database().await;
    let city = City::with(|config| config.database = database).await;
    receipts_of_codes(&city).await;
}

#[tokio::test]
async fn a_copy_for_one_purpose_ends_by_itself_and_others_judge_it() {
    let city = City::start().await;
    let license = city_with_seal(&city).await;
    let address = path(&license, "annotated-copies");
    let request = json!({ "purpose": "办理贷款", "recipient": "景川银行云栖支行", "days": 20 });
    let made = city.post_once(&city.holder, &address, "one", &request).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let again = city.post_once(&city.holder, &address, "one", &request).await;
    assert_eq!((again.status.as_u16(), again.json()), (201, made.json()));
    let other = json!({ "purpose": "办理贷款", "days": 20 });
    let reused = city.post_once(&city.holder, &address, "one", &other).await;
    assert_eq!(reused.code(), "idempotency.key_reused");
    let id = made.json()["id"].as_str().expect("an identity").to_owned();
    let roots = String::from_utf8(city.get(&city.operator, "/pki/roots.pem").await.bytes);
    let roots = roots.expect("PEM");
    let mut pdf = Vec::new();
    for form in ["pdf", "ofd", "json"] {
        let address = format!("/v1/annotated-copies/{id}/file?format={form}");
        let file = city.get(&city.holder, &address).await;
        assert_eq!(file.status, 200);
        assert!(file.bytes.len() < 200_000, "{form}: {} bytes", file.bytes.len());
        // Whoever sees the license has its copies; nobody else.
        assert_eq!(city.get(&city.department, &address).await.bytes, file.bytes);
        assert_eq!(city.get(&city.institution, &address).await.code(), "paper.unknown");
        let report = city.verify(file.bytes.clone()).await.json();
        assert_eq!(report["verdict"], "passed", "{report:#}");
        assert_eq!((&report["license"], &report["paper"]["kind"]), (&Value::Null, &json!("annotated-copy")));
        the_four_elements(form, &file.bytes, &made.json());
        match form {
            "pdf" => {
                judges::pdf("copy.pdf", &file.bytes, &roots, 1, 0);
                pdf = file.bytes;
            }
            "ofd" => judges::ofd("copy.ofd", &file.bytes),
            _ => judges::statement("copy.jws", &file.bytes, &roots),
        }
    }
    let page = city.verify_page(pdf.clone()).await;
    assert!(page.contains("加注件有效") && page.contains("办理贷款"), "{page}");
    city.clock.forward(Duration::from_secs(20 * 86_400));
    let report = city.verify(pdf).await.json();
    assert_eq!(report["verdict"], "failed");
    assert!(findings(&report).contains(&"paper.copy_expired".into()), "{report}");
    let gone = city.get(&city.holder, &format!("/v1/annotated-copies/{id}/file")).await;
    assert_eq!((gone.status.as_u16(), gone.code().as_str()), (410, "paper.copy_over"));
}
