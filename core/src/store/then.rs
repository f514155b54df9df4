//! Records as they were at a moment, roll-ups included: what a rule is tried on that is to be seen at work in the past.

use std::collections::HashMap;

use rusqlite::OptionalExtension;

use super::{
    View,
    derived::{Tally, Watches},
    rows, schema,
    tables::{Reader, event, merge, revision},
};
use crate::{
    Error, Result,
    model::{Data, Id, Kind, Record, Scope, Time},
};

/// Records looked at between two answers while roll-ups are counted.
const PAGE: u32 = 4096;

/// A moment of the past, and which records stood for others then.
#[derive(Debug)]
pub struct Then {
    at: Time,
    merged: HashMap<Id, Id>,
}

/// What the roll-ups of one kind came to at a moment.
#[derive(Debug, Default)]
pub struct Rollups {
    /// By field and by who has it: record and organisation.
    tallies: HashMap<String, HashMap<(Id, Id), Tally>>,
}

impl Then {
    /// What the moment is, in the name of the snapshot.
    pub fn at(&self) -> Time {
        self.at
    }

    /// The record that an id led to.
    fn stood_for(&self, id: &Id) -> Id {
        let mut found = id;
        while let Some(into) = self.merged.get(found) {
            found = into;
        }
        found.clone()
    }
}

impl View {
    /// A moment of the past.
    ///
    /// # Errors
    /// Internal.
    pub fn then(&self, at: Time) -> Result<Then> {
        Ok(Then { at, merged: merge::in_force_at(self, at)? })
    }

    /// The next records that a kind had at a moment, after an id and in the order of ids; fewer than `limit` only at the end. Their computed
    /// fields are left out, their roll-ups are those given. Those that have been removed or merged since are among them.
    ///
    /// # Errors
    /// Internal.
    pub fn records_then(
        &self,
        then: &Then,
        rollups: &Rollups,
        kind: &Kind,
        scope: &Scope,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Record>> {
        let (mut found, mut last) = (Vec::new(), after.to_owned());
        while found.len() < limit as usize {
            let ids = revision::begun(self, &kind.kind, then.at, &last, limit)?;
            let Some(end) = ids.last() else { break };
            last = end.to_string();
            for id in ids {
                let Some(mut record) = self.record_then(then, kind, id)?.filter(|record| scope.holds(&record.org))
                else {
                    continue;
                };
                record.data.retain(|name, _| kind.fields.get(name).is_none_or(|field| field.derived.is_none()));
                rollups.stand_on(&mut record, &self.watches());
                found.push(record);
            }
        }
        Ok(found)
    }

    /// What the roll-ups of a kind came to at a moment, counted from all records that there were. A roll-up that goes by a derived field
    /// of what it counts takes that field as it stands: derived values have no past of their own.
    ///
    /// # Errors
    /// Internal.
    pub fn rollups_then(&self, then: &Then, kind: &Kind) -> Result<Rollups> {
        let (mut rollups, watches) = (Rollups::default(), self.watches());
        for (child, watching) in watches.of_kind(&kind.kind) {
            let Some(child) = self.known_kinds().get(child) else { continue };
            let mut after = String::new();
            loop {
                let ids = revision::begun(self, &child.kind, then.at, &after, PAGE)?;
                let Some(end) = ids.last() else { break };
                after = end.to_string();
                for id in ids {
                    let Some(record) = self.record_then(then, child, id)? else { continue };
                    for watch in &watching {
                        let Some(part) = watch.part(&record) else { continue };
                        let who = (then.stood_for(&part.parent), part.org.clone());
                        let tallies = rollups.tallies.entry(watch.field.clone()).or_default();
                        tallies.entry(who).or_default().add(watch, part);
                    }
                }
            }
        }
        Ok(rollups)
    }

    /// One record as it was, where it was there and stood for itself.
    fn record_then(&self, then: &Then, kind: &Kind, id: Id) -> Result<Option<Record>> {
        if then.merged.contains_key(&id) {
            return Ok(None);
        }
        let now = self.stored(&kind.kind, &id)?;
        if let Some(now) = now.as_ref().filter(|now| now.created_at <= then.at && now.updated_at <= then.at) {
            return Ok(Some(now.clone()));
        }
        let standing = event::standing_at(self, &kind.kind, &id, then.at)?;
        if standing.is_some_and(|event| event.kind.ends_with(".removed")) {
            return Ok(None);
        }
        let Some(rev) = revision::last_at(self, &kind.kind, &id, then.at)? else { return Ok(None) };
        let Some(past) = revision::past(self, &kind.kind, &id, rev)? else { return Ok(None) };
        // Where it was then is where the event of that revision happened.
        let told = event::get(self, past.seq)?.map(|event| event.org);
        let Some(org) = told.or_else(|| now.as_ref().map(|now| now.org.clone())) else { return Ok(None) };
        let mut was = past.into_record(&kind.kind, id, org);
        let derived = now.map(|now| now.data).unwrap_or_default();
        was.data.extend(derived_of(kind, derived));
        Ok(Some(was))
    }

    fn stored(&self, kind: &str, id: &Id) -> Result<Option<Record>> {
        let sql = format!("select {} from {} where id = ?1", rows::RECORD, schema::table(kind));
        let connection = self.connection().0;
        connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([id], |row| rows::record(kind, row)).optional())
            .map_err(Error::internal)
    }
}

fn derived_of(kind: &Kind, data: Data) -> impl Iterator<Item = (String, serde_json::Value)> {
    data.into_iter().filter(|(name, _)| kind.fields.get(name).is_some_and(|field| field.derived.is_some()))
}

impl Rollups {
    /// Give a record the values that it had.
    fn stand_on(&self, record: &mut Record, watches: &Watches) {
        let who = (record.id.clone(), record.org.clone());
        let values: Vec<_> = watches
            .on(record)
            .map(|watch| {
                let tally = self.tallies.get(&watch.field).and_then(|tallies| tallies.get(&who));
                (watch.field.clone(), tally.map_or_else(|| Tally::default().value(watch), |tally| tally.value(watch)))
            })
            .collect();
        record.data.extend(values.into_iter().filter(|(_, value)| !value.is_null()));
    }
}
