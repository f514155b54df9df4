//! The same question asked of the file alone: one connection, one prepared statement, no rights, no HTTP.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags};

use crate::{Outcome, Samples};

/// Latencies of the query, over and over.
pub fn latencies(folder: &Path, sql: &str, samples: &Samples, span: Duration) -> Outcome<Vec<Duration>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join("marque.db"), flags)?;
    connection.execute_batch("pragma cache_size = -16384")?;
    let mut taken = Vec::new();
    let begin = Instant::now();
    let mut n = 0;
    while begin.elapsed() < span.min(Duration::from_secs(3)) {
        let asked = Instant::now();
        let mut statement = connection.prepare_cached(&samples.fill(sql, n))?;
        for (name, value) in samples.of(n) {
            if let Some(place) = statement.parameter_index(&format!(":{name}"))? {
                statement.raw_bind_parameter(place, value)?;
            }
        }
        let mut rows = statement.raw_query();
        let mut n_bytes = 0;
        while let Some(row) = rows.next()? {
            n_bytes += row.get_ref(0)?.as_bytes().map_or(8, <[u8]>::len);
        }
        std::hint::black_box(n_bytes);
        taken.push(asked.elapsed());
        n += 1;
    }
    Ok(taken)
}
