//! `yinzheng demo`: the service with a fictional city in it, to look around.

mod city;
mod company;
mod envelope;
mod folder;
mod kiosk;
mod once;
mod setup;
mod tokens;

pub use folder::{Held, prepare};

use crate::adapters::verifiers::VerifiersError;
use crate::app::{Unwatched, add_credential};
use crate::boot::{self, Booted};
use crate::cli::client::{CallError, Client, text};
use crate::cli::serve::{self, ServeError};
use crate::config::{
    AskingConfig, Config, KeysConfig, LogConfig, PassphraseFrom, TimestampsConfig, TrustListConfig,
    WebhooksConfig,
};
use crate::crypto::SignError;
use crate::domain::license::LicenseKind;
use crate::domain::trust_list::{Names, Territory};
use crate::formats::eseal::Version;
use crate::http::server;
use clap::Args;
use include_dir::{Dir, include_dir};
use setup::City;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokens::Tokens;
use tokio::sync::oneshot;

static DEVELOPMENT_KEYS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/keys-dev");

/// The kind that the demo issues at its start.
const FIRST_KIND: &str = "business-license";
/// The kind that several seal together.
const TOGETHER: &str = "construction-permit";
/// The kind that people may issue more of: its number is drawn, where a business license has its holder's own code.
const MORE_OF: &str = "food-operation-permit";

/// Run the service with a fictional city in it, to look around
///
/// Starts on this machine only, over an embedded database and with development keys that everybody has: nothing it seals
/// proves anything. Sets up nine departments (market regulation, natural resources, civil affairs, health and human resources;
/// and those of housing in a district, the city and the province, and of the environment, who seal construction permits
/// together), their seals and a credential for each role, issues a business license and starts a construction permit through
/// the public API, and prints where to look and how to issue more. A later start goes on with the same data. Ctrl-C stops it.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Listen here; only addresses of this machine
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of the data
    #[arg(long, value_name = "DIR", default_value = "yinzheng-data")]
    data: PathBuf,
    /// Delete the data of earlier demos first
    #[arg(long)]
    fresh: bool,
    /// Do the whole main job once for each license kind, leave what it made in DIR, and exit; 0 only if every verdict passed
    #[arg(long, value_name = "DIR", conflicts_with_all = ["fresh", "data", "listen"])]
    once: Option<PathBuf>,
    /// Also write everybody's tokens to this file, as JSON, for scripts
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
}

