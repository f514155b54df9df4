//! A reminder: one subject of one vehicle, the day it is due, and when the customer hears of it next.

use std::collections::BTreeMap;

use marque_sdk::{Data, Date, Fault, Filter, Id, Record, Result, Value, json, new_id, record, timer, view};
use serde::Deserialize;

use crate::{
    call::{self, Call},
    clock,
    desk::{self, Desk},
    forecast,
    settings::Way,
    stop, texts, topic, vehicle,
};

/// The kind's name.
pub const KIND: &str = "care.reminder";
/// States in which a customer may still hear of it.
pub const OPEN: [&str; 3] = ["watching", "due", "answered"];
/// The minute of the day at which reminders are looked at: nine in the morning.
const MORNING: i64 = 9 * 60;

/// What of a reminder counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Reminder {
    /// `regular_service`.
    pub kind: String,
    /// Who is reminded.
    pub customer: Id,
    /// Of which vehicle.
    pub vehicle: Option<Id>,
    /// Where it stands.
    pub state: String,
    /// The day it is due.
    pub due_on: Date,
    /// When the customer hears of it next.
    pub next_on: Option<Date>,
    /// How often the customer has heard of it.
    #[serde(default)]
    pub touched: i64,
    /// It was said in another's call, and is not said again before.
    pub skip_until: Option<Date>,
    /// The call it is said in.
    pub call: Option<Id>,
    /// What it is about.
    pub about_kind: Option<String>,
    /// Which one.
    pub about: Option<Id>,
    /// The last service it counts from.
    pub since_on: Option<Date>,
    /// The odometer at it.
    pub since_km: Option<i64>,
    /// What makes it the only one.
    pub slot: Option<String>,
}

/// A reminder that there should be.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// `regular_service`.
    pub kind: &'a str,
    /// In which organisation.
    pub org: &'a str,
    /// Who is reminded.
    pub customer: &'a str,
    /// Of which vehicle.
    pub vehicle: Option<&'a str>,
    /// Kind and id of what it is about.
    pub about: Option<(&'a str, &'a str)>,
    /// The day it is due.
    pub due_on: Date,
    /// Why that day.
    pub reasons: String,
    /// Other fields.
    pub more: Data,
    /// The receipt of the rule that found the day.
    pub receipt: Option<String>,
}

/// Reads a reminder that must be there.
pub fn load(id: &str) -> Result<Record<Reminder>> {
    view::require(KIND, id)
}

/// The same, still open.
pub fn load_open(id: &str) -> Result<Record<Reminder>> {
    let reminder = load(id)?;
    if reminder.data.is_open() {
        return Ok(reminder);
    }
    Err(Fault::new("reminder_over", format!("this reminder is {} already", reminder.data.state)))
}

/// Input of `finish`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    done_on: Option<String>,
    km: Option<i64>,
}

/// It was done here without a work order, or somebody knows that it was.
pub fn finish(desk: &Desk, id: &str, input: Finish) -> Result<()> {
    let reminder = load_open(id)?;
    let on = desk.past_day(input.done_on.as_deref(), "/done_on")?;
    done(desk, &reminder, on, input.km, json!({}))
}

impl Reminder {
    /// Whether the customer may still hear of it.
    pub fn is_open(&self) -> bool {
        OPEN.contains(&self.state.as_str())
    }
}

/// The reminders that are open and meet a filter.
pub fn open(filter: Filter) -> Result<Vec<Record<Reminder>>> {
    view::find::<Reminder>(KIND).filter(filter.and(Filter::is_in("state", OPEN))).order("due_on").up_to(500)
}

/// The open reminders of a customer that a complaint holds.
pub fn held(customer: &str) -> Result<Vec<Record<Reminder>>> {
    open(Filter::eq("customer", customer).and(Filter::not_empty("held_at")))
}

/// When the customer hears of it next, from a day on. Who learns late of what is still to come hears of it at once.
pub fn next_touch(way: &Way, due_on: Date, from: Date, is_first: bool) -> Option<Date> {
    let touches = way.touches.iter().map(|days| due_on.plus_days(*days)).filter(|day| *day >= from).min();
    touches.or_else(|| (is_first && due_on >= from).then_some(from))
}

