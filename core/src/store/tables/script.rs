//! Dealers' scripts: drafts, published versions, and which version is in force.

use rusqlite::{OptionalExtension, Row};
use serde::Serialize;
use serde_json::Value;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::{Tx, rows::Json},
};

const HOUR_MS: i64 = 3_600_000;

/// A draft.
#[derive(Clone, Debug, Serialize)]
pub struct Draft {
    /// `decision/complaint.level`.
    pub name: String,
    /// Whose.
    pub org: Id,
    /// Rhai.
    pub source: String,
    /// Read as `PARAMETERS`.
    pub parameters: Value,
    /// `[{"name","input","output"}]`, run by every check.
    pub examples: Value,
    /// Of a reaction: what it asks for, `record.create:worklist.task`.
    pub asks: Vec<String>,
    /// When it was last saved.
    pub updated_at: Time,
    /// By whom.
    pub updated_by: String,
}

/// A published version. Versions only grow.
#[derive(Clone, Debug, Serialize)]
pub struct Version {
    /// `decision/complaint.level`.
    pub name: String,
    /// Whose.
    pub org: Id,
    /// From 1.
    pub version: u32,
    /// Rhai.
    pub source: String,
    /// SHA-256 of the source, hex.
    pub digest: String,
    /// Read as `PARAMETERS`.
    pub parameters: Value,
    /// Its examples.
    pub examples: Value,
    /// Of a reaction: what it may ask for.
    pub asks: Vec<String>,
    /// Of a reaction: the functions it hears with.
    pub hears: Vec<String>,
    /// Who wrote the draft.
    pub written_by: Option<String>,
    /// When.
    pub published_at: Time,
    /// By whom.
    pub published_by: String,
}

/// Which version is in force, and how it fares. Version 0: none, the rule above holds.
#[derive(Clone, Debug, Serialize)]
pub struct Current {
    /// `decision/complaint.level`.
    pub name: String,
    /// Whose.
    pub org: Id,
    /// In force.
    pub version: u32,
    /// Tried on a share of subjects before it holds for all.
    pub canary: Option<Canary>,
    /// Failures since it was published.
    pub failures: u32,
    /// The last failure.
    pub fault: Option<String>,
    /// When it last failed.
    pub failed_at: Option<Time>,
}

/// A version that holds for a share of subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Canary {
    /// Which.
    pub version: u32,
    /// In percent, from 1 to 99.
    pub share: u8,
}

