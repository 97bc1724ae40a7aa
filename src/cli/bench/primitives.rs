//! The bare operations that an issue and a verification contain, on this machine, in this run: ring alone, with none of
//! our code around it.

use ring::digest;
use ring::error::Unspecified;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Rates of one core, per second.
#[derive(Clone, Copy, Debug)]
pub struct Primitives {
    /// Signatures of a message of 200 bytes.
    pub sign: f64,
    /// Verifications of them.
    pub verify: f64,
    /// SHA-256 of 40 kB.
    pub hash: f64,
}

/// Measures for about a second and a half.
///
/// # Errors
/// If the system has no randomness.
#[allow(clippy::disallowed_methods, reason = "measuring is what a benchmark does")]
pub fn measure() -> Result<Primitives, Unspecified> {
    let message = [0x5A; 200];
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random)?;
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random).map_err(|_| Unspecified)?;
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, pair.public_key().as_ref());
    let signature = pair.sign(&random, &message)?;
    let large = vec![0x5A; 40_000];
    let rate = |work: &dyn Fn()| {
        let start = Instant::now();
        let mut count = 0_u32;
        while start.elapsed() < Duration::from_millis(500) {
            work();
            count += 1;
        }
        f64::from(count) / start.elapsed().as_secs_f64()
    };
    Ok(Primitives {
        sign: rate(&|| {
            black_box(pair.sign(&random, black_box(&message)).is_ok());
        }),
        verify: rate(&|| {
            black_box(public.verify(black_box(&message), signature.as_ref()).is_ok());
        }),
        hash: rate(&|| {
            black_box(digest::digest(&digest::SHA256, black_box(&large)));
        }),
    })
}
