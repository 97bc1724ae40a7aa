//! Whoever checked a code on paper says, a moment later, that the person was compared with an identity document. The line that
//! the check left with the holder then says so.

use crate::app::error::not_found;
use crate::app::{AppError, Service, access, audit};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::space::Used;
use std::time::Duration;

/// How long after the check: the person still stands there.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// Characters of a use's identity.
const LETTERS: usize = 32;

/// Notes it with the use. Said twice it is as good as once.
pub async fn run(service: &Service, caller: &Credential, id: &str) -> Result<(), AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution])?;
    let unknown = || not_found("paper_use.unknown");
    if id.len() != LETTERS || !id.bytes().all(|letter| letter.is_ascii_hexdigit()) {
        return Err(unknown().into());
    }
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "offline_code.compare", id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let found = tx.one_use(id).await?.filter(|found| found.by == caller.id);
            let mut found = found.ok_or_else(unknown)?;
            let Used::Shown { compared: Some(compared), .. } = &mut found.what else {
                return Err(unknown().into());
            };
            if *compared {
                return Ok(());
            }
            if now > found.at.plus(LONGEST) {
                return Err(Refusal::new(RefusalClass::Gone, "paper_use.over").into());
            }
            *compared = true;
            tx.amend_use(id, &found.what).await?;
            Ok(())
        })
    })
    .await
}
