//! A post as read, with its states.

use marque_sdk::{Command, Data, Fault, Result, Value, json, record, view};

use crate::{
    case::patched,
    desk::{Desk, refuse},
    forum::clock,
    moment::Moment,
};

/// The kind's name.
pub const KIND: &str = "complaints.post";

/// Where a post stands. The moves between them are in records/complaints.post.json.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has answered.
    New,
    /// Answered in public.
    Answered,
    /// It goes on as a complaint, which is linked.
    Complaint,
    /// Out of sight, with a reason.
    Hidden,
    /// Settled, as its author agrees or by silence.
    Closed,
}

impl State {
    const CODES: [(State, &'static str); 5] = [
        (State::New, "new"),
        (State::Answered, "answered"),
        (State::Complaint, "complaint"),
        (State::Hidden, "hidden"),
        (State::Closed, "closed"),
    ];

    /// As stored.
    pub fn code(self) -> &'static str {
        State::CODES.iter().find(|(state, _)| *state == self).map_or("", |(_, code)| code)
    }

    fn parse(code: &str) -> Option<State> {
        State::CODES.iter().find(|(_, known)| *known == code).map(|(state, _)| *state)
    }
}

/// A post.
#[derive(Clone, Debug)]
pub struct Post {
    /// Its id.
    pub id: String,
    /// Its revision when it was read.
    pub rev: u32,
    /// Its fields.
    pub data: Data,
}

impl Post {
    /// Read one.
    pub fn load(id: &str) -> Result<Post> {
        match view::get::<Data>(KIND, id)? {
            Some(record) => Ok(Post { id: record.id, rev: record.rev, data: record.data }),
            None => Err(Fault::not_found(format!("there is no post {id:?} in your organisation"))),
        }
    }

    /// The same post with some fields changed; `null` takes a field away.
    pub fn with(&self, patch: &Data) -> Post {
        Post { data: patched(&self.data, patch), ..self.clone() }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.text("state").and_then(State::parse).unwrap_or(State::New)
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

    /// Whether it was written on our own page, where nobody sees it before it was checked.
    pub fn is_ours(&self) -> bool {
        self.data.get("is_ours") == Some(&Value::Bool(true))
    }

    /// Refuse what this state does not allow, before anything is asked of the server.
    pub fn must_be(&self, states: &[State]) -> Result<()> {
        if states.contains(&self.state()) {
            return Ok(());
        }
        let wanted = states.iter().map(|state| state.code()).collect::<Vec<_>>().join(", ");
        refuse("post_state_refused", format!("the post is {}: this is done in {wanted}", self.state().code()))
    }

    /// What an action answers.
    pub fn reply(&self) -> Value {
        json!({ "id": self.id })
    }

    /// Changes it without a move; its clocks follow.
    pub fn keep(&self, desk: &Desk, patch: Data) -> Result<()> {
        record::change(KIND, &self.id).if_rev(self.rev).fields(Value::Object(patch.clone())).stage()?;
        clock::follow(desk, Some(self), &self.with(&patch))
    }

    /// Moves it on; its clocks follow. What it is afterwards.
    pub fn go(&self, desk: &Desk, transition: &str, to: State, patch: Data) -> Result<Post> {
        record::mov(KIND, &self.id, transition).if_rev(self.rev).fields(Value::Object(patch.clone())).stage()?;
        let mut after = self.with(&patch);
        after.data.insert("state".into(), to.code().into());
        clock::follow(desk, Some(self), &after)?;
        Ok(after)
    }

    /// Raises one of our own events about it, with `data` that names no person.
    pub fn raise(&self, kind: &str, mut data: Value) -> Result<()> {
        if let Some(number) = self.text("number") {
            data["number"] = number.into();
        }
        let record = json!({ "kind": KIND, "id": self.id, "rev": self.rev });
        let mut body = json!({ "kind": kind, "record": record, "data": data });
        if let Some(customer) = self.text("customer") {
            body["subject"] = customer.into();
        }
        Command::new("event.raise", body).stage()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states_are_those_of_the_kind() {
        let kind: Value = serde_json::from_str(include_str!("../../records/complaints.post.json")).unwrap();
        let values = kind["fields"]["state"]["values"].as_array().unwrap();
        let known: Vec<&str> = values.iter().map(|value| value["value"].as_str().unwrap()).collect();
        assert_eq!(known, State::CODES.map(|(_, code)| code));
    }
}
