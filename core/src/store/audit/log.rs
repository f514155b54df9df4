//! The log read from outside: beside a running server or of a stopped one, without writing a byte to the store.

use std::path::Path;

use rusqlite::Connection;

use super::{Chain, Keys, Root, Verified, verify};
use crate::{Error, Result, model::Time, store::open};

/// A store opened to look at its audit log.
#[derive(Debug)]
pub struct Log {
    connection: Connection,
    keys: Option<Keys>,
}

impl Log {
    /// Open the store in `folder`; the keys lie there too, unless they are kept elsewhere.
    ///
    /// # Errors
    /// `store.not_found`, `audit_key.invalid`, internal.
    pub fn open(folder: &Path, key: Option<&Path>) -> Result<Log> {
        let path = folder.join("marque.db");
        if !path.is_file() {
            let message = format!("there is no store in {}: name its folder with --data", folder.display());
            return Err(Error::not_found("store", message));
        }
        let keys = Keys::read(&Keys::path(folder, key))?;
        let connection = open::reader(&path)?;
        let is_known: bool = connection
            .query_row("select exists (select 1 from sqlite_schema where name = 'audit_root')", [], |row| row.get(0))
            .map_err(Error::internal)?;
        if !is_known {
            let message = "this store is of an earlier version: start the server on it once";
            return Err(Error::invalid("store", message));
        }
        Ok(Log { connection, keys })
    }

    /// Go through the whole log, and hold it against the store's roots and these.
    ///
    /// # Errors
    /// `audit.broken`, naming the first bad row; `root.forged`; internal.
    pub fn verify(&self, roots: Vec<Root>) -> Result<Verified> {
        // One snapshot: a server may be writing.
        self.connection.execute_batch("begin").map_err(Error::internal)?;
        let verified = verify(&self.connection, self.keys.as_ref(), roots);
        self.connection.execute_batch("rollback").map_err(Error::internal)?;
        verified
    }

    /// Sign where the log stands now.
    ///
    /// # Errors
    /// `audit_key.not_found`; `audit.empty`; internal.
    pub fn root(&self, at: Time) -> Result<Root> {
        let missing = || Error::not_found("audit_key", "the key of the audit log is not there: put it back to sign");
        let keys = self.keys.as_ref().ok_or_else(missing)?;
        let root = Root::sign(keys, &Chain::load(&self.connection)?, at);
        root.ok_or_else(|| Error::invalid("audit", "the audit log is empty: there is nothing to sign"))
    }
}
