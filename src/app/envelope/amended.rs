//! The edition that an envelope's license takes the place of: it must be in force when the envelope is started, and still be
//! when the seals are laid on.

use crate::app::error::conflict;
use crate::app::issue_license;
use crate::domain::envelope::Envelope;
use crate::domain::license::{License, LicenseState};
use crate::domain::refusal::Refusal;
use crate::ports::store::{Transaction, TxError};

/// The edition as it stands, for an envelope that replaces one.
pub(crate) async fn of(tx: &mut dyn Transaction, envelope: &Envelope) -> Result<Option<License>, TxError> {
    let Some(replaces) = &envelope.replaces else { return Ok(None) };
    let license = issue_license::stored(tx, &replaces.license).await?;
    Ok(Some(in_force(license, &envelope.kind)?))
}

/// An edition of that kind that is in force. One that was suspended while others were asked is not brought back by what they
/// consented to.
pub(super) fn in_force(license: License, kind: &str) -> Result<License, Refusal> {
    match issue_license::replaceable(license, kind) {
        Ok(license) if license.state == LicenseState::Active => Ok(license),
        Err(refusal) if refusal.code != "license.act_not_allowed" => Err(refusal),
        _ => Err(conflict("envelope.license_not_in_force")),
    }
}
