//! Documents that are brought to be sealed: by a department, by others under a grant, and what is refused.

use crate::city::{City, Person, faults, findings};
use crate::contract;
use crate::judges;
use crate::postgres::Postgres;
use crate::service::{Answer, DEPARTMENT};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lopdf::{Dictionary, Object, dictionary};
use serde_json::{Value, json};

/// A request to seal a file at its only `甲方（盖章）`; members in `more` replace others, null takes one out.
pub fn request(seal: &str, file: &[u8], more: Value) -> Value {
    let mut request = json!({
        "seal": seal, "place": { "words": "甲方（盖章）" }, "name": "茶叶采购合同.pdf", "reason": "签订采购合同",
        "file": STANDARD.encode(file),
    });
    let members = request.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    members.retain(|_, value| !value.is_null());
    request
}

/// Asks for it.
pub async fn ask(city: &City, who: &Person, key: &str, request: &Value) -> Answer {
    city.post_once(who, "/v1/seal-jobs", key, request).await
}

/// Asks for it, and gives the job and the sealed file.
pub async fn sealed(city: &City, who: &Person, key: &str, request: &Value) -> (Value, Vec<u8>) {
    let answer = ask(city, who, key, request).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    let job = answer.json();
    assert_eq!(job["state"], "done", "{job}");
    let id = job["id"].as_str().expect("an id").to_owned();
    let file = city.get(who, &format!("/v1/seal-jobs/{id}/file")).await;
    assert_eq!(file.status, 200);
    (job, file.bytes)
}

async fn report(city: &City, file: &[u8]) -> Value {
    city.verify(file.to_vec()).await.json()
}

