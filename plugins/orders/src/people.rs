//! The people of a dealer: who is there for a task that is not the consultant's.

use marque_sdk::{Filter, Result, view};
use serde::Deserialize;

use crate::desk::refuse_at;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct User {
    roles: Vec<String>,
    status: Option<String>,
}

/// More people than any dealer has.
const MOST: usize = 2_000;

impl User {
    fn is_at_work(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status == "active")
    }
}

/// Whoever has been here longest of those with the first of these roles that anybody has.
pub fn first_with(org: &str, roles: &[&str]) -> Result<Option<String>> {
    let mut users = view::find::<User>("user").filter(Filter::eq("org", org)).up_to(MOST)?;
    users.retain(|user| user.data.is_at_work());
    users.sort_by(|one, other| one.id.cmp(&other.id));
    let found = roles.iter().find_map(|role| users.iter().find(|user| user.data.roles.iter().any(|one| one == role)));
    Ok(found.map(|user| user.id.clone()))
}

/// Refuses whoever does not work here.
pub fn must_work_here(org: &str, pointer: &str, id: &str) -> Result<()> {
    match view::get::<User>("user", id)? {
        Some(user) if user.data.is_at_work() && user.org == org => Ok(()),
        _ => refuse_at("user_unknown", pointer, format!("user {id:?} does not work here: choose a member of staff")),
    }
}
