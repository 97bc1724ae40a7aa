//! `yinzheng demo --once DIR`: the whole main job, once for each kind, and what it leaves behind.

use super::setup::{City, example_holder};
use super::tokens::Tokens;
use crate::cli::client::{CallError, Client, text};
use crate::domain::license::{FileFormat, Kinds, LicenseKind, Standing};
use crate::domain::party::Role;
use crate::formats::code::Qr;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Pixels a module of a code's picture has.
const PIXELS: usize = 8;

/// Why the main job was not done.
#[derive(Debug, thiserror::Error)]
pub enum OnceError {
    /// A call.
    #[error("{kind}: {why}")]
    Call {
        /// Which kind.
        kind: String,
        /// Why.
        why: CallError,
    },
    /// A file.
    #[error("cannot write {0}: {1}")]
    File(String, std::io::Error),
    /// A verdict other than passed.
    #[error("{kind}: the verdict is {verdict}")]
    Verdict {
        /// Which kind.
        kind: String,
        /// The verdict.
        verdict: String,
    },
}

/// Issues, shows, redeems and verifies a license of every kind, and says so line by line.
pub fn run(client: &Client, tokens: &mut Tokens, kinds: &Kinds, dir: &Path) -> Result<(), OnceError> {
    let roots = client.bytes("/pki/roots.pem").map_err(|why| call("roots", why))?;
    write(dir, "roots.pem", &roots)?;
    let mut city = City { client, tokens };
    // What several seal takes their consents, one after the other; it is no matter of one call.
    for kind in kinds.iter().filter(|kind| kind.sealing.is_none()) {
        one(&mut city, kind, dir)?;
        println!("{}  {}", kind.name, kind.title.zh);
    }
    Ok(())
}

fn one(city: &mut City<'_>, kind: &LicenseKind, dir: &Path) -> Result<(), OnceError> {
    let name = kind.name.as_str();
    let fails = |why| call(name, why);
    // Issue.
    let license = city.issue(kind).map_err(fails)?;
    let id = text(&license, "id").map_err(fails)?;
    // Show, as its holder.
    let (holder, operator) = (format!("holder-{name}"), city.as_one("operator"));
    city.credential(&operator, &holder, &kind.title.zh, Role::Holder, None, Some(&example_holder(kind)))
        .map_err(fails)?;
    let holder = city.as_one(&holder);
    let mut files = Vec::new();
    for format in formats(&license) {
        let file =
            holder.bytes(&format!("/v1/licenses/{id}/file?format={}", format.name())).map_err(fails)?;
        write(dir, &format!("{name}.{}", format.name()), &file)?;
        files.push((format, file));
    }
    let show = json!({ "fields": [kind.holder.name, kind.holder.code], "purpose": "窗口核验" });
    let drawn = holder.post(&format!("/v1/licenses/{id}/show-codes"), &show).map_err(fails)?;
    let code = text(&drawn, "code").map_err(fails)?;
    let picture = Qr::encode(code.as_bytes()).ok_or_else(|| call(name, CallError::Lacks("a code")))?;
    write(dir, &format!("codes/{name}.png"), &picture.png(PIXELS))?;
    write(dir, &format!("codes/{name}.svg"), picture.svg().as_bytes())?;
    // Redeem, as a clerk; a second time must be refused.
    let redeem = json!({ "code": code, "matter": "演示" });
    let clerk = city.as_one("clerk");
    let shown = clerk.post("/v1/show-codes:redeem", &redeem).map_err(fails)?;
    write(dir, &format!("reports/{name}.shown.json"), &pretty(&shown))?;
    let standing = text(&shown["licenses"][0], "standing").map_err(fails)?;
    if standing != Standing::InForce.name() {
        return Err(OnceError::Verdict { kind: name.to_owned(), verdict: format!("shown as {standing}") });
    }
    match clerk.post("/v1/show-codes:redeem", &redeem) {
        Err(why) if why.is("show_code.used") => {}
        Err(why) => return Err(fails(why)),
        Ok(_) => return Err(OnceError::Verdict { kind: name.to_owned(), verdict: "shown twice".to_owned() }),
    }
    // Verify, as anyone.
    for (format, file) in files {
        let report = city.client.post_file("/v1/verifications", format.media_type(), &file).map_err(fails)?;
        let place = match format {
            FileFormat::Pdf => format!("reports/{name}.json"),
            FileFormat::Ofd => format!("reports/{name}.ofd.json"),
        };
        write(dir, &place, &pretty(&report))?;
        let verdict = text(&report, "verdict").map_err(fails)?;
        if verdict != "passed" {
            return Err(OnceError::Verdict { kind: format!("{name} ({})", format.name()), verdict });
        }
    }
    Ok(())
}

/// The formats a license was released in, as the service says.
fn formats(license: &Value) -> Vec<FileFormat> {
    let files = license["files"].as_array().into_iter().flatten();
    files.filter_map(|file| FileFormat::parse(file["format"].as_str()?)).collect()
}

fn pretty(value: &serde_json::Value) -> Vec<u8> {
    let mut text = format!("{value:#}");
    text.push('\n');
    text.into_bytes()
}

fn call(kind: &str, why: CallError) -> OnceError {
    OnceError::Call { kind: kind.to_owned(), why }
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), OnceError> {
    let path = dir.join(name);
    let parent = path.parent().unwrap_or(dir);
    let written = fs::create_dir_all(parent).and_then(|()| fs::write(&path, bytes));
    written.map_err(|why| OnceError::File(path.display().to_string(), why))
}
