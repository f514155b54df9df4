//! The audit log: who did, saw or was refused what. Rows are only ever added, and each seals the one before.

use std::net::IpAddr;

use rusqlite::{Row as Columns, ToSql};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Reader;
use crate::{
    Error, Result,
    model::{Actor, Id, Record, Scope, Time},
    store::{
        Tx,
        audit::{About, Row, seal, verify},
        rows::Json,
        tables::event::Origin,
    },
};

/// One thing worth keeping. No value of a record is in it, so that erasure has nothing to reach here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// When.
    pub at: Time,
    /// Who: `user:ID`, `plugin:NAME`, `system`.
    pub actor: String,
    /// For whom, where a plugin acts for somebody.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub on_behalf: Option<String>,
    /// Where.
    pub org: Option<Id>,
    /// `record.changed`, `session.refused`.
    pub what: String,
    /// The kind of record it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Id>,
    /// The revision that it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rev: Option<u32>,
    /// Keyed digest of what the revision changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Ids, codes, names of fields; never personal data.
    pub detail: Value,
    /// Where the request came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
}

/// An entry that is kept.
#[derive(Clone, Debug, Serialize)]
pub struct Kept {
    /// Its number.
    pub seq: i64,
    /// What it says.
    #[serde(flatten)]
    pub entry: Entry,
    /// Its seal.
    pub chain: String,
}

impl Entry {
    /// Somebody's doing in an organisation.
    pub fn new(at: Time, actor: &Actor, org: Id, what: impl Into<String>, detail: Value) -> Entry {
        let on_behalf = match actor {
            Actor::Plugin { on_behalf: Some(person), .. } => Some(person.label()),
            _ => None,
        };
        Entry { actor: actor.label(), on_behalf, org: Some(org), ..Entry::of_nobody(at, what, detail) }
    }

    /// What came from nobody who has proved who they are.
    pub fn of_nobody(at: Time, what: impl Into<String>, detail: Value) -> Entry {
        Entry {
            at,
            actor: "nobody".into(),
            on_behalf: None,
            org: None,
            what: what.into(),
            kind: None,
            record: None,
            rev: None,
            digest: None,
            detail,
            address: None,
        }
    }

    /// The same about a record, or about a kind alone.
    #[must_use]
    pub fn about(self, kind: &str, record: Option<&Id>) -> Entry {
        Entry { kind: Some(kind.to_owned()), record: record.cloned(), ..self }
    }

    /// The same with where the request came from.
    #[must_use]
    pub fn from_address(self, address: Option<IpAddr>) -> Entry {
        Entry { address, ..self }
    }
}

