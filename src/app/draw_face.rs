//! Draws the face of a released license, with its seals, as its file shows it.

use super::{AppError, Service};
use crate::documents::face::{self, FaceContent, ShownSeal};
use crate::domain::license::License;
use crate::domain::seal::SealCode;
use crate::ports::store;
use std::sync::Arc;

/// The face as SVG; `None` if the license's kind is no longer known. The caller has read the license already, so
/// this reads nothing more of a holder and leaves no audit line of its own.
pub async fn run(service: &Arc<Service>, license: &License) -> Result<Option<String>, AppError> {
    let Some(kind) = service.kinds.get(&license.kind).map(Arc::clone) else { return Ok(None) };
    let (issuer, code) = (license.issuer.as_str(), SealCode::parse(&license.seal));
    let (code, together, id) = (code.as_ref(), kind.sealing.is_some(), &license.id);
    let (issuer, wanted) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            // Those who sealed together stand in their places; the one who sealed alone in the only one.
            let envelope = if together { tx.envelope_of_license(id).await? } else { None };
            let wanted: Vec<(Option<String>, SealCode)> = match &envelope {
                Some(envelope) => envelope
                    .consents()
                    .map(|(party, consent)| (Some(party.name.clone()), consent.seal.clone()))
                    .collect(),
                None => code.map(|code| (None, code.clone())).into_iter().collect(),
            };
            Ok((tx.department(issuer).await?, wanted))
        })
    })
    .await?;
    let mut seals = Vec::new();
    for (party, code) in wanted {
        seals.extend(service.seal_means(&code).await?.map(|means| (party, means)));
    }
    let (license, service) = (license.clone(), Arc::clone(service));
    let drawn = tokio::task::spawn_blocking(move || {
        let content = FaceContent {
            data: &license.data,
            number: &license.number,
            identifier: license.id.as_str(),
            issuer_name: issuer.as_ref().map_or("", |department| &department.name_zh),
            issued_on: Some(license.issued_on),
            valid_from: Some(license.valid_from),
            valid_until: license.valid_until,
            check_code: &license.check_code,
            verification_url: &service.settings.verification_url(&license.id, &license.check_code),
        };
        let (composed, _) = face::draft(&kind, &content, &service.fonts);
        let shown =
            seals.iter().map(|(party, means)| ShownSeal { party: party.as_deref(), picture: &means.picture });
        face::svg(&composed, &shown.collect::<Vec<_>>(), &service.fonts)
    });
    Ok(Some(drawn.await?))
}
