//! The watch over I1: every five minutes, as long as anything watched is open, whoever was left alone is found.

use std::collections::BTreeMap;

use marque_sdk::{
    Data, Filter, Id, Outcome, Record, Result, Value, info, json, log, new_id, record, stage, timer, view,
};
use serde::{Deserialize, Serialize};

use crate::{
    desk::{self, Desk},
    orphan::Lacks,
    settings::Watched,
    task::{KIND, ORPHAN, Task},
    texts,
};

/// Pages of records looked at in one call; the rest follows in the next, so that a large dealer stays within the quotas.
const PAGES: usize = 4;
const PAGE: u32 = 500;
/// Records whose tasks are asked for at once.
const CHUNK: usize = 100;

/// Where a round goes on: how many kinds are done, and the page of the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    n_kinds: usize,
    cursor: Option<String>,
    /// Whether this round has come across anything open.
    is_busy: bool,
}

/// Something watched has happened: the next round is at the next full five minutes. Every event of these five minutes
/// asks for the same timer, so none of them puts it off.
pub fn wake(desk: &Desk) -> Result<()> {
    let at = next_slot(desk.now())?;
    stage([timer::set(&format!("watch:{at}"), &at)])
}

/// Looks through what is watched, from where the last call has stopped.
pub fn ring(desk: &Desk, data: &Value) -> Result<Outcome> {
    let mut place = Place::deserialize(data).unwrap_or_default();
    if place == Place::default() {
        end_alarms(desk)?;
    }
    let watched = desk.settings.watched();
    let mut n_pages = 0;
    while let Some(kind) = watched.get(place.n_kinds) {
        if n_pages == PAGES {
            let key = format!("watch:{}:{}", desk.now(), place.n_kinds);
            // Not at once: a timer that rings within a second counts as a reaction, and reactions are not endless.
            stage([timer::set(&key, &info::due(desk.now(), "1m")?).data(&place)])?;
            return Ok(Outcome::Done);
        }
        n_pages += 1;
        let (n_open, next) = look_at_page(desk, kind, place.cursor.take())?;
        place.is_busy |= n_open > 0;
        match next {
            Some(cursor) => place.cursor = Some(cursor),
            None => place.n_kinds += 1,
        }
    }
    if place.is_busy {
        wake(desk)?;
    }
    Ok(Outcome::Done)
}

/// The next full five minutes after a moment written in UTC.
fn next_slot(now: &str) -> Result<String> {
    let (tens, minutes) = now.split_at_checked(15).unwrap_or((now, ""));
    let five = if minutes.starts_with(['5', '6', '7', '8', '9']) { 5 } else { 0 };
    info::due(&format!("{tens}{five}:00.000Z"), "5m")
}

/// Looks at one page of a kind: how many were open, and where the next page begins.
fn look_at_page(desk: &Desk, watched: &Watched, cursor: Option<String>) -> Result<(usize, Option<String>)> {
    let open = Filter::is_in(&watched.state_field, watched.states.iter().map(String::as_str));
    let here = open.and(Filter::eq("org", desk.call.org.as_str()));
    let find = view::find::<Data>(&watched.kind).filter(here).limit(PAGE);
    let page = match cursor.iter().fold(find, |find, cursor| find.cursor(cursor)).page() {
        Ok(page) => page,
        Err(fault) => {
            // A kind that is not installed, or a wrong field in the settings: the others are still watched.
            log::warn(&format!("{} cannot be watched: {fault}", watched.kind));
            return Ok((0, None));
        }
    };
    for chunk in page.items.chunks(CHUNK) {
        look_at(desk, watched, chunk)?;
    }
    Ok((page.items.len(), page.next))
}

