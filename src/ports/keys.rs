//! Signing keys, addressed by handle. Private bytes never cross this port.

use crate::crypto::{SignError, Signer, Suite};
use std::fmt;

/// Names one key in whatever holds it: a file, a token, a device. Lower-case letters, digits, `-` and `/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyHandle(String);

impl KeyHandle {
    /// A handle from its text, or `None` if the text is not of the form.
    pub fn parse(text: &str) -> Option<Self> {
        let fine = !text.is_empty()
            && text.len() <= 120
            && text.split('/').all(|part| {
                !part.is_empty()
                    && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            });
        fine.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The public half of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The algorithms this key is used with.
    pub suite: Suite,
    /// DER of its SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
}

/// Why a key could not be used. Carries no key material.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No key has this handle.
    #[error("no key named {0}")]
    Unknown(KeyHandle),
    /// A key with this handle exists already.
    #[error("a key named {0} exists already")]
    Exists(KeyHandle),
    /// The holder of the keys failed or is out of reach.
    #[error("key storage failed: {0}")]
    Storage(String),
}

/// Makes and uses signing keys. Calls may block for as long as a device takes.
pub trait Keys: Send + Sync {
    /// Makes a key of `suite`, durable before this returns.
    fn generate(&self, handle: &KeyHandle, suite: Suite) -> Result<PublicKey, KeyError>;

    /// The public half.
    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyError>;

    /// Signs `message` (hashed inside by the key's suite) and returns the signature value as the suite's
    /// X.509 form has it: for ECDSA the DER `SEQUENCE { r, s }`. Unchecked: only for who verifies what it is put into
    /// before anybody else sees it.
    fn sign_unchecked(&self, handle: &KeyHandle, message: &[u8]) -> Result<Vec<u8>, KeyError>;

    /// Signs as [`Self::sign_unchecked`] and verifies the signature: a fault in memory or processor while signing could
    /// give the key away, so none may leave unverified.
    fn sign(&self, handle: &KeyHandle, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = self.sign_unchecked(handle, message)?;
        let public = self.public_key(handle)?;
        if !public.suite.verify(&public.spki, message, &signature) {
            return Err(KeyError::Storage(format!("the key {handle} signed wrongly")));
        }
        Ok(signature)
    }
}

/// One key of some [`Keys`], as what formats sign with.
pub struct HandleSigner<'a> {
    keys: &'a dyn Keys,
    handle: KeyHandle,
    public: PublicKey,
}

impl<'a> HandleSigner<'a> {
    /// Looks the key up.
    pub fn new(keys: &'a dyn Keys, handle: &KeyHandle) -> Result<Self, KeyError> {
        Ok(Self { keys, handle: handle.clone(), public: keys.public_key(handle)? })
    }
}

impl Signer for HandleSigner<'_> {
    fn suite(&self) -> Suite {
        self.public.suite
    }

    fn spki(&self) -> &[u8] {
        &self.public.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.keys.sign(&self.handle, message).map_err(|why| SignError(why.to_string()))
    }
}
