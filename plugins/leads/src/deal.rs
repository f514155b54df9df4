//! Big deals: by four figures the manager is told which consultant should work one, and decides with one press, or with a reason.

use std::collections::BTreeMap;

use marque_sdk::{
    Data, Date, Decision, Event, Filter, Id, Outcome, Record, Result, Value, decide, json, new_id, record, view,
};
use serde::{Deserialize, Serialize};

use crate::{
    customer,
    desk::{Desk, refuse},
    lead::{KIND as LEAD, Lead, open, patch},
    moment,
    people::{self, Person},
    pool::{self, Assign},
    task, texts,
};

const KIND: &str = "leads.deal";
const CANDIDATE: &str = "leads.candidate";
const STEP: &str = "leads.big_deal";
const ANSWER: &str = "surveys.answer";
/// Figures look back so many days.
const LOOK_BACK: i64 = 365;
/// What an index of satisfaction is out of.
const INDEX_MOST: f64 = 1_000.0;
/// A level of a skill, from 1 to 5, in points of a hundred.
const SKILL_LEVEL: i64 = 20;
/// A deal won in the customer's industry.
const SOLD: i64 = 10;
/// States of leads that were won.
const WON: [&str; 2] = ["ordered", "delivered"];

/// Input of `choose_other`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choose {
    owner: Id,
    reason: String,
}

/// The four figures of a consultant, each of a hundred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Candidate {
    id: Id,
    name: String,
    win_rate: i64,
    experience: i64,
    ssi: i64,
    capacity: i64,
}

#[derive(Deserialize)]
struct Ranked {
    ranking: Vec<Place>,
    #[serde(default)]
    reasons: Vec<String>,
}

#[derive(Deserialize)]
struct Place {
    id: Id,
    /// Hundredths of a point, so that no sum is rounded.
    points: i64,
}

#[derive(Deserialize)]
struct Deal {
    lead: Id,
    proposed: Option<Id>,
}

/// A lead was made, filed or changed: one that is big now, and has not been, is put before the manager.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let is_new = !event.kind.ends_with(".changed");
    if !is_new && !event.changed("cars") && !event.changed("amount") && !event.changed("budget") {
        return Ok(Outcome::Skip);
    }
    let Some(about) = event.record().filter(|about| about.kind == LEAD) else { return Ok(Outcome::Skip) };
    let Some(lead) = view::get::<Data>(LEAD, &about.id)?.map(Lead::from) else { return Ok(Outcome::Skip) };
    propose(desk, &lead)
}

/// Puts a big deal before the manager, once.
pub fn propose(desk: &Desk, lead: &Lead) -> Result<Outcome> {
    let Some(customer) = lead.customer() else { return Ok(Outcome::Skip) };
    let is_over = !lead.is_open() || matches!(lead.state(), "ordered" | "defeat_requested");
    if is_over
        || !is_big(desk, lead)
        || view::find::<Value>(KIND).filter(Filter::eq("lead", lead.id.as_str())).exists()?
    {
        return Ok(Outcome::Skip);
    }
    let staff = people::staff(&lead.org)?;
    let Some(manager) = people::first_with(&staff, &desk.settings.manager_roles) else { return Ok(Outcome::Skip) };
    let able: Vec<&Person> = staff.iter().filter(|person| person.has_role(&desk.settings.routed_roles)).collect();
    if able.is_empty() {
        return Ok(Outcome::Skip);
    }
    let industry = customer::industry(customer)?;
    let candidates = figures(desk, lead, &able, industry.as_deref())?;
    let mut asked = json!({ "cars": cars(lead), "amount": amount(lead), "candidates": candidates, "now": desk.now() });
    if let Some(industry) = &industry {
        asked["industry"] = json!(industry);
    }
    let Decision { output, receipt } = decide::<Ranked>("sales.assign_big_deal", &asked)?;
    let due = moment::after(desk.now(), &desk.settings.big_deal_decide)?;
    let id = new_id();
    let title = texts::title(&desk.call.locale, STEP, lead.text("name").unwrap_or_default());
    let data = patch(json!({
        "title": title, "customer": customer, "lead": lead.id, "slot": lead.id, "owner": manager.id, "cars": cars(lead),
        "amount": amount(lead), "proposed": output.ranking.first().map(|first| &first.id),
        "reasons": output.reasons.join("；"), "due": due,
    }));
    record::create(KIND).id(id.as_str()).org(lead.org.as_str()).fields(&data).receipt("proposed", &receipt).stage()?;
    for (place, ranked) in output.ranking.iter().enumerate() {
        let Some(one) = candidates.iter().find(|one| one.id == ranked.id) else { continue };
        let data = patch(json!({
            "title": one.name, "deal": id, "staff": one.id, "place": place + 1, "score": ranked.points as f64 / 100.0,
            "win_rate": one.win_rate, "experience": one.experience, "ssi": one.ssi, "capacity": one.capacity,
        }));
        record::create(CANDIDATE).id(new_id()).org(lead.org.as_str()).fields(&data).stage()?;
    }
    task::open(desk, lead, task::Plan { step: STEP, owner: &manager.id, due: &due })?;
    Ok(Outcome::Done)
}

