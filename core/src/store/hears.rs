//! What is told of records in other places than themselves: events, revisions, receipts, for the eyes of whoever asks.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{View, tables};
use crate::{
    Result,
    model::{
        Event, Id, Kind, Record, Scope,
        rights::{self, Level, Levels},
    },
};

/// How much of a record's fields may be told, wherever it is told of.
#[derive(Clone, Debug)]
pub struct Telling {
    kind: std::sync::Arc<Kind>,
    levels: Levels,
}

impl Telling {
    /// Whether a field's values may be told.
    pub fn is_plain(&self, name: &str) -> bool {
        self.levels.of(&self.kind, name) == Level::Plain
    }

    /// Whether that there is such a field may be told.
    pub fn is_known(&self, name: &str) -> bool {
        self.levels.of(&self.kind, name) > Level::Hidden
    }

    /// Take out of a value everything that stands under the name of a field that is not shown, and the names of those that are hidden.
    pub fn strip(&self, told: &mut Value) {
        if self.levels.is_plain() {
            return;
        }
        let names = |below: Level| -> BTreeSet<&str> {
            self.kind
                .fields
                .iter()
                .map(|(name, _)| name)
                .filter(|name| self.levels.of(&self.kind, name) < below)
                .collect()
        };
        strip(told, &names(Level::Plain), &names(Level::Masked));
    }

    /// What is not shown is taken out of the record.
    pub fn cover(&self, record: &mut Record) {
        rights::cover(&self.kind, &self.levels, record);
    }
}

fn strip(told: &mut Value, masked: &BTreeSet<&str>, hidden: &BTreeSet<&str>) {
    match told {
        Value::Object(inside) => {
            inside.retain(|name, _| !masked.contains(name.as_str()));
            inside.values_mut().for_each(|value| strip(value, masked, hidden));
        }
        Value::Array(inside) => {
            inside.retain(|value| value.as_str().is_none_or(|name| !hidden.contains(name)));
            inside.iter_mut().for_each(|value| strip(value, masked, hidden));
        }
        _ => {}
    }
}

impl View {
    /// How much may be told of a record that is there or was; `None` where these eyes may not see it.
    ///
    /// # Errors
    /// `kind.not_found`, or internal.
    pub fn telling(&self, kind: &str, id: &Id) -> Result<Option<Telling>> {
        let Some(record) = tables::record::get(self, kind, id, &Scope::All)? else {
            return self.past_telling(kind, id);
        };
        let definition = self.kind_of(&record)?;
        if definition.private.is_some() {
            let is_seen = self.sees(&record)?;
            return Ok(is_seen.then(|| Telling { kind: definition, levels: Levels::default() }));
        }
        if !self.eyes().holds(&definition, self.verb(), self.scope(), &record)? {
            return Ok(None);
        }
        let levels = self.eyes().levels(&definition, self.verb(), &record)?;
        Ok(Some(Telling { kind: definition, levels }))
    }

    /// A record as its last revision left it, removed or not, whoever may see it.
    ///
    /// # Errors
    /// Internal.
    pub fn last_state(&self, kind: &str, id: &Id) -> Result<Option<Record>> {
        let Some(past) = tables::revision::past(self, kind, id, u32::MAX)? else { return Ok(None) };
        let event = tables::event::get(self, past.seq)?;
        Ok(event.map(|event| past.into_record(kind, id.clone(), event.org)))
    }

    fn past_telling(&self, kind: &str, id: &Id) -> Result<Option<Telling>> {
        let Some(record) = self.last_state(kind, id)? else { return Ok(None) };
        if !self.sees(&record)? {
            return Ok(None);
        }
        let definition = self.kind_of(&record)?;
        let levels = self.eyes().past_levels(&definition, &record)?;
        Ok(Some(Telling { kind: definition, levels }))
    }

    /// An event as these eyes may hear it; `None` when it tells of what they may not see.
    ///
    /// # Errors
    /// Internal.
    pub fn hears(&self, event: &Event) -> Result<Option<Event>> {
        let is_inside = self.scope().holds(&event.org);
        if self.rights().compiled().is_none() {
            return Ok(is_inside.then(|| event.clone()));
        }
        let Some(of) = event.record.as_ref().filter(|of| self.kinds().contains_key(&of.kind)) else {
            return Ok(is_inside.then(|| event.clone()));
        };
        let Some(telling) = self.telling(&of.kind, &of.id)? else { return Ok(None) };
        let mut heard = event.clone();
        telling.strip(&mut heard.data);
        Ok(Some(heard))
    }

    /// Refuse to take out a field that is shown in no record at all.
    ///
    /// # Errors
    /// `field.masked`, naming it.
    pub fn to_take(&self, kind: &Kind, name: &str) -> Result<()> {
        self.eyes().check_taken(kind, self.verb(), name)
    }
}
