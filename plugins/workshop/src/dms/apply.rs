//! What a message of the other system does to work orders: makes them, writes their lines, takes them on, never back.

use marque_sdk::{Data, Date, Filter, Result, Value, json, new_id, record, view};

use super::{Applied, Message};
use crate::{
    clock, come_back, customer,
    desk::Desk,
    file::{File, LINE, ORDER, given, patch},
    flow::{self, Onward},
    lines::{self, NewLine},
    moment, order, step, task,
};

/// Where the other system may say that an order stands: state, transition, the moment that it marks.
const STAGES: [(&str, &str, &str); 5] = [
    ("opened", "", "opened_at"),
    ("in_repair", "start", "started_at"),
    ("ready", "pass", "ready_at"),
    ("settled", "settle", "settled_at"),
    ("delivered", "deliver", "delivered_at"),
];

/// Header fields that a message may carry as they are.
const HEADER: [&str; 9] =
    ["kind", "symptom", "symptoms", "diagnosis", "cause", "odometer", "invoice_no", "payer", "promised_ready"];

/// Applies one message.
pub fn apply(desk: &Desk, message: &Message) -> Result<Applied> {
    let external = format!("{}:{}", message.system.as_deref().unwrap_or("dms"), message.number.trim());
    let of = Filter::eq("external_id", external.as_str()).and(Filter::eq("org", desk.call.org.as_str()));
    let known = view::find::<Data>(ORDER).filter(of).first()?.map(File::from);
    match (message.sort.as_str(), known) {
        ("order", Some(order)) => update(desk, &order, message),
        ("order", None) => create(desk, &external, message),
        ("line", Some(order)) => line(desk, &order, message),
        ("line", None) => Ok(Applied::waiting("the order has not come yet")),
        (other, _) => {
            Ok(Applied { state: "refused", problem: Some(format!("sort {other:?} is not known")), order: None })
        }
    }
}

fn said<'a>(message: &'a Message, field: &str) -> Option<&'a str> {
    message.body.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

fn header(message: &Message) -> Data {
    let pick =
        |name: &&str| Some(((*name).to_owned(), message.body.get(*name).filter(|value| !value.is_null())?.clone()));
    HEADER.iter().filter_map(pick).collect()
}

fn create(desk: &Desk, external: &str, message: &Message) -> Result<Applied> {
    let Some(vin) = said(message, "vin") else {
        return Ok(Applied::waiting("vin is missing: the order's opening has not come yet"));
    };
    let of = Filter::eq("vin", vin.to_uppercase()).and(Filter::eq("org", desk.call.org.as_str()));
    let Some(vehicle) = view::find::<Data>("vehicles.vehicle").filter(of).first()?.map(File::from) else {
        return Ok(Applied::waiting("the vehicle is not on file here"));
    };
    let customer = match (vehicle.text("customer"), said(message, "customer_name")) {
        (Some(owner), None) => owner.to_owned(),
        (_, Some(name)) => customer::known_or_new(&desk.call.org, name, said(message, "customer_phone"), "dms")?,
        (None, None) => return Ok(Applied::waiting("nobody owns this vehicle here, and customer_name is missing")),
    };
    let id = new_id();
    let mut data = header(message);
    data.extend(given(json!({
        "customer": customer, "vehicle": vehicle.id, "vin": vehicle.text("vin"), "model": vehicle.text("model"),
        "external_id": external, "opened_at": said(message, "opened_at").unwrap_or(&message.at), "advisor": order::advisor(desk, &desk.call.org, None)?,
        "dms_at": { "header": message.at, "stage": message.at },
    })));
    data.entry("odometer").or_insert_with(|| vehicle.number("odometer").into());
    let mut made = File::new(ORDER, &id, &desk.call.org, data);
    made.data.insert("state".into(), "opened".into());
    let earlier = come_back::found(desk, &made, None)?;
    if let Some(earlier) = &earlier {
        made = made.with(&come_back::link(earlier));
    }
    let new = new_lines(desk, &made, message, &[])?;
    made = made.with(&lines::totals(desk, &made, &new));
    let target = stage_of(said(message, "stage").unwrap_or("opened"));
    let moves_on = target > 0 || said(message, "stage") == Some("cancelled");
    if let Some(plan) = step::of(desk, &made)?.filter(|_| !moves_on) {
        made.data.insert("task".into(), task::open(desk, &made, &plan)?.into());
    }
    let mut stored = made.data.clone();
    stored.remove("state");
    record::create(ORDER).id(id.as_str()).fields(stored).stage()?;
    lines::create(&new)?;
    clock::follow(desk, None, &made)?;
    if let Some(earlier) = &earlier {
        come_back::mark(desk, earlier, &made)?;
    }
    read_odometer(desk, &made, message)?;
    walk(desk, made, message, Data::new(), true)?;
    Ok(Applied::done(&id))
}

