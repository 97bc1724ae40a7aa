//! Businesses, their seals, and the rules that those are made under.

use super::parties::credential;
use super::{BEHIND_ALL, Record, Row, Tx, added, sql};
use crate::adapters::store::json;
use crate::domain::business::{Business, BusinessSeal, BusinessState, RuleId, StandingRule};
use crate::domain::grant::Withdrawal;
use crate::domain::party::{Credential, Role};
use crate::domain::seal::{SealCode, SealPurpose};
use crate::domain::time::Timestamp;
use crate::ports::store::{BusinessRows, StoreError};
use async_trait::async_trait;

const INSERT: &str = "INSERT INTO businesses (code, name, registry, license, state, manager, revision,
        registered_at, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
const BY_CODE: &str = "SELECT * FROM businesses WHERE code = $1";
const UPDATE: &str = "UPDATE businesses SET name = $2, registry = $3, license = $4, state = $5, manager = $6,
        revision = $7, registered_at = $8, changed_at = $9
     WHERE code = $1 AND revision = $10";
const OF_REGISTRY: &str = "SELECT * FROM businesses WHERE registry = $1 AND code > $2 ORDER BY code LIMIT $3";
const UNBIND: &str = "DELETE FROM business_seals WHERE business = $1 AND purpose = $2";
const BIND: &str = "INSERT INTO business_seals (business, purpose, seal, license)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const SEALS: &str = "SELECT * FROM business_seals WHERE business = $1 ORDER BY purpose";
const CREDENTIALS: &str = "SELECT * FROM credentials WHERE business = $1 AND id > $2 ORDER BY id LIMIT $3";
const WITHDRAW_CREDENTIALS: &str =
    "UPDATE credentials SET withdrawn_at = $3 WHERE business = $1 AND role = $2 AND withdrawn_at IS NULL";
const INSERT_RULE: &str =
    "INSERT INTO standing_rules (id, registry, purposes, days, from_at, until_at, reason,
        proposed_by, proposed_at, approved_by, approved_at, withdrawn_at, withdrawn_by, withdrawn_reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING";
const RULE: &str = "SELECT * FROM standing_rules WHERE id = $1";
const RULES: &str = "SELECT * FROM standing_rules WHERE registry = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const APPROVE_RULE: &str = "UPDATE standing_rules SET approved_by = $2, approved_at = $3
     WHERE id = $1 AND approved_by IS NULL AND withdrawn_at IS NULL AND proposed_by <> $2";
const WITHDRAW_RULE: &str = "UPDATE standing_rules
     SET withdrawn_at = $2, withdrawn_by = $3, withdrawn_reason = $4
     WHERE id = $1 AND withdrawn_at IS NULL";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    BY_CODE,
    UPDATE,
    OF_REGISTRY,
    UNBIND,
    BIND,
    SEALS,
    CREDENTIALS,
    WITHDRAW_CREDENTIALS,
    INSERT_RULE,
    RULE,
    RULES,
    APPROVE_RULE,
    WITHDRAW_RULE,
];

fn business(row: &Row) -> Result<Business, StoreError> {
    let record = Record::new(row, "businesses", &["code"]);
    Ok(Business {
        code: record.text("code")?,
        name: record.text("name")?,
        registry: record.text("registry")?,
        license: record.license_id("license")?,
        state: record.parsed("state", BusinessState::parse)?,
        manager: record.text_or_none("manager")?,
        revision: record.small("revision")?,
        registered_at: record.time("registered_at")?,
        changed_at: record.time("changed_at")?,
    })
}

/// `INSERT` and `UPDATE` name their parameters in the same order.
fn bound(text: &'static str, business: &Business) -> super::Query {
    sql(text)
        .bind(&business.code)
        .bind(&business.name)
        .bind(&business.registry)
        .bind(business.license.as_str())
        .bind(business.state.name())
        .bind(business.manager.as_deref())
        .bind(i64::from(business.revision))
        .bind(business.registered_at.micros())
        .bind(business.changed_at.micros())
}

fn business_seal(row: &Row) -> Result<BusinessSeal, StoreError> {
    let record = Record::new(row, "business_seals", &["business", "purpose"]);
    Ok(BusinessSeal {
        business: record.text("business")?,
        purpose: record.parsed("purpose", SealPurpose::parse)?,
        seal: record.parsed("seal", SealCode::parse)?,
        license: record.license_id("license")?,
    })
}

fn purposes(text: &str) -> Result<Vec<SealPurpose>, json::BadJson> {
    let names = json::read_names(text)?;
    let purposes = names.iter().map(|name| SealPurpose::parse(name)).collect::<Option<_>>();
    purposes.ok_or_else(|| json::BadJson("a purpose of unknown name".to_owned()))
}

