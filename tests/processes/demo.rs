//! `yinzheng demo`: it goes on with its data, starts over when asked, and stops when interrupted.

use crate::program::{Running, refused};
use serde_json::Value;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use yinzheng::cli::client::Client;

/// Credit code, and license number, of the demo's company.
const COMPANY: &str = "91369901MA7QH0F217";

/// One demo under way: where it is, everybody's tokens, and the license it issued.
struct Demo {
    running: Running,
    base: String,
    tokens: Value,
    license: String,
    /// The command that issues another license.
    another: String,
}

impl Demo {
    fn start(data: &Path, more: &[&str]) -> Self {
        let tokens = data.with_extension("tokens.json");
        let (data, copy) = (data.display().to_string(), tokens.display().to_string());
        let fixed = ["demo", "--listen", "127.0.0.1:0", "--data", &data, "--tokens", &copy];
        let mut running = Running::start(&[&fixed, more].concat());
        let said = running.until("Ctrl-C");
        let all = said.join("\n");
        let another =
            all[all.find("curl ").expect("a command")..].split("\n\n").next().expect("it").to_owned();
        assert!(all.contains("DEVELOPMENT KEYS"), "{all}");
        let word = |start: &str| {
            let word = all.split_whitespace().find(|word| word.starts_with(start));
            word.unwrap_or_else(|| panic!("{start} in {all}")).to_owned()
        };
        let (base, license) = (word("http://"), word("1.2.156."));
        // The copy is written after the welcome; its end is what the service's own file says too.
        let tokens = std::fs::read(Path::new(&data).join("tokens.json")).expect("tokens");
        Self { running, base, tokens: serde_json::from_slice(&tokens).expect("JSON"), license, another }
    }

    /// Does what the printed command says, as the shell reads it; returns the status and the answer.
    fn another(&self) -> (u16, Value) {
        let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}\n{}", self.another);
        let read = Command::new("sh").args(["-c", &script]).output().expect("a shell");
        assert!(read.status.success(), "{script}\n{}", String::from_utf8_lossy(&read.stderr));
        let words = String::from_utf8(read.stdout).expect("UTF-8");
        let mut words = words.lines();
        assert_eq!(words.next(), Some("-s"));
        let mut request = ureq::post(words.next().expect("an address"));
        let mut body = "";
        while let (Some(option), Some(value)) = (words.next(), words.next()) {
            match option {
                "-H" => {
                    let (name, value) = value.split_once(": ").expect("a header");
                    request = request.header(name, value);
                }
                "-d" => body = value,
                other => panic!("{other}"),
            }
        }
        let sent = request.config().http_status_as_error(false).build().send(body);
        let mut answer = sent.expect("an answer");
        let text = answer.body_mut().read_to_string().expect("a text");
        (answer.status().as_u16(), serde_json::from_str(&text).expect("JSON"))
    }

    fn as_one(&self, name: &str) -> Client {
        Client::new(&self.base).with(self.tokens[name].as_str().expect("a token"))
    }

    /// The seal of receipts and annotated copies.
    fn service_seal(&self) -> String {
        text(&self.as_one("operator").get("/v1/service-seal").expect("a seal")["seal"])
    }

    /// The kiosk has a verifier that speaks for it; a clerk's window has none.
    fn kiosk(&self) {
        let opened = self.as_one("kiosk").post("/v1/kiosk/sessions", &Value::Null).expect("a session");
        assert_eq!(opened["state"], "waiting");
        let refused = self.as_one("clerk").post("/v1/kiosk/sessions", &Value::Null).expect_err("no kiosk");
        assert!(refused.is("assertion.not_for_this_counter"), "{refused}");
    }

    /// Licenses of the city's departments, but for that of the company that the demo registers.
    fn licenses(&self) -> Vec<String> {
        let tokens = self.tokens.as_object().expect("an object");
        let all = tokens.iter().filter(|(name, _)| name.starts_with("department-"));
        let lists = all.flat_map(|(_, token)| {
            let client = Client::new(&self.base).with(token.as_str().expect("a token"));
            client.get("/v1/licenses").expect("a list")["items"].as_array().expect("a list").clone()
        });
        let lists = lists.filter(|license| license["number"] != COMPANY);
        lists.map(|license| license["id"].as_str().expect("an identifier").to_owned()).collect()
    }
}