/// What the odometer showed goes to the vehicle's file, with the other system's time.
fn read_odometer(desk: &Desk, order: &File, message: &Message) -> Result<()> {
    let Some(km) = message.body.get("odometer").and_then(Value::as_i64) else { return Ok(()) };
    let at = said(message, "opened_at").unwrap_or(&message.at);
    let reading = json!({ "vehicle": order.text("vehicle"), "km": km, "at": moment::parse("/body/opened_at", at)?, "source": "service" });
    desk.raise("workshop.odometer.read", order, reading)
}

fn new_lines(desk: &Desk, order: &File, message: &Message, known: &[File]) -> Result<Vec<File>> {
    let Some(told) = message.body.get("lines").and_then(Value::as_array) else { return Ok(Vec::new()) };
    let read: Vec<NewLine> =
        told.iter().map(|line| serde_json::from_value(line.clone()).map_err(Into::into)).collect::<Result<_>>()?;
    let is_new = |line: &NewLine| {
        line.external_id.is_none() || !known.iter().any(|one| one.text("external_id") == line.external_id.as_deref())
    };
    let fresh: Vec<NewLine> = read.into_iter().filter(is_new).collect();
    lines::prepare(desk, order, &fresh, known.last().map_or(0, |line| line.number("n")), "approved")
}

/// The header as of the newest message, the stage as far as any message has told.
fn update(desk: &Desk, order: &File, message: &Message) -> Result<Applied> {
    let times = order.data.get("dms_at").and_then(Value::as_object).cloned().unwrap_or_default();
    let is_newer = |part: &str| times.get(part).and_then(Value::as_str).is_none_or(|at| at < message.at.as_str());
    let (is_header, stage) = (is_newer("header"), said(message, "stage"));
    let moves_on =
        stage.is_some_and(|stage| stage == "cancelled" && is_newer("stage") || stage_of(stage) > stage_of_state(order));
    if !is_header && !moves_on {
        return Ok(Applied::stale(&order.id));
    }
    let mut data = if is_header { header(message) } else { Data::new() };
    if data.get("odometer").is_some_and(|km| km.as_i64() != Some(order.number("odometer"))) {
        read_odometer(desk, order, message)?;
    }
    let mut marks = times.clone();
    if is_header {
        marks.insert("header".into(), message.at.as_str().into());
    }
    if moves_on {
        marks.insert("stage".into(), message.at.as_str().into());
    }
    data.insert("dms_at".into(), Value::Object(marks));
    let mut all = lines::of(&order.id)?;
    let new = if is_header { new_lines(desk, order, message, &all)? } else { Vec::new() };
    lines::create(&new)?;
    all.extend(new);
    data.extend(lines::totals(desk, order, &all));
    if moves_on {
        walk(desk, order.clone(), message, data, false)?;
    } else {
        flow::go(desk, order, Onward { data, ..Onward::default() })?;
    }
    Ok(Applied::done(&order.id))
}

