//! Who is calling: everybody a number or address leads to, for whom they come, which car they drive, what not to do.

use std::collections::BTreeSet;

use marque_sdk::{Data, Filter, Id, Record, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    authorised::{self, Authorised},
    book::{self, Point, Status},
    channel::Channel,
    desk::Customer,
};

/// Input of `recognise`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recognise {
    value: String,
}

/// People shown for one number: a household shares one, a switchboard more.
const MANY: u32 = 20;

/// Answers `{"items":[{"customer","name","type","for":[…],"vehicles":[…],"do_not_use":[…]}]}`.
pub fn recognise(input: Recognise) -> Result<Value> {
    let value = normal(&input.value);
    let mut found: Vec<Id> = Vec::new();
    for field in ["phone", "email"] {
        let on_file = view::find::<Customer>("customer").filter(Filter::eq(field, value.as_str())).limit(MANY);
        found.extend(on_file.page()?.items.into_iter().map(|person| person.id));
    }
    let right = Filter::eq("value", value.as_str()).and(Filter::is_in("status", ["ok", "do_not_use"]));
    let points = view::find::<Point>(book::KIND).filter(right).limit(MANY).page()?.items;
    found.extend(points.into_iter().map(|point| point.data.customer));
    let mut seen = BTreeSet::new();
    found.retain(|id| seen.insert(id.clone()));
    found.truncate(MANY as usize);

    let people = view::get_many::<Customer>("customer", &found)?;
    let items = people.iter().flatten().map(card).collect::<Result<Vec<_>>>()?;
    Ok(json!({ "value": value, "items": items }))
}

/// Whatever of these it is.
fn normal(text: &str) -> String {
    let channels = [Channel::Mobile, Channel::Email, Channel::Landline];
    channels.iter().find_map(|channel| channel.normal(text).ok()).unwrap_or_else(|| text.trim().to_owned())
}

fn card(person: &Record<Customer>) -> Result<Value> {
    let rights = authorised::open_of("customer", &person.id)?;
    let companies: Vec<Id> = rights.iter().map(|right| right.data.company.clone()).collect();
    let companies = view::get_many::<Customer>("customer", &companies)?;
    let serves = rights.iter().zip(&companies).map(|(right, company)| {
        json!({
            "company": right.data.company,
            "name": company.as_ref().map(|company| company.data.name.as_str()),
            "account": right.data.account,
            "rights": right.data.rights,
        })
    });
    let serves: Vec<Value> = serves.collect();
    let barred = Filter::eq("customer", person.id.as_str()).and(Filter::eq("status", "do_not_use"));
    let barred = view::find::<Point>(book::KIND).filter(barred).limit(MANY).page()?.items;
    let barred: Vec<_> = barred.iter().filter(|point| point.data.status == Status::DoNotUse).collect();
    Ok(json!({
        "customer": person.id,
        "name": person.data.name,
        "type": person.data.r#type,
        "for": serves,
        "vehicles": vehicles(&person.id, &rights)?,
        "do_not_use": barred.iter().map(|point| json!({ "kind": point.data.kind, "value": point.data.value })).collect::<Vec<_>>(),
    }))
}

/// The cars somebody owns or drives, and those a company lets them bring in; none where nothing keeps vehicles.
fn vehicles(customer: &str, rights: &[Record<Authorised>]) -> Result<Vec<Value>> {
    let at_it = Filter::eq("customer", customer).or(Filter::eq("users", customer));
    let own = match view::find::<Data>("vehicles.vehicle").filter(at_it).limit(MANY).page() {
        Ok(page) => page.items,
        Err(fault) if fault.code == "kind.not_found" => return Ok(Vec::new()),
        Err(fault) => return Err(fault),
    };
    let lent: Vec<Id> =
        rights.iter().flat_map(|right| right.data.vehicles.iter().cloned()).take(MANY as usize).collect();
    let lent = view::get_many::<Data>("vehicles.vehicle", &lent)?;
    let mut seen = BTreeSet::new();
    let all = own.iter().chain(lent.iter().flatten()).filter(|vehicle| seen.insert(vehicle.id.clone()));
    Ok(all.map(|vehicle| json!({ "vehicle": vehicle.id, "title": vehicle.data.get("title") })).collect())
}
