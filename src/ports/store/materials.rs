//! What holders handed in for their matters.

use super::StoreError;
use crate::domain::material::Material;
use async_trait::async_trait;

/// Rows about materials.
#[async_trait]
pub trait MaterialRows {
    /// Adds a material; the one of the same holder and label that was there before is replaced by it. [`StoreError::Exists`]
    /// if its identifier is taken.
    async fn add_material(&mut self, material: &Material) -> Result<(), StoreError>;
    /// The material of this identifier.
    async fn material(&mut self, id: &str) -> Result<Option<Material>, StoreError>;
    /// A holder's materials, newest first, those that were replaced among them, at most `limit`.
    async fn materials(&mut self, holder: &str, limit: u32) -> Result<Vec<Material>, StoreError>;
}
