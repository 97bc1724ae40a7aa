//! Reads a row's columns as domain values; what cannot be read names its table, row and column.

use super::{Db, Row};
use crate::adapters::store::json::BadJson;
use crate::domain::grant::Withdrawal;
use crate::domain::license::LicenseId;
use crate::domain::time::{Date, Timestamp, parse_date};
use crate::ports::store::StoreError;
use sqlx::{Decode, Row as _, Type};

/// A row and where it stands.
pub(super) struct Record<'r> {
    row: &'r Row,
    table: &'static str,
    /// The columns that name the row in an error.
    key: &'static [&'static str],
}

impl<'r> Record<'r> {
    pub(super) fn new(row: &'r Row, table: &'static str, key: &'static [&'static str]) -> Self {
        Self { row, table, key }
    }

    /// The error for a column. `why` must not repeat the column's value.
    pub(super) fn corrupt(&self, column: &str, why: &str) -> StoreError {
        let key = |name: &&str| {
            let text = self.row.try_get::<String, _>(*name);
            text.or_else(|_| self.row.try_get::<i64, _>(*name).map(|n| n.to_string()))
                .or_else(|_| self.row.try_get::<Vec<u8>, _>(*name).map(hex::encode))
                .unwrap_or_else(|_| "?".into())
        };
        let row = self.key.iter().map(key).collect::<Vec<_>>().join("/");
        StoreError::Corrupt { table: self.table, row, why: format!("column {column}: {why}") }
    }

    fn get<T: Decode<'r, Db> + Type<Db>>(&self, column: &str) -> Result<T, StoreError> {
        self.row.try_get(column).map_err(|error| match error {
            sqlx::Error::ColumnNotFound(_) => self.corrupt(column, "missing"),
            _ => self.corrupt(column, "of another type"),
        })
    }

    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.get(column)
    }

    pub(super) fn text_or_none(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    pub(super) fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        self.get(column)
    }

    pub(super) fn bytes_or_none(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(column)
    }

    pub(super) fn array<const N: usize>(&self, column: &str) -> Result<[u8; N], StoreError> {
        let bytes: &[u8] = self.get(column)?;
        bytes.try_into().map_err(|_| self.corrupt(column, "of the wrong length"))
    }

    pub(super) fn array_or_none<const N: usize>(&self, column: &str) -> Result<Option<[u8; N]>, StoreError> {
        let Some(bytes) = self.get::<Option<&[u8]>>(column)? else { return Ok(None) };
        bytes.try_into().map(Some).map_err(|_| self.corrupt(column, "of the wrong length"))
    }

    pub(super) fn int(&self, column: &str) -> Result<i64, StoreError> {
        self.get(column)
    }

    /// An integer of a smaller type.
    pub(super) fn small<T: TryFrom<i64>>(&self, column: &str) -> Result<T, StoreError> {
        T::try_from(self.int(column)?).map_err(|_| self.corrupt(column, "out of range"))
    }

    pub(super) fn small_or_none<T: TryFrom<i64>>(&self, column: &str) -> Result<Option<T>, StoreError> {
        let Some(value) = self.get::<Option<i64>>(column)? else { return Ok(None) };
        T::try_from(value).map(Some).map_err(|_| self.corrupt(column, "out of range"))
    }

    pub(super) fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        self.time_or_none(column)?.ok_or_else(|| self.corrupt(column, "missing"))
    }

    pub(super) fn time_or_none(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        let Some(micros) = self.get::<Option<i64>>(column)? else { return Ok(None) };
        let time = Timestamp::from_micros(micros);
        if time.micros() == micros { Ok(Some(time)) } else { Err(self.corrupt(column, "out of range")) }
    }

    /// A text with a form of its own.
    pub(super) fn parsed<T>(&self, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        self.parsed_or_none(column, parse)?.ok_or_else(|| self.corrupt(column, "missing"))
    }

    pub(super) fn parsed_or_none<T>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let Some(text) = self.get::<Option<&str>>(column)? else { return Ok(None) };
        parse(text).map(Some).ok_or_else(|| self.corrupt(column, "of the wrong form"))
    }

    pub(super) fn date(&self, column: &str) -> Result<Date, StoreError> {
        self.parsed(column, parse_date)
    }

    pub(super) fn license_id(&self, column: &str) -> Result<LicenseId, StoreError> {
        self.parsed(column, |text| LicenseId::parse(text).ok())
    }

    /// The end before its time, in the three columns that hold one.
    pub(super) fn withdrawal(&self) -> Result<Option<Withdrawal>, StoreError> {
        let Some(at) = self.time_or_none("withdrawn_at")? else { return Ok(None) };
        let (by, reason) = (self.text("withdrawn_by")?, self.text("withdrawn_reason")?);
        Ok(Some(Withdrawal { at, by, reason }))
    }

    pub(super) fn json<T>(
        &self,
        column: &str,
        read: fn(&str) -> Result<T, BadJson>,
    ) -> Result<T, StoreError> {
        read(self.get(column)?).map_err(|BadJson(why)| self.corrupt(column, &why))
    }
}
