//! The register at the door: one tap for the purpose, a number if they leave one, done. Who they are and whose turn it is the house knows.

use marque_sdk::{Data, Date, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    customer::{self, Customer},
    desk::{Desk, refuse_at, said},
    lead, people, phone,
    rota::{self, Receiver},
    texts,
    visit::{self, KIND, SALES},
};
use marque_sdk::moment;

/// Input of `register`; see plugin.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Register {
    purpose: String,
    group_size: Option<i64>,
    name: Option<String>,
    phone: Option<String>,
    customer: Option<Id>,
    received_by: Option<Id>,
    visit_no: Option<String>,
    models: Option<String>,
    source: Option<String>,
    transport: Option<String>,
    arrived_at: Option<String>,
    remark: Option<String>,
}

/// Takes a group down.
pub fn register(desk: &Desk, input: &Register) -> Result<Value> {
    let org = desk.call.org.as_str();
    let arrived_at =
        input.arrived_at.as_deref().map_or(Ok(desk.now().to_owned()), |at| moment::parse("/arrived_at", at))?;
    if arrived_at.as_str() > desk.now() {
        return refuse_at("time_future", "/arrived_at", format!("{arrived_at} has not come yet"));
    }
    let phone = mobile(input.phone.as_deref())?;
    let known = customer::known(org, input.customer.as_deref(), phone.as_deref(), input.name.as_deref())?;
    let seen = is_again(desk, known.as_ref(), phone.as_deref(), &arrived_at)?;
    let is_sales = input.purpose == SALES;
    let receiver = receiver(desk, org, input, known.as_ref(), is_sales)?;
    let owner =
        receiver.as_ref().map(|receiver| receiver.id.clone()).or(desk.me().map(str::to_owned)).unwrap_or_default();
    let has_left_contact = phone.is_some() || known.as_ref().is_some_and(|customer| customer.data.phone.is_some());
    let id = new_id();
    let mut whom = known.as_ref().map(|customer| customer.id.clone());
    let mut about = None;
    if is_sales && has_left_contact {
        let filed = lead::file(
            desk,
            org,
            &lead::Guest {
                known: known.as_ref(),
                name: input.name.as_deref(),
                phone: phone.as_deref(),
                owner: &owner,
                models: input.models.as_deref(),
                source: input.source.as_deref(),
            },
        )?;
        (whom, about) = (Some(filed.customer), filed.lead);
    }
    let name = input.name.clone().or_else(|| known.as_ref().map(|customer| customer.data.name.clone()));
    let data = said(json!({
        "purpose": input.purpose, "is_sales": is_sales, "group_size": input.group_size.unwrap_or(1), "name": name, "phone": phone,
        "customer": whom, "lead": about, "visit_no": input.visit_no.as_deref().unwrap_or(if seen { "again" } else { "first" }),
        "received_by": receiver.as_ref().map(|receiver| &receiver.id), "route_note": receiver.as_ref().and_then(|receiver| receiver.note.as_ref()),
        "host": desk.me(), "arrived_at": arrived_at, "day": Date::of(&arrived_at, &desk.call)?, "half": half(desk, &arrived_at)?,
        "contact_left": has_left_contact, "reach": visit::reach(has_left_contact, false, false), "models": input.models,
        "source": input.source, "transport": input.transport, "remark": input.remark,
    }));
    record::create(KIND).id(&id).fields(data).stage()?;
    Ok(
        json!({ "id": id, "received_by": receiver.map(|receiver| receiver.id), "visit_no": if seen { "again" } else { "first" } }),
    )
}

/// A mobile as the customer's file holds it; what is none is said at once, while the guest is there.
pub fn mobile(text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    match phone::mobile(text) {
        Some(mobile) => Ok(Some(mobile)),
        None => refuse_at("phone_invalid", "/phone", format!("{text:?} is no mobile number: ask again")),
    }
}

/// Whether they have been here before, by customer or by number.
fn is_again(desk: &Desk, known: Option<&Record<Customer>>, phone: Option<&str>, arrived_at: &str) -> Result<bool> {
    let who = match (known, phone) {
        (Some(customer), Some(phone)) => Filter::eq("customer", customer.id.as_str()).or(Filter::eq("phone", phone)),
        (Some(customer), None) => Filter::eq("customer", customer.id.as_str()),
        (None, Some(phone)) => Filter::eq("phone", phone),
        (None, None) => return Ok(false),
    };
    let since = moment::plus(arrived_at, -desk.settings.again_days * 1_440)?;
    let here = Filter::eq("org", desk.call.org.as_str()).and(Filter::ne("state", "void")).and(who);
    let earlier = here.and(Filter::gte("arrived_at", since)).and(Filter::lte("arrived_at", arrived_at));
    view::find::<Data>(KIND).filter(earlier).exists()
}

/// Who was named; else who looks after them; else, for who looks at cars, the next in turn.
fn receiver(
    desk: &Desk,
    org: &str,
    input: &Register,
    known: Option<&Record<Customer>>,
    is_sales: bool,
) -> Result<Option<Receiver>> {
    if let Some(named) = &input.received_by {
        let person = people::member(org, "/received_by", named)?;
        return Ok(Some(Receiver { id: person.id, note: None }));
    }
    if !is_sales {
        return Ok(None);
    }
    let owner = known.and_then(|customer| customer.data.owner.clone());
    if let Some(owner) = owner {
        let staff = people::staff(org)?;
        if staff.iter().any(|person| person.id == owner && person.is_on_duty) {
            let note = Some(texts::text(&desk.call.locale, "word.owner"));
            return Ok(Some(Receiver { id: owner, note }));
        }
    }
    rota::take(desk, org).map(Some)
}

/// Which half of the day, as the house divides it.
fn half(desk: &Desk, moment: &str) -> Result<&'static str> {
    let noon = moment::at(Date::of(moment, &desk.call)?, &desk.settings.noon, &desk.call)?;
    Ok(if moment < noon.as_str() { "morning" } else { "evening" })
}
