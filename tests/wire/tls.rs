//! TLS by the service itself: a department's system presents its X.509 certificate instead of a token.

use crate::city::{City, PERMIT};
use crate::service::DEPARTMENT;
use rcgen::{CertificateParams, DnType, KeyPair};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
use yinzheng::config::Tls;
use yinzheng::formats::x509::pem;
use yinzheng::http::router::router;
use yinzheng::http::server;

/// What a client presents: its X.509 certificate and those above it, and its key.
#[derive(Clone)]
struct Client {
    chain: Vec<Vec<u8>>,
    key: String,
}

fn keys_dev(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("keys-dev").join(file)
}

/// What `yinzheng keys client` makes of a request, under the TLS authority in `set`: the client, and the body of the
/// request that registers it.
fn by_request(set: &Path, passphrase: &Path) -> (Client, Value) {
    let place = tempfile::tempdir().expect("a directory");
    let (csr, out) = (place.path().join("machine.csr"), place.path().join("machine.pem"));
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, "machine");
    let request = params.serialize_request(&key).expect("a request");
    std::fs::write(&csr, request.pem().expect("PEM")).expect("written");
    let made = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["keys", "client", "--department", DEPARTMENT, "--department-name", "景川市市场监督管理局"])
        .args(["--name", "业务系统", "--days", "30"])
        .arg("--dir")
        .arg(set)
        .arg("--passphrase-file")
        .arg(passphrase)
        .arg("--request")
        .arg(&csr)
        .arg("--out")
        .arg(&out)
        .output()
        .expect("the program runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let told = String::from_utf8(made.stdout).expect("UTF-8");
    let body = serde_json::from_str(told.lines().last().expect("a line")).expect("JSON");
    let chain = pem::x509s_from_pem(&std::fs::read_to_string(&out).expect("written")).expect("reads");
    (Client { chain, key: key.serialize_pem() }, body)
}

/// Under the city's own TLS authority.
fn of_our_authority() -> (Client, Value) {
    by_request(&keys_dev(""), &keys_dev("passphrase.txt"))
}

/// Made in the same way, by somebody with key sets of their own.
fn of_another_authority() -> (Client, Value) {
    let place = tempfile::tempdir().expect("a directory");
    let passphrase = place.path().join("passphrase");
    std::fs::write(&passphrase, "correct horse battery staple").expect("written");
    let set = place.path().join("keys");
    let made = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["keys", "init", "--name", "景川市", "--passphrase-file"])
        .arg(&passphrase)
        .arg("--dir")
        .arg(&set)
        .output()
        .expect("the program runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    by_request(&set, &passphrase)
}

/// A client X.509 certificate that leads to nothing.
fn of_nobody() -> Client {
    let key = KeyPair::generate().expect("a key");
    let made = CertificateParams::new(Vec::new()).expect("parameters").self_signed(&key);
    Client { chain: vec![made.expect("an X.509 certificate").der().to_vec()], key: key.serialize_pem() }
}

/// One call: a question, or an order under an idempotency key.
#[derive(Clone)]
struct Call {
    path: &'static str,
    order: Option<(String, Value)>,
}

fn get(path: &'static str) -> Call {
    Call { path, order: None }
}

/// Status and answer; `None` if there was no connection to call over.
async fn call(address: SocketAddr, client: Option<Client>, call: Call) -> Option<(u16, Value)> {
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
    let url = format!("https://localhost:{}{}", address.port(), call.path);
    tokio::task::spawn_blocking(move || {
        let sent = match call.order {
            None => agent.get(&url).call(),
            Some((key, body)) => {
                let request = agent.post(&url).header("idempotency-key", key);
                request.header("content-type", "application/json").send(body.to_string())
            }
        };
        let mut answer = sent.ok()?;
        let text = answer.body_mut().read_to_string().expect("a body");
        Some((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default()))
    })
    .await
    .expect("no panic")
}

/// What a call was refused with.
fn refused(answer: Option<(u16, Value)>) -> Option<(u16, String)> {
    answer.map(|(status, json)| (status, json["code"].as_str().unwrap_or_default().to_owned()))
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
    // As the command says: its last line is the request that registers.
    let (registered, request) = of_our_authority();
    let given = city.post(&city.operator, "/v1/credentials", &request).await;
    assert_eq!((given.status.as_u16(), &given.json()["token"]), (201, &Value::Null), "{}", given.json());
    // The same X.509 certificate is nobody else's as well.
    let again = city.post(&city.operator, "/v1/credentials", &request).await;
    assert_eq!(crate::city::faults(&again), [("/client_x509".to_owned(), "credential.known".to_owned())]);
    let (unregistered, _) = of_our_authority();
    // Registered, but of an authority that the service does not trust.
    let (foreign, request) = of_another_authority();
    assert_eq!(city.post(&city.operator, "/v1/credentials", &request).await.status, 201);

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
    let list = get("/v1/licenses");
    let order =
        |key: &str| Call { path: "/v1/licenses", order: Some((key.to_owned(), city.order(PERMIT, &seal))) };
    let listed = call(address, Some(registered.clone()), list.clone()).await;
    assert_eq!(listed.map(|(status, _)| status), Some(200));
    let (status, license) = call(address, Some(registered), order("by-machine")).await.expect("a connection");
    assert_eq!((status, &license["kind"]), (201, &json!(PERMIT)), "{license}");
    let unknown = Some((401, "caller.unknown".to_owned()));
    assert_eq!(refused(call(address, Some(unregistered), order("unregistered")).await), unknown);
    assert_eq!(refused(call(address, None, list.clone()).await), unknown);
    assert_eq!(call(address, None, get("/healthz")).await.map(|(status, _)| status), Some(200));
    for client in [of_nobody(), spoiled, foreign] {
        assert_eq!(call(address, Some(client), order("foreign")).await, None, "no connection at all");
    }

    // The auditor reads by which credential it was.
    let credential = given.json()["credential"]["id"].as_str().expect("an identifier").to_owned();
    let lines = city.get(&city.auditor, &format!("/v1/audit?actor={credential}")).await.json();
    assert_eq!(lines["items"][0]["action"], "license.list", "{lines}");
    let license = license["id"].as_str().expect("an identifier");
    let issued = (credential, "license.issue".to_owned(), "ok".to_owned());
    assert!(city.audit(license).await.contains(&issued));
    // Plain HTTP is not answered where TLS is spoken.
    let plain = tokio::task::spawn_blocking(move || ureq::get(format!("http://{address}/healthz")).call());
    assert!(plain.await.expect("no panic").is_err());
    serving.abort();
}