fn look_at(desk: &Desk, watched: &Watched, records: &[Record]) -> Result<()> {
    let tasks = tasks_about(records.iter().map(|record| record.id.as_str()))?;
    for record in records {
        let about: Vec<&Task> = tasks.get(&record.id).into_iter().flatten().collect();
        let lacks = Lacks::of(watched, &record.data, &about);
        let is_alarmed = about.iter().any(|task| task.step == ORPHAN);
        if lacks.is_orphan() && !is_alarmed {
            alarm(desk, watched, record, lacks)?;
        }
    }
    Ok(())
}

/// The open tasks about some records, by record.
fn tasks_about<'a>(ids: impl Iterator<Item = &'a str>) -> Result<BTreeMap<Id, Vec<Task>>> {
    let about = Filter::is_in("about", ids).and(Filter::eq("state", "open"));
    let mut tasks: BTreeMap<Id, Vec<Task>> = BTreeMap::new();
    let mut cursor: Option<String> = None;
    loop {
        let find = view::find::<Task>(KIND).filter(about.clone()).limit(PAGE);
        let page = cursor.iter().fold(find, |find, cursor| find.cursor(cursor)).page()?;
        for task in page.items {
            tasks.entry(task.data.about.clone().unwrap_or_default()).or_default().push(task.data);
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(tasks);
        }
    }
}

/// Tells the world, and gives a manager the task of seeing to it: once, as long as that task is open.
fn alarm(desk: &Desk, watched: &Watched, orphan: &Record, lacks: Lacks) -> Result<()> {
    let text = |field: &str| orphan.data.get(field).and_then(Value::as_str);
    let customer = text(&watched.subject);
    desk::raise(
        "worklist.orphan_found",
        customer,
        orphan,
        json!({ "lacks_owner": lacks.owner, "lacks_task": lacks.task }),
    )?;

    let manager = desk::first_with(desk, &desk.settings.alarm_roles)?;
    let Some(owner) = manager.or_else(|| text(&watched.owner).map(str::to_owned)) else {
        log::error(&format!(
            "{} {} is left alone, and so is this organisation: nobody here has a role of alarm_roles",
            orphan.kind, orphan.id
        ));
        return Ok(());
    };
    let title = texts::text(&desk.call.locale, "title.orphan");
    let create = record::create(KIND)
        .id(new_id())
        .field("title", text("number").map_or_else(|| title.clone(), |number| format!("{title} {number}")))
        .field("step", ORPHAN)
        .field("owner", owner)
        .field("due", info::due(desk.now(), &desk.settings.alarm_span)?)
        .field("about_kind", &orphan.kind)
        .field("about", &orphan.id);
    customer.iter().fold(create, |create, customer| create.field("customer", customer)).stage()
}

/// Ends the alarms about records that are looked after again, or gone.
fn end_alarms(desk: &Desk) -> Result<()> {
    let open =
        Filter::eq("step", ORPHAN).and(Filter::eq("state", "open")).and(Filter::eq("org", desk.call.org.as_str()));
    for alarm in view::find::<Task>(KIND).filter(open).limit(PAGE).page()?.items {
        if is_cured(desk, &alarm.data)? {
            record::mov(KIND, &alarm.id, "complete")
                .if_rev(alarm.rev)
                .field("outcome", "not_needed")
                .field("note", texts::text(&desk.call.locale, "note.cured"))
                .field("done_at", desk.now())
                .stage()?;
        }
    }
    Ok(())
}

fn is_cured(desk: &Desk, alarm: &Task) -> Result<bool> {
    let (Some(kind), Some(id)) = (&alarm.about_kind, &alarm.about) else { return Ok(true) };
    let watched = desk.settings.watched();
    let Some(watched) = watched.iter().find(|watched| watched.kind == *kind) else { return Ok(true) };
    let Some(record) = view::get::<Data>(kind, id)? else { return Ok(true) };
    let tasks = tasks_about([id.as_str()].into_iter())?;
    let about: Vec<&Task> = tasks.get(id).into_iter().flatten().collect();
    Ok(!Lacks::of(watched, &record.data, &about).is_orphan())
}
