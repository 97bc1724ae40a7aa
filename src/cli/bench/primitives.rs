//! The bare operations that an issue and a verification contain, on this machine, in this run: the libraries alone, with
//! none of our code around them.

use crate::domain::suite::Suite;
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature, SigningKey};
use sm3::Digest;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Rates of one core, per second.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Signatures of a message of 200 bytes.
    pub sign: f64,
    /// Verifications of them.
    pub verify: f64,
    /// Digests of 40 kB.
    pub hash: f64,
}

/// Those of every suite.
#[derive(Clone, Copy, Debug)]
pub struct Primitives {
    /// ring.
    pub p256: Rates,
    /// The crates sm2 and sm3.
    pub sm2: Rates,
}

impl Primitives {
    /// Those of one suite.
    pub const fn of(&self, suite: Suite) -> &Rates {
        match suite {
            Suite::P256 => &self.p256,
            Suite::Sm2 => &self.sm2,
        }
    }
}

const MESSAGE: [u8; 200] = [0x5A; 200];

/// Why a key could not be made.
#[derive(Clone, Copy, Debug)]
pub struct NoKey;

/// Measures for about three seconds. `None` if the system has no randomness.
pub fn measure() -> Result<Primitives, NoKey> {
    Ok(Primitives { p256: p256()?, sm2: sm2()? })
}

fn p256() -> Result<Rates, NoKey> {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| NoKey)?;
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random).map_err(|_| NoKey)?;
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, pair.public_key().as_ref());
    let signature = pair.sign(&random, &MESSAGE).map_err(|_| NoKey)?;
    let large = vec![0x5A; 40_000];
    Ok(Rates {
        sign: rate(&|| {
            black_box(pair.sign(&random, black_box(&MESSAGE)).is_ok());
        }),
        verify: rate(&|| {
            black_box(public.verify(black_box(&MESSAGE), signature.as_ref()).is_ok());
        }),
        hash: rate(&|| {
            black_box(digest::digest(&digest::SHA256, black_box(&large)));
        }),
    })
}

fn sm2() -> Result<Rates, NoKey> {
    let mut secret = [0; 32];
    SystemRandom::new().fill(&mut secret).map_err(|_| NoKey)?;
    // Below the curve's order, which begins with thirty-one ones.
    secret[0] &= 0x7F;
    let key = SigningKey::from_slice("1234567812345678", &secret).map_err(|_| NoKey)?;
    let signature: Signature = key.sign(&MESSAGE);
    let large = vec![0x5A; 40_000];
    Ok(Rates {
        sign: rate(&|| {
            let signature: Signature = key.sign(black_box(&MESSAGE));
            black_box(signature);
        }),
        verify: rate(&|| {
            black_box(key.verifying_key().verify(black_box(&MESSAGE), &signature).is_ok());
        }),
        hash: rate(&|| {
            black_box(sm3::Sm3::digest(black_box(&large)));
        }),
    })
}

#[allow(clippy::disallowed_methods, reason = "measuring is what a benchmark does")]
fn rate(work: &dyn Fn()) -> f64 {
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < Duration::from_millis(500) {
        work();
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}
