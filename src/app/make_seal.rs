//! Makes what an approved seal signs with: in each of its suites a key and an X.509 certificate, in SM2 also the seal as
//! an object of GB/T 38540-2020, signed by the seal maker.

use super::error::conflict;
use super::publish_crl::Authority;
use super::service::{Hierarchy, SealMaker};
use super::steps::SealStep;
use super::{AppError, Service};
use crate::crypto::Suite;
use crate::documents::seal_picture;
use crate::domain::seal::{Seal, SealCredential, SealPicture, SealPurpose};
use crate::domain::time::Timestamp;
use crate::formats::eseal::{self, SealContent, Version};
use crate::formats::x509::{self, Issuer, Particulars, Profile};
use crate::ports::keys::{HandleSigner, KeyError, KeyHandle};
use crate::ports::random::Random;
use crate::ports::store::IssuedX509;

/// Who made a seal object, as it says itself.
const VENDOR: &str = "YINZHENG";

/// One credential, and its X.509 certificate as the authority's register has it.
pub(super) struct Made {
    pub credential: SealCredential,
    pub x509: IssuedX509,
}

/// All of a seal's credentials.
pub(super) struct Credentials {
    pub made: Vec<Made>,
    /// The end of the first certificate that ends.
    pub valid_until: Timestamp,
}

/// Makes a credential of each suite of the seal. Blocks while keys are made.
pub(super) fn run(service: &Service, seal: &Seal, picture: &SealPicture) -> Result<Credentials, AppError> {
    let made = seal.suites.iter().map(|suite| {
        let made = make(service, seal, picture, *suite)?;
        service.steps.seal_reached(SealStep::KeyMade);
        Ok::<_, AppError>(made)
    });
    let made = made.collect::<Result<Vec<_>, _>>()?;
    let ends = made.iter().map(|made| made.x509.not_after);
    let valid_until = ends.min().ok_or_else(|| AppError::internal("a seal of no suite"))?;
    Ok(Credentials { made, valid_until })
}

/// A key that an interrupted approval left behind is taken up.
fn make(service: &Service, seal: &Seal, picture: &SealPicture, suite: Suite) -> Result<Made, AppError> {
    let not_here = || conflict("seal.suite_not_here").with("suite", suite.name());
    let authorities = service.authorities.of(suite).ok_or_else(not_here)?;
    let key = handle(seal, suite)?;
    let public = match service.keys.generate(&key, suite) {
        Err(KeyError::Exists(_)) => service.keys.public_key(&key)?,
        other => other?,
    };
    if public.suite != suite {
        return Err(AppError::internal(format!("the key {key} is there and of another suite")));
    }
    let x509 = issue(service, seal, authorities, &public.spki)?;
    let maker = authorities.seal_maker.as_ref();
    let object = maker.map(|maker| object(service, seal, picture, maker, &x509)).transpose()?;
    let credential = SealCredential { suite, key: key.as_str().to_owned(), x509: x509.der.clone(), object };
    Ok(Made { credential, x509 })
}

fn handle(seal: &Seal, suite: Suite) -> Result<KeyHandle, AppError> {
    let text = match suite {
        Suite::P256 => format!("seal/{}", seal.code),
        Suite::Sm2 => format!("sm2/seal/{}", seal.code),
    };
    KeyHandle::parse(&text).ok_or_else(|| AppError::internal("a seal code is no key handle"))
}

fn issue(
    service: &Service,
    seal: &Seal,
    authorities: &Hierarchy,
    spki: &[u8],
) -> Result<IssuedX509, AppError> {
    let profile = Profile::Seal {
        owner_code: seal.owner_code.clone(),
        owner_name: seal.owner_name.clone(),
        seal_code: seal.code.as_str().to_owned(),
    };
    issue_by(service, &authorities.seal, &profile, spki, (seal.valid_from, seal.valid_until))
}

