//! Registering: finds a vehicle by its VIN or makes it, fills what its file lacks, and attaches a customer.

use marque_sdk::{Data, Date, Fault, Id, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    change::Facts,
    desk::{self, Desk},
    odometer::{self, Taken},
    ownership::{self, Opening, Purchase, Role},
    people, plate,
    vehicle::{self, File, KIND, Vehicle},
    vin, warranty,
};

/// Input of `register`.
#[derive(Deserialize)]
pub struct Register {
    vin: String,
    plate: Option<String>,
    customer: Option<Id>,
    role: Option<Role>,
    from: Option<String>,
    purchase_kind: Option<Purchase>,
    odometer: Option<i64>,
    #[serde(default)]
    take_over: bool,
    vin_reason: Option<String>,
    plate_reason: Option<String>,
    #[serde(flatten)]
    facts: Facts,
}

/// Answers `{"vehicle","made","ownership"}`; doing it again changes nothing.
pub fn register(desk: &Desk, input: Register) -> Result<Value> {
    let vin = vin::normal(&input.vin);
    // A car belongs where its customer does, whoever of headquarters registers it.
    let org = match &input.customer {
        Some(customer) => people::load(customer)?.org,
        None => desk.call.org.clone(),
    };
    match File::by_vin(&vin, &org)? {
        Some(known) if known.data.is_gone() => {
            let message = format!("{vin} is {}: it is driven no more, compare the number", known.data.status);
            Err(Fault::at("vehicle_gone", "/vin", message))
        }
        Some(known) => attach(desk, &known, &input),
        None => make(desk, vin, org, &input),
    }
}

impl Register {
    fn role(&self) -> Role {
        self.role.unwrap_or(Role::Owner)
    }

    fn plate(&self) -> Option<String> {
        self.plate.as_deref().and_then(plate::normal)
    }

    /// Since when the customer has the role.
    fn since(&self, desk: &Desk) -> Result<Date> {
        let bought = self.facts.delivery_date.as_deref().or(self.facts.invoice_date.as_deref());
        match (&self.from, bought) {
            (Some(from), _) => desk.past(desk::day(from, "/from")?, "/from"),
            (None, bought) => desk.day(bought, "/delivery_date"),
        }
    }

    fn opening<'a>(&'a self, desk: &Desk, vehicle: &'a File, customer: &'a str) -> Result<Opening<'a>> {
        let (role, from) = (self.role(), self.since(desk)?);
        Ok(Opening { vehicle, customer, role, from, purchase: self.purchase_kind })
    }
}

/// A new vehicle: everything about it in one record, then its move to the customer.
fn make(desk: &Desk, vin: String, org: Id, input: &Register) -> Result<Value> {
    let mut fields = input.facts.patch(desk)?;
    if !fields.contains_key("model_year")
        && let Some(year) = vin::model_year(&vin, desk.today.year())
    {
        fields.insert("model_year".into(), year.into());
    }
    if let Some(plate) = input.plate() {
        plate::free(&plate, "", desk.today, input.take_over)?;
        let on = if input.customer.is_some() { Some(input.since(desk)?) } else { None };
        plate::put(&Vehicle::default(), Some(plate), on, &mut fields);
    }
    match (&input.customer, input.role()) {
        (Some(customer), Role::Owner) => _ = fields.insert("customer".into(), json!(customer)),
        (Some(customer), _) => _ = fields.insert("users".into(), json!([customer])),
        (None, _) => {}
    }
    let empty = Vehicle { vin: vin.clone(), status: "stock".into(), ..Vehicle::default() };
    warranty::follow(&desk.settings, None, &empty.with(&fields)?, &mut fields);
    let made = File { id: new_id(), rev: None, org, data: empty.with(&fields)? };
    vehicle::check_dates(&made.data)?;
    if let Some(km) = input.odometer {
        fields.extend(vehicle::patch(json!({ "odometer": km, "odometer_at": desk.call.now })));
    }
    let create = record::create(KIND).id(&made.id).org(&made.org).field("vin", vin);
    let create = input.vin_reason.iter().fold(create, |create, reason| create.doubtful("vin", reason));
    let create = input.plate_reason.iter().fold(create, |create, reason| create.doubtful("plate", reason));
    create.field("title", made.data.title()).fields(fields).stage()?;
    if let Some(km) = input.odometer {
        odometer::keep(desk, &made, &Taken { km, at: &desk.call.now, source: "other", reason: None })?;
    }
    let Some(customer) = &input.customer else { return Ok(json!({ "vehicle": made.id, "made": true })) };
    record::mov(KIND, &made.id, "take").stage()?;
    let ownership = ownership::open(&input.opening(desk, &made, customer)?)?;
    warranty::watch(desk, &made.id, None, &Vehicle { status: "owned".into(), ..made.data.clone() })?;
    Ok(json!({ "vehicle": made.id, "made": true, "ownership": ownership }))
}

