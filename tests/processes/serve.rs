//! `yinzheng serve`: what it refuses to start with, and what it says to do.

use crate::program::{Running, refused, run};
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use yinzheng::cli::client::Client;

/// A directory with a key set of one's own, made as the manual says.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        let passphrase = place.path("passphrase");
        fs::write(&passphrase, "correct horse battery staple\n").expect("written");
        fs::set_permissions(&passphrase, Permissions::from_mode(0o600)).expect("private");
        let made = run(&[
            "keys",
            "init",
            "--dir",
            &place.text("keys"),
            "--name",
            "景川市",
            "--passphrase-file",
            &place.text("passphrase"),
        ]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Writes a good configuration with one thing changed; returns its path.
    fn config(&self, from: &str, to: &str) -> String {
        let good = "\
            [server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://zz.example.gov.cn\"\n\
            [store]\ndatabase = \"sqlite:test.db\"\nfiles = \"files\"\n\
            [keys]\nset = \"keys\"\npassphrase_file = \"passphrase\"\n\
            [log]\nfilter = \"error\"\n";
        assert!(from.is_empty() || good.contains(from), "{from}");
        fs::write(self.path("yinzheng.toml"), good.replacen(from, to, 1)).expect("written");
        self.text("yinzheng.toml")
    }

    fn refused(&self, from: &str, to: &str) -> String {
        refused(&["serve", "--config", &self.config(from, to)])
    }

    /// Nothing was begun: no database, no files.
    fn untouched(&self) -> bool {
        !self.path("test.db").exists() && !self.path("files").exists()
    }
}

fn says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "does not say {part}: {said}");
    }
}

#[test]
fn what_is_not_safe_is_refused_with_what_to_do() {
    let place = Place::new();
    let dev = Path::new(env!("CARGO_MANIFEST_DIR")).join("keys-dev");
    let dev = format!("set = \"{}\"", dev.display());
    let said = place.refused("set = \"keys\"", &dev);
    says(&said, &["for development only", "yinzheng keys init"]);
    let said = place.refused("public_url = \"https://zz.example.gov.cn\"\n", "");
    says(&said, &["server.public_url", "give the address"]);
    let said = place.refused("https://zz", "http://zz");
    says(&said, &["server.public_url", "https"]);
    let said = place.refused("127.0.0.1:0", "0.0.0.0:0");
    says(&said, &["server.listen", "without TLS", "server.tls.chain", "behind_proxy"]);
    let said = place.refused("listen =", "lisden =");
    says(&said, &["server.lisden", "server.listen"]);
    says(&refused(&["serve", "--config", &place.text("none.toml")]), &["none.toml"]);

    for name in ["passphrase", "keys/seal-ca.key.pem"] {
        let file = place.path(name);
        fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("open to all");
        says(&place.refused("", ""), &[name, "chmod"]);
        fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("private");
    }
    assert!(place.untouched());

    // The address of the command line takes the place of the configured one before the check.
    let config = place.config("", "");
    let said = refused(&["serve", "--config", &config, "--listen", "0.0.0.0:0"]);
    says(&said, &["--listen", "without TLS", "behind_proxy"]);
    assert!(place.untouched());

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    says(&place.refused("127.0.0.1:0", &address), &[&address, "in use", "--listen"]);
    assert!(place.untouched());

    says(&place.refused("[log]", "[log]\nstdout = true"), &["log.stdout"]);

    // The twin: the same settings as they should be. It says that it serves, and ends in peace.
    let config = place.config("filter = \"error\"", "filter = \"info\"");
    let mut running = Running::start_reading_errors(&["serve", "--config", &config]);
    running.until("serving");
    assert_eq!(running.interrupt().code(), Some(0));
    assert!(!place.untouched());
}

