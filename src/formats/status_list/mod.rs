//! Status lists in the form of the IETF Token Status List (draft-ietf-oauth-status-list-21), as JWT and as CWT over the same
//! bits. What one entry means is `domain::status_list`'s; `docs/offline-codes.md` says what is written and what is refused.

mod bits;
mod token;
mod wire_cwt;
mod wire_jwt;

use crate::crypto::{SignError, Signer};

pub use bits::{BadList, Bits, StatusList};
pub use token::{Expected, ListToken, NotRead};
pub use wire_cwt::{read_cwt, sign_cwt};
pub use wire_jwt::{read_jwt, sign_jwt};

/// Signs a list in both forms with a key on P-256, packed once. In the JWT the key's name is in hexadecimal.
///
/// # Errors
/// If the list has no end or no address, or the key does not sign.
pub fn sign_both(
    token: &ListToken,
    key_id: &[u8],
    signer: &dyn Signer,
) -> Result<(String, Vec<u8>), SignError> {
    token.check().map_err(|why| SignError(why.to_string()))?;
    let packed = token.list.pack();
    let jwt = wire_jwt::sign_packed(token, &packed, &hex::encode(key_id), signer)?;
    Ok((jwt, wire_cwt::sign_packed(token, packed, key_id, signer)?))
}

/// Most entries of a list: those of a large province.
pub const MOST_ENTRIES: u64 = 1 << 26;
/// Largest signed list that is read, in bytes.
pub const MOST_BYTES: usize = 32 << 20;

#[cfg(test)]
mod tests;
