//! Taking a car in: the work order, its advisor, its odometer, what it comes back from, what else is due on it.

use marque_sdk::{Data, Filter, Id, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    appointment, clock, come_back,
    desk::{Desk, refuse_at},
    file::{APPOINTMENT, File, ORDER, given, patch},
    lines::{self, NewLine},
    moment, people, recall,
    request::Vehicle,
    step, task,
};

/// States in which a car is in the workshop or waits for its owner.
pub const OPEN: [&str; 9] =
    ["opened", "inspected", "estimated", "approved", "in_repair", "waiting_parts", "quality_check", "ready", "settled"];

/// Input of `open`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Open {
    pub appointment: Option<Id>,
    pub vehicle: Option<Id>,
    pub customer: Option<Id>,
    pub kind: Option<String>,
    pub odometer: i64,
    pub odometer_reason: Option<String>,
    pub symptom: Option<String>,
    pub symptoms: Option<String>,
    pub belongings: Option<String>,
    pub payer: Option<String>,
    pub advisor: Option<Id>,
    pub come_back_of: Option<Id>,
    pub promised_ready: Option<String>,
    pub lines: Vec<NewLine>,
    pub contract: Option<Id>,
    pub external_id: Option<String>,
}

/// Takes a car in.
pub fn open(desk: &Desk, input: &Open) -> Result<Value> {
    let booked = input.appointment.as_ref().map(|id| File::load(APPOINTMENT, id)).transpose()?;
    let from = |field: &str| booked.as_ref().and_then(|booked| booked.text(field)).map(str::to_owned);
    let Some(vehicle) = input.vehicle.clone().or_else(|| from("vehicle")) else {
        return refuse_at(
            "vehicle_missing",
            "/vehicle",
            "say which vehicle it is: register it first if it is new here",
        );
    };
    let car = view::require::<Vehicle>("vehicles.vehicle", &vehicle)?.data;
    let Some(customer) = input.customer.clone().or_else(|| from("customer")).or_else(|| car.customer.clone()) else {
        return refuse_at("customer_missing", "/customer", "say who brings it: nobody owns this vehicle here");
    };
    check_odometer(&car, input)?;
    one_at_a_time(&vehicle)?;
    let org = booked.as_ref().map_or_else(|| desk.call.org.clone(), |booked| booked.org.clone());
    let mut data = fields(desk, input, &car)?;
    let advisor = advisor(desk, &org, input.advisor.clone().or_else(|| from("owner")))?;
    data.extend(patch(json!({ "vehicle": vehicle, "customer": customer, "advisor": advisor })));
    for field in ["kind", "symptom", "symptoms", "complaint"] {
        if let (false, Some(value)) = (data.contains_key(field), from(field)) {
            data.insert(field.into(), value.into());
        }
    }
    data.extend(given(json!({ "appointment": input.appointment })));
    let id = new_id();
    let mut order = File::new(ORDER, &id, &org, data);
    order.data.insert("state".into(), "opened".into());
    let earlier =
        come_back::found(desk, &order, input.come_back_of.clone().or_else(|| from("come_back_of")).as_deref())?;
    if let Some(earlier) = &earlier {
        order = order.with(&come_back::link(earlier));
    }
    let order = make(desk, order, &input.lines, booked.as_ref())?;
    if let Some(earlier) = &earlier {
        come_back::mark(desk, earlier, &order)?;
    }
    read_odometer(desk, &order, input)?;
    let recalls = recall::open_for(&order)?;
    Ok(json!({
        "id": order.id, "state": "opened", "advisor": order.text("advisor"), "come_back_of": order.text("come_back_of"),
        "amount": order.number("amount"), "recalls": recalls,
    }))
}

