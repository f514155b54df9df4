//! Asking for a test drive: a slot that is free is kept at once, the answer is due within the limit, and somebody is responsible.

use marque_sdk::{Decision, Id, Result, Value, decide, json, new_id, record};
use serde::Deserialize;

use crate::{
    car, customer,
    desk::{Desk, refuse, refuse_at, said},
    drive::{HELD, KIND},
    people,
    slot::Slot,
    task,
};
use marque_sdk::moment;

/// Input of `request`; see plugin.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Request {
    /// Who wants to drive.
    pub customer: Id,
    /// What.
    pub model: Option<String>,
    /// In which car.
    pub car: Option<Id>,
    /// When.
    pub slot_start: Option<String>,
    /// For how long.
    pub minutes: Option<i64>,
    /// How many come.
    pub group_size: Option<i64>,
    /// The lead it belongs to.
    pub lead: Option<Id>,
    /// Who takes it.
    pub owner: Option<Id>,
    /// Which way.
    pub route: Option<String>,
    /// What they said.
    pub message: Option<String>,
    /// Agreed with the customer already: it is confirmed at once.
    pub confirm: Option<bool>,
}

/// Where a wish comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// `desk`, `web`, `lead`.
    pub channel: &'a str,
    /// The campaign that brought it.
    pub campaign: Option<&'a str>,
}

/// Somebody at a desk takes down a wish.
pub fn request(desk: &Desk, input: Request) -> Result<Value> {
    let org = desk.call.org.clone();
    let customer = customer::at(&org, "/customer", &input.customer)?;
    let (input, lead_owner) = crate::enquiry::with_lead(input)?;
    if let Some(owner) = &input.owner {
        people::member(&org, "/owner", owner)?;
    }
    let wished = [
        input.owner.as_deref(),
        lead_owner.as_deref(),
        customer.data.owner.as_deref(),
        desk.me().filter(|_| is_seller(desk)),
    ];
    let owner = people::taker(desk, &org, &wished)?;
    let id = take_down(desk, &input, &customer.data.name, &owner, Origin { channel: "desk", campaign: None })?;
    Ok(json!({ "id": id }))
}

fn is_seller(desk: &Desk) -> bool {
    desk.settings.staff_roles.iter().any(|role| desk.call.has_role(role))
}

/// Makes the drive and its first task in one commit; its id.
pub fn take_down(desk: &Desk, input: &Request, who: &str, owner: &str, from: Origin<'_>) -> Result<Id> {
    let org = desk.call.org.as_str();
    let is_confirmed = input.confirm == Some(true);
    let slot = input.slot_start.as_deref().map(|start| slot(desk, start, input.minutes)).transpose()?;
    let (car, model) = choose(desk, input, slot.as_ref())?;
    if let Some(slot) = &slot {
        not_twice(&input.customer, slot)?;
    }
    if is_confirmed && (slot.is_none() || car.is_none()) {
        return refuse_at("slot_missing", "/slot_start", "a drive is confirmed with a time and a car: choose them");
    }
    let (due, receipt) = limit(desk, from.channel, slot.as_ref())?;
    let id = new_id();
    let data = said(json!({
        "customer": input.customer, "lead": input.lead, "model": model, "car": car, "kind": "individual",
        "slot_start": slot.as_ref().map(|slot| &slot.start), "slot_end": slot.as_ref().map(|slot| &slot.end),
        "wished_start": slot.as_ref().map(|slot| &slot.start), "group_size": input.group_size.unwrap_or(1),
        "route": input.route, "message": input.message, "owner": owner, "channel": from.channel,
        "campaign": from.campaign, "requested_at": desk.now(), "confirm_due": due,
    }));
    record::create(KIND).id(&id).org(org).fields(data).receipt("confirm_due", &receipt).stage()?;
    let mut new =
        task::New { drive: &id, org, customer: &input.customer, who, step: "testdrive.confirm", owner, due: &due };
    if let (true, Some(slot)) = (is_confirmed, &slot) {
        let confirm =
            record::mov(KIND, &id, "confirm").field("confirmed_at", desk.now()).field("answered_at", desk.now());
        desk.me().into_iter().fold(confirm, |confirm, me| confirm.field("confirmed_by", me)).stage()?;
        (new.step, new.due) = ("testdrive.receive", &slot.start);
    }
    task::first(desk, &new)?;
    Ok(id)
}

/// A slot that somebody asks for; not in the past, but for what is going on just now.
pub fn slot(desk: &Desk, start: &str, minutes: Option<i64>) -> Result<Slot> {
    let start = moment::parse("/slot_start", start)?;
    if moment::between(&start, desk.now())? > desk.settings.turnaround_minutes {
        return refuse_at("slot_past", "/slot_start", format!("{start} has passed: choose a later time"));
    }
    Slot::new(&start, minutes.unwrap_or(desk.settings.drive_minutes))
}

/// The car that was named, or one of the model that is free; none where no time was said, or no model.
fn choose(desk: &Desk, input: &Request, slot: Option<&Slot>) -> Result<(Option<Id>, Option<String>)> {
    if let Some(id) = &input.car {
        let chosen = car::load("/car", id)?;
        if input.model.as_ref().is_some_and(|model| *model != chosen.data.model) {
            return refuse_at("car_of_other_model", "/car", format!("{} is a {}", chosen.data.name, chosen.data.model));
        }
        if let Some(slot) = slot {
            car::take(desk, "/car", &chosen, slot, None)?;
        }
        return Ok((Some(chosen.id), Some(chosen.data.model)));
    }
    let Some(model) = input.model.clone().filter(|model| !model.trim().is_empty()) else {
        return refuse_at("model_missing", "/model", "say which car or which model they want to drive");
    };
    let Some(slot) = slot else { return Ok((None, Some(model))) };
    let found = car::take_one(desk, &desk.call.org, &model, slot)?;
    // A wish that no car can meet is taken down all the same: it is answered with another time.
    Ok((found, Some(model)))
}

/// Nobody sits in two cars at once.
fn not_twice(customer: &str, slot: &Slot) -> Result<()> {
    use marque_sdk::{Filter, view};
    let overlapping = Filter::lt("slot_start", slot.end.as_str()).and(Filter::gt("slot_end", slot.start.as_str()));
    let theirs = Filter::eq("customer", customer).and(Filter::is_in("state", HELD)).and(overlapping);
    if view::find::<Value>(KIND).filter(theirs).exists()? {
        return refuse("booked_already", "this customer has a test drive at that time already: open it instead");
    }
    Ok(())
}

/// By when it is answered, and by which decision. One whose slot comes sooner is answered before it.
pub fn limit(desk: &Desk, channel: &str, slot: Option<&Slot>) -> Result<(String, String)> {
    #[derive(Deserialize)]
    struct Limit {
        limit: String,
    }
    let mut input =
        json!({ "limit": desk.settings.confirm_limit, "channel": channel, "kind": "individual", "now": desk.now() });
    if let Some(slot) = slot {
        input["minutes_to_slot"] = moment::between(desk.now(), &slot.start)?.into();
    }
    let Decision { output, receipt } = decide::<Limit>("testdrive.confirmation", &input)?;
    let due = marque_sdk::info::due(desk.now(), &output.limit)?;
    let due = match slot {
        Some(slot) if slot.start < due => slot.start.clone(),
        _ => due,
    };
    Ok((due, receipt))
}
