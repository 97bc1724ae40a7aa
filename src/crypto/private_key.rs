//! Private keys held in memory: made, read from PKCS#8, used. Where they lie at rest is the adapters' business.

use super::sm2::SIGNER_ID;
use super::{SignError, Signer, Suite};
use p256::pkcs8::EncodePublicKey;
use pkcs8::PrivateKeyInfoRef;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use sm2::dsa::signature::MultipartSigner;
use sm2::pkcs8::EncodePrivateKey;
use zeroize::Zeroizing;

/// A private key of some suite. It has no debug form and is never written anywhere by this module.
pub struct PrivateKey {
    kind: Kind,
    spki: Vec<u8>,
    random: SystemRandom,
}

enum Kind {
    P256(Box<EcdsaKeyPair>),
    Sm2(Box<sm2::dsa::SigningKey>),
}

impl PrivateKey {
    /// A new key as unencrypted PKCS#8 (DER), wiped when dropped.
    ///
    /// # Errors
    /// If the operating system has no randomness to give.
    pub fn generate_pkcs8(suite: Suite) -> Result<Zeroizing<Vec<u8>>, SignError> {
        let random = SystemRandom::new();
        match suite {
            Suite::P256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)
                .map(|document| Zeroizing::new(document.as_ref().to_vec()))
                .map_err(|_| SignError("no randomness".into())),
            Suite::Sm2 => {
                let document = sm2_secret(&random)?.to_pkcs8_der().map_err(failed)?;
                Ok(document.to_bytes())
            }
        }
    }

    /// Reads an unencrypted PKCS#8 key (DER); the curve in it says which suite it is of.
    ///
    /// # Errors
    /// If it is no key of a known suite.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SignError> {
        let random = SystemRandom::new();
        let info = PrivateKeyInfoRef::try_from(der).map_err(failed)?;
        let curve = info.algorithm.parameters_oid().map_err(failed)?;
        if curve == <sm2::Sm2 as sm2::pkcs8::AssociatedOid>::OID {
            let secret = sm2::SecretKey::try_from(info).map_err(failed)?;
            let key = sm2::dsa::SigningKey::new(SIGNER_ID, &secret).map_err(failed)?;
            let spki = secret.public_key().to_public_key_der().map_err(failed)?.into_vec();
            return Ok(Self { kind: Kind::Sm2(Box::new(key)), spki, random });
        }
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der, &random)
            .map_err(|why| SignError(why.to_string()))?;
        let public = p256::PublicKey::from_sec1_bytes(pair.public_key().as_ref()).map_err(failed)?;
        let spki = public.to_public_key_der().map_err(failed)?.into_vec();
        Ok(Self { kind: Kind::P256(Box::new(pair)), spki, random })
    }
}

/// A scalar drawn evenly: one that is zero or not below the order is drawn again.
fn sm2_secret(random: &SystemRandom) -> Result<sm2::SecretKey, SignError> {
    use ring::rand::SecureRandom;
    loop {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(bytes.as_mut()).map_err(|_| SignError("no randomness".into()))?;
        if let Ok(secret) = sm2::SecretKey::from_slice(bytes.as_ref()) {
            return Ok(secret);
        }
    }
}

fn failed(why: impl ToString) -> SignError {
    SignError(why.to_string())
}

impl Signer for PrivateKey {
    fn suite(&self) -> Suite {
        match self.kind {
            Kind::P256(_) => Suite::P256,
            Kind::Sm2(_) => Suite::Sm2,
        }
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.kind {
            Kind::P256(pair) => pair
                .sign(&self.random, message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| SignError("the key did not sign".into())),
            Kind::Sm2(key) => {
                // The nonce follows from key and message (as in RFC 6979), so no weak randomness can give the key away.
                let signature = key.try_multipart_sign(&[message]).map_err(failed)?;
                let der: sm2::dsa::DerSignature = signature.to_der();
                Ok(der.as_ref().to_vec())
            }
        }
    }
}