fn is_big(desk: &Desk, lead: &Lead) -> bool {
    cars(lead) >= desk.settings.big_deal_cars || amount(lead) >= desk.settings.big_deal_amount
}

fn cars(lead: &Lead) -> i64 {
    lead.number("cars").max(1)
}

/// What it is worth by what is known: the amount once there is one, before that what the customer means to spend.
fn amount(lead: &Lead) -> i64 {
    lead.number("amount").max(lead.number("budget")).max(lead.number("price") * cars(lead))
}

/// The four figures of everybody who can have it.
fn figures(desk: &Desk, lead: &Lead, able: &[&Person], industry: Option<&str>) -> Result<Vec<Candidate>> {
    let since = moment::begin_of(Date::today(&desk.call)?.plus_days(-LOOK_BACK), &desk.call)?;
    let here = || Filter::eq("org", lead.org.as_str());
    let of_year = |states: &[&str]| {
        here().and(Filter::is_in("state", states.iter().copied())).and(Filter::gte("received_at", since.as_str()))
    };
    let won = counts(of_year(&WON))?;
    let lost = counts(of_year(&["defeated"]))?;
    let busy = counts(open().and(here()))?;
    let alike = match industry {
        Some(industry) => {
            counts(here().and(Filter::is_in("state", WON)).and(Filter::eq("customer.industry", industry)))?
        }
        None => BTreeMap::new(),
    };
    let ssi = satisfaction(&since)?;
    let of = |counts: &BTreeMap<Id, i64>, id: &str| counts.get(id).copied().unwrap_or(0);
    Ok(able
        .iter()
        .map(|person| Candidate {
            id: person.id.clone(),
            name: person.name.clone(),
            win_rate: share(of(&won, &person.id), of(&won, &person.id) + of(&lost, &person.id)),
            experience: experience(&person.skills, industry, of(&alike, &person.id)),
            ssi: of(&ssi, &person.id),
            capacity: free(person.capacity.unwrap_or(60), of(&busy, &person.id)),
        })
        .collect())
}

#[derive(Deserialize)]
struct Count {
    owner: Option<Id>,
    n: i64,
}

fn counts(filter: Filter) -> Result<BTreeMap<Id, i64>> {
    let rows: Vec<Count> = view::aggregate(LEAD).filter(filter).group(&["owner"]).count("n").rows()?;
    Ok(rows.into_iter().filter_map(|row| Some((row.owner?, row.n))).collect())
}

