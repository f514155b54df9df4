//! A reminder's morning: who is told what, by message, by call, or in a call that is made anyway.

use marque_sdk::{
    Data, Date, Filter, Id, Outcome, Record, Result, Value, json, message, new_id, page::Link, record, view,
};

use crate::{
    call::{self, Call, Plan},
    clock, complaint, consent,
    desk::{self, Desk},
    reminder::{self, KIND, Reminder},
    renewal,
    settings::Way,
    stop, texts, topic, vehicle,
};

/// A call may be made for so many days after a reminder's morning.
const WINDOW_DAYS: i64 = 3;
/// A complaint that nobody ends is looked for again after so many days.
const HELD_DAYS: i64 = 7;
/// Greetings: said once, on the day, and over.
const GREETINGS: [&str; 3] = ["birthday", "anniversary", "season"];

/// A reminder's clock has rung.
pub fn ring(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(reminder) = view::get::<Reminder>(KIND, id)?.filter(|one| one.data.is_open()) else {
        return Ok(Outcome::Skip);
    };
    let data = &reminder.data;
    let lapses = data.due_on.plus_days(desk.settings.lapse_days);
    if lapses <= desk.today {
        lapse(desk, &reminder)?;
    } else if let Some(next) = data.next_on.filter(|next| *next > desk.today) {
        reminder::ring_on(desk, id, &data.customer, next)?;
    } else if data.next_on.is_none() || data.state == "answered" {
        reminder::ring_on(desk, id, &data.customer, lapses)?;
    } else if is_over(desk, &reminder)? {
        return Ok(Outcome::Done);
    } else if topic::waits_for_complaint(&data.kind) && complaint::is_open(&data.customer)? {
        record::change(KIND, id).if_rev(reminder.rev).field("held_at", desk.now()).stage()?;
        reminder::ring_on(desk, id, &data.customer, desk.today.plus_days(HELD_DAYS))?;
    } else {
        touch(desk, &reminder, lapses)?;
    }
    Ok(Outcome::Done)
}

/// Ends what the customer wants to hear no more, or whose vehicle is somebody else's.
fn is_over(desk: &Desk, reminder: &Record<Reminder>) -> Result<bool> {
    let data = &reminder.data;
    if stop::holds(&data.customer, data.vehicle.as_deref(), &data.kind)? {
        reminder::end(desk, reminder, "stop", "end.stopped", json!({}))?;
        return Ok(true);
    }
    let Some(file) = data.vehicle.as_deref().map(vehicle::load).transpose()?.flatten() else { return Ok(false) };
    let is_theirs = file.data.is_in_use() && file.data.customer.as_ref() == Some(&data.customer);
    if !is_theirs {
        reminder::end(desk, reminder, "cancel", "end.gone", json!({}))?;
    }
    Ok(!is_theirs)
}

/// Nobody has come for so long: whoever watches over losses takes it from here.
fn lapse(desk: &Desk, reminder: &Record<Reminder>) -> Result<()> {
    if let Some(call) = &reminder.data.call {
        reminder::withdraw_call(desk, call, &reminder.data.kind, "end.lapsed")?;
    }
    reminder::end(desk, reminder, "lapse", "", json!({}))?;
    let Some(file) = reminder.data.vehicle.as_deref().map(vehicle::load).transpose()?.flatten() else { return Ok(()) };
    let rest: Vec<Record<Reminder>> = others(reminder)?;
    vehicle::next_of(desk, &file, &rest, &reminder.data.kind, reminder.data.due_on)
}

fn others(reminder: &Record<Reminder>) -> Result<Vec<Record<Reminder>>> {
    let Some(vehicle) = &reminder.data.vehicle else { return Ok(Vec::new()) };
    let mut known = reminder::open(Filter::eq("vehicle", vehicle.as_str()))?;
    known.retain(|other| other.id != reminder.id);
    Ok(known)
}

