//! How a use is kept as JSON text.

use super::json::{self, BadJson};
use crate::domain::grant::GrantId;
use crate::domain::license::LicenseId;
use crate::domain::seal::SealCode;
use crate::domain::space::{Carrier, CodeUse, Used};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
enum Text {
    Shown {
        license: String,
        purpose: String,
        matter: String,
        fields: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deputy: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        compared: Option<bool>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        offline: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<CodeText>,
    },
    Printed {
        license: String,
        purpose: String,
        fields: Vec<String>,
        verifier: String,
    },
    SealedLicense {
        seal: String,
        license: String,
        grant: String,
    },
    SealedDocument {
        seal: String,
        job: String,
        grant: Option<String>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeText {
    carrier: String,
    short: bool,
    passed: bool,
    status_at: i64,
}

pub(super) fn write(used: &Used) -> String {
    json::write(&match used {
        Used::Shown { license, purpose, matter, fields, deputy, compared, offline, code } => Text::Shown {
            license: license.as_str().to_owned(),
            purpose: purpose.clone(),
            matter: matter.clone(),
            fields: fields.clone(),
            deputy: deputy.clone(),
            compared: *compared,
            offline: *offline,
            code: code.map(|code| CodeText {
                carrier: code.carrier.name().to_owned(),
                short: code.short,
                passed: code.passed,
                status_at: code.status_at.micros(),
            }),
        },
        Used::Printed { license, purpose, fields, verifier } => Text::Printed {
            license: license.as_str().to_owned(),
            purpose: purpose.clone(),
            fields: fields.clone(),
            verifier: verifier.clone(),
        },
        Used::SealedLicense { seal, license, grant } => Text::SealedLicense {
            seal: seal.as_str().to_owned(),
            license: license.as_str().to_owned(),
            grant: grant.as_str().to_owned(),
        },
        Used::SealedDocument { seal, job, grant } => Text::SealedDocument {
            seal: seal.as_str().to_owned(),
            job: job.clone(),
            grant: grant.as_ref().map(|grant| grant.as_str().to_owned()),
        },
    })
}

pub(super) fn read(text: &str) -> Result<Used, BadJson> {
    let license = |id: &str| LicenseId::parse(id).map_err(|_| BadJson("no license identifier".to_owned()));
    let seal = |code: &str| SealCode::parse(code).ok_or_else(|| BadJson("no seal code".to_owned()));
    let grant = |id: &str| GrantId::parse(id).ok_or_else(|| BadJson("no grant's identity".to_owned()));
    Ok(match json::read::<Text>(text)? {
        Text::Shown { license: id, purpose, matter, fields, deputy, compared, offline, code } => {
            let license = license(&id)?;
            let code = code.map(code_use).transpose()?;
            Used::Shown { license, purpose, matter, fields, deputy, compared, offline, code }
        }
        Text::Printed { license: id, purpose, fields, verifier } => {
            Used::Printed { license: license(&id)?, purpose, fields, verifier }
        }
        Text::SealedLicense { seal: code, license: id, grant: given } => {
            Used::SealedLicense { seal: seal(&code)?, license: license(&id)?, grant: grant(&given)? }
        }
        Text::SealedDocument { seal: code, job, grant: given } => {
            Used::SealedDocument { seal: seal(&code)?, job, grant: given.as_deref().map(grant).transpose()? }
        }
    })
}

fn code_use(text: CodeText) -> Result<CodeUse, BadJson> {
    let carrier = Carrier::parse(&text.carrier).ok_or_else(|| BadJson("no carrier".to_owned()))?;
    let CodeText { short, passed, status_at, .. } = text;
    Ok(CodeUse { carrier, short, passed, status_at: Timestamp::from_micros(status_at) })
}
