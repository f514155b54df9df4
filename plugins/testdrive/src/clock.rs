//! The clocks of a test drive: set when it is asked for and when it is confirmed, cleared when they no longer matter.

use marque_sdk::{Command, Result, decide, json, stage, timer};
use serde::Deserialize;

use crate::{desk::Desk, drive::Drive};
use marque_sdk::moment;

/// What rings: the answer is late, the manager is told, headquarters is told, nobody came.
pub const ALARMS: [&str; 3] = ["late", "manager", "hq"];
/// Nobody came.
pub const MISSED: &str = "missed";
/// As many reminders as a rule may ask for.
pub const REMINDERS: [&str; 4] = ["remind1", "remind2", "remind3", "remind4"];

/// Sets the clocks of a drive that waits for its answer. One whose slot is nearer than an alarm's lead alarms as soon as the answer is late.
pub fn await_answer(desk: &Desk, drive: &Drive) -> Result<()> {
    let Some(due) = drive.text("confirm_due") else { return Ok(()) };
    set(drive, "late", due)?;
    let Some(slot) = drive.slot() else { return Ok(()) };
    for (name, minutes) in [("manager", desk.settings.manager_alert_minutes), ("hq", desk.settings.hq_alert_minutes)] {
        let at = moment::plus(&slot.start, -minutes)?;
        set(drive, name, if at.as_str() <= desk.now() { due } else { &at })?;
    }
    Ok(())
}

/// Sets reminders and the moment after which nobody is expected, and clears what waited for the answer.
pub fn await_visit(desk: &Desk, drive: &Drive) -> Result<()> {
    let Some(slot) = drive.slot() else { return Ok(()) };
    stage(ALARMS.map(|name| cancel(drive, name)))?;
    let minutes = reminders(desk, drive, &slot.start)?;
    for (n, name) in REMINDERS.into_iter().enumerate() {
        match minutes.get(n) {
            Some(minutes) => set(drive, name, &moment::plus(&slot.start, -minutes)?)?,
            // A drive that was moved had others.
            None if drive.number("n_moves").unwrap_or(0) > 0 => cancel(drive, name).stage()?,
            None => {}
        }
    }
    set(drive, MISSED, &moment::plus(&slot.start, desk.settings.no_show_minutes)?)
}

/// So many minutes before the slot the customer is reminded: those that lie ahead, the earliest first.
fn reminders(desk: &Desk, drive: &Drive, start: &str) -> Result<Vec<i64>> {
    #[derive(Deserialize)]
    struct Reminders {
        minutes: Vec<i64>,
    }
    let ahead = moment::between(desk.now(), start)?;
    let input = json!({
        "minutes": desk.settings.reminder_minutes, "kind": drive.text("kind").unwrap_or("individual"),
        "minutes_to_slot": ahead, "n_moves": drive.number("n_moves").unwrap_or(0), "now": desk.now(),
    });
    let mut minutes = decide::<Reminders>("testdrive.reminders", &input)?.output.minutes;
    minutes.retain(|minutes| *minutes < ahead);
    minutes.sort_unstable_by(|one, other| other.cmp(one));
    minutes.dedup();
    minutes.truncate(REMINDERS.len());
    Ok(minutes)
}

/// Clears them all: the drive has ended or is under way.
pub fn clear(drive: &Drive) -> Result<()> {
    stage(ALARMS.into_iter().chain(REMINDERS).chain([MISSED]).map(|name| cancel(drive, name)))
}

fn set(drive: &Drive, name: &str, at: &str) -> Result<()> {
    let set = timer::set(&format!("{name}:{}", drive.id), at).subject(drive.customer()?);
    set.field("drive", &drive.id).field("slot", drive.text("slot_start")).stage()
}

fn cancel(drive: &Drive, name: &str) -> Command {
    timer::cancel(&format!("{name}:{}", drive.id))
}
