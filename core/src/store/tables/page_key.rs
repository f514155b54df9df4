//! The keys that sign links to public pages.

use super::Reader;
use crate::{Error, Result};

/// A key by name.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, name: &str) -> Result<Vec<u8>> {
    reader
        .connection()
        .0
        .prepare_cached("select secret from page_key where name = ?1")
        .and_then(|mut statement| statement.query_row([name], |row| row.get(0)))
        .map_err(Error::internal)
}
