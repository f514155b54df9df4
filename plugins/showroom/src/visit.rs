//! A visit as the rules see it.

use marque_sdk::{Data, Id, Record, RecordRef, Result, Value, event, record, view};

use crate::desk::refuse;

/// The kind's name.
pub const KIND: &str = "showroom.visit";
/// What counts as sales traffic.
pub const SALES: &str = "look_at_new_car";

/// One visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its id.
    pub id: Id,
    /// Its revision.
    pub rev: u32,
    /// Its dealer.
    pub org: Id,
    data: Data,
}

impl From<Record<Data>> for Visit {
    fn from(record: Record<Data>) -> Visit {
        Visit { id: record.id, rev: record.rev, org: record.org, data: record.data }
    }
}

impl Visit {
    /// Reads one that must be there.
    pub fn load(id: &str) -> Result<Visit> {
        Ok(view::require::<Data>(KIND, id)?.into())
    }

    /// A field's text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Whether a field is true.
    pub fn says(&self, field: &str) -> bool {
        self.data.get(field).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Where it stands.
    pub fn state(&self) -> &str {
        self.text("state").unwrap_or_default()
    }

    /// Whether it counts as sales traffic.
    pub fn is_sales(&self) -> bool {
        self.text("purpose") == Some(SALES)
    }

    /// Refuses what is done in other states.
    pub fn must_be(&self, states: &[&str]) -> Result<()> {
        if states.contains(&self.state()) {
            return Ok(());
        }
        refuse(
            "state_refused",
            format!("the visit is {}: this is done while it is {}", self.state(), states.join(", ")),
        )
    }

    /// A change at this revision.
    pub fn change(&self) -> record::Write {
        record::change(KIND, &self.id).if_rev(self.rev)
    }

    /// A transition at this revision.
    pub fn take(&self, transition: &str) -> record::Write {
        record::mov(KIND, &self.id, transition).if_rev(self.rev)
    }

    /// Raises one of our own events about it.
    pub fn raise(&self, kind: &str, data: Value) -> Result<()> {
        let record = RecordRef { kind: KIND.into(), id: self.id.clone(), rev: self.rev };
        let raise = event::raise(kind).data(data).record(&record);
        self.text("customer").into_iter().fold(raise, |raise, customer| raise.subject(customer)).stage()
    }
}

/// How far a visit has come, for the funnel.
pub fn reach(contact_left: bool, test_drive: bool, quoted: bool) -> &'static str {
    match (quoted, test_drive, contact_left) {
        (true, _, _) => "quoted",
        (_, true, _) => "test_drive",
        (_, _, true) => "filed",
        _ => "visit",
    }
}
