//! What a clock of a test drive does when it rings. It looks at the drive as it is now: what was answered or moved meanwhile is left alone.

use marque_sdk::{Data, Fault, Outcome, Result, event::Fired, json, view};

use crate::{
    clock::{MISSED, REMINDERS},
    desk::Desk,
    drive::{self, Drive, UNANSWERED},
    notice, people, task,
};

/// A timer has rung.
pub fn ring(desk: &Desk, fired: &Fired) -> Result<Outcome> {
    let Some((name, id)) = fired.key.split_once(':') else { return Ok(Outcome::Skip) };
    let Some(drive) = view::get::<Data>(drive::KIND, id)?.map(Drive::from) else { return Ok(Outcome::Skip) };
    // A drive that was moved has clocks of its own; this one was set for another slot.
    let slot = fired.data.get("slot").and_then(|slot| slot.as_str());
    if slot != drive.text("slot_start") {
        return Ok(Outcome::Skip);
    }
    match name {
        "late" if drive.is_in(&UNANSWERED) => late(desk, &drive)?,
        "manager" if is_open(&drive) && drive.text("manager_alert_at").is_none() => manager(desk, &drive)?,
        "hq" if is_open(&drive) && drive.text("hq_alarm_at").is_none() => headquarters(desk, &drive)?,
        name if REMINDERS.contains(&name) && drive.is_in(&["confirmed", "reminded"]) && is_ahead(desk, &drive) => {
            remind(desk, &drive)?;
        }
        MISSED if drive.is_in(&["confirmed", "reminded"]) => drive.take("miss").stage()?,
        _ => return Ok(Outcome::Skip),
    }
    Ok(Outcome::Done)
}

/// Still unconfirmed: an offer that nobody has answered is no confirmation either.
fn is_open(drive: &Drive) -> bool {
    drive.is_in(&["requested", "acknowledged", "alternative"])
}

/// A timer that comes late, after a server was down, reminds nobody of a slot that has begun.
fn is_ahead(desk: &Desk, drive: &Drive) -> bool {
    drive.text("slot_start").is_none_or(|start| desk.now() < start)
}

fn late(desk: &Desk, drive: &Drive) -> Result<()> {
    change(drive).field("late", true).stage()?;
    drive.raise(
        "testdrive.drive.answer_late",
        json!({ "owner": drive.text("owner"), "due": drive.text("confirm_due") }),
    )?;
    task::aside(desk, drive, "testdrive.answer_late", drive.text("owner").unwrap_or_default(), desk.now())
}

/// The manager gets a task to be done before the slot.
fn manager(desk: &Desk, drive: &Drive) -> Result<()> {
    change(drive).field("manager_alert_at", desk.now()).stage()?;
    drive.raise("testdrive.drive.unconfirmed", json!({ "to": "manager", "slot_start": drive.text("slot_start") }))?;
    let staff = people::staff(&drive.org)?;
    let missing = || Fault::new("owner_missing", "nobody here decides: give somebody the role sales_mgr or gm");
    let manager = people::manager(desk, &staff).ok_or_else(missing)?;
    task::aside(desk, drive, "testdrive.unconfirmed", &manager.id, drive.text("slot_start").unwrap_or(desk.now()))
}

/// Headquarters reads it in its own list: the people there are not this dealer's to give work to.
fn headquarters(desk: &Desk, drive: &Drive) -> Result<()> {
    change(drive).field("hq_alarm_at", desk.now()).stage()?;
    drive.raise("testdrive.drive.unconfirmed", json!({ "to": "hq", "slot_start": drive.text("slot_start") }))
}

fn remind(desk: &Desk, drive: &Drive) -> Result<()> {
    let n = drive.number("n_reminders").unwrap_or(0) + 1;
    let write = if drive.is_in(&["confirmed"]) { drive.take("remind") } else { change(drive) };
    write.field("reminded_at", desk.now()).field("n_reminders", n).stage()?;
    notice::send(desk, drive, "reminder")
}

fn change(drive: &Drive) -> marque_sdk::record::Write {
    marque_sdk::record::change(drive::KIND, &drive.id).if_rev(drive.rev)
}
