//! Businesses registered with their seals: the rule, and one act after the other.

use super::city::City;
use crate::app::business::{register, rule};
use crate::app::{AppError, Service};
use crate::domain::business::COMPANY_SEALS;
use crate::domain::license::check::credit_code::check_character;
use crate::domain::license::draft::RawValue;
use crate::domain::party::Credential;
use crate::domain::time::Date;

/// The kind, as it ships.
pub const KIND: &str = "business-license";
/// Its file.
pub const KIND_TEXT: &str = include_str!("../../../kinds/business-license.toml");
/// Digits and letters of credit codes (GB 32100-2015).
const LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Two people let the department's businesses have their seals.
pub async fn agree(
    service: &Service,
    registry: &str,
    [first, second]: [&Credential; 2],
    until: Date,
) -> Result<(), AppError> {
    let request = rule::Request {
        registry: registry.to_owned(),
        purposes: COMPANY_SEALS.to_vec(),
        days: 30,
        from: None,
        until,
        reason: "bench".to_owned(),
    };
    let proposed = rule::propose(service, first, request).await?;
    rule::approve(service, second, &proposed.id).await.map(drop)
}

/// The `n`th credit code of a place, with its check character.
fn code(mut n: u64) -> Option<String> {
    let mut body = [b'0'; 8];
    for place in body.iter_mut().rev() {
        *place = LETTERS[usize::try_from(n % 31).ok()?];
        n /= 31;
    }
    let code = format!("91369900M{}", std::str::from_utf8(&body).ok()?);
    Some(format!("{code}{}", check_character(&code)?))
}

impl City {
    /// Registers the `n`th business. Whether it was.
    pub async fn register_business(&self, n: u64) -> Result<bool, AppError> {
        let kind = self.service.kinds.get(KIND);
        let (Some(kind), Some(code)) = (kind, code(n)) else { return Ok(false) };
        let examples = kind.fields.iter().filter(|field| !field.example.is_empty());
        let mut data: std::collections::BTreeMap<_, _> =
            examples.map(|field| (field.name.clone(), RawValue::Text(field.example.clone()))).collect();
        data.insert(kind.holder.code.clone(), RawValue::Text(code));
        let request = register::Registration {
            kind: KIND.to_owned(),
            seal: self.seal.clone(),
            data,
            seals: COMPANY_SEALS.to_vec(),
            replaces: None,
        };
        let key = format!("bench-business-{n}");
        register::run(&self.service, &self.department, &key, request).await.map(|issued| issued.fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::license::check::credit_code;

    #[test]
    fn each_code_is_right_and_none_comes_twice() {
        let codes: std::collections::BTreeSet<String> = (0..2_000).filter_map(code).collect();
        assert_eq!(codes.len(), 2_000);
        assert!(codes.iter().all(|code| credit_code::valid(code)));
    }
}
