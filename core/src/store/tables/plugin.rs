//! Installed plugins: their packages as they came, and whether they are at work.

use super::Reader;
use crate::{Error, Result, model::Time, store::Tx};

const ENABLED: &str = "enabled";

/// An installed package.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The plugin's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether it shall be at work; whether it can be loaded is found out anew at every start.
    pub is_enabled: bool,
    /// The `.mpk` as it came.
    pub package: Vec<u8>,
    /// When.
    pub installed_at: Time,
    /// The last event before it began to listen.
    pub since: i64,
}

/// All installed packages.
///
/// # Errors
/// Internal.
pub fn all(reader: &impl Reader) -> Result<Vec<Installed>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select name, version, state, package, installed_at, since from plugin order by name")
        .map_err(Error::internal)?;
    let rows = statement
        .query_map([], |row| {
            Ok(Installed {
                name: row.get(0)?,
                version: row.get(1)?,
                is_enabled: row.get::<_, String>(2)? == ENABLED,
                package: row.get(3)?,
                installed_at: row.get(4)?,
                since: row.get(5)?,
            })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Install a package, or put another version in the place of the one there; its subscription goes on where it stands.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, installed: &Installed) -> Result<()> {
    tx.connection
        .execute(
            "insert into plugin (name, version, state, package, installed_at, since) values (?1, ?2, ?3, ?4, ?5, ?6)
             on conflict do update set version = ?2, state = ?3, package = ?4, installed_at = ?5",
            (
                &installed.name,
                &installed.version,
                word(installed.is_enabled),
                &installed.package,
                installed.installed_at,
                installed.since,
            ),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// Set a plugin to work, or to rest.
///
/// # Errors
/// `plugin.not_found`.
pub fn set_enabled(tx: &mut Tx<'_>, name: &str, is_enabled: bool) -> Result<()> {
    let n_rows = tx
        .connection
        .execute("update plugin set state = ?2 where name = ?1", (name, word(is_enabled)))
        .map_err(Error::internal)?;
    if n_rows == 0 {
        return Err(Error::not_found("plugin", format!("no plugin {name:?} is installed")));
    }
    Ok(())
}

fn word(is_enabled: bool) -> &'static str {
    if is_enabled { ENABLED } else { "disabled" }
}
