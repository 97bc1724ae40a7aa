//! A company of the fictional city: registered with its seals in one act, with a manager and an employee.

use super::setup::City;
use crate::cli::client::{CallError, text};
use crate::domain::business::COMPANY_SEALS;
use crate::domain::license::LicenseKind;
use crate::domain::time::{Date, format_date};
use serde_json::{Value, json};

/// Its credit code: made up, with the right check character.
pub const CODE: &str = "91369901MA7QH0F217";
const NAME: &str = "景川市青禾食品有限公司";
/// Days that the rule and the employee's credential last.
const DAYS: u64 = 365;

impl City<'_> {
    /// The rule that lets company seals be made, the company, its manager and an employee; each once.
    pub fn company(
        &mut self,
        kind: &LicenseKind,
        today: Date,
        keep: &dyn Fn(&super::tokens::Tokens) -> std::io::Result<()>,
    ) -> Result<(), CallError> {
        let (bureau, example) = self.example(kind)?;
        self.rule(bureau.code, today)?;
        let registry = self.as_one(&format!("department-{}", bureau.short));
        let mut data = example["data"].clone();
        for (field, value) in [
            ("name", NAME),
            ("credit_code", CODE),
            ("legal_representative", "沈时雨"),
            ("address", "景川市青禾区稻香路6号"),
        ] {
            data[field] = Value::from(value);
        }
        let request = json!({ "kind": kind.name, "seal": example["seal"], "data": data });
        registry.post_once("/v1/businesses", "demo-company-1", &request)?;
        if self.tokens.of("company-manager").is_none() {
            let manager = json!({ "label": "青禾食品 王经理" });
            let given = registry.post(&format!("/v1/businesses/{CODE}/manager"), &manager)?;
            self.tokens.keep("company-manager", &text(&given, "token")?);
        }
        if self.tokens.of("company-sealer").is_none() {
            let manager = self.as_one("company-manager");
            let employee = json!({ "label": "青禾食品 小李", "days": DAYS });
            let given = manager.post(&format!("/v1/businesses/{CODE}/people"), &employee)?;
            self.tokens.keep("company-sealer", &text(&given, "token")?);
        }
        keep(self.tokens).map_err(|_| CallError::Lacks("a place to keep tokens"))
    }

    /// One administrator proposes, another approves; a rule that is in force is enough.
    fn rule(&self, registry: &str, today: Date) -> Result<(), CallError> {
        let (first, second) = (self.as_one("seal-admin-1"), self.as_one("seal-admin-2"));
        let known = first.get(&format!("/v1/standing-rules?registry={registry}"))?;
        if known["items"].as_array().into_iter().flatten().any(|rule| rule["state"] == "in-force") {
            return Ok(());
        }
        let purposes: Vec<&str> = COMPANY_SEALS.iter().map(|purpose| purpose.name()).collect();
        let until = today.saturating_add(::time::Duration::days(i64::try_from(DAYS).unwrap_or(1)));
        let rule = json!({
            "registry": registry, "purposes": purposes, "days": 1095, "reason": "企业开办一件事",
            "until": format_date(until),
        });
        let proposed = first.post("/v1/standing-rules", &rule)?;
        let approve = format!("/v1/standing-rules/{}/approve", text(&proposed, "id")?);
        second.post(&approve, &json!({})).map(drop)
    }
}
