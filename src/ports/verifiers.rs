//! Verifiers of faces whom a service trusts: what an adapter reads from the settings and use cases ask.

use crate::crypto::PublicKey;

/// A verifier of faces.
#[derive(Clone)]
pub struct Verifier {
    /// What it calls itself (`iss`).
    pub name: String,
    /// Its key, on P-256.
    pub key: PublicKey,
    /// The credentials whose requests it may speak for.
    pub counters: Vec<String>,
}
