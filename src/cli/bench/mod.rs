//! `yinzheng bench`: the main job under load, as ratios to the bare operations it contains.

mod business;
mod city;
mod load;
mod primitives;
mod showing;
mod together;

use crate::app::{AppError, Unwatched, read_license, verify_file};
use crate::boot::{self, BootError};
use crate::cli::demo;
use crate::domain::license::FileFormat;
use crate::domain::report::Verdict;
use crate::domain::suite::Suite;
use city::City;
use clap::{Args, ValueEnum};
use load::{Inside, Measured};
use primitives::{Primitives, Rates};
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Measure this machine: issues, finished envelopes, registered businesses, verifications and redemptions per second
///
/// Builds a service over a fresh database with development keys and calls its use cases from many tasks at once, in this
/// process and without HTTP. An issue is whole: composed, sealed, timestamped, proved and committed durably; so is what three
/// seal together, from the draft over three consents to the license. Rates are also
/// given as ratios to the bare public-key operations of the same machine in the same run; compare those, not seconds.
#[derive(Args, Debug)]
pub struct BenchArgs {
    /// An empty database to use instead of a new SQLite file, e.g. postgres://user@host/name
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Folder for the data; deleted afterwards
    #[arg(long, value_name = "DIR", default_value = "yinzheng-bench")]
    data: PathBuf,
    /// Seconds for each load
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Callers at once
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=1024))]
    callers: u64,
    /// Measure these alone; may be given several times
    #[arg(long, value_enum, value_name = "LOADS")]
    only: Vec<Loads>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Loads that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Loads {
    /// Files issued and verified
    Files,
    /// Envelopes in which three seal together
    Together,
    /// Businesses registered with their seals
    Business,
    /// Codes drawn by a holder and claimed, each once, by a counter
    Showing,
}

impl BenchArgs {
    fn measures(&self, loads: Loads) -> bool {
        self.only.is_empty() || self.only.contains(&loads)
    }
}

