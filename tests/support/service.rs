//! A whole service in a temporary directory, called without a network.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;
use yinzheng::app::{Service, Unwatched, add_credential};
use yinzheng::boot;
use yinzheng::config::{
    AskingConfig, Config, KeysConfig, LogConfig, PassphraseFrom, TimestampsConfig, WebhooksConfig,
};
use yinzheng::domain::party::{Role, Scope};
use yinzheng::formats::eseal::Version;
use yinzheng::http::router::router;

/// Credit code of a fictional department.
pub const DEPARTMENT: &str = "11990000MB0000001M";
/// The business that company managers and sealers act for.
pub const BUSINESS: &str = "91990102MA7YQX031L";

/// A service under test; its directory goes when it does.
pub struct TestService {
    /// The service.
    pub service: Arc<Service>,
    /// Its door.
    pub router: Router,
    _directory: tempfile::TempDir,
}

impl TestService {
    /// A fresh one with the development keys.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let config = settings(directory.path());
        let booted = boot::build(&config, Arc::new(Unwatched)).await.expect("a service");
        let router = router(booted.service.clone());
        Self { service: booted.service, router, _directory: directory }
    }

    /// A token for each role, given by the first operator through the use case.
    pub async fn token(&self, role: Role) -> String {
        let operator =
            match add_credential::first_operator(&self.service, "first").await.expect("an operator") {
                Some(added) => added.credential,
                None => {
                    let known = self.operators().await;
                    known.into_iter().next().expect("there is one")
                }
            };
        if matches!(role, Role::Department | Role::SealAdministrator) {
            self.register(&operator).await;
        }
        if matches!(role, Role::CompanyManager | Role::Sealer) {
            self.registered_business(&operator).await;
        }
        let request = add_credential::Request {
            label: role.name().to_owned(),
            role,
            department: (role == Role::Department).then(|| DEPARTMENT.to_owned()),
            holder: (role == Role::Holder).then(|| "holder-1".to_owned()),
            business: matches!(role, Role::CompanyManager | Role::Sealer).then(|| BUSINESS.to_owned()),
            kinds: Scope::All,
            seals: Scope::All,
            days: 1,
            person: None,
            secret: add_credential::Secret::Token,
        };
        let added = add_credential::run(&self.service, &operator, request).await.expect("a credential");
        added.token.expect("a token")
    }

    async fn operators(&self) -> Vec<yinzheng::domain::party::Credential> {
        yinzheng::ports::store::read(self.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.credentials("", 200).await?) })
        })
        .await
        .expect("a list")
        .into_iter()
        .filter(|credential| credential.role == Role::Operator)
        .collect()
    }

    async fn register(&self, operator: &yinzheng::domain::party::Credential) {
        let department = yinzheng::domain::party::Department {
            code: DEPARTMENT.to_owned(),
            name_zh: "景川市市场监督管理局".to_owned(),
            name_en: "Jingchuan Market Regulation Bureau".to_owned(),
            area_code: "990100".to_owned(),
            responsibility: "market-regulation".to_owned(),
        };
        yinzheng::app::register_department::run(&self.service, operator, department)
            .await
            .expect("registered");
    }

    /// A business that the department registered.
    async fn registered_business(&self, operator: &yinzheng::domain::party::Credential) {
        self.register(operator).await;
        let now = self.service.clock.now();
        let license = yinzheng::domain::license::LicenseId::new(
            "11100000MB0143028R001",
            DEPARTMENT,
            "20261126000000000001",
            1,
        );
        let business = yinzheng::domain::business::Business {
            code: BUSINESS.to_owned(),
            name: "景川市云栖茶业有限公司".to_owned(),
            registry: DEPARTMENT.to_owned(),
            license: license.expect("a well-formed identifier"),
            state: yinzheng::domain::business::BusinessState::Active,
            manager: None,
            revision: 1,
            registered_at: now,
            changed_at: now,
        };
        let business = &business;
        yinzheng::ports::store::write(self.service.store.as_ref(), |tx, _| {
            Box::pin(async move {
                match tx.insert_business(business).await {
                    Err(yinzheng::ports::store::StoreError::Exists(_)) => Ok(()),
                    other => Ok(other?),
                }
            })
        })
        .await
        .expect("a business");
    }

    /// Sends a request, and returns status and body.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 * 1024 * 1024).await.expect("a body").to_vec();
        Answer { status: parts.status, bytes }
    }
}

/// An answer.
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// The code of the problem, if it is one.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Settings of a service in this directory, with the development keys.
pub fn settings(directory: &Path) -> Config {
    let dev = Path::new(env!("CARGO_MANIFEST_DIR")).join("keys-dev");
    Config {
        development: true,
        listen: ([127, 0, 0, 1], 0).into(),
        public_url: "http://127.0.0.1:8080".to_owned(),
        behind_proxy: false,
        tls: None,
        database: format!("sqlite:{}", directory.join("test.db").display()),
        files: directory.join("files"),
        keys: KeysConfig {
            set: dev.clone(),
            own: directory.join("keys"),
            passphrase: PassphraseFrom::File(dev.join("passphrase.txt")),
        },
        timestamps: TimestampsConfig::Own,
        sm2_timestamps: TimestampsConfig::Own,
        seal_structure: Version::V4,
        webhooks: WebhooksConfig::default(),
        kinds: None,
        calendar: None,
        offline_in_sm2: Vec::new(),
        asking: AskingConfig::default(),
        trust_list: None,
        fonts: Vec::new(),
        log: LogConfig { filter: "error".to_owned(), json: false },
    }
}
