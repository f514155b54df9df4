//! The search box: grams of searchable fields find candidates, the record's own text decides.
//!
//! Two Chinese characters are one gram, digits and letters go in threes, so that two-character names, phone fragments and the
//! tail of a number are all found by an `and` of tokens.

use std::collections::BTreeSet;

use rusqlite::OptionalExtension;
use unicode_normalization::UnicodeNormalization;

use super::Tx;
use crate::{
    Error, Result,
    model::{Data, Id, Kind, Record},
};

/// Lower case, full width made half, blanks and dashes gone.
pub(super) fn normal(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')' | '.' | '·'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Everything searchable of a record, field by field.
pub(super) fn texts<'a>(kind: &'a Kind, data: &'a Data) -> impl Iterator<Item = String> + 'a {
    kind.fields
        .iter()
        .filter(|(_, field)| field.searchable)
        .filter_map(|(name, _)| data.get(name)?.as_str().map(normal))
}

fn grams(text: &str, into: &mut BTreeSet<String>) {
    let chars: Vec<char> = text.chars().collect();
    let is_wide = |c: &char| !c.is_ascii();
    let runs = chars.chunk_by(|a, b| is_wide(a) == is_wide(b));
    for run in runs {
        let size = if is_wide(&run[0]) { 2 } else { 3 };
        if is_wide(&run[0]) {
            into.extend(run.iter().map(|c| token(&[*c])));
        }
        into.extend(run.windows(size).map(token));
    }
}

/// FTS splits on what is not a letter or digit, so a gram travels as the hex of its characters.
fn token(gram: &[char]) -> String {
    gram.iter().map(|c| format!("{:x}x", u32::from(*c))).collect()
}

/// What a search asks of the index: `None` when it is too short for it.
pub(super) fn question(words: &str) -> Option<String> {
    let mut found = BTreeSet::new();
    grams(&normal(words), &mut found);
    let tokens: Vec<String> = found.into_iter().collect();
    (!tokens.is_empty()).then(|| tokens.join(" AND "))
}

/// Put a record's grams in place of those it had.
pub(super) fn put(tx: &mut Tx<'_>, kind: &Kind, record: &Record) -> Result<()> {
    if !kind.fields.iter().any(|(_, field)| field.searchable) {
        return Ok(());
    }
    let mut found = BTreeSet::new();
    texts(kind, &record.data).for_each(|text| grams(&text, &mut found));
    let tokens = found.into_iter().collect::<Vec<_>>().join(" ");
    let had = record.rev > 1;
    let rowid = row(tx, &record.kind, &record.id, &record.org)?;
    let write =
        |sql: &str| tx.connection.prepare_cached(sql).and_then(|mut statement| statement.execute((rowid, &tokens)));
    if had {
        tx.connection
            .prepare_cached("delete from search_gram where rowid = ?1")
            .and_then(|mut statement| statement.execute([rowid]))
            .map_err(Error::internal)?;
    }
    write("insert into search_gram (rowid, grams) values (?1, ?2)").map(drop).map_err(Error::internal)
}

fn row(tx: &Tx<'_>, kind: &str, id: &Id, org: &Id) -> Result<i64> {
    tx.connection
        .prepare_cached(
            "insert into search_row (kind, id, org) values (?1, ?2, ?3) on conflict (kind, id) do update set org = ?3 returning rowid",
        )
        .and_then(|mut statement| statement.query_row((kind, id, org), |row| row.get(0)))
        .map_err(Error::internal)
}

/// Take a record out of the search.
pub(super) fn remove(tx: &mut Tx<'_>, kind: &str, id: &Id) -> Result<()> {
    let rowid: Option<i64> = tx
        .connection
        .query_row("delete from search_row where kind = ?1 and id = ?2 returning rowid", (kind, id), |row| row.get(0))
        .optional()
        .map_err(Error::internal)?;
    if let Some(rowid) = rowid {
        tx.connection.execute("delete from search_gram where rowid = ?1", [rowid]).map_err(Error::internal)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_characters_and_phone_fragments_are_grams() {
        let question = question("王磊").expect("long enough");
        assert_eq!(question.split(" AND ").count(), 3, "two single characters and one pair");
        assert!(super::question("13").is_none(), "two digits are too few for the index");
        assert_eq!(super::question("138 0000").expect("long enough").split(" AND ").count(), 4, "138 380 800 000");
    }
}