/// An X.509 certificate of this profile by an authority of ours, for no longer than from and until, than the profile's life,
/// and than the authority's own; as the authority's register has it.
pub(super) fn issue_by(
    service: &Service,
    authority: &Authority,
    profile: &Profile,
    spki: &[u8],
    (from, until): (Timestamp, Timestamp),
) -> Result<IssuedX509, AppError> {
    let signer = HandleSigner::new(service.keys.as_ref(), &authority.key)?;
    let issuer = Issuer { x509: &authority.x509, signer: &signer };
    let random: &dyn Random = service.random.as_ref();
    let address = service.settings.crl_address(&authority.name);
    // A certificate that outlives its issuer is worth nothing after the issuer's end.
    let end = x509::read(&authority.x509).map_err(AppError::internal)?.not_after;
    let particulars = Particulars {
        serial: random.bytes(),
        not_before: from,
        not_after: until.min(from.plus(profile.life())).min(end),
        crl_address: Some(&address),
    };
    let der = x509::issue(profile, &particulars, spki, &issuer).map_err(AppError::internal)?;
    let facts = x509::read(&der).map_err(AppError::internal)?;
    Ok(IssuedX509 {
        authority: authority.name.clone(),
        serial: facts.serial_hex,
        der,
        not_after: facts.not_after,
        revoked: None,
    })
}

/// The seal object: picture, names and period, with the one certificate that may seal with it.
fn object(
    service: &Service,
    seal: &Seal,
    picture: &SealPicture,
    maker: &SealMaker,
    x509: &IssuedX509,
) -> Result<Vec<u8>, AppError> {
    let version = service.settings.seal_structure;
    let (width, height) = seal_picture::size(picture);
    let content = SealContent {
        version,
        vendor: VENDOR,
        id: seal.code.as_str(),
        kind: kind(seal.purpose),
        name: &format!("{}{}", seal.owner_name, seal.purpose_words),
        signers: &[&x509.der],
        created: seal.valid_from,
        valid_from: seal.valid_from,
        valid_until: x509.not_after,
        picture_format: "PNG",
        picture: &seal_picture::png(picture),
        width_mm: whole_mm(width),
        height_mm: whole_mm(height),
        extensions: &[],
    };
    let info = eseal::seal_info(&content).map_err(AppError::internal)?;
    let signature = service.keys.sign(&maker.key, &info)?;
    // Structure 5 holds a time stamp of the seal itself (GM/T 0031-2025).
    let token = match version {
        Version::V5 => {
            let digest = Suite::Sm2.digest(&signature);
            Some(service.timestamps.stamp(Suite::Sm2.digest_algorithm(), &digest)?)
        }
        Version::V1 | Version::V4 => None,
    };
    let made = eseal::assemble_seal(&info, &maker.x509, &signature, token.as_deref());
    let made = made.map_err(AppError::internal)?;
    Ok(made.raw)
}

/// The type in the object: a mapping of ours. The standards leave the values open ("by business need"), and government
/// seals follow no list that we know. The numbers are those of seals filed with public security (法定名称章 1, 财务 2, 发票 3,
/// 合同 4, 法定代表人名章 5, 内设机构章 7, 分支机构章 8, 其他 99), but for the seal for electronic licenses: real ones
/// (电子证照专用章) hold 4. No verifier draws anything from it.
const fn kind(purpose: SealPurpose) -> u32 {
    match purpose {
        SealPurpose::LegalName => 1,
        SealPurpose::Finance => 2,
        SealPurpose::Invoice => 3,
        SealPurpose::License | SealPurpose::Contract => 4,
        SealPurpose::LegalRepresentative => 5,
        SealPurpose::InnerBody => 7,
        SealPurpose::Branch => 8,
        SealPurpose::Business | SealPurpose::PersonalName | SealPurpose::Signature => 99,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a seal is 10 to 60 mm wide")]
fn whole_mm(length: f32) -> u32 {
    length.round() as u32
}