fn fields(desk: &Desk, input: &Open, car: &Vehicle) -> Result<Data> {
    let promised = match &input.promised_ready {
        Some(at) => {
            let at = moment::parse("/promised_ready", at)?;
            if at.as_str() <= desk.now() {
                return refuse_at(
                    "promise_past",
                    "/promised_ready",
                    format!("{at} has passed: promise a time to come"),
                );
            }
            Some(at)
        }
        None => None,
    };
    Ok(given(json!({
        "vin": (!car.vin.is_empty()).then_some(&car.vin), "model": car.model, "kind": input.kind, "odometer": input.odometer,
        "odometer_reason": input.odometer_reason, "symptom": input.symptom, "symptoms": input.symptoms, "belongings": input.belongings,
        "payer": input.payer, "promised_ready": promised, "contract": input.contract, "external_id": input.external_id,
        "opened_at": desk.now(),
    })))
}

fn check_odometer(car: &Vehicle, input: &Open) -> Result<()> {
    let has_reason = input.odometer_reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
    match car.odometer {
        Some(last) if input.odometer < last && !has_reason => refuse_at(
            "odometer_lower",
            "/odometer_reason",
            format!(
                "{} km is less than the {last} km on file: compare it once more, or say why (instrument replaced …)",
                input.odometer
            ),
        ),
        _ => Ok(()),
    }
}

/// A car stands in one place: two open orders for it are one too many.
fn one_at_a_time(vehicle: &str) -> Result<()> {
    let open = Filter::eq("vehicle", vehicle).and(Filter::is_in("state", OPEN));
    match view::find::<Data>(ORDER).filter(open).first()? {
        Some(order) => {
            let number = order.data.get("number").and_then(Value::as_str).unwrap_or(&order.id).to_owned();
            refuse_at(
                "order_open",
                "/vehicle",
                format!("work order {number} is open for this vehicle: go on with that one"),
            )
        }
        None => Ok(()),
    }
}

/// Who looks after it: as said, whoever asks where they are an advisor, else the first who is.
pub fn advisor(desk: &Desk, org: &str, wanted: Option<Id>) -> Result<Id> {
    if let Some(advisor) = wanted {
        return Ok(people::member(org, "/advisor", &advisor)?.id);
    }
    let staff = people::staff(org)?;
    let roles = &desk.settings.advisor_roles;
    let me = staff.iter().find(|person| desk.me() == Some(&person.id) && person.has_role(roles));
    let found = me
        .or_else(|| people::first_with(&staff, roles, &[]))
        .or_else(|| people::first_with(&staff, &desk.settings.manager_roles, &[]));
    match found {
        Some(person) => Ok(person.id.clone()),
        None => refuse_at("owner_missing", "/advisor", "nobody here takes cars in: give somebody the role advisor"),
    }
}

/// Stages the order with its lines, its task and its clocks, and the end of its appointment.
fn make(desk: &Desk, mut order: File, new: &[NewLine], booked: Option<&File>) -> Result<File> {
    let lines = lines::prepare(desk, &order, new, 0, "planned")?;
    order = order.with(&lines::totals(desk, &order, &lines));
    if let Some(plan) = step::of(desk, &order)? {
        let task = task::open(desk, &order, &plan)?;
        order.data.insert("task".into(), task.into());
    }
    let mut stored = order.data.clone();
    stored.remove("state");
    record::create(ORDER).id(order.id.as_str()).org(order.org.as_str()).fields(stored).stage()?;
    lines::create(&lines)?;
    clock::follow(desk, None, &order)?;
    if let Some(booked) = booked {
        appointment::arrive(desk, booked, Some(&order.id))?;
    }
    Ok(order)
}

/// The vehicle's file hears what its odometer shows.
fn read_odometer(desk: &Desk, order: &File, input: &Open) -> Result<()> {
    let reading = given(json!({
        "vehicle": order.text("vehicle"), "km": input.odometer, "at": desk.now(), "source": "service",
        "reason": input.odometer_reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()),
    }));
    desk.raise("workshop.odometer.read", order, Value::Object(reading))
}

/// One that must be there.
pub fn load(id: &str) -> Result<File> {
    File::load(ORDER, id)
}
