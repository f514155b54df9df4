//! The people of a dealer: who works there, who takes a test drive, who decides.

use std::collections::BTreeMap;

use marque_sdk::{Filter, Id, Result, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at},
    drive,
};

/// Somebody at work.
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
    /// Whether somebody is on duty at the moment of the call.
    pub is_on_duty: bool,
    status: Option<String>,
}

/// More people than any dealer has.
const MANY: usize = 1_000;

impl Person {
    fn has_role(&self, roles: &[impl AsRef<str>]) -> bool {
        self.roles.iter().any(|role| roles.iter().any(|wanted| wanted.as_ref() == role))
    }

    fn is_at_work(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status == "active")
    }
}

/// Everybody at work in an organisation.
pub fn staff(org: &str) -> Result<Vec<Person>> {
    let found = view::find::<Person>("user").filter(Filter::eq("org", org)).up_to(MANY)?;
    let people = found.into_iter().map(|user| Person { id: user.id, ..user.data });
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

/// The first manager there is.
pub fn manager<'a>(desk: &Desk, staff: &'a [Person]) -> Option<&'a Person> {
    let roles = &desk.settings.manager_roles;
    roles.iter().find_map(|role| staff.iter().find(|person| person.has_role(&[role])))
}

/// Who takes a test drive that begins at `start`: one of `wished` in their order who works here, else who takes test drives, is on duty
/// and has the fewest to come, else a manager.
pub fn taker(desk: &Desk, org: &str, wished: &[Option<&str>]) -> Result<Id> {
    let staff = staff(org)?;
    let works_here = |id: &&str| staff.iter().any(|person| person.id == **id);
    if let Some(id) = wished.iter().flatten().copied().find(|id| works_here(id)) {
        return Ok(id.to_owned());
    }
    let able: Vec<&Person> = staff.iter().filter(|person| person.has_role(&desk.settings.staff_roles)).collect();
    let on_duty: Vec<&Person> = able.iter().copied().filter(|person| person.is_on_duty).collect();
    let able = if on_duty.is_empty() { able } else { on_duty };
    let load = load(org)?;
    let chosen = able.into_iter().min_by_key(|person| load.get(&person.id).copied().unwrap_or(0));
    match chosen.or_else(|| manager(desk, &staff)) {
        Some(person) => Ok(person.id.clone()),
        None => {
            refuse("owner_missing", "nobody here takes test drives: give somebody the role consultant or sales_mgr")
        }
    }
}

/// How many test drives everybody has before them.
fn load(org: &str) -> Result<BTreeMap<Id, i64>> {
    #[derive(Deserialize)]
    struct Load {
        owner: Option<Id>,
        n: i64,
    }
    let open = Filter::eq("org", org).and(Filter::is_in("state", drive::HELD));
    let rows: Vec<Load> = view::aggregate(drive::KIND).filter(open).group(&["owner"]).count("n").rows()?;
    Ok(rows.into_iter().filter_map(|row| Some((row.owner?, row.n))).collect())
}

/// What somebody is called.
pub fn name(id: &str) -> Result<Option<String>> {
    Ok(view::get::<Person>("user", id)?.map(|user| user.data.name))
}
