//! Sealing an OFD package: a folder of its own beside what is there, and a line in the list of signatures.
//!
//! Pure steps between which the caller uses a key and a timestamping authority:
//! [`begin`] → sign [`PendingSeal::to_sign`] → [`PendingSeal::signed`] → stamp [`SignedSeal::digest_to_stamp`] →
//! [`SignedSeal::finish`], or [`SignedSeal::go_on`] where a further seal is to follow, and so on. What is signed is GB/T 38540-2020's TBS_Sign over the SM3 of `Signature.xml`, and that holds
//! the SM3 of every part of the package: `OFD.xml`, `Document.xml`, every page, every resource, every seal put on
//! before. The list of signatures is among them only for the last seal, which so locks it.

pub(super) mod description;
mod place;
mod reopen;

pub use place::{Stamped, straddling};

use super::package::{Package, PackageWriter, Packing};
use super::{SIGNATURES, SIGNS};
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
    pub(super) package: Package,
    pages: Vec<OfdPage>,
    /// The places the face has for seals, where the composer knows them.
    places: Arc<[SealPlace]>,
    /// Whether seals stand astride the pages' edges besides.
    straddles: bool,
    pub(super) signatures: Vec<Listed>,
    /// Signatures and stamps are numbered together, from 1.
    pub(super) last_number: u32,
    /// Path of the list of signatures, and the folder in which each has a folder of its own.
    pub(super) list: String,
    pub(super) signs: String,
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
    straddles: bool,
    signatures: Vec<Listed>,
    last_number: u32,
    last: bool,
    list: String,
    signs: String,
}

/// A signed package, waiting for its timestamp.
#[derive(Debug)]
pub struct SignedSeal {
    pending: PendingSeal,
    signature: Vec<u8>,
}

impl SealableOfd {
    /// A package without a seal.
    pub(super) fn unsealed(
        package: Package,
        pages: Vec<OfdPage>,
        places: Arc<[SealPlace]>,
        straddles: bool,
    ) -> Self {
        Self { places, straddles, ..Self::brought(package, pages) }
    }

    /// A package of somebody else, as far as nothing is known of its signatures.
    pub(super) fn brought(package: Package, pages: Vec<OfdPage>) -> Self {
        Self {
            package,
            pages,
            places: Arc::default(),
            straddles: false,
            signatures: Vec::new(),
            last_number: 0,
            list: SIGNATURES.to_owned(),
            signs: SIGNS.to_owned(),
        }
    }

    /// For twins: a file that was read back is given its places again.
    #[cfg(test)]
    pub(super) fn take_places_of(&mut self, other: &Self) {
        self.places = Arc::clone(&other.places);
        self.straddles = other.straddles;
    }

    /// Its pages.
    pub fn pages(&self) -> &[OfdPage] {
        &self.pages
    }

    /// The bytes as they are.
    pub fn bytes(&self) -> &[u8] {
        &self.package.bytes
    }

    /// The places that the face has for the seal of a party (none for the only seal of a face), of this width and height:
    /// the whole of it in its place and, where the face says so, slices of it astride the pages' edges. None in a file
    /// that was read back.
    pub fn seal_places(&self, party: Option<&str>, size: (f32, f32)) -> Vec<Stamped> {
        let Some(place) = SealPlace::among(&self.places, party) else { return Vec::new() };
        let (width, height) = size;
        let (left, top) = (place.x - width / 2.0, place.y - height / 2.0);
        let whole = Stamped { page: place.page, left, top, width, height, shown: None };
        let turn = self.places.iter().take_while(|other| *other != place).count();
        let turn = (turn, self.places.len());
        let slices = if self.straddles { straddling(&self.pages, size, turn) } else { Vec::new() };
        [whole].into_iter().chain(slices).collect()
    }
}

/// A folder for the next signature that nothing lies in.
fn free_folder(package: &Package, signs: &str, from: usize) -> String {
    let is_free = |folder: &String| {
        let within = format!("{folder}/");
        package.parts.iter().all(|part| !part.path.starts_with(&within))
    };
    let mut folders = (from..).map(|n| format!("{signs}/Sign_{n}"));
    folders.find(is_free).expect("a package has fewer folders than there are numbers")
}

/// Describes the package with the seal on it.
///
/// # Errors
/// If the seal has no place on it, or a value does not fit the structure.
pub fn begin(ofd: SealableOfd, sealing: &Sealing<'_>) -> Result<PendingSeal, CannotSeal> {
    let SealableOfd { package, pages, places, straddles, mut signatures, last_number, list, signs } = ofd;
    if sealing.stamps.is_empty() || sealing.stamps.iter().any(|stamp| stamp.page >= pages.len()) {
        return Err(CannotSeal::Place);
    }
    let folder = free_folder(&package, &signs, signatures.len());
    let path = format!("/{folder}/Signature.xml");
    let id = description::identifier(last_number + 1);
    signatures.push(Listed { id, kind: "Seal".to_owned(), path: path.clone() });
    let stamped_number = last_number + 1 + sealing.stamps.len() as u32;
    let listed = description::list(&signatures, stamped_number);

    let mut package = package.extend(&[&list]);
    package.add(&format!("{folder}/Seal.esl"), sealing.seal, Packing::Stored);
    let mut covered = package.parts().to_vec();
    package.add(&list, &listed, Packing::Fast);
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
        straddles,
        signatures,
        last_number: stamped_number,
        last: sealing.last,
        list,
        signs,
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
        let pending = self.pending;
        if pending.last {
            return Err(CannotSeal::Locked);
        }
        let (tbs, x509) = (&pending.tbs, &pending.signer_x509);
        let (value, _) = eseal::assemble_signature(tbs, x509, &self.signature, token)?;
        let mut package = pending.package;
        package.add(&format!("{}/SignedValue.dat", pending.folder), &value, Packing::Stored);
        Ok(SealableOfd {
            package: package.finish(),
            pages: pending.pages,
            places: pending.places,
            straddles: pending.straddles,
            signatures: pending.signatures,
            last_number: pending.last_number,
            list: pending.list,
            signs: pending.signs,
        })
    }
}

#[cfg(test)]
mod tests;
