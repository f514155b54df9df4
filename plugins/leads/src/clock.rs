//! The clocks of a lead that nobody has contacted yet: reminder, manager, taking back, headquarters.

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
    lead.is_open() && lead.text("contacted_at").is_none() && lead.state() != "frozen"
}

/// Sets the timers of a lead as it stands now, or cancels them.
pub fn follow(lead: &Lead) -> Result<()> {
    follow_answer(lead)?;
    let key = format!("hq:{}", lead.id);
    match lead.text("hq_due").filter(|_| is_running(lead) && lead.text("hq_alarm_at").is_none()) {
        Some(due) => set(lead, &key, due),
        None => stage([timer::cancel(&key)]),
    }
}

/// The next limit that has not been missed yet.
fn follow_answer(lead: &Lead) -> Result<()> {
    let key = format!("answer:{}", lead.id);
    let next = LIMITS.iter().find(|(_, n)| lead.number("breach") < *n).and_then(|(field, _)| lead.text(field));
    match next.filter(|_| is_running(lead) && lead.state() != "pool") {
        Some(due) => set(lead, &key, due),
        None => stage([timer::cancel(&key)]),
    }
}

fn set(lead: &Lead, key: &str, due: &str) -> Result<()> {
    let timer = timer::set(key, due).field("lead", &lead.id).field("due", due);
    lead.customer().into_iter().fold(timer, |timer, customer| timer.subject(customer)).stage()
}
