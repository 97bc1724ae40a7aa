//! Sealing an OFD package: a folder of its own beside what is there, and a line in the list of signatures.
//!
//! Pure steps between which the caller uses a key and a timestamping authority:
//! [`begin`] → sign [`PendingSeal::to_sign`] → [`PendingSeal::signed`] → stamp [`SignedSeal::digest_to_stamp`] →
//! [`SignedSeal::finish`], or [`SignedSeal::go_on`] where a further seal is to follow, and so on. What is signed is GB/T 38540-2020's TBS_Sign over the SM3 of `Signature.xml`, and that holds
//! the SM3 of every part of the package: `OFD.xml`, `Document.xml`, every page, every resource, every seal put on
//! before. The list of signatures is among them only for the last seal, which so locks it.

mod description;
mod place;
mod reopen;

pub use place::{Stamped, straddling};

use super::SIGNATURES;
use super::package::{Package, PackageWriter, Packing};
use crate::crypto::sm3;
use crate::domain::license::face::SealPlace;
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use crate::formats::eseal::{self, NotWritable, TbsContent, Version};
use description::{Description, Listed};
use std::sync::Arc;

/// A package that a seal can be put on.
#[derive(Clone, Debug)]
pub struct SealableOfd {
    package: Package,
    pages: Vec<OfdPage>,
    /// The places the face has for seals, where the composer knows them.
    places: Arc<[SealPlace]>,
    signatures: Vec<Listed>,
    /// Signatures and stamps are numbered together, from 1.
    last_number: u32,
}

/// A page as seals see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OfdPage {
    /// Its identifier in the document.
    pub id: u32,
    /// Width in millimetres.
    pub width: f32,
    /// Height in millimetres.
    pub height: f32,
}

/// How a seal is put on.
#[derive(Clone, Copy, Debug)]
pub struct Sealing<'a> {
    /// Structure of the seal, and so of its signature.
    pub version: Version,
    /// The seal (GB/T 38540-2020), as it was made.
    pub seal: &'a [u8],
    /// The signer's X.509 certificate, DER.
    pub signer_x509: &'a [u8],
    /// Where the seal's picture is shown; at least one place.
    pub stamps: &'a [Stamped],
    /// The time of sealing.
    pub time: Timestamp,
    /// Whether this is the last seal expected: it locks the list of signatures.
    pub last: bool,
}

