//! What an SM2 key signs, or what is about one: X.509 certificates, revocation lists, requests.
//!
//! rcgen knows no SM2 and does not let others teach it. So it lays the fields out as for a key it knows, unsigned
//! ([`Draft`]), and here `x509-cert` writes the same fields again with the right key and algorithm and has them
//! signed. The profiles stand in one place, whatever the suite.

use super::issue::IssueError;
use crate::crypto::{SignError, Signer};
use der::asn1::BitString;
use der::{Decode, Document, Encode};
use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};
use signature::Keypair;
use spki::{
    AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey, SignatureBitStringEncoding,
    SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef,
};
use std::error::Error;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::crl::CertificateList;
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::request::CertReq;

/// A key that rcgen lays fields out for. It signs nothing.
pub(super) struct Draft {
    spki: Vec<u8>,
    public: Vec<u8>,
}

impl Draft {
    /// For the key of this SubjectPublicKeyInfo (DER), whose identifier is derived from these very bytes.
    pub fn new(spki: &[u8]) -> Result<Self, IssueError> {
        let key = SubjectPublicKeyInfoRef::from_der(spki).map_err(|_| IssueError::PublicKey)?;
        let public = key.subject_public_key.as_bytes().ok_or(IssueError::PublicKey)?.to_vec();
        Ok(Self { spki: spki.to_vec(), public })
    }
}

impl PublicKeyData for Draft {
    fn subject_public_key_info(&self) -> Vec<u8> {
        self.spki.clone()
    }

    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Draft {
    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(Vec::new())
    }
}

/// The X.509 certificate of a draft, for the key of `spki` (DER), signed.
pub(super) fn x509(draft: &[u8], spki: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, IssueError> {
    let draft = x509_cert::Certificate::from_der(draft).map_err(write)?;
    let fields = draft.tbs_certificate();
    let profile = AsDrafted {
        issuer: fields.issuer().clone(),
        subject: fields.subject().clone(),
        extensions: fields.extensions().cloned().unwrap_or_default(),
    };
    let key = SubjectPublicKeyInfoOwned::from_der(spki).map_err(|_| IssueError::PublicKey)?;
    let built = CertificateBuilder::new(profile, fields.serial_number().clone(), *fields.validity(), key)
        .and_then(|builder| builder.build::<_, Value>(&Signing(signer)))
        .map_err(cause)?;
    built.to_der().map_err(write)
}

/// The revocation list of a draft, signed.
pub(super) fn crl(draft: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, IssueError> {
    let mut list: CertificateList = CertificateList::from_der(draft).map_err(write)?;
    list.tbs_cert_list.signature = algorithm(signer);
    list.signature_algorithm = algorithm(signer);
    list.signature = signed(&list.tbs_cert_list, signer)?;
    list.to_der().map_err(write)
}

/// The request of a draft, for the signer's own key.
pub(super) fn request(draft: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, IssueError> {
    let mut request = CertReq::from_der(draft).map_err(write)?;
    request.info.public_key =
        SubjectPublicKeyInfoOwned::from_der(signer.spki()).map_err(|_| IssueError::PublicKey)?;
    request.algorithm = algorithm(signer);
    request.signature = signed(&request.info, signer)?;
    request.to_der().map_err(write)
}

fn signed(content: &impl Encode, signer: &dyn Signer) -> Result<BitString, IssueError> {
    let signature = signer.sign(&content.to_der().map_err(write)?)?;
    BitString::from_bytes(&signature).map_err(write)
}

fn algorithm(signer: &dyn Signer) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: signer.suite().signature_oid(), parameters: None }
}

fn write(why: der::Error) -> IssueError {
    IssueError::Write(why.to_string())
}

/// What really went wrong: the builder's error holds ours where the key did not sign.
fn cause(why: builder::Error) -> IssueError {
    match &why {
        builder::Error::Signature(refused) => {
            let ours = refused.source().and_then(|source| source.downcast_ref::<SignError>());
            ours.map_or_else(|| IssueError::Write(why.to_string()), |ours| SignError(ours.0.clone()).into())
        }
        _ => IssueError::Write(why.to_string()),
    }
}

/// The fields of a draft.
struct AsDrafted {
    issuer: Name,
    subject: Name,
    extensions: Vec<Extension>,
}

impl BuilderProfile for AsDrafted {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _spk: SubjectPublicKeyInfoRef<'_>,
        _issuer_spk: SubjectPublicKeyInfoRef<'_>,
        _tbs: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        Ok(self.extensions.clone())
    }
}

/// A [`Signer`] in the builder's words.
struct Signing<'a>(&'a dyn Signer);

/// DER of a SubjectPublicKeyInfo.
#[derive(Clone)]
struct PublicKey(Vec<u8>);

/// A signature value as the suite has it in X.509.
struct Value(Vec<u8>);

impl EncodePublicKey for PublicKey {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(Document::try_from(self.0.as_slice())?)
    }
}

impl SignatureBitStringEncoding for Value {
    fn to_bitstring(&self) -> der::Result<BitString> {
        BitString::from_bytes(&self.0)
    }
}

impl Keypair for Signing<'_> {
    type VerifyingKey = PublicKey;

    fn verifying_key(&self) -> PublicKey {
        PublicKey(self.0.spki().to_vec())
    }
}

impl DynSignatureAlgorithmIdentifier for Signing<'_> {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        Ok(algorithm(self.0))
    }
}

impl signature::Signer<Value> for Signing<'_> {
    fn try_sign(&self, message: &[u8]) -> Result<Value, signature::Error> {
        self.0.sign(message).map(Value).map_err(signature::Error::from_source)
    }
}
