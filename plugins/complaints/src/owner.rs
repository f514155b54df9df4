//! The owner of a new case: whoever handles complaints and has the fewest, never the person complained about.

use marque_sdk::{Filter, Result, view};
use serde::Deserialize;

use crate::{
    case::{KIND, State},
    desk::{Desk, refuse},
    people::{self, Person},
};

/// How many open cases somebody owns.
#[derive(Deserialize)]
struct Load {
    #[serde(default)]
    owner: Option<String>,
    open: u64,
}

/// Choose an owner in the calling organisation.
pub fn choose(desk: &Desk, accused: Option<&str>) -> Result<String> {
    let staff = people::staff(desk)?;
    let open = State::open_filter().and(Filter::eq("org", desk.call.org.as_str()));
    let loads: Vec<Load> = view::aggregate(KIND).filter(open).group(&["owner"]).count("open").rows()?;
    match least_loaded(&staff, &loads, accused, desk.me()) {
        Some(id) => Ok(id.to_owned()),
        None => refuse(
            "owner_missing",
            "nobody here can own this complaint: give somebody else the role crm_officer, crm_mgr or gm, or have another colleague record it",
        ),
    }
}

/// Complaint desk first, of equals the officer before the manager; then the general manager, then whoever records it.
fn least_loaded<'a>(
    staff: &'a [Person],
    loads: &[Load],
    accused: Option<&str>,
    me: Option<&'a str>,
) -> Option<&'a str> {
    let load =
        |person: &Person| loads.iter().find(|load| load.owner.as_ref() == Some(&person.id)).map_or(0, |load| load.open);
    let may = |id: &str| accused != Some(id);
    [&["crm_officer", "crm_mgr"][..], &["gm"]]
        .into_iter()
        .find_map(|roles| {
            let able = staff.iter().filter(|person| person.has_role(roles) && may(&person.id));
            able.min_by_key(|person| (load(person), !person.has_role(&["crm_officer"])))
                .map(|person| person.id.as_str())
        })
        .or(me.filter(|id| may(id)))
}

/// Refuse the person complained about.
pub fn must_not_be_accused(owner: &str, accused: Option<&str>) -> Result<()> {
    if accused == Some(owner) {
        return refuse(
            "owner_is_subject",
            "the person complained about cannot own the complaint: choose another owner",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, role: &str) -> Person {
        Person { id: id.into(), name: id.into(), roles: vec![role.into()] }
    }

    fn staff() -> Vec<Person> {
        vec![person("a", "crm_officer"), person("b", "crm_mgr"), person("g", "gm"), person("z", "advisor")]
    }

    fn loads(loads: &[(&str, u64)]) -> Vec<Load> {
        loads.iter().map(|(id, open)| Load { owner: Some((*id).to_owned()), open: *open }).collect()
    }

    #[test]
    fn the_least_loaded_of_the_desk_owns() {
        assert_eq!(least_loaded(&staff(), &loads(&[("a", 3), ("b", 2)]), None, None), Some("b"));
        assert_eq!(least_loaded(&staff(), &loads(&[]), None, None), Some("a"));
        assert_eq!(
            least_loaded(&[person("b", "crm_mgr"), person("c", "crm_officer")], &loads(&[]), None, None),
            Some("c")
        );
    }

    #[test]
    fn the_person_complained_about_never_owns() {
        assert_eq!(least_loaded(&staff(), &loads(&[("b", 9)]), Some("a"), None), Some("b"));
        assert_eq!(least_loaded(&[person("z", "advisor")], &loads(&[]), Some("z"), Some("z")), None);
    }

    #[test]
    fn without_a_desk_the_general_manager_owns_then_the_caller() {
        assert_eq!(least_loaded(&[person("g", "gm"), person("z", "advisor")], &loads(&[]), None, Some("z")), Some("g"));
        assert_eq!(least_loaded(&[person("z", "advisor")], &loads(&[]), None, Some("z")), Some("z"));
        assert_eq!(least_loaded(&[], &loads(&[]), None, None), None);
    }
}
