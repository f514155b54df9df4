//! What every rule is given: the call, the time as a number, the organisation's settings.

use marque_sdk::{Command, Fault, Result, Value, info, json};

use crate::{
    case::{Case, KIND},
    moment::Moment,
    people::Person,
    settings::Settings,
};

/// One call.
#[derive(Debug)]
pub struct Desk {
    /// Its circumstances.
    pub call: info::Call,
    /// The time of the call.
    pub now: Moment,
    /// The person who asks; none when a timer rings.
    pub person: Option<Person>,
    /// The organisation's settings.
    pub settings: Settings,
}

impl Desk {
    /// The call being answered.
    pub fn open() -> Result<Desk> {
        let call = info::call()?;
        let person = call.actor.as_ref().filter(|actor| actor.kind == "user").map(|actor| Person {
            id: actor.id.clone(),
            name: actor.name.clone(),
            roles: actor.roles.clone(),
        });
        Ok(Desk { now: call.now.parse()?, person, settings: info::settings()?, call })
    }

    /// The id of the person who asks.
    pub fn me(&self) -> Option<&str> {
        self.person.as_ref().map(|person| person.id.as_str())
    }

    /// Raises one of our own events about a case, with `data` that names no person. What is called like a field of the
    /// case is shown like it.
    pub fn raise(&self, kind: &str, case: &Case, mut data: Value) -> Result<()> {
        if let Some(number) = case.text("number") {
            data["number"] = number.into();
        }
        let record = json!({ "kind": KIND, "id": case.id, "rev": case.rev });
        let body = json!({ "kind": kind, "subject": case.customer(), "record": record, "data": data });
        Command::new("event.raise", body).stage()
    }
}

/// A refusal with a code of ours; `fault.<code>` in texts/ says it to people.
pub fn refuse<T>(code: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::new(code, message))
}
