//! Keeping short secrets: AES-256-GCM under a key that HKDF-SHA-256 (RFC 5869) derives.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

/// Bytes of the number that each closing takes; never the same twice under one key.
pub const CLOSING_NONCE: usize = NONCE_LEN;

/// What secrets are closed under.
pub struct ClosingKey {
    key: LessSafeKey,
    id: [u8; 4],
}

struct IdLength;

impl KeyType for IdLength {
    fn len(&self) -> usize {
        4
    }
}

impl ClosingKey {
    /// From key material of at least 256 bits that nobody else has, for one purpose: another purpose gives another key.
    pub fn derive(material: &[u8], purpose: &str) -> Self {
        const SHORT: &str = "HKDF gives a few bytes of every length";
        let extracted = Salt::new(HKDF_SHA256, &[]).extract(material);
        let purpose = purpose.as_bytes();
        let key = UnboundKey::from(extracted.expand(&[purpose, b" key"], &AES_256_GCM).expect(SHORT));
        let mut id = [0; 4];
        extracted.expand(&[purpose, b" id"], IdLength).and_then(|okm| okm.fill(&mut id)).expect(SHORT);
        Self { key: LessSafeKey::new(key), id }
    }

    /// Tells keys apart, and nothing about them.
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Closes a secret; `about` is not kept in it and must be given again to open it.
    pub fn close(&self, nonce: [u8; CLOSING_NONCE], about: &[u8], secret: &[u8]) -> Vec<u8> {
        let mut closed = secret.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut closed)
            .expect("a secret has less than 64 GB");
        closed
    }

    /// Opens it; `None` if it was closed under another key, number or `about`, or changed since.
    pub fn open(
        &self,
        nonce: [u8; CLOSING_NONCE],
        about: &[u8],
        closed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut opened = Zeroizing::new(closed.to_vec());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length = self.key.open_in_place(nonce, Aad::from(about), &mut opened).ok()?.len();
        opened.truncate(length);
        Some(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_opens_under_the_same_key_number_and_about_only() {
        let key = ClosingKey::derive(&[7; 32], "test");
        let closed = key.close([1; 12], b"wh_1", b"the secret");
        assert_eq!(closed.len(), 10 + 16);
        assert!(!closed.windows(6).any(|window| window == b"secret"));
        let opened = |key: &ClosingKey, nonce, about: &[u8], closed: &[u8]| {
            key.open(nonce, about, closed).map(|secret| secret.to_vec())
        };
        assert_eq!(opened(&key, [1; 12], b"wh_1", &closed).as_deref(), Some(&b"the secret"[..]));
        for place in 0..closed.len() {
            let mut twin = closed.clone();
            twin[place] ^= 1;
            assert_eq!(opened(&key, [1; 12], b"wh_1", &twin), None, "byte {place}");
        }
        assert_eq!(opened(&key, [2; 12], b"wh_1", &closed), None);
        assert_eq!(opened(&key, [1; 12], b"wh_2", &closed), None);
        assert_eq!(opened(&key, [1; 12], b"wh_1", &[]), None);
        for (material, purpose) in [([8; 32], "test"), ([7; 32], "other")] {
            let other = ClosingKey::derive(&material, purpose);
            assert_ne!(other.id(), key.id());
            assert_eq!(opened(&other, [1; 12], b"wh_1", &closed), None);
        }
    }
}
