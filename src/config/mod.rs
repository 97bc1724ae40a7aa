//! The settings of a service: one TOML file, read whole, every fault at once with what to do about it.
//! `yinzheng.example.toml` explains each setting.

mod reader;

pub use reader::ConfigFault;

use crate::domain::license::check::credit_code;
use crate::domain::trust_list::{Names, Territory};
use crate::formats::eseal::Version;
use reader::Reader;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use url::Url;

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whether development keys and an address without TLS are accepted.
    pub development: bool,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address others reach the service at; stands in codes, X.509 certificates and links.
    pub public_url: String,
    /// Whether a proxy in front of the service does TLS.
    pub behind_proxy: bool,
    /// TLS by the service itself.
    pub tls: Option<Tls>,
    /// The database: `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// Directory of the license files.
    pub files: PathBuf,
    /// Signing keys.
    pub keys: KeysConfig,
    /// Where trusted time comes from.
    pub timestamps: TimestampsConfig,
    /// Where trusted time for the suite SM2 comes from.
    pub sm2_timestamps: TimestampsConfig,
    /// Structure of the seal objects that are made.
    pub seal_structure: Version,
    /// Telling others what happens.
    pub webhooks: WebhooksConfig,
    /// Directory with license kinds that add to or override the built-in ones.
    pub kinds: Option<PathBuf>,
    /// File with the public holidays, in place of the built-in one.
    pub calendar: Option<PathBuf>,
    /// Asking holders.
    pub asking: AskingConfig,
    /// Departments (credit codes) whose offline codes are signed in SM2.
    pub offline_in_sm2: Vec<String>,
    /// As whom the service publishes a trust list; it publishes none, if absent.
    pub trust_list: Option<TrustListConfig>,
    /// Font files asked for characters that the built-in font lacks, in this order.
    pub fonts: Vec<PathBuf>,
    /// How to log.
    pub log: LogConfig,
}

/// TLS by the service itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// PEM file with the server's X.509 certificate and those above it.
    pub chain: PathBuf,
    /// Handle of its key.
    pub key: String,
    /// PEM file with the roots of client X.509 certificates; without it none are asked for.
    pub client_roots: Option<PathBuf>,
}

/// Signing keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysConfig {
    /// The key set made by `yinzheng keys init`.
    pub set: PathBuf,
    /// Directory where keys of new seals are written; the key set's own unless told.
    pub own: PathBuf,
    /// Where the passphrase of the key files is.
    pub passphrase: PassphraseFrom,
}

/// Where a passphrase is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassphraseFrom {
    /// The first line of this file.
    File(PathBuf),
    /// This environment variable.
    Variable(String),
}

/// Where trusted time comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimestampsConfig {
    /// The service's own authority.
    Own,
    /// Another one.
    Remote {
        /// Its address.
        url: String,
        /// PEM file with the X.509 certificates above its own, root last.
        chain: PathBuf,
        /// PEM file with its revocation lists.
        crls: PathBuf,
    },
}

/// As whom a trust list is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustListConfig {
    /// The place.
    pub territory: Territory,
    /// What it is called.
    pub place: Names,
    /// Who runs the service.
    pub operator: Names,
}

/// Where webhooks may lead, and how their receivers are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhooksConfig {
    /// Whether receivers may be at private addresses.
    pub allow_private: bool,
    /// PEM file with the roots of the receivers' X.509 certificates, in place of those that browsers trust.
    pub roots: Option<PathBuf>,
}

/// What is asked of holders, and who may say who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskingConfig {
    /// Directory with matters that add to or override the built-in ones.
    pub matters: Option<PathBuf>,
    /// File with the verifiers of faces that are trusted.
    pub verifiers: Option<PathBuf>,
}

/// How to log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// What to log, as in `RUST_LOG`.
    pub filter: String,
    /// JSON lines instead of text.
    pub json: bool,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{0} cannot be read: {1}")]
    File(PathBuf, std::io::Error),
    /// It is not TOML.
    #[error("{0} is not TOML: {1}")]
    Toml(PathBuf, toml::de::Error),
    /// Something in it is wrong.
    #[error("{}: {} setting(s) to correct:\n{}", .0.display(), .1.len(), list(.1))]
    Faults(PathBuf, Vec<ConfigFault>),
}

fn list(faults: &[ConfigFault]) -> String {
    faults.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n")
}

