//! The people of a dealer: who works there, who can take over from whom, who is responsible.

use marque_sdk::{Data, Filter, Id, Record, Result, view};
use serde::Deserialize;

use crate::desk::{Desk, refuse, refuse_at};

/// Somebody of the house.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The user's id.
    #[serde(skip)]
    pub id: Id,
    /// What people call them.
    pub name: String,
    /// Role codes.
    pub roles: Vec<String>,
    /// `active`, `on_leave`, `leaving`, `left`.
    pub status: Option<String>,
    /// Their team.
    pub team: Option<Id>,
    /// What they can do, with a level from 1 to 5.
    pub skills: Data,
    /// How many customers they can look after.
    pub capacity: Option<i64>,
    /// Their last day.
    pub last_day: Option<String>,
}

/// More people than any dealer has.
const MANY: usize = 1_000;

impl Person {
    /// Whether they work here as usual.
    pub fn is_at_work(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status == "active")
    }

    fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }
}

/// Everybody of an organisation, whatever their state.
pub fn everybody(org: &str) -> Result<Vec<Person>> {
    let found: Vec<Record<Person>> = view::find("user").filter(Filter::eq("org", org)).up_to(MANY)?;
    let mut people: Vec<Person> = found.into_iter().map(|user| Person { id: user.id, ..user.data }).collect();
    people.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(people)
}

/// Somebody of this house, in whatever state.
pub fn known(org: &str, pointer: &str, id: &str) -> Result<Person> {
    match view::get::<Person>("user", id)? {
        Some(user) if user.org == org => Ok(Person { id: user.id, ..user.data }),
        _ => refuse_at("user_unknown", pointer, format!("user {id:?} is not of this house: choose a member of staff")),
    }
}

/// Somebody at work here.
pub fn at_work(org: &str, pointer: &str, id: &str) -> Result<Person> {
    let person = known(org, pointer, id)?;
    match person.is_at_work() {
        true => Ok(person),
        false => refuse_at(
            "user_unknown",
            pointer,
            format!("{} does not work here now: choose somebody who does", person.name),
        ),
    }
}

/// Who can take over from somebody: who was named, else whoever is at work and does the same work, else a manager.
pub fn successors(desk: &Desk, org: &str, leaver: &Person, named: &[Id]) -> Result<Vec<Person>> {
    let people = everybody(org)?;
    let able = |person: &&Person| person.is_at_work() && person.id != leaver.id;
    let named: Vec<Person> = people.iter().filter(able).filter(|person| named.contains(&person.id)).cloned().collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let same = |person: &&Person| leaver.roles.iter().any(|role| person.has_role(role));
    let same: Vec<Person> = people.iter().filter(able).filter(same).cloned().collect();
    if !same.is_empty() {
        return Ok(same);
    }
    match manager(desk, &people, &leaver.id) {
        Some(manager) => Ok(vec![manager.clone()]),
        None => refuse("nobody_left", "nobody here can take over: name a successor"),
    }
}

/// Who is responsible: the first manager who is not the one who leaves.
pub fn manager<'a>(desk: &Desk, people: &'a [Person], but: &str) -> Option<&'a Person> {
    let able = |role: &String| people.iter().find(|one| one.is_at_work() && one.id != but && one.has_role(role));
    desk.settings.manager_roles.iter().find_map(able)
}

/// What somebody is called.
pub fn name(id: &str) -> Result<String> {
    Ok(view::get::<Person>("user", id)?.map(|user| user.data.name).unwrap_or_default())
}
