//! The clocks of a lead: reminder, manager, taking back, headquarters; the level's window; waking. One timer each, as the lead stands.

use marque_sdk::{Data, Result, json, stage, timer};

use crate::{
    desk::Desk,
    lead::{Lead, patch},
    moment::after,
};

/// The limits in their order: field, and how many are missed once it has passed.
pub const LIMITS: [(&str, i64); 3] = [("first_due", 1), ("alert_due", 2), ("reclaim_due", 3)];

/// Clocks that begin now, counted while the dealer is open.
pub fn start(desk: &Desk, from: &str) -> Result<Data> {
    Ok(patch(json!({
        "first_due": after(from, &desk.settings.first_contact)?,
        "alert_due": after(from, &desk.settings.alert)?,
        "reclaim_due": after(from, &desk.settings.reclaim)?,
        "breach": 0,
    })))
}

/// Headquarters' clock: it runs by night too, and giving the lead to somebody else does not stop it.
pub fn start_for_headquarters(desk: &Desk, from: &str) -> Result<Data> {
    Ok(patch(json!({ "hq_due": after(from, &desk.settings.hq_alarm)? })))
}

/// Whether somebody waits for the first contact.
pub fn is_running(lead: &Lead) -> bool {
    lead.text("contacted_at").is_none() && matches!(lead.state(), "assigned" | "pool" | "attempted")
}

/// Sets and cancels timers as a lead goes from what it was to what it is.
pub fn follow(before: Option<&Lead>, lead: &Lead) -> Result<()> {
    for (name, wanted) in timers() {
        let due = wanted(lead);
        let key = format!("{name}:{}", lead.id);
        match (before.and_then(wanted), due) {
            (was, due) if was == due => {}
            (_, Some(due)) => {
                let timer = timer::set(&key, due).field("lead", &lead.id).field("due", due);
                lead.customer().into_iter().fold(timer, |timer, customer| timer.subject(customer)).stage()?;
            }
            (_, None) => stage([timer::cancel(&key)])?,
        }
    }
    Ok(())
}

type Wanted = fn(&Lead) -> Option<&str>;

fn timers() -> [(&'static str, Wanted); 4] {
    [("answer", answer), ("hq", headquarters), ("level", level), ("wake", wake)]
}

/// The next limit that has not been missed yet. In the pool a manager's task is the only clock but headquarters'.
fn answer(lead: &Lead) -> Option<&str> {
    let next = LIMITS.iter().find(|(_, n)| lead.number("breach") < *n)?;
    lead.text(next.0).filter(|_| is_running(lead) && lead.state() != "pool" && !lead.says("clock_pending"))
}

fn headquarters(lead: &Lead) -> Option<&str> {
    lead.text("hq_due")
        .filter(|_| is_running(lead) && lead.text("hq_alarm_at").is_none() && !lead.says("clock_pending"))
}

fn level(lead: &Lead) -> Option<&str> {
    lead.text("level_due").filter(|_| lead.state() == "qualified")
}

fn wake(lead: &Lead) -> Option<&str> {
    lead.text("due").filter(|_| lead.state() == "frozen")
}
