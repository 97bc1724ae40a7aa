//! Use cases over a real database in a temporary directory and the development keys.

mod amending_together;
mod businesses;
mod changing;
mod consenting_under_grant;
mod documents;
mod envelopes;
mod issuing;
mod numbers;
mod papers;
mod parties;
mod recognition;
mod resuming;
mod seals;
mod showing;
mod verifying;
mod webhooks;

use super::issue_license::{Issued, Order};
use super::publish_crl::{self, Authority};
use super::trust_list::publish::{ListSigner, Publishing};
use super::*;
use crate::adapters::clock::SystemClock;
use crate::adapters::files::DirectoryFiles;
use crate::adapters::keys::testing::passphrase;
use crate::adapters::keys::{KeySet, KeySets, NewKeySet, Passphrase, SoftwareKeys, authority_name, set_key};
use crate::adapters::random::SystemRandom;
use crate::adapters::timestamps::{BySuite, OwnAuthority, OwnAuthorityParts};
use crate::adapters::{calendar, kinds, matters, purposes, store as stores};
use crate::crypto::{DigestAlgorithm, Suite};
use crate::documents::fonts::Fonts;
use crate::domain::license::check::credit_code::check_character;
use crate::domain::license::draft::RawValue;
use crate::domain::license::{FileFormat, Kinds, License};
use crate::domain::party::{Credential, Department, Role, Scope};
use crate::domain::seal::{Seal, SealAct, SealPurpose};
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Names, Territory};
use crate::domain::webhook::Reach;
use crate::formats::eseal::Version;
use crate::formats::x509::Trust;
use crate::ports::clock::Clock;
use crate::ports::keys::Keys;
use crate::ports::random::Random;
use crate::ports::store;
use crate::ports::timestamps::{TimestampError, Timestamps, ValidationData};
use crate::ports::webhooks::{Answer, Message, SendError, Webhooks};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A clock that starts at the computer's time and is moved by hand.
pub struct HandClock(AtomicI64);

impl HandClock {
    pub fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).expect("a short time"), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        // Every look is a little later, as with a real clock.
        Timestamp::from_micros(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// Our own authority, which can be unplugged.
pub struct Plug {
    inner: BySuite,
    pub unplugged: AtomicBool,
}

impl Timestamps for Plug {
    fn stamp(&self, algorithm: DigestAlgorithm, digest: &[u8; 32]) -> Result<Vec<u8>, TimestampError> {
        if self.unplugged.load(Ordering::SeqCst) {
            return Err(TimestampError::Unavailable("unplugged".into()));
        }
        self.inner.stamp(algorithm, digest)
    }

    fn validation_data(&self, algorithm: DigestAlgorithm) -> ValidationData {
        self.inner.validation_data(algorithm)
    }

    fn largest_token(&self, algorithm: DigestAlgorithm) -> usize {
        self.inner.largest_token(algorithm)
    }
}

type Hook = Box<dyn Fn() + Send + Sync>;

/// Runs something once when a step is reached.
#[derive(Default)]
pub struct AtStep(Mutex<Vec<(IssueStep, Hook)>>, Mutex<Vec<IssueStep>>, Mutex<Vec<(JobStep, Hook)>>);

impl AtStep {
    pub fn on(&self, step: IssueStep, hook: impl Fn() + Send + Sync + 'static) {
        self.0.lock().expect("no panic before").push((step, Box::new(hook)));
    }

    pub fn on_job(&self, step: JobStep, hook: impl Fn() + Send + Sync + 'static) {
        self.2.lock().expect("no panic before").push((step, Box::new(hook)));
    }

    pub fn seen(&self) -> Vec<IssueStep> {
        self.1.lock().expect("no panic before").clone()
    }
}

impl Steps for AtStep {
    fn reached(&self, step: IssueStep) {
        self.1.lock().expect("no panic before").push(step);
        run_once(&self.0, step);
    }

    fn reached_in_job(&self, step: JobStep) {
        run_once(&self.2, step);
    }
}

fn run_once<S: PartialEq>(hooks: &Mutex<Vec<(S, Hook)>>, step: S) {
    let now: Vec<(S, Hook)> =
        hooks.lock().expect("no panic before").extract_if(.., |(at, _)| *at == step).collect();
    for (_, hook) in now {
        hook();
    }
}

/// Receives what webhooks are told, and says what it was told to say.
#[derive(Default)]
pub struct Receiver {
    /// What it says, one after the other; 200 when there is nothing left.
    pub says: Mutex<VecDeque<Result<Answer, SendError>>>,
    /// What it was sent.
    pub heard: Mutex<Vec<Message>>,
}

impl Webhooks for Receiver {
    fn send(&self, message: &Message) -> Result<Answer, SendError> {
        self.heard.lock().expect("no panic before").push(message.clone());
        let next = self.says.lock().expect("no panic before").pop_front();
        next.unwrap_or(Ok(Answer { status: 200, retry_after: None }))
    }
}

pub struct World {
    pub service: Arc<Service>,
    pub clock: Arc<HandClock>,
    pub plug: Arc<Plug>,
    pub steps: Arc<AtStep>,
    pub receiver: Arc<Receiver>,
    pub operator: Credential,
    pub department: Credential,
    pub sealer: Credential,
    pub second_sealer: Credential,
    pub third_sealer: Credential,
    _directory: tempfile::TempDir,
}

fn keys_dev() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/keys-dev"))
}

