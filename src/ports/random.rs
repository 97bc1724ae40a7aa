//! Randomness.

/// Unpredictable bytes, fit for keys, tokens and one-time codes.
pub trait Random: Send + Sync {
    /// Fills the whole buffer.
    ///
    /// # Panics
    /// If the operating system has no randomness to give: nothing safe can be done without it.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Random + '_ {
    /// A fresh array of random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        self.fill(&mut buffer);
        buffer
    }

    /// `count` random characters of `alphabet`, each equally likely.
    pub fn text(&self, count: usize, alphabet: &[u8]) -> String {
        // Bytes at or past the largest multiple of the alphabet's length would favour its first letters.
        let fair = 256 - 256 % alphabet.len();
        let mut text = String::with_capacity(count);
        while text.len() < count {
            for byte in self.bytes::<32>() {
                if usize::from(byte) < fair && text.len() < count {
                    text.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
                }
            }
        }
        text
    }
}