/// Makes it so: creates the reminder, moves its day, or leaves it as it is.
pub fn ensure(desk: &Desk, known: &[Record<Reminder>], wanted: &Wanted<'_>) -> Result<()> {
    let slot = slot(wanted);
    match known.iter().find(|reminder| reminder.data.slot.as_deref() == Some(slot.as_str())) {
        // Two owners know nothing of one another: what the one was reminded of ends, and the other's begins.
        Some(reminder) if reminder.data.customer != wanted.customer => {
            if let Some(call) = &reminder.data.call {
                withdraw_call(desk, call, &reminder.data.kind, "end.gone")?;
            }
            end(desk, reminder, "cancel", "end.gone", json!({}))?;
            create(desk, wanted, slot).map(drop)
        }
        Some(reminder) => reschedule(desk, reminder, wanted),
        None => create(desk, wanted, slot).map(drop),
    }
}

fn slot(wanted: &Wanted<'_>) -> String {
    let what = wanted.vehicle.unwrap_or(wanted.customer);
    match wanted.about {
        Some((_, about)) => format!("{what}:{}:{about}", wanted.kind),
        None => format!("{what}:{}", wanted.kind),
    }
}

/// Creates it, unless it has lapsed before it begins or the customer wants to hear nothing of it.
pub fn create(desk: &Desk, wanted: &Wanted<'_>, slot: String) -> Result<Option<Id>> {
    let lapses = wanted.due_on.plus_days(desk.settings.lapse_days);
    if lapses <= desk.today || stop::holds(wanted.customer, wanted.vehicle, wanted.kind)? {
        return Ok(None);
    }
    let next = next_touch(&desk.settings.way(wanted.kind), wanted.due_on, desk.today, true);
    let id = new_id();
    let mut create = record::create(KIND)
        .id(id.as_str())
        .org(wanted.org)
        .field("kind", wanted.kind)
        .field("customer", wanted.customer)
        .field("due_on", wanted.due_on)
        .field("slot", slot)
        .fields(&wanted.more);
    if !wanted.reasons.is_empty() {
        create = create.field("reasons", &wanted.reasons);
    }
    create = wanted.vehicle.into_iter().fold(create, |create, vehicle| create.field("vehicle", vehicle));
    create = next.into_iter().fold(create, |create, next| create.field("next_on", next));
    if let Some((kind, about)) = wanted.about {
        create = create.field("about_kind", kind).field("about", about);
    }
    if let Some(receipt) = &wanted.receipt {
        create = create.receipt("due_on", receipt);
    }
    create.stage()?;
    ring_on(desk, &id, wanted.customer, next.unwrap_or(lapses))?;
    Ok(Some(id))
}

fn reschedule(desk: &Desk, reminder: &Record<Reminder>, wanted: &Wanted<'_>) -> Result<()> {
    let data = &reminder.data;
    if data.due_on == wanted.due_on {
        return Ok(());
    }
    let from = data.skip_until.map_or(desk.today, |until| until.max(desk.today));
    let next = next_touch(&desk.settings.way(&data.kind), wanted.due_on, from, data.touched == 0);
    let mut patch = wanted.more.clone();
    patch.extend(object(json!({
        "due_on": wanted.due_on, "reasons": wanted.reasons, "next_on": next, "customer": wanted.customer,
    })));
    let is_early_again =
        data.state == "due" && next.is_some_and(|next| next > desk.today) && wanted.due_on > data.due_on;
    let write = if is_early_again {
        if let Some(call) = &data.call {
            withdraw_call(desk, call, &data.kind, "end.rescheduled")?;
        }
        record::mov(KIND, &reminder.id, "wait").field("touched", 0).field("call", Value::Null)
    } else {
        record::change(KIND, &reminder.id)
    };
    let write = write.if_rev(reminder.rev).fields(&patch);
    wanted.receipt.iter().fold(write, |write, receipt| write.receipt("due_on", receipt)).stage()?;
    let lapses = wanted.due_on.plus_days(desk.settings.lapse_days);
    ring_on(desk, &reminder.id, wanted.customer, next.unwrap_or(lapses))
}

/// Sets its clock to the morning of a day; for what has come to a minute from now.
pub fn ring_on(desk: &Desk, id: &str, customer: &str, day: Date) -> Result<()> {
    let (soon, morning) = (desk.soon()?, clock::at(day, MORNING, &desk.call)?);
    timer::set(&format!("reminder:{id}"), morning.max(soon).as_str()).subject(customer).field("reminder", id).stage()
}

