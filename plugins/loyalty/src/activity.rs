//! Activities of the club: planned, filled, reminded of, held, evaluated.

use marque_sdk::{
    Date, Fault, Filter, Outcome, Record, Result, Value, json, message, new_id, record, stage, timer, view,
};
use serde::{Deserialize, Serialize};

use crate::{
    burn::Why,
    desk::{self, Desk},
    document,
    sign_up::{self, SignUp},
    texts,
};

/// The kind's name.
pub const KIND: &str = "loyalty.activity";
const COST: &str = "loyalty.cost";

/// What of an activity counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Activity {
    /// What it is called.
    pub name: String,
    /// `planned`, `held`, `evaluated`, `cancelled`.
    pub state: String,
    /// When it begins.
    pub starts_at: String,
    /// Where.
    pub place: Option<String>,
    /// How many can come.
    pub capacity: i64,
    /// From when on people sign up.
    pub sign_up_from: Option<String>,
    /// Until when.
    pub sign_up_to: Option<String>,
    /// What coming earns, if not what the settings say.
    pub points: Option<i64>,
    /// Places taken.
    pub n_confirmed: i64,
    /// Places waited for.
    pub n_waiting: i64,
    /// Who came.
    pub n_attended: i64,
    /// What may be spent, in fen.
    pub budget: Option<i64>,
    /// What was spent.
    pub cost: i64,
    /// Sum of the marks given.
    pub rating_sum: i64,
    /// How many gave one.
    pub n_ratings: i64,
}

/// Input of `plan`; see plugin.toml.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    name: String,
    kind: String,
    starts_at: String,
    ends_at: Option<String>,
    place: Option<String>,
    capacity: i64,
    sign_up_from: Option<String>,
    sign_up_to: Option<String>,
    fee: Option<i64>,
    points: Option<i64>,
    budget: Option<i64>,
    note: Option<String>,
}

/// Input of `change`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    starts_at: Option<String>,
    place: Option<String>,
    capacity: Option<i64>,
    sign_up_to: Option<String>,
    budget: Option<i64>,
}

/// Input of `add_cost`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    category: String,
    amount: i64,
    on: Option<String>,
    note: Option<String>,
}

impl Activity {
    /// A planned one.
    pub fn planned(id: &str) -> Result<Record<Activity>> {
        let activity = view::require::<Activity>(KIND, id)?;
        match activity.data.state.as_str() {
            "planned" => Ok(activity),
            state => Err(Fault::new("activity_over", format!("the activity is {state} already"))),
        }
    }
}

/// Plans an activity; people sign up at once unless a day is said.
pub fn plan(desk: &Desk, input: &Plan) -> Result<Value> {
    let moment = |at: &Option<String>, pointer| at.as_deref().map(|at| desk.moment(at, pointer)).transpose();
    let starts_at = desk.moment(&input.starts_at, "/starts_at")?;
    if starts_at.as_str() <= desk.now() {
        return Err(Fault::at("starts_in_past", "/starts_at", "it begins in the past: say a later time"));
    }
    let until = moment(&input.sign_up_to, "/sign_up_to")?;
    if until.as_ref().is_some_and(|until| *until > starts_at) {
        return Err(Fault::at(
            "sign_up_too_late",
            "/sign_up_to",
            "people sign up before it begins: say an earlier time",
        ));
    }
    let id = new_id();
    let mut data = desk::said(json!(input));
    data.extend(desk::said(json!({
        "starts_at": starts_at, "ends_at": moment(&input.ends_at, "/ends_at")?, "sign_up_to": until,
        "sign_up_from": moment(&input.sign_up_from, "/sign_up_from")?, "by": desk.me(),
    })));
    record::create(KIND).id(&id).fields(data).stage()?;
    remind_at(desk, &id, &starts_at)?;
    Ok(json!({ "activity": id }))
}

/// So many days before, at the same time of the day.
fn remind_at(desk: &Desk, id: &str, starts_at: &str) -> Result<()> {
    let (day, time) = starts_at.split_at_checked(10).unwrap_or((starts_at, ""));
    let day = day.parse::<Date>()?.plus_days(-desk.settings.remind_days);
    stage([timer::set(&format!("remind:{id}"), &format!("{day}{time}")).field("activity", id)])
}

