//! What a demo car is used for beside test drives: taken down, and kept out of the calendar meanwhile.

use marque_sdk::{Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    car,
    desk::{Desk, refuse, refuse_at, said},
    people,
    slot::Slot,
};
use marque_sdk::moment;

/// The kind's name.
pub const KIND: &str = "testdrive.use";
/// A car is away for a month at most; the window in which overlaps are looked for is as wide.
const LONGEST: i64 = 31 * 1_440;
/// More than a car can have.
const MANY: usize = 1_000;

/// Input of `log_use`; see plugin.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    car: Id,
    purpose: String,
    title: String,
    from: Option<String>,
    to: String,
    driver: Option<Id>,
    odo_start: Option<i64>,
    note: Option<String>,
}

/// Input of `return_car`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    odo_end: i64,
    note: Option<String>,
}

#[derive(Deserialize)]
struct Use {
    car: Id,
    state: String,
    from: String,
    to: String,
    odo_start: Option<i64>,
}

/// A car goes out, now or later. It must be free for all of that time.
pub fn log(desk: &Desk, input: Log) -> Result<Value> {
    let from = input.from.as_deref().map_or(Ok(desk.now().to_owned()), |from| moment::parse("/from", from))?;
    let to = moment::parse("/to", &input.to)?;
    let minutes = moment::between(&from, &to)?;
    if !(1..=LONGEST).contains(&minutes) {
        return refuse_at("time_order", "/to", "a use ends after it begins, and within a month");
    }
    let Some(driver) = input.driver.as_deref().or(desk.me()) else {
        return refuse_at("user_unknown", "/driver", "say who drives");
    };
    people::member(&desk.call.org, "/driver", driver)?;
    let chosen = car::load("/car", &input.car)?;
    let slot = Slot { start: from, end: to };
    // A car goes to the workshop although it may not be driven on test: only its calendar matters here.
    let free = car::when_free(desk, &chosen.id, &slot, None)?;
    if free != slot.start {
        let when = moment::told(&free, &desk.call)?;
        return refuse_at(
            "car_busy",
            "/car",
            format!("{} is taken then: it is free from {when} ({free})", chosen.data.name),
        );
    }
    record::touch(car::KIND, &chosen.id, chosen.rev).stage()?;
    let id = new_id();
    let data = said(json!({
        "title": input.title, "car": chosen.id, "purpose": input.purpose, "driver": driver, "from": slot.start, "to": slot.end,
        "odo_start": input.odo_start.or(chosen.data.odometer), "note": input.note,
    }));
    record::create(KIND).id(&id).org(&chosen.org).fields(data).stage()?;
    Ok(json!({ "id": id }))
}

/// It is back.
pub fn give_back(desk: &Desk, id: &str, input: &Return) -> Result<Value> {
    let used: Record<Use> = view::require(KIND, id)?;
    must_be_out(&used)?;
    if used.data.odo_start.is_some_and(|start| input.odo_end < start) {
        return refuse_at("odometer_back", "/odo_end", "the odometer showed more when the car left: read it again");
    }
    let write = record::mov(KIND, id, "return")
        .if_rev(used.rev)
        .field("returned_at", desk.now())
        .field("odo_end", input.odo_end);
    input.note.iter().fold(write, |write, note| write.field("note", note)).stage()?;
    record::change(car::KIND, &used.data.car).field("odometer", input.odo_end).stage()?;
    Ok(json!({ "id": id }))
}

/// It does not go out after all.
pub fn cancel(id: &str) -> Result<Value> {
    let used: Record<Use> = view::require(KIND, id)?;
    must_be_out(&used)?;
    record::mov(KIND, id, "cancel").if_rev(used.rev).stage()?;
    Ok(json!({ "id": id }))
}

fn must_be_out(used: &Record<Use>) -> Result<()> {
    match used.data.state.as_str() {
        "out" => Ok(()),
        state => refuse("state_refused", format!("this use is {state} already")),
    }
}

/// The times in which a car is used otherwise. One that is not back keeps the car until it is.
pub fn slots_of(desk: &Desk, car: &str, from: &str, to: &str) -> Result<Vec<Slot>> {
    let filter = Filter::eq("car", car).and(Filter::eq("state", "out")).and(Filter::between("from", from, to));
    let found = view::find::<Use>(KIND).filter(filter).up_to(MANY)?;
    let slot = |used: Record<Use>| {
        let Use { from, to, .. } = used.data;
        let is_late = from.as_str() < desk.now() && to.as_str() < desk.now();
        Slot { start: from, end: if is_late { desk.now().to_owned() } else { to } }
    };
    Ok(found.into_iter().map(slot).collect())
}