/// Append an entry.
///
/// # Errors
/// Internal.
pub fn append(tx: &mut Tx<'_>, entry: &Entry) -> Result<()> {
    let detail = serde_json::to_string(&entry.detail).map_err(Error::internal)?;
    let address = entry.address.map(|address| address.to_string());
    let row = Row {
        at: entry.at,
        actor: &entry.actor,
        org: entry.org.as_ref().map(Id::as_str),
        what: &entry.what,
        detail: &detail,
        about: About {
            on_behalf: entry.on_behalf.as_deref(),
            kind: entry.kind.as_deref(),
            record: entry.record.as_ref().map(Id::as_str),
            rev: entry.rev.map(i64::from),
            digest: entry.digest.as_deref(),
            address: address.as_deref(),
        },
    };
    let chain = seal(tx.chain.seal.as_deref(), &row)?;
    let Row { at, actor, org, what, detail, about } = row;
    let seq = tx.chain.count + 1;
    let About { on_behalf, kind, record, rev, digest, address } = about;
    tx.connection
        .prepare_cached(
            "insert into audit (seq, at, actor, org, what, detail, on_behalf, kind, record, rev, digest, address, chain)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )
        .and_then(|mut statement| {
            let values: [&dyn ToSql; 13] =
                [&seq, &at, &actor, &org, &what, &detail, &on_behalf, &kind, &record, &rev, &digest, &address, &chain];
            statement.execute(values)
        })
        .map_err(Error::internal)?;
    tx.chain.count = seq;
    tx.chain.seal = Some(chain.into());
    Ok(())
}

/// Append that a record was written. `verb` is that of its event; the values are digested with the store's key.
///
/// # Errors
/// Internal.
pub fn append_write(
    tx: &mut Tx<'_>,
    origin: &Origin,
    record: &Record,
    verb: &str,
    changes: &Map<String, Value>,
    mut detail: Value,
) -> Result<()> {
    let digest = match changes.is_empty() {
        true => None,
        false => Some(digest(tx, changes)?),
    };
    if verb != "created" && !changes.is_empty() {
        detail["changed"] = json!(changes.keys().collect::<Vec<_>>());
    }
    let (actor, on_behalf) = match origin.actor.split_once('/') {
        Some((actor, person)) => (actor.to_owned(), Some(person.to_owned())),
        None => (origin.actor.clone(), None),
    };
    let what = match verb {
        "created" | "changed" | "removed" | "restored" | "merged" | "unmerged" | "attached" | "detached" => verb,
        // A transition has a verb of its own.
        _ => "moved",
    };
    let entry = Entry {
        actor,
        on_behalf,
        org: Some(record.org.clone()),
        rev: Some(record.rev),
        digest,
        ..Entry::of_nobody(origin.at, format!("record.{what}"), detail)
    };
    append(tx, &entry.about(&record.kind, Some(&record.id)))
}

/// The keyed digest of what a revision changed, as its entry has it.
///
/// # Errors
/// Internal.
pub fn digest(tx: &Tx<'_>, changes: &Map<String, Value>) -> Result<String> {
    let text = serde_json::to_vec(changes).map_err(Error::internal)?;
    Ok(digest_of(tx, &text))
}

/// The keyed digest of words that may name people.
pub fn digest_of(tx: &Tx<'_>, words: &[u8]) -> String {
    tx.audit_keys().digest(words)
}

/// What a look into the log is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct Narrow {
    /// Only this, or what begins so when it ends in `*`.
    pub what: Option<String>,
    /// Only by this actor, or for them.
    pub actor: Option<String>,
    /// Only about this record.
    pub record: Option<Id>,
    /// Only in this organisation.
    pub org: Option<Id>,
    /// Not before.
    pub from: Option<Time>,
    /// Not from here on.
    pub to: Option<Time>,
}

impl Narrow {
    /// Whether writes of records are among what is looked for: they are most of the log and not in the index of codes.
    fn is_of_record(&self) -> bool {
        const HEAD: &str = "record.";
        self.what.as_deref().is_none_or(|what| what.starts_with(HEAD) || HEAD.starts_with(what.trim_end_matches('*')))
    }

    /// Whether an index leads to what is looked for.
    fn is_led(&self) -> bool {
        self.record.is_some() || self.actor.is_some() || !self.is_of_record()
    }

    /// SQL, with values that are numbered from 3 on.
    fn clauses(&self, scope: &Scope) -> (String, Vec<Box<dyn ToSql>>) {
        let mut clauses = String::new();
        let mut values: Vec<Box<dyn ToSql>> = Vec::new();
        let mut also = |clause: &str, value: Box<dyn ToSql>| {
            values.push(value);
            clauses.push_str(&format!(" and {}", clause.replace('?', &format!("?{}", values.len() + 2))));
        };
        match self.what.as_ref().map(|what| what.strip_suffix('*').ok_or(what)) {
            None => {}
            Some(Ok(head)) if self.is_of_record() => {
                also("substr(what, 1, length(?)) = ?", Box::new(head.to_owned()));
            }
            // Nothing that is written has the last of all characters.
            Some(Ok(head)) => also(
                "seq in (select seq from audit where what between ? and ? || '\u{10ffff}' and rev is null)",
                Box::new(head.to_owned()),
            ),
            Some(Err(what)) if self.is_of_record() => also("what = ?", Box::new(what.clone())),
            Some(Err(what)) => also("what = ? and rev is null", Box::new(what.clone())),
        }
        if let Some(actor) = &self.actor {
            let either =
                "seq in (select seq from audit where actor = ? union all select seq from audit where on_behalf = ?)";
            also(either, Box::new(actor.clone()));
        }
        if let Some(record) = &self.record {
            also("record = ?", Box::new(record.clone()));
        }
        if let Some(org) = &self.org {
            also("org = ?", Box::new(org.clone()));
        }
        if let Scope::Orgs(orgs) = scope {
            also("org in (select value from json_each(?))", Box::new(Json(orgs.as_ref().clone())));
        }
        if let Some(from) = self.from {
            also("at >= ?", Box::new(from));
        }
        if let Some(to) = self.to {
            also("at < ?", Box::new(to));
        }
        (clauses, values)
    }
}

