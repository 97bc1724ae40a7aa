//! Which rules a file was judged by: those of the form its seals have.

use crate::domain::report::facts::{Container, SealFacts};

/// What seals with P-256 have here, and what a file without a seal should have had.
const PADES: &str = "ETSI EN 319 102-1, ETSI EN 319 142-1 (PAdES)";
const GM_IN_PADES: &str =
    "ETSI EN 319 102-1; GM/T 0010-style CMS with SM2/SM3 in PAdES shape (ETSI EN 319 142-1)";
const PKCS7: &str = "ETSI EN 319 102-1; ISO 32000 adbe.pkcs7.detached";
const GM_IN_PKCS7: &str =
    "ETSI EN 319 102-1; ISO 32000 adbe.pkcs7.detached with GM/T 0010-style CMS (SM2/SM3)";
const SEVERAL: &str = "ETSI EN 319 102-1; each seal by its own form, of ETSI EN 319 142-1 (PAdES), GM/T 0010-style \
                       CMS with SM2/SM3, ISO 32000 adbe.pkcs7.detached";

/// The rules for these seals. Document timestamps are judged by RFC 3161 beside them, whatever they are.
pub(super) fn of(seals: &[SealFacts]) -> &'static str {
    let mut forms = seals.iter().filter(|seal| !seal.is_document_timestamp).map(form);
    let Some(first) = forms.next() else { return PADES };
    if forms.all(|form| form == first) { first } else { SEVERAL }
}

fn form(seal: &SealFacts) -> &'static str {
    let is_gm = matches!(&seal.container, Container::Read(signature) if signature.is_gm);
    match (is_plain_pkcs7(seal), is_gm) {
        (false, false) => PADES,
        (false, true) => GM_IN_PADES,
        (true, false) => PKCS7,
        (true, true) => GM_IN_PKCS7,
    }
}

/// Whether a seal claims no more than ISO 32000 asks for.
pub(super) fn is_plain_pkcs7(seal: &SealFacts) -> bool {
    seal.sub_filter == "adbe.pkcs7.detached"
}
