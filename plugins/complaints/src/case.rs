//! A complaint as read, with its states.

use marque_sdk::{Data, Fault, Filter, Result, Value, json, view};

use crate::{desk::refuse, level::Level, moment::Moment};

/// The kind's name.
pub const KIND: &str = "complaints.case";

/// Where a complaint stands. The moves between them are in records/complaints.case.json.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Recorded, nobody has taken it up.
    Received,
    /// Taken up; the customer has its number.
    Accepted,
    /// The customer was spoken to.
    Soothed,
    /// The cause is known, a remedy is looked for.
    Analysing,
    /// A remedy waits for approval or for the customer's answer.
    Proposed,
    /// The customer has agreed.
    Agreed,
    /// The remedy is under way.
    Executing,
    /// Somebody else asks the customer.
    Verifying,
    /// The customer is content, or cannot be reached.
    Closed,
    /// The lesson is kept.
    Archived,
    /// The customer was not content.
    Reopened,
    /// Unfounded; a manager has told the customer why.
    Rejected,
    /// The customer takes it back.
    Withdrawn,
    /// Somebody else has taken it over.
    Transferred,
}

impl State {
    const CODES: [(State, &'static str); 14] = [
        (State::Received, "received"),
        (State::Accepted, "accepted"),
        (State::Soothed, "soothed"),
        (State::Analysing, "analysing"),
        (State::Proposed, "proposed"),
        (State::Agreed, "agreed"),
        (State::Executing, "executing"),
        (State::Verifying, "verifying"),
        (State::Closed, "closed"),
        (State::Archived, "archived"),
        (State::Reopened, "reopened"),
        (State::Rejected, "rejected"),
        (State::Withdrawn, "withdrawn"),
        (State::Transferred, "transferred"),
    ];

    /// The states in which somebody still has to act for the customer.
    pub const OPEN: [State; 9] = [
        State::Received,
        State::Accepted,
        State::Soothed,
        State::Analysing,
        State::Proposed,
        State::Agreed,
        State::Executing,
        State::Verifying,
        State::Reopened,
    ];

    /// As stored.
    pub fn code(self) -> &'static str {
        State::CODES.iter().find(|(state, _)| *state == self).map_or("", |(_, code)| code)
    }

    /// From what is stored.
    pub fn parse(code: &str) -> Option<State> {
        State::CODES.iter().find(|(_, known)| *known == code).map(|(state, _)| *state)
    }

    /// A filter for the open states.
    pub fn open_filter() -> Filter {
        Filter::is_in("state", State::OPEN.map(State::code))
    }
}

/// Fields with some changed; `null` takes a field away.
pub fn patched(data: &Data, patch: &Data) -> Data {
    let mut data = data.clone();
    for (field, value) in patch {
        match value {
            Value::Null => data.remove(field),
            value => data.insert(field.clone(), value.clone()),
        };
    }
    data
}

/// A complaint.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its id.
    pub id: String,
    /// Its revision when it was read.
    pub rev: u32,
    /// Its fields.
    pub data: Data,
}

impl Case {
    /// Read one.
    pub fn load(id: &str) -> Result<Case> {
        match view::get::<Data>(KIND, id)? {
            Some(record) => Ok(Case { id: record.id, rev: record.rev, data: record.data }),
            None => Err(Fault::not_found(format!("there is no complaint {id:?} in your organisation"))),
        }
    }

    /// The same case with some fields changed; `null` takes a field away.
    pub fn with(&self, patch: &Data) -> Case {
        Case { data: patched(&self.data, patch), ..self.clone() }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.text("state").and_then(State::parse).unwrap_or(State::Received)
    }

    /// Whether somebody still has to act for the customer.
    pub fn is_open(&self) -> bool {
        State::OPEN.contains(&self.state())
    }

    /// How grave it is.
    pub fn level(&self) -> Level {
        self.text("level").and_then(|code| Level::parse(code).ok()).unwrap_or(Level::General)
    }

    /// The customer who complains.
    pub fn customer(&self) -> &str {
        self.text("customer").unwrap_or_default()
    }

    /// Who is responsible for it.
    pub fn owner(&self) -> &str {
        self.text("owner").unwrap_or_default()
    }

    /// The person complained about.
    pub fn accused(&self) -> Option<&str> {
        self.text("responsible_staff")
    }

    /// A field's text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field).and_then(Value::as_str)
    }

    /// A whole number, 0 where there is none.
    pub fn number(&self, field: &str) -> i64 {
        self.data.get(field).and_then(Value::as_i64).unwrap_or(0)
    }

    /// A moment.
    pub fn moment(&self, field: &str) -> Option<Moment> {
        self.text(field).and_then(|text| text.parse().ok())
    }

    /// Refuse what this state does not allow. The server refuses the move too; this one says it before anything is asked.
    pub fn must_be(&self, states: &[State]) -> Result<()> {
        if states.contains(&self.state()) {
            return Ok(());
        }
        let wanted = states.iter().map(|state| state.code()).collect::<Vec<_>>().join(", ");
        refuse("state_refused", format!("the complaint is {}: this is done in {wanted}", self.state().code()))
    }

    /// What an action answers.
    pub fn reply(&self) -> Value {
        json!({ "id": self.id })
    }
}

/// An object as a patch.
pub fn patch(value: Value) -> Data {
    match value {
        Value::Object(object) => object,
        _ => Data::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind() -> Value {
        serde_json::from_str(include_str!("../records/complaints.case.json")).unwrap()
    }

    #[test]
    fn the_states_are_those_of_the_kind() {
        let known: Vec<String> = kind()["fields"]["state"]["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value["value"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(known, State::CODES.map(|(_, code)| code));
    }

    #[test]
    fn the_open_states_are_those_of_the_kind() {
        assert_eq!(kind()["states"]["open"], json!(State::OPEN.map(State::code)));
    }

    #[test]
    fn the_levels_are_those_of_the_kind_in_order() {
        let known: Vec<&str> = Level::ALL.iter().map(|level| level.code()).collect();
        let kind = kind();
        let values = kind["fields"]["level"]["values"].as_array().unwrap();
        assert_eq!(values.iter().map(|value| value["value"].as_str().unwrap()).collect::<Vec<_>>(), known);
    }
}
