//! The chain of the audit log: each row seals the one before, signed roots seal the chain.

mod keys;
mod log;
mod root;
mod verify;

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use crate::{
    Error, Result,
    model::{Time, digest},
};

pub use keys::Keys;
pub use log::Log;
pub use root::Root;
pub use verify::Verified;

pub(in crate::store) use verify::verify;

/// Where the chain stands: how many rows, and the last one's seal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Chain {
    /// Number of the last row; numbers have no gaps.
    pub count: i64,
    /// Its seal; `None` of an empty log.
    pub seal: Option<Arc<str>>,
}

impl Chain {
    /// As the log in the file ends.
    pub fn load(connection: &Connection) -> Result<Chain> {
        let last = connection
            .query_row("select seq, chain from audit order by seq desc limit 1", [], |row| {
                Ok(Chain { count: row.get(0)?, seal: Some(row.get::<_, String>(1)?.into()) })
            })
            .optional();
        last.map(Option::unwrap_or_default).map_err(Error::internal)
    }
}

/// A row as it is sealed. Everything in it is under the seal.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Row<'a> {
    pub at: Time,
    pub actor: &'a str,
    pub org: Option<&'a str>,
    pub what: &'a str,
    /// JSON text, as it is stored.
    pub detail: &'a str,
    pub about: About<'a>,
}

/// The part of a row that most early rows do not have. Rows without it are sealed as they were before there was any.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(in crate::store) struct About<'a> {
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub on_behalf: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rev: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<&'a str>,
}

impl About<'_> {
    fn is_empty(&self) -> bool {
        let texts = [self.on_behalf, self.kind, self.record, self.digest, self.address];
        self.rev.is_none() && texts.iter().all(Option::is_none)
    }
}

/// The digest of a row and of the seal before it.
pub(in crate::store) fn seal(before: Option<&str>, row: &Row<'_>) -> Result<String> {
    let mut text = Vec::with_capacity(256 + row.detail.len());
    let head = (before, row.at, row.actor, row.org, row.what);
    serde_json::to_writer(&mut text, &head).map_err(Error::internal)?;
    // The detail stands as it is stored: written anew it might be another text of the same meaning.
    text.pop();
    text.push(b',');
    text.extend_from_slice(row.detail.as_bytes());
    if !row.about.is_empty() {
        text.push(b',');
        serde_json::to_writer(&mut text, &row.about).map_err(Error::internal)?;
    }
    text.push(b']');
    Ok(digest::hex(&text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_without_more_is_sealed_as_it_always_was() {
        let at = Time::from_millis(7);
        let row = Row { at, actor: "user:li", org: None, what: "a", detail: r#"{"n":1}"#, about: About::default() };
        let text = json!(["before", at, "user:li", null, "a", { "n": 1 }]).to_string();
        assert_eq!(seal(Some("before"), &row).unwrap(), digest::hex(text));
    }

    #[test]
    fn everything_in_a_row_is_under_its_seal() {
        let about = About { kind: Some("customer"), record: Some("1"), rev: Some(1), ..About::default() };
        let row = Row { at: Time::from_millis(7), actor: "a", org: Some("o"), what: "w", detail: "{}", about };
        let of = |row: Row<'_>| seal(None, &row).unwrap();
        let others = [
            Row { at: Time::from_millis(8), ..row },
            Row { actor: "b", ..row },
            Row { org: None, ..row },
            Row { what: "v", ..row },
            Row { detail: r#"{"n":1}"#, ..row },
            Row { about: About { on_behalf: Some("x"), ..about }, ..row },
            Row { about: About { kind: None, ..about }, ..row },
            Row { about: About { record: Some("2"), ..about }, ..row },
            Row { about: About { rev: Some(2), ..about }, ..row },
            Row { about: About { digest: Some("x"), ..about }, ..row },
            Row { about: About { address: Some("::1"), ..about }, ..row },
        ];
        for other in others {
            assert_ne!(of(other), of(row), "{other:?}");
        }
        assert_ne!(seal(Some("x"), &row).unwrap(), of(row));
    }
}
