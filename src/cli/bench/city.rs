//! What a load needs: one department, its seal, one caller of each role, over a fresh database.

use crate::app::issue_license::{self, Issued, Order};
use crate::app::{AppError, Service, act_on_seal, add_credential, register_department, request_seal};
use crate::domain::license::LicenseKind;
use crate::domain::license::draft::RawValue;
use crate::domain::party::{Credential, Department, Role, Scope};
use crate::domain::seal::{SealAct, SealCode, SealPurpose, SealSuite};
use std::sync::Arc;

/// The kind that is issued: its printed number is drawn, so that any number of them can be.
pub const KIND: &str = "food-operation-permit";
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
    kind: Arc<LicenseKind>,
}

impl City {
    /// Sets it up on an empty database; `None` if somebody has used it before.
    pub async fn set_up(service: Arc<Service>) -> Result<Option<Self>, AppError> {
        let Some(first) = add_credential::first_operator(&service, "bench").await? else {
            return Ok(None);
        };
        let operator = first.credential;
        let Some(kind) = service.kinds.get(KIND).cloned() else {
            return Ok(None);
        };
        let department = Department {
            code: DEPARTMENT.to_owned(),
            name_zh: "景川市市场监督管理局".to_owned(),
            name_en: "Jingchuan Market Regulation Bureau".to_owned(),
            area_code: "369900".to_owned(),
            responsibility: kind.issuer.clone(),
        };
        register_department::run(&service, &operator, department).await?;
        let holder = kind.field(&kind.holder.code).map(|field| field.example.clone());
        let give = async |role, department: Option<&str>, holder: Option<String>| {
            let request = add_credential::Request {
                label: "bench".to_owned(),
                role,
                department: department.map(str::to_owned),
                holder,
                kinds: Scope::All,
                seals: Scope::All,
                days: 1,
                secret: add_credential::Secret::Token,
            };
            add_credential::run(&service, &operator, request).await.map(|added| added.credential)
        };
        let asks = give(Role::SealAdministrator, None, None).await?;
        let approves = give(Role::SealAdministrator, None, None).await?;
        let request = request_seal::Request {
            owner_code: DEPARTMENT.to_owned(),
            owner_name: None,
            area_code: None,
            purpose: SealPurpose::License,
            purpose_words: "电子证照专用章".to_owned(),
            suite: SealSuite::P256,
            picture: None,
            days: 30,
        };
        let seal = request_seal::run(&service, &asks, request).await?.code;
        let approval =
            act_on_seal::Request { seal: seal.clone(), act: SealAct::Approve, reason: String::new() };
        act_on_seal::run(&service, &approves, approval).await?;
        Ok(Some(Self {
            department: give(Role::Department, Some(DEPARTMENT), None).await?,
            holder: give(Role::Holder, None, holder).await?,
            clerk: give(Role::Clerk, None, None).await?,
            service,
            seal,
            kind,
        }))
    }

    /// Issues the `n`th license: all eight steps, durable.
    pub async fn issue(&self, n: u64) -> Result<Issued, AppError> {
        let examples = self.kind.fields.iter().filter(|field| !field.example.is_empty());
        let data =
            examples.map(|field| (field.name.clone(), RawValue::Text(field.example.clone()))).collect();
        let order =
            Order { kind: KIND.to_owned(), seal: self.seal.clone(), data, number: None, replaces: None };
        issue_license::run(&self.service, &self.department, &format!("bench-{n}"), order).await
    }

    /// Names of the fields that are shown.
    pub fn shown(&self) -> Vec<String> {
        vec![self.kind.holder.name.clone(), self.kind.holder.code.clone()]
    }
}