/// The sample as it stands but for its port, beside keys made as the manual says.
#[test]
fn the_sample_configuration_starts_when_it_is_followed() {
    let place = Place::new();
    let sample = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("yinzheng.example.toml"));
    let sample = sample.expect("the sample").replace("127.0.0.1:8443", "127.0.0.1:0");
    fs::write(place.path("yinzheng.toml"), &sample).expect("written");
    let config = place.text("yinzheng.toml");
    // What is missing is told with the command that makes it.
    let said = refused(&["serve", "--config", &config]);
    says(&said, &["tls-server.pem", "yinzheng keys tls-server", "server.tls.chain"]);
    assert!(!place.path("data").exists());
    let (keys, passphrase) = (place.text("keys"), place.text("passphrase"));
    let made =
        ["keys", "tls-server", "--dir", &keys, "--host", "localhost", "--passphrase-file", &passphrase];
    assert!(run(&made).status.success());
    let mut running = Running::start_reading_errors(&["serve", "--config", &config]);
    running.until("serving");
    assert_eq!(running.interrupt().code(), Some(0));
    let mode = fs::metadata(place.path("data")).expect("made").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(place.path("data/yinzheng.db").exists());

    for (from, to, words) in [
        ("set = \"keys\"", "set = \"kees\"", ["kees", "yinzheng keys init", "keys.set"]),
        ("\"passphrase\"", "\"passfrase\"", ["passfrase", "keys.passphrase_file", "yinzheng keys init"]),
        ("data/yinzheng.db", "passphrase/yinzheng.db", ["passphrase", "cannot be opened", "store.database"]),
        ("data/files", "passphrase/files", ["passphrase", "files", "store.files"]),
    ] {
        assert_eq!(sample.matches(from).count(), if from.starts_with("data/y") { 2 } else { 1 }, "{from}");
        fs::write(place.path("yinzheng.toml"), sample.replace(from, to)).expect("written");
        says(&refused(&["serve", "--config", &config]), &words);
    }
}

#[test]
fn the_first_operator_is_given_a_token_at_the_machine_and_once() {
    let place = Place::new();
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let config = place.config("127.0.0.1:0", &format!("127.0.0.1:{port}"));
    let logging = fs::read_to_string(&config).expect("it").replace("\"error\"", "\"info\"");
    fs::write(&config, logging).expect("written");
    let mut running = Running::start_reading_errors(&["serve", "--config", &config]);
    running.until("serving");
    let add = |more: &[&'static str]| {
        [&["operator", "add", "--config", &config, "--label", "运维员"], more].concat()
    };
    let token = |said: Vec<u8>| {
        let said = String::from_utf8(said).expect("UTF-8");
        let token = said.lines().last().expect("a line").to_owned();
        assert!(token.starts_with("yz_"), "{said}");
        token
    };

    let added = run(&add(&[]));
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let client = Client::new(&format!("http://127.0.0.1:{port}"));
    let listed = client.with(&token(added.stdout)).get("/v1/credentials").expect("an operator's route");
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
    // The twin: somebody has a credential now, and one more must be meant.
    says(&refused(&add(&[])), &["--another", "API"]);
    let another = run(&add(&["--another"]));
    assert!(another.status.success(), "{}", String::from_utf8_lossy(&another.stderr));
    let second = client.with(&token(another.stdout));
    assert_eq!(second.get("/v1/credentials").expect("a list")["items"].as_array().map(Vec::len), Some(2));
    says(&refused(&["operator", "add", "--config", &config, "--label", " "]), &["--label"]);
    // All of it is in the audit trail.
    let auditor = second
        .post("/v1/credentials", &serde_json::json!({ "label": "审计员", "role": "auditor", "days": 1 }))
        .expect("a credential");
    let lines = client.with(auditor["token"].as_str().expect("a token")).get("/v1/audit").expect("lines");
    let outcomes: Vec<_> = lines["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|line| line["action"] == "credential.add" && line["actor"] == "system")
        .map(|line| line["outcome"].as_str().expect("a text").to_owned())
        .collect();
    assert_eq!(outcomes, ["ok", "credential.not_the_first", "ok"]);
    assert_eq!(running.interrupt().code(), Some(0));
}
