//! What is remembered of the rows of a file, small enough for all of them: enough to know one again and to fill its gaps.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use serde_json::Value;

use super::{Rule, Target};
use crate::model::{Data, Kind};

/// Earlier rows that are compared at most for one shared value. A number that stands in hundreds of rows is the
/// showroom's own; exact repeats are found without this.
const MAX_CANDIDATES: usize = 16;
/// Fields that points are given for.
const SCORED: [&str; 9] = ["name", "phone", "email", "birth_date", "address", "id_no", "uscc", "vin", "plate"];

/// All earlier rows.
#[derive(Debug)]
pub(super) struct Seen {
    kind: Arc<Kind>,
    /// Fields by which rows are compared.
    identity: Vec<String>,
    lookups: Vec<Vec<String>>,
    rows: Vec<SeenRow>,
    /// Row by shared value; the hash of group and values.
    by_value: HashMap<u64, Vec<u32>>,
    /// Row by everything it says.
    by_whole: HashMap<u64, u32>,
}

/// One earlier row.
#[derive(Debug)]
pub(super) struct SeenRow {
    /// Its number.
    pub row: u32,
    /// The record it is or makes.
    pub target: Target,
    /// Values of the identity fields, by their place in that list.
    identity: Box<[(u8, Value)]>,
    /// Hashes of all values, by the field's place in the kind.
    fields: Vec<(u16, u32)>,
}

impl Seen {
    pub(super) fn new(kind: &Arc<Kind>, rule: &Rule) -> Seen {
        let mut lookups: Vec<Vec<String>> =
            rule.lookups().iter().map(|group| group.iter().map(|name| (*name).to_owned()).collect()).collect();
        let identity = match rule {
            Rule::Score => {
                // Repeats are found at once by this, however many others share the phone.
                lookups.insert(0, vec!["phone".into(), "name".into()]);
                SCORED.iter().map(|name| (*name).to_owned()).collect()
            }
            Rule::Key(key) | Rule::Upsert(key) => vec![key.clone()],
            Rule::Whole => Vec::new(),
        };
        let (by_value, by_whole) = (HashMap::new(), HashMap::new());
        Seen { kind: kind.clone(), identity, lookups, rows: Vec::new(), by_value, by_whole }
    }

    pub(super) fn get(&self, at: usize) -> &SeenRow {
        &self.rows[at]
    }

    /// The fields of an earlier row that it is compared by.
    pub(super) fn identity(&self, at: usize) -> Data {
        let fields = self.rows[at].identity.iter();
        fields.map(|(place, value)| (self.identity[usize::from(*place)].clone(), value.clone())).collect()
    }

    /// Earlier rows that share a lookup, the oldest first.
    pub(super) fn candidates(&self, data: &Data) -> Vec<usize> {
        let keys = self.lookups.iter().filter_map(|group| key(group, data));
        let mut found: Vec<usize> =
            keys.filter_map(|key| self.by_value.get(&key)).flatten().map(|at| *at as usize).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// An earlier row that says exactly the same.
    pub(super) fn identical(&self, data: &Data) -> Option<usize> {
        self.by_whole.get(&hash(data)).map(|at| *at as usize).filter(|at| self.rows[*at].fields == self.hashes(data))
    }

    pub(super) fn remember(&mut self, row: u32, target: Target, data: &Data) {
        let at = self.rows.len() as u32;
        for key in self.lookups.iter().filter_map(|group| key(group, data)) {
            let places = self.by_value.entry(key).or_default();
            if places.len() < MAX_CANDIDATES {
                places.push(at);
            }
        }
        self.by_whole.entry(hash(data)).or_insert(at);
        let identity = self.identity.iter().zip(0u8..);
        let identity = identity.filter_map(|(name, place)| Some((place, data.get(name)?.clone()))).collect();
        self.rows.push(SeenRow { row, target, identity, fields: self.hashes(data) });
    }

    /// What `data` knows beyond an earlier row, remembered as filled in; and the fields in which the two differ.
    pub(super) fn fill(&mut self, at: usize, data: &Data) -> (Data, Vec<String>) {
        let mut patch = Data::new();
        let mut differing = Vec::new();
        for (name, value) in data {
            let (place, hash) = (self.place(name), hash32(value));
            let fields = &mut self.rows[at].fields;
            match fields.binary_search_by_key(&place, |(place, _)| *place) {
                Ok(found) if fields[found].1 == hash => {}
                Ok(_) => differing.push(name.clone()),
                Err(gap) => {
                    fields.insert(gap, (place, hash));
                    patch.insert(name.clone(), value.clone());
                }
            }
        }
        (patch, differing)
    }

    fn hashes(&self, data: &Data) -> Vec<(u16, u32)> {
        let mut hashes: Vec<(u16, u32)> = data
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (self.place(name), hash32(value)))
            .collect();
        hashes.sort_unstable();
        hashes
    }

    fn place(&self, name: &str) -> u16 {
        self.kind.fields.iter().position(|(known, _)| known == name).map_or(u16::MAX, |at| at as u16)
    }
}

/// The hash of a group's values, if the row has them all.
fn key(group: &[String], data: &Data) -> Option<u64> {
    let values: Option<Vec<&str>> = group.iter().map(|name| data.get(name).and_then(Value::as_str)).collect();
    Some(hash(&(group, values?)))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn hash32(value: &Value) -> u32 {
    (hash(value) >> 32) as u32
}
