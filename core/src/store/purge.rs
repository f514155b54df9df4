//! Deleting what a plugin kept, after it was taken out: records with their revisions, words and receipts, what events say of them, then
//! the kind itself with its segments.

use rusqlite::Connection;

use super::{Tx, schema};
use crate::{Error, Result};

impl Tx<'_> {
    /// Delete up to `limit` records of a kind, with everything kept of them; answers how many. No event tells of each: nobody is left to
    /// hear it.
    ///
    /// # Errors
    /// Internal.
    pub fn purge_records(&mut self, kind: &str, limit: u32) -> Result<usize> {
        let table = schema::table(kind);
        let ids: Vec<String> = self
            .connection
            .prepare_cached(&format!("select id from {table} order by id limit ?1"))
            .and_then(|mut statement| statement.query_map([limit], |row| row.get(0))?.collect())
            .map_err(Error::internal)?;
        for id in &ids {
            wipe(self.connection, &table, kind, id).map_err(Error::internal)?;
            if let Ok(id) = id.parse() {
                super::search::remove(self, kind, &id);
            }
        }
        Ok(ids.len())
    }

    /// Empty up to `limit` events that tell of a kind's records, those of records removed long ago too; answers how many. That they
    /// happened stays known: events are numbered without gaps.
    ///
    /// # Errors
    /// Internal.
    pub fn purge_events(&mut self, kind: &str, limit: u32) -> Result<usize> {
        self.connection
            .prepare_cached(
                "update event set data = '{}' where seq in (select seq from event
                 where record_kind = ?1 and record_id is not null and data <> '{}' limit ?2)",
            )
            .and_then(|mut statement| statement.execute((kind, limit)))
            .map_err(Error::internal)
    }

    /// Keep no records of a kind any more. What is left of records removed long ago goes with it, and its segments. A kind that fields of others refer to
    /// stays, without records: they would refer to nothing that is known.
    ///
    /// # Errors
    /// Internal.
    pub fn remove_kind(&mut self, kind: &str) -> Result<bool> {
        for sql in OF_KIND {
            self.connection.execute(sql, [kind]).map_err(Error::internal)?;
        }
        // A receipt that told of this kind's records may have told of others' too.
        let dangling =
            "delete from receipt_use where not exists (select 1 from receipt where receipt.id = receipt_use.receipt)";
        self.connection.execute(dangling, []).map_err(Error::internal)?;
        self.touched_segment();
        let own = kind.split('.').next().unwrap_or_default().to_owned() + ".";
        if self.kind_tree().refs_to(kind).iter().any(|(from, ..)| !from.starts_with(&own)) {
            return Ok(false);
        }
        let sql = format!("drop table if exists {}", schema::table(kind));
        self.connection.execute_batch(&sql).map_err(Error::internal)?;
        for sql in [
            "delete from kind where name = ?1",
            "delete from kind_custom where kind = ?1",
            "delete from search_todo where kind = ?1",
        ] {
            self.connection.execute(sql, [kind]).map_err(Error::internal)?;
        }
        self.kinds_changed()?;
        Ok(true)
    }
}

/// What is kept beside the records of a kind.
const OF_KIND: [&str; 9] = [
    "delete from receipt where id in (select receipt from receipt_use where kind = ?1)",
    "delete from receipt_use where kind = ?1",
    "delete from revision where kind = ?1",
    "delete from computed where kind = ?1",
    "delete from alias where kind = ?1",
    "delete from attachment where kind = ?1",
    "delete from segment_member where segment in (select id from segment where kind = ?1)",
    "delete from segment where kind = ?1",
    "delete from backfill where kind = ?1",
];

