//! What every rule is given: the call, the settings, the people at work.

use marque_sdk::{Command, Fault, Filter, Id, Record, Result, Value, info, json, view};
use serde::Deserialize;

use crate::settings::Settings;

/// One call.
#[derive(Debug)]
pub struct Desk {
    /// Its circumstances.
    pub call: info::Call,
    /// The organisation's settings.
    pub settings: Settings,
}

/// Somebody at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The user's id.
    pub id: Id,
    /// Role codes.
    pub roles: Vec<String>,
}

/// What of a user counts here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    roles: Vec<String>,
    status: Option<String>,
}

/// Who may deal with other people's tasks.
const MANAGERS: [&str; 8] = ["gm", "crm_mgr", "service_mgr", "sales_mgr", "region_mgr", "hq_crm", "hq_admin", "admin"];

impl Desk {
    /// The call being answered.
    pub fn open() -> Result<Desk> {
        Ok(Desk { call: info::call()?, settings: info::settings()? })
    }

    /// The time of the call.
    pub fn now(&self) -> &str {
        &self.call.now
    }

    /// The id of the person who asks.
    pub fn me(&self) -> Option<&str> {
        self.call.person().map(String::as_str)
    }

    /// Whether whoever asks may deal with a task of `owner`. Only people are asked; timers may.
    pub fn may_deal_with(&self, owner: &str) -> bool {
        self.me().is_none_or(|me| me == owner || MANAGERS.iter().any(|role| self.call.has_role(role)))
    }

    /// A moment as the core stores it, so that texts compare like moments.
    pub fn moment(&self, text: &str) -> Result<String> {
        info::due(text, "0m").map_err(|_| {
            refuse("due_invalid", "/due", format!("{text:?} is not a moment: write it like 2026-03-13T10:00:00+08:00"))
        })
    }
}

/// A member of staff who is at work.
pub fn member(id: &str) -> Result<Id> {
    match view::get::<User>("user", id)? {
        Some(user) if user.data.is_at_work() => Ok(user.id),
        _ => {
            Err(refuse("owner_unknown", "/owner", format!("user {id:?} does not work here: choose a member of staff")))
        }
    }
}

/// The first person at work with the first of these roles that anybody in the calling organisation has.
pub fn first_with(desk: &Desk, roles: &[String]) -> Result<Option<Id>> {
    let here = Filter::eq("org", desk.call.org.as_str());
    let users = view::find::<User>("user").filter(here).limit(500).page()?.items;
    let at_work = users.into_iter().filter(|user| user.data.is_at_work());
    let staff: Vec<Person> = at_work.map(|user| Person { id: user.id, roles: user.data.roles }).collect();
    Ok(choose(&staff, roles).map(|person| person.id.clone()))
}

fn choose<'a>(staff: &'a [Person], roles: &[String]) -> Option<&'a Person> {
    roles.iter().find_map(|role| staff.iter().find(|person| person.roles.contains(role)))
}

impl User {
    fn is_at_work(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status == "active")
    }
}

/// Raises one of our own events about a record, for its customer's ears where it has one.
pub fn raise<T>(kind: &str, customer: Option<&str>, about: &Record<T>, data: Value) -> Result<()> {
    let record = json!({ "kind": about.kind, "id": about.id, "rev": about.rev });
    let mut body = json!({ "kind": kind, "record": record, "data": data });
    if let Some(customer) = customer {
        body["subject"] = customer.into();
    }
    Command::new("event.raise", body).stage()
}

/// A refusal with a code of ours, pointing at the wrong input; `fault.<code>` in texts/ says it to people.
pub fn refuse(code: &str, pointer: &str, message: impl Into<String>) -> Fault {
    let message = message.into();
    Fault::new(code, message.clone()).and(pointer, code, message)
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn the_order_of_roles_decides_who_is_alarmed() {
        let person = |id: &str, role: &str| Person { id: id.into(), roles: vec![role.into()] };
        let staff = [person("li", "crm_officer"), person("wu", "crm_mgr"), person("gao", "gm")];
        let chosen = |roles: &[&str]| {
            choose(&staff, &roles.iter().map(|role| (*role).to_owned()).collect::<Vec<_>>())
                .map(|person| person.id.as_str())
        };
        assert_eq!(chosen(&["gm", "crm_mgr"]), Some("gao"));
        assert_eq!(chosen(&["hq_crm", "crm_mgr"]), Some("wu"));
        assert_eq!(chosen(&["hq_crm"]), None);
    }
}
