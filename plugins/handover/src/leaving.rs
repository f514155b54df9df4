//! Somebody leaves: a hand-over begins without anybody asking for it, and is carried out by itself a day after they are gone.

use marque_sdk::{Data, Event, Fault, Filter, Outcome, Record, Result, Value, info, record, timer, view};

use crate::{
    begin::{self, Begin, Handover, KIND},
    desk::Desk,
    holdings,
    people::{self, Person},
    task,
};

/// Somebody's state or last day has changed.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    if !event.changed("status") && !event.changed("last_day") {
        return Ok(Outcome::Skip);
    }
    let Some(user) = view::get::<Person>("user", &about.id)? else { return Ok(Outcome::Skip) };
    let (org, person) = (user.org, Person { id: user.id, ..user.data });
    match (person.status.as_deref(), begin::of(&person.id)?) {
        (Some("leaving"), None) => first(desk, &org, &person),
        (Some("left"), None) => first(desk, &org, &person),
        (Some("left"), Some(handover)) => gone(desk, &handover),
        (Some("on_leave"), _) => away(desk, &org, &person),
        (Some("active"), Some(handover)) if handover.data.state == "planned" && handover.data.reason == "leaving" => {
            record::mov(KIND, &handover.id, "cancel").if_rev(handover.rev).stage()?;
            Ok(Outcome::Done)
        }
        _ => Ok(Outcome::Skip),
    }
}

fn first(desk: &Desk, org: &str, person: &Person) -> Result<Outcome> {
    if !holdings::any(&person.id)? {
        return Ok(Outcome::Skip);
    }
    let people = people::everybody(org)?;
    let missing = || Fault::new("nobody_left", "nobody here is responsible: give somebody the role sales_mgr or gm");
    let manager = people::manager(desk, &people, &person.id).ok_or_else(missing)?;
    begin::open(desk, org, person, &manager.id, &Begin { leaver: person.id.clone(), ..Begin::default() })?;
    Ok(Outcome::Done)
}

/// They have left: from now on the day counts.
fn gone(desk: &Desk, handover: &Record<Handover>) -> Result<Outcome> {
    if handover.data.left_at.is_some() {
        return Ok(Outcome::Skip);
    }
    let at = info::due(desk.now(), &desk.settings.auto_after)?;
    let change = record::change(KIND, &handover.id).if_rev(handover.rev).field("left_at", desk.now());
    if handover.data.state != "planned" {
        change.stage()?;
        return Ok(Outcome::Done);
    }
    change.field("auto_at", &at).stage()?;
    timer::set(&format!("auto:{}", handover.id), &at).field("handover", &handover.id).stage()?;
    Ok(Outcome::Done)
}

/// Away without a deputy: the manager arranges one.
fn away(desk: &Desk, org: &str, person: &Person) -> Result<Outcome> {
    let arranged = Filter::eq("person", person.id.as_str()).and(Filter::is_in("state", ["planned", "active"]));
    if view::find::<Value>("handover.absence").filter(arranged).exists()? || !holdings::any(&person.id)? {
        return Ok(Outcome::Skip);
    }
    let people = people::everybody(org)?;
    let Some(manager) = people::manager(desk, &people, &person.id) else { return Ok(Outcome::Skip) };
    let due = info::due(desk.now(), &format!("{}d", desk.settings.deputy_days))?;
    let new = task::New {
        step: "handover.deputy",
        who: &person.name,
        owner: &manager.id,
        due: &due,
        about_kind: "user",
        about: &person.id,
    };
    task::make(desk, org, &new)?;
    Ok(Outcome::Done)
}

/// The day is over and nobody has carried it out.
pub fn carry_out_by_itself(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(handover) = view::get::<Handover>(KIND, id)?.filter(|one| one.data.state == "planned") else {
        return Ok(Outcome::Skip);
    };
    // Whoever was to leave and is still here keeps what is theirs until a manager says otherwise.
    let leaver: Option<Record<Data>> = view::get("user", &handover.data.leaver)?;
    let has_left = leaver.is_none_or(|leaver| leaver.data.get("status").is_some_and(|status| status == "left"));
    if !has_left {
        return Ok(Outcome::Skip);
    }
    record::mov(KIND, id, "start").if_rev(handover.rev).field("started_at", desk.now()).stage()?;
    Ok(Outcome::Done)
}