/// What buyers said of each seller, of a hundred. Without the surveys nobody has a figure, and all have the same.
fn satisfaction(since: &str) -> Result<BTreeMap<Id, i64>> {
    #[derive(Deserialize)]
    struct Mean {
        staff: Option<Id>,
        mean: Option<f64>,
    }
    let answered = Filter::gte("ended_at", since).and(Filter::eq("study.template", "ssi"));
    let answered = answered.and(Filter::is_in("state", ["complete", "valid", "counted"]));
    let rows = view::aggregate(ANSWER).filter(answered).group(&["staff"]).avg("mean", "index").rows::<Mean>();
    let Ok(rows) = rows else { return Ok(BTreeMap::new()) };
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.staff?, (row.mean? * 100.0 / INDEX_MOST).round().clamp(0.0, 100.0) as i64)))
        .collect())
}

/// So many of so many, in whole hundredths.
fn share(part: i64, whole: i64) -> i64 {
    if whole == 0 { 0 } else { (part * 200 + whole) / (whole * 2) }
}

/// How much of what somebody can look after is free.
fn free(capacity: i64, open: i64) -> i64 {
    share((capacity - open).max(0), capacity.max(1))
}

/// What somebody has sold in the customer's industry, or is known to be able to: there, or failing that with fleets.
fn experience(skills: &Data, industry: Option<&str>, sold: i64) -> i64 {
    let level = |name: &str| skills.get(name).and_then(Value::as_i64);
    let level = industry.and_then(level).or_else(|| level("大客户")).unwrap_or(0);
    (level * SKILL_LEVEL).max(sold * SOLD).clamp(0, 100)
}

/// The manager does as proposed.
pub fn follow(desk: &Desk, id: &str) -> Result<Value> {
    let deal: Record<Deal> = view::require(KIND, id)?;
    let Some(proposed) = deal.data.proposed.clone() else {
        return refuse("user_unknown", "nobody was proposed: choose somebody yourself");
    };
    give(desk, &deal, &proposed, None)
}

/// The manager knows better, and says why.
pub fn choose(desk: &Desk, id: &str, input: Choose) -> Result<Value> {
    let deal: Record<Deal> = view::require(KIND, id)?;
    if input.reason.trim().is_empty() {
        return crate::desk::refuse_at("reason_missing", "/reason", "say why it is not done as proposed");
    }
    give(desk, &deal, &input.owner, Some(input.reason.trim()))
}

fn give(desk: &Desk, deal: &Record<Deal>, owner: &str, reason: Option<&str>) -> Result<Value> {
    desk.manager_only()?;
    let lead = Lead::load(&deal.data.lead)?;
    if !lead.is_open() {
        return refuse("state_refused", "the lead has ended meanwhile: there is nothing to give to anybody");
    }
    let chosen = people::member(&lead.org, "/owner", owner)?;
    let data = patch(json!({
        "chosen": chosen.id, "decision": reason, "decided_by": desk.me(), "decided_at": desk.now(),
    }));
    record::mov(KIND, &deal.id, "decide").if_rev(deal.rev).fields(data).stage()?;
    task::end(desk, &lead, &[STEP], "done")?;
    if lead.owner() != chosen.id || lead.state() == "pool" {
        let why = texts::text(&desk.call.locale, "word.big_deal");
        pool::assign(desk, &lead, Assign { owner: chosen.id, reason: why, note: reason.map(str::to_owned) })?;
    }
    Ok(json!({ "id": deal.id }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_and_nothing_of_nothing_is_nothing() {
        assert_eq!([share(0, 0), share(2, 3), share(1, 3), share(4, 5)], [0, 67, 33, 80]);
    }

    #[test]
    fn who_is_full_has_nothing_free() {
        assert_eq!([free(60, 24), free(60, 60), free(60, 90), free(0, 0)], [60, 0, 0, 0]);
    }

    #[test]
    fn the_industry_counts_before_fleets_in_general() {
        let skills = json!({ "transport": 5, "大客户": 2 });
        let skills = skills.as_object().unwrap();
        assert_eq!(experience(skills, Some("transport"), 0), 100);
        assert_eq!(experience(skills, Some("it"), 3), 40);
        assert_eq!(experience(&Data::new(), Some("it"), 9), 90);
    }
}
