//! A service that has its timestamps from another one, over HTTP.

use crate::city::{City, PERMIT};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;
use yinzheng::app::Service;
use yinzheng::config::{Config, TimestampsConfig};
use yinzheng::crypto::DigestAlgorithm;
use yinzheng::formats::tsp::{self, PkiFailure};
use yinzheng::formats::x509::pem;
use yinzheng::http::router::router;
use yinzheng::http::server;

/// Longer than an unfinished order is taken to be worked on.
const LATER: Duration = Duration::from_secs(31);

/// How the other authority behaves.
#[derive(Clone, Copy, Debug)]
enum Mood {
    Honest,
    Away,
    Garbage,
    Endless,
    Refuses,
    OtherNonce,
    OtherDigest,
    SpoiledSignature,
}

#[derive(Clone)]
struct Other {
    service: Arc<Service>,
    mood: Arc<Mutex<Mood>>,
}

async fn stamp(State(other): State<Other>, query: Bytes) -> (StatusCode, Vec<u8>) {
    let mood = *other.mood.lock().expect("no panic before");
    let asked = tsp::parse_request(&query).expect("a request");
    let digest: [u8; 32] = asked.imprint.try_into().expect("SHA-256");
    let nonce = asked.nonce.expect("a nonce");
    let number = nonce.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let answer = |query: &[u8]| other.service.timestamps.answer(query).expect("its own authority");
    let reply = match mood {
        Mood::Honest => answer(&query),
        Mood::Away => return (StatusCode::SERVICE_UNAVAILABLE, Vec::new()),
        Mood::Garbage => b"<html>sign in to the network</html>".to_vec(),
        Mood::Endless => vec![0x30; 8 << 20],
        Mood::Refuses => tsp::refusal(PkiFailure::TimeNotAvailable),
        Mood::OtherNonce => answer(&tsp::request(DigestAlgorithm::Sha256, &digest, number.wrapping_add(1))),
        Mood::OtherDigest => answer(&tsp::request(DigestAlgorithm::Sha256, &[7; 32], number)),
        Mood::SpoiledSignature => {
            let mut reply = answer(&query);
            *reply.last_mut().expect("a token") ^= 1;
            reply
        }
    };
    (StatusCode::OK, reply)
}

fn listener() -> (TcpListener, String) {
    let listener = server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let url = format!("http://{}/tsa", listener.local_addr().expect("an address"));
    (listener, url)
}

async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()> + Send + 'static) {
    server::serve(listener, router, None, false, stop).await.expect("served");
}

/// What the other authority publishes about itself goes into two files; these settings name them.
async fn pointed_at(other: &City, url: String, place: &Path) -> impl FnOnce(&mut Config) {
    let roots = other.get(&other.auditor, "/pki/roots.pem").await.bytes;
    let chain = place.join("chain.pem");
    std::fs::write(&chain, roots).expect("written");
    let mut lists = Vec::new();
    for name in ["root", "sm2-root"] {
        let crl = other.get(&other.auditor, &format!("/crl/{name}.crl")).await.bytes;
        let path = place.join(format!("{name}.pem"));
        std::fs::write(&path, pem::crl_to_pem(&crl)).expect("written");
        lists.push(path);
    }
    move |config| {
        let remote = |crls: &Path| TimestampsConfig::Remote {
            url: url.clone(),
            chain: chain.clone(),
            crls: crls.to_owned(),
        };
        config.timestamps = remote(&lists[0]);
        config.sm2_timestamps = remote(&lists[1]);
    }
}

async fn issue(city: &City, key: &str, order: &Value) -> (u16, String, Value) {
    let answer = city.post_once(&city.department, "/v1/licenses", key, order).await;
    (answer.status.as_u16(), answer.code(), answer.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_service_stamps_over_its_own_door() {
    let place = tempfile::tempdir().expect("a directory");
    let other = City::start().await;
    let (listener, url) = listener();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = serve(listener, router(other.service.clone()), async { drop(stopped.await) });
    let serving = tokio::spawn(serving);
    let city = City::with(pointed_at(&other, url, place.path()).await).await;
    let seal = city.active_seal().await;
    let license = city.permit(&seal, "key").await;
    let report = city.verify(city.file(&license).await).await.json();
    assert_eq!(report["verdict"], "passed", "{report}");
    assert_eq!(report["seals"][0]["time_is_trusted"], true);
    // In OFD the signature value is hashed with SM3, and the other service stamps that with SM2.
    let order = city.order("business-license", &seal);
    let (status, _, license) = issue(&city, "both", &order).await;
    assert_eq!(status, 201, "{license}");
    for format in ["pdf", "ofd"] {
        let id = license["id"].as_str().expect("an identifier");
        let file = city.get(&city.department, &format!("/v1/licenses/{id}/file?format={format}")).await;
        let report = city.verify(file.bytes).await.json();
        assert_eq!(report["verdict"], "passed", "{report}");
        assert_eq!(report["seals"][0]["time_is_trusted"], true);
    }
    // It keeps no authority of its own open to others.
    let request = axum::http::Request::post("/tsa").header("content-type", "application/timestamp-query");
    let answer = city
        .send(request.body(tsp::request(DigestAlgorithm::Sha256, &[1; 32], 1).into()).expect("a request"))
        .await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "timestamps.not_here"));

    // Nobody listens any more: refused, nothing released.
    drop(stop);
    serving.await.expect("stopped cleanly");
    let order = city.order(PERMIT, &seal);
    let (status, code, _) = issue(&city, "lonely", &order).await;
    assert_eq!((status, code.as_str()), (503, "timestamps.unavailable"));
    assert_eq!(city.written().await.0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_right_is_not_taken_and_nothing_is_lost() {
    let place = tempfile::tempdir().expect("a directory");
    let other = City::start().await;
    let mood = Arc::new(Mutex::new(Mood::Honest));
    let (listener, url) = listener();
    let state = Other { service: other.service.clone(), mood: mood.clone() };
    let router = Router::new().route("/tsa", post(stamp)).with_state(state);
    tokio::spawn(serve(listener, router, std::future::pending()));
    let city = City::with(pointed_at(&other, url, place.path()).await).await;
    let seal = city.active_seal().await;
    let order = city.order(PERMIT, &seal);
    let set = |to| *mood.lock().expect("no panic before") = to;

    let moods = [
        Mood::Away,
        Mood::Garbage,
        Mood::Endless,
        Mood::Refuses,
        Mood::OtherNonce,
        Mood::OtherDigest,
        Mood::SpoiledSignature,
    ];
    for bad in moods {
        set(bad);
        let (status, code, answer) = issue(&city, &format!("{bad:?}"), &order).await;
        assert_eq!((status, code.as_str()), (503, "timestamps.unavailable"), "{bad:?}: {answer}");
    }
    let (licenses, open, _) = city.written().await;
    assert_eq!((licenses, open), (0, moods.len()), "recorded, none released");

    // The twin: the same orders under the same keys, when the authority is itself again.
    set(Mood::Honest);
    city.clock.forward(LATER);
    for bad in moods {
        let (status, _, answer) = issue(&city, &format!("{bad:?}"), &order).await;
        assert_eq!(status, 201, "{bad:?}: {answer}");
        let report = city.verify(city.file(&answer).await).await.json();
        assert_eq!(report["verdict"], "passed", "{report}");
    }
    let (licenses, open, _) = city.written().await;
    assert_eq!((licenses, open), (moods.len(), 0));
}
