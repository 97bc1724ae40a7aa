//! Writing a list.

use super::wire;
use crate::crypto::{SignError, Signer};
use crate::domain::trust_list::{Entry, Names, TrustList};
use crate::formats::{Unreadable, cms};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The JSON document, laid out for people too. The same list gives the same bytes.
pub fn to_json(list: &TrustList) -> Vec<u8> {
    let wire = wire::List {
        format: wire::FORMAT.to_owned(),
        territory: wire::Place { code: list.territory.to_string(), name: names(&list.territory_name) },
        operator: names(&list.operator),
        sequence: list.sequence,
        issued: list.issued.to_string(),
        next_update: list.next_update.to_string(),
        entries: list.entries.iter().map(entry).collect(),
    };
    // Text, integers and lists of them: nothing that JSON cannot hold.
    serde_json::to_vec_pretty(&wire).expect("plain members become JSON")
}

fn names(names: &Names) -> wire::Names {
    wire::Names { zh: names.zh.clone(), en: names.en.clone() }
}

fn entry(entry: &Entry) -> wire::Entry {
    let status = if entry.withdrawn_since.is_some() { wire::WITHDRAWN } else { wire::GRANTED };
    wire::Entry {
        service: entry.service.name().to_owned(),
        name: names(&entry.name),
        status: status.to_owned(),
        since: entry.withdrawn_since.map(|since| since.to_string()),
        valid_from: entry.valid_from.to_string(),
        valid_until: entry.valid_until.map(|until| until.to_string()),
        areas: entry.areas.iter().map(ToString::to_string).collect(),
        x509: STANDARD.encode(&entry.x509),
        crl_addresses: entry.crl_addresses.clone(),
        crls: entry.crls.iter().map(|der| STANDARD.encode(der)).collect(),
        note: entry.note.clone(),
    }
}

/// Why a list was not signed.
#[derive(Debug, thiserror::Error)]
pub enum NotSigned {
    /// The key could not.
    #[error(transparent)]
    Key(#[from] SignError),
    /// The signer's X.509 certificate cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// The document in a `SignedData` by this signer, whose X.509 certificate (DER) stands inside. In SM2 too it stands under
/// the names of PKCS#7, which every tool knows.
pub fn sign(json: &[u8], x509: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, NotSigned> {
    let suite = signer.suite();
    let attributes = cms::signed_attributes(suite, &suite.digest(json), x509, cms::DATA);
    let signature = signer.sign(&attributes)?;
    Ok(cms::assemble(&cms::Assembly {
        suite,
        signer_x509: x509,
        other_x509s: &[],
        signed_attributes: &attributes,
        signature: &signature,
        timestamp_token: None,
        econtent: Some((cms::DATA, json)),
    })?)
}