/// A known vehicle: gaps are filled, what is there stays, the customer takes the role unless it is held already.
fn attach(desk: &Desk, known: &File, input: &Register) -> Result<Value> {
    let mut patch = gaps(desk, known, input)?;
    if let Some(plate) = input.plate().filter(|plate| known.data.plate.as_ref() != Some(plate)) {
        plate::free(&plate, &known.id, desk.today, input.take_over)?;
        plate::put(&known.data, Some(plate), Some(desk.today), &mut patch);
    }
    if let Some(km) = input.odometer.filter(|km| known.data.odometer != Some(*km)) {
        let taken = Taken { km, at: &desk.call.now, source: "other", reason: None };
        patch.extend(odometer::keep(desk, known, &taken)?.1);
    }
    let role = input.role();
    let opening = match &input.customer {
        Some(customer) if is_to_open(known, customer, role)? => Some(input.opening(desk, known, customer)?),
        _ => None,
    };
    let transition = opening.is_some() && (role == Role::Owner || known.data.status != "sold");
    let transition = (transition && known.data.status != "owned").then_some("take");
    if let Some(Opening { customer, role, .. }) = &opening {
        join(known, customer, *role, &mut patch)?;
    }
    let after = known.data.with(&patch)?;
    vehicle::check_dates(&after)?;
    warranty::follow(&desk.settings, Some(&known.data), &after, &mut patch);
    let mut after = known.data.with(&patch)?;
    if transition.is_some() {
        after.status = "owned".into();
    }
    vehicle::save_because(known, transition, patch, input.plate_reason.as_deref())?;
    let mut reply = json!({ "vehicle": known.id, "made": false });
    if let Some(opening) = &opening {
        reply["ownership"] = json!(ownership::open(opening)?);
    }
    warranty::watch(desk, &known.id, Some(&known.data), &after)?;
    Ok(reply)
}

/// The facts that its file lacks.
fn gaps(desk: &Desk, known: &File, input: &Register) -> Result<Data> {
    let file = view::require::<Data>(KIND, &known.id)?.data;
    let mut patch = input.facts.patch(desk)?;
    patch.retain(|name, _| !file.contains_key(name));
    Ok(patch)
}

/// Whether the customer has not got the role yet. A vehicle has one owner; another one takes it over by transfer.
fn is_to_open(known: &File, customer: &str, role: Role) -> Result<bool> {
    let open = ownership::open_at(&known.id)?;
    // Who owns it all is not made an owner of a part.
    let holds = |held: Role| held == role || (held == Role::Owner && role == Role::CoOwner);
    if open.iter().any(|one| holds(one.data.role) && one.data.customer == customer) {
        return Ok(false);
    }
    match ownership::owner(&open) {
        Some(_) if role == Role::Owner => {
            let message = "this vehicle has an owner: use the transfer on its page, or attach the customer as driver";
            Err(Fault::at("owned_by_other", "/customer", message))
        }
        _ => Ok(true),
    }
}

/// The vehicle's own view of its people, with one more.
pub fn join(vehicle: &File, customer: &str, role: Role, patch: &mut Data) -> Result<()> {
    if role == Role::Owner {
        patch.insert("customer".into(), json!(customer));
        return Ok(());
    }
    let open = ownership::open_at(&vehicle.id)?;
    let with = ownership::pairs(&open).chain([(role, customer)]);
    patch.insert("users".into(), json!(ownership::users(with)));
    Ok(())
}