fn wipe(connection: &Connection, table: &str, kind: &str, id: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(&format!("delete from {table} where id = ?1"))?.execute([id])?;
    for sql in [
        "delete from receipt where id in (select receipt from receipt_use where kind = ?1 and id = ?2)",
        "delete from receipt_use where kind = ?1 and id = ?2",
        "delete from revision where kind = ?1 and id = ?2",
        "delete from computed where kind = ?1 and id = ?2",
        // The files themselves are swept out at the next start, unless other records hold them.
        "delete from attachment where kind = ?1 and record = ?2",
    ] {
        connection.prepare_cached(sql)?.execute([kind, id])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        commands::{Ctx, Run, record},
        model::{Id, Kind, Time},
        store::{Store, StoreConfig, Tx},
    };

    const NOON: Time = Time::from_millis(1_773_374_400_000);
    /// Everything that may tell of a record or of its kind, with how it names them.
    const TELLING: [&str; 10] = [
        "select count(*) from revision where kind = 'odd.thing'",
        "select count(*) from receipt where id in ('r1', 'r2')",
        "select count(*) from receipt_use where kind = 'odd.thing' or receipt = 'r1'",
        "select count(*) from computed where kind = 'odd.thing'",
        "select count(*) from alias where kind = 'odd.thing'",
        "select count(*) from segment where kind = 'odd.thing'",
        "select count(*) from segment_member",
        "select count(*) from backfill where kind = 'odd.thing'",
        "select count(*) from event where record_kind = 'odd.thing' and data like '%hush%'",
        "select count(*) from kind where name = 'odd.thing'",
    ];

    fn counts(store: &Store) -> Vec<u32> {
        let count = |tx: &mut Tx<'_>| {
            Ok(TELLING.map(|sql| tx.connection.query_row(sql, [], |row| row.get(0)).expect(sql)).to_vec())
        };
        store.commit_blocking(count).expect("counts")
    }

    #[test]
    fn nothing_of_a_kind_is_left_but_that_something_has_happened() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
        let ctx = Ctx::system(Id::hq(), NOON, Default::default());
        let kind: Kind = serde_json::from_value(json!({
            "kind": "odd.thing", "label": "Thing", "title": "name",
            "fields": { "name": { "type": "text", "label": "Name", "quoted": true } },
        }))
        .expect("a kind");
        let fill = move |tx: &mut Tx<'_>| {
            tx.install_kind(&kind)?;
            for (kind, data) in [
                ("org", json!({ "code": "hq", "name": "总部", "type": "maker" })),
                ("odd.thing", json!({ "name": "hush" })),
                ("odd.thing", json!({ "name": "hush, too" })),
            ] {
                let data = data.as_object().expect("an object").clone();
                record::Create { org: Some(Id::hq()), ..record::Create::new(kind, data) }.run(tx, &ctx)?;
            }
            let insert = "
                insert into receipt (id, at, org, body) values ('r1', 0, 'hq', '{}'), ('r2', 0, 'hq', '{}'), ('r3', 0, 'hq', '{}');
                insert into receipt_use (kind, id, rev, field, receipt)
                    select 'odd.thing', id, 1, 'name', 'r1' from \"k_odd.thing\" limit 1;
                insert into receipt_use (kind, id, rev, field, receipt)
                    values ('odd.thing', 'gone', 1, 'name', 'r2'), ('customer', 'c', 1, 'name', 'r1'), ('customer', 'c', 2, 'name', 'r3');
                insert into computed (kind, id, field, receipt) values ('odd.thing', 'gone', 'name', 'r1');
                insert into alias (kind, id, into_id) values ('odd.thing', 'gone', 'there');
                insert into backfill (kind, field, org, after, job) values ('odd.thing', 'name', 'hq', '', 'j');
                insert into segment (id, rev, org, kind, name, filter, is_static, n, counted_at, created_at, updated_at, is_daily)
                    values ('s', 1, 'hq', 'odd.thing', 'all', '{}', 1, 1, 0, 0, 0, 0);
                insert into segment_member (segment, id) values ('s', 'there');
                update event set data = '{\"quoted\":{\"name\":\"hush\"}}' where record_kind = 'odd.thing'";
            tx.connection.execute_batch(insert).map_err(crate::Error::internal)
        };
        store.commit_blocking(fill).expect("a kind in use");
        assert!(counts(&store).iter().all(|n| *n > 0), "{:?}", counts(&store));
        let n_events = |store: &Store| *store.head().borrow();
        let before = n_events(&store);
        let purge = |tx: &mut Tx<'_>| {
            while tx.purge_records("odd.thing", 1)? > 0 {}
            while tx.purge_events("odd.thing", 1)? > 0 {}
            tx.remove_kind("odd.thing")
        };
        assert!(store.commit_blocking(purge).expect("purged"));
        assert_eq!(counts(&store), [0; 10]);
        assert_eq!(n_events(&store), before);
        let left = |tx: &mut Tx<'_>| {
            let left = "select (select count(*) from receipt where id = 'r3'), (select count(*) from receipt_use where receipt = 'r3')";
            Ok(tx.connection.query_row(left, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("what others have"))
        };
        assert_eq!(store.commit_blocking(left).expect("counts"), (1u32, 1u32), "what tells of others stays");
    }
}
