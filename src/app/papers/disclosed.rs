//! What a showing disclosed when it was redeemed, made again from what has not changed since: the content of an edition never
//! does, the holder's choice of fields is kept with the showing, and where the license stood follows from its history.

use crate::app::Service;
use crate::app::error::not_found;
use crate::app::redeem_show_code::{self, ShownLicense};
use crate::domain::license::{License, LicenseId, LicenseState, Standing};
use crate::domain::show_code::Showing;
use crate::domain::time::Timestamp;
use crate::ports::store::{LicenseEvent, Transaction, TxError};

/// The licenses of a showing as they were shown at `at`; nothing but its standing of one that was not in force.
pub(super) async fn then(
    tx: &mut dyn Transaction,
    service: &Service,
    showing: &Showing,
    at: Timestamp,
) -> Result<Vec<ShownLicense>, TxError> {
    let mut licenses = Vec::with_capacity(showing.parts.len());
    for part in &showing.parts {
        let license = tx.license(&part.license).await?.ok_or_else(|| not_found("license.unknown"))?;
        let standing = standing_then(&license, &tx.license_events(&license.id).await?, at);
        let shown = redeem_show_code::shown(&mut *tx, service, (showing, part), license, standing);
        licenses.push(shown.await?);
    }
    Ok(licenses)
}

/// Where a license stood at `at`. What happened later is taken back; what its history does not know has not happened.
fn standing_then(license: &License, events: &[LicenseEvent], at: Timestamp) -> Standing {
    let since = events.iter().any(|event| event.at > at);
    if !since {
        return license.standing(at);
    }
    let mut then = License { state: LicenseState::Active, ..license.clone() };
    for event in events.iter().filter(|event| event.at <= at) {
        then.state = match event.what.as_str() {
            "suspended" => LicenseState::Suspended { reason: String::new() },
            "resumed" => LicenseState::Active,
            _ => continue,
        };
    }
    // An end or a newer edition that lies before `at` was the last thing that could happen.
    then.standing(at)
}

/// Names of the licenses, for audit lines.
pub(super) fn names(licenses: &[ShownLicense]) -> Vec<&str> {
    licenses.iter().map(|shown| LicenseId::as_str(&shown.license)).collect()
}