async fn root(city: &City) -> String {
    let roots = city.get(&city.auditor, "/pki/roots.pem").await.bytes;
    String::from_utf8(roots).expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_seals_a_contract_that_it_brings() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let original = contract::printed();
    let wanted = request(&seal, &original, json!({ "straddling": true }));
    let (job, file) = sealed(&city, &city.department, "one", &wanted).await;
    assert!(file.starts_with(&original), "every byte stays");
    assert_eq!(
        (&job["format"], &job["suite"], &job["owner"]),
        (&json!("pdf"), &json!("p256"), &json!(DEPARTMENT))
    );
    let said = report(&city, &file).await;
    assert_eq!(said["verdict"], "passed", "{said}");
    assert_eq!(said["seals"][0]["seal_code"], json!(seal));
    let found = findings(&said);
    for code in
        ["integrity.intact", "chain.trusted", "time.proven", "modification.none", "status.seal_was_active"]
    {
        assert!(found.contains(&code.to_owned()), "{code}: {found:?}");
    }
    judges::pdf("department.pdf", &file, &root(&city).await, 1, 1);
    let mut twin = file.clone();
    twin[original.len() / 2] ^= 1;
    assert_eq!(report(&city, &twin).await["verdict"], "failed");

    // The same request is the same job; another one under its key is none.
    let (again, _) = sealed(&city, &city.department, "one", &wanted).await;
    assert_eq!(again, job);
    let other = ask(&city, &city.department, "one", &request(&seal, &original, json!({}))).await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (409, "idempotency.key_reused"));

    // Read and listed, by those whom it concerns and by nobody else.
    let id = job["id"].as_str().expect("an id");
    let path = format!("/v1/seal-jobs/{id}");
    assert_eq!(city.get(&city.department, &path).await.json(), job);
    let listed = city.get(&city.department, &format!("/v1/seal-jobs?seal={seal}")).await.json();
    assert_eq!((&listed["items"][0], listed["items"].as_array().map(Vec::len)), (&job, Some(1)));
    assert_eq!(city.get(&city.clerk, &path).await.code(), "seal_job.unknown");
    assert_eq!(city.get(&city.clerk, &format!("{path}/file")).await.code(), "seal_job.unknown");
    assert_eq!(city.get(&city.clerk, "/v1/seal-jobs").await.json()["items"], json!([]));
    assert_eq!(city.get(&city.clerk, &format!("/v1/seal-jobs?seal={seal}")).await.code(), "seal.unknown");
    assert_eq!(city.get(&city.institution, &path).await.code(), "caller.wrong_role");

    // Seal, line and event; what the file is called, and the words in it, stand in none of them.
    let line = (city.department.id.clone(), "seal.use".to_owned(), "ok".to_owned());
    assert_eq!(city.audit(&seal).await.iter().filter(|known| **known == line).count(), 1);
    let read = (city.department.id.clone(), "seal_job.read_file".to_owned(), "ok".to_owned());
    assert!(city.audit(id).await.contains(&read));
    let trail = city.get(&city.auditor, "/v1/audit?limit=200").await.json().to_string();
    let events = city.events().await;
    let used: Vec<_> = events.iter().filter(|event| event.topic == "seal.used").collect();
    assert_eq!((used.len(), used[0].subject.as_str()), (1, seal.as_str()));
    assert!(used[0].concerns.contains(&DEPARTMENT.to_owned()));
    for personal in ["采购合同", "盖章"] {
        assert!(!trail.contains(personal), "{personal} is in the audit trail");
        assert!(events.iter().all(|event| !event.body.contains(personal)), "{personal} is told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_where_they_ended() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let file = contract::pdf(&[&["Party A"]]);
    let wanted = request(&seal, &file, json!({ "place": { "words": "Party A" } }));
    for key in ["a", "b", "c"] {
        sealed(&city, &city.department, key, &wanted).await;
    }
    let first = city.get(&city.department, "/v1/seal-jobs?limit=2").await.json();
    let next = first["next"].as_str().expect("more");
    let rest = city.get(&city.department, &format!("/v1/seal-jobs?limit=2&after={next}")).await.json();
    let ids = |list: &Value| -> Vec<String> {
        list["items"].as_array().expect("a list").iter().map(|job| job["id"].to_string()).collect()
    };
    assert_eq!((ids(&first).len(), ids(&rest).len()), (2, 1));
    assert!(ids(&first)[0] > ids(&first)[1] && ids(&first)[1] > ids(&rest)[0], "newest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ofd_contract_is_sealed_at_a_point_and_astride_its_pages() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let place = json!({ "page": 2, "x": 120.5, "y": 200 });
    let wanted =
        request(&seal, &contract::ofd(), json!({ "place": place, "straddling": true, "name": "合同.ofd" }));
    let (job, file) = sealed(&city, &city.department, "ofd", &wanted).await;
    assert_eq!((&job["format"], &job["suite"]), (&json!("ofd"), &json!("sm2")));
    assert_eq!((&job["place"]["page"], &job["place"]["x"]), (&json!(2), &json!(120.5)));
    let said = report(&city, &file).await;
    assert_eq!(said["verdict"], "passed", "{said}");
    let found = findings(&said);
    for code in
        ["ses.signature_right", "reference.intact", "mark.inside", "cover.whole", "status.seal_was_active"]
    {
        assert!(found.contains(&code.to_owned()), "{code}: {found:?}");
    }
    judges::ofd("department.ofd", &file);
    // A second seal, on words this time, leaves the first.
    let wanted = request(&seal, &file, json!({ "place": { "words": "甲方（盖章）" } }));
    let (_, twice) = sealed(&city, &city.department, "again", &wanted).await;
    let said = report(&city, &twice).await;
    assert_eq!(
        (&said["verdict"], said["seals"].as_array().map(Vec::len)),
        (&json!("passed"), Some(2)),
        "{said}"
    );
    judges::ofd("department-twice.ofd", &twice);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_seal_leaves_the_first_and_words_are_told_apart() {
    let city = City::start().await;
    let (first, second) = (city.active_seal().await, city.active_seal().await);
    let (_, once) =
        sealed(&city, &city.department, "first", &request(&first, &contract::printed(), json!({}))).await;
    let place = json!({ "place": { "words": "盖章", "nth": 2 } });
    let (_, twice) = sealed(&city, &city.department, "second", &request(&second, &once, place)).await;
    assert!(twice.starts_with(&once));
    let said = report(&city, &twice).await;
    let intact = findings(&said).into_iter().filter(|code| code == "integrity.intact").count();
    assert_eq!((intact, said["seals"].as_array().map(Vec::len)), (2, Some(2)), "{said}");
    // That a further seal came is for people to judge; nothing is wrong.
    assert_eq!(said["verdict"], "indeterminate", "{said}");
    judges::pdf("department-twice.pdf", &twice, &root(&city).await, 2, 1);

    // All places, the last place, and SM2 where it is asked for.
    let lines: Vec<&str> = vec!["Sign here"; 3];
    let file = contract::pdf(&[&lines, &lines]);
    let all = json!({ "place": { "words": "Sign here", "which": "all" } });
    let (_, all) = sealed(&city, &city.department, "all", &request(&first, &file, all)).await;
    let said = report(&city, &all).await;
    assert_eq!(
        (&said["verdict"], said["seals"].as_array().map(Vec::len)),
        (&json!("passed"), Some(1)),
        "{said}"
    );
    judges::pdf("all-places.pdf", &all, &root(&city).await, 1, 1);
    let last = json!({ "place": { "words": "Sign here", "which": "last" }, "suite": "sm2" });
    let (job, last) = sealed(&city, &city.department, "last", &request(&first, &file, last)).await;
    assert_eq!(job["suite"], "sm2");
    assert_eq!(report(&city, &last).await["verdict"], "passed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signature_of_somebody_before_us_stays_as_good_as_it_was() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let theirs = contract::sample("pdf/signed.pdf");
    let wanted = request(&seal, &theirs, json!({ "place": { "words": "Party B" } }));
    let (_, file) = sealed(&city, &city.department, "ours", &wanted).await;
    assert!(file.starts_with(&theirs));
    let said = report(&city, &file).await;
    let intact = findings(&said).into_iter().filter(|code| code == "integrity.intact").count();
    assert_eq!((intact, said["seals"].as_array().map(Vec::len)), (2, Some(2)), "{said}");
    assert_ne!(said["verdict"], "failed", "{said}");
    judges::earlier(&file);
    let mut twin = file;
    let at = twin.len() / 9;
    twin[at] ^= 1;
    let wanted = request(&seal, &twin, json!({ "place": { "words": "Party B" } }));
    assert_ne!(ask(&city, &city.department, "twin", &wanted).await.status, 201);
}

/// The faults of a request that is refused for them.
async fn refused(city: &City, request: &Value) -> Vec<(String, String)> {
    let answer = ask(city, &city.department, "bad", request).await;
    assert_eq!(answer.status, 422, "{}", answer.json());
    faults(&answer)
}

fn fault(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sealed_is_refused_with_its_code_and_leaves_nothing() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let before = city.written().await;
    let plain = contract::pdf(&[&["Party A"], &["Party B"]]);
    let at = |file: &[u8], place: Value| request(&seal, file, json!({ "place": place }));
    let words = |words: &str| json!({ "words": words });
    let point = |page: u32, x: f64| json!({ "page": page, "x": x, "y": 100.0 });
    let with = |change: &dyn Fn(&mut lopdf::Document)| {
        let mut document = contract::document(&[&["Party A"]]);
        change(&mut document);
        contract::saved(document)
    };
    let catalog = |key: &'static str, value: Dictionary| {
        with(&move |document| document.catalog_mut().expect("a catalog").set(key, value.clone()))
    };

    // The file.
    assert_eq!(refused(&city, &at(b"hello", words("x"))).await, fault("/file", "format.not_known"));
    assert_eq!(refused(&city, &at(&plain[..400], words("x"))).await, fault("/file", "format.broken"));
    assert_eq!(refused(&city, &at(b"PK\x03\x04", words("x"))).await, fault("/file", "format.broken"));
    let encrypted = contract::sample("pdf/qpdf-encrypted.pdf");
    assert_eq!(refused(&city, &at(&encrypted, words("x"))).await, fault("/file", "format.encrypted"));
    let esl = contract::sample("ofd/UserV4.esl");
    assert_eq!(refused(&city, &at(&esl, words("x"))).await, fault("/file", "seal_job.no_document"));
    let xfa =
        catalog("AcroForm", dictionary! { "Fields" => Vec::<Object>::new(), "XFA" => Vec::<Object>::new() });
    assert_eq!(refused(&city, &at(&xfa, words("Party A"))).await, fault("/file", "seal_job.xfa"));
    let usage = catalog("Perms", dictionary! { "UR3" => dictionary! {} });
    assert_eq!(refused(&city, &at(&usage, words("Party A"))).await, fault("/file", "seal_job.certified"));
    // A broken seal is not sealed over, and neither is a license.
    let h = contract::sample("ofd/h.ofd");
    assert_eq!(refused(&city, &at(&h, words("x"))).await, fault("/file", "seal_job.seal_broken"));
    let (_, once) = sealed(&city, &city.department, "good", &at(&plain, words("Party A"))).await;
    let mut broken = once.clone();
    let changed = plain.windows(7).position(|part| part == b"Party A").expect("there");
    broken[changed + 6] = b'C';
    assert_eq!(refused(&city, &at(&broken, words("Party B"))).await, fault("/file", "seal_job.seal_broken"));
    let permit = city.permit(&seal, "permit").await;
    let license = city.file(&permit).await;
    assert_eq!(refused(&city, &at(&license, point(1, 100.0))).await, fault("/file", "seal_job.is_license"));

    // The place.
    assert_eq!(
        refused(&city, &at(&plain, words("Party C"))).await,
        fault("/place/words", "seal_job.words_not_found")
    );
    let answer = ask(&city, &city.department, "bad", &at(&plain, words("Party"))).await;
    assert_eq!(faults(&answer), fault("/place/words", "seal_job.words_found_often"));
    let told = answer.json()["errors"][0]["details"]["en"].as_str().expect("a text").to_owned();
    assert!(told.contains("2 places") && told.contains("1 (") && told.contains("; 2 ("), "{told}");
    let nth = json!({ "words": "Party", "nth": 3 });
    assert_eq!(refused(&city, &at(&plain, nth)).await, fault("/place/words", "seal_job.words_found_less"));
    let fifty: Vec<&str> = vec!["Sign here"; 50];
    let fifty = contract::pdf(&[&fifty]);
    for which in [json!({ "nth": 3 }), json!({ "which": "last" }), json!({ "which": "all" }), json!({})] {
        let mut place = words("Sign here");
        place.as_object_mut().expect("an object").extend(which.as_object().expect("an object").clone());
        let answer = ask(&city, &city.department, "bad", &at(&fifty, place)).await;
        assert_eq!(faults(&answer), fault("/place/words", "seal_job.words_found_often"), "{which}");
        assert!(answer.json().to_string().contains("50"), "{}", answer.json());
    }
    assert_eq!(refused(&city, &at(&plain, point(3, 100.0))).await, fault("/place", "seal_job.no_such_page"));
    assert_eq!(refused(&city, &at(&plain, point(1, 5.0))).await, fault("/place", "seal_job.over_the_edge"));
    let outside = at(&contract::ofd(), point(2, 209.0));
    assert_eq!(refused(&city, &outside).await, fault("/place", "seal_job.over_the_edge"));
    assert_eq!(refused(&city, &at(&plain, json!({}))).await, fault("/place", "seal_job.one_place"));
    assert_eq!(refused(&city, &at(&plain, words("   "))).await, fault("/place/words", "field.required"));
    let one_page = contract::pdf(&[&["Party A"]]);
    let astride = json!({ "place": words("Party A"), "straddling": true });
    let straddling = request(&seal, &one_page, astride.clone());
    assert_eq!(refused(&city, &straddling).await, fault("/straddling", "seal_job.one_page"));
    assert_eq!(
        refused(&city, &request(&seal, &once, astride)).await,
        fault("/straddling", "seal_job.sealed_pages")
    );

    // The rest of the request, every fault at once.
    let mut bad = at(&plain, words("Party A"));
    bad["file"] = json!("no base64!");
    assert_eq!(refused(&city, &bad).await, fault("/file", "seal_job.not_base64"));
    let bad = request(&seal, &plain, json!({ "name": " ", "reason": "   ", "place": words(" ") }));
    let codes = refused(&city, &bad).await;
    let expected =
        [("/name", "field.required"), ("/place/words", "field.required"), ("/reason", "field.required")];
    assert_eq!(codes, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    let p256 = request(&seal, &contract::ofd(), json!({ "suite": "p256" }));
    assert_eq!(refused(&city, &p256).await, fault("/suite", "seal_job.ofd_is_sm2"));
    let huge = request(&seal, &vec![b'%'; 20 << 20 | 1], json!({ "place": words("x") }));
    assert_eq!(refused(&city, &huge).await, fault("/file", "format.too_large"));
    let unknown = ask(&city, &city.department, "bad", &request("99010000000000", &plain, json!({}))).await;
    assert_eq!((unknown.status.as_u16(), unknown.code().as_str()), (404, "seal.unknown"));

    // Of all these, nothing was kept but the one that was good, and the license.
    let after = city.written().await;
    assert_eq!((after.0, after.1), (before.0 + 1, before.1));
    let jobs = city.get(&city.department, "/v1/seal-jobs").await.json();
    assert_eq!(jobs["items"].as_array().map(Vec::len), Some(1), "{jobs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_a_seal_locks_are_refused() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    for (name, code) in [
        ("ofd/allprotected.ofd", &["seal_job.locked", "seal_job.seal_broken"][..]),
        ("pdf/docmdp-1.pdf", &["seal_job.certified"]),
        ("pdf/locked.pdf", &["seal_job.locked"]),
    ] {
        let file = contract::sample(name);
        let place = json!({ "page": 1, "x": 100, "y": 100 });
        let found = refused(&city, &request(&seal, &file, json!({ "place": place }))).await;
        let [(pointer, found)] = &found[..] else { panic!("{name}: {found:?}") };
        assert!(pointer == "/file" && code.contains(&found.as_str()), "{name}: {found}");
    }
}

#[tokio::test]
async fn a_seal_seals_only_for_those_who_may_use_it() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let file = contract::pdf(&[&["Party A"]]);
    let wanted = request(&seal, &file, json!({ "place": { "words": "Party A" } }));
    let stranger = "11990000MB0000003U";
    city.bureau(stranger, "civil-affairs").await;
    let other = city.person("department", json!({ "department": stranger })).await;
    let narrow = json!({ "department": DEPARTMENT, "seals": ["99010000000000"] });
    let narrow = city.person("department", narrow).await;
    let code = async |who: &Person, key: &str| {
        let answer = ask(&city, who, key, &wanted).await;
        (answer.status.as_u16(), answer.code())
    };
    let forbidden = |code: &str| (403, code.to_owned());
    assert_eq!(code(&other, "x").await, forbidden("permit.seal_of_another"));
    assert_eq!(code(&narrow, "x").await, forbidden("permit.seal_out_of_scope"));
    assert_eq!(code(&city.clerk, "x").await, forbidden("permit.seal_of_another"));
    assert_eq!(code(&city.holder, "x").await, forbidden("caller.wrong_role"));
    city.act_on_seal(&city.sealer, &seal, "suspend").await;
    assert_eq!(code(&city.department, "x").await, (409, "seal.suspended".to_owned()));
    let lines = city.audit(&seal).await;
    let line = (other.id.clone(), "seal.use".to_owned(), "permit.seal_of_another".to_owned());
    assert!(lines.contains(&line), "{lines:?}");
    // A seal without the suite.
    let only = json!({
        "owner_code": DEPARTMENT, "purpose": "license", "purpose_words": "电子证照专用章", "days": 365,
        "suites": ["p256"],
    });
    let only = city.post(&city.sealer, "/v1/seals", &only).await.json();
    let only = only["code"].as_str().expect("a code");
    city.approve_seal(only).await;
    let answer = ask(&city, &city.department, "x", &request(only, &contract::ofd(), json!({}))).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "seal.lacks_suite"));
}

async fn grant(city: &City, seal: &str, more: Value) -> Answer {
    let mut request = json!({
        "seal": seal, "credential": city.clerk.id, "documents": true, "until": city.clock_date(10),
        "reason": "委托窗口用印",
    });
    request.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    city.post(&city.sealer, "/v1/seal-grants", &request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_calls_do_not_run_over_a_grant() {
    parallel(City::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nor_do_they_over_postgres() {
    let Some(server) = Postgres::start("nor_do_documents_over_postgres") else { return };
    let database = server.database().await;
    parallel(City::with(|config| config.database = database).await).await;
}

async fn parallel(city: City) {
    let seal = city.active_seal().await;
    let given = grant(&city, &seal, json!({ "most": 3 })).await;
    assert_eq!(given.status, 201, "{}", given.json());
    let given = given.json();
    assert_eq!((&given["documents"], &given["kinds"]), (&json!(true), &json!([])));
    let file = contract::pdf(&[&["Party A"]]);
    let more = json!({ "place": { "words": "Party A" }, "grant": given["id"] });
    let wanted = request(&seal, &file, more);
    let keys: Vec<String> = (0..8).map(|n| format!("p{n}")).collect();
    let calls = keys.iter().map(|key| ask(&city, &city.clerk, key, &wanted));
    let answers = futures::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let exhausted = answers.iter().filter(|answer| answer.code() == "grant.exhausted").count();
    let codes: Vec<String> = answers.iter().map(Answer::code).collect();
    assert_eq!((made, exhausted), (3, 5), "{codes:?}");
    let id = given["id"].as_str().expect("an id");
    let uses = city.get(&city.clerk, &format!("/v1/seal-grants/{id}/uses")).await.json();
    let uses = uses["items"].as_array().expect("a list");
    assert_eq!(uses.len(), 3);
    assert!(
        uses.iter()
            .all(|used| used["outcome"] == "done" && used["job"].is_string() && used["license"].is_null())
    );
    // The seal's owner sees what was sealed with it.
    let jobs = city.get(&city.department, &format!("/v1/seal-jobs?seal={seal}")).await.json();
    assert_eq!(jobs["items"].as_array().map(Vec::len), Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_beyond_a_grant_is_refused_and_leaves_nothing() {
    let city = City::start().await;
    let (seal, other_seal) = (city.active_seal().await, city.active_seal().await);
    let file = contract::pdf(&[&["Party A"]]);
    let place = json!({ "words": "Party A" });
    let use_it = async |who: &Person, key: &str, seal: &str, grant: &Value| {
        let wanted = request(seal, &file, json!({ "place": place, "grant": grant["id"] }));
        let answer = ask(&city, who, key, &wanted).await;
        (answer.status.as_u16(), answer.code())
    };
    let for_kinds =
        grant(&city, &seal, json!({ "documents": false, "kinds": [crate::city::PERMIT] })).await.json();
    let both = grant(&city, &seal, json!({ "kinds": [crate::city::PERMIT] })).await.json();
    let neither = grant(&city, &seal, json!({ "documents": false })).await;
    assert_eq!(faults(&neither), fault("/kinds", "grant.kinds"));
    let forbidden = |code: &str| (403, code.to_owned());
    assert_eq!(use_it(&city.clerk, "a", &seal, &for_kinds).await, forbidden("grant.not_for_documents"));
    assert_eq!(use_it(&city.clerk, "a", &other_seal, &both).await, forbidden("grant.other_seal"));
    assert_eq!(use_it(&city.department, "a", &seal, &both).await, (404, "grant.unknown".to_owned()));
    assert_eq!(use_it(&city.clerk, "a", &seal, &both).await.0, 201);
    // A grant for documents issues no license.
    let documents = grant(&city, &seal, json!({})).await.json();
    let mut order = city.order(crate::city::PERMIT, &seal);
    order["grant"] = documents["id"].clone();
    let issued = city.post_once(&city.clerk, "/v1/licenses", "a", &order).await;
    assert_eq!((issued.status.as_u16(), issued.code().as_str()), (403, "grant.other_kind"));
    let id = both["id"].as_str().expect("an id");
    let reason = json!({ "reason": "停止委托" });
    city.post(&city.sealer, &format!("/v1/seal-grants/{id}/withdraw"), &reason).await;
    assert_eq!(use_it(&city.clerk, "b", &seal, &both).await, forbidden("grant.withdrawn"));
}
