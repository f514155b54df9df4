//! What the event log, which holds facts alone, does not say: refused moves, sign-ins. Each row seals the one before.

use rusqlite::OptionalExtension;
use serde_json::{Value, json};

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time, digest},
    store::{Tx, rows::Json},
};

/// One thing worth keeping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Time,
    /// Who.
    pub actor: String,
    /// Where.
    pub org: Option<Id>,
    /// `state.refused`, `session.opened`, `session.refused`.
    pub what: String,
    /// Ids and codes; never personal data.
    pub detail: Value,
}

/// Append an entry. Its `chain` is the digest of the one before and of itself, so that a row changed, removed or moved shows.
///
/// # Errors
/// Internal.
pub fn append(tx: &mut Tx<'_>, entry: &Entry) -> Result<()> {
    let last: Option<String> = tx
        .connection
        .prepare_cached("select chain from audit order by seq desc limit 1")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .map_err(Error::internal)?;
    tx.connection
        .prepare_cached("insert into audit (at, actor, org, what, detail, chain) values (?1, ?2, ?3, ?4, ?5, ?6)")
        .and_then(|mut statement| {
            statement.execute((
                entry.at,
                &entry.actor,
                &entry.org,
                &entry.what,
                Json(&entry.detail),
                seal(last.as_deref(), entry),
            ))
        })
        .map(drop)
        .map_err(Error::internal)
}

/// Everything in the log, in order, each row's seal checked against the one before.
///
/// # Errors
/// `audit.broken`, naming the first row that was changed, moved, or follows one that was taken away.
pub fn verified(reader: &impl Reader) -> Result<Vec<Entry>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select at, actor, org, what, detail, chain, seq from audit order by seq")
        .map_err(Error::internal)?;
    let rows = statement
        .query_map([], |row| {
            let Json(detail) = row.get(4)?;
            let entry = Entry { at: row.get(0)?, actor: row.get(1)?, org: row.get(2)?, what: row.get(3)?, detail };
            Ok((entry, row.get::<_, String>(5)?, row.get::<_, i64>(6)?))
        })
        .map_err(Error::internal)?;
    let (mut entries, mut last) = (Vec::new(), None);
    for row in rows {
        let (entry, chain, seq) = row.map_err(Error::internal)?;
        if chain != seal(last.as_deref(), &entry) {
            let message = format!(
                "row {seq} of the audit log does not carry the seal of the one before; it or that one was tampered with"
            );
            return Err(Error::conflict("audit.broken", message));
        }
        entries.push(entry);
        last = Some(chain);
    }
    Ok(entries)
}

/// The digest of an entry and of the seal before it.
fn seal(last: Option<&str>, entry: &Entry) -> String {
    digest::hex(json!([last, entry.at, entry.actor, entry.org, entry.what, entry.detail]).to_string())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::{
        model::Scope,
        store::{Store, StoreConfig},
    };

    fn entry(what: &str) -> Entry {
        Entry {
            at: Time::from_millis(7),
            actor: "user:li".into(),
            org: None,
            what: what.into(),
            detail: json!({ "n": 1 }),
        }
    }

    #[tokio::test]
    async fn a_row_changed_or_taken_away_shows() {
        for tampering in ["update audit set actor = 'user:wang' where seq = 2", "delete from audit where seq = 2"] {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path(), &StoreConfig::default()).unwrap();
            let append_all = |tx: &mut Tx<'_>| ["a", "b", "c"].iter().try_for_each(|what| append(tx, &entry(what)));
            store.commit(append_all).await.unwrap();
            let verify = || verified(&store.view(Scope::All).unwrap());
            assert_eq!(verify().unwrap(), [entry("a"), entry("b"), entry("c")]);
            Connection::open(folder.path().join("marque.db")).unwrap().execute_batch(tampering).unwrap();
            assert_eq!(verify().unwrap_err().code, "audit.broken", "{tampering}");
        }
    }
}