/// Another time, place or size. A larger room lets in who waits.
pub fn change(desk: &Desk, id: &str, input: &Change) -> Result<Value> {
    let activity = Activity::planned(id)?;
    let mut data = desk::said(json!(input));
    if let Some(at) = &input.starts_at {
        let at = desk.moment(at, "/starts_at")?;
        remind_at(desk, id, &at)?;
        data.insert("starts_at".into(), json!(at));
    }
    if let Some(at) = &input.sign_up_to {
        data.insert("sign_up_to".into(), json!(desk.moment(at, "/sign_up_to")?));
    }
    let mut after = activity.data.clone();
    if let Some(capacity) = input.capacity {
        if capacity < after.n_confirmed {
            let message = format!("{} places are promised: the room cannot be smaller", after.n_confirmed);
            return Err(Fault::at("capacity_short", "/capacity", message));
        }
        after.capacity = capacity;
        sign_up::let_in(desk, id, &mut after, &[])?;
        data.extend(desk::said(json!({ "n_confirmed": after.n_confirmed, "n_waiting": after.n_waiting })));
    }
    record::change(KIND, id).if_rev(activity.rev).fields(data).stage()?;
    Ok(json!({ "activity": id, "confirmed": after.n_confirmed, "waiting": after.n_waiting }))
}

/// What was spent on it.
pub fn add_cost(desk: &Desk, id: &str, input: &Cost) -> Result<Value> {
    let activity = view::require::<Activity>(KIND, id)?;
    if matches!(activity.data.state.as_str(), "evaluated" | "cancelled") {
        return Err(Fault::new("activity_over", "the activity is done with: its costs stay as they are"));
    }
    let mut data = desk::said(json!(input));
    data.extend(desk::said(json!({ "activity": id, "by": desk.me() })));
    data.entry("on").or_insert_with(|| json!(desk.today));
    record::create(COST).org(&activity.org).fields(data).stage()?;
    let cost = activity.data.cost + input.amount;
    record::change(KIND, id).if_rev(activity.rev).field("cost", cost).stage()?;
    let is_over = activity.data.budget.is_some_and(|budget| cost > budget);
    Ok(json!({ "cost": cost, "over_budget": is_over }))
}

/// It has taken place: who was promised a place and did not come is noted.
pub fn hold(desk: &Desk, id: &str) -> Result<Value> {
    let activity = Activity::planned(id)?;
    if desk.now() < activity.data.starts_at.as_str() {
        return Err(Fault::new("not_begun", "it has not begun yet: end it afterwards, or cancel it"));
    }
    let absent = sign_up::of(id, &["confirmed"])?;
    for one in &absent {
        record::mov(sign_up::KIND, &one.id, "miss").if_rev(one.rev).stage()?;
    }
    for one in sign_up::of(id, &["waitlisted"])? {
        record::mov(sign_up::KIND, &one.id, "cancel").if_rev(one.rev).field("slot", Value::Null).stage()?;
    }
    record::mov(KIND, id, "hold").if_rev(activity.rev).field("n_waiting", 0).stage()?;
    Ok(json!({ "attended": activity.data.n_attended, "absent": absent.len() }))
}

/// It does not take place; everybody is told.
pub fn cancel(desk: &Desk, id: &str, input: &Why) -> Result<Value> {
    let activity = Activity::planned(id)?;
    let people = sign_up::of(id, &["confirmed", "waitlisted"])?;
    for one in &people {
        record::mov(sign_up::KIND, &one.id, "cancel").if_rev(one.rev).field("slot", Value::Null).stage()?;
        tell(desk, &activity.data, one, "message.cancelled")?;
    }
    let write = record::mov(KIND, id, "cancel").if_rev(activity.rev).field("note", &input.reason);
    write.field("n_confirmed", 0).field("n_waiting", 0).stage()?;
    stage([timer::cancel(&format!("remind:{id}"))])?;
    Ok(json!({ "told": people.len() }))
}

/// Business of guests counts for an activity so many days, as a campaign's does.
const ROI_DAYS: i64 = 90;
/// Guests in one question to the store.
const CHUNK: usize = 400;

