//! What every rule is given: the call, the time as a number, the organisation's settings.

use marque_sdk::{Fault, Result, event, info, json, stage};

use crate::{case::Case, moment::Moment, people::Person, settings::Settings};

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

    /// Raises one of our own events about a case, with `data` that names no person.
    pub fn raise(&self, kind: &str, case: &Case, data: marque_sdk::Value) -> Result<()> {
        let mut told = json!({ "record": case.reference() });
        if let (Some(told), Some(data)) = (told.as_object_mut(), data.as_object()) {
            told.extend(data.clone());
            if let Some(number) = case.text("number") {
                told.insert("number".into(), number.into());
            }
        }
        stage([event::raise(kind).subject(case.customer()).data(told)])
    }
}

/// A refusal with a code of ours; `fault.<code>` in texts/ says it to people.
pub fn refuse<T>(code: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::new(code, message))
}
