//! Enters departments into the register.

use super::error::forbidden;
use super::{AppError, Service, audit, inputs};
use crate::domain::envelope::Level;
use crate::domain::license::check::credit_code;
use crate::domain::party::{Credential, Department, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::ports::store;

/// An operator enters a department, or corrects the one of the same code.
pub async fn run(
    service: &Service,
    caller: &Credential,
    department: Department,
) -> Result<Department, AppError> {
    if caller.role != Role::Operator {
        return Err(forbidden("permit.role").into());
    }
    let department = check(department)?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "department.put", &department.code, &audit::nothing());
    let row = &department;
    audit::audited(service, line, |tx, _| Box::pin(async move { Ok(tx.put_department(row).await?) })).await?;
    Ok(department)
}

fn check(department: Department) -> Result<Department, Refusal> {
    let mut faults = Vec::new();
    if !credit_code::valid(&department.code) {
        faults.push(Fault::at("/code", "field.credit_code"));
    }
    let name_zh = inputs::line("/name_zh", &department.name_zh, 2, 40, &mut faults);
    let name_en = inputs::line("/name_en", &department.name_en, 2, 120, &mut faults);
    if Level::of(&department.area_code).is_none() {
        faults.push(Fault::at("/area_code", "department.area_code"));
    }
    let responsibility = &department.responsibility;
    if !(1..=60).contains(&responsibility.len())
        || !responsibility.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    {
        faults.push(Fault::at("/responsibility", "department.responsibility"));
    }
    if faults.is_empty() {
        Ok(Department { name_zh, name_en, ..department })
    } else {
        Err(Refusal::invalid(faults))
    }
}

/// All departments, by code. Open to every role: who issues is public.
pub async fn list(service: &Service) -> Result<Vec<Department>, AppError> {
    let found =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.departments().await?) }))
            .await?;
    Ok(found)
}
