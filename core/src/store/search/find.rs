//! Finding: the index is asked for the best matches first, and for lesser ones while there is room.

use std::collections::HashSet;

use super::{
    tokens,
    words::{Rank, Words},
};
use crate::{
    Error, Result,
    model::{Id, Record, Scope},
    store::View,
};

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// As typed.
    pub words: String,
    /// Only these kinds; empty for all.
    pub kinds: Vec<String>,
    /// The asker's own organisation, whose records come first among equals.
    pub own: Option<Id>,
    /// How many at most.
    pub limit: u32,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The record.
    pub record: Record,
    /// The field that meets the words best.
    pub field: String,
    /// How well: the whole value 400, its beginning 300, a word of it 200, a part 100, a little less when it is spelled in
    /// letters; 20 more in the asker's own organisation, 10 more for a customer.
    pub rank: u32,
}

/// A place in the order of results: rank, then the row's number, which rises with time.
struct Hit {
    place: (u32, i64),
    match_rank: Rank,
    found: Found,
}

const OWN: u32 = 20;
const CUSTOMER: u32 = 10;
/// Organisations that the index is asked for by name; with more, rows are held against the scope as they come.
const MOST_ORGS: usize = 64;
/// Rows of other organisations, or of other kinds, that one question passes over at most: a second's work.
const MOST_ROWS: usize = 100_000;

impl View {
    /// The search box: records of searchable kinds that hold the words, the best matches first, at most `limit`.
    ///
    /// # Errors
    /// `kind.not_found`, or internal.
    pub fn search(&self, search: &Search) -> Result<Vec<Found>> {
        self.search_within(search, MOST_ROWS)
    }

    /// The same, passing over `most_rows` rows at most.
    pub(in crate::store) fn search_within(&self, search: &Search, most_rows: usize) -> Result<Vec<Found>> {
        search.kinds.iter().try_for_each(|kind| self.kind(kind).map(drop))?;
        let Some(words) = Words::parse(&search.words) else { return Ok(Vec::new()) };
        let limit = search.limit as usize;
        let mut finder =
            Finder { view: self, search, words: &words, most_rows, seen: HashSet::new(), hits: Vec::new() };
        for (rank, question) in words.steps() {
            if finder.hits.iter().filter(|hit| hit.match_rank >= rank.max(1)).count() >= limit {
                break;
            }
            // The newest of all may be tasks of others: one's own customers are asked for apart, then all the rest.
            for part in finder.parts() {
                finder.ask(&part, &question)?;
            }
        }
        finder.hits.sort_by_key(|hit| std::cmp::Reverse(hit.place));
        Ok(finder.hits.into_iter().take(limit).map(|hit| hit.found).collect())
    }
}

struct Finder<'a> {
    view: &'a View,
    search: &'a Search,
    words: &'a Words,
    most_rows: usize,
    seen: HashSet<i64>,
    hits: Vec<Hit>,
}

/// What a question is narrowed by.
struct Part<'a> {
    /// Tokens of organisations, any of them.
    orgs: Option<String>,
    /// Kinds; none for all.
    kinds: Vec<&'a str>,
}

impl Part<'_> {
    /// The whole question. A kind's token stands in a million records: where organisations narrow it already, rows are cheaper to
    /// look at one by one, up to a point.
    fn question(&self, words: &str) -> String {
        if self.orgs.is_none() { self.by_kinds(words) } else { self.asked(None, words) }
    }

    /// The same, narrowed by kinds in any case: there are so many rows of others that they are not looked through.
    fn by_kinds(&self, words: &str) -> String {
        let of_kind = |kind: &&str| tokens::quoted(&tokens::of_kind(kind));
        self.asked((!self.kinds.is_empty()).then(|| tokens::any(self.kinds.iter().map(of_kind))), words)
    }

    fn asked(&self, kinds: Option<String>, words: &str) -> String {
        tokens::all(self.orgs.clone().into_iter().chain(kinds).chain([words.to_owned()]))
    }
}

