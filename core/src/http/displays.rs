//! Who was shown an unmasked number of somebody whose record is not theirs: written down, once in ten minutes a person and record.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use serde_json::json;

use super::{Shared, auth::Signed};
use crate::{
    Result,
    model::{FieldType, Id, Kind, Record, Time, rights::compile},
    store::tables::audit::Entry,
};

/// Whoever works with a file opens it many times; it was shown to them once.
const WINDOW_MS: i64 = 10 * 60_000;
/// Pairs remembered; beyond, those whose window is over are let go, and if that does not help, all.
const MAX_LATELY: usize = 50_000;

/// What was shown lately.
#[derive(Debug, Default)]
pub struct Displays(Mutex<HashMap<(Id, Id), Time>>);

impl Displays {
    /// Whether it is to be written down that somebody was shown a record.
    fn is_news(&self, person: &Id, record: &Id, now: Time) -> bool {
        // A panic cannot leave a moment half-written.
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lately.len() >= MAX_LATELY {
            lately.retain(|_, at| (now - *at).abs() < WINDOW_MS);
        }
        if lately.len() >= MAX_LATELY {
            lately.clear();
        }
        let at = lately.entry((person.clone(), record.clone())).or_insert(now.plus_millis(-WINDOW_MS));
        let is_news = (now - *at).abs() >= WINDOW_MS;
        if is_news {
            *at = now;
        }
        is_news
    }

    /// It could not be written down that somebody was shown records: the next time is news again.
    fn take_back(&self, person: &Id, records: &[Id]) {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            lately.remove(&(person.clone(), record.clone()));
        }
    }
}

/// A line of the audit log, and the records it tells of.
struct Line {
    entry: Entry,
    person: Id,
    records: Vec<Id>,
}

impl Line {
    /// Write it down; where that fails, nothing was shown lately.
    async fn note(self, http: &Shared) -> Result<()> {
        let Line { entry, person, records } = self;
        http.app.note(entry).await.inspect_err(|_| http.displays.take_back(&person, &records))
    }
}

/// Telephone and identity numbers that are personal.
fn numbers(kind: &Kind) -> Vec<&str> {
    let is_number =
        |field: &crate::model::Field| field.personal && matches!(field.r#type, FieldType::Phone | FieldType::IdNo);
    kind.fields.iter().filter(|(_, field)| is_number(field)).map(|(name, _)| name).collect()
}

/// The line of the audit log for what somebody is about to be shown, if there is to be one (domain 1.3, rule 4). Each record is looked at
/// as its own organisation has the kind, which may be below the one that looks.
fn line(http: &Shared, signed: &Signed, kind: &str, records: &[Record]) -> Option<Line> {
    let person = signed.actor.person()?;
    let kinds = http.app.store.kind_tree();
    let now = http.app.clock.now();
    let mut fields = BTreeSet::new();
    let mut ids = Vec::new();
    for record in records.iter().filter(|record| record.id != *person) {
        let Some(definition) = kinds.kind(kind, &record.org) else { continue };
        let is_own = compile::owner(definition).and_then(|owner| record.text(owner)) == Some(person.as_str());
        let shown = numbers(definition).into_iter().filter(|name| record.data.contains_key(*name));
        let shown: Vec<&str> = if is_own { Vec::new() } else { shown.collect() };
        if !shown.is_empty() && http.displays.is_news(person, &record.id, now) {
            fields.extend(shown.into_iter().map(str::to_owned));
            ids.push(record.id.clone());
        }
    }
    let (only, detail) = match ids.as_slice() {
        [] => return None,
        [only] => (Some(only), json!({ "fields": fields })),
        all => (None, json!({ "fields": fields, "records": all })),
    };
    let entry = Entry::new(now, &signed.actor, signed.org(), "number.shown", detail);
    let entry = entry.about(kind, only).from_address(signed.address);
    Some(Line { entry, person: person.clone(), records: ids })
}

/// Note that somebody opens a record, before they see it.
///
/// # Errors
/// When the audit log cannot be written: then nothing is shown.
pub async fn opened(http: &Shared, signed: &Signed, record: &Record) -> Result<()> {
    match line(http, signed, &record.kind, std::slice::from_ref(record)) {
        Some(line) => line.note(http).await,
        None => Ok(()),
    }
}

/// Note that somebody is shown a list. Nobody waits for the disk over a list; what goes wrong is logged.
pub fn listed(http: &Shared, signed: &Signed, kind: &str, records: &[Record]) {
    if let Some(line) = line(http, signed, kind, records) {
        let http = http.clone();
        tokio::spawn(async move {
            if let Err(error) = line.note(&http).await {
                tracing::error!(%error, "the audit log could not be written");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_record_is_news_once_in_ten_minutes_a_person() {
        let displays = Displays::default();
        let id = |text: &str| text.parse::<Id>().unwrap();
        let at = |ms: i64| Time::from_millis(1_773_367_200_000 + ms);
        assert!(displays.is_news(&id("li"), &id("c1"), at(0)));
        assert!(!displays.is_news(&id("li"), &id("c1"), at(WINDOW_MS - 1)));
        assert!(displays.is_news(&id("li"), &id("c2"), at(1)));
        assert!(displays.is_news(&id("wang"), &id("c1"), at(1)));
        assert!(displays.is_news(&id("li"), &id("c1"), at(WINDOW_MS)));
    }

    #[test]
    fn what_could_not_be_written_down_is_news_again() {
        let displays = Displays::default();
        let id = |text: &str| text.parse::<Id>().unwrap();
        let now = Time::from_millis(1_773_367_200_000);
        assert!(displays.is_news(&id("li"), &id("c1"), now) && displays.is_news(&id("li"), &id("c2"), now));
        displays.take_back(&id("li"), &[id("c1")]);
        assert!(displays.is_news(&id("li"), &id("c1"), now));
        assert!(!displays.is_news(&id("li"), &id("c2"), now));
    }
}