fn hierarchy(set: &KeySet) -> Hierarchy {
    let authority = |name: &str, x509: &[u8]| Authority {
        name: authority_name(set.suite, name),
        x509: x509.to_vec(),
        key: set_key(set.suite, name).expect("a handle"),
    };
    Hierarchy {
        root: authority("root", &set.root),
        seal: authority("seal-ca", &set.seal_ca),
        tls: authority("tls-ca", &set.tls_ca),
        seal_maker: set.seal_maker.as_ref().map(|x509| SealMaker {
            x509: x509.clone(),
            key: set_key(set.suite, "seal-maker").expect("a handle"),
        }),
    }
}

fn publishing(territory: Territory, sets: &KeySets) -> Publishing {
    let names = || Names { zh: "云山市".into(), en: "Yunshan".into() };
    let signers = sets.all().filter_map(|set| {
        let key = set_key(set.suite, "trust-list").expect("a handle");
        Some(ListSigner { suite: set.suite, x509: set.trust_list.clone()?, key })
    });
    Publishing {
        territory,
        territory_name: names(),
        operator: names(),
        signers: signers.collect(),
        timestamping: sets.all().map(|set| (set.suite, set.tsa.clone())).collect(),
    }
}

impl World {
    /// A service with one department and its people, but no seal.
    pub async fn bare() -> Self {
        Self::with(&Suite::ALL, kinds::load(None).expect("the embedded kinds")).await
    }

    /// The same with the authorities of these suites only; P-256 is always there.
    pub async fn with_suites(suites: &[Suite]) -> Self {
        Self::with(suites, kinds::load(None).expect("the embedded kinds")).await
    }

    /// The same with other kinds.
    pub async fn with_kinds(kinds: Kinds) -> Self {
        Self::with(&Suite::ALL, kinds).await
    }

    /// Another city: its own key sets, and the trust list that it publishes for this place.
    pub async fn of_place(territory: &str, name: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let set = directory.path().join("set");
        let keys = SoftwareKeys::open(&set, passphrase(), Arc::new(SystemRandom)).expect("a key directory");
        for suite in Suite::ALL {
            let new = NewKeySet {
                directory: &set,
                suite,
                name,
                development: true,
                public_url: Some("https://license.example.org"),
                now: SystemClock.now(),
            };
            new.make(&keys, &SystemRandom).expect("a key set");
        }
        let kinds = kinds::load(None).expect("the embedded kinds");
        Self::made_of(directory, &Suite::ALL, kinds, (&set, passphrase()), Territory::parse(territory)).await
    }