/// What those who came have paid since it began, refunds taken off.
fn turnover(id: &str, starts_at: &str) -> Result<i64> {
    #[derive(Deserialize)]
    struct Sum {
        kind: String,
        total: Option<i64>,
    }
    let (day, time) = starts_at.split_at_checked(10).unwrap_or((starts_at, ""));
    let until = format!("{}{time}", day.parse::<Date>()?.plus_days(ROI_DAYS));
    let guests: Vec<_> = sign_up::of(id, &["attended"])?.into_iter().map(|one| one.data.customer).collect();
    let mut turnover = 0;
    for guests in guests.chunks(CHUNK) {
        let theirs = Filter::is_in("customer", guests.iter().cloned())
            .and(Filter::gte("settled_at", starts_at))
            .and(Filter::lt("settled_at", until.as_str()));
        let sums: Vec<Sum> =
            view::aggregate(document::KIND).filter(theirs).group(&["kind"]).sum("total", "total").rows()?;
        let signed = |sum: &Sum| if sum.kind == "refund" { -sum.total.unwrap_or(0) } else { sum.total.unwrap_or(0) };
        turnover += sums.iter().map(signed).sum::<i64>();
    }
    Ok(turnover)
}

/// What it came to: cost a head, share of those who came, marks, and what it returned: (margin of what guests paid since − cost) ÷ cost.
/// Rates are rounded down to whole per cent.
pub fn evaluate(desk: &Desk, id: &str) -> Result<Value> {
    let activity = view::require::<Activity>(KIND, id)?;
    let turnover = turnover(id, &activity.data.starts_at)?;
    let Activity { n_confirmed, n_attended, cost, budget, rating_sum, n_ratings, .. } = activity.data;
    let margin = turnover * desk.settings.margin_percent / 100;
    let roi = (cost > 0).then(|| ((margin - cost) * 100).div_euclid(cost));
    let share = |part: i64, whole: i64| (whole > 0).then(|| part / whole);
    let mut evaluate = record::mov(KIND, id, "evaluate").if_rev(activity.rev).field("turnover", turnover);
    if let Some(roi) = roi {
        evaluate = evaluate.field("roi_percent", roi);
    }
    evaluate.stage()?;
    Ok(json!({
        "attended": n_attended,
        "came_percent": share(n_attended * 100, n_confirmed),
        "cost": cost,
        "cost_a_head": share(cost, n_attended),
        "budget_left": budget.map(|budget| budget - cost),
        "rating_hundredths": share(rating_sum * 100, n_ratings),
        "turnover": turnover,
        "margin": margin,
        "roi_percent": roi,
    }))
}

/// The day before: those who have a place are reminded.
pub fn remind(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(activity) = view::get::<Activity>(KIND, id)? else { return Ok(Outcome::Skip) };
    // A timer that comes late, after a server was down, reminds nobody of what has begun.
    if activity.data.state != "planned" || activity.data.starts_at.as_str() <= desk.now() {
        return Ok(Outcome::Skip);
    }
    for one in sign_up::of(id, &["confirmed"])?.iter().filter(|one| one.data.reminded_at.is_none()) {
        record::change(sign_up::KIND, &one.id).if_rev(one.rev).field("reminded_at", desk.now()).stage()?;
        tell(desk, &activity.data, one, "message.reminder")?;
    }
    Ok(Outcome::Done)
}

/// A message about an activity somebody has signed up for: they asked for it, so it is service.
pub fn tell(desk: &Desk, activity: &Activity, one: &Record<SignUp>, key: &str) -> Result<()> {
    tell_customer(desk, activity, &one.data.customer, key)
}

/// The same by the customer.
pub fn tell_customer(desk: &Desk, activity: &Activity, customer: &str, key: &str) -> Result<()> {
    let locale = &desk.call.locale;
    let day = desk.day(&activity.starts_at)?.to_string();
    let gaps = [("name", activity.name.as_str()), ("day", &day), ("place", activity.place.as_deref().unwrap_or("-"))];
    let send = message::serve(customer, &desk.settings.channel, &texts::filled(locale, key, &gaps)).template(key);
    let send = send.subject(&activity.name);
    // Of one that has begun, which is called off for instance, they are told all the same.
    if activity.starts_at.as_str() > desk.now() { send.until(&activity.starts_at).stage() } else { send.stage() }
}
