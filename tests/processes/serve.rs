//! `yinzheng serve`: what it refuses to start with, and what it says to do.

use crate::program::{Running, refused, run};
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

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