/// Why a seal cannot be put on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSeal {
    /// A seal is shown at least once, on a page that is there.
    #[error("the seal is to be shown on no page, or on one that is not there")]
    Place,
    /// The last seal is on the file already.
    #[error("a seal on the file covers the list of signatures: no other can follow")]
    Locked,
    /// A value that the structure cannot hold.
    #[error(transparent)]
    Value(#[from] NotWritable),
    /// The package, the seal, the signature or the token is not readable.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// A package described for its signature, which is still to be made.
#[derive(Debug)]
pub struct PendingSeal {
    package: PackageWriter,
    folder: String,
    signer_x509: Vec<u8>,
    tbs: Vec<u8>,
    /// What the next seal must know.
    pages: Vec<OfdPage>,
    places: Arc<[SealPlace]>,
    signatures: Vec<Listed>,
    last_number: u32,
    last: bool,
}

/// A signed package, waiting for its timestamp.
#[derive(Debug)]
pub struct SignedSeal {
    pending: PendingSeal,
    signature: Vec<u8>,
}

impl SealableOfd {
    /// A package without a seal.
    pub(super) fn unsealed(package: Package, pages: Vec<OfdPage>, places: Arc<[SealPlace]>) -> Self {
        Self { package, pages, places, signatures: Vec::new(), last_number: 0 }
    }

    /// For twins: a file that was read back is given its places again.
    #[cfg(test)]
    pub(super) fn take_places_of(&mut self, other: &Self) {
        self.places = Arc::clone(&other.places);
    }

    /// Its pages.
    pub fn pages(&self) -> &[OfdPage] {
        &self.pages
    }

    /// The bytes as they are.
    pub fn bytes(&self) -> &[u8] {
        &self.package.bytes
    }

    /// The place the face has for the seal of a party (none for the only place of a face), of this width and height. There
    /// is none in a file that was read back.
    pub fn seal_place(&self, party: Option<&str>, (width, height): (f32, f32)) -> Option<Stamped> {
        let place = SealPlace::among(&self.places, party)?;
        let (left, top) = (place.x - width / 2.0, place.y - height / 2.0);
        Some(Stamped { page: place.page, left, top, width, height, shown: None })
    }
}

/// Describes the package with the seal on it.
///
/// # Errors
/// If the seal has no place on it, or a value does not fit the structure.
pub fn begin(ofd: SealableOfd, sealing: &Sealing<'_>) -> Result<PendingSeal, CannotSeal> {
    let SealableOfd { package, pages, places, mut signatures, last_number } = ofd;
    if sealing.stamps.is_empty() || sealing.stamps.iter().any(|stamp| stamp.page >= pages.len()) {
        return Err(CannotSeal::Place);
    }
    let folder = format!("Doc_0/Signs/Sign_{}", signatures.len());
    let path = format!("/{folder}/Signature.xml");
    signatures.push(Listed { number: last_number + 1, path: path.clone() });
    let stamped_number = last_number + 1 + sealing.stamps.len() as u32;
    let list = description::list(&signatures, stamped_number);

    let mut package = package.extend(SIGNATURES);
    package.add(&format!("{folder}/Seal.esl"), sealing.seal, Packing::Stored);
    let mut covered = package.parts().to_vec();
    package.add(SIGNATURES, &list, Packing::Fast);
    if sealing.last {
        covered = package.parts().to_vec();
    }
    let description = Description {
        parts: &covered,
        pages: &pages,
        stamps: sealing.stamps,
        first_stamp: last_number + 2,
        folder: &folder,
        time: sealing.time,
    };
    let description = description.write();
    package.add(&path[1..], &description, Packing::Fast);
    let tbs = eseal::to_sign(&TbsContent {
        version: sealing.version,
        seal: sealing.seal,
        time: sealing.time,
        data_hash: &sm3(&description),
        property: &path,
        extensions: &[],
    })?;
    Ok(PendingSeal {
        package,
        folder,
        signer_x509: sealing.signer_x509.to_vec(),
        tbs,
        pages,
        places,
        signatures,
        last_number: stamped_number,
        last: sealing.last,
    })
}

impl PendingSeal {
    /// What the key signs, with SM2 and SM3.
    pub fn to_sign(&self) -> &[u8] {
        &self.tbs
    }

    /// Takes the signature over [`Self::to_sign`].
    pub fn signed(self, signature: Vec<u8>) -> SignedSeal {
        SignedSeal { pending: self, signature }
    }
}

impl SignedSeal {
    /// SM3 of the signature value, for the timestamping authority.
    pub fn digest_to_stamp(&self) -> [u8; 32] {
        sm3(&self.signature)
    }

    /// Puts signature and token in their place and gives the sealed file.
    ///
    /// # Errors
    /// If they make no seal signature.
    pub fn finish(self, token: Option<&[u8]>) -> Result<Vec<u8>, CannotSeal> {
        let PendingSeal { mut package, folder, signer_x509, tbs, .. } = self.pending;
        let (value, _) = eseal::assemble_signature(&tbs, &signer_x509, &self.signature, token)?;
        package.add_last(&format!("{folder}/SignedValue.dat"), &value, Packing::Stored);
        Ok(package.finish().bytes)
    }

    /// The same, and gives the file for the next seal to be put on, without reading it again.
    ///
    /// # Errors
    /// If they make no seal signature, or this was the last seal.
    pub fn go_on(self, token: Option<&[u8]>) -> Result<SealableOfd, CannotSeal> {
        let PendingSeal {
            mut package,
            folder,
            signer_x509,
            tbs,
            pages,
            places,
            signatures,
            last_number,
            last,
        } = self.pending;
        if last {
            return Err(CannotSeal::Locked);
        }
        let (value, _) = eseal::assemble_signature(&tbs, &signer_x509, &self.signature, token)?;
        package.add(&format!("{folder}/SignedValue.dat"), &value, Packing::Stored);
        Ok(SealableOfd { package: package.finish(), pages, places, signatures, last_number })
    }
}

#[cfg(test)]
mod tests;
