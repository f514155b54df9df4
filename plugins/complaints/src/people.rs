//! The people of an organisation: who works there, who may handle a complaint, who is too close to it.

use marque_sdk::{Fault, Filter, Result, view};
use serde::Deserialize;

use crate::{
    case::Case,
    desk::{Desk, refuse},
};

/// Somebody with roles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The user's id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Role codes.
    pub roles: Vec<String>,
}

/// What of a user counts here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct User {
    name: String,
    roles: Vec<String>,
    status: Option<String>,
}

/// More people than any organisation has.
const MOST_PEOPLE: usize = 2_000;

impl Person {
    /// Whether the person has any of these roles.
    pub fn has_role(&self, roles: &[&str]) -> bool {
        self.roles.iter().any(|role| roles.contains(&role.as_str()))
    }

    /// Whether the person may do what these roles may. The platform's administrator may do everything, but is nobody's choice as owner.
    pub fn may_as(&self, roles: &[&str]) -> bool {
        self.has_role(roles) || self.has_role(&["admin"])
    }
}

/// Roles that handle complaints.
pub const HANDLERS: [&str; 8] =
    ["crm_officer", "crm_mgr", "service_mgr", "sales_mgr", "gm", "hq_agent", "hq_crm", "hq_admin"];

/// Everybody at work in the calling organisation, in a fixed order.
pub fn staff(desk: &Desk) -> Result<Vec<Person>> {
    // The View shows the organisations below as well; their people have cases of their own.
    let here = Filter::eq("org", desk.call.org.as_str());
    let users = view::find::<User>("user").filter(here).up_to(MOST_PEOPLE)?;
    let mut staff: Vec<Person> =
        users.into_iter().filter(|user| user.data.is_at_work()).map(|user| user.data.person(user.id)).collect();
    // Ids sort by time, so of equals whoever has been here longest is chosen, whatever order the store answers in.
    staff.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(staff)
}

/// A member of staff of the calling organisation.
pub fn member(id: &str) -> Result<Person> {
    match view::get::<User>("user", id)? {
        Some(user) if user.data.is_at_work() => Ok(user.data.person(user.id)),
        _ => refuse("user_unknown", format!("user {id:?} does not work here: choose a member of staff")),
    }
}

/// The first person with the first of these roles that anybody has, but for those who must not.
pub fn first_with<'a>(staff: &'a [Person], roles: &[&str], but: &[&str]) -> Option<&'a Person> {
    roles
        .iter()
        .find_map(|role| staff.iter().find(|person| person.has_role(&[role]) && !but.contains(&person.id.as_str())))
}

/// Only its owner and those who handle complaints may, and never the person complained about.
pub fn may_handle(desk: &Desk, case: &Case) -> Result<()> {
    let Some(person) = &desk.person else { return Ok(()) };
    if case.accused() == Some(&person.id) {
        return refuse(
            "actor_is_subject",
            format!("{} is the person complained about: somebody else has to do this", person.name),
        );
    }
    if person.id == case.owner() || person.may_as(&HANDLERS) {
        return Ok(());
    }
    Err(Fault::denied(format!("{} neither owns the complaint nor handles complaints", person.name)))
}

/// Who is too close to ask the customer whether it helped: the person complained about, the owner, whoever did the work.
pub fn involved(case: &Case) -> Vec<&str> {
    let mut involved: Vec<&str> =
        ["responsible_staff", "owner", "executed_by"].iter().filter_map(|field| case.text(field)).collect();
    involved.sort_unstable();
    involved.dedup();
    involved
}

impl User {
    fn is_at_work(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status == "active")
    }

    fn person(self, id: String) -> Person {
        Person { id, name: self.name, roles: self.roles }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::patch;
    use marque_sdk::json;

    fn people() -> Vec<Person> {
        let person = |id: &str, role: &str| Person { id: id.into(), name: id.into(), roles: vec![role.into()] };
        vec![person("a", "consultant"), person("b", "service_mgr"), person("c", "crm_mgr")]
    }

    #[test]
    fn the_order_of_roles_counts_before_the_order_of_people() {
        assert_eq!(first_with(&people(), &["crm_mgr", "service_mgr"], &[]).unwrap().id, "c");
        assert_eq!(first_with(&people(), &["crm_mgr", "service_mgr"], &["c"]).unwrap().id, "b");
        assert!(first_with(&people(), &["gm"], &[]).is_none());
    }

    #[test]
    fn owner_executor_and_the_person_complained_about_are_involved() {
        let case = Case {
            id: "c".into(),
            rev: 1,
            data: patch(json!({ "owner": "o", "responsible_staff": "zhou", "executed_by": "o" })),
        };
        assert_eq!(involved(&case), ["o", "zhou"]);
    }
}
