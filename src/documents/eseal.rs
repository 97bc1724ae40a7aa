//! Electronic seals and seal signatures (GB/T 38540) in the words of the report's facts. In a file of their own they are
//! examined here; in an OFD file, by [`super::ofd`].

use super::Known;
use super::evidence::Evidence;
use crate::crypto::{sha256, sm3};
use crate::domain::report::facts::{
    ChainFault, SealFileFacts, SealObjectFacts, SealSignatureFacts, SealSignatureFileFacts, TokenFacts,
};
use crate::domain::time::Timestamp;
use crate::formats::eseal::{SealFacts, SignatureFacts, Version, read_seal, read_signature};
use crate::formats::x509::{self, Usage};

/// Examines a seal, as in an `.esl` file.
pub fn examine_seal(bytes: &[u8], known: Known<'_>) -> SealFileFacts {
    let evidence = Evidence::new(known, Vec::new(), Vec::new());
    let seal = read_seal(bytes).map(|seal| seal_facts(&seal, &evidence, None));
    SealFileFacts { file: sha256(bytes), seal: seal.map_err(|why| why.to_string()) }
}

/// Examines a seal signature without what it sealed, as in a `SignedValue.dat` file.
pub fn examine_signature(bytes: &[u8], known: Known<'_>) -> SealSignatureFileFacts {
    let evidence = Evidence::new(known, Vec::new(), Vec::new());
    let signature = read_signature(bytes).map(|signature| signature_facts(&signature, &evidence, None));
    SealSignatureFileFacts { file: sha256(bytes), signature: signature.map_err(|why| why.to_string()) }
}

/// What a seal signature sealed.
pub(super) struct Sealed<'a> {
    /// The bytes: in OFD those of `Signature.xml`.
    pub data: &'a [u8],
    /// Its name: in OFD the path of `Signature.xml` in the package.
    pub path: &'a str,
}

/// A seal that sealed at `used`, or that is looked at alone.
fn seal_facts(seal: &SealFacts, evidence: &Evidence<'_>, used: Option<Timestamp>) -> SealObjectFacts {
    let maker = evidence.signer(&seal.maker_x509);
    let token = seal.timestamp_token.as_ref().map(|token| evidence.token(token, &seal.signature, &[]).0);
    // Structure 5 asks for the time the seal was made. The others ask for the time it is used; some makers' certificates
    // begin days after the first seal that was made with them.
    let began = maker.as_ref().map_or(seal.created, |maker| maker.not_before);
    let at = match (seal.version, used) {
        (Version::V5, _) => seal.created,
        (_, Some(used)) => used,
        (_, None) => seal.created.max(began),
    };
    let maker_chain = evidence.maker_chain(&seal.maker_x509, &seal.id, at);
    SealObjectFacts {
        structure: seal.version.number(),
        standard: seal.version.standard(),
        vendor: seal.vendor.clone(),
        code: seal.id.clone(),
        name: seal.name.clone(),
        kind: seal.kind,
        created: seal.created,
        valid_from: seal.valid_from,
        valid_until: seal.valid_until,
        picture_format: seal.picture.format.clone(),
        picture_mm: (seal.picture.width_mm, seal.picture.height_mm),
        extensions: seal.extensions.iter().map(ToString::to_string).collect(),
        signers: seal.signers.len(),
        algorithm: seal.algorithm.to_string(),
        maker_signature_is_right: seal.algorithm_is_known().then(|| seal.maker_signature_is_right()),
        maker,
        made_by_its_signer: seal.admits(&seal.maker_x509),
        maker_chain,
        token,
    }
}

/// A seal signature over `sealed`, if that is at hand.
pub(super) fn signature_facts(
    signature: &SignatureFacts,
    evidence: &Evidence<'_>,
    sealed: Option<&Sealed<'_>>,
) -> SealSignatureFacts {
    let token =
        signature.timestamp_token.as_ref().map(|token| evidence.token(token, &signature.signature, &[]).0);
    let claimed_time = signature.claimed_time();
    let used = token.as_ref().and_then(TokenFacts::trusted_time).or(claimed_time);
    let at = used.unwrap_or(signature.seal.created);
    let chain = match x509::spki(&signature.signer_x509) {
        Ok(_) => evidence.chain(&signature.signer_x509, &[], Usage::SealSigning, at).map(|(good, _)| good),
        Err(_) => Err(ChainFault::NoSigner),
    };
    SealSignatureFacts {
        structure: signature.version.number(),
        standard: signature.version.standard(),
        seal: seal_facts(&signature.seal, evidence, used),
        claimed_time,
        property: signature.property.clone(),
        property_fits: sealed.map(|sealed| signature.property.trim_start_matches('/') == sealed.path),
        data_matches: sealed.map(|sealed| signature.data_hash.as_slice() == sm3(sealed.data)),
        signature_is_right: signature.algorithm_is_known().then(|| signature.signature_is_right()),
        algorithm: signature.algorithm.to_string(),
        signer_is_listed: signature.seal.admits(&signature.signer_x509),
        signer: evidence.signer(&signature.signer_x509),
        chain,
        token,
    }
}
