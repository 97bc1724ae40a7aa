//! `yinzheng ceremony`: seals for many at once, e.g. for all departments of a city.
//!
//! Each person takes part with a token of their own: one asks for all seals of a list, two others approve them. What was
//! done is written into a record after every seal, so that a ceremony that broke off goes on where it was, and the record
//! says afterwards who did what.

mod list;
mod record;

pub use list::{Asked, ListError, Listed};
pub use record::{Line, Record, RecordError};

use crate::cli::client::{CallError, Client, text};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Make seals for many at once: one asks for all of a list, two others approve them
///
/// A ceremony is a list of seals (TOML) and a record (JSON) of how far it has come. Every step may be broken off and
/// run again: what is done is not done twice. Progress goes to standard error.
#[derive(Args, Debug)]
pub struct CeremonyArgs {
    #[command(subcommand)]
    step: Step,
}

#[derive(Subcommand, Debug)]
enum Step {
    /// Print a list with one seal for each registered department, to be looked through and edited
    List(ListArgs),
    /// Ask for every seal of the list, as one seal administrator
    Request(StepArgs),
    /// Approve every seal that was asked for, as another seal administrator; the second one makes them
    Approve(StepArgs),
}

#[derive(Args, Debug)]
struct ListArgs {
    /// Address of the service
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// What the seals are for
    #[arg(long, default_value = "license")]
    purpose: String,
    /// The words below the star
    #[arg(long, default_value = "电子证照专用章")]
    words: String,
    /// Days that they may be used
    #[arg(long, default_value_t = 1095)]
    days: u32,
}

/// What `request` and `approve` take.
#[derive(Args, Debug)]
pub struct StepArgs {
    /// Address of the service
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// File with the token of who does this step
    #[arg(long, value_name = "FILE")]
    pub token_file: PathBuf,
    /// The list of seals (TOML)
    #[arg(long, value_name = "FILE")]
    pub list: PathBuf,
    /// The record; made by the first step
    #[arg(long, value_name = "FILE")]
    pub record: PathBuf,
}

/// Why a step did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// The token's file.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The list.
    #[error(transparent)]
    List(#[from] ListError),
    /// The record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The service.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Some seals were refused; the others are done.
    #[error("{failed} of {all} seals failed; mend the list or the cause and run the step again:\n{why}")]
    Some {
        /// How many.
        failed: usize,
        /// Of how many.
        all: usize,
        /// Each with its reason.
        why: String,
    },
}

/// Runs the command. Blocks.
pub fn run(args: &CeremonyArgs) -> Result<String, CeremonyError> {
    let tell = &|line: &str| eprintln!("{line}");
    match &args.step {
        Step::List(args) => {
            let departments = Client::new(args.server.trim_end_matches('/')).get("/v1/departments")?;
            Ok(list::for_departments(&departments, &args.purpose, &args.words, args.days))
        }
        Step::Request(args) => request(args, tell),
        Step::Approve(args) => approve(args, tell),
    }
}

fn client(args: &StepArgs) -> Result<Client, CeremonyError> {
    let token = fs::read_to_string(&args.token_file);
    let token = token.map_err(|why| CeremonyError::File(args.token_file.clone(), why))?;
    Ok(Client::new(args.server.trim_end_matches('/')).with(token.trim()))
}

/// Asks for every seal that has not been asked for. A seal that was asked for just before the step broke off, and so
/// stands in no record, is taken up.
pub fn request(args: &StepArgs, tell: &dyn Fn(&str)) -> Result<String, CeremonyError> {
    let (client, list) = (client(args)?, Listed::read(&args.list)?);
    let mut record = Record::open(&args.record, &list)?;
    let mut orphans = orphans(&client, &record)?;
    each(&args.record, &list, &mut record, tell, |asked, line| {
        if line.code.is_some() {
            return Ok("asked for before".to_owned());
        }
        let place = orphans.iter().position(|seal| asked.is(seal));
        let seal = match place {
            Some(place) => orphans.remove(place),
            None => client.post("/v1/seals", &asked.request())?,
        };
        line.take(&seal)?;
        Ok(if place.is_some() { "asked for before it broke off" } else { "asked for" }.to_owned())
    })
}

/// Seals that wait for approval and stand in no record of ours.
fn orphans(client: &Client, record: &Record) -> Result<Vec<Value>, CallError> {
    let known: BTreeSet<&str> = record.lines.iter().filter_map(|line| line.code.as_deref()).collect();
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let slice = client.get(&format!("/v1/seals?limit=200{after}"))?;
        let items = slice["items"].as_array().cloned().unwrap_or_default();
        found.extend(items.into_iter().filter(|seal| {
            seal["state"] == "requested" && seal["code"].as_str().is_some_and(|code| !known.contains(code))
        }));
        match slice["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(found),
        }
    }
}

/// Approves every seal that waits. Who has approved one before, or asked for it, is told so.
pub fn approve(args: &StepArgs, tell: &dyn Fn(&str)) -> Result<String, CeremonyError> {
    let (client, list) = (client(args)?, Listed::read(&args.list)?);
    let mut record = Record::open(&args.record, &list)?;
    each(&args.record, &list, &mut record, tell, |_, line| {
        let Some(code) = line.code.clone() else {
            return Err(CallError::Lacks("code: it was not asked for"));
        };
        let seal = client.get(&format!("/v1/seals/{code}"))?;
        let waits = text(&seal, "state")? == "requested";
        let seal = if waits {
            match client.post(&format!("/v1/seals/{code}/approve"), &json!({ "reason": "" })) {
                Ok(seal) => seal,
                Err(refused) if refused.is("seal.approved_already") => seal,
                Err(refused) => return Err(refused),
            }
        } else {
            seal
        };
        line.take(&seal)?;
        line.history = client.get(&format!("/v1/seals/{code}/history"))?["approvals"].clone();
        Ok(match line.state.as_str() {
            "requested" => "approved, waits for another person".to_owned(),
            "active" => "made".to_owned(),
            other => format!("is {other}"),
        })
    })
}

/// Does something with each seal, keeps the record after each, and tells how far it is.
fn each(
    kept: &Path,
    list: &Listed,
    record: &mut Record,
    tell: &dyn Fn(&str),
    mut work: impl FnMut(&Asked, &mut Line) -> Result<String, CallError>,
) -> Result<String, CeremonyError> {
    let all = list.seals.len();
    let mut why = Vec::new();
    for (place, asked) in list.seals.iter().enumerate() {
        // A record has a line for each seal of its list.
        let line = &mut record.lines[place];
        let done = work(asked, line);
        let code = line.code.clone().unwrap_or_else(|| "-".repeat(14));
        let said = match done {
            Ok(said) => said,
            // Nobody is there: the next one would fare no better.
            Err(failed @ CallError::NoAnswer { .. }) => return Err(failed.into()),
            Err(failed) => {
                why.push(format!("{}: {failed}", asked.title()));
                format!("FAILED: {failed}")
            }
        };
        tell(&format!("[{:>3}/{all}] {code}  {}: {said}", place + 1, asked.title()));
        record.keep(kept)?;
    }
    if why.is_empty() {
        return Ok(record.summary());
    }
    Err(CeremonyError::Some { failed: why.len(), all, why: why.join("\n") })
}
