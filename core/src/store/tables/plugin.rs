//! Installed plugins: their packages as they came, and whether they are at work.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, Row};

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::{Tx, rows::Json},
};

const ENABLED: &str = "enabled";
/// Without the package: it is some megabytes, and whoever looks what is installed seldom needs it.
const COLUMNS: &str = "name, version, state, installed_at, since, granted, publisher, leaving_at, came_seq, is_brought";

/// An installed plugin, without its package.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The plugin's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether it shall be at work; whether it can be loaded is found out anew at every start.
    pub is_enabled: bool,
    /// When.
    pub installed_at: Time,
    /// The last event before it began to listen.
    pub since: i64,
    /// What it may have of what it asks for; `None`: all of it.
    pub granted: Option<BTreeSet<String>>,
    /// The key its packages are signed with.
    pub publisher: Option<String>,
    /// When what it has kept is deleted.
    pub leaving_at: Option<Time>,
    /// The number of the event that told of this version: another package has another.
    pub came_seq: i64,
    /// Whether the server's own binary brought it.
    pub is_brought: bool,
}

/// Another version of an installed plugin, without its package.
#[derive(Clone, Debug)]
pub struct Version {
    /// The plugin's name.
    pub name: String,
    /// Which.
    pub version: String,
    /// Of the one before, what it was granted; of the one that waits, all it asks for.
    pub rights: Option<BTreeSet<String>>,
    /// Who has signed it.
    pub publisher: Option<String>,
    /// When.
    pub came_at: Time,
}

/// What a version beside the installed one is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// To go back to.
    Previous,
    /// It asks for more and waits to be granted it.
    Waiting,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Role::Previous => "previous",
            Role::Waiting => "waiting",
        }
    }
}

