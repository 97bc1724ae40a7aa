//! What a load needs: one department, its seal, one caller of each role, and two more who seal with it, over a fresh database.

use super::business;
use super::together::{self, Sealer};
use crate::app::issue_license::{self, Issued, Order};
use crate::app::{AppError, Service, act_on_seal, add_credential, register_department, request_seal};
use crate::domain::license::draft::RawValue;
use crate::domain::license::{FileFormat, LicenseKind};
use crate::domain::party::{Credential, Department, Role, Scope};
use crate::domain::seal::{SealAct, SealCode, SealPurpose};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

/// The kind that is issued: its printed number is drawn, so that any number of them can be.
const KIND: &str = "food-operation-permit";
pub(super) const KIND_TEXT: &str = include_str!("../../../kinds/food-operation-permit.toml");
/// The same kind, issued as OFD with SM2 alone.
const OFD_KIND: &str = "food-operation-permit-ofd";
const DEPARTMENT: &str = "11369900MB0990016C";

/// Who calls, and what for.
pub struct City {
    /// The service.
    pub service: Arc<Service>,
    /// Issues.
    pub department: Credential,
    /// Shows.
    pub holder: Credential,
    /// Redeems.
    pub clerk: Credential,
    /// The seal.
    pub seal: SealCode,
    /// Who seals together, the department first.
    pub sealers: Vec<Sealer>,
    pdf: Arc<LicenseKind>,
    ofd: Arc<LicenseKind>,
}

/// Writes the kinds that are issued into a directory: two that differ in nothing but the form of their files, one that
/// three seal, and the business license.
pub fn write_kinds(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let named = |name: &str, code: &str, form: &str| {
        let text = replace_line(KIND_TEXT, "name", name);
        let text = replace_line(&text, "type_code", code);
        let text: String =
            text.lines().filter(|line| !line.starts_with("files = ")).fold(String::new(), |text, line| {
                let form = if line.starts_with("holder = ") {
                    format!("files = [{form:?}]\n")
                } else {
                    String::new()
                };
                text + &form + line + "\n"
            });
        fs::write(directory.join(format!("{name}.toml")), text)
    };
    let code = value_of(KIND_TEXT, "type_code");
    named(KIND, code, "pdf-p256")?;
    named(OFD_KIND, &format!("{}OFD", &code[..18]), "ofd-sm2")?;
    fs::write(directory.join(format!("{}.toml", together::KIND)), together::kind_text())?;
    fs::write(directory.join(format!("{}.toml", business::KIND)), business::KIND_TEXT)
}

pub(super) fn value_of<'t>(text: &'t str, key: &str) -> &'t str {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    line.unwrap_or_default().trim_matches('"')
}

pub(super) fn replace_line(text: &str, key: &str, value: &str) -> String {
    text.replacen(&format!("{key} = {:?}", value_of(text, key)), &format!("{key} = {value:?}"), 1)
}

impl City {
    /// Sets it up on an empty database; `None` if somebody has used it before.
    pub async fn set_up(service: Arc<Service>) -> Result<Option<Self>, AppError> {
        let Some(first) = add_credential::first_operator(&service, "bench").await? else {
            return Ok(None);
        };
        let operator = first.credential;
        let kinds = (service.kinds.get(KIND).cloned(), service.kinds.get(OFD_KIND).cloned());
        let (Some(kind), Some(ofd)) = kinds else {
            return Ok(None);
        };
        let department = Department {
            code: DEPARTMENT.to_owned(),
            name_zh: "景川市市场监督管理局".to_owned(),
            name_en: "Jingchuan Market Regulation Bureau".to_owned(),
            area_code: "369900".to_owned(),
            responsibility: kind.issuer.clone(),
        };
        register_department::run(&service, &operator, department.clone()).await?;
        let holder = kind.field(&kind.holder.code).map(|field| field.example.clone());
        let give = async |role, department: Option<&str>, holder: Option<String>| {
            let request = add_credential::Request {
                label: "bench".to_owned(),
                role,
                department: department.map(str::to_owned),
                holder,
                business: None,
                kinds: Scope::All,
                seals: Scope::All,
                days: 1,
                person: None,
                secret: add_credential::Secret::Token,
            };
            add_credential::run(&service, &operator, request).await.map(|added| added.credential)
        };
        let asks = give(Role::SealAdministrator, None, None).await?;
        let mut approvers = Vec::new();
        for _ in 0..SealAct::Approve.people() {
            approvers.push(give(Role::SealAdministrator, None, None).await?);
        }
        for (n, code) in together::OTHERS.into_iter().enumerate() {
            let other = Department {
                code: code.to_owned(),
                name_zh: format!("景川市第{}局", n + 1),
                responsibility: format!("beside-{}", kind.issuer),
                ..department.clone()
            };
            register_department::run(&service, &operator, other).await?;
        }
        let mut sealers = Vec::new();
        for owner in [DEPARTMENT].into_iter().chain(together::OTHERS) {
            let request =
                request_seal::Request::of_department(owner, SealPurpose::License, "电子证照专用章", 30);
            let seal = request_seal::run(&service, &asks, request).await?.code;
            for approver in &approvers {
                let approval = act_on_seal::Request::new(seal.clone(), SealAct::Approve, "");
                act_on_seal::run(&service, approver, approval).await?;
            }
            sealers.push((give(Role::Department, Some(owner), None).await?, seal));
        }
        if let [first, second, ..] = approvers.as_slice() {
            let until = service.clock.now().plus(std::time::Duration::from_secs(30 * 86_400)).date_in_china();
            business::agree(&service, DEPARTMENT, [first, second], until).await?;
        }
        let Some((department, seal)) = sealers.first().cloned() else { return Ok(None) };
        Ok(Some(Self {
            department,
            holder: give(Role::Holder, None, holder).await?,
            clerk: give(Role::Clerk, None, None).await?,
            service,
            seal,
            sealers,
            pdf: kind,
            ofd,
        }))
    }

    /// Issues the `n`th license in one format: all eight steps, durable.
    pub async fn issue(&self, format: FileFormat, n: u64) -> Result<Issued, AppError> {
        let kind = match format {
            FileFormat::Pdf => &self.pdf,
            FileFormat::Ofd => &self.ofd,
        };
        let data = self.example_data();
        let (kind, seal) = (kind.name.clone(), self.seal.clone());
        let order = Order {
            kind,
            seal,
            data,
            number: None,
            replaces: None,
            envelope: None,
            grant: None,
            business: None,
        };
        let key = format!("bench-{}-{n}", format.name());
        issue_license::run(&self.service, &self.department, &key, order).await
    }

    /// The example data, which is the same for every kind here.
    pub fn example_data(&self) -> BTreeMap<String, RawValue> {
        let examples = self.pdf.fields.iter().filter(|field| !field.example.is_empty());
        examples.map(|field| (field.name.clone(), RawValue::Text(field.example.clone()))).collect()
    }

    /// Names of the fields that are shown.
    pub fn shown(&self) -> Vec<String> {
        vec![self.pdf.holder.name.clone(), self.pdf.holder.code.clone()]
    }
}
