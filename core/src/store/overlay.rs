//! What a rehearsal changed, laid over a snapshot: a View that sees it as if it had been committed.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::{Connection, OptionalExtension, params_from_iter, types::Value as Sql};

use crate::{Error, Result};

/// Records a rehearsal made, changed and removed.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    tables: Vec<Changed>,
}

#[derive(Clone, Debug)]
struct Changed {
    table: String,
    columns: Vec<String>,
    /// Of rows that are gone, the number alone.
    rows: Vec<(i64, Option<Vec<Sql>>)>,
}

/// Listens to what the writer changes while a rehearsal wants to know. It hangs on the connection and not on the functions that write
/// records, so that no way of writing one is missed.
#[derive(Debug, Default)]
pub(super) struct Trace {
    is_on: AtomicBool,
    rows: Mutex<BTreeSet<(String, i64)>>,
}

impl Trace {
    /// A row of a table was written or removed.
    pub fn note(&self, table: &str, row: i64) {
        // Relaxed: the writer thread alone sets and reads it.
        if self.is_on.load(Ordering::Relaxed) && table.starts_with("k_") {
            self.rows().insert((table.to_owned(), row));
        }
    }

    /// Listen until the guard is dropped.
    pub fn listen(&self) -> Listening<'_> {
        self.rows().clear();
        self.is_on.store(true, Ordering::Relaxed);
        Listening(self)
    }

    fn rows(&self) -> MutexGuard<'_, BTreeSet<(String, i64)>> {
        // A panic cannot leave a set half-changed.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops listening when it goes, in a panic too.
pub(super) struct Listening<'a>(&'a Trace);

impl Listening<'_> {
    /// What the rows heard of hold by now.
    pub fn overlay(&self, connection: &Connection) -> Result<Overlay> {
        let heard = self.0.rows().clone();
        let mut tables: Vec<Changed> = Vec::new();
        for (table, row) in heard {
            let changed = match tables.last_mut() {
                Some(last) if last.table == table => last,
                _ => {
                    let columns = columns(connection, &table)?;
                    tables.push(Changed { table, columns, rows: Vec::new() });
                    tables.last_mut().expect("one was just pushed")
                }
            };
            let image = image(connection, changed, row)?;
            changed.rows.push((row, image));
        }
        Ok(Overlay { tables })
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.is_on.store(false, Ordering::Relaxed);
    }
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare("select name from pragma_table_info(?1)").map_err(Error::internal)?;
    let names = statement.query_map([table], |row| row.get(0)).map_err(Error::internal)?;
    names.collect::<Result<_, _>>().map_err(Error::internal)
}

fn image(connection: &Connection, changed: &Changed, row: i64) -> Result<Option<Vec<Sql>>> {
    let n_columns = changed.columns.len();
    connection
        .prepare(&format!("select {} from main.\"{}\" where rowid = ?1", changed.list(), changed.table))
        .and_then(|mut statement| {
            statement.query_row([row], |row| (0..n_columns).map(|n| row.get(n)).collect()).optional()
        })
        .map_err(Error::internal)
}

impl Overlay {
    /// Lay it over what a connection reads: temporary views take the place of the tables of the same names.
    pub(super) fn lay_over(&self, connection: &Connection) -> Result<()> {
        connection.execute_batch("pragma temp_store = memory; pragma query_only = off").map_err(Error::internal)?;
        for changed in &self.tables {
            changed.lay_over(connection).map_err(Error::internal)?;
        }
        connection.execute_batch("pragma query_only = on").map_err(Error::internal)
    }
}

impl Changed {
    fn list(&self) -> String {
        self.columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }

    fn lay_over(&self, connection: &Connection) -> rusqlite::Result<()> {
        let (table, columns) = (&self.table, self.list());
        let is_there: bool = connection.query_row(
            "select exists (select 1 from main.sqlite_schema where type = 'table' and name = ?1)",
            [table],
            |row| row.get(0),
        )?;
        // A kind that the rehearsal itself has installed is nothing that anybody subscribed could read.
        if !is_there {
            return Ok(());
        }
        connection.execute_batch(&format!(
            "create temp table \"{table}#rows\" as select {columns} from main.\"{table}\" where 0;
             create temp table \"{table}#hidden\" (n integer primary key);
             create temp view \"{table}\" as
                select {columns} from main.\"{table}\" where rowid not in (select n from temp.\"{table}#hidden\")
                union all select {columns} from temp.\"{table}#rows\";"
        ))?;
        let marks = vec!["?"; self.columns.len()].join(", ");
        let mut insert = connection.prepare(&format!("insert into temp.\"{table}#rows\" values ({marks})"))?;
        let mut hide = connection.prepare(&format!("insert into temp.\"{table}#hidden\" values (?1)"))?;
        for (row, image) in &self.rows {
            hide.execute([row])?;
            if let Some(image) = image {
                insert.execute(params_from_iter(image))?;
            }
        }
        Ok(())
    }
}
