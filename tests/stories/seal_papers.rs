//! Papers and pictures of an application for a seal: brought through the API and through the page, read by those who decide.

use crate::city::{City, Person};
use crate::service::{Answer, DEPARTMENT};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use std::io::Cursor;
use tower::ServiceExt;
use yinzheng::crypto::sha256;

fn digest(bytes: &[u8]) -> String {
    hex::encode(sha256(bytes))
}

async fn whole(city: &City, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let answer = city.router.clone().oneshot(request).await.expect("an answer");
    let (head, body) = answer.into_parts();
    (head.status, head.headers, to_bytes(body, 64 << 20).await.expect("a body").to_vec())
}

fn told(answer: &Answer) -> (u16, String) {
    let code = if answer.bytes.is_empty() { String::new() } else { answer.code() };
    (answer.status.as_u16(), code)
}

async fn bring(city: &City, who: &Person, seal: &str, digest: &str, bytes: &[u8]) -> (u16, String) {
    let request = Request::put(format!("/v1/seals/{seal}/papers/{digest}"))
        .header("authorization", format!("Bearer {}", who.token))
        .header("content-type", "application/octet-stream");
    told(&city.send(request.body(Body::from(bytes.to_vec())).expect("a request")).await)
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn papers_are_brought_once_and_read_by_those_who_decide() {
    let city = City::start().await;
    let (paper, page, kept) =
        (&b"%PDF-1.7 the application"[..], &b"<!DOCTYPE html>"[..], &b"%PDF-1.7 kept"[..]);
    let listed =
        |name: &str, bytes: &[u8]| json!({ "name": name, "sha256": digest(bytes), "size": bytes.len() });
    let request = json!({
        "owner_code": DEPARTMENT, "purpose": "business", "purpose_words": "业务专用章", "days": 30,
        "papers": [listed("申请书", paper), listed("网页", page), listed("自存", kept)],
    });
    let asked = city.post(&city.sealer, "/v1/seals", &request).await.json();
    let seal = asked["code"].as_str().expect("a code").to_owned();
    let (seal, right) = (seal.as_str(), digest(paper));

    // The digest that the application lists says which bytes are taken.
    let other = bring(&city, &city.sealer, seal, &right, b"%PDF-1.7 another").await;
    assert_eq!(other, refused(422, "seal.paper_other_bytes"));
    let unlisted = bring(&city, &city.sealer, seal, &digest(b"%PDF-"), b"%PDF-").await;
    assert_eq!(unlisted, refused(404, "seal.paper_unknown"));
    assert_eq!(
        bring(&city, &city.sealer, seal, &digest(page), page).await,
        refused(422, "seal.paper_sort"),
        "what could be run in a browser is no paper"
    );
    let large = bring(&city, &city.sealer, seal, &right, &vec![b'%'; (10 << 20) + 1]).await;
    assert_eq!(large.0, 413);
    let wrong_role = bring(&city, &city.department, seal, &right, paper).await;
    assert_eq!(wrong_role, refused(403, "caller.wrong_role"));
    for _ in 0..2 {
        assert_eq!(bring(&city, &city.sealer, seal, &right, paper).await, (204, String::new()));
    }
    let shown = city.get(&city.second_sealer, &format!("/v1/seals/{seal}")).await.json();
    let media: Vec<&Value> =
        shown["papers"].as_array().expect("papers").iter().map(|p| &p["media"]).collect();
    assert_eq!(media, [&json!("application/pdf"), &Value::Null, &Value::Null]);

    // Whoever decides reads it, as a file to keep.
    let address = format!("/v1/seals/{seal}/papers/{right}");
    for address in [address.clone(), address.replace("/v1/", "/")] {
        let read =
            Request::get(&address).header("authorization", format!("Bearer {}", city.second_sealer.token));
        let (status, headers, bytes) = whole(&city, read.body(Body::empty()).expect("a request")).await;
        assert_eq!((status, bytes.as_slice()), (StatusCode::OK, paper));
        assert_eq!(headers["content-type"], "application/pdf");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(
            headers["content-disposition"],
            format!("attachment; filename=\"{}.pdf\"", &right[..16]).as_str()
        );
    }
    let elsewhere = "11990000MB0000002Q";
    city.bureau(elsewhere, "market-regulation").await;
    let stranger = city.person("seal-administrator", json!({ "department": elsewhere })).await;
    for (who, address, expected) in [
        (&city.department, address.clone(), refused(403, "caller.wrong_role")),
        (&city.auditor, address.clone(), refused(403, "caller.wrong_role")),
        (&stranger, address.clone(), refused(404, "seal.unknown")),
        (&city.sealer, address.replace(&right, &digest(kept)), refused(404, "seal.paper_not_here")),
        (&city.sealer, address.replace(&right, &right.to_uppercase()), refused(404, "seal.paper_unknown")),
    ] {
        assert_eq!(told(&city.get(who, &address).await), expected, "{address}");
    }
    let lines = city.audit(seal).await;
    let line =
        |who: &Person, action: &str, outcome: &str| (who.id.clone(), action.to_owned(), outcome.to_owned());
    assert!(lines.contains(&line(&city.sealer, "seal.bring_paper", "ok")), "{lines:?}");
    assert!(lines.contains(&line(&city.second_sealer, "seal.read_paper", "ok")), "{lines:?}");
    assert!(lines.contains(&line(&stranger, "seal.read_paper", "seal.unknown")), "{lines:?}");

    // What was approved was approved with the papers that were there.
    city.approve_seal(seal).await;
    let late = bring(&city, &city.sealer, seal, &digest(kept), kept).await;
    assert_eq!(late, refused(409, "seal.papers_closed"));
    assert_eq!(city.get(&city.second_sealer, &address).await.status, 200);
}

/// A page's form as a browser sends it.
struct Form(Vec<u8>);

impl Form {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn field(mut self, name: &str, value: &str) -> Self {
        let part = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        self.0.extend_from_slice(part.as_bytes());
        self
    }

    fn file(mut self, name: &str, file: &str, bytes: &[u8]) -> Self {
        let head =
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    async fn send(mut self, city: &City, cookie: &str) -> (StatusCode, HeaderMap, String) {
        self.0.extend_from_slice(b"--edge--\r\n");
        let request = Request::post("/seals/request")
            .header("cookie", cookie)
            .header("accept", "text/html")
            .header("content-type", "multipart/form-data; boundary=edge");
        let (status, headers, bytes) =
            whole(city, request.body(Body::from(self.0)).expect("a request")).await;
        (status, headers, String::from_utf8(bytes).expect("a page"))
    }
}

fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::GrayImage::new(30, 12);
    picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).expect("a picture");
    bytes
}

