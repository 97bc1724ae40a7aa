//! Steps 5 to 7 as plain computation: laying a seal on a file, sealing it, and what of its findings is new. Runs on a
//! blocking thread.

use super::reading::Brought;
use crate::app::service::{SealMeans, Sealing};
use crate::app::{AppError, Service};
use crate::documents::ofd::seal::{SealableOfd, Stamped};
use crate::documents::pdf::brought::SpotSeal;
use crate::documents::pdf::compose::{SignatureField, UnsealedPdf};
use crate::documents::{ofd, pdf};
use crate::domain::permit::SealPermit;
use crate::domain::report::Finding;
use crate::domain::seal::{Seal, SealCredential};
use crate::domain::suite::Suite;
use crate::ports::keys::KeyHandle;
use std::sync::Arc;

/// Room kept for what a signature container holds beside X.509 certificates and token, in bytes: twice its need.
const SIGNATURE_ROOM: usize = 1024;
/// What a seal beside others is found to be: it stands in no field that was kept for it.
const FURTHER_SEAL: &str = "modification.further_seal";

/// A file with room for its seal.
pub(super) enum Laid {
    Pdf(UnsealedPdf),
    Ofd { file: Box<SealableOfd>, stamps: Vec<Stamped> },
}

/// What it is sealed with.
pub(super) struct With {
    pub suite: Suite,
    pub means: Arc<SealMeans>,
    pub sealing: Arc<Sealing>,
}

impl With {
    fn credential(&self) -> Result<&SealCredential, AppError> {
        let found = self.means.credential(self.suite);
        found.ok_or_else(|| AppError::internal("a seal without a credential of the file's suite"))
    }

    /// Step 7 verifies the signature, so the key's own check is left out.
    fn sign(&self, service: &Service, message: &[u8]) -> Result<Vec<u8>, AppError> {
        let key = KeyHandle::parse(&self.credential()?.key);
        let key = key.ok_or_else(|| AppError::internal("a seal has no key"))?;
        Ok(service.keys.sign_unchecked(&key, message)?)
    }
}

/// Step 5. In OFD the places are described with the signature.
pub(super) fn lay(service: &Service, brought: Brought, with: &With, seal: &Seal) -> Result<Laid, AppError> {
    match brought {
        Brought::Ofd { file, stamps } => Ok(Laid::Ofd { file, stamps }),
        Brought::Pdf { file, spots, straddling } => {
            let [spot, also @ ..] = &spots[..] else {
                return Err(AppError::internal("a seal without a place"));
            };
            let x509s = with.sealing.chain.iter().chain([&with.credential()?.x509]);
            let signature = SignatureField {
                name: &seal.owner_name,
                // Why a seal is used is the owner's business; the file goes to others.
                reason: "",
                claimed_time: service.clock.now(),
                contents_reserve: SIGNATURE_ROOM
                    + x509s.map(Vec::len).sum::<usize>()
                    + with.sealing.largest_token,
            };
            let seal = SpotSeal {
                picture: &with.means.picture,
                spot: *spot,
                also,
                straddling,
                signature,
                validation: &with.sealing.validation,
            };
            file.with_seal(&seal).map(Laid::Pdf).map_err(AppError::internal)
        }
    }
}

/// Step 6. The permit says that the seal may be used now, and was made a moment ago.
pub(super) fn seal(
    service: &Service,
    laid: Laid,
    with: &With,
    permit: &SealPermit,
    seal: &Seal,
) -> Result<Vec<u8>, AppError> {
    if permit.seal() != seal.code.as_str() {
        return Err(AppError::internal("the permit is for another seal"));
    }
    match laid {
        Laid::Pdf(unsealed) => {
            let x509 = &with.credential()?.x509;
            let pending = pdf::seal::begin(unsealed, with.suite, x509, &with.sealing.chain);
            let signature = with.sign(service, pending.to_sign())?;
            let signed = pending.signed(signature);
            let token = service.timestamps.stamp(signed.digest_algorithm(), &signed.digest_to_stamp())?;
            signed.finish(Some(&token)).map_err(AppError::internal)
        }
        Laid::Ofd { file, stamps } => {
            let credential = with.credential()?;
            let object = credential.object.as_deref().zip(with.means.structure);
            let (object, version) =
                object.ok_or_else(|| AppError::internal("a seal for OFD is no seal object"))?;
            let sealing = ofd::seal::Sealing {
                version,
                seal: object,
                signer_x509: &credential.x509,
                stamps: &stamps,
                time: service.clock.now(),
                // Others may have to seal after us.
                last: false,
            };
            let pending = ofd::seal::begin(*file, &sealing).map_err(AppError::internal)?;
            let signature = with.sign(service, pending.to_sign())?;
            let signed = pending.signed(signature);
            let digest = with.suite.digest_algorithm();
            let token = service.timestamps.stamp(digest, &signed.digest_to_stamp())?;
            signed.finish(Some(&token)).map_err(AppError::internal)
        }
    }
}

/// Codes of what is found after sealing and was not before: a seal of ours leaves nothing to be decided, but for standing
/// beside others.
pub(super) fn new_findings(mut before: Vec<Finding>, after: Vec<Finding>) -> Vec<&'static str> {
    let mut new = Vec::new();
    for finding in after {
        match before.iter().position(|known| *known == finding) {
            Some(place) => drop(before.swap_remove(place)),
            None if finding.code == FURTHER_SEAL => {}
            None => new.push(finding.code),
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::{Step, Weight};

    #[test]
    fn what_was_there_before_counts_as_often_as_it_was_there() {
        let finding = |code, field| Finding::new(Step::Chain, Weight::Unclear, code).with("field", field);
        let theirs = finding("chain.no_trusted_root", "Seal1");
        let before = vec![theirs.clone()];
        assert!(new_findings(before.clone(), vec![theirs.clone()]).is_empty());
        let further = finding(FURTHER_SEAL, "Seal2");
        assert!(new_findings(before.clone(), vec![theirs.clone(), further.clone()]).is_empty());
        assert!(new_findings(before.clone(), vec![]).is_empty());
        let ours = finding("chain.no_trusted_root", "Seal2");
        assert_eq!(new_findings(before.clone(), vec![theirs.clone(), ours]), ["chain.no_trusted_root"]);
        assert_eq!(new_findings(before, vec![theirs.clone(), theirs]), ["chain.no_trusted_root"]);
    }
}
