//! What tests of keys and timestamps share.

use super::Passphrase;
use crate::ports::random::Random;
use ring::rand::SecureRandom;

/// The operating system's randomness.
pub(crate) struct RingRandom;

impl Random for RingRandom {
    fn fill(&self, buffer: &mut [u8]) {
        ring::rand::SystemRandom::new().fill(buffer).expect("randomness");
    }
}

/// A passphrase.
pub(crate) fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery").expect("long enough")
}
