//! The pool: leads that wait for a consultant. Many reach for one, one gets it; nobody gets too many.

use marque_sdk::{Data, Date, Filter, Result, json, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse},
    flow::{self, Onward},
    intake,
    lead::{KIND, Lead, open, patch},
    moment, people,
    route::Route,
    task,
};

/// Input of `release`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    reason: String,
}

/// Input of `assign`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// To whom.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// In words.
    pub note: Option<String>,
}

/// Takes a lead out of the pool. The revision decides between those who reach for it at once.
pub fn claim(desk: &Desk, lead: &Lead) -> Result<()> {
    let Some(me) = desk.me() else { return refuse("user_unknown", "a person claims a lead") };
    if lead.state() != "pool" {
        return refuse("not_in_pool", "somebody else was quicker: the lead is not in the pool any more");
    }
    let person = people::member(&lead.org, "", me)?;
    if !person.has_role(&desk.settings.routed_roles) && !desk.is_manager() {
        return refuse(
            "claim_denied",
            format!("leads are claimed by the roles {}", desk.settings.routed_roles.join(", ")),
        );
    }
    let is_barred =
        lead.text("former_owner") == Some(me) && lead.text("barred_until").is_some_and(|until| until > desk.now());
    if is_barred {
        return refuse("barred", "the lead was taken back from you just now: leave it to a colleague for a while");
    }
    within_limits(desk, lead, &person)?;
    let data = patch(json!({ "claimed_at": desk.now(), "claimed_by": me }));
    hand(desk, lead, &Route::to(me), Some("claim"), data)
}

fn within_limits(desk: &Desk, lead: &Lead, person: &people::Person) -> Result<()> {
    let mine = || Filter::eq("org", lead.org.as_str());
    let since = moment::begin_of(Date::today(&desk.call)?, &desk.call)?;
    let today = mine().and(Filter::eq("claimed_by", person.id.as_str())).and(Filter::gte("claimed_at", since));
    let claimed = view::find::<Data>(KIND).filter(today).order("-claimed_at").limit(500).page()?.items;
    if claimed.len() as i64 >= desk.settings.claims_a_day {
        let message = format!("you have claimed {} leads today, as many as anybody may", claimed.len());
        return refuse("claims_used_up", message);
    }
    #[derive(Deserialize)]
    struct Count {
        n: i64,
    }
    let open = open().and(mine()).and(Filter::eq("owner", person.id.as_str()));
    let counts: Vec<Count> = view::aggregate(KIND).filter(open).count("n").rows()?;
    let capacity = person.capacity.unwrap_or(60);
    if counts.first().is_some_and(|count| count.n >= capacity) {
        return refuse("capacity_full", format!("you look after {capacity} leads, as many as you can: end some first"));
    }
    // Two claims at once must not both be the last of the day: the second finds the one before changed, and counts again.
    match claimed.first() {
        Some(last) => record::touch(KIND, &last.id, last.rev).stage(),
        None => Ok(()),
    }
}

/// Puts a lead into the pool; a manager sees to it until somebody has it.
pub fn release(desk: &Desk, lead: &Lead, input: Release) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(lead, &["assigned", "attempted", "contacted", "qualified", "out_of_reach"])?;
    if input.reason.trim().is_empty() {
        return crate::desk::refuse_at("reason_missing", "/reason", "say why, so that whoever takes it can understand");
    }
    let staff = people::staff(&lead.org)?;
    let Some(manager) = people::first_with(&staff, &desk.settings.manager_roles) else {
        return refuse("owner_missing", "nobody here sees to the pool: give somebody the role sales_mgr or gm");
    };
    let data = patch(json!({ "route_note": input.reason.trim(), "former_owner": lead.owner() }));
    hand(desk, lead, &Route { is_pool: true, ..Route::to(&manager.id) }, Some("pool"), data)
}

/// A manager gives a lead to somebody: an absence, too much work, or the customer's own wish.
pub fn assign(desk: &Desk, lead: &Lead, input: Assign) -> Result<()> {
    desk.manager_only()?;
    let person = people::member(&lead.org, "/owner", &input.owner)?;
    if person.id == lead.owner() && lead.state() != "pool" {
        return crate::desk::refuse_at("owner_same", "/owner", "the lead is theirs already");
    }
    let note =
        [Some(input.reason.as_str()), input.note.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("：");
    let data = patch(json!({ "route_note": note.chars().take(300).collect::<String>(), "former_owner": lead.owner() }));
    desk.raise(
        "leads.lead.ownership_moved",
        lead,
        json!({ "owner": person.id, "former_owner": lead.owner(), "reason": input.reason }),
    )?;
    match lead.state() {
        "assigned" | "pool" | "attempted" => hand(desk, lead, &Route::to(&person.id), Some("assign"), data),
        _ => move_to(desk, lead, &person.id, data),
    }
}

/// Gives a lead somebody has not spoken to yet to somebody, with a first contact and clocks of their own.
pub fn hand(desk: &Desk, lead: &Lead, route: &Route, transition: Option<&str>, data: Data) -> Result<()> {
    let mut all = intake::given_to(desk, route)?;
    all.extend(data);
    let step = if route.is_pool { "leads.assign" } else { "leads.first_contact" };
    let due = all.get("first_due").and_then(|due| due.as_str()).unwrap_or(desk.now()).to_owned();
    let next = Some(task::Plan { step, owner: &route.owner, due: &due });
    let receipts = route.receipt.iter().map(|receipt| ("owner", receipt.clone())).collect();
    flow::go(desk, lead, Onward { transition, data: all, next, outcome: "handed_on", receipts }).map(drop)
}

/// Another owner for a lead that goes on where it stands: its tasks go along.
pub fn move_to(desk: &Desk, lead: &Lead, owner: &str, mut data: Data) -> Result<()> {
    data.extend(patch(json!({ "owner": owner, "assigned_at": desk.now() })));
    let steps: Vec<&str> =
        task::STEPS.iter().chain(&task::ANSWERED).copied().filter(|step| *step != "leads.approve_defeat").collect();
    task::shift(lead, &steps, Some(owner), None)?;
    flow::go(desk, lead, Onward { data, ..Onward::default() }).map(drop)
}
