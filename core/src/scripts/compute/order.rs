//! In which order computed fields of a record are made: each after those its script reads.
//!
//! What a script reads is told from its text: `.name` or `"name"` of another computed field. That may be more than it
//! reads in truth, never less, since a field that does not stand in the text is not shown to it either.

use std::collections::BTreeMap;

use super::{Ruled, ruled};
use crate::{
    catalogue::Catalogue,
    model::{Id, Kind},
};

/// The fields whose values the script of field `n` reads.
pub(super) fn reads(fields: &[Ruled<'_>], n: usize) -> Vec<usize> {
    let Some(rule) = &fields[n].rule else { return Vec::new() };
    (0..fields.len()).filter(|other| mentions(rule.source, fields[*other].name)).collect()
}

/// The fields in an order in which they can be made, and those that cannot be, because they wait for one another.
pub(super) fn order(fields: &[Ruled<'_>]) -> (Vec<usize>, Vec<usize>) {
    let reads: Vec<Vec<usize>> = (0..fields.len()).map(|n| reads(fields, n)).collect();
    let mut order: Vec<usize> = Vec::new();
    loop {
        let is_ready = |n: &usize| !order.contains(n) && reads[*n].iter().all(|read| order.contains(read));
        match (0..fields.len()).find(is_ready) {
            Some(n) => order.push(n),
            None => break,
        }
    }
    let rest = (0..fields.len()).filter(|n| !order.contains(n)).collect();
    (order, rest)
}

/// The computed fields that would read one another in a circle if `source` computed `field`; `None` when none do.
pub fn cycle(catalogue: &Catalogue, kind: &Kind, org: &Id, field: &str, source: &str) -> Option<Vec<String>> {
    let others = ruled(catalogue, kind, org, "");
    let sources: BTreeMap<&str, &str> = others
        .iter()
        .map(|other| (other.name, other.rule.as_ref().map_or("", |rule| rule.source)))
        .filter(|(name, _)| *name != field)
        .chain([(field, source)])
        .collect();
    // From the field along what is read until it is met again.
    let mut paths = vec![vec![field.to_owned()]];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(path) = paths.pop() {
        let last = path.last().map(String::as_str).unwrap_or_default();
        let text = sources.get(last).copied().unwrap_or_default();
        for next in sources.keys().filter(|next| mentions(text, next)) {
            let longer = || path.iter().cloned().chain([(*next).to_owned()]).collect();
            if *next == field {
                return Some(longer());
            }
            if !seen.contains(next) {
                seen.push(next);
                paths.push(longer());
            }
        }
    }
    None
}

/// Whether a source speaks of a field: `.name`, `?.name` or `"name"` as a whole word. Comments speak too; they are few.
fn mentions(source: &str, name: &str) -> bool {
    source.match_indices(name).any(|(at, _)| {
        let before = source[..at].trim_end().chars().next_back();
        let after = source[at + name.len()..].chars().next();
        let ends = after.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_');
        ends && matches!(before, Some('.' | '"' | '\'' | '`'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_where_it_is_named_as_one() {
        assert!(mentions("fn compute(r) { r.score + 1 }", "score"));
        assert!(mentions("fn compute(r) { r [\"score\"] }", "score"));
        assert!(mentions("r. score", "score"));
        assert!(!mentions("r.scores", "score"));
        assert!(!mentions("let score = 3; score", "score"));
    }
}
