//! `yinzheng keys crl`, with the root's key in a safe: what it revokes is known to the running service and to strangers.

use crate::city::{City, findings};
use crate::program::{refused, run};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use tokio::sync::oneshot;
use yinzheng::adapters::clock::SystemClock;
use yinzheng::config::PassphraseFrom;
use yinzheng::jobs::{self, Outside};
use yinzheng::ports::clock::Clock;

/// Key sets of both suites whose roots' keys lie in a safe.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        fs::write(place.path("passphrase"), "correct horse battery staple\n").expect("written");
        let mut init = place.keys("init");
        init.extend(["--name", "景川市", "--suite", "both", "--development"].map(str::to_owned));
        assert!(said(&init).contains("keys crl"));
        for (set, safe) in [("keys/root.key.pem", "safe.pem"), ("keys/sm2/root.key.pem", "safe-sm2.pem")] {
            fs::rename(place.path(set), place.path(safe)).expect("moved");
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// `yinzheng keys COMMAND` for the set.
    fn keys(&self, command: &str) -> Vec<String> {
        let (dir, passphrase) = (self.text("keys"), self.text("passphrase"));
        ["keys", command, "--dir", &dir, "--passphrase-file", &passphrase].map(str::to_owned).into()
    }

    fn crl(&self, suite: &str, more: &[&str]) -> Vec<String> {
        let safe = self.text(if suite == "sm2" { "safe-sm2.pem" } else { "safe.pem" });
        let mut crl = self.keys("crl");
        crl.extend(["--suite", suite, "--root-key", &safe].iter().chain(more).map(|&word| word.to_owned()));
        crl
    }

    /// A city that works with these keys.
    async fn city(&self) -> City {
        City::with(|config| {
            config.keys.set = self.path("keys");
            config.keys.own = self.path("own");
            config.keys.passphrase = PassphraseFrom::File(self.path("passphrase"));
        })
        .await
    }

    /// Verdict and findings of `yinzheng verify`, which trusts the roots and knows these files.
    fn verify(&self, file: &[u8], with: &[&str]) -> (String, Vec<String>) {
        fs::write(self.path("file"), file).expect("written");
        let (file, roots) = (self.text("file"), self.text("keys/roots.pem"));
        let with: Vec<_> = with.iter().flat_map(|name| ["--with".to_owned(), self.text(name)]).collect();
        let mut words = vec!["verify", &file, "--trust", &roots, "--json"];
        words.extend(with.iter().map(String::as_str));
        judged(&serde_json::from_slice(&run(&words).stdout).expect("JSON"))
    }
}

fn words(command: &[String]) -> Vec<&str> {
    command.iter().map(String::as_str).collect()
}

