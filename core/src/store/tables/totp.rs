//! Second factors: the sealed secret of a person's authenticator app, and recovery codes by their digests.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::Tx,
};

/// A person's authenticator.
#[derive(Clone, Debug)]
pub struct Totp {
    /// Its secret, sealed.
    pub sealed: String,
    /// Since when it is asked for; a secret handed out and not proved yet is not.
    pub confirmed_at: Option<Time>,
    /// The last time step a code was taken of.
    pub last_step: i64,
}

/// Keep a secret that is still to be proved; one that was proved stays until it is taken off.
///
/// # Errors
/// `totp.on` when there is a proved one.
pub fn begin(tx: &mut Tx<'_>, user: &Id, sealed: &str, now: Time) -> Result<()> {
    let n_rows = tx
        .connection
        .execute(
            "insert into totp (user, sealed, created_at) values (?1, ?2, ?3) \
             on conflict do update set sealed = ?2, created_at = ?3, last_step = 0 where confirmed_at is null",
            (user, sealed, now),
        )
        .map_err(Error::internal)?;
    if n_rows == 0 {
        return Err(Error::conflict("totp.on", "one-time codes are on already; take them off first"));
    }
    Ok(())
}

/// A person's authenticator, proved or not.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, user: &Id) -> Result<Option<Totp>> {
    reader
        .connection()
        .0
        .prepare_cached("select sealed, confirmed_at, last_step from totp where user = ?1")
        .and_then(|mut statement| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Totp { sealed: row.get(0)?, confirmed_at: row.get(1)?, last_step: row.get(2)? })
            };
            statement.query_row([user], read).optional()
        })
        .map_err(Error::internal)
}

/// Ask for codes from now on.
///
/// # Errors
/// Internal.
pub fn confirm(tx: &mut Tx<'_>, user: &Id, now: Time) -> Result<()> {
    tx.connection
        .execute("update totp set confirmed_at = ?2 where user = ?1", (user, now))
        .map(drop)
        .map_err(Error::internal)
}

/// Take a code of a time step; `false` when one of it, or of a later one, was taken before.
///
/// # Errors
/// Internal.
pub fn take_step(tx: &mut Tx<'_>, user: &Id, step: i64) -> Result<bool> {
    tx.connection
        .execute("update totp set last_step = ?2 where user = ?1 and last_step < ?2", (user, step))
        .map(|n_rows| n_rows == 1)
        .map_err(Error::internal)
}

/// Forget the secret and the recovery codes; whether there was one.
///
/// # Errors
/// Internal.
pub fn delete(tx: &mut Tx<'_>, user: &Id) -> Result<bool> {
    tx.connection.execute("delete from recovery where user = ?1", [user]).map_err(Error::internal)?;
    let n_rows = tx.connection.execute("delete from totp where user = ?1", [user]).map_err(Error::internal)?;
    Ok(n_rows > 0)
}

/// Keep recovery codes in place of those before.
///
/// # Errors
/// Internal.
pub fn set_recovery(tx: &mut Tx<'_>, user: &Id, digests: &[String]) -> Result<()> {
    tx.connection.execute("delete from recovery where user = ?1", [user]).map_err(Error::internal)?;
    for digest in digests {
        tx.connection
            .execute("insert into recovery (user, digest) values (?1, ?2)", (user, digest))
            .map_err(Error::internal)?;
    }
    Ok(())
}

/// Use a recovery code up; `false` when there is none such.
///
/// # Errors
/// Internal.
pub fn take_recovery(tx: &mut Tx<'_>, user: &Id, digest: &str) -> Result<bool> {
    tx.connection
        .execute("delete from recovery where user = ?1 and digest = ?2", (user, digest))
        .map(|n_rows| n_rows == 1)
        .map_err(Error::internal)
}

/// How many recovery codes are left.
///
/// # Errors
/// Internal.
pub fn n_recovery(reader: &impl Reader, user: &Id) -> Result<u32> {
    let connection = reader.connection().0;
    connection
        .prepare_cached("select count(*) from recovery where user = ?1")
        .and_then(|mut statement| statement.query_row([user], |row| row.get(0)))
        .map_err(Error::internal)
}