impl<'a> Finder<'a> {
    /// From the most wanted to all there is.
    fn parts(&self) -> Vec<Part<'a>> {
        let org = |org: &Id| tokens::quoted(&tokens::of_org(org));
        let orgs = match self.view.scope() {
            Scope::Orgs(orgs) if orgs.len() <= MOST_ORGS => Some(tokens::any(orgs.iter().map(org))),
            _ => None,
        };
        let is_one = matches!(self.view.scope(), Scope::Orgs(orgs) if orgs.len() == 1);
        let own = self.search.own.as_ref().filter(|_| !is_one).map(org);
        let kinds: Vec<&str> = self.search.kinds.iter().map(String::as_str).collect();
        let has_customers = kinds.is_empty() || kinds.contains(&"customer");
        let customers = (kinds.len() != 1 && has_customers).then(|| vec!["customer"]);
        let mut parts = Vec::new();
        parts
            .extend(own.map(|own| Part { orgs: Some(own), kinds: customers.clone().unwrap_or_else(|| kinds.clone()) }));
        parts.extend(customers.map(|customers| Part { orgs: orgs.clone(), kinds: customers }));
        parts.push(Part { orgs, kinds });
        parts
    }

    /// Take in what a part of a question finds, the newest first, until there are `limit` of it.
    fn ask(&mut self, part: &Part<'_>, words: &str) -> Result<()> {
        let is_through = self.walk(part, part.question(words))?;
        if !is_through && part.orgs.is_some() && !part.kinds.is_empty() {
            self.walk(part, part.by_kinds(words))?;
        }
        Ok(())
    }

    /// Whether all was found, or enough.
    fn walk(&mut self, part: &Part<'_>, question: String) -> Result<bool> {
        let connection = self.view.raw();
        let mut statement = connection
            .prepare_cached(
                "select search_row.rowid, search_row.kind, search_row.id, search_row.org
                 from search_gram cross join search_row on search_row.rowid = search_gram.rowid
                 where search_gram match ?1 order by search_gram.rowid desc",
            )
            .map_err(Error::internal)?;
        let mut rows = statement.query([question]).map_err(Error::internal)?;
        let (mut n_found, mut n_rows) = (0, 0);
        while n_found < self.search.limit as usize {
            let Some(row) = rows.next().map_err(Error::internal)? else { break };
            if n_rows == self.most_rows {
                return Ok(false);
            }
            n_rows += 1;
            let (rowid, kind): (i64, String) =
                (row.get(0).map_err(Error::internal)?, row.get(1).map_err(Error::internal)?);
            let (id, org): (Id, Id) = (row.get(2).map_err(Error::internal)?, row.get(3).map_err(Error::internal)?);
            let is_asked_for = part.kinds.is_empty() || part.kinds.contains(&kind.as_str());
            if !is_asked_for || !self.view.scope().holds(&org) || !self.seen.insert(rowid) {
                continue;
            }
            n_found += usize::from(self.take(rowid, &kind, &id)?);
        }
        Ok(true)
    }

    /// Whether the record itself meets the words; tokens have no order, so not every candidate does.
    fn take(&mut self, rowid: i64, kind: &str, id: &Id) -> Result<bool> {
        let Some(definition) = self.view.kinds().get(kind).cloned() else { return Ok(false) };
        let Some(record) = self.view.found(kind, id)? else { return Ok(false) };
        let met = self.words.rank(super::values(&definition, &record.data));
        let Some((match_rank, field)) = met.map(|(rank, field)| (rank, field.to_owned())) else { return Ok(false) };
        let is_own = self.search.own.as_ref() == Some(&record.org);
        let rank = match_rank + if is_own { OWN } else { 0 } + if kind == "customer" { CUSTOMER } else { 0 };
        self.hits.push(Hit { place: (rank, rowid), match_rank, found: Found { record, field, rank } });
        Ok(true)
    }
}
