//! SM2 signatures with SM3 (GB/T 32918.2-2016, GB/T 32905-2016) in the words that chains and signatures use.
//! The primitives are those of the `sm2` and `sm3` crates.

use const_oid::ObjectIdentifier;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};
use sm2::dsa::signature::Verifier;
use sm2::dsa::{DerSignature, Signature, VerifyingKey};

/// The signer's distinguishing identifier that goes into every signature (GM/T 0009-2012 §10: this one unless the
/// parties agree on another; every seal, certificate and list we know has it).
pub(super) const SIGNER_ID: &str = "1234567812345678";

/// SM2 with SM3 (GM/T 0006-2012).
pub(super) const SM2_WITH_SM3: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.501");
/// SM3 (GM/T 0006-2012).
pub(super) const SM3: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.401");
/// SM3 "without a key", as some write it.
pub(super) const SM3_WITHOUT_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.401.1");

/// The curve (GM/T 0006-2012), which names the kind of key in X.509 and PKCS#8.
pub(super) const CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
/// SM2 as a signature algorithm of the key alone (GM/T 0006-2012), which GB/T 35275 signers name.
pub(super) const SIGN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301.1");

/// id-ecPublicKey on the curve SM2.
const PUBLIC_KEY: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d,
]);
/// SM2 with SM3, without parameters.
const BARE: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75]);
/// The same with NULL as its parameters, as older tools write it.
const WITH_NULL: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75, 5, 0]);

/// SM2 with SM3 for chains.
pub(super) static ALGORITHM: Sm2WithSm3 = Sm2WithSm3 { named: BARE };
/// The same under its older name.
pub(super) static ALGORITHM_WITH_NULL: Sm2WithSm3 = Sm2WithSm3 { named: WITH_NULL };

/// The verification of SM2 signatures, as the path builder wants it.
#[derive(Debug)]
pub(super) struct Sm2WithSm3 {
    named: AlgorithmIdentifier,
}

impl SignatureVerificationAlgorithm for Sm2WithSm3 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(SIGNER_ID, public_key).map_err(|_| InvalidSignature)?;
        let signature = DerSignature::from_bytes(signature).map_err(|_| InvalidSignature)?;
        let signature = Signature::try_from(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        PUBLIC_KEY
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.named
    }
}