fn touch(desk: &Desk, reminder: &Record<Reminder>, lapses: Date) -> Result<()> {
    let data = &reminder.data;
    let way = desk.settings.way(&data.kind);
    let is_offer = topic::is_marketing(&desk.settings, &data.kind);
    let mut patch = Data::new();
    let mut is_told = false;
    if way.way != "call" {
        patch.insert("message".into(), send(desk, reminder, is_offer, lapses)?.into());
        patch.insert("message_state".into(), "queued".into());
        is_told = true;
    }
    if way.way != "message" {
        if !is_offer || consent::may_offer(desk, &data.customer, "call")? {
            patch.insert("call".into(), said_in(desk, reminder, &way)?.into());
            is_told = true;
        } else {
            patch.extend(reminder::object(json!({ "may_mention": true, "suppressed_reason": "no_consent" })));
            let told = json!({ "kind": data.kind, "reason": "no_consent" });
            desk::raise("care.reminder.suppressed", KIND, &reminder.id, reminder.rev, &data.customer, told)?;
        }
    }
    if is_told {
        let told = json!({ "kind": data.kind, "due_on": data.due_on, "way": way.way });
        desk::raise("care.reminder.sent", KIND, &reminder.id, reminder.rev, &data.customer, told)?;
    }
    if GREETINGS.contains(&data.kind.as_str()) {
        return greeted(desk, reminder, patch);
    }
    let next = reminder::next_touch(&way, data.due_on, desk.today.plus_days(1), false);
    note(desk, reminder, patch, next, None)
}

/// One touch more, and when the next one is.
fn note(
    desk: &Desk,
    reminder: &Record<Reminder>,
    mut patch: Data,
    next: Option<Date>,
    skip: Option<Date>,
) -> Result<()> {
    patch.extend(reminder::object(json!({
        "touched": reminder.data.touched + 1, "touched_at": desk.now(), "next_on": next, "held_at": null,
    })));
    patch.extend(skip.map(|skip| ("skip_until".to_owned(), json!(skip))));
    let write = match reminder.data.state.as_str() {
        "watching" => record::mov(KIND, &reminder.id, "come_due"),
        _ => record::change(KIND, &reminder.id),
    };
    write.if_rev(reminder.rev).fields(patch).stage()?;
    let lapses = reminder.data.due_on.plus_days(desk.settings.lapse_days);
    reminder::ring_on(desk, &reminder.id, &reminder.data.customer, next.unwrap_or(lapses))
}

fn greeted(desk: &Desk, reminder: &Record<Reminder>, patch: Data) -> Result<()> {
    let mut more = patch;
    more.extend(reminder::object(json!({ "touched": reminder.data.touched + 1, "touched_at": desk.now() })));
    match reminder.data.kind.as_str() {
        "birthday" => {
            more.insert("done_on".into(), json!(desk.today));
            reminder::end(desk, reminder, "finish", "", Value::Object(more))?;
            crate::person::next_birthday(desk, reminder)
        }
        _ => reminder::done(desk, reminder, desk.today, None, Value::Object(more)),
    }
}

/// The call it is said in: one that is planned for the vehicle anyway, or a new one, with everything else due in these two weeks.
fn said_in(desk: &Desk, reminder: &Record<Reminder>, way: &Way) -> Result<Id> {
    let bundled = bundled(desk, reminder)?;
    let topics: Vec<String> =
        std::iter::once(&reminder.data.kind).chain(bundled.iter().map(|one| &one.data.kind)).cloned().collect();
    let call = match going(reminder)? {
        Some(call) => join(desk, &call, &topics)?,
        None => plan(desk, reminder, way, &topics)?,
    };
    for other in &bundled {
        let until = desk.today.plus_days(desk.settings.bundle_days);
        let next = reminder::next_touch(&desk.settings.way(&other.data.kind), other.data.due_on, until, false);
        note(desk, other, reminder::object(json!({ "call": call })), next, Some(until))?;
    }
    Ok(call)
}

/// What else of the vehicle is due so soon that it is said in the same call.
fn bundled(desk: &Desk, reminder: &Record<Reminder>) -> Result<Vec<Record<Reminder>>> {
    let mut found = Vec::new();
    for other in others(reminder)? {
        let data = &other.data;
        let is_near = reminder.data.due_on.days_until(data.due_on).abs() <= desk.settings.bundle_days;
        let is_called = desk.settings.way(&data.kind).way != "message" && data.state != "answered";
        let is_spoken_of = data.call.as_deref().map(is_going).transpose()?.unwrap_or(false);
        if !is_near || !is_called || is_spoken_of || data.customer != reminder.data.customer {
            continue;
        }
        if stop::holds(&data.customer, data.vehicle.as_deref(), &data.kind)? {
            continue;
        }
        if topic::is_marketing(&desk.settings, &data.kind) && !consent::may_offer(desk, &data.customer, "call")? {
            continue;
        }
        found.push(other);
    }
    Ok(found)
}

fn is_going(call: &str) -> Result<bool> {
    Ok(view::get::<Call>(call::KIND, call)?.is_some_and(|call| call.data.is_open()))
}

