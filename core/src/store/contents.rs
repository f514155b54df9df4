//! What the tables hold, as a digest each: two stores that agree on them hold the same.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, types::ValueRef};
use sha2::{Digest, Sha256};

use super::{Store, open};
use crate::{Error, Result, model::Scope};

impl Store {
    /// Each table with a digest of all its rows and of its definition, but for those left out. Reads everything: for tests and
    /// for proving a copy.
    ///
    /// # Errors
    /// Internal.
    pub fn contents(&self, except: &[&str]) -> Result<BTreeMap<String, String>> {
        contents(self.view(Scope::All)?.raw(), except)
    }

    /// The same of a store that a server has open just now.
    ///
    /// # Errors
    /// Internal.
    pub fn contents_of(folder: &Path, except: &[&str]) -> Result<BTreeMap<String, String>> {
        let connection = open::reader(&folder.join("marque.db"))?;
        connection.execute_batch("begin").map_err(Error::internal)?;
        contents(&connection, except)
    }
}

fn contents(connection: &Connection, except: &[&str]) -> Result<BTreeMap<String, String>> {
    let wanted = tables(connection)?.into_iter().filter(|(name, _)| !except.contains(&name.as_str()));
    wanted
        .map(|(name, sql)| {
            let digest = digest(connection, &name, &sql)?;
            Ok((name, digest))
        })
        .collect()
}

/// Ordinary tables, those behind the search index among them; a virtual table has no rows of its own.
fn tables(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement = connection
        .prepare(
            "select name, ifnull(sql, '') from sqlite_schema where type = 'table' and sql not like 'create virtual%'",
        )
        .map_err(Error::internal)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

fn digest(connection: &Connection, table: &str, sql: &str) -> Result<String> {
    let mut statement = connection.prepare(&format!("select * from \"{table}\"")).map_err(Error::internal)?;
    let n_columns = statement.column_count();
    let mut rows = statement.query([]).map_err(Error::internal)?;
    let mut hash = Sha256::new();
    hash.update(sql);
    while let Some(row) = rows.next().map_err(Error::internal)? {
        for n in 0..n_columns {
            let value = row.get_ref(n).map_err(Error::internal)?;
            hash.update([0]);
            match value {
                ValueRef::Null => hash.update([1]),
                ValueRef::Integer(whole) => hash.update(whole.to_be_bytes()),
                ValueRef::Real(real) => hash.update(real.to_be_bytes()),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                    hash.update((bytes.len() as u64).to_be_bytes());
                    hash.update(bytes);
                }
            }
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
