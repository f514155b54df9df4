//! What happens when a clock rings: a request nobody has answered, a reminder, a customer who has not come, a promise that has passed.

use marque_sdk::{Data, Outcome, Result, Value, event::Fired, json, view};

use crate::{
    appointment,
    clock::{self, LIMITS},
    desk::Desk,
    file::{APPOINTMENT, File, ORDER, patch},
    flow::{self, Onward},
    moment, people, task, tell,
};

/// Answers a timer. One that was set for another time than the record has now is late and says nothing.
pub fn ring(desk: &Desk, fired: &Fired) -> Result<Outcome> {
    let text = |name: &str| fired.data.get(name).and_then(Value::as_str).unwrap_or_default();
    let clock = fired.key.split_once(':').map_or("", |(clock, _)| clock);
    let kind = if matches!(clock, "answer" | "remind" | "miss") { APPOINTMENT } else { ORDER };
    let Some(file) = view::get::<Data>(kind, text("id"))?.map(File::from) else { return Ok(Outcome::Skip) };
    match clock {
        "answer" => unanswered(desk, &file, text("due")),
        "remind" => remind(desk, &file, text("due")),
        "miss" if clock::miss_at(desk, &file)?.as_deref() == Some(text("due")) => {
            appointment::miss(desk, &file).map(|_| Outcome::Done)
        }
        "ready" => late(desk, &file, text("due")),
        "loaner" => offer_loaner(desk, &file, text("due")),
        _ => Ok(Outcome::Skip),
    }
}

/// Each limit is told to somebody higher: the advisor is late, the service manager, the general manager, headquarters.
fn unanswered(desk: &Desk, appointment: &File, due: &str) -> Result<Outcome> {
    let is_open = appointment.is_in(&["requested", "acknowledged"]);
    let missed =
        LIMITS.iter().find(|(field, n)| appointment.text(field) == Some(due) && appointment.number("breach") < *n);
    let Some((_, n)) = missed.filter(|_| is_open) else { return Ok(Outcome::Skip) };
    let mut data = patch(json!({ "breach": n }));
    if *n == 4 {
        data.insert("hq_alarm_at".into(), desk.now().into());
    }
    let late = flow::go(desk, appointment, Onward { data, ..Onward::default() })?;
    desk.raise("workshop.appointment.breached", &late, json!({ "breach": n, "owner": late.text("owner") }))?;
    let staff = people::staff(&late.org)?;
    let told = match n {
        2 => people::first_with(&staff, &desk.settings.manager_roles, &[]),
        3 | 4 => {
            people::first_with(&staff, &["gm"], &[]).or(people::first_with(&staff, &desk.settings.manager_roles, &[]))
        }
        _ => None,
    };
    if let Some(person) = told {
        let due = moment::after(desk.now(), "30bm")?;
        task::note(desk, &late, &task::Plan { step: "workshop.unanswered", owner: person.id.clone(), due })?;
    }
    Ok(Outcome::Done)
}

fn remind(desk: &Desk, appointment: &File, due: &str) -> Result<Outcome> {
    let is_due = match appointment.text("slot").filter(|_| appointment.state() == "confirmed") {
        Some(slot) => moment::plus(slot, -60 * desk.settings.remind_hours)? == due && slot > desk.now(),
        None => false,
    };
    if !is_due {
        return Ok(Outcome::Skip);
    }
    // Somebody who has confirmed for tomorrow was told the time just now.
    let is_fresh = appointment.text("confirmed_at").is_some_and(|at| at > due);
    if is_fresh {
        return Ok(Outcome::Skip);
    }
    let data = patch(json!({ "reminded_at": desk.now() }));
    let after =
        flow::go(desk, appointment, Onward { transition: Some(("remind", "reminded")), data, ..Onward::default() })?;
    tell::reminded(desk, &after)?;
    Ok(Outcome::Done)
}

/// The time that was promised has come and the car is not ready.
fn late(desk: &Desk, order: &File, due: &str) -> Result<Outcome> {
    let is_due = order.text("promised_ready") == Some(due) && order.is_in(&clock::BEFORE_READY) && !order.says("late");
    if !is_due {
        return Ok(Outcome::Skip);
    }
    let after = flow::go(desk, order, Onward { data: patch(json!({ "late": true })), ..Onward::default() })?;
    desk.raise(
        "workshop.order.late",
        &after,
        json!({ "advisor": after.text("advisor"), "technician": after.text("technician"), "state": after.state() }),
    )?;
    let staff = people::staff(&order.org)?;
    if let Some(manager) = people::first_with(&staff, &desk.settings.manager_roles, &[]) {
        let due = moment::after(desk.now(), "30bm")?;
        task::note(desk, &after, &task::Plan { step: "workshop.late", owner: manager.id.clone(), due })?;
    }
    Ok(Outcome::Done)
}

/// A repair under warranty has taken so long that the law grants a loaner: it is offered without anybody asking.
fn offer_loaner(desk: &Desk, order: &File, due: &str) -> Result<Outcome> {
    let is_due = order.text("loaner_due") == Some(due)
        && order.is_in(&clock::BEFORE_READY)
        && order.text("loaner_state").is_none();
    if !is_due {
        return Ok(Outcome::Skip);
    }
    let after =
        flow::go(desk, order, Onward { data: patch(json!({ "loaner_state": "offered" })), ..Onward::default() })?;
    desk.raise(
        "workshop.repair.overdue",
        &after,
        json!({ "days": desk.settings.repair_days, "state": after.state(), "advisor": after.text("advisor") }),
    )?;
    tell::loaner(desk, &after)?;
    let owner = order.text("advisor").unwrap_or_default().to_owned();
    let due = moment::after(desk.now(), "2bh")?;
    task::note(desk, &after, &task::Plan { step: "workshop.loaner", owner, due })?;
    Ok(Outcome::Done)
}
