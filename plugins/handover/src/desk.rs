//! What every rule is given: the call, the organisation's settings, who asks.

use marque_sdk::{Data, Fault, Result, Value, info};

use crate::settings::Settings;

/// One call.
#[derive(Debug)]
pub struct Desk {
    /// Its circumstances.
    pub call: info::Call,
    /// The organisation's settings.
    pub settings: Settings,
}

impl Desk {
    /// The call being answered.
    pub fn open() -> Result<Desk> {
        Ok(Desk { call: info::call()?, settings: info::settings()? })
    }

    /// The time of the call.
    pub fn now(&self) -> &str {
        &self.call.now
    }

    /// The id of the person who asks; none when a timer rings or a visitor fills in a page.
    pub fn me(&self) -> Option<&str> {
        self.call.person().map(String::as_str)
    }
}

/// A refusal with a code of ours; `fault.<code>` in texts/ says it to people.
pub fn refuse<T>(code: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::new(code, message))
}

/// The same, pointing at the wrong input.
pub fn refuse_at<T>(code: &str, pointer: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::at(code, pointer, message))
}

/// What was said of a record: the fields that have a value.
pub fn said(data: Value) -> Data {
    match data {
        Value::Object(data) => data.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Data::new(),
    }
}
