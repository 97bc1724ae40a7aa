//! TLS by the service itself: a department's system presents its X.509 certificate instead of a token.

use crate::city::City;
use crate::service::DEPARTMENT;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
use yinzheng::config::Tls;
use yinzheng::formats::x509::{self, Issuer, Particulars, Profile};
use yinzheng::http::router::router;
use yinzheng::http::server;
use yinzheng::ports::keys::HandleSigner;
use yinzheng::ports::random::Random;

/// What a client presents: its X.509 certificate and those above it, and its key.
struct Client {
    chain: Vec<Vec<u8>>,
    key: String,
}

fn keys_dev(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("keys-dev").join(file)
}

/// A client X.509 certificate under the city's own TLS authority.
fn of_our_authority(city: &City) -> Client {
    let key = KeyPair::generate().expect("a key");
    let authority = &city.service.authorities.p256.tls;
    let signer = HandleSigner::new(city.service.keys.as_ref(), &authority.key).expect("a signer");
    let profile = Profile::TlsClient {
        owner_code: DEPARTMENT.into(),
        owner_name: "景川市市场监督管理局".into(),
        name: "业务系统".into(),
    };
    let random: &dyn Random = city.service.random.as_ref();
    let now = city.service.clock.now();
    let particulars = Particulars {
        serial: random.bytes(),
        not_before: now.minus(Duration::from_secs(60)),
        not_after: now.plus(Duration::from_secs(86_400)),
        crl_address: None,
    };
    let issuer = Issuer { x509: &authority.x509, signer: &signer };
    let spki = key.subject_public_key_info();
    let der = x509::issue(&profile, &particulars, &spki, &issuer).expect("an X.509 certificate");
    Client { chain: vec![der, authority.x509.clone()], key: key.serialize_pem() }
}

/// A client X.509 certificate that leads to nothing.
fn of_nobody() -> Client {
    let key = KeyPair::generate().expect("a key");
    let made = CertificateParams::new(Vec::new()).expect("parameters").self_signed(&key);
    Client { chain: vec![made.expect("an X.509 certificate").der().to_vec()], key: key.serialize_pem() }
}

/// Status and code of a call; `None` if there was no connection to call over.
async fn get(address: SocketAddr, client: Option<Client>, path: &str) -> Option<(u16, String)> {
    let roots = std::fs::read(keys_dev("roots.pem")).expect("roots");
    let root = Certificate::from_pem(&roots).expect("a root");
    let presented = client.map(|client| {
        let chain: Vec<_> = client.chain.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
        ClientCert::new_with_certs(&chain, PrivateKey::from_pem(client.key.as_bytes()).expect("a key"))
    });
    let tls =
        TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[root])).client_cert(presented).build();
    let agent: ureq::Agent =
        ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false).build().into();
    let url = format!("https://localhost:{}{path}", address.port());
    tokio::task::spawn_blocking(move || {
        let mut answer = agent.get(&url).call().ok()?;
        let text = answer.body_mut().read_to_string().expect("a body");
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        Some((answer.status().as_u16(), json["code"].as_str().unwrap_or_default().to_owned()))
    })
    .await
    .expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_client_x509_is_a_department_and_no_other_is() {
    let mut city = City::with(|config| {
        config.tls = Some(Tls {
            chain: keys_dev("tls-server.pem"),
            key: "tls-server".into(),
            client_roots: Some(keys_dev("roots.pem")),
        });
    })
    .await;
    let seal = city.active_seal().await;
    city.permit(&seal, "key").await;
    let registered = of_our_authority(&city);
    let request = json!({
        "label": "业务系统", "role": "department", "department": DEPARTMENT, "days": 30,
        "client_x509": STANDARD.encode(&registered.chain[0]),
    });
    let given = city.post(&city.operator, "/v1/credentials", &request).await;
    assert_eq!((given.status.as_u16(), &given.json()["token"]), (201, &Value::Null));
    // The same X.509 certificate is nobody else's as well.
    let again = city.post(&city.operator, "/v1/credentials", &request).await;
    assert_eq!(crate::city::faults(&again), [("/client_x509".to_owned(), "credential.known".to_owned())]);
    let unregistered = of_our_authority(&city);

    let listener = server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let address = listener.local_addr().expect("an address");
    let tls = city.tls.take().expect("TLS");
    let router = router(city.service.clone());
    let serving = tokio::spawn(server::serve(listener, router, Some(tls), false, std::future::pending()));

    let spoiled = {
        let mut chain = registered.chain.clone();
        *chain[0].last_mut().expect("a signature") ^= 1;
        Client { chain, key: registered.key.clone() }
    };
    let list = "/v1/licenses";
    assert_eq!(get(address, Some(registered), list).await, Some((200, String::new())));
    let unknown = Some((401, "caller.unknown".to_owned()));
    assert_eq!(get(address, Some(unregistered), list).await, unknown);
    assert_eq!(get(address, None, list).await, unknown);
    assert_eq!(get(address, None, "/healthz").await.map(|(status, _)| status), Some(200));
    assert_eq!(get(address, Some(of_nobody()), list).await, None, "no connection at all");
    assert_eq!(get(address, Some(spoiled), list).await, None, "no connection at all");

    // The auditor reads by which credential it was.
    let credential = given.json()["credential"]["id"].as_str().expect("an identifier").to_owned();
    let lines = city.get(&city.auditor, &format!("/v1/audit?actor={credential}")).await.json();
    assert_eq!(lines["items"][0]["action"], "license.list", "{lines}");
    // Plain HTTP is not answered where TLS is spoken.
    let plain = tokio::task::spawn_blocking(move || ureq::get(format!("http://{address}/healthz")).call());
    assert!(plain.await.expect("no panic").is_err());
    serving.abort();
}
