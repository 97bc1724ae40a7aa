//! What holders handed in.

use super::{Record, Row, Tx, added, integer, sql};
use crate::domain::material::Material;
use crate::domain::seal::PaperMedia;
use crate::domain::time::Timestamp;
use crate::ports::store::{MaterialRows, StoreError};
use async_trait::async_trait;

const REPLACE: &str = "UPDATE materials SET replaced_at = $3
     WHERE holder = $1 AND label = $2 AND replaced_at IS NULL";
const ADD: &str =
    "INSERT INTO materials (id, holder, label, name, sha256, size, media, by_whom, brought_by, matter, at,
        replaced_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
const BY_ID: &str = "SELECT * FROM materials WHERE id = $1";
const OF_HOLDER: &str = "SELECT * FROM materials WHERE holder = $1 ORDER BY at DESC, id DESC LIMIT $2";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[REPLACE, ADD, BY_ID, OF_HOLDER];

fn material(row: &Row) -> Result<Material, StoreError> {
    let record = Record::new(row, "materials", &["id"]);
    Ok(Material {
        id: record.text("id")?,
        holder: record.text("holder")?,
        label: record.text("label")?,
        name: record.text("name")?,
        sha256: record.array("sha256")?,
        size: record.small("size")?,
        media: record.parsed("media", PaperMedia::parse)?,
        by: record.text("by_whom")?,
        label_of_bringer: record.text("brought_by")?,
        matter: record.text("matter")?,
        at: record.time("at")?,
        replaced_at: record.time_or_none("replaced_at")?,
    })
}

#[async_trait]
impl MaterialRows for Tx<'_> {
    async fn add_material(&mut self, material: &Material) -> Result<(), StoreError> {
        if self.one(sql(BY_ID).bind(&material.id)).await?.is_some() {
            return Err(StoreError::Exists("material"));
        }
        let replace = sql(REPLACE).bind(&material.holder).bind(&material.label).bind(material.at.micros());
        self.run(replace).await?;
        let query = sql(ADD)
            .bind(&material.id)
            .bind(&material.holder)
            .bind(&material.label)
            .bind(&material.name)
            .bind(material.sha256.as_slice())
            .bind(integer(material.size)?)
            .bind(material.media.name())
            .bind(&material.by)
            .bind(&material.label_of_bringer)
            .bind(&material.matter)
            .bind(material.at.micros())
            .bind(material.replaced_at.map(Timestamp::micros));
        added(self.run(query).await?, "material")
    }

    async fn material(&mut self, id: &str) -> Result<Option<Material>, StoreError> {
        self.one(sql(BY_ID).bind(id)).await?.as_ref().map(material).transpose()
    }

    async fn materials(&mut self, holder: &str, limit: u32) -> Result<Vec<Material>, StoreError> {
        self.all(sql(OF_HOLDER).bind(holder).bind(i64::from(limit)), material).await
    }
}
