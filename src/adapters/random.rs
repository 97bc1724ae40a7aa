//! The operating system's randomness, through ring.

use crate::ports::random::Random;
use ring::rand::{SecureRandom, SystemRandom as Ring};

/// Randomness of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        Ring::new()
            .fill(buffer)
            .expect("the operating system gives randomness; the port's contract says panic if not");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ_and_fill_the_whole_buffer() {
        let random: &dyn Random = &SystemRandom;
        let (first, second) = (random.bytes::<64>(), random.bytes::<64>());
        assert_ne!(first, second);
        assert_ne!(first[32..], [0; 32]);
    }
}