/// An issue makes the seal's signature and the timestamp's, and its proof verifies both.
const fn in_issue(suite: Suite) -> Inside {
    Inside { suite, signs: 2, verifies: 2 }
}
/// A verification: the seal's signature and the timestamp's; in OFD the signature over the seal object besides.
const fn in_verification(suite: Suite, verifies: u32) -> Inside {
    Inside { suite, signs: 0, verifies }
}
/// An envelope of three: a signature for each consent, which is verified when it is given and again before its seal is laid
/// on; and in the file a signature and a timestamp for each seal, each verified by the proof.
const IN_ENVELOPE: Inside = Inside { suite: Suite::P256, signs: 3 + 6, verifies: 6 + 6 };
/// A business: its license as PDF and as OFD, and five seals in both suites, each with an X.509 certificate and in SM2 with a
/// seal object; whoever signs with an authority's key verifies at once. The making of ten keys is not among them.
const IN_BUSINESS: [Inside; 2] = [
    Inside { suite: Suite::P256, signs: 2 + 5, verifies: 2 + 5 },
    Inside { suite: Suite::Sm2, signs: 2 + 5 + 5, verifies: 3 + 5 + 5 },
];
/// What is issued and verified, and what the loads are called.
const FORMS: [(FileFormat, Suite, [&str; 2], u32); 2] = [
    (FileFormat::Pdf, Suite::P256, ["issue PDF, P-256", "verify PDF, P-256"], 2),
    (FileFormat::Ofd, Suite::Sm2, ["issue OFD, SM2", "verify OFD, SM2"], 3),
];

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The folder.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The folder is somebody else's.
    #[error(transparent)]
    Data(#[from] demo::DemoError),
    /// The service.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// A call.
    #[error("setting up failed: {0}")]
    App(#[from] AppError),
    /// A key to measure with.
    #[error("the system has no randomness")]
    Randomness,
    /// The database is in use.
    #[error("the database is not empty: a measurement needs one of its own")]
    NotEmpty,
}

/// Measures and returns the table.
pub async fn run(args: BenchArgs) -> Result<String, BenchError> {
    let held = demo::prepare(&args.data, true)?;
    let measured = measure(&args).await;
    fs::remove_dir_all(&args.data).map_err(|why| BenchError::File(args.data.clone(), why))?;
    drop(held);
    let (primitives, rows) = measured?;
    Ok(if args.json { as_json(&primitives, &rows) } else { as_table(&primitives, &rows) })
}

async fn measure(args: &BenchArgs) -> Result<(Primitives, Vec<Measured>), BenchError> {
    let address = ([127, 0, 0, 1], 0).into();
    let mut config = demo::config(&args.data, address, "http://127.0.0.1");
    if let Some(url) = &args.database {
        config.database.clone_from(url);
    }
    let kinds = args.data.join("kinds");
    city::write_kinds(&kinds).map_err(|why| BenchError::File(kinds.clone(), why))?;
    config.kinds = Some(kinds);
    let service = boot::build(&config, Arc::new(Unwatched)).await?.service;
    let city = Arc::new(City::set_up(service.clone()).await?.ok_or(BenchError::NotEmpty)?);
    let primitives = tokio::task::block_in_place(primitives::measure).map_err(|_| BenchError::Randomness)?;
    let (span, callers) = (Duration::from_secs(args.seconds), args.callers as usize);
    let mut rows = Vec::new();

    let mut shown = None;
    for (format, suite, [issuing, verifying], verifies) in FORMS {
        let license = city.issue(format, u64::MAX).await?.license;
        let id = license.id.clone();
        shown.get_or_insert(license);
        if !args.measures(Loads::Files) {
            continue;
        }
        let each = city.clone();
        rows.push(
            load::run(issuing, vec![in_issue(suite)], callers, span, move |n| {
                let city = each.clone();
                async move { Some(city.issue(format, n).await.is_ok()) }
            })
            .await,
        );
        let file = read_license::file(&service, &city.department, &id, None).await?.bytes;
        let verify = service.clone();
        rows.push(
            load::run(verifying, vec![in_verification(suite, verifies)], callers, span, move |_| {
                let (service, file) = (verify.clone(), file.clone());
                async move {
                    let report = verify_file::run(&service, file).await;
                    Some(report.is_ok_and(|report| report.verdict == Verdict::Passed))
                }
            })
            .await,
        );
    }
    let license = shown.ok_or(BenchError::NotEmpty)?;

    if args.measures(Loads::Together) {
        let each = city.clone();
        rows.push(
            load::run("3 seal together, PDF", vec![IN_ENVELOPE], callers, span, move |n| {
                let city = each.clone();
                async move { Some(city.seal_together(n).await.unwrap_or(false)) }
            })
            .await,
        );
    }
    if args.measures(Loads::Business) {
        let each = city.clone();
        rows.push(
            load::run("register a business", IN_BUSINESS.to_vec(), callers, span, move |n| {
                let city = each.clone();
                async move { Some(city.register_business(n).await.unwrap_or(false)) }
            })
            .await,
        );
    }
    if args.measures(Loads::Showing) {
        rows.extend(showing::measure(&city, &license.id, callers, span).await);
    }
    Ok((primitives, rows))
}

/// How many such requests one core could serve if it did nothing but the public-key operations inside; `None` if there
/// are none.
fn bare_rate(primitives: &Primitives, inside: &[Inside]) -> Option<f64> {
    let seconds = |inside: &Inside| {
        let rates = primitives.of(inside.suite);
        f64::from(inside.signs) / rates.sign + f64::from(inside.verifies) / rates.verify
    };
    let seconds: f64 = inside.iter().map(seconds).sum();
    (seconds > 0.0).then(|| 1.0 / seconds)
}

fn as_table(primitives: &Primitives, rows: &[Measured]) -> String {
    let mut text = String::new();
    for (name, hash, rates) in [("P-256", "SHA-256", &primitives.p256), ("SM2", "SM3", &primitives.sm2)] {
        let Rates { sign, verify, hash: hashes } = rates;
        let _ = writeln!(
            text,
            "bare, one core: {name} sign {sign:.0}/s, verify {verify:.0}/s, {hash} of 40 kB {hashes:.0}/s"
        );
    }
    let _ = writeln!(
        text,
        "\n{:<20} {:>9} {:>7} {:>8} {:>8} {:>8} {:>8}  {:>22} {:>9} {:>6}",
        "load", "per s", "failed", "p50 ms", "p90 ms", "p99 ms", "max ms", "inside", "bare/s", "ratio",
    );
    for row in rows {
        let ms = row.latency.map(|micros| micros as f64 / 1000.0);
        let (inside, bare, ratio) = match bare_rate(primitives, &row.inside) {
            None => ("none".to_owned(), "-".to_owned(), "-".to_owned()),
            Some(bare) => (
                {
                    let sum = |of: fn(&Inside) -> u32| row.inside.iter().map(of).sum::<u32>();
                    format!("{} sign, {} verify", sum(|inside| inside.signs), sum(|inside| inside.verifies))
                },
                format!("{bare:.0}"),
                format!("{:.3}", row.rate() / bare),
            ),
        };
        let _ = writeln!(
            text,
            "{:<20} {:>9.0} {:>7} {:>8.2} {:>8.2} {:>8.2} {:>8.2}  {:>22} {:>9} {:>6}",
            row.what,
            row.rate(),
            row.failed,
            ms[0],
            ms[1],
            ms[2],
            ms[3],
            inside,
            bare,
            ratio,
        );
    }
    text.trim_end().to_owned()
}

fn as_json(primitives: &Primitives, rows: &[Measured]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let bare = bare_rate(primitives, &row.inside);
            let operations = |inside: &Inside| {
                json!({ "suite": inside.suite.name(), "sign": inside.signs, "verify": inside.verifies })
            };
            json!({
                "load": row.what, "per_second": row.rate(), "done": row.done, "failed": row.failed,
                "seconds": row.took.as_secs_f64(),
                "latency_us": { "p50": row.latency[0], "p90": row.latency[1], "p99": row.latency[2], "max": row.latency[3] },
                "inside": row.inside.iter().map(operations).collect::<Vec<_>>(),
                "bare_per_second": bare,
                "ratio_to_bare": bare.map(|bare| row.rate() / bare),
            })
        })
        .collect();
    let bare = |rates: &Rates| json!({ "sign": rates.sign, "verify": rates.verify, "hash_40kb": rates.hash });
    let bare = json!({ "p256": bare(&primitives.p256), "sm2": bare(&primitives.sm2) });
    format!("{:#}", json!({ "bare_per_second": bare, "loads": rows }))
}
