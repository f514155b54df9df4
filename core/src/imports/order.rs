//! Rows in the order in which they can be made: what others of the same file refer to comes before those.

use std::{collections::HashMap, ops::ControlFlow};

use super::{Row, RowReader, Table, plan};
use crate::Result;

/// Deeper than any tree of organisations; a loop ends here.
const MAX_DEPTH: u32 = 64;

/// The rows of a file in chunks of `n_rows`, as [`plan::chunks`]; those of a kind that refers to itself parents first, for which all of
/// them are held. Rows keep their numbers.
///
/// # Errors
/// The file's, or the callback's own.
pub fn chunks(
    table: &Table,
    reader: &RowReader,
    n_rows: usize,
    mut each: impl FnMut(Vec<Row>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let kind = reader.kind();
    let key = kind.fields.iter().find(|(_, field)| field.unique.is_some()).map(|(name, _)| name);
    let up = kind.fields.iter().find(|(_, field)| field.to.as_deref() == Some(&kind.kind)).map(|(name, _)| name);
    let (Some(key), Some(up)) = (key, up) else { return plan::chunks(table, n_rows, each) };
    let mut rows = Vec::new();
    table.each_row(|row| {
        rows.push(row);
        Ok(ControlFlow::Continue(()))
    })?;
    let ups: HashMap<&str, &str> = rows.iter().map(|row| (reader.text(row, key), reader.text(row, up))).collect();
    let depths: Vec<u32> = rows.iter().map(|row| depth(reader.text(row, up), &ups)).collect();
    let mut numbered: Vec<(u32, Row)> = depths.into_iter().zip(rows).collect();
    numbered.sort_by_key(|(depth, _)| *depth);
    let mut rows = numbered.into_iter().map(|(_, row)| row);
    loop {
        let chunk: Vec<Row> = rows.by_ref().take(n_rows).collect();
        if chunk.is_empty() || each(chunk)?.is_break() {
            return Ok(());
        }
    }
}

/// How many rows of the file stand above one that refers to `up`.
fn depth<'a>(mut up: &'a str, ups: &HashMap<&'a str, &'a str>) -> u32 {
    let mut depth = 0;
    while depth < MAX_DEPTH
        && !up.is_empty()
        && let Some(above) = ups.get(up)
    {
        up = above;
        depth += 1;
    }
    depth
}
