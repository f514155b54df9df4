//! A request for an appointment: taken down with somebody who answers for it, answered at once, on clocks until it is confirmed.

use marque_sdk::{Data, Id, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    clock,
    desk::{Desk, refuse_at},
    file::{APPOINTMENT, File, ORDER, RECALL_CAR, given, patch},
    flow::{self, Onward},
    moment, people, slot, step, task, tell,
};

/// Input of `request`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Request {
    pub customer: Option<Id>,
    pub vehicle: Option<Id>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub kind: Option<String>,
    pub slot: Option<String>,
    pub wished: Option<String>,
    pub symptom: Option<String>,
    pub symptoms: Option<String>,
    pub pickup_service: Option<bool>,
    pub pickup_address: Option<String>,
    pub owner: Option<Id>,
    pub channel: Option<String>,
    pub come_back_of: Option<Id>,
    pub recall_car: Option<Id>,
    pub complaint: Option<String>,
    pub external_id: Option<String>,
    /// The customer has agreed to the time already.
    pub agreed: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Vehicle {
    pub customer: Option<Id>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub vin: String,
    pub odometer: Option<i64>,
}

/// Takes a request down; the appointment as it then is.
pub fn request(desk: &Desk, org: &str, input: &Request) -> Result<File> {
    let vehicle = match &input.vehicle {
        Some(id) => Some(view::require::<Vehicle>("vehicles.vehicle", id)?.data),
        None => None,
    };
    let owner_of = vehicle.as_ref().and_then(|vehicle| vehicle.customer.clone());
    let Some(customer) = input.customer.clone().or(owner_of) else {
        return refuse_at("customer_missing", "/customer", "say who comes: nobody owns this vehicle here");
    };
    if input.pickup_service == Some(true) && input.pickup_address.as_deref().is_none_or(|at| at.trim().is_empty()) {
        return refuse_at("address_missing", "/pickup_address", "say where the car is to be fetched");
    }
    let owner = owner(desk, org, input)?;
    let mut data = fields(desk, input, vehicle.as_ref())?;
    data.extend(patch(json!({ "customer": customer, "owner": owner, "state": "requested" })));
    if let Some(at) = &input.slot {
        let at = moment::parse("/slot", at)?;
        let (place, ends) = slot::take(desk, org, &at, "/slot", None)?;
        data.extend(patch(json!({ "slot": at, "slot_end": ends, "place": place })));
    }
    if let Some(order) = &input.come_back_of {
        File::load(ORDER, order)?;
    }
    if let Some(car) = &input.recall_car {
        let car = File::load(RECALL_CAR, car)?;
        data.insert("kind".into(), if car.text("kind") == Some("recall") { "recall" } else { "inspection" }.into());
    }
    let is_agreed = input.agreed == Some(true);
    let made = make(desk, org, data, is_agreed)?;
    answer(desk, made, is_agreed)
}

fn fields(desk: &Desk, input: &Request, vehicle: Option<&Vehicle>) -> Result<Data> {
    let now = desk.now();
    let settings = &desk.settings;
    let mut data = given(json!({
        "vehicle": input.vehicle, "kind": input.kind, "wished": input.wished, "symptom": input.symptom, "symptoms": input.symptoms,
        "pickup_service": input.pickup_service, "pickup_address": input.pickup_address, "channel": input.channel,
        "come_back_of": input.come_back_of, "recall_car": input.recall_car, "complaint": input.complaint, "external_id": input.external_id,
        "plate": input.plate.as_ref().or(vehicle.and_then(|vehicle| vehicle.plate.as_ref())),
        "model": input.model.as_ref().or(vehicle.and_then(|vehicle| vehicle.model.as_ref())),
        "requested_at": now,
        "answer_due": moment::after(now, &settings.confirm)?,
        "manager_due": moment::after(now, &settings.confirm_manager)?,
        "gm_due": moment::after(now, &settings.confirm_gm)?,
        "hq_due": moment::after(now, &settings.confirm_hq)?,
        "breach": 0,
    }));
    if input.pickup_service == Some(true) {
        data.insert("pickup".into(), "wanted".into());
    }
    Ok(data)
}

/// Somebody who answers for it: as said, whoever asks where they look after customers, else the first who does.
fn owner(desk: &Desk, org: &str, input: &Request) -> Result<Id> {
    if let Some(owner) = &input.owner {
        return Ok(people::member(org, "/owner", owner)?.id);
    }
    let staff = people::staff(org)?;
    let roles = &desk.settings.advisor_roles;
    let me = staff.iter().find(|person| desk.me() == Some(&person.id) && person.has_role(roles));
    let on_duty: Vec<_> = staff.iter().filter(|person| person.is_on_duty).cloned().collect();
    let found = me
        .or_else(|| people::first_with(&on_duty, roles, &[]))
        .or_else(|| people::first_with(&staff, roles, &[]))
        .or_else(|| people::first_with(&staff, &desk.settings.manager_roles, &[]));
    match found {
        Some(person) => Ok(person.id.clone()),
        None => refuse_at("owner_missing", "/owner", "nobody here takes appointments: give somebody the role advisor"),
    }
}

/// Stages the appointment with its task and its clocks; one that is confirmed in the same call gets the task of that.
fn make(desk: &Desk, org: &str, data: Data, is_passing: bool) -> Result<File> {
    let id = new_id();
    let mut made = File::new(APPOINTMENT, &id, org, data);
    if let Some(plan) = step::of(desk, &made)?.filter(|_| !is_passing) {
        let task = task::open(desk, &made, &plan)?;
        made.data.insert("task".into(), task.into());
    }
    let mut stored = made.data.clone();
    stored.remove("state");
    record::create(APPOINTMENT).id(id.as_str()).org(org).fields(stored).stage()?;
    clock::follow(desk, None, &made)?;
    Ok(made)
}

/// The customer hears at once that it has come; one who has agreed to the time is confirmed.
fn answer(desk: &Desk, made: File, is_agreed: bool) -> Result<File> {
    if is_agreed {
        if made.text("slot").is_none() {
            return refuse_at("slot_missing", "/slot", "say which time the customer agreed to");
        }
        return confirmed(desk, &made, Data::new());
    }
    if !tell::acknowledged(desk, &made)? {
        return Ok(made);
    }
    let data = patch(json!({ "acknowledged_at": desk.now() }));
    record::mov(APPOINTMENT, &made.id, "acknowledge").fields(&data).stage()?;
    let mut after = made.with(&data);
    after.data.insert("state".into(), "acknowledged".into());
    Ok(after)
}

/// Confirms an appointment that has its time.
pub fn confirmed(desk: &Desk, appointment: &File, mut data: Data) -> Result<File> {
    data.extend(patch(json!({ "confirmed_at": desk.now() })));
    let after =
        flow::go(desk, appointment, Onward { transition: Some(("confirm", "confirmed")), data, ..Onward::default() })?;
    tell::confirmed(desk, &after)?;
    Ok(after)
}

/// What whoever asked is told.
pub fn reply(appointment: &File) -> Value {
    json!({ "id": appointment.id, "state": appointment.state(), "slot": appointment.text("slot"), "owner": appointment.text("owner"), "answer_due": appointment.text("answer_due") })
}