/// Why the demo did not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A folder or file.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// A folder that is not a demo's.
    #[error("{0} is not empty and no demo made it; name another folder with --data")]
    NotOurs(PathBuf),
    /// A folder that another process works on.
    #[error("{0} is in use by another demo ({1}); stop that one, or name another folder with --data")]
    Held(PathBuf, String),
    /// An address that others can reach.
    #[error("the demo listens on this machine only, and {0} is not an address of it: its keys are public")]
    NotLoopback(SocketAddr),
    /// The service.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The key of the verifier of faces.
    #[error("cannot make the verifier's key: {0}")]
    Key(#[from] SignError),
    /// Its settings.
    #[error("{0}; start over with --fresh")]
    Verifiers(#[from] VerifiersError),
    /// Its credentials.
    #[error("cannot make the first credential: {0}")]
    Credential(#[from] crate::app::AppError),
    /// The data was set up by someone whose tokens are gone.
    #[error("{0} holds a city whose tokens are lost; start over with --fresh")]
    TokensLost(PathBuf),
    /// Setting up.
    #[error("setting up failed: {0}")]
    Call(#[from] CallError),
    /// The main job.
    #[error(transparent)]
    Once(#[from] once::OnceError),
    /// A task of ours died.
    #[error("a task failed: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// Runs the demo.
pub async fn run(args: DemoArgs) -> Result<(), DemoError> {
    if !args.listen.ip().is_loopback() {
        return Err(DemoError::NotLoopback(args.listen));
    }
    // The port before the data: a start that cannot serve touches nothing.
    match &args.once {
        Some(dir) => {
            let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
            let data = dir.join(".service");
            let held = prepare(&data, true)?;
            let done = start(&data, listener, None, Some(dir.clone())).await;
            fs::remove_dir_all(&data).map_err(|why| DemoError::File(data, why))?;
            drop(held);
            done
        }
        None => {
            let listener = bind(args.listen)?;
            let held = prepare(&args.data, args.fresh)?;
            let done = start(&args.data, listener, args.tokens, None).await;
            drop(held);
            done
        }
    }
}

fn bind(listen: SocketAddr) -> Result<TcpListener, DemoError> {
    Ok(server::bind(listen).map_err(ServeError::from)?)
}

/// Starts the service on `listener`, sets the city up, and either does the main job once or serves until it is told to stop.
async fn start(
    data: &Path,
    listener: TcpListener,
    copy: Option<PathBuf>,
    once: Option<PathBuf>,
) -> Result<(), DemoError> {
    let address = listener.local_addr().map_err(|why| DemoError::File(data.to_owned(), why))?;
    let base = format!("http://{address}");
    let config = config(data, address, &base);
    serve::log(&config.log);
    let mut booted = boot::build(&config, Arc::new(Unwatched)).await.map_err(ServeError::from)?;
    let path = data.join("tokens.json");
    let mut tokens = Tokens::read(&path).map_err(|why| DemoError::File(path.clone(), why))?;
    if tokens.of("operator").is_none() {
        let first = add_credential::first_operator(&booted.service, "运维员（演示）").await?;
        let token =
            first.and_then(|added| added.token).ok_or_else(|| DemoError::TokensLost(data.to_owned()))?;
        tokens.keep("operator", &token);
        tokens.write(&path).map_err(|why| DemoError::File(path.clone(), why))?;
    }
    kiosk::equip(&mut booted.service, data, &mut tokens).await?;
    let service = booted.service.clone();
    let once_only = once.is_some();
    let (stop, enough) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve_until(listener, booted, enough));
    let kinds = service.kinds.clone();
    let today = service.clock.now().date_in_china();
    let folder = data.to_owned();
    // Blocking calls to ourselves: on a thread of their own.
    let work = tokio::task::spawn_blocking(move || -> Result<(), DemoError> {
        let client = Client::new(&base);
        let holder = kinds.get(FIRST_KIND).map(|kind| setup::example_holder(kind)).unwrap_or_default();
        let mut city = City { client: &client, tokens: &mut tokens };
        city.set_up(&holder, &|tokens| tokens.write(&path))?;
        if let Some(dir) = once {
            once::run(&client, &mut tokens, &kinds, &dir)?;
            return Ok(());
        }
        let kind = kinds.get(FIRST_KIND).ok_or(CallError::Lacks("the business license"))?;
        let license = city.issue(kind)?;
        city.company(kind, today, &|tokens| tokens.write(&path))?;
        let together = kinds.get(TOGETHER).ok_or(CallError::Lacks("the construction permit"))?;
        city.envelope(together)?;
        let more = kinds.get(MORE_OF).ok_or(CallError::Lacks("the food operation permit"))?;
        welcome(&base, &city, more, &text(&license, "id")?, &kiosk::words(&base, &folder, &holder))?;
        match copy {
            Some(copy) => {
                kiosk::copy_key(&folder, &copy)?;
                tokens.write(&copy).map_err(|why| DemoError::File(copy, why))
            }
            None => Ok(()),
        }
    });
    let done = work.await?;
    if once_only || done.is_err() {
        // Nobody waits for the service any more. It may have stopped by itself: then there is nobody to tell.
        let _ = stop.send(());
        serving.await??;
        return done;
    }
    let served = serving.await?;
    drop(stop);
    Ok(served?)
}

/// Serves until the process or `enough` says stop.
async fn serve_until(
    listener: TcpListener,
    booted: Booted,
    enough: oneshot::Receiver<()>,
) -> Result<(), ServeError> {
    let stop = async {
        tokio::select! {
            () = serve::stopped() => {}
            _ = enough => {}
        }
    };
    serve::until_stopped(listener, booted, false, stop).await
}

/// Settings of a service for this machine only, with development keys.
pub fn config(data: &Path, listen: SocketAddr, public_url: &str) -> Config {
    let keys = data.join("keys-dev");
    Config {
        development: true,
        listen,
        public_url: public_url.to_owned(),
        behind_proxy: false,
        tls: None,
        database: format!("sqlite:{}", data.join("yinzheng.db").display()),
        files: data.join("files"),
        keys: KeysConfig {
            passphrase: PassphraseFrom::File(keys.join("passphrase.txt")),
            set: keys,
            own: data.join("keys"),
        },
        timestamps: TimestampsConfig::Own,
        sm2_timestamps: TimestampsConfig::Own,
        seal_structure: Version::V4,
        webhooks: WebhooksConfig::default(),
        kinds: None,
        calendar: None,
        offline_in_sm2: Vec::new(),
        asking: AskingConfig {
            verifiers: Some(kiosk::settings(data)).filter(|file| file.exists()),
            ..AskingConfig::default()
        },
        trust_list: trust_list(),
        fonts: Vec::new(),
        log: LogConfig { filter: "warn".to_owned(), json: false },
    }
}

/// The demo publishes a trust list, as a city would.
fn trust_list() -> Option<TrustListConfig> {
    let names = |zh: &str, en: &str| Names { zh: zh.to_owned(), en: en.to_owned() };
    Some(TrustListConfig {
        territory: Territory::parse("990100")?,
        place: names("景川市", "Jingchuan"),
        operator: names("景川市政务服务管理局", "Jingchuan Government Services"),
    })
}

/// Says what was set up and where to look, how to issue a license of the kind `more`, and how to try the kiosk.
fn welcome(base: &str, city: &City<'_>, more: &LicenseKind, id: &str, kiosk: &str) -> Result<(), CallError> {
    let (bureau, request) = city.example(more)?;
    let token = |name: &str| city.tokens.of(name).unwrap_or_default().to_owned();
    let department = format!("department-{}", bureau.short);
    println!(
        "\n印证 Yinzheng 演示 demo  {base}\n\
         \n  !! 开发密钥，人人皆有：此处所盖印章不具任何效力\n  !! DEVELOPMENT KEYS that everybody has: nothing sealed here proves anything\n\
         \n已签发营业执照 issued a business license:\n  {id}\n\
         \n打开 open (登录用下列令牌 sign in with the tokens below)\n\
         \x20 部门 department    {base}/department\n  卡包 wallet        {base}/wallet\n\
         \x20 企业 company       {base}/space   (company-manager)\n\
         \x20 窗口 clerk's desk  {base}/desk\n  自助终端 kiosk      {base}/kiosk   (kiosk)\n\
         \x20 核验 verify        {base}/verify   (任何人 anyone)\n\
         \x20 联合签章 together   {base}/department/envelopes   (一份待办 one waits for department-environment)\n"
    );
    println!("令牌 tokens");
    for (name, token) in city.tokens.iter() {
        println!("  {name:<28} {token}");
    }
    println!("\n{kiosk}");
    println!(
        "\n再签发一份{} issue another license:\n  curl -s {base}/v1/licenses -H 'authorization: Bearer {}' \\\n    \
         -H \"idempotency-key: $(date +%s%N)\" -H 'content-type: application/json' \\\n    -d '{request}'\n\
         \nCtrl-C 停止 stops; 再次启动沿用数据 a second start keeps the data; --fresh 重新开始 starts over\n",
        more.title.zh,
        token(&department)
    );
    Ok(())
}