#[tokio::test]
async fn a_signature_is_asked_for_in_the_page_with_its_picture_and_papers() {
    let city = City::start().await;
    let anybody = city.person("seal-administrator", json!({})).await;
    let sign_in = Request::post("/sign-in").header("content-type", "application/x-www-form-urlencoded");
    let sign_in = sign_in.body(Body::from(format!("token={}", anybody.token))).expect("a request");
    let (_, headers, _) = whole(&city, sign_in).await;
    let cookie =
        headers["set-cookie"].to_str().expect("text").split(';').next().expect("a cookie").to_owned();
    let page =
        Request::get("/seals/request").header("cookie", &cookie).body(Body::empty()).expect("a request");
    let page = String::from_utf8(whole(&city, page).await.2).expect("a page");
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a secret");
    let csrf = rest.split('"').next().expect("a secret").to_owned();
    let filled = |form: Form| {
        form.field("owner_code", "person")
            .field("identity_number", "11010519491231002X")
            .field("owner_name", "李建国")
            .field("area_code", "990100")
            .field("purpose", "signature")
            .field("days", "365")
    };
    let good = || {
        filled(Form::new().field("csrf", &csrf)).field("picture_width", "40").field("picture_height", "15.5")
    };

    // Without the session's secret, or with it too late to be read first: nothing.
    for form in
        [filled(Form::new()), filled(Form::new()).field("csrf", &csrf), Form::new().field("csrf", "x")]
    {
        assert_eq!(form.send(&city, &cookie).await.0, StatusCode::FORBIDDEN);
    }
    // Faults stand at their fields: no picture, a side that no picture has, a paper that is none.
    let (status, _, said) = filled(Form::new().field("csrf", &csrf)).send(&city, &cookie).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && said.contains("field-picture-fault"), "{said}");
    let wide =
        filled(Form::new().field("csrf", &csrf)).field("picture_width", "400").field("picture_height", "15");
    let (_, _, said) = wide.file("picture", "p.png", &png()).send(&city, &cookie).await;
    assert!(
        said.contains("field-picture_width-fault") && !said.contains("field-picture_height-fault"),
        "{said}"
    );
    let script = good().file("picture", "p.png", &png()).file("paper_files", "a.html", b"<script>");
    let (status, _, said) = script.send(&city, &cookie).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && said.contains("field-paper_files-fault"), "{said}");

    // The twin.
    let paper = b"%PDF-1.7 consent";
    let form = good().file("picture", "p.png", &png()).file("paper_files", "同意书.pdf", paper);
    let (status, headers, said) = form.file("paper_files", "", b"").send(&city, &cookie).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{said}");
    let location = headers["location"].to_str().expect("text");
    let seal = location.strip_prefix("/seals/").and_then(|rest| rest.split('?').next()).expect("a seal");
    let shown = city.get(&anybody, &format!("/v1/seals/{seal}")).await.json();
    assert_eq!((&shown["picture"], &shown["purpose"]), (&json!("uploaded"), &json!("signature")));
    assert_eq!(shown["papers"][0]["name"], "同意书.pdf");
    assert_eq!(shown["papers"][0]["media"], "application/pdf");
    let read = city.get(&anybody, &format!("/v1/seals/{seal}/papers/{}", digest(paper))).await;
    assert_eq!((read.status.as_u16(), read.bytes.as_slice()), (200, &paper[..]));
    let picture = city.get(&anybody, &format!("/v1/seals/{seal}/picture.svg")).await;
    assert!(String::from_utf8(picture.bytes).expect("SVG").contains("width=\"40mm\" height=\"15.5mm\""));
}
