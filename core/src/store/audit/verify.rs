//! Going through the log from its first row: every seal, every number, every signed root.

use rusqlite::{Connection, Row as Columns};

use super::{About, Keys, Root, Row, seal};
use crate::{Error, Result, model::Time};

/// A log that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many rows.
    pub n_rows: i64,
    /// The last one's seal.
    pub chain: Option<String>,
    /// How many signed roots agree with it.
    pub n_roots: usize,
}

/// Read the log row by row, keeping none, and hold it against roots; those in the store are among them.
///
/// # Errors
/// `audit.broken`, naming the first row that was changed, moved, taken away or cut off; `root.forged`.
pub(in crate::store) fn verify(connection: &Connection, keys: Option<&Keys>, mut roots: Vec<Root>) -> Result<Verified> {
    roots.extend(crate::store::tables::audit_root::read(connection, "order by count")?);
    roots.sort_by_key(|root| root.count);
    let public = keys.map(Keys::public);
    for root in &roots {
        check(root, public.as_deref())?;
    }
    let mut statement = connection
        .prepare(
            "select seq, at, actor, org, what, detail, on_behalf, kind, record, rev, digest, address, chain
             from audit order by seq",
        )
        .map_err(Error::internal)?;
    let mut rows = statement.query([]).map_err(Error::internal)?;
    let (mut chain, mut n_rows, mut n_held): (Option<String>, i64, usize) = (None, 0, 0);
    while let Some(columns) = rows.next().map_err(Error::internal)? {
        let seq: i64 = columns.get(0).map_err(Error::internal)?;
        n_rows += 1;
        if seq != n_rows {
            return Err(broken(format!("row {n_rows} is missing: after row {} comes row {seq}", n_rows - 1)));
        }
        let expected = row(columns).and_then(|row| seal(chain.as_deref(), &row))?;
        if columns.get_ref(12).ok().and_then(|chain| chain.as_str().ok()) != Some(&expected) {
            return Err(broken(format!("row {seq} does not carry its seal: it was changed, or another stood there")));
        }
        while let Some(root) = roots.get(n_held).filter(|root| root.count == seq) {
            if root.chain != expected {
                let first = roots[..n_held].last().map_or(1, |before| before.count + 1);
                let message = format!(
                    "the rows {first} to {seq} are not those of the root signed {}: they were written anew",
                    root.at
                );
                return Err(broken(message));
            }
            n_held += 1;
        }
        chain = Some(expected);
    }
    match roots.get(n_held) {
        Some(root) => Err(broken(format!(
            "row {} is missing: the log ends there, and the root signed {} counts {}",
            n_rows + 1,
            root.at,
            root.count
        ))),
        None => Ok(Verified { n_rows, chain, n_roots: n_held }),
    }
}

fn check(root: &Root, public: Option<&str>) -> Result<()> {
    let forged = |what: &str| Err(Error::conflict("root.forged", format!("the root of row {} {what}", root.count)));
    match public {
        _ if root.count < 1 || !root.is_signed() => forged("does not bear the signature it claims: it was changed"),
        Some(public) if public != root.key => forged("is signed with another key than this store's"),
        _ => Ok(()),
    }
}

fn row<'a>(columns: &'a Columns<'_>) -> Result<Row<'a>> {
    let text = |n: usize| columns.get_ref(n).map_err(Error::internal)?.as_str().map_err(Error::internal);
    let maybe = |n: usize| columns.get_ref(n).map_err(Error::internal)?.as_str_or_null().map_err(Error::internal);
    let detail = text(5)?;
    // One JSON value and no more: else a part of the detail could be passed off as other columns, or they as a part of it.
    if serde_json::from_str::<serde::de::IgnoredAny>(detail).is_err() {
        let seq: i64 = columns.get(0).map_err(Error::internal)?;
        return Err(broken(format!("row {seq} does not carry its seal: its detail was changed")));
    }
    Ok(Row {
        at: columns.get::<_, Time>(1).map_err(Error::internal)?,
        actor: text(2)?,
        org: maybe(3)?,
        what: text(4)?,
        detail,
        about: About {
            on_behalf: maybe(6)?,
            kind: maybe(7)?,
            record: maybe(8)?,
            rev: columns.get(9).map_err(Error::internal)?,
            digest: maybe(10)?,
            address: maybe(11)?,
        },
    })
}

fn broken(message: String) -> Error {
    Error::conflict("audit.broken", message)
}

#[cfg(test)]
mod tests;
