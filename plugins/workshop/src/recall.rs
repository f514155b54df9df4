//! Recalls and service actions: a list of vehicles, and for each of them on file what is to be done, until it is done wherever the car comes in.

use std::collections::{BTreeMap, BTreeSet};

use marque_sdk::{Data, Filter, Id, Outcome, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, must_be, refuse, refuse_at},
    file::{File, ORDER, RECALL, RECALL_CAR, given, patch},
    flow::{self, Onward},
    lines::{self, NewLine},
    tell,
};

/// Input of `launch`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Launch {
    code: String,
    title: String,
    kind: Option<String>,
    remedy: Option<String>,
    job_code: Option<String>,
    hours: Option<f64>,
    skill: Option<String>,
    skill_level: Option<i64>,
    part_no: Option<String>,
    part_name: Option<String>,
    vins: Vec<String>,
    from: Option<String>,
}

/// Vehicles of one action that one call writes to their files; a night's work takes the rest.
const A_CALL: usize = 400;
/// A VIN's length.
const VIN: usize = 17;

/// Begins an action for a list of vehicles.
pub fn launch(desk: &Desk, input: &Launch) -> Result<Value> {
    let vins = normal(&input.vins)?;
    let id = new_id();
    let data = given(json!({
        "code": input.code.trim(), "title": input.title.trim(), "kind": input.kind.as_deref().unwrap_or("recall"), "remedy": input.remedy,
        "job_code": input.job_code, "hours": input.hours, "skill": input.skill, "skill_level": input.skill_level,
        "part_no": input.part_no, "part_name": input.part_name, "n_vins": vins.len(),
        "from": input.from.clone().map_or_else(|| marque_sdk::Date::today(&desk.call).map(|day| day.to_string()), Ok)?,
    }));
    let mut action = File::new(RECALL, &id, &desk.call.org, data);
    action.data.insert("vins".into(), json!(vins));
    let spread = spread(&action, A_CALL)?;
    action.data.insert("n_unknown".into(), spread.unknown.into());
    record::create(RECALL).id(id.as_str()).fields(&action.data).stage()?;
    Ok(
        json!({ "id": id, "vehicles": vins.len(), "on_file": spread.written, "unknown": spread.unknown, "later": spread.later }),
    )
}

fn normal(vins: &[String]) -> Result<Vec<String>> {
    let mut seen = BTreeSet::new();
    for (n, vin) in vins.iter().enumerate() {
        let plain = vin.trim().to_uppercase();
        if plain.len() != VIN || !plain.chars().all(|c| c.is_ascii_alphanumeric()) {
            return refuse_at(
                "vin_invalid",
                &format!("/vins/{n}"),
                format!("{vin:?} is no VIN: it has 17 letters and digits"),
            );
        }
        seen.insert(plain);
    }
    Ok(seen.into_iter().collect())
}

struct Spread {
    written: usize,
    unknown: usize,
    later: usize,
}

/// Writes what is to be done to the file of each vehicle that is known, in the organisation whose customer drives it.
fn spread(action: &File, most: usize) -> Result<Spread> {
    let vins: Vec<&str> =
        action.data.get("vins").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let known: BTreeSet<String> =
        cars(&action.id)?.into_iter().filter_map(|car| car.text("key").map(str::to_owned)).collect();
    let (mut written, mut found, mut later) = (0, BTreeSet::new(), 0);
    for some in vins.chunks(200) {
        let vehicles =
            view::find::<Data>("vehicles.vehicle").filter(Filter::is_in("vin", some.iter().copied())).up_to(1_000)?;
        for vehicle in vehicles.into_iter().map(File::from) {
            let Some(vin) = vehicle.text("vin") else { continue };
            found.insert(vin.to_owned());
            let is_known = known.contains(&key(action, vin, &vehicle.org));
            if !is_known && written >= most {
                later += 1;
            } else if !is_known {
                car(action, &vehicle, vin)?;
                written += 1;
            }
        }
    }
    Ok(Spread { written, unknown: vins.len() - found.len(), later })
}

/// Two stations that both know a car have a file each, and an entry each.
fn key(action: &File, vin: &str, org: &str) -> String {
    format!("{}:{vin}:{org}", action.id)
}

fn car(action: &File, vehicle: &File, vin: &str) -> Result<()> {
    let title = format!("{} {}", action.text("code").unwrap_or_default(), action.text("title").unwrap_or_default());
    let job = given(json!({
        "code": action.text("job_code"), "name": action.text("title"), "hours": action.data.get("hours"), "skill": action.text("skill"),
        "skill_level": action.data.get("skill_level"), "part_no": action.text("part_no"), "part_name": action.text("part_name"),
    }));
    record::create(RECALL_CAR)
        .org(vehicle.org.as_str())
        .fields(given(json!({
            "title": title.chars().take(200).collect::<String>(), "key": key(action, vin, &vehicle.org), "code": action.text("code"),
            "recall": action.id, "kind": action.text("kind"), "remedy": action.text("remedy"), "job": job, "vin": vin,
            "vehicle": vehicle.id, "customer": vehicle.text("customer"),
        })))
        .stage()
}

fn cars(action: &str) -> Result<Vec<File>> {
    let found = view::find::<Data>(RECALL_CAR).filter(Filter::eq("recall", action)).up_to(20_000)?;
    Ok(found.into_iter().map(File::from).collect())
}

/// By night: vehicles that came on file since, and what was done at another station.
pub fn nightly() -> Result<Outcome> {
    let running = view::find::<Data>(RECALL).filter(Filter::eq("state", "running")).up_to(200)?;
    let mut left = A_CALL;
    for action in running.into_iter().map(File::from) {
        let spread = spread(&action, left)?;
        left -= spread.written.min(left);
        if action.number("n_unknown") != spread.unknown as i64 {
            action.change(&patch(json!({ "n_unknown": spread.unknown }))).stage()?;
        }
        done_elsewhere(&action)?;
    }
    Ok(Outcome::Done)
}