/// Save a draft.
///
/// # Errors
/// Internal.
pub fn put_draft(tx: &mut Tx<'_>, draft: &Draft) -> Result<()> {
    tx.connection
        .execute(
            "insert into script_draft (name, org, source, parameters, examples, updated_at, updated_by, asks) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             on conflict do update set source = ?3, parameters = ?4, examples = ?5, updated_at = ?6, updated_by = ?7, asks = ?8",
            (&draft.name, &draft.org, &draft.source, Json(&draft.parameters), Json(&draft.examples), draft.updated_at, &draft.updated_by, Json(&draft.asks)),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// An organisation's draft of a script.
///
/// # Errors
/// Internal.
pub fn draft(reader: &impl Reader, name: &str, org: &Id) -> Result<Option<Draft>> {
    reader
        .connection()
        .0
        .query_row(
            "select name, org, source, parameters, examples, updated_at, updated_by, asks from script_draft where name = ?1 and org = ?2",
            (name, org),
            |row| {
                Ok(Draft {
                    name: row.get(0)?,
                    org: row.get(1)?,
                    source: row.get(2)?,
                    parameters: row.get::<_, Json<Value>>(3)?.0,
                    examples: row.get::<_, Json<Value>>(4)?.0,
                    updated_at: row.get(5)?,
                    updated_by: row.get(6)?,
                    asks: row.get::<_, Json<Vec<String>>>(7)?.0,
                })
            },
        )
        .optional()
        .map_err(Error::internal)
}

/// The names of an organisation's drafts.
///
/// # Errors
/// Internal.
pub fn drafts(reader: &impl Reader, org: &Id) -> Result<Vec<String>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select name from script_draft where org = ?1 order by name")
        .map_err(Error::internal)?;
    let names = statement.query_map([org], |row| row.get(0)).map_err(Error::internal)?;
    names.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Keep a published version; [`set_current`] or [`set_canary`] puts it in force.
///
/// # Errors
/// Internal.
pub fn publish(tx: &mut Tx<'_>, version: &Version) -> Result<()> {
    tx.connection
        .execute(
            "insert into script_version (name, org, version, source, digest, parameters, examples, published_at, published_by, asks, hears, written_by, held)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0)",
            (
                &version.name, &version.org, version.version, &version.source, &version.digest, Json(&version.parameters),
                Json(&version.examples), version.published_at, &version.published_by, Json(&version.asks), Json(&version.hears),
                &version.written_by,
            ),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// Put a version in force; 0 takes the script out of force. Failures are counted anew.
///
/// # Errors
/// Internal.
pub fn set_current(tx: &mut Tx<'_>, name: &str, org: &Id, version: u32) -> Result<()> {
    tx.connection
        .execute(
            "insert into script_current (name, org, version) values (?1, ?2, ?3)
             on conflict do update set version = ?3, failures = 0, fault = null, failed_at = null, canary = null, share = null,
                canary_failures = 0, canary_failed_at = null",
            (name, org, version),
        )
        .map_err(Error::internal)?;
    tx.connection
        .execute(
            "update script_version set held = 1 where name = ?1 and org = ?2 and version = ?3",
            (name, org, version),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// Try a version on a share of subjects beside the one in force, or end the trial.
///
/// # Errors
/// Internal.
pub fn set_canary(tx: &mut Tx<'_>, name: &str, org: &Id, canary: Option<Canary>) -> Result<()> {
    let (version, share) = canary.map(|canary| (canary.version, canary.share)).unzip();
    tx.connection
        .execute(
            "insert into script_current (name, org, version, canary, share) values (?1, ?2, 0, ?3, ?4)
             on conflict do update set canary = ?3, share = ?4, canary_failures = 0, canary_failed_at = null",
            (name, org, version, share),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// Count a message of a script; answers how many it has sent in this hour.
///
/// # Errors
/// Internal.
pub fn count_message(tx: &mut Tx<'_>, name: &str, org: &Id, at: Time) -> Result<u32> {
    let hour = at.millis().div_euclid(HOUR_MS);
    tx.connection
        .execute("delete from script_sent where name = ?1 and org = ?2 and hour < ?3", (name, org, hour))
        .map_err(Error::internal)?;
    tx.connection
        .query_row(
            "insert into script_sent (name, org, hour, n) values (?1, ?2, ?3, 1) on conflict do update set n = n + 1 returning n",
            (name, org, hour),
            |row| row.get(0),
        )
        .map_err(Error::internal)
}

/// Count a failure of the version on trial; answers how many there are since it was put there or last an hour ago.
///
/// # Errors
/// Internal.
pub fn count_trial_failure(tx: &mut Tx<'_>, name: &str, org: &Id, at: Time) -> Result<u32> {
    tx.connection
        .query_row(
            "update script_current set canary_failures = case when canary_failed_at > ?3 - ?4 then canary_failures + 1 else 1 end,
                canary_failed_at = ?3
             where name = ?1 and org = ?2 returning canary_failures",
            (name, org, at, HOUR_MS),
            |row| row.get(0),
        )
        .optional()
        .map(Option::unwrap_or_default)
        .map_err(Error::internal)
}

/// Count a failure of the version in force; answers how many there are since it was published or last an hour ago.
///
/// # Errors
/// Internal.
pub fn count_failure(tx: &mut Tx<'_>, name: &str, org: &Id, fault: &str, at: Time) -> Result<u32> {
    tx.connection
        .query_row(
            "update script_current set failures = case when failed_at > ?4 - ?5 then failures + 1 else 1 end, fault = ?3, failed_at = ?4
             where name = ?1 and org = ?2 returning failures",
            (name, org, fault, at, HOUR_MS),
            |row| row.get(0),
        )
        .optional()
        .map(Option::unwrap_or_default)
        .map_err(Error::internal)
}

/// Keep the last fault in sight after the script was taken out of force.
///
/// # Errors
/// Internal.
pub fn keep_fault(tx: &mut Tx<'_>, name: &str, org: &Id, fault: &str, at: Time) -> Result<()> {
    tx.connection
        .execute(
            "update script_current set fault = ?3, failed_at = ?4 where name = ?1 and org = ?2",
            (name, org, fault, at),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// What is in force, for every script an organisation has.
///
/// # Errors
/// Internal.
pub fn current(reader: &impl Reader) -> Result<Vec<Current>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select name, org, version, failures, fault, failed_at, canary, share from script_current order by name, org")
        .map_err(Error::internal)?;
    let rows = statement
        .query_map([], |row| {
            Ok(Current {
                name: row.get(0)?,
                org: row.get(1)?,
                version: row.get(2)?,
                failures: row.get(3)?,
                fault: row.get(4)?,
                failed_at: row.get(5)?,
                canary: match (row.get(6)?, row.get(7)?) {
                    (Some(version), Some(share)) => Some(Canary { version, share }),
                    _ => None,
                },
            })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// The versions of an organisation's script, the newest first.
///
/// # Errors
/// Internal.
pub fn versions(reader: &impl Reader, name: &str, org: &Id) -> Result<Vec<Version>> {
    let connection = reader.connection().0;
    let mut statement =
        connection.prepare_cached(&format!("{OF_VERSION} order by version desc")).map_err(Error::internal)?;
    let rows = statement.query_map((name, org), version_of).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// One of them.
///
/// # Errors
/// Internal.
pub fn version(reader: &impl Reader, name: &str, org: &Id, version: u32) -> Result<Option<Version>> {
    let connection = reader.connection().0;
    let mut statement =
        connection.prepare_cached(&format!("{OF_VERSION} and version = ?3")).map_err(Error::internal)?;
    statement.query_row((name, org, version), version_of).optional().map_err(Error::internal)
}

/// The number of the newest version; 0 where there is none.
///
/// # Errors
/// Internal.
pub fn newest(reader: &impl Reader, name: &str, org: &Id) -> Result<u32> {
    let newest = "select coalesce(max(version), 0) from script_version where name = ?1 and org = ?2";
    reader.connection().0.query_row(newest, (name, org), |row| row.get(0)).map_err(Error::internal)
}

/// The number of the newest version before `version` that has ever held for all; 0 where there is none.
///
/// # Errors
/// Internal.
pub fn held_before(reader: &impl Reader, name: &str, org: &Id, version: u32) -> Result<u32> {
    let held =
        "select coalesce(max(version), 0) from script_version where name = ?1 and org = ?2 and version < ?3 and held";
    reader.connection().0.query_row(held, (name, org, version), |row| row.get(0)).map_err(Error::internal)
}

const OF_VERSION: &str = "select name, org, version, source, digest, parameters, examples, published_at, published_by, asks, hears, written_by
     from script_version where name = ?1 and org = ?2";

fn version_of(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        name: row.get(0)?,
        org: row.get(1)?,
        version: row.get(2)?,
        source: row.get(3)?,
        digest: row.get(4)?,
        parameters: row.get::<_, Json<Value>>(5)?.0,
        examples: row.get::<_, Json<Value>>(6)?.0,
        published_at: row.get(7)?,
        published_by: row.get(8)?,
        asks: row.get::<_, Json<Vec<String>>>(9)?.0,
        hears: row.get::<_, Json<Vec<String>>>(10)?.0,
        written_by: row.get(11)?,
    })
}