/// What the command says when it succeeds.
fn said(command: &[String]) -> String {
    let output = run(&words(command));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn judged(report: &Value) -> (String, Vec<String>) {
    (report["verdict"].as_str().expect("a verdict").to_owned(), findings(report))
}

/// Times in revocation lists are whole seconds: what was sealed in the second of a revocation counts as sealed after it.
fn next_second() {
    let second = || SystemClock.now().seconds();
    let now = second();
    while second() == now {
        std::thread::yield_now();
    }
}

/// The service does its jobs once.
async fn jobs_once(city: &City) {
    let (done, over) = oneshot::channel::<()>();
    let done = Mutex::new(Some(done));
    // Told of a root's list in every first pass, which is then finished.
    let outside = Outside {
        brought_crls: city.brought_crls.clone(),
        on_root_crl: Box::new(move |_, _| drop(done.lock().expect("no panic before").take())),
    };
    jobs::run(city.service.clone(), outside, async { drop(over.await) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_the_root_revokes_seals_nothing_from_then_on_whoever_asks() {
    let place = Place::new();
    let city = place.city().await;
    let seal = city.active_seal().await;
    let before = city.file(&city.permit(&seal, "before").await).await;
    let object = city.get(&city.department, &format!("/v1/seals/{seal}/seal.esl")).await.bytes;

    next_second();
    // 1. The root revokes the authority for seals. Nobody brings the list to the service yet: as with a stolen key, files
    // are sealed whose own lists know nothing of it.
    let old = fs::read(place.path("keys/root.crl.pem")).expect("there");
    let revoke = place.text("keys/seal-ca.pem");
    let told = said(&place.crl("p256", &["--revoke", &revoke, "--reason", "ca-compromise"]));
    assert!(told.contains("number 2") && told.contains("景川市 Seal CA"), "{told}");
    let after = city.file(&city.permit(&seal, "after").await).await;
    let (verdict, found) = place.verify(&after, &[]);
    assert!(verdict == "passed" && !found.contains(&"chain.revoked".to_owned()), "{found:?}");
    let (verdict, found) = place.verify(&after, &["keys/root.crl.pem"]);
    assert!(verdict == "failed" && found.contains(&"chain.revoked".to_owned()), "{found:?}");
    let (verdict, found) = place.verify(&before, &["keys/root.crl.pem"]);
    assert!(verdict == "passed" && found.contains(&"chain.revoked_later".to_owned()), "{found:?}");
    let (verdict, _) = judged(&city.verify(after.clone()).await.json());
    assert_eq!(verdict, "passed", "the service does not know yet");

    // 2. The service finds the list and publishes it.
    jobs_once(&city).await;
    let published = city.get(&city.auditor, "/crl/root.crl").await.bytes;
    fs::write(place.path("published.crl"), &published).expect("written");
    assert_eq!(place.verify(&after, &["published.crl"]).0, "failed", "DER is read too");
    let (verdict, found) = judged(&city.verify(after).await.json());
    assert!(verdict == "failed" && found.contains(&"chain.revoked".to_owned()), "{found:?}");
    let (verdict, found) = judged(&city.verify(before).await.json());
    assert!(verdict == "passed" && found.contains(&"chain.revoked_later".to_owned()), "{found:?}");
    let late = city
        .post_once(&city.department, "/v1/licenses", "late", &city.order(crate::city::PERMIT, &seal))
        .await;
    assert!(!late.status.is_success(), "{}", late.json());

    // 3. The other suite has a root of its own: its seal object holds until that root says otherwise.
    assert_eq!(judged(&city.verify(object.clone()).await.json()).0, "passed");
    let revoke = place.text("keys/sm2/seal-ca.pem");
    let told = said(&place.crl("sm2", &["--revoke", &revoke, "--reason", "key-compromise"]));
    assert!(told.contains("景川市 SM2 Seal CA"), "{told}");
    jobs_once(&city).await;
    let (_, found) = judged(&city.verify(object).await.json());
    assert!(found.contains(&"eseal.maker_revoked_later".to_owned()), "{found:?}");

    // 4. The old list brought again changes nothing, and the next one carries the entry over.
    fs::write(place.path("keys/root.crl.pem"), old).expect("written");
    jobs_once(&city).await;
    assert_eq!(city.get(&city.auditor, "/crl/root.crl").await.bytes, published);
    let told = said(&place.crl("p256", &["--last", &place.text("published.crl"), "--days", "30"]));
    assert!(told.contains("number 3") && told.contains("carried over: 1"), "{told}");
}

#[test]
fn what_does_not_fit_is_refused_with_what_to_do_and_nothing_is_written() {
    let place = Place::new();
    let list = || fs::read(place.path("keys/root.crl.pem")).expect("there");
    let before = list();
    let says = |command: &[String], parts: &[&str]| {
        let said = refused(&words(command));
        for part in parts {
            assert!(said.contains(part), "does not say {part}: {said}");
        }
        assert_eq!(list(), before);
    };
    // The key is in the safe, and only there; the other root's key is not this one's.
    says(&place.keys("crl"), &["root.key.pem", "--root-key"]);
    let mut other = place.crl("p256", &[]);
    let key = other.iter_mut().find(|word| word.ends_with("safe.pem")).expect("it");
    *key = place.text("safe-sm2.pem");
    says(&other, &["not that of 景川市 Root CA", "root.pem"]);
    let sm2_list = place.text("keys/sm2/root.crl.pem");
    says(
        &place.crl("p256", &["--last", &sm2_list]),
        &["not a revocation list of 景川市 Root CA", "/crl/root.crl"],
    );
    says(&place.crl("p256", &["--revoke", "4711"]), &["--reason"]);
    says(&place.crl("p256", &["--reason", "superseded"]), &["--revoke"]);
    says(
        &place.crl("p256", &["--revoke", "no-such.pem", "--reason", "superseded"]),
        &["no-such.pem", "serial number"],
    );
    let root = place.text("keys/root.pem");
    says(
        &place.crl("p256", &["--revoke", &root, "--reason", "key-compromise"]),
        &["revoke itself", "new key set"],
    );
    let (passphrase, wrong) = (place.text("passphrase"), place.text("wrong"));
    fs::write(&wrong, "another passphrase").expect("written");
    let other: Vec<_> =
        place.crl("p256", &[]).into_iter().map(|w| if w == passphrase { wrong.clone() } else { w }).collect();
    says(&other, &["safe.pem", "passphrase"]);
    // An older list than the one that lies there.
    fs::copy(place.path("keys/root.crl.pem"), place.path("first.pem")).expect("copied");
    assert!(said(&place.crl("p256", &[])).contains("number 2"));
    let said = refused(&words(&place.crl("p256", &["--last", &place.text("first.pem")])));
    assert!(said.contains("number 1") && said.contains("2 already"), "{said}");
}
