//! Signing up for an activity: a place or the waiting list, told at once; who comes is checked in and earns points.

use marque_sdk::{Fault, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    account::{Account, Reason},
    activity::{self, Activity},
    desk::{self, Desk},
    points,
};

/// The kind's name.
pub const KIND: &str = "loyalty.sign_up";
/// More than any activity has.
const MANY: usize = 2_000;

/// What of a sign-up counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct SignUp {
    /// For which activity.
    pub activity: Id,
    /// Who comes.
    pub customer: Id,
    /// How many places, with companions.
    pub seats: i64,
    /// Where it stands.
    pub state: String,
    /// When they were reminded.
    pub reminded_at: Option<String>,
    /// The mark they gave.
    pub rating: Option<i64>,
}

/// Input of `sign_up`; see plugin.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    activity: Id,
    customer: Id,
    seats: Option<i64>,
    note: Option<String>,
}

/// Input of `give_feedback`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    rating: i64,
    comment: Option<String>,
}

/// Sign-ups in some states, those who came first before the others.
pub fn of(activity: &str, states: &[&str]) -> Result<Vec<Record<SignUp>>> {
    let theirs = Filter::eq("activity", activity).and(Filter::is_in("state", states.iter().copied()));
    view::find::<SignUp>(KIND).filter(theirs).order("created_at").up_to(MANY)
}

/// A place if there is one and nobody waits for it, else the waiting list. The activity's revision guards the places.
pub fn sign_up(desk: &Desk, input: &Wish) -> Result<Value> {
    let id = input.activity.as_str();
    let activity = Activity::planned(id)?;
    let mut after = activity.data.clone();
    let is_early = after.sign_up_from.as_deref().is_some_and(|from| desk.now() < from);
    let until = after.sign_up_to.as_deref().unwrap_or(&after.starts_at);
    if is_early || desk.now() > until {
        return Err(Fault::new("sign_up_closed", "nobody signs up for this activity now: look at its times"));
    }
    let person = desk::customer(&input.customer, "/customer")?;
    let slot = format!("{id}:{}", person.id);
    if view::find::<Value>(KIND).filter(Filter::eq("slot", slot.as_str())).exists()? {
        return Err(Fault::at("signed_up_already", "/customer", "this customer has signed up already"));
    }
    let seats = input.seats.unwrap_or(1);
    let has_place = after.n_waiting == 0 && after.n_confirmed + seats <= after.capacity;
    let (transition, state, key) = match has_place {
        true => ("confirm", "confirmed", "message.confirmed"),
        false => ("wait", "waitlisted", "message.waitlisted"),
    };
    *(if has_place { &mut after.n_confirmed } else { &mut after.n_waiting }) += seats;
    let one = new_id();
    let data = json!({
        "activity": id, "customer": person.id, "seats": seats, "at": desk.now(), "by": desk.me(), "note": input.note,
        "slot": slot,
    });
    record::create(KIND).id(&one).org(&activity.org).fields(desk::said(data)).stage()?;
    record::mov(KIND, &one, transition).field("ack_at", desk.now()).stage()?;
    keep_places(&activity, &after)?;
    activity::tell_customer(desk, &after, &person.id, key)?;
    let told = json!({ "state": state, "seats": seats });
    desk::raise("loyalty.activity.signed_up", &person.id, (KIND, &one, 2), told)?;
    Ok(json!({ "sign_up": one, "state": state, "confirmed": after.n_confirmed, "waiting": after.n_waiting }))
}

/// Somebody cannot come; who waits longest and fits takes the place.
pub fn cancel(desk: &Desk, id: &str) -> Result<Value> {
    let one = view::require::<SignUp>(KIND, id)?;
    let activity = Activity::planned(&one.data.activity)?;
    let mut after = activity.data.clone();
    match one.data.state.as_str() {
        "waitlisted" => after.n_waiting -= one.data.seats,
        "confirmed" => after.n_confirmed -= one.data.seats,
        _ => {}
    }
    record::mov(KIND, id, "cancel").if_rev(one.rev).field("slot", Value::Null).stage()?;
    let let_in = let_in(desk, &one.data.activity, &mut after, &[id])?;
    keep_places(&activity, &after)?;
    Ok(json!({ "sign_up": id, "let_in": let_in }))
}