#[test]
fn a_second_start_goes_on_a_fresh_one_starts_over_and_ctrl_c_ends_in_peace() {
    let place = tempfile::tempdir().expect("a directory");
    let data = place.path().join("data");
    let first = Demo::start(&data, &[]);
    assert_eq!(first.licenses(), std::slice::from_ref(&first.license));
    let (tokens, license) = (first.tokens.clone(), first.license.clone());
    let (one, two) = (first.another(), first.another());
    assert_eq!((one.0, two.0), (201, 201), "{} {}", one.1, two.1);
    assert_ne!(one.1["id"], two.1["id"]);
    let mut all = vec![license.clone(), text(&one.1["id"]), text(&two.1["id"])];
    all.sort();
    let (seal, key) = (first.service_seal(), std::fs::read(data.join("demo-face.key.pem")).expect("a key"));
    first.kiosk();
    assert_eq!(
        std::fs::read(place.path().join("demo-face.key.pem")).expect("beside the copy of the tokens"),
        key
    );
    for folder in [data.as_path(), place.path()] {
        let mode = std::fs::metadata(folder.join("demo-face.key.pem")).expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", folder.display());
    }
    assert_eq!(first.running.interrupt().code(), Some(0));

    let second = Demo::start(&data, &[]);
    let mut kept = second.licenses();
    kept.sort();
    assert_eq!((&second.tokens, kept), (&tokens, all));
    assert_eq!(second.service_seal(), seal);
    second.kiosk();
    assert_eq!(std::fs::read(data.join("demo-face.key.pem")).expect("a key"), key);
    assert_eq!(second.running.interrupt().code(), Some(0));

    let fresh = Demo::start(&data, &["--fresh"]);
    assert_ne!(fresh.tokens, tokens);
    assert_eq!(fresh.licenses(), std::slice::from_ref(&fresh.license));
    assert_ne!(fresh.license, license);
    assert_eq!(fresh.running.interrupt().code(), Some(0));
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[test]
fn a_running_demo_keeps_its_data_whoever_else_starts() {
    let place = tempfile::tempdir().expect("a directory");
    let data = place.path().join("data");
    let demo = Demo::start(&data, &[]);
    let folder = data.display().to_string();
    let busy = demo.base.trim_start_matches("http://");
    let said = refused(&["demo", "--data", &folder, "--listen", busy, "--fresh"]);
    assert!(said.contains("in use") && said.contains("--listen"), "{said}");
    let holder = format!("process {}", demo.running.id());
    for more in [&[][..], &["--fresh"]] {
        let said = refused(&[&["demo", "--data", &folder, "--listen", "127.0.0.1:0"], more].concat());
        assert!(said.contains(&holder) && said.contains("--data"), "{said}");
    }
    assert_eq!(demo.licenses(), std::slice::from_ref(&demo.license));
    assert_eq!(demo.another().0, 201, "it still issues");
    assert_eq!(demo.running.interrupt().code(), Some(0));
}

#[test]
fn a_busy_port_an_open_address_and_a_folder_of_others_are_clear_messages() {
    let place = tempfile::tempdir().expect("a directory");
    let data = place.path().join("data").display().to_string();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let said = refused(&["demo", "--data", &data, "--listen", &address]);
    assert!(said.contains(&address) && said.contains("in use") && said.contains("--listen"), "{said}");
    assert!(!Path::new(&data).exists(), "a start that could not serve left a folder");
    let said = refused(&["demo", "--data", &data, "--listen", "0.0.0.0:0"]);
    assert!(said.contains("this machine only"), "{said}");
    let own = place.path().join("own.txt");
    std::fs::write(&own, "mine").expect("written");
    let folder = place.path().display().to_string();
    for more in [&[][..], &["--fresh"]] {
        let said = refused(&[&["demo", "--data", &folder, "--listen", "127.0.0.1:0"], more].concat());
        assert!(said.contains("no demo made it") && said.contains("--data"), "{said}");
        assert_eq!(std::fs::read(&own).expect("still there"), b"mine");
    }
}
