//! Writing a COSE_Sign1 in the one way that [`super::Sign1::canonical`] has.

use super::{TYP, Value, algorithm};
use crate::crypto::{SignError, Signer, fixed_signature};
use coset::{CoseSign1Builder, HeaderBuilder, TaggedCborSerializable};

/// What stands in the protected header beside the algorithm.
#[derive(Clone, Copy, Debug, Default)]
pub struct Protected<'a> {
    /// Name of the key.
    pub key_id: &'a [u8],
    /// What the message is.
    pub kind: Option<&'a str>,
    /// One further parameter for private use: its label below -65536, and a number.
    pub private: Option<(i64, u64)>,
}

/// Signs a payload, and `external` with it, and writes the message under tag 18.
///
/// # Errors
/// If the key does not sign.
pub fn sign(
    protected: &Protected<'_>,
    payload: Vec<u8>,
    external: &[u8],
    signer: &dyn Signer,
) -> Result<Vec<u8>, SignError> {
    let mut header =
        HeaderBuilder::new().algorithm_label(algorithm(signer.suite())).key_id(protected.key_id.to_vec());
    // In the order of their bytes: 1, 4, 16, then the negative ones.
    if let Some(kind) = protected.kind {
        header = header.value(TYP, Value::Text(kind.to_owned()));
    }
    if let Some((label, number)) = protected.private {
        header = header.value(label, Value::from(number));
    }
    let message = CoseSign1Builder::new().protected(header.build()).payload(payload).try_create_signature(
        external,
        |to_be_signed| {
            let signature = signer.sign(to_be_signed)?;
            let fixed = fixed_signature(&signature).ok_or_else(|| SignError("no signature".into()))?;
            Ok(fixed.to_vec())
        },
    )?;
    message.build().to_tagged_vec().map_err(|why| SignError(why.to_string()))
}