/// All installed packages.
///
/// # Errors
/// Internal.
pub fn all(reader: &impl Reader) -> Result<Vec<Installed>> {
    let connection = reader.connection().0;
    let mut statement =
        connection.prepare_cached(&format!("select {COLUMNS} from plugin order by name")).map_err(Error::internal)?;
    let rows = statement.query_map([], installed).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// One of them.
///
/// # Errors
/// `plugin.not_found`.
pub fn one(reader: &impl Reader, name: &str) -> Result<Installed> {
    let found = reader
        .connection()
        .0
        .prepare_cached(&format!("select {COLUMNS} from plugin where name = ?1"))
        .and_then(|mut statement| statement.query_row([name], installed));
    match found {
        Ok(installed) => Ok(installed),
        Err(rusqlite::Error::QueryReturnedNoRows) => Err(not_installed(name)),
        Err(error) => Err(Error::internal(error)),
    }
}

fn not_installed(name: &str) -> Error {
    Error::not_found("plugin", format!("no plugin {name:?} is installed"))
}

fn installed(row: &Row<'_>) -> rusqlite::Result<Installed> {
    Ok(Installed {
        name: row.get(0)?,
        version: row.get(1)?,
        is_enabled: row.get::<_, String>(2)? == ENABLED,
        installed_at: row.get(3)?,
        since: row.get(4)?,
        granted: row.get::<_, Option<Json<_>>>(5)?.map(|Json(granted)| granted),
        publisher: row.get(6)?,
        leaving_at: row.get(7)?,
        came_seq: row.get(8)?,
        is_brought: row.get(9)?,
    })
}

/// The package a plugin came in, `.mpk`.
///
/// # Errors
/// `plugin.not_found`.
pub fn package_of(reader: &impl Reader, name: &str) -> Result<Vec<u8>> {
    let found = reader
        .connection()
        .0
        .prepare_cached("select package from plugin where name = ?1")
        .and_then(|mut statement| statement.query_row([name], |row| row.get(0)).optional());
    found.map_err(Error::internal)?.ok_or_else(|| not_installed(name))
}

/// Install a package, or put another version in the place of the one there; its subscription goes on where it stands.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, installed: &Installed, package: &[u8]) -> Result<()> {
    tx.connection
        .execute(
            "insert into plugin
             (name, version, state, package, installed_at, since, granted, publisher, came_seq, is_brought)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             on conflict do update set version = ?2, state = ?3, package = ?4, installed_at = ?5, granted = ?7, publisher = ?8,
             leaving_at = null, came_seq = ?9, is_brought = ?10",
            (
                &installed.name,
                &installed.version,
                word(installed.is_enabled),
                package,
                installed.installed_at,
                installed.since,
                installed.granted.as_ref().map(Json),
                &installed.publisher,
                installed.came_seq,
                installed.is_brought,
            ),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// Set a plugin to work, or to rest. Setting one to work that was being taken out undoes that; letting it rest does not.
///
/// # Errors
/// `plugin.not_found`.
pub fn set_enabled(tx: &mut Tx<'_>, name: &str, is_enabled: bool) -> Result<()> {
    let n_rows = tx
        .connection
        .execute(
            "update plugin set state = ?2, leaving_at = iif(?3, null, leaving_at) where name = ?1",
            (name, word(is_enabled), is_enabled),
        )
        .map_err(Error::internal)?;
    there(n_rows, name)
}

/// Say what a plugin is granted.
///
/// # Errors
/// `plugin.not_found`.
pub fn set_granted(tx: &mut Tx<'_>, name: &str, granted: &BTreeSet<String>) -> Result<()> {
    let n_rows = tx
        .connection
        .execute("update plugin set granted = ?2 where name = ?1", (name, Json(granted)))
        .map_err(Error::internal)?;
    there(n_rows, name)
}

/// Let a plugin rest, and say when what it has kept is deleted.
///
/// # Errors
/// `plugin.not_found`.
pub fn set_leaving(tx: &mut Tx<'_>, name: &str, at: Time) -> Result<()> {
    let n_rows = tx
        .connection
        .execute("update plugin set state = 'disabled', leaving_at = ?2 where name = ?1", (name, at))
        .map_err(Error::internal)?;
    there(n_rows, name)
}

fn there(n_rows: usize, name: &str) -> Result<()> {
    if n_rows == 0 { Err(not_installed(name)) } else { Ok(()) }
}

/// Keep a version beside the installed one.
///
/// # Errors
/// Internal.
pub fn keep_version(tx: &mut Tx<'_>, role: Role, version: &Version, package: &[u8]) -> Result<()> {
    tx.connection
        .execute(
            "insert or replace into plugin_version (name, role, version, package, rights, publisher, came_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                &version.name,
                role.word(),
                &version.version,
                package,
                version.rights.as_ref().map(Json),
                &version.publisher,
                version.came_at,
            ),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// Forget a version beside the installed one; `false` when there was none.
///
/// # Errors
/// Internal.
pub fn forget_version(tx: &mut Tx<'_>, name: &str, role: Role) -> Result<bool> {
    tx.connection
        .execute("delete from plugin_version where name = ?1 and role = ?2", (name, role.word()))
        .map(|n_rows| n_rows > 0)
        .map_err(Error::internal)
}

/// The versions beside installed ones of one role.
///
/// # Errors
/// Internal.
pub fn versions(reader: &impl Reader, role: Role) -> Result<Vec<Version>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select name, version, rights, publisher, came_at from plugin_version where role = ?1 order by name",
        )
        .map_err(Error::internal)?;
    let rows = statement
        .query_map([role.word()], |row| {
            Ok(Version {
                name: row.get(0)?,
                version: row.get(1)?,
                rights: row.get::<_, Option<Json<_>>>(2)?.map(|Json(rights)| rights),
                publisher: row.get(3)?,
                came_at: row.get(4)?,
            })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// The package of a version beside the installed one.
///
/// # Errors
/// Internal, also when there is none.
pub fn package_of_version(reader: &impl Reader, name: &str, role: Role) -> Result<Vec<u8>> {
    reader
        .connection()
        .0
        .prepare_cached("select package from plugin_version where name = ?1 and role = ?2")
        .and_then(|mut statement| statement.query_row([name, role.word()], |row| row.get(0)))
        .map_err(Error::internal)
}

/// Remember that somebody does not want what the server's binary brings: a plugin, or (`version`) one version of it.
///
/// # Errors
/// Internal.
pub fn decline(tx: &mut Tx<'_>, name: &str, version: Option<&str>, at: Time) -> Result<()> {
    tx.connection
        .execute(
            "insert or replace into plugin_declined (name, version, at) values (?1, ?2, ?3)",
            (name, version.unwrap_or_default(), at),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// Whether somebody has said that of a plugin, or of one version of it.
///
/// # Errors
/// Internal.
pub fn is_declined(reader: &impl Reader, name: &str, version: Option<&str>) -> Result<bool> {
    reader
        .connection()
        .0
        .prepare_cached("select exists (select 1 from plugin_declined where name = ?1 and version = ?2)")
        .and_then(|mut statement| statement.query_row([name, version.unwrap_or_default()], |row| row.get(0)))
        .map_err(Error::internal)
}

/// Forget that a plugin, or a version of it, was not wanted.
///
/// # Errors
/// Internal.
pub fn want(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    tx.connection.execute("delete from plugin_declined where name = ?1", [name]).map(drop).map_err(Error::internal)
}

/// Organisations that do without a plugin: plugin and organisation.
///
/// # Errors
/// Internal.
pub fn off(reader: &impl Reader) -> Result<Vec<(String, Id)>> {
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached("select plugin, org from plugin_off").map_err(Error::internal)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Have an organisation do without a plugin, or with it again.
///
/// # Errors
/// Internal.
pub fn set_off(tx: &mut Tx<'_>, name: &str, org: &Id, is_off: bool) -> Result<()> {
    let sql = if is_off {
        "insert into plugin_off (plugin, org) values (?1, ?2) on conflict do nothing"
    } else {
        "delete from plugin_off where plugin = ?1 and org = ?2"
    };
    tx.connection.execute(sql, (name, org)).map(drop).map_err(Error::internal)
}

/// Forget that a plugin was ever here: its versions, settings, cursors, parked deliveries and timers. Its records are gone already.
///
/// # Errors
/// Internal.
pub fn forget(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    for sql in [
        "delete from plugin where name = ?1",
        "delete from plugin_version where name = ?1",
        "delete from plugin_off where plugin = ?1",
        "delete from setting where plugin = ?1",
        "delete from lane where subscription = ?1",
        "delete from parked where subscription = ?1",
        "delete from timer where owner = ?1",
    ] {
        tx.connection.execute(sql, [name]).map_err(Error::internal)?;
    }
    Ok(())
}

fn word(is_enabled: bool) -> &'static str {
    if is_enabled { ENABLED } else { "disabled" }
}