impl Config {
    /// Reads a file. Relative paths in it are relative to its directory.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::read_listening(path, None)
    }

    /// Reads a file; where `listen` is given, it takes the place of the address in the file before anything is checked.
    pub fn read_listening(path: &Path, listen: Option<SocketAddr>) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|why| ConfigError::File(path.to_owned(), why))?;
        let table = text.parse().map_err(|why| ConfigError::Toml(path.to_owned(), why))?;
        let base = path.parent().unwrap_or(Path::new("."));
        Self::from_table(table, base, listen).map_err(|faults| ConfigError::Faults(path.to_owned(), faults))
    }

    fn from_table(
        table: toml::Table,
        base: &Path,
        listen: Option<SocketAddr>,
    ) -> Result<Self, Vec<ConfigFault>> {
        let mut read = Reader::new(table, base);
        let development = read.boolean("development", false);
        let (listen, public_url, behind_proxy, tls) = server(&mut read, development, listen);
        let config = Self {
            development,
            listen,
            public_url,
            behind_proxy,
            tls,
            database: database(&mut read),
            files: read.path("store.files", "name the directory where license files are kept"),
            keys: keys(&mut read),
            timestamps: timestamps(&mut read),
            sm2_timestamps: sm2_timestamps(&mut read),
            seal_structure: seal_structure(&mut read),
            webhooks: WebhooksConfig {
                allow_private: read.boolean("webhooks.allow_private", false),
                roots: read.optional_path("webhooks.roots"),
            },
            kinds: read.optional_path("kinds.directory"),
            calendar: read.optional_path("calendar.file"),
            asking: AskingConfig {
                matters: read.optional_path("asking.matters"),
                verifiers: read.optional_path("asking.verifiers"),
            },
            offline_in_sm2: offline_in_sm2(&mut read),
            trust_list: trust_list(&mut read),
            fonts: read.paths("fonts.files"),
            log: LogConfig {
                filter: read.optional_text("log.filter").unwrap_or_else(|| "info".to_owned()),
                json: read.boolean("log.json", false),
            },
        };
        read.finish().map(|()| config)
    }
}

fn server(
    read: &mut Reader,
    development: bool,
    instead: Option<SocketAddr>,
) -> (SocketAddr, String, bool, Option<Tls>) {
    let advice = "give an address and a port, such as 127.0.0.1:8080 or [::]:8443";
    let listen = read.text("server.listen", advice).parse();
    let listen = listen.unwrap_or_else(|_| {
        read.fault("server.listen", "is not an address with a port", advice);
        SocketAddr::from(([127, 0, 0, 1], 0))
    });
    let (listen, setting) = instead.map_or((listen, "server.listen"), |instead| (instead, "--listen"));
    let public_url = public_url(read, development);
    let behind_proxy = read.boolean("server.behind_proxy", false);
    let chain = read.optional_path("server.tls.chain");
    let key = read.optional_text("server.tls.key").unwrap_or_else(|| "tls-server".to_owned());
    let client_roots = read.optional_path("server.tls.client_roots");
    let tls = chain.map(|chain| Tls { chain, key, client_roots });
    if tls.is_none() && !behind_proxy && !listen.ip().is_loopback() {
        read.fault(
            setting,
            "is open to others without TLS",
            "set server.tls.chain, or listen on 127.0.0.1, or set server.behind_proxy = true if a proxy does TLS",
        );
    }
    (listen, public_url, behind_proxy, tls)
}

/// The public address, without a slash at its end.
fn public_url(read: &mut Reader, development: bool) -> String {
    let advice = "give the address others reach the service at, such as https://zz.example.gov.cn";
    let text = read.text("server.public_url", advice);
    let fits = Url::parse(&text).is_ok_and(|url| {
        let plain = url.scheme() == "http" && development;
        (url.scheme() == "https" || plain)
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
    });
    if !fits && !text.is_empty() {
        read.fault("server.public_url", "is not an https address without a path", advice);
    }
    text.trim_end_matches('/').to_owned()
}

fn database(read: &mut Reader) -> String {
    let advice = "give sqlite:PATH or postgres://USER@HOST/NAME";
    let text = read.text("store.database", advice);
    match text.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => format!("sqlite:{}", read.below(path).display()),
        Some(("postgres" | "postgresql", _)) => text,
        _ if text.is_empty() => text,
        _ => {
            read.fault("store.database", "is neither SQLite nor PostgreSQL", advice);
            text
        }
    }
}