fn rule(row: &Row) -> Result<StandingRule, StoreError> {
    let record = Record::new(row, "standing_rules", &["id"]);
    let approved = match record.text_or_none("approved_by")? {
        None => None,
        Some(by) => Some((by, record.time("approved_at")?)),
    };
    Ok(StandingRule {
        id: record.parsed("id", RuleId::parse)?,
        registry: record.text("registry")?,
        purposes: record.json("purposes", purposes)?,
        days: record.small("days")?,
        from: record.time("from_at")?,
        until: record.time("until_at")?,
        reason: record.text("reason")?,
        proposed_by: record.text("proposed_by")?,
        proposed_at: record.time("proposed_at")?,
        approved,
        withdrawn: record.withdrawal()?,
    })
}

#[async_trait]
impl BusinessRows for Tx<'_> {
    async fn insert_business(&mut self, business: &Business) -> Result<(), StoreError> {
        added(self.run(bound(INSERT, business)).await?, "business")
    }

    async fn business(&mut self, code: &str) -> Result<Option<Business>, StoreError> {
        self.one(sql(BY_CODE).bind(code)).await?.as_ref().map(business).transpose()
    }

    async fn update_business(&mut self, business: &Business, seen: u32) -> Result<bool, StoreError> {
        if business.revision <= seen {
            return Err(StoreError::Failed("a changed business must have a higher revision".into()));
        }
        Ok(self.run(bound(UPDATE, business).bind(i64::from(seen))).await? == 1)
    }

    async fn businesses(
        &mut self,
        registry: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Business>, StoreError> {
        self.all(sql(OF_REGISTRY).bind(registry).bind(after).bind(i64::from(limit)), business).await
    }

    async fn bind_seal(&mut self, seal: &BusinessSeal) -> Result<(), StoreError> {
        self.run(sql(UNBIND).bind(&seal.business).bind(seal.purpose.name())).await?;
        let query = sql(BIND)
            .bind(&seal.business)
            .bind(seal.purpose.name())
            .bind(seal.seal.as_str())
            .bind(seal.license.as_str());
        added(self.run(query).await?, "seal of a business")
    }

    async fn business_seals(&mut self, business: &str) -> Result<Vec<BusinessSeal>, StoreError> {
        self.all(sql(SEALS).bind(business), business_seal).await
    }

    async fn business_credentials(
        &mut self,
        business: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Credential>, StoreError> {
        self.all(sql(CREDENTIALS).bind(business).bind(after).bind(i64::from(limit)), credential).await
    }

    async fn withdraw_business_credentials(
        &mut self,
        business: &str,
        role: Role,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.run(sql(WITHDRAW_CREDENTIALS).bind(business).bind(role.name()).bind(at.micros())).await
    }

    async fn insert_standing_rule(&mut self, rule: &StandingRule) -> Result<(), StoreError> {
        let names: Vec<String> = rule.purposes.iter().map(|purpose| purpose.name().to_owned()).collect();
        let (approved, withdrawn) = (rule.approved.as_ref(), rule.withdrawn.as_ref());
        let query = sql(INSERT_RULE)
            .bind(rule.id.as_str())
            .bind(&rule.registry)
            .bind(json::write_names(&names))
            .bind(i64::from(rule.days))
            .bind(rule.from.micros())
            .bind(rule.until.micros())
            .bind(&rule.reason)
            .bind(&rule.proposed_by)
            .bind(rule.proposed_at.micros())
            .bind(approved.map(|(by, _)| by.as_str()))
            .bind(approved.map(|(_, at)| at.micros()))
            .bind(withdrawn.map(|end| end.at.micros()))
            .bind(withdrawn.map(|end| end.by.as_str()))
            .bind(withdrawn.map(|end| end.reason.as_str()));
        added(self.run(query).await?, "standing rule")
    }

    async fn standing_rule(&mut self, id: &RuleId) -> Result<Option<StandingRule>, StoreError> {
        self.one(sql(RULE).bind(id.as_str())).await?.as_ref().map(rule).transpose()
    }

    async fn standing_rules(
        &mut self,
        registry: &str,
        before: Option<&RuleId>,
        limit: u32,
    ) -> Result<Vec<StandingRule>, StoreError> {
        let before = before.map_or(BEHIND_ALL, RuleId::as_str);
        self.all(sql(RULES).bind(registry).bind(before).bind(i64::from(limit)), rule).await
    }

    async fn approve_standing_rule(
        &mut self,
        id: &RuleId,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.run(sql(APPROVE_RULE).bind(id.as_str()).bind(by).bind(at.micros())).await? == 1)
    }

    async fn withdraw_standing_rule(
        &mut self,
        id: &RuleId,
        withdrawal: &Withdrawal,
    ) -> Result<bool, StoreError> {
        let query = sql(WITHDRAW_RULE)
            .bind(id.as_str())
            .bind(withdrawal.at.micros())
            .bind(&withdrawal.by)
            .bind(&withdrawal.reason);
        Ok(self.run(query).await? == 1)
    }
}
