//! Offline codes (离线亮证码): who signs them, the places they have in status lists, the lists themselves, and the bundle
//! that verifiers carry.
//!
//! Two kinds of keys: each department has its own, with which codes about its licenses are signed; the publisher's
//! signs status lists and the bundle, of which each has a type of its own under the signature.

mod alarm;
mod bundle;
pub mod check;
mod code;
pub mod compared;
pub mod device;
mod keys;
mod lists;
pub mod make_use;
pub mod paper;
pub mod phone;
mod places;

pub use alarm::{Watch, watch};
pub use bundle::{Bundle, BundleText, PublisherKey, bundle, publisher_key};
pub use lists::{Form, Published, list, publish};

use super::AppError;
use crate::crypto::Suite;
use crate::domain::time::Timestamp;
use crate::ports::keys::{KeyError, KeyHandle, Keys, PublicKey};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A list is good without a thought for so long.
pub const TTL: Duration = Duration::from_secs(15 * 60);
/// And not relied on after this.
pub const LIFE: Duration = Duration::from_secs(24 * 3600);
/// The key that signs status lists and the bundle.
const PUBLISHER: &str = "offline-publisher";

/// What one process remembers between two calls.
#[derive(Default)]
pub(crate) struct Memory {
    bundle: tokio::sync::Mutex<Option<Arc<Bundle>>>,
    /// What was told of lists and bundle.
    told: alarm::Told,
    /// Proofs of phones that were shown, and when.
    seen: Mutex<HashMap<[u8; 32], Timestamp>>,
}

/// The key of this handle; made of this suite where there is none. Several processes that come first make one.
fn key_of(keys: &dyn Keys, handle: &str, suite: Suite) -> Result<(KeyHandle, PublicKey), AppError> {
    let handle = KeyHandle::parse(handle).ok_or_else(|| AppError::internal("no key handle"))?;
    let public = match keys.generate(&handle, suite) {
        Err(KeyError::Exists(_)) => keys.public_key(&handle)?,
        other => other?,
    };
    Ok((handle, public))
}

/// The publisher's key.
fn publisher(keys: &dyn Keys) -> Result<(KeyHandle, PublicKey), AppError> {
    key_of(keys, PUBLISHER, Suite::P256)
}
