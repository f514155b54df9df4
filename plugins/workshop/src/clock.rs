//! The timers of appointments and work orders: each follows from how the record stands, and is set or cancelled as that changes.

use marque_sdk::{Result, stage, timer};

use crate::{
    desk::Desk,
    file::{APPOINTMENT, File, ORDER},
    moment,
};

/// The limits of an unanswered request in their order: field, and how many are missed once it has passed.
pub const LIMITS: [(&str, i64); 4] = [("answer_due", 1), ("manager_due", 2), ("gm_due", 3), ("hq_due", 4)];

/// States in which a car is still being worked on.
pub const BEFORE_READY: [&str; 7] =
    ["opened", "inspected", "estimated", "approved", "in_repair", "waiting_parts", "quality_check"];

/// Sets and cancels timers as a record goes from what it was to what it is.
pub fn follow(desk: &Desk, before: Option<&File>, after: &File) -> Result<()> {
    let was = before.map(|before| wanted(desk, before)).transpose()?;
    for (n, (name, due)) in wanted(desk, after)?.into_iter().enumerate() {
        let old = was.as_ref().and_then(|was| was.get(n)).and_then(|(_, due)| due.as_deref());
        let key = format!("{name}:{}", after.id);
        match (old, due) {
            (old, Some(due)) if old != Some(due.as_str()) => {
                let timer = timer::set(&key, &due).field("id", &after.id).field("due", &due);
                after.text("customer").into_iter().fold(timer, |timer, customer| timer.subject(customer)).stage()?;
            }
            (Some(_), None) => stage([timer::cancel(&key)])?,
            _ => {}
        }
    }
    Ok(())
}

/// Which timers a record wants.
fn wanted(desk: &Desk, file: &File) -> Result<Vec<(&'static str, Option<String>)>> {
    Ok(match file.kind.as_str() {
        APPOINTMENT => vec![
            ("answer", next_limit(file).map(str::to_owned)),
            ("remind", remind_at(desk, file)?),
            ("miss", miss_at(desk, file)?),
        ],
        ORDER => vec![("ready", ready_at(file)), ("loaner", loaner_at(file))],
        _ => Vec::new(),
    })
}

/// The next limit that has not been missed yet.
fn next_limit(appointment: &File) -> Option<&str> {
    let (field, _) = LIMITS.iter().find(|(_, n)| appointment.number("breach") < *n)?;
    appointment.text(field).filter(|_| appointment.is_in(&["requested", "acknowledged"]))
}

fn remind_at(desk: &Desk, appointment: &File) -> Result<Option<String>> {
    match appointment.text("slot").filter(|_| appointment.state() == "confirmed") {
        Some(slot) => Ok(Some(moment::plus(slot, -60 * desk.settings.remind_hours)?)),
        None => Ok(None),
    }
}

/// When a customer who has not come is one who does not.
pub fn miss_at(desk: &Desk, appointment: &File) -> Result<Option<String>> {
    match appointment.text("slot").filter(|_| appointment.is_in(&["confirmed", "reminded"])) {
        Some(slot) => Ok(Some(moment::plus(slot, desk.settings.no_show_minutes)?)),
        None => Ok(None),
    }
}

fn ready_at(order: &File) -> Option<String> {
    let is_running = order.is_in(&BEFORE_READY) && !order.says("late");
    order.text("promised_ready").filter(|_| is_running).map(str::to_owned)
}

fn loaner_at(order: &File) -> Option<String> {
    let is_running = order.is_in(&BEFORE_READY) && order.text("loaner_state").is_none();
    order.text("loaner_due").filter(|_| is_running).map(str::to_owned)
}
