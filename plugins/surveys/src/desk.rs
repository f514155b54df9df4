//! What every rule is given: the call, the settings, whoever asks; and the people who work here.

use marque_sdk::{Fault, Filter, Id, Result, info, view};
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
    /// What they are called.
    pub name: String,
    /// Role codes.
    pub roles: Vec<String>,
    /// When they were taken on, as a moment.
    pub since: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    name: String,
    roles: Vec<String>,
    status: Option<String>,
}

/// More people than any dealer has.
const MOST_PEOPLE: usize = 2_000;

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

    /// Refuses whoever has none of these roles. What nobody asked for may go on.
    pub fn must_have(&self, roles: &[&str]) -> Result<()> {
        let may =
            self.me().is_none() || self.call.has_role("admin") || roles.iter().any(|role| self.call.has_role(role));
        if may { Ok(()) } else { Err(Fault::denied(format!("this is done by {}", roles.join(", ")))) }
    }
}

impl Person {
    /// Whether the person has any of these roles.
    pub fn has_role(&self, roles: &[&str]) -> bool {
        self.roles.iter().any(|role| roles.contains(&role.as_str()))
    }
}

/// Who looks after surveys.
pub const KEEPERS: [&str; 4] = ["crm_mgr", "gm", "hq_crm", "hq_admin"];
/// Who calls customers.
pub const CALLERS: [&str; 4] = ["crm_officer", "crm_mgr", "hq_agent", "survey_house"];

/// Everybody at work in an organisation, longest-serving first.
pub fn staff(org: &str) -> Result<Vec<Person>> {
    let users = view::find::<User>("user").filter(Filter::eq("org", org)).up_to(MOST_PEOPLE)?;
    let at_work = users.into_iter().filter(|user| user.data.status.as_deref().is_none_or(|status| status == "active"));
    let mut staff: Vec<Person> = at_work
        .map(|user| Person { id: user.id, name: user.data.name, roles: user.data.roles, since: user.created_at })
        .collect();
    staff.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(staff)
}

/// The first with one of these roles, in the order of the roles.
pub fn first_with<'a>(staff: &'a [Person], roles: &[&str]) -> Option<&'a Person> {
    roles.iter().find_map(|role| staff.iter().find(|person| person.has_role(&[role])))
}
