//! The appointment book.
//!
//! The appointment book: slots of the opening hours, each with so many places. A place is taken on the slot's own record, so that two who
//! reach for the last one cannot both have it.

use marque_sdk::{Date, Filter, Id, Record, Result, Value, info, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at},
    file::SLOT,
    moment,
};

#[derive(Debug, Deserialize)]
struct Slot {
    #[serde(default)]
    taken: i64,
}

/// A slot that has been found free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub starts_at: String,
    pub ends_at: String,
    pub free: i64,
}

/// The slots of a day that have not begun, with what is free in each.
pub fn of_day(desk: &Desk, org: &str, day: Date) -> Result<Vec<Open>> {
    let length = desk.settings.slot_minutes;
    let end = moment::begin_of(day.plus_days(1), &desk.call)?;
    let mut starts = opening(&moment::begin_of(day, &desk.call)?)?;
    let mut slots = Vec::new();
    let taken = taken_of(org, &starts, &end)?;
    while starts < end {
        let ends = moment::plus(&starts, length)?;
        if !is_open(&starts, length)? {
            // A break of the opening hours: on after it.
            let next = opening(&starts)?;
            if next == starts {
                starts = ends;
            } else {
                starts = next;
            }
            continue;
        }
        if starts.as_str() > desk.now() {
            let used = taken.iter().find(|(at, _)| *at == starts).map_or(0, |(_, used)| *used);
            let free = (desk.settings.slot_capacity - used).max(0);
            slots.push(Open { starts_at: starts, ends_at: ends.clone(), free });
        }
        starts = ends;
    }
    Ok(slots)
}

/// The first moment from here on at which the dealer is open.
fn opening(from: &str) -> Result<String> {
    moment::plus(&info::due(from, "1bm")?, -1)
}

/// Whether the dealer is open all through it.
fn is_open(starts: &str, minutes: i64) -> Result<bool> {
    Ok(info::due(starts, &format!("{minutes}bm"))? == moment::plus(starts, minutes)?)
}

fn taken_of(org: &str, from: &str, to: &str) -> Result<Vec<(String, i64)>> {
    let of = Filter::eq("org", org).and(Filter::gte("starts_at", from)).and(Filter::lt("starts_at", to));
    let found = view::find::<Value>(SLOT).filter(of).limit(500).page()?.items;
    let pair = |slot: &Record<Value>| {
        Some((slot.data.get("starts_at")?.as_str()?.to_owned(), slot.data.get("taken")?.as_i64()?))
    };
    Ok(found.iter().filter_map(pair).collect())
}

/// Takes a place in the slot that begins then; the slot's record and its end. The place that is `given_up` for it in the same call is left alone.
pub fn take(desk: &Desk, org: &str, at: &str, pointer: &str, given_up: Option<&str>) -> Result<(Id, String)> {
    if at <= desk.now() {
        return refuse_at("slot_past", pointer, format!("{at} has passed: choose a time to come"));
    }
    let length = desk.settings.slot_minutes;
    let begins = moment::begin_of(Date::of(at, &desk.call)?, &desk.call)?;
    let first = opening(&begins)?;
    let off = (moment::minutes(at)? - moment::minutes(&first)?).rem_euclid(length);
    if off != 0 || !is_open(at, length)? {
        let told = moment::told(at, &desk.call)?;
        return refuse_at("slot_unknown", pointer, format!("no slot begins at {told}: choose one of the open times"));
    }
    let ends = moment::plus(at, length)?;
    let id = match find(org, at)? {
        Some(slot) if slot.data.taken >= desk.settings.slot_capacity => {
            let told = moment::told(at, &desk.call)?;
            return refuse_at("slot_full", pointer, format!("{told} is taken: choose another time"));
        }
        Some(slot) => {
            record::change(SLOT, &slot.id)
                .if_rev(slot.rev)
                .field("taken", slot.data.taken + 1)
                .field("capacity", desk.settings.slot_capacity)
                .stage()?;
            slot.id
        }
        None => {
            let id = new_id();
            guard(org, given_up)?;
            // Should it be the first slot of all, the key decides, which is unique.
            record::create(SLOT)
                .id(id.as_str())
                .org(org)
                .fields(json!({ "key": at, "starts_at": at, "ends_at": ends, "taken": 1, "capacity": desk.settings.slot_capacity }))
                .stage()?;
            id
        }
    };
    Ok((id, ends))
}

/// Two who open the same slot at once find the newest one changed by the other, and look again.
fn guard(org: &str, given_up: Option<&str>) -> Result<()> {
    let others = Filter::eq("org", org).and(Filter::ne("id", given_up.unwrap_or("-")));
    match view::find::<Value>(SLOT).filter(others).order("-created_at").first()? {
        Some(newest) => record::touch(SLOT, &newest.id, newest.rev).stage(),
        None => Ok(()),
    }
}

/// Gives a place back.
pub fn free(id: Option<&str>) -> Result<()> {
    let Some(slot) = id.map(|id| view::get::<Slot>(SLOT, id)).transpose()?.flatten() else { return Ok(()) };
    record::change(SLOT, &slot.id).if_rev(slot.rev).field("taken", (slot.data.taken - 1).max(0)).stage()
}

fn find(org: &str, at: &str) -> Result<Option<Record<Slot>>> {
    view::find::<Slot>(SLOT).filter(Filter::eq("key", at).and(Filter::eq("org", org))).first()
}
