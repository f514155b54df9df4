//! What others tell: a complaint about a car, rework that was decided, a talk after the repair, a vehicle that messages waited for.

use marque_sdk::{Data, Event, Filter, Outcome, Result, Value, json, record, view};

use crate::{
    desk::Desk,
    dms,
    file::{APPOINTMENT, File, MESSAGE, ORDER, patch},
    request::{self, Request},
};

/// Complaints that are over.
const OVER: [&str; 5] = ["closed", "archived", "rejected", "withdrawn", "transferred"];

/// Work orders of a vehicle that a complaint may be about, the newest.
const NEWEST: u32 = 20;

/// A complaint came, went on or ended: cars in the workshop show whether one is open, and rework that was agreed is asked for here.
pub fn complaint(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(named) = event.record() else { return Ok(Outcome::Skip) };
    let Some(case) = view::get::<Data>("complaints.case", &named.id)?.map(File::from) else { return Ok(Outcome::Skip) };
    let is_open = !case.is_in(&OVER);
    let mut done = Outcome::Skip;
    for order in orders_of(&case)? {
        if order.says("complaint_open") != is_open {
            record::change(ORDER, &order.id).if_rev(order.rev).field("complaint_open", is_open).stage()?;
            done = Outcome::Done;
        }
    }
    let has_rework =
        case.data.get("remedy").and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one == "rework"));
    if event.kind == "complaints.case.agreed" && has_rework && rework(desk, &case)? {
        done = Outcome::Done;
    }
    Ok(done)
}

/// Orders of the vehicle that the case names, by its number.
fn orders_of(case: &File) -> Result<Vec<File>> {
    let Some(vin) = case.text("vin") else { return Ok(Vec::new()) };
    let of = Filter::eq("vin", vin).and(Filter::ne("state", "cancelled"));
    let found = view::find::<Data>(ORDER).filter(of).order("-opened_at").limit(NEWEST).page()?.items;
    Ok(found.into_iter().map(File::from).collect())
}

/// Asks for an appointment to do it over, once for a case.
fn rework(desk: &Desk, case: &File) -> Result<bool> {
    let asked = Filter::eq("complaint", case.id.as_str()).and(Filter::ne("state", "cancelled"));
    if view::find::<Data>(APPOINTMENT).filter(asked).exists()? {
        return Ok(false);
    }
    let Some(customer) = case.text("customer") else { return Ok(false) };
    let last = orders_of(case)?.into_iter().find(|order| order.is_in(&["settled", "delivered", "followed_up"]));
    let asked = Request {
        customer: Some(customer.into()),
        vehicle: last.as_ref().and_then(|order| order.text("vehicle")).map(str::to_owned),
        plate: case.text("plate").map(str::to_owned),
        kind: Some("come_back".into()),
        symptoms: case.text("facts").map(str::to_owned),
        channel: Some("complaint".into()),
        come_back_of: last.map(|order| order.id),
        complaint: Some(case.id.clone()),
        ..Request::default()
    };
    request::request(desk, &case.org, &asked)?;
    Ok(true)
}

/// Somebody has spoken to the customer after the repair.
pub fn followed_up(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(named) = event.record() else { return Ok(Outcome::Skip) };
    // The plugin that told may be gone by now, and its records with it.
    let Some(call) = view::get::<Data>(&named.kind, &named.id).unwrap_or_default() else { return Ok(Outcome::Skip) };
    let Some(about) = call.data.get("about").and_then(Value::as_str) else { return Ok(Outcome::Skip) };
    match view::get::<Data>(ORDER, about)?.map(File::from).filter(|order| order.state() == "delivered") {
        Some(order) => {
            order.move_to("follow_up", &patch(json!({ "followed_up_at": desk.now() }))).stage()?;
            Ok(Outcome::Done)
        }
        None => Ok(Outcome::Skip),
    }
}

/// A vehicle came on file: messages about it can be applied.
pub fn vehicle(desk: &Desk, event: &Event) -> Result<Outcome> {
    match waiting_for(event)? {
        true => dms::retry(desk, Filter::eq("sort", "order")),
        false => Ok(Outcome::Skip),
    }
}

fn waiting_for(event: &Event) -> Result<bool> {
    let waiting = Filter::eq("state", "waiting").and(Filter::eq("org", event.org.as_str()));
    view::find::<Data>(MESSAGE).filter(waiting).exists()
}

/// An order came, or a message of its was applied: what waited for it is next.
pub fn order_came(desk: &Desk, event: &Event) -> Result<Outcome> {
    let number = match event.record() {
        Some(named) => {
            view::get::<Data>(&named.kind, &named.id)?.map(File::from).and_then(|file| match file.kind.as_str() {
                ORDER => file
                    .text("external_id")
                    .and_then(|external| external.split_once(':'))
                    .map(|(_, number)| number.to_owned()),
                _ => file.text("number").map(str::to_owned),
            })
        }
        None => None,
    };
    match number {
        Some(number) => dms::retry(desk, Filter::eq("number", number)),
        None => Ok(Outcome::Skip),
    }
}
