//! `yinzheng issue`: asks a running service for a license.

use crate::cli::client::{CallError, Client, text};
use crate::domain::license::FileFormat;
use clap::Args;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::PathBuf;

/// Ask a running service to issue a license
///
/// Sends the data in a JSON file (an object of field names and values, as `GET /v1/license-kinds/KIND` describes them) and
/// prints the license's identifier. Repeating the command with the same --key gives the same license and never a second one.
#[derive(Args, Debug)]
pub struct IssueArgs {
    /// Address of the service
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// File with the department's token
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// License kind, e.g. business-license
    #[arg(long)]
    kind: String,
    /// Code of the seal, 14 digits
    #[arg(long)]
    seal: String,
    /// JSON file with the data
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Idempotency key: name it after your own case number
    #[arg(long)]
    key: String,
    /// Write the license file here; a name that ends in .ofd asks for the OFD file, any other for PDF
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// A file.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The data.
    #[error("{0} is not JSON: {1}")]
    Json(PathBuf, serde_json::Error),
    /// The service.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Runs the command and returns the identifier. Blocks.
pub fn run(args: &IssueArgs) -> Result<String, IssueError> {
    let read = |path: &PathBuf| fs::read_to_string(path).map_err(|why| IssueError::File(path.clone(), why));
    let token = read(&args.token_file)?;
    let data: Value =
        serde_json::from_str(&read(&args.data)?).map_err(|why| IssueError::Json(args.data.clone(), why))?;
    let department = Client::new(args.server.trim_end_matches('/')).with(token.trim());
    let request = json!({ "kind": args.kind, "seal": args.seal, "data": data });
    let license = department.post_once("/v1/licenses", &args.key, &request)?;
    let id = text(&license, "id")?;
    if let Some(out) = &args.out {
        let ending = out.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let format = FileFormat::parse(ending).unwrap_or(FileFormat::Pdf);
        let file = department.bytes(&format!("/v1/licenses/{id}/file?format={}", format.name()))?;
        fs::write(out, file).map_err(|why| IssueError::File(out.clone(), why))?;
    }
    Ok(id)
}
