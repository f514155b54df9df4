//! What every rule is given: the call, the day it is at the dealer's, the settings; and the customers there are.

use marque_sdk::{Date, Fault, Id, Record, Result, info, view};
use serde::Deserialize;

use crate::settings::Settings;

/// One call.
#[derive(Debug)]
pub struct Desk {
    /// Its circumstances.
    pub call: info::Call,
    /// The day it is.
    pub today: Date,
    /// The organisation's settings.
    pub settings: Settings,
}

impl Desk {
    /// The call being answered.
    pub fn open() -> Result<Desk> {
        let call = info::call()?;
        Ok(Desk { today: Date::today(&call)?, settings: info::settings()?, call })
    }

    /// The time of the call.
    pub fn now(&self) -> &str {
        &self.call.now
    }

    /// The id of the person who asks.
    pub fn me(&self) -> Option<&Id> {
        self.call.person()
    }
}

/// What of a customer counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// How the customer is called.
    pub name: String,
    /// `prospect`, `owner`, `company` …
    pub r#type: String,
    /// The number on the file.
    pub phone: Option<String>,
    /// The address for e-mail on the file.
    pub email: Option<String>,
}

/// A customer of these organisations.
pub fn customer(id: &str, pointer: &str) -> Result<Record<Customer>> {
    view::get("customer", id)?.ok_or_else(|| {
        Fault::at("customer_unknown", pointer, format!("there is no customer {id:?} here: choose one of yours"))
    })
}
