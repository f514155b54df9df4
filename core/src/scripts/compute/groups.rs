//! Records that one call of the sandbox can serve: the same definition of their kind, the same versions of its scripts, the same time.
//!
//! A fresh instance with a script parsed costs as much as forty records. A chunk of a brand's customers lies with three hundred dealers,
//! who nearly all go by the brand's scripts and in one time zone.

use std::{collections::HashMap, sync::Arc};

use super::{KindNow, ruled};
use crate::{
    catalogue::Catalogue,
    model::{Id, Kind, Record, Time},
};

/// What must be the same: the definition, the moment as scripts read it, and of each computed field whose version holds, and
/// whether one was taken out of force.
type Key = (usize, String, Vec<(String, u32, bool)>);

/// Records that go together.
pub(super) struct Group<'a> {
    pub kind: Arc<Kind>,
    /// One of their organisations; in what scripts can tell they are alike.
    pub org: Id,
    pub records: Vec<&'a Record>,
}

/// Records in groups, in the order in which each is met first: what comes of them is in the same order on every machine.
pub(super) fn groups<'a>(
    catalogue: &Catalogue,
    kind_now: &KindNow,
    kind: &str,
    records: &'a [Record],
    now: Time,
) -> Vec<Group<'a>> {
    let mut kinds: HashMap<&Id, Option<Arc<Kind>>> = HashMap::new();
    let mut keys: HashMap<&Id, Key> = HashMap::new();
    let (mut groups, mut places): (Vec<Group<'a>>, HashMap<Key, usize>) = (Vec::new(), HashMap::new());
    for record in records {
        let org = &record.org;
        let Some(kind) = kinds.entry(org).or_insert_with(|| kind_now(kind, org)).clone() else { continue };
        // While no version is on trial, all of an organisation's records have the same scripts.
        let key = if catalogue.canaries.is_empty() {
            keys.entry(org).or_insert_with(|| key(catalogue, &kind, record, now)).clone()
        } else {
            key(catalogue, &kind, record, now)
        };
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { kind, org: org.clone(), records: Vec::new() });
        }
        groups[place].records.push(record);
    }
    groups
}

fn key(catalogue: &Catalogue, kind: &Arc<Kind>, record: &Record, now: Time) -> Key {
    let version = |ruled: super::Ruled<'_>| match ruled.rule {
        Some(rule) => (rule.owner, rule.version, false),
        None => (String::new(), 0, catalogue.has_failed(ruled.field.script().unwrap_or_default(), &record.org)),
    };
    let versions = ruled(catalogue, kind, &record.org, record.id.as_str()).into_iter().map(version).collect();
    (Arc::as_ptr(kind) as usize, catalogue.orgs.calendar(&record.org).text(now), versions)
}