/// A call about this alone is not made any more; one about more goes on without it.
pub fn withdraw_call(desk: &Desk, id: &str, kind: &str, reason: &str) -> Result<()> {
    withdraw_calls(desk, &BTreeMap::from([(id.to_owned(), vec![kind.to_owned()])]), reason)
}

/// The same of several topics a call, each call written once.
pub fn withdraw_calls(desk: &Desk, calls: &BTreeMap<Id, Vec<String>>, reason: &str) -> Result<()> {
    calls.iter().try_for_each(|(id, kinds)| withdraw(desk, id, kinds, reason))
}

fn withdraw(desk: &Desk, id: &str, kinds: &[String], reason: &str) -> Result<()> {
    let Some(call) = view::get::<Call>(call::KIND, id)?.filter(|call| call.data.is_open()) else { return Ok(()) };
    let left: Vec<String> = call.data.topics.iter().filter(|topic| !kinds.contains(topic)).cloned().collect();
    let Some(first) = left.first() else {
        return call::cancel(desk, &call, &texts::text(&desk.call.locale, reason));
    };
    let topics: &[String] = if left.len() == 1 { &[] } else { &left };
    record::change(call::KIND, id)
        .if_rev(call.rev)
        .field("kind", first)
        .field("topics", topics)
        .field("script", call::script(desk, first, topics))
        .stage()
}

/// Ends it: the customer hears no more of it, and another may take its place.
pub fn end(desk: &Desk, reminder: &Record<Reminder>, transition: &str, reason: &str, more: Value) -> Result<()> {
    let mut write = record::mov(KIND, &reminder.id, transition)
        .if_rev(reminder.rev)
        .field("slot", Value::Null)
        .field("next_on", Value::Null)
        .fields(more);
    if !reason.is_empty() {
        write = write.field("end_reason", texts::text(&desk.call.locale, reason));
    }
    write.stage()?;
    timer::cancel(&format!("reminder:{}", reminder.id)).stage()
}

/// What the customer has answered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// `book`, `later`, `elsewhere`, `no` or `stop`.
    pub answer: Option<String>,
    /// The day they would like.
    pub wished_on: Option<String>,
    /// In words.
    pub note: Option<String>,
}

/// What was said in a call is noted at every reminder it was about.
pub fn spoken_of(desk: &Desk, call: &Record<Call>, answer: &Answer) -> Result<()> {
    if answer.answer.is_none() {
        return Ok(());
    }
    for reminder in open(Filter::eq("call", call.id.as_str()))? {
        // Of several topics the answer is about the first; the others go on.
        if reminder.data.kind == call.data.kind {
            answered(desk, &reminder, answer, "phone")?;
        }
    }
    Ok(())
}

/// Notes an answer.
pub fn answered(desk: &Desk, reminder: &Record<Reminder>, answer: &Answer, how: &str) -> Result<()> {
    let said = answer.answer.as_deref().unwrap_or("later");
    let wished = answer.wished_on.as_deref().map(|text| desk::day(text, "/wished_on")).transpose()?;
    if wished.is_some_and(|day| day < desk.today) {
        return Err(Fault::at("wish_past", "/wished_on", "that day has passed: choose today or a later one"));
    }
    let mut data = object(json!({ "answer": said, "wished_on": wished, "note": answer.note }));
    data.retain(|_, value| !value.is_null());
    match said {
        "book" => record::mov(KIND, &reminder.id, "answer").if_rev(reminder.rev).fields(data).stage(),
        "elsewhere" => done(desk, reminder, desk.today, None, Value::Object(data)),
        "no" => end(desk, reminder, "stop", "end.not_wanted", Value::Object(data)),
        "stop" => {
            let what = &reminder.data.kind;
            stop::create(
                desk,
                &reminder.org,
                &reminder.data.customer,
                reminder.data.vehicle.as_deref(),
                what,
                how,
                None,
            )?;
            end(desk, reminder, "stop", "end.stopped", Value::Object(data))
        }
        _ => record::change(KIND, &reminder.id).if_rev(reminder.rev).fields(data).stage(),
    }
}

