//! What the receipt of a showing says.

use super::super::disclosed;
use super::{Content, title, verifier};
use crate::app::Service;
use crate::app::error::not_found;
use crate::app::redeem_show_code::ShownLicense;
use crate::documents::face::printed;
use crate::documents::paper::wire::{RECEIPT, ReceiptField, ReceiptLicense};
use crate::domain::party::Credential;
use crate::domain::show_code::{Redemption, Showing};
use crate::domain::time::format_date;
use crate::ports::store::{Transaction, TxError};

/// A showing that the caller redeemed.
pub(super) struct Redeemed {
    pub showing: Showing,
    pub redemption: Redemption,
}

pub(super) async fn find(
    tx: &mut dyn Transaction,
    caller: &Credential,
    id: &str,
) -> Result<Redeemed, TxError> {
    let unknown = || not_found("showing.unknown");
    let showing = tx.showing(id).await?.ok_or_else(unknown)?;
    let redemption = showing.redeemed.clone().filter(|redemption| redemption.by == caller.id);
    Ok(Redeemed { redemption: redemption.ok_or_else(unknown)?, showing })
}

pub(super) async fn content(
    tx: &mut dyn Transaction,
    service: &Service,
    caller: &Credential,
    Redeemed { showing, redemption }: Redeemed,
) -> Result<Content, TxError> {
    let licenses = disclosed::then(&mut *tx, service, &showing, redemption.at).await?;
    Ok(Content {
        schema: RECEIPT,
        verifier: verifier(&mut *tx, caller, &redemption.label).await?,
        counter: redemption.label,
        matter: redemption.matter,
        purpose: showing.purpose,
        way: showing.way.name().to_owned(),
        reason: showing.reason,
        status_at: redemption.at,
        code: None,
        licenses: licenses.iter().map(|shown| license(service, shown)).collect(),
        names: disclosed::names(&licenses).into_iter().map(str::to_owned).collect(),
    })
}

fn license(service: &Service, shown: &ShownLicense) -> ReceiptLicense {
    let kind = service.kinds.get(&shown.kind);
    let fields = shown.fields.iter().map(|field| {
        let value = field.value.as_deref().unwrap_or_default();
        let in_print = kind.map_or_else(|| value.into(), |kind| printed(kind, &field.name, value));
        ReceiptField {
            name: field.name.clone(),
            title: title(&field.title),
            printed: in_print.into_owned(),
            value: field.value.clone(),
        }
    });
    ReceiptLicense {
        identifier: shown.license.to_string(),
        kind: shown.kind.clone(),
        title: title(&shown.kind_title),
        issuer_name: shown.issuer_name.clone(),
        standing: shown.standing.name().to_owned(),
        valid_until: shown.valid_until.map(format_date),
        fields: fields.collect(),
    }
}