/// Rows looked at for one page, where no index leads to them: some tens of milliseconds.
const WINDOW: i64 = 100_000;
/// Rows are in order of their numbers; of their times only nearly, for what is written down late has its own time.
const SLACK_MS: i64 = 24 * 3_600_000;

/// Entries below `before` that a scope may see, the newest first, and the number to go on below, if there may be more.
/// A page may be short or empty and there are more all the same.
///
/// # Errors
/// Internal.
pub fn list(
    reader: &impl Reader,
    scope: &Scope,
    narrow: &Narrow,
    before: Option<i64>,
    limit: u32,
) -> Result<(Vec<Kept>, Option<i64>)> {
    let top = before.unwrap_or(i64::MAX).min(first_from(reader, narrow.to.map(|to| to.plus_millis(SLACK_MS)))?);
    let bottom = match narrow.from {
        Some(from) => first_from(reader, Some(from.plus_millis(-SLACK_MS)))?,
        None => 1,
    };
    let floor = if narrow.is_led() { bottom } else { bottom.max(top - WINDOW) };
    let (clauses, mut values) = narrow.clauses(scope);
    values.splice(0..0, [Box::new(top) as Box<dyn ToSql>, Box::new(floor)]);
    let sql = format!("{SELECT} where seq < ?1 and seq >= ?2{clauses} order by seq desc limit {}", limit + 1);
    let values: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
    let mut found = select(reader, &sql, values.as_slice())?;
    if found.len() > limit as usize {
        found.truncate(limit as usize);
        let next = found.last().map(|last| last.seq);
        return Ok((found, next));
    }
    Ok((found, Some(floor).filter(|floor| *floor > bottom)))
}

/// The number of the first row of a moment or later; one past the last where there is none. Rows are halved, not read.
fn first_from(reader: &impl Reader, at: Option<Time>) -> Result<i64> {
    let connection = reader.connection().0;
    let last: i64 = connection
        .prepare_cached("select ifnull(max(seq), 0) from audit")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(Error::internal)?;
    let Some(at) = at else { return Ok(last + 1) };
    let mut statement = connection.prepare_cached("select at from audit where seq = ?1").map_err(Error::internal)?;
    let (mut low, mut high) = (1, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Time = statement.query_row([middle], |row| row.get(0)).map_err(Error::internal)?;
        if found < at { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

/// Everything in the log, in order, its seals checked; for tests, which have little of it.
///
/// # Errors
/// `audit.broken`, naming the first bad row.
pub fn verified(reader: &impl Reader) -> Result<Vec<Entry>> {
    verify(reader.connection().0, None, Vec::new())?;
    Ok(select(reader, &format!("{SELECT} order by seq"), [])?.into_iter().map(|kept| kept.entry).collect())
}

const SELECT: &str =
    "select seq, at, actor, org, what, detail, on_behalf, kind, record, rev, digest, address, chain from audit";

fn select(reader: &impl Reader, sql: &str, values: impl rusqlite::Params) -> Result<Vec<Kept>> {
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(sql).map_err(Error::internal)?;
    let rows = statement.query_map(values, read).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

fn read(row: &Columns<'_>) -> rusqlite::Result<Kept> {
    let Json(detail) = row.get(5)?;
    let address: Option<String> = row.get(11)?;
    let entry = Entry {
        at: row.get(1)?,
        actor: row.get(2)?,
        org: row.get(3)?,
        what: row.get(4)?,
        detail,
        on_behalf: row.get(6)?,
        kind: row.get(7)?,
        record: row.get(8)?,
        rev: row.get(9)?,
        digest: row.get(10)?,
        address: address.and_then(|address| address.parse().ok()),
    };
    Ok(Kept { seq: row.get(0)?, entry, chain: row.get(12)? })
}
