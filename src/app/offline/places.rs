//! Giving out places in status lists.

use crate::app::{AppError, Service};
use crate::domain::license::LicenseId;
use crate::domain::status_entry::{ENTRIES, MOST_DRAWS, StatusEntry, place};
use crate::domain::status_list::StatusRef;
use crate::ports::store::{StoreError, Transaction, TxError};

/// Where a list can be had, which is its name as well. Each character of it takes more than two digits of every code.
pub(super) fn address(service: &Service, list: u32) -> String {
    format!("{}/s/{list}", service.settings.public_url)
}

/// The number of the list of that address.
pub(super) fn number(service: &Service, uri: &str) -> Option<u32> {
    uri.strip_prefix(&service.settings.public_url)?.strip_prefix("/s/")?.parse().ok()
}

/// Opens the first list, so that verifiers have it before the first code.
pub(super) async fn open_first(service: &Service) -> Result<(), AppError> {
    crate::ports::store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            if tx.status_lists().await?.is_empty() {
                tx.open_status_list(1, ENTRIES).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// The place of an owner for a license; drawn at random in the newest list where it has none yet, so that neighbours tell
/// nothing.
pub(super) async fn take(
    tx: &mut dyn Transaction,
    service: &Service,
    owner: &str,
    license: &LicenseId,
) -> Result<StatusRef, TxError> {
    if let Some(known) = tx.status_entry(owner, license).await? {
        return Ok(StatusRef { uri: address(service, known.list), index: known.place });
    }
    let newest = tx.status_lists().await?.last().map(|(number, _)| *number);
    let mut list = newest.unwrap_or(0);
    if list == 0 {
        list = 1;
        tx.open_status_list(list, ENTRIES).await?;
    }
    for _ in 0..2 {
        for _ in 0..MOST_DRAWS {
            let index = place(service.random.bytes());
            let (owner, license) = (owner.to_owned(), license.clone());
            let entry = StatusEntry { list, place: index, license, owner, ended_at: None };
            if tx.take_status_entry(&entry).await? {
                return Ok(StatusRef { uri: address(service, list), index });
            }
        }
        list += 1;
        tx.open_status_list(list, ENTRIES).await?;
    }
    Err(StoreError::Failed("an empty status list has no place".into()).into())
}
