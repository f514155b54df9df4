//! The people of a dealer, and who of them gets a call: with the right role, not too close to the matter, with the fewest calls.

use std::collections::BTreeMap;

use marque_sdk::{Fault, Filter, Id, Result, view};
use serde::Deserialize;

use crate::call;

/// Somebody at work.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The user's id.
    #[serde(skip)]
    pub id: Id,
    /// Role codes.
    pub roles: Vec<String>,
    status: Option<String>,
}

/// More people than any dealer has.
const MOST: usize = 2_000;

impl Person {
    fn is_at_work(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status == "active")
    }

    /// Whether the person has a role.
    pub fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }
}

/// Everybody at work in an organisation.
pub fn staff(org: &str) -> Result<Vec<Person>> {
    let users = view::find::<Person>("user").filter(Filter::eq("org", org)).up_to(MOST)?;
    let mut staff: Vec<Person> =
        users.into_iter().map(|user| Person { id: user.id, ..user.data }).filter(Person::is_at_work).collect();
    staff.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(staff)
}

/// A member of staff at work in an organisation.
pub fn member(org: &str, id: &str) -> Result<Person> {
    match view::get::<Person>("user", id)? {
        Some(user) if user.data.is_at_work() && user.org == org => Ok(Person { id: user.id, ..user.data }),
        _ => Err(Fault::at(
            "user_unknown",
            "/owner",
            format!("user {id:?} does not work here: choose a member of staff"),
        )),
    }
}

/// Who gets a call.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Roles, the first anybody has.
    pub roles: &'a [String],
    /// Whom the customer knows, if that person may.
    pub prefer: Option<&'a str>,
    /// Who must not.
    pub not_allowed: &'a [Id],
}

/// The one whom the customer knows if that person has the role, else whoever has it and the fewest open calls. A manager where nobody has it.
pub fn choose(org: &str, wanted: Wanted<'_>) -> Result<Option<Id>> {
    let staff = staff(org)?;
    let mut candidates = candidates(&staff, wanted);
    if candidates.len() > 1 {
        let load = load(org)?;
        candidates.sort_by_key(|person| (load.get(&person.id).copied().unwrap_or_default(), person.id.clone()));
    }
    Ok(candidates.first().map(|person| person.id.clone()))
}

fn candidates<'a>(staff: &'a [Person], wanted: Wanted<'_>) -> Vec<&'a Person> {
    let may = |person: &&Person| !wanted.not_allowed.contains(&person.id);
    let fallback = ["crm_mgr", "gm"];
    for role in wanted.roles.iter().map(String::as_str).chain(fallback) {
        let having: Vec<&Person> = staff.iter().filter(|person| person.has(role)).filter(may).collect();
        if let Some(known) = having.iter().find(|person| Some(person.id.as_str()) == wanted.prefer) {
            return vec![known];
        }
        if !having.is_empty() {
            return having;
        }
    }
    Vec::new()
}

/// How many open calls each has.
fn load(org: &str) -> Result<BTreeMap<Id, i64>> {
    #[derive(Deserialize)]
    struct Row {
        owner: Option<Id>,
        n: i64,
    }
    let open = Filter::eq("org", org).and(Filter::is_in("state", call::OPEN));
    let rows: Vec<Row> = view::aggregate(call::KIND).filter(open).group(&["owner"]).count("n").rows()?;
    Ok(rows.into_iter().filter_map(|row| Some((row.owner?, row.n))).collect())
}

/// The first with one of these roles, in their order, who is not one of `except`.
pub fn first_with(org: &str, roles: &[&str], except: &[Id]) -> Result<Option<Id>> {
    let staff = staff(org)?;
    let may = |person: &&Person| !except.contains(&person.id);
    let found = roles.iter().find_map(|role| staff.iter().filter(may).find(|person| person.has(role)));
    Ok(found.map(|person| person.id.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, role: &str) -> Person {
        Person { id: id.into(), roles: vec![role.into()], status: None }
    }

    fn who(staff: &[Person], roles: &[&str], prefer: Option<&str>, not_allowed: &[&str]) -> Vec<String> {
        let roles: Vec<String> = roles.iter().map(|&role| role.to_owned()).collect();
        let not_allowed: Vec<Id> = not_allowed.iter().map(|&id| id.to_owned()).collect();
        let wanted = Wanted { roles: &roles, prefer, not_allowed: &not_allowed };
        candidates(staff, wanted).into_iter().map(|person| person.id.clone()).collect()
    }

    #[test]
    fn whoever_did_the_work_does_not_call() {
        let staff = [person("li", "crm_officer"), person("wang", "crm_officer"), person("zhou", "crm_mgr")];
        assert_eq!(who(&staff, &["crm_officer"], None, &["li"]), ["wang"]);
        assert_eq!(who(&staff, &["crm_officer"], None, &["li", "wang"]), ["zhou"], "a manager where nobody else may");
        assert!(who(&staff, &["crm_officer"], None, &["li", "wang", "zhou"]).is_empty());
    }

    #[test]
    fn the_one_the_customer_knows_comes_first() {
        let staff = [person("a", "consultant"), person("b", "consultant"), person("c", "crm_officer")];
        assert_eq!(who(&staff, &["consultant"], Some("b"), &[]), ["b"]);
        assert_eq!(who(&staff, &["consultant"], Some("c"), &[]), ["a", "b"], "only with the role");
        assert_eq!(who(&staff, &["consultant"], Some("b"), &["b"]), ["a"]);
    }
}