fn keys(read: &mut Reader) -> KeysConfig {
    let set = read.path("keys.set", "make a key set with `yinzheng keys init` and name its directory");
    let own = read.optional_path("keys.own").unwrap_or_else(|| set.clone());
    let file = read.optional_path("keys.passphrase_file");
    let variable = read.optional_text("keys.passphrase_env");
    let passphrase = match (file, variable) {
        (Some(file), None) => PassphraseFrom::File(file),
        (None, Some(name)) => PassphraseFrom::Variable(name),
        (file, _) => {
            let fault = if file.is_some() { "is given twice" } else { "is missing" };
            let advice = "set either keys.passphrase_file or keys.passphrase_env";
            read.fault("keys.passphrase_file", fault, advice);
            PassphraseFrom::Variable(String::new())
        }
    };
    KeysConfig { set, own, passphrase }
}

/// P-256 unless told: browsers know no SM2, so a desk without a network cannot check such a code.
fn offline_in_sm2(read: &mut Reader) -> Vec<String> {
    let codes = read.texts("offline_codes.sm2");
    if !codes.iter().all(|code| credit_code::valid(code)) {
        let advice = "name departments by their credit codes, such as [\"11990000MB0000001M\"]";
        read.fault("offline_codes.sm2", "has something in it that is no credit code", advice);
    }
    codes
}

fn trust_list(read: &mut Reader) -> Option<TrustListConfig> {
    let territory = read.optional_text("trust_list.territory");
    let place = (read.optional_text("trust_list.place_zh"), read.optional_text("trust_list.place_en"));
    let operator =
        (read.optional_text("trust_list.operator_zh"), read.optional_text("trust_list.operator_en"));
    let fine = |text: &String| text.chars().count() <= 100 && text.trim() == text;
    let names = |(zh, en): (Option<String>, Option<String>)| {
        Some(Names { zh: zh.filter(fine)?, en: en.filter(fine)? })
    };
    let nothing = territory.is_none() && place == (None, None) && operator == (None, None);
    let territory = territory.as_deref().and_then(Territory::parse);
    let whole = (territory, names(place), names(operator));
    if let (Some(territory), Some(place), Some(operator)) = whole {
        return Some(TrustListConfig { territory, place, operator });
    }
    if !nothing {
        let advice = "set territory (six digits of GB/T 2260), place_zh, place_en, operator_zh and operator_en (at most \
                      100 characters each), or none of them";
        read.fault("trust_list", "is incomplete", advice);
    }
    None
}

/// GB/T 38540-2020 unless told: few readers know the structure of GM/T 0031-2025 yet.
fn seal_structure(read: &mut Reader) -> Version {
    match read.optional_text("seals.structure").as_deref() {
        None | Some("4") => Version::V4,
        Some("5") => Version::V5,
        Some(_) => {
            let advice = "give \"4\" (GB/T 38540-2020) or \"5\" (GM/T 0031-2025)";
            read.fault("seals.structure", "is no structure that is written", advice);
            Version::V4
        }
    }
}

fn timestamps(read: &mut Reader) -> TimestampsConfig {
    let url = read.optional_text("timestamps.url");
    let chain = read.optional_path("timestamps.chain");
    let crls = read.optional_path("timestamps.crls");
    authority(read, "timestamps", (url, chain, crls))
}

fn sm2_timestamps(read: &mut Reader) -> TimestampsConfig {
    let url = read.optional_text("timestamps.sm2.url");
    let chain = read.optional_path("timestamps.sm2.chain");
    let crls = read.optional_path("timestamps.sm2.crls");
    authority(read, "timestamps.sm2", (url, chain, crls))
}

type Given = (Option<String>, Option<PathBuf>, Option<PathBuf>);

fn authority(read: &mut Reader, setting: &'static str, given: Given) -> TimestampsConfig {
    match given {
        (None, None, None) => TimestampsConfig::Own,
        (Some(url), Some(chain), Some(crls)) if Url::parse(&url).is_ok() => {
            TimestampsConfig::Remote { url, chain, crls }
        }
        _ => {
            let advice = "set url, chain and crls of the other authority, or none of them to use our own";
            read.fault(setting, "is incomplete", advice);
            TimestampsConfig::Own
        }
    }
}

#[cfg(test)]
mod tests;
