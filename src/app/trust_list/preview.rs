//! Shows an operator what a list would change before it is taken, and takes the very list that was shown.

use super::import::{self, Imported, admit};
use super::{operator, place, read};
use crate::app::error::not_found;
use crate::app::{AppError, Service};
use crate::crypto::sha256;
use crate::domain::party::Credential;
use crate::domain::trust_list::{Accepted, Change, TrustList, changes};
use crate::formats::trust_list::open;
use crate::ports::files::ContentHash;
use crate::ports::store;

/// What would come of taking a list.
pub struct Preview {
    /// SHA-256 of its bytes, by which it is taken ([`take`]).
    pub sha256: [u8; 32],
    /// What it says.
    pub list: TrustList,
    /// SHA-256 of its signer's X.509 certificate.
    pub signer: [u8; 32],
    /// Number of the version that it would take the place of.
    pub before: Option<u64>,
    /// Whether it is that very version.
    pub known: bool,
    /// What it would change.
    pub changes: Vec<Change>,
}

/// Judges a list as [`import::run`] does, and takes nothing. Its bytes are kept in the file store under their digest, where nothing
/// names them until they are taken.
pub async fn run(
    service: &Service,
    caller: &Credential,
    territory: &str,
    bytes: Vec<u8>,
) -> Result<Preview, AppError> {
    operator(caller)?;
    let (territory, now, digest) = (&place(territory)?, service.clock.now(), sha256(&bytes));
    let (opened, bytes) = tokio::task::spawn_blocking(move || (open(&bytes), bytes)).await?;
    let own = service.publishing().map(|publishing| publishing.territory.clone());
    let (result, own) = (&opened, own.as_ref());
    let admitted = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let admitted = admit(tx, result.as_ref(), &digest, territory, own, now).await?;
            let before = admitted.newest.map(|kept| kept.sequence);
            let known = admitted.accepted == Accepted::Known;
            Ok((admitted.opened.list.clone(), admitted.signer.sha256, before, known))
        })
    });
    let (list, signer, before, known) = admitted.await?;
    let lists = read::all(service).await?;
    let relied_on = lists.iter().filter_map(|known| known.list.as_ref());
    let relied_on = relied_on.into_iter().find(|list| list.territory == *territory);
    let changes = changes(relied_on, &list);
    service.files.put(bytes).await?;
    Ok(Preview { sha256: digest, list, signer, before, known, changes })
}

/// Takes the list that was shown: by every rule again, since time has passed.
pub async fn take(
    service: &Service,
    caller: &Credential,
    territory: &str,
    digest: &[u8; 32],
) -> Result<Imported, AppError> {
    operator(caller)?;
    let shown = service.files.get(&ContentHash(*digest)).await?;
    let bytes = shown.ok_or_else(|| not_found("trust_list.not_shown"))?;
    import::run(service, caller, territory, bytes).await
}
