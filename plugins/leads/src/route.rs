//! Who gets a lead: the point `lead.route_staff` puts those who can have it in order.

use std::collections::BTreeMap;

use marque_sdk::{Date, Decision, Filter, Id, Result, Value, decide, json, view};
use serde::{Deserialize, Serialize};

use crate::{
    desk::Desk,
    lead::{KIND, Lead, open},
    moment,
    people::{self, Person},
};

/// Somebody who can have a lead, as the rule sees them.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Candidate {
    id: Id,
    is_on_duty: bool,
    skills: Value,
    capacity: i64,
    open: i64,
    today: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_at: Option<String>,
}

#[derive(Deserialize)]
struct Routed {
    order: Vec<Id>,
    #[serde(default)]
    reasons: Vec<String>,
}

/// Who is to have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Whose it is now.
    pub owner: Id,
    /// Whether that is somebody who has to find a consultant first.
    pub is_pool: bool,
    /// Why.
    pub note: Option<String>,
    /// What it was decided from.
    pub receipt: Option<String>,
}

impl Route {
    /// One that nobody decided by rule.
    pub fn to(owner: &str) -> Route {
        Route { owner: owner.into(), is_pool: false, note: None, receipt: None }
    }
}

#[derive(Deserialize)]
struct Load {
    owner: Option<Id>,
    n: i64,
    #[serde(default)]
    last: Option<String>,
}

/// Chooses among the people of the lead's dealer but for some, who were `given` so many leads in this call; where nobody can have it, a manager has it in the pool.
pub fn choose(desk: &Desk, lead: &Lead, but: &[&str], given: &[(&str, i64)]) -> Result<Option<Route>> {
    let staff = people::staff(&lead.org)?;
    let can_have = |person: &&Person| person.has_role(&desk.settings.routed_roles) && !but.contains(&person.id.as_str());
    let able: Vec<&Person> = staff.iter().filter(can_have).collect();
    let manager = || {
        let chosen = people::first_with(&staff, &desk.settings.manager_roles).or(staff.iter().find(|person| {
            desk.me() == Some(&person.id)
        }));
        chosen.map(|person| Route { is_pool: true, ..Route::to(&person.id) })
    };
    if able.is_empty() {
        return Ok(manager());
    }
    let input = json!({
        "model": lead.text("model").unwrap_or_default(),
        "brand": lead.text("brand").unwrap_or_default(),
        "is_company": lead.says("is_company"),
        "is_vip": lead.says("is_vip"),
        "score": lead.number("score"),
        "candidates": candidates(desk, lead, &able, given)?,
        "now": desk.now(),
    });
    let Decision { output, receipt } = decide::<Routed>("lead.route_staff", &input)?;
    let first = output.order.iter().find(|id| able.iter().any(|person| person.id == **id));
    match first {
        Some(owner) => Ok(Some(Route { note: note(&output.reasons), receipt: Some(receipt), ..Route::to(owner) })),
        None => Ok(manager().map(|route| Route { note: note(&output.reasons), ..route })),
    }
}

fn note(reasons: &[String]) -> Option<String> {
    (!reasons.is_empty()).then(|| reasons.join("；").chars().take(300).collect())
}

/// `given` are leads of this very call, which the View does not hold yet.
fn candidates(desk: &Desk, lead: &Lead, able: &[&Person], given: &[(&str, i64)]) -> Result<Vec<Candidate>> {
    let here = || Filter::eq("org", lead.org.as_str());
    let since = moment::begin_of(Date::today(&desk.call)?, &desk.call)?;
    let open: Vec<Load> = view::aggregate(KIND).filter(open().and(here())).group(&["owner"]).count("n").rows()?;
    let today = here().and(Filter::gte("assigned_at", since));
    let today: Vec<Load> =
        view::aggregate(KIND).filter(today).group(&["owner"]).count("n").max("last", "assigned_at").rows()?;
    let by_owner = |loads: Vec<Load>| -> BTreeMap<Id, Load> {
        loads.into_iter().filter_map(|load| Some((load.owner.clone()?, load))).collect()
    };
    let (open, today) = (by_owner(open), by_owner(today));
    let new = |id: &str| given.iter().find(|(given, _)| *given == id).map_or(0, |(_, n)| *n);
    let candidate = |person: &&Person| Candidate {
        id: person.id.clone(),
        is_on_duty: person.is_on_duty,
        skills: Value::Object(person.skills.clone()),
        capacity: person.capacity.unwrap_or(60),
        open: open.get(&person.id).map_or(0, |load| load.n) + new(&person.id),
        today: today.get(&person.id).map_or(0, |load| load.n) + new(&person.id),
        last_at: today.get(&person.id).and_then(|load| load.last.clone()),
    };
    Ok(able.iter().map(candidate).collect())
}
