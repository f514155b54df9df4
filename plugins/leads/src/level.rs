//! Levels of intent: what one means for the clocks, and when it runs out.

use marque_sdk::{Data, Date, Result, json, stage, timer};

use crate::{
    desk::{Desk, refuse_at},
    lead::{Lead, patch},
    moment,
    settings::Level,
};

/// The fields of a level just set. It runs out on the morning of the day its window ends.
pub fn set(desk: &Desk, code: &str) -> Result<Data> {
    let Some(level) = desk.settings.level(code) else {
        return refuse_at("level_unknown", "/level", format!("there is no level {code:?}: see the setting \"levels\""));
    };
    let due = Date::today(&desk.call)?.plus_days(level.window_days).morning();
    Ok(patch(json!({ "level": code, "level_set_at": desk.now(), "level_due": due, "extensions": 0 })))
}

/// The level of a lead; the coolest where it has none that is known.
pub fn of<'a>(desk: &'a Desk, lead: &Lead) -> Option<&'a Level> {
    lead.text("level").and_then(|code| desk.settings.level(code)).or(desk.settings.levels.last())
}

/// Sets the timer of the level's window, or cancels it.
pub fn follow(lead: &Lead) -> Result<()> {
    let key = format!("level:{}", lead.id);
    match lead.text("level_due").filter(|_| lead.state() == "qualified") {
        Some(due) => timer::set(&key, due).field("lead", &lead.id).field("due", due).stage(),
        None => stage([timer::cancel(&key)]),
    }
}

/// The owner is protected to the end of the last day of it.
pub fn protected_until(desk: &Desk, lead: &Lead) -> Result<Option<String>> {
    let Some(level) = of(desk, lead) else { return Ok(None) };
    Ok(Some(moment::end_of(Date::today(&desk.call)?.plus_days(level.protection_days), &desk.call)?))
}
