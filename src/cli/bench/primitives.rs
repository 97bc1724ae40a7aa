//! The bare operations that an issue and a verification contain, on this machine, in this run.

use crate::crypto::{Signer, Suite};
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
#[allow(clippy::disallowed_methods, reason = "measuring is what a benchmark does")]
pub fn measure(signer: &dyn Signer) -> Primitives {
    let message = [0x5A; 200];
    let signature = signer.sign(&message).unwrap_or_default();
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
    Primitives {
        sign: rate(&|| {
            black_box(signer.sign(black_box(&message)).is_ok());
        }),
        verify: rate(&|| {
            black_box(Suite::P256.verify(signer.spki(), black_box(&message), &signature));
        }),
        hash: rate(&|| {
            black_box(crate::crypto::sha256(black_box(&large)));
        }),
    }
}