fn stage_of(name: &str) -> usize {
    STAGES.iter().position(|(state, ..)| *state == name).unwrap_or(0)
}

/// How far our own states are, in the other system's stages.
fn stage_of_state(order: &File) -> usize {
    match order.state() {
        "in_repair" | "waiting_parts" | "quality_check" => 1,
        "ready" => 2,
        "settled" => 3,
        "delivered" | "followed_up" => 4,
        _ => 0,
    }
}

/// Takes the order on stage by stage, so that whoever listens hears each.
fn walk(desk: &Desk, order: File, message: &Message, data: Data, is_made: bool) -> Result<()> {
    if said(message, "stage") == Some("cancelled") {
        let mut data = data;
        data.extend(patch(json!({ "end_reason": said(message, "reason").unwrap_or("DMS"), "ended_at": message.at })));
        let onward = Onward {
            transition: Some(("cancel", "cancelled")),
            data,
            outcome: Some("not_needed"),
            is_next: is_made,
            ..Onward::default()
        };
        flow::go(desk, &order, onward)?;
        return Ok(());
    }
    let (from, to) = (stage_of_state(&order), stage_of(said(message, "stage").unwrap_or("opened")));
    let (mut order, mut data, mut is_next) = (order, data, is_made);
    for (n, (state, transition, mark)) in STAGES.into_iter().enumerate().skip(from + 1).take(to.saturating_sub(from)) {
        let at = said(message, mark).unwrap_or(&message.at);
        data.extend(patch(json!({ mark: at })));
        if state == "settled" {
            data.extend(settled(desk, &order, at)?);
        }
        let onward = Onward {
            transition: Some((transition, state)),
            data: std::mem::take(&mut data),
            is_next,
            is_passing: n < to,
            ..Onward::default()
        };
        order = flow::go(desk, &order, onward)?;
        is_next = true;
    }
    Ok(())
}

fn settled(desk: &Desk, order: &File, at: &str) -> Result<Data> {
    Ok(patch(
        json!({ "settled_on": Date::of(at, &desk.call)?, "paid_amount": order.number("customer_amount"), "approval_open": false }),
    ))
}

/// One line, made or changed by its own id.
fn line(desk: &Desk, order: &File, message: &Message) -> Result<Applied> {
    let told: NewLine = serde_json::from_value(Value::Object(message.body.clone()))?;
    let Some(external) = told.external_id.clone() else {
        return Ok(Applied {
            state: "refused",
            problem: Some("external_id of the line is missing".into()),
            order: Some(order.id.clone()),
        });
    };
    let mut times = order.data.get("dms_at").and_then(Value::as_object).cloned().unwrap_or_default();
    let mark = format!("line:{external}");
    if times.get(&mark).and_then(Value::as_str).is_some_and(|at| at >= message.at.as_str()) {
        return Ok(Applied::stale(&order.id));
    }
    times.insert(mark, message.at.as_str().into());
    let mut all = lines::of(&order.id)?;
    let last = all.last().map_or(0, |line| line.number("n"));
    let new = lines::prepare(desk, order, &[told], last, "approved")?;
    match (all.iter().position(|one| one.text("external_id") == Some(&external)), new.into_iter().next()) {
        (Some(at), Some(new)) => {
            let mut data = new.data;
            for kept in ["n", "order", "state"] {
                data.remove(kept);
            }
            record::change(LINE, &all[at].id).if_rev(all[at].rev).fields(&data).stage()?;
            all[at] = all[at].with(&data);
        }
        (None, Some(new)) => {
            lines::create(std::slice::from_ref(&new))?;
            all.push(new);
        }
        (_, None) => {}
    }
    let mut data = lines::totals(desk, order, &all);
    data.insert("dms_at".into(), Value::Object(times));
    flow::go(desk, order, Onward { data, ..Onward::default() })?;
    Ok(Applied::done(&order.id))
}
