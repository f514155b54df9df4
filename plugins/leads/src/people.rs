//! The people of a dealer: who works there, who is on duty, who decides.

use marque_sdk::{Data, Filter, Id, Result, view};
use serde::Deserialize;

use crate::desk::refuse_at;

/// Somebody at work.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The user's id.
    #[serde(skip)]
    pub id: Id,
    /// As colleagues call them.
    pub name: String,
    /// Role codes.
    pub roles: Vec<String>,
    /// What somebody can do, with a level from 1 to 5.
    pub skills: Data,
    /// How many open leads somebody can look after.
    pub capacity: Option<i64>,
    /// Whether somebody is on duty at the moment of the call.
    pub is_on_duty: bool,
    status: Option<String>,
}

/// A page of the View holds 500: more people than any dealer has.
const MOST: u32 = 500;

impl Person {
    /// Whether the person has any of these roles.
    pub fn has_role(&self, roles: &[impl AsRef<str>]) -> bool {
        self.roles.iter().any(|role| roles.iter().any(|wanted| wanted.as_ref() == role))
    }

    fn is_at_work(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status == "active")
    }
}

/// Everybody at work in an organisation, whoever has been there longest first.
pub fn staff(org: &str) -> Result<Vec<Person>> {
    let page = view::find::<Person>("user").filter(Filter::eq("org", org)).limit(MOST).page()?;
    let people = page.items.into_iter().map(|user| Person { id: user.id, ..user.data });
    let mut staff: Vec<Person> = people.filter(Person::is_at_work).collect();
    staff.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(staff)
}

/// A member of staff at work in an organisation.
pub fn member(org: &str, pointer: &str, id: &str) -> Result<Person> {
    match view::get::<Person>("user", id)? {
        Some(user) if user.data.is_at_work() && user.org == org => Ok(Person { id: user.id, ..user.data }),
        _ => refuse_at("user_unknown", pointer, format!("user {id:?} does not work here: choose a member of staff")),
    }
}

/// The first person with the first of these roles that anybody has.
pub fn first_with<'a>(staff: &'a [Person], roles: &[impl AsRef<str>]) -> Option<&'a Person> {
    roles.iter().find_map(|role| staff.iter().find(|person| person.has_role(&[role.as_ref()])))
}