/// A reminder's call about the same vehicle that is still to be made.
fn going(reminder: &Record<Reminder>) -> Result<Option<Record<Call>>> {
    let Some(vehicle) = &reminder.data.vehicle else { return Ok(None) };
    let calls = call::open(Filter::eq("vehicle", vehicle.as_str()).and(Filter::eq("about_kind", KIND)))?;
    Ok(calls.into_iter().find(|call| call.data.customer == reminder.data.customer))
}

fn join(desk: &Desk, call: &Record<Call>, topics: &[String]) -> Result<Id> {
    let mut all = if call.data.topics.is_empty() { vec![call.data.kind.clone()] } else { call.data.topics.clone() };
    let before = all.len();
    for topic in topics {
        if !all.contains(topic) {
            all.push(topic.clone());
        }
    }
    if all.len() > before {
        record::change(call::KIND, &call.id)
            .if_rev(call.rev)
            .field("topics", &all)
            .field("script", call::script(desk, &call.data.kind, &all))
            .stage()?;
    }
    Ok(call.id.clone())
}

fn plan(desk: &Desk, reminder: &Record<Reminder>, way: &Way, topics: &[String]) -> Result<Id> {
    let data = &reminder.data;
    let (opens, closes) = (desk.settings.call_from, desk.settings.call_to);
    let from = clock::at(desk.today, opens, &desk.call)?;
    let prefer = renewal::owner_of(data)?;
    let planned = call::plan(
        desk,
        &Plan {
            kind: &data.kind,
            topics: if topics.len() > 1 { topics.to_vec() } else { Vec::new() },
            org: &reminder.org,
            customer: &data.customer,
            vehicle: data.vehicle.as_deref(),
            about: Some((KIND, &reminder.id)),
            next: from.clone(),
            from,
            due: clock::at(desk.today.plus_days(WINDOW_DAYS), closes, &desk.call)?,
            roles: &way.roles,
            prefer: prefer.as_deref(),
            not_allowed: Vec::new(),
            slot: format!("{}:{}", reminder.id, desk.today),
            note: None,
            receipt: None,
        },
    )?;
    // The same morning rang twice: the call is there.
    Ok(planned.or_else(|| data.call.clone()).unwrap_or_default())
}

/// The message, in the customer's language as the house writes it, with the link to book or to stop.
fn send(desk: &Desk, reminder: &Record<Reminder>, is_offer: bool, lapses: Date) -> Result<Id> {
    let data = &reminder.data;
    let file = data.vehicle.as_deref().map(vehicle::load).transpose()?.flatten();
    let title = file.map(|file| file.data.title).unwrap_or_default();
    let due_on = data.due_on.to_string();
    let with = [("dealer", desk.call.org_name.as_str()), ("vehicle", title.as_str()), ("date", due_on.as_str())];
    let body = texts::filled("zh-CN", &format!("message.{}", data.kind), &with);
    let customer = data.customer.as_str();
    let channel = desk.settings.channel.as_str();
    let message =
        if is_offer { message::marketing(customer, channel, &body) } else { message::serve(customer, channel, &body) };
    let until = clock::at(lapses, 0, &desk.call)?;
    let mut command = message
        .template(&format!("care.{}", data.kind))
        .link("more", Link::new("remind", reminder.id.as_str()).until(&until))
        .command();
    let id = new_id();
    command.body["id"] = id.as_str().into();
    if channel == "email" {
        command.body["subject"] = texts::text("zh-CN", "message.subject").into();
    }
    command.stage()?;
    Ok(id)
}

/// What became of a message: an offer that was stopped may still be mentioned when the customer calls.
pub fn message(message: &str, state: &str, reason: Option<&str>) -> Result<Outcome> {
    let Some(reminder) = view::find::<Reminder>(KIND).filter(Filter::eq("message", message)).first()? else {
        return Ok(Outcome::Skip);
    };
    let mut patch = reminder::object(json!({ "message_state": state, "suppressed_reason": reason }));
    patch.retain(|_, value| !value.is_null());
    if state == "suppressed" {
        patch.insert("may_mention".into(), true.into());
        let told = json!({ "kind": reminder.data.kind, "reason": reason });
        desk::raise("care.reminder.suppressed", KIND, &reminder.id, reminder.rev, &reminder.data.customer, told)?;
    }
    record::change(KIND, &reminder.id).if_rev(reminder.rev).fields(patch).stage()?;
    Ok(Outcome::Done)
}
