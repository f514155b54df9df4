//! Records that keep a customer from being contacted, of whatever kind says that its records do: an open complaint.

use serde_json::Value;

use crate::{
    Result,
    model::{
        Id, Kind, Time,
        contact::Purpose,
        filter::{Context, Filter},
        kind::Suppresses,
    },
    store::tables::{self, Reader},
};

const DAY_MS: i64 = 24 * 3_600_000;

/// One such record.
#[derive(Clone, Debug)]
pub struct Against {
    purposes: Vec<Purpose>,
    /// When it ended; none: it goes on.
    ended: Option<Time>,
}

impl Against {
    /// Whether it stands against a purpose: while it goes on and for some days of rest.
    pub fn stands(&self, purpose: Purpose, at: Time, days_of_rest: u32) -> bool {
        let rests = |ended: Time| at - ended < i64::from(days_of_rest) * DAY_MS;
        self.purposes.contains(&purpose) && self.ended.is_none_or(rests)
    }
}

/// A kind whose records do, with its filter read.
#[derive(Debug)]
pub struct Suppressing<'a> {
    kind: &'a Kind,
    suppresses: &'a Suppresses,
    when: Filter,
}

/// The kinds whose records keep customers from being contacted.
///
/// # Errors
/// `filter.invalid`.
pub fn kinds<R: Reader>(reader: &R, at: Time) -> Result<Vec<Suppressing<'_>>> {
    let kinds = |name: &str| reader.known_kinds().get(name).cloned();
    let context = Context { me: None, now: at, kinds: &kinds };
    let all = reader.known_kinds().values();
    let suppressing = all.filter_map(|kind| Some((&**kind, kind.suppresses.as_ref()?)));
    suppressing
        .map(|(kind, suppresses)| {
            let when = Filter::parse(kind, &suppresses.when, &context)?;
            Ok(Suppressing { kind, suppresses, when })
        })
        .collect()
}

/// Those that name any of these ids. What has ended without saying when stands against nothing.
///
/// # Errors
/// Internal.
pub fn read(reader: &impl Reader, suppressing: &[Suppressing<'_>], all: &[Id]) -> Result<Vec<Against>> {
    let mut found = Vec::new();
    for Suppressing { kind, suppresses, when } in suppressing {
        for record in tables::record::naming(reader, &kind.kind, &suppresses.via, all)? {
            let purposes = suppresses.purposes.clone();
            if when.holds(&record.data) {
                found.push(Against { purposes, ended: None });
                continue;
            }
            let moment = suppresses.ended.as_ref().map(|field| record.field(field)).and_then(Value::as_str);
            if let Some(ended) = moment.and_then(|text| text.parse().ok()) {
                found.push(Against { purposes, ended: Some(ended) });
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_stands_while_it_is_open_and_for_seven_days_after() {
        let closed: Time = "2026-03-13T10:00:00+08:00".parse().expect("a moment");
        let against = |ended| Against { purposes: vec![Purpose::Marketing], ended };
        let days = |days: i64| closed.plus_millis(days * DAY_MS);
        assert!(against(None).stands(Purpose::Marketing, days(400), 7));
        assert!(against(Some(closed)).stands(Purpose::Marketing, days(7).plus_millis(-1), 7));
        assert!(!against(Some(closed)).stands(Purpose::Marketing, days(7), 7));
        assert!(against(Some(closed)).stands(Purpose::Marketing, days(7), 14), "a dealer that gives more rest");
        assert!(!against(None).stands(Purpose::Serve, closed, 7));
    }
}
