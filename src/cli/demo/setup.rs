//! Sets up the fictional city through the public API. Every step may be repeated: a start after a crash goes on where
//! the last one stopped.

use super::city::{BUREAUS, Bureau, PEOPLE, TOGETHER};
use super::tokens::Tokens;
use crate::cli::client::{CallError, Client, text};
use crate::domain::license::LicenseKind;
use crate::domain::party::Role;
use serde_json::{Value, json};

/// Days that the demo's credentials live.
pub const DAYS: u32 = 365;
/// Days that its seals may be used.
const SEAL_DAYS: u32 = 1095;

/// The service, as the city's people call it.
pub struct City<'c> {
    /// Nobody in particular.
    pub client: &'c Client,
    /// Everybody's tokens.
    pub tokens: &'c mut Tokens,
}

impl City<'_> {
    /// Calls as one of the city's people.
    pub fn as_one(&self, name: &str) -> Client {
        match self.tokens.of(name) {
            Some(token) => self.client.with(token),
            None => self.client.clone(),
        }
    }

    /// Calls as one of its departments.
    pub fn as_department(&self, short: &str) -> Client {
        self.as_one(&format!("department-{short}"))
    }

    /// Departments, people and seals. `holder` is the code of the demo holder. `keep` is called after each new token.
    pub fn set_up(
        &mut self,
        holder: &str,
        keep: &dyn Fn(&Tokens) -> std::io::Result<()>,
    ) -> Result<(), CallError> {
        let operator = self.as_one("operator");
        for bureau in BUREAUS.iter().chain(&TOGETHER) {
            operator.post("/v1/departments", &department(bureau))?;
            let name = format!("department-{}", bureau.short);
            self.credential(&operator, &name, bureau.name_zh, Role::Department, Some(bureau.code), None)?;
        }
        for (name, label, role) in PEOPLE {
            let holder = (role == Role::Holder).then_some(holder);
            self.credential(&operator, name, label, role, None, holder)?;
        }
        keep(self.tokens).map_err(|_| CallError::Lacks("a place to keep tokens"))?;
        BUREAUS.iter().chain(&TOGETHER).try_for_each(|bureau| self.seal(bureau))?;
        self.service_seal()
    }

    /// The seal of receipts and annotated copies: an operator proposes that of the first department, which agrees. Whatever
    /// was agreed to before stays.
    fn service_seal(&self) -> Result<(), CallError> {
        let operator = self.as_one("operator");
        match operator.get("/v1/service-seal") {
            Err(why) if why.is("service_seal.none") => {}
            other => return other.map(drop),
        }
        let bureau = &BUREAUS[0];
        let seal = self.seal_of(bureau)?.ok_or(CallError::Lacks("an active seal"))?;
        let wish = json!({ "seal": seal });
        operator.put("/v1/service-seal", &wish)?;
        self.as_department(bureau.short).post("/v1/service-seal:agree", &wish).map(drop)
    }

    /// Gives a credential and keeps its token, unless it was given before.
    pub fn credential(
        &mut self,
        operator: &Client,
        name: &str,
        label: &str,
        role: Role,
        department: Option<&str>,
        holder: Option<&str>,
    ) -> Result<(), CallError> {
        if self.tokens.of(name).is_some() {
            return Ok(());
        }
        let request = json!({
            "label": label, "role": role.name(), "department": department, "holder": holder, "days": DAYS,
        });
        let given = operator.post("/v1/credentials", &request)?;
        self.tokens.keep(name, &text(&given, "token")?);
        Ok(())
    }

    /// A seal asked for by one person and approved by two others, unless the department has one that is in use.
    fn seal(&self, bureau: &Bureau) -> Result<(), CallError> {
        if self.seal_of(bureau)?.is_some() {
            return Ok(());
        }
        let request = json!({
            "owner_code": bureau.code, "purpose": bureau.purpose.name(), "purpose_words": bureau.words,
            "days": SEAL_DAYS,
        });
        let asked = self.as_one("seal-admin-1").post("/v1/seals", &request)?;
        let path = format!("/v1/seals/{}/approve", text(&asked, "code")?);
        for approver in ["seal-admin-2", "seal-admin-3"] {
            self.as_one(approver).post(&path, &json!({}))?;
        }
        Ok(())
    }

    /// The active seal of a department.
    pub fn seal_of(&self, bureau: &Bureau) -> Result<Option<String>, CallError> {
        let seals = self.as_department(bureau.short).get("/v1/seals")?;
        let active = seals["items"].as_array().into_iter().flatten().find(|seal| seal["state"] == "active");
        active.map(|seal| text(seal, "code")).transpose()
    }

    /// Issues a license of this kind with its example data, once.
    pub fn issue(&self, kind: &LicenseKind) -> Result<Value, CallError> {
        let (bureau, request) = self.example(kind)?;
        // The same whatever the kind's version: also a start of a newer program is answered with the license of the first.
        let key = format!("demo-{}-1", kind.name);
        self.as_department(bureau.short).post_once("/v1/licenses", &key, &request)
    }

    /// The department that issues this kind, and a request with the kind's example data.
    pub fn example(&self, kind: &LicenseKind) -> Result<(&'static Bureau, Value), CallError> {
        let bureau = BUREAUS
            .iter()
            .find(|bureau| bureau.responsibility == kind.issuer)
            .ok_or(CallError::Lacks("a department that issues this kind"))?;
        let seal = self.seal_of(bureau)?.ok_or(CallError::Lacks("an active seal"))?;
        Ok((bureau, json!({ "kind": kind.name, "seal": seal, "data": example_data(kind) })))
    }
}

fn department(bureau: &Bureau) -> Value {
    json!({
        "code": bureau.code, "name_zh": bureau.name_zh, "name_en": bureau.name_en, "area_code": bureau.area,
        "responsibility": bureau.responsibility,
    })
}

/// The example data of a kind.
pub fn example_data(kind: &LicenseKind) -> Value {
    let examples = kind.fields.iter().filter(|field| !field.example.is_empty());
    let data: serde_json::Map<_, _> =
        examples.map(|field| (field.name.clone(), Value::from(field.example.clone()))).collect();
    Value::Object(data)
}

/// The code of the holder that a kind's example data is about.
pub fn example_holder(kind: &LicenseKind) -> String {
    kind.field(&kind.holder.code).map(|field| field.example.clone()).unwrap_or_default()
}
