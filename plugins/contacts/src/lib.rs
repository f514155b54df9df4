//! Contacts: every word with a customer is taken down once, ends the task it was for, and plans the next one. This file routes.

mod log;

use marque_sdk::{Act, Action, Fault, Result, Value};

struct Contacts;

marque_sdk::plugin!(Contacts: act);

impl Act for Contacts {
    fn run(action: &Action) -> Result<Value> {
        match action.name.as_str() {
            "log" => log::log(&marque_sdk::info::call()?, action.input()?),
            other => Err(Fault::not_found(format!("contacts have no action {other:?}"))),
        }
    }
}
