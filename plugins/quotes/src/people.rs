//! The people of a dealer: who is there to decide.

use marque_sdk::{Filter, Result, view};
use serde::Deserialize;

use crate::limit::Level;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct User {
    roles: Vec<String>,
    status: Option<String>,
}

/// More people than any dealer has.
const MOST: usize = 2_000;

/// Who decides at a level: whoever has been here longest of those with the role, or else of those above it. Who asks does not decide.
pub fn approver(org: &str, level: Level, but: Option<&str>) -> Result<Option<String>> {
    let mut users = view::find::<User>("user").filter(Filter::eq("org", org)).up_to(MOST)?;
    users.retain(|user| {
        user.data.status.as_deref().is_none_or(|status| status == "active") && Some(user.id.as_str()) != but
    });
    users.sort_by(|one, other| one.id.cmp(&other.id));
    // Above the general manager headquarters decide; at the dealer it is the general manager who takes it there.
    let from = level.min(Level::Gm);
    let found = Level::ALL.into_iter().filter(|one| *one >= from).find_map(|one| {
        users.iter().find(|user| user.data.roles.iter().any(|role| one.roles().contains(&role.as_str())))
    });
    Ok(found.map(|user| user.id.clone()))
}