    async fn with(suites: &[Suite], kinds: Kinds) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let passphrase = Passphrase::from_file(&keys_dev().join("passphrase.txt")).expect("a passphrase");
        Self::made_of(directory, suites, kinds, (keys_dev(), passphrase), None).await
    }

    async fn made_of(
        directory: tempfile::TempDir,
        suites: &[Suite],
        kinds: Kinds,
        (set, passphrase): (&Path, Passphrase),
        territory: Option<Territory>,
    ) -> Self {
        let database = directory.path().join("yinzheng.db");
        let store = stores::open(&format!("sqlite:{}", database.display())).await.expect("a database");
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let clock = Arc::new(HandClock(AtomicI64::new(SystemClock.now().micros())));
        let own = directory.path().join("keys");
        let keys = SoftwareKeys::open(&own, passphrase, random.clone()).expect("a key directory");
        let vault = Arc::new(keys.vault().expect("a vault"));
        let keys: Arc<dyn Keys> = Arc::new(keys.also_reading(set));
        let sets = KeySets::load(set).expect("key sets");
        let sm2 = sets.sm2.as_ref().expect("of both suites");
        let authorities = Authorities {
            p256: hierarchy(&sets.p256),
            sm2: suites.contains(&Suite::Sm2).then(|| hierarchy(sm2)),
        };
        for authority in authorities.all() {
            let made = publish_crl::run(store.as_ref(), keys.as_ref(), authority, clock.now()).await;
            made.expect("a revocation list");
        }
        let stamping = |set: &KeySet| {
            let made = OwnAuthority::new(OwnAuthorityParts {
                keys: keys.clone(),
                handle: set_key(set.suite, "tsa").expect("a handle"),
                x509: set.tsa.clone(),
                chain: vec![set.root.clone()],
                crls: Vec::new(),
                clock: clock.clone(),
                random: random.clone(),
                floor: Timestamp::from_micros(0),
            });
            Arc::new(made.expect("a timestamping authority"))
        };
        let plug = Arc::new(Plug {
            inner: BySuite { p256: stamping(&sets.p256), sm2: stamping(sm2) },
            unplugged: AtomicBool::new(false),
        });
        let steps = Arc::new(AtStep::default());
        let receiver = Arc::new(Receiver::default());
        let service = Service::new(Parts {
            store,
            keys,
            vault,
            files: Arc::new(DirectoryFiles::open(directory.path().join("files")).expect("a directory")),
            clock: clock.clone(),
            random,
            timestamps: plug.clone(),
            webhooks: receiver.clone(),
            asking: Asking {
                matters: matters::load(None, &kinds).expect("the embedded matters").matters,
                verifiers: Vec::new(),
            },
            kinds,
            calendar: calendar::load(None).expect("the embedded calendar"),
            purposes: purposes::load().expect("the embedded purposes"),
            trust: Arc::new(Trust::from_ders(sets.roots.clone()).expect("roots")),
            authorities,
            fonts: Arc::new(Fonts::embedded()),
            steps: steps.clone(),
            publishing: territory.map(|territory| publishing(territory, &sets)),
            bundle_texts: Vec::new,
            settings: Settings {
                public_url: "https://license.example.org".into(),
                seal_structure: Version::V4,
                webhooks: Reach { private: false, loopback: true },
                offline_in_sm2: BTreeSet::new(),
            },
        });
        let service = Arc::new(service.expect("faces that can be composed"));
        let operator = add_credential::first_operator(&service, "运维").await.expect("a fresh service");
        let operator = operator.expect("nobody before").credential;
        let bureau = Department {
            code: bureau(),
            name_zh: "景川市市场监督管理局".into(),
            name_en: "Jingchuan Bureau of Market Regulation".into(),
            area_code: "990100".into(),
            responsibility: "market-regulation".into(),
        };
        register_department::run(&service, &operator, bureau).await.expect("a department");
        let department = credential(&service, &operator, Role::Department, "业务系统").await;
        let sealer = credential(&service, &operator, Role::SealAdministrator, "甲").await;
        let second_sealer = credential(&service, &operator, Role::SealAdministrator, "乙").await;
        let third_sealer = credential(&service, &operator, Role::SealAdministrator, "丙").await;
        Self {
            service,
            clock,
            plug,
            steps,
            receiver,
            operator,
            department,
            sealer,
            second_sealer,
            third_sealer,
            _directory: directory,
        }
    }

    /// A service with an active seal.
    pub async fn new() -> (Self, Seal) {
        let world = Self::bare().await;
        let seal = world.active_seal().await;
        (world, seal)
    }

    pub async fn requested_seal(&self) -> Seal {
        self.requested_seal_of(&[]).await
    }

    pub async fn requested_seal_of(&self, suites: &[Suite]) -> Seal {
        let request = request_seal::Request { suites: suites.to_vec(), ..seal_request() };
        request_seal::run(&self.service, &self.sealer, request).await.expect("a seal")
    }

    pub async fn active_seal(&self) -> Seal {
        let seal = self.requested_seal().await;
        self.approve(&seal).await.expect("an active seal")
    }

    /// Two people, neither of whom asked for it, approve a seal.
    pub async fn approve(&self, seal: &Seal) -> Result<Seal, AppError> {
        self.act_by_two(seal, SealAct::Approve).await
    }

    /// An act that takes two people.
    pub async fn act_by_two(&self, seal: &Seal, act: SealAct) -> Result<Seal, AppError> {
        self.act(&self.second_sealer, seal, act).await?;
        self.act(&self.third_sealer, seal, act).await
    }

    pub async fn act(&self, by: &Credential, seal: &Seal, act: SealAct) -> Result<Seal, AppError> {
        let request = act_on_seal::Request::new(seal.code.clone(), act, "按规定办理");
        Ok(act_on_seal::run(&self.service, by, request).await?.seal)
    }

    /// A seal's X.509 certificate of one suite.
    pub async fn x509_of(&self, seal: &Seal, suite: Suite) -> Vec<u8> {
        let means = self.service.seal_means(&seal.code).await.expect("read").expect("its means");
        means.credential(suite).expect("of the suite").x509.clone()
    }

    /// An order with the examples of its kind.
    pub fn order(&self, kind: &str, seal: &Seal) -> Order {
        let kind = self.service.kinds.get(kind).expect("an embedded kind");
        let value = |field: &crate::domain::license::kind::Field| RawValue::Text(field.example.clone());
        let data: BTreeMap<_, _> = kind.fields.iter().map(|f| (f.name.clone(), value(f))).collect();
        Order {
            kind: kind.name.clone(),
            seal: seal.code.clone(),
            data,
            number: None,
            replaces: None,
            envelope: None,
            grant: None,
            business: None,
        }
    }

    pub async fn issue(&self, key: &str, order: Order) -> Result<Issued, AppError> {
        issue_license::run(&self.service, &self.department, key, order).await
    }

    /// A food operation permit: its number is drawn, so that there can be many.
    pub async fn permit(&self, key: &str, seal: &Seal) -> Issued {
        self.issue(key, self.order("food-operation-permit", seal)).await.expect("a license")
    }

    pub async fn holder(&self, code: &str) -> Credential {
        let request =
            add_credential::Request { holder: Some(code.into()), ..blank(Role::Holder, "持证人") };
        add_credential::run(&self.service, &self.operator, request).await.expect("a holder").credential
    }

    pub async fn clerk(&self) -> Credential {
        let request = blank(Role::Clerk, "3号窗口");
        add_credential::run(&self.service, &self.operator, request).await.expect("a clerk").credential
    }

    /// Audit lines about a subject: action and outcome, oldest first.
    pub async fn audit(&self, subject: &str) -> Vec<(String, String)> {
        let lines = store::read(self.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.audit_lines(Some(subject), None, 0, 200).await?) })
        })
        .await
        .expect("an audit trail");
        lines.into_iter().map(|line| (line.action, line.outcome)).collect()
    }

    /// Every license of the department.
    pub async fn licenses(&self) -> Vec<License> {
        let request = list_licenses::Request { limit: Some(200), ..Default::default() };
        let slice = list_licenses::run(&self.service, &self.department, request).await;
        slice.expect("a list").licenses
    }
}

/// The department's credit code.
pub fn bureau() -> String {
    let first = "11990100MB0F7E2C1";
    format!("{first}{}", check_character(first).expect("17 characters"))
}

pub fn seal_request() -> request_seal::Request {
    request_seal::Request::of_department(&bureau(), SealPurpose::License, "电子证照专用章", 365)
}

pub fn blank(role: Role, label: &str) -> add_credential::Request {
    add_credential::Request {
        label: label.into(),
        role,
        department: None,
        holder: None,
        business: None,
        kinds: Scope::All,
        seals: Scope::All,
        days: 30,
        person: None,
        secret: add_credential::Secret::Token,
    }
}

async fn credential(service: &Service, operator: &Credential, role: Role, label: &str) -> Credential {
    let request = add_credential::Request { department: Some(bureau()), ..blank(role, label) };
    add_credential::run(service, operator, request).await.expect("a credential").credential
}

/// The code of the refusal that an outcome is.
pub fn refused<T>(outcome: Result<T, AppError>) -> &'static str {
    match outcome {
        Ok(_) => "(not refused)",
        Err(AppError::Refused(refusal)) => refusal.code,
        Err(AppError::Internal(why)) => panic!("failed inside: {why}"),
    }
}
