//! What three seal together: the kind, and one envelope from its draft to its license.

use super::city::{City, KIND_TEXT, replace_line, value_of};
use crate::app::envelope::act::{self, Deed};
use crate::app::envelope::{consent, open};
use crate::app::{AppError, Service};
use crate::domain::envelope::EnvelopeState;
use crate::domain::party::Credential;
use crate::domain::seal::SealCode;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The kind: in all but its seals the one that is issued alone.
pub const KIND: &str = "food-operation-permit-together";
/// The two who seal beside the issuer; what they are responsible for matters to nobody.
pub const OTHERS: [&str; 2] = ["11369900MB0990075F", "11369900MB0990083A"];

/// Who consents, with which seal.
pub type Sealer = (Credential, SealCode);

/// The kind's file: the issuer first, then the two others side by side; one PDF.
pub fn kind_text() -> String {
    let code = value_of(KIND_TEXT, "type_code");
    let text = replace_line(KIND_TEXT, "name", KIND);
    let text = replace_line(&text, "type_code", &format!("{}TOG", &code[..18]));
    let mut out = String::new();
    for line in text.lines().filter(|line| !line.starts_with("files = ")) {
        if line.trim_start().starts_with("{ seal = ") {
            for (n, x) in [(0, 238), (1, 190), (2, 142)] {
                let _ = writeln!(out, "  {{ seal = [{x}, 165.5], party = \"p{n}\" }},");
            }
        } else {
            out.push_str(line);
            out.push('\n');
        }
        if line.starts_with("holder = ") {
            out.push_str("files = [\"pdf-p256\"]\n");
        }
    }
    let issuer = value_of(KIND_TEXT, "issuer");
    let title = "title = { zh = \"签章方\", en = \"Party\" }";
    let _ = write!(
        out,
        "\n[[sealing.stages]]\nname = \"issuer\"\n{title}\nparties = [\n  {{ name = \"p0\", {title}, level = \"city\", responsibility = \"{issuer}\" }},\n]\n\
         \n[[sealing.stages]]\nname = \"others\"\n{title}\nparties = [\n"
    );
    for (n, code) in (1..).zip(OTHERS) {
        let _ = writeln!(out, "  {{ name = \"p{n}\", {title}, body = \"{code}\" }},");
    }
    out + "]\n"
}

impl City {
    /// The `n`th envelope: opened, sent, consented to by all three, sealed and released. Whether it was.
    pub async fn seal_together(&self, n: u64) -> Result<bool, AppError> {
        let service: &std::sync::Arc<Service> = &self.service;
        let request = open::Request {
            kind: KIND.to_owned(),
            data: self.example_data(),
            number: None,
            parties: BTreeMap::new(),
            replaces: None,
            hash: [0; 32],
        };
        let envelope = open::run(service, &self.department, &format!("bench-together-{n}"), request).await?;
        let send = act::Request { envelope: envelope.id.clone(), deed: Deed::Send, revision: None };
        act::run(service, &self.department, send).await?;
        let mut state = EnvelopeState::Open;
        for (officer, seal) in &self.sealers {
            let (envelope, seal) = (envelope.id.clone(), seal.clone());
            let request = consent::Request { envelope, version: 1, seal, grant: None };
            state = consent::run(service, officer, request).await?.state;
        }
        Ok(state == EnvelopeState::Finished)
    }
}