/// Those who wait take free places in their order; nobody passes somebody who waits longer.
pub fn let_in(desk: &Desk, id: &str, activity: &mut Activity, but: &[&str]) -> Result<Vec<Id>> {
    let mut let_in = Vec::new();
    for one in of(id, &["waitlisted"])?.into_iter().filter(|one| !but.contains(&one.id.as_str())) {
        if activity.n_confirmed + one.data.seats > activity.capacity {
            break;
        }
        activity.n_confirmed += one.data.seats;
        activity.n_waiting -= one.data.seats;
        record::mov(KIND, &one.id, "confirm").if_rev(one.rev).field("ack_at", desk.now()).stage()?;
        activity::tell(desk, activity, &one, "message.confirmed")?;
        let_in.push(one.id);
    }
    Ok(let_in)
}

/// They are here. A member earns points for it.
pub fn check_in(desk: &Desk, id: &str) -> Result<Value> {
    let one = view::require::<SignUp>(KIND, id)?;
    let activity = Activity::planned(&one.data.activity)?;
    if desk.today < desk.day(&activity.data.starts_at)? {
        return Err(Fault::new("not_begun", "it is not the day of the activity yet"));
    }
    record::mov(KIND, id, "attend").if_rev(one.rev).field("attended_at", desk.now()).stage()?;
    let n_attended = activity.data.n_attended + one.data.seats;
    record::change(activity::KIND, &activity.id).if_rev(activity.rev).field("n_attended", n_attended).stage()?;
    let points = reward(desk, &activity, &one.data.customer, id)?;
    desk::raise("loyalty.activity.attended", &one.data.customer, (KIND, id, one.rev + 1), json!({ "points": points }))?;
    Ok(json!({ "sign_up": id, "points": points }))
}

fn reward(desk: &Desk, activity: &Record<Activity>, customer: &str, sign_up: &str) -> Result<i64> {
    let Some(mut account) = Account::find(customer)? else { return Ok(0) };
    account.expire(desk)?;
    let base = activity.data.points.unwrap_or(desk.settings.activity);
    let earned = points::for_deed(desk, "activity", base, account.facts.tier)?;
    let (about, note) = (Some((KIND, sign_up)), Some(activity.data.name.as_str()));
    let reason = Reason { rule: "activity", about, note, receipt: Some(&earned.receipt), ..Reason::default() };
    account.earn(desk, earned.points, &reason)?;
    account.save(desk)?;
    Ok(earned.points)
}

/// What somebody who came says of it, once.
pub fn give_feedback(id: &str, input: &Feedback) -> Result<Value> {
    let one = view::require::<SignUp>(KIND, id)?;
    if one.data.state != "attended" || one.data.rating.is_some() {
        return Err(Fault::new("no_feedback", "only who came gives feedback, and once"));
    }
    let activity = view::require::<Activity>(activity::KIND, &one.data.activity)?;
    let write = record::change(KIND, id).if_rev(one.rev).field("rating", input.rating);
    input.comment.iter().fold(write, |write, comment| write.field("comment", comment)).stage()?;
    let Activity { rating_sum, n_ratings, .. } = activity.data;
    let write = record::change(activity::KIND, &activity.id).if_rev(activity.rev);
    write.field("rating_sum", rating_sum + input.rating).field("n_ratings", n_ratings + 1).stage()?;
    Ok(json!({ "sign_up": id }))
}

fn keep_places(before: &Record<Activity>, after: &Activity) -> Result<()> {
    let write = record::change(activity::KIND, &before.id).if_rev(before.rev);
    write.field("n_confirmed", after.n_confirmed).field("n_waiting", after.n_waiting).stage()
}