/// What it was about is done: the next one begins where there is one.
pub fn done(desk: &Desk, reminder: &Record<Reminder>, on: Date, km: Option<i64>, more: Value) -> Result<()> {
    let mut data = object(more);
    data.insert("done_on".into(), json!(on));
    data.extend(km.map(|km| ("done_km".to_owned(), km.into())));
    end(desk, reminder, "finish", "", Value::Object(data))?;
    if let Some(call) = &reminder.data.call {
        withdraw_call(desk, call, &reminder.data.kind, "end.done")?;
    }
    let Some(file) = reminder.data.vehicle.as_deref().map(vehicle::load).transpose()?.flatten() else {
        return Ok(());
    };
    let known: Vec<Record<Reminder>> = open(Filter::eq("vehicle", file.id.as_str()))?;
    let rest: Vec<Record<Reminder>> = known.into_iter().filter(|other| other.id != reminder.id).collect();
    if topic::is_service(&reminder.data.kind) {
        return forecast::service(desk, &file, &rest, Some((on, km)));
    }
    vehicle::next_of(desk, &file, &rest, &reminder.data.kind, reminder.data.due_on)
}

/// The car was serviced here: what was due is done, and the next service is counted from today.
pub fn serviced(desk: &Desk, vehicle: &str, customer: &str, on: Date, km: Option<i64>) -> Result<()> {
    let known = open(Filter::eq("vehicle", vehicle))?;
    let (due, rest): (Vec<_>, Vec<_>) = known.into_iter().partition(|one| topic::is_service(&one.data.kind));
    for reminder in &due {
        let mut data = object(json!({ "done_on": on, "done_km": km }));
        data.retain(|_, value| !value.is_null());
        end(desk, reminder, "finish", "", Value::Object(data))?;
        if let Some(call) = &reminder.data.call {
            withdraw_call(desk, call, &reminder.data.kind, "end.done")?;
        }
    }
    let Some(mut file) = vehicle::load(vehicle)? else { return Ok(()) };
    file.data.customer.get_or_insert_with(|| customer.to_owned());
    forecast::service(desk, &file, &rest, Some((on, km)))
}

/// Everything that a vehicle's file says is due, as of now.
pub fn follow(desk: &Desk, file: &Record<vehicle::Vehicle>) -> Result<()> {
    let known = open(Filter::eq("vehicle", file.id.as_str()))?;
    forecast::service(desk, file, &known, None)?;
    vehicle::dates(desk, file, &known)
}

/// An object's fields.
pub fn object(value: Value) -> Data {
    match value {
        Value::Object(data) => data,
        _ => Data::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::unit::defaults;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn touches(kind: &str, due_on: &str) -> Vec<String> {
        let (settings, due_on) = (defaults(), day(due_on));
        let mut from = due_on.plus_days(-400);
        let mut found = Vec::new();
        while let Some(next) = next_touch(&settings.way(kind), due_on, from, false) {
            found.push(next.to_string());
            from = next.plus_days(1);
        }
        found
    }

    #[test]
    fn a_policy_that_ends_in_december_is_spoken_of_from_september() {
        assert_eq!(touches("renewal", "2026-12-20"), ["2026-09-21", "2026-10-21", "2026-11-20", "2026-12-13"]);
        assert_eq!(touches("renewal", "2027-03-01"), ["2026-12-01", "2026-12-31", "2027-01-30", "2027-02-22"]);
    }

    #[test]
    fn service_is_spoken_of_twice_before_and_once_after() {
        assert_eq!(touches("regular_service", "2026-11-10"), ["2026-10-27", "2026-11-07", "2026-11-25"]);
        assert_eq!(touches("first_service", "2026-06-06"), ["2026-05-23", "2026-06-03", "2026-06-21"]);
    }

    #[test]
    fn who_learns_late_hears_at_once_and_of_what_is_over_not_at_all() {
        let way = defaults().way("renewal");
        assert_eq!(next_touch(&way, day("2026-03-16"), day("2026-03-13"), true), Some(day("2026-03-13")));
        assert_eq!(next_touch(&way, day("2026-03-12"), day("2026-03-13"), true), None);
        assert_eq!(next_touch(&way, day("2026-03-16"), day("2026-03-13"), false), None);
    }
}
