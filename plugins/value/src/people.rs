//! The people of an organisation who call and decide.

use marque_sdk::{Filter, Id, Result, view};
use serde::Deserialize;

/// Somebody at work.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The user's id.
    #[serde(skip)]
    pub id: Id,
    roles: Vec<String>,
    status: Option<String>,
}

/// More people than any dealer has.
const MOST: usize = 2_000;

/// Everybody at work in an organisation, whoever has been there longest first.
pub fn staff(org: &str) -> Result<Vec<Person>> {
    let found = view::find::<Person>("user").filter(Filter::eq("org", org)).up_to(MOST)?;
    let people = found.into_iter().map(|user| Person { id: user.id, ..user.data });
    let mut staff: Vec<Person> = people.filter(Person::is_at_work).collect();
    staff.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(staff)
}

/// The first person with the first of these roles that anybody has.
pub fn first_with<'a>(staff: &'a [Person], roles: &[String]) -> Option<&'a Person> {
    roles.iter().find_map(|role| staff.iter().find(|person| person.roles.contains(role)))
}

impl Person {
    fn is_at_work(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status == "active")
    }
}