fn done_elsewhere(action: &File) -> Result<()> {
    let cars = cars(&action.id)?;
    let done: BTreeMap<&str, &str> = cars
        .iter()
        .filter(|car| car.state() == "done")
        .filter_map(|car| Some((car.text("vin")?, car.text("done_at")?)))
        .collect();
    for car in cars.iter().filter(|car| car.is_in(&["open", "notified"])) {
        if let Some(at) = car.text("vin").and_then(|vin| done.get(vin)) {
            car.move_to("complete", &patch(json!({ "done_at": at }))).stage()?;
        }
    }
    Ok(())
}

/// Ends an action; what is still open stays known.
pub fn close(desk: &Desk, action: &File) -> Result<Value> {
    must_be(action, &["running"])?;
    action.move_to("close", &patch(json!({ "closed_at": desk.now() }))).stage()?;
    Ok(json!({ "id": action.id }))
}

/// What is still due on the vehicle of an order.
pub fn open_for(order: &File) -> Result<Value> {
    let of = Filter::eq("vehicle", order.text("vehicle").unwrap_or_default())
        .and(Filter::is_in("state", ["open", "notified"]));
    let found: Vec<Record> = view::find(RECALL_CAR).filter(of).limit(50).page()?.items;
    Ok(json!(
        found
            .iter()
            .map(|car| json!({ "id": car.id, "title": car.data.get("title"), "kind": car.data.get("kind") }))
            .collect::<Vec<_>>()
    ))
}

/// Writes to the owner; a recall is service, and needs no consent.
pub fn notify(desk: &Desk, car: &File) -> Result<Value> {
    must_be(car, &["open"])?;
    if !tell::recall(desk, car)? {
        return refuse(
            "nobody_to_tell",
            "the owner has no mobile number on file, or customers are not written to: call them",
        );
    }
    car.move_to("notify", &patch(json!({ "notified_at": desk.now() }))).stage()?;
    Ok(json!({ "id": car.id }))
}

/// Input of `take`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Take {
    order: Id,
}

/// Does it with the work order that is open: its labour and part stand there, paid by the maker.
pub fn take(desk: &Desk, car: &File, input: &Take) -> Result<Value> {
    must_be(car, &["open", "notified"])?;
    let order = File::load(ORDER, &input.order)?;
    must_be(&order, &lines::CHANGEABLE)?;
    if order.text("vin") != car.text("vin") {
        return refuse_at("recall_other", "/order", "that order is for another vehicle");
    }
    let mut all = lines::of(&order.id)?;
    let state = if order.text("approved_at").is_some() { "approved" } else { "planned" };
    let new = lines::prepare(desk, &order, &work(car), all.last().map_or(0, |line| line.number("n")), state)?;
    lines::create(&new)?;
    all.extend(new);
    car.move_to("book", &patch(json!({ "order": order.id }))).stage()?;
    flow::go(desk, &order, Onward { data: lines::totals(desk, &order, &all), ..Onward::default() })?;
    Ok(json!({ "id": car.id, "order": order.id }))
}

fn work(car: &File) -> Vec<NewLine> {
    let job = car.data.get("job").and_then(Value::as_object).cloned().unwrap_or_default();
    let text = |name: &str| job.get(name).and_then(Value::as_str).map(str::to_owned);
    let labour = NewLine {
        sort: Some("labour".into()),
        code: text("code"),
        name: car.text("title").map(str::to_owned),
        hours: job.get("hours").and_then(Value::as_f64),
        skill: text("skill"),
        skill_level: job.get("skill_level").and_then(Value::as_i64),
        payer: Some("warranty".into()),
        recall_car: Some(car.id.clone()),
        ..NewLine::default()
    };
    let part = text("part_no").or_else(|| text("part_name")).map(|name| NewLine {
        sort: Some("part".into()),
        name: text("part_name").or(Some(name)),
        part_no: text("part_no"),
        price: Some(0),
        origin: Some("oem".into()),
        payer: Some("warranty".into()),
        recall_car: Some(car.id.clone()),
        ..NewLine::default()
    });
    std::iter::once(labour).chain(part).collect()
}

fn of_order(order: &File) -> Result<Vec<File>> {
    let of = Filter::eq("order", order.id.as_str()).and(Filter::eq("state", "booked"));
    Ok(view::find::<Data>(RECALL_CAR).filter(of).limit(50).page()?.items.into_iter().map(File::from).collect())
}

/// The order is settled: its recalls are done.
pub fn complete(desk: &Desk, order: &File) -> Result<()> {
    for car in of_order(order)? {
        car.move_to("complete", &patch(json!({ "done_at": desk.now() }))).stage()?;
    }
    Ok(())
}

/// The order ended before: its recalls are due again.
pub fn release(order: &File) -> Result<()> {
    for car in of_order(order)? {
        car.move_to("release", &patch(json!({ "order": null }))).stage()?;
    }
    Ok(())
}

/// Input of `exclude`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclude {
    note: String,
}

/// It does not concern this vehicle after all.
pub fn exclude(car: &File, input: &Exclude) -> Result<Value> {
    must_be(car, &["open", "notified"])?;
    if input.note.trim().is_empty() {
        return refuse_at("note_missing", "/note", "say why it does not apply");
    }
    car.move_to("exclude", &patch(json!({ "note": input.note.trim() }))).stage()?;
    Ok(json!({ "id": car.id }))
}
