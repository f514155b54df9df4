//! Households: who lives together and who has what say. A customer is in one at a time.

use marque_sdk::{Date, Fault, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::desk::{self, Customer, Desk};

/// The kinds' names.
const HOUSEHOLD: &str = "parties.household";
const MEMBER: &str = "parties.member";
/// More than any household has.
const MANY: u32 = 100;

#[derive(Debug, Deserialize)]
struct Household {
    name: String,
    state: String,
}

#[derive(Debug, Deserialize)]
struct Member {
    household: Id,
    customer: Id,
    to: Option<Date>,
}

/// Input of `found`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    customer: Id,
    name: Option<String>,
    decision_role: Option<String>,
    note: Option<String>,
}

/// Input of `join`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    household: Id,
    customer: Id,
    relation: String,
    decision_role: Option<String>,
}

/// Input of `change_role`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRole {
    relation: Option<String>,
    decision_role: Option<String>,
}

/// Input of `rename`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    name: String,
}

/// A household with its first member.
pub fn found(desk: &Desk, input: Found) -> Result<Value> {
    let person = free(&input.customer)?;
    let given = input.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = given.map_or_else(|| format!("{}家", person.data.name), str::to_owned);
    let household = new_id();
    let create = record::create(HOUSEHOLD).id(&household).org(&person.org).field("name", &name).field("n_members", 1);
    input.note.iter().fold(create, |create, note| create.field("note", note)).stage()?;
    let member = enter(desk, &household, &name, &person, "self", input.decision_role.as_deref())?;
    Ok(json!({ "household": household, "member": member }))
}

/// One more member.
pub fn join(desk: &Desk, input: Join) -> Result<Value> {
    let household = active(&input.household)?;
    let person = free(&input.customer)?;
    let n_members = members(&household.id)?.len() + 1;
    let role = input.decision_role.as_deref();
    let member = enter(desk, &household.id, &household.data.name, &person, &input.relation, role)?;
    record::change(HOUSEHOLD, &household.id).if_rev(household.rev).field("n_members", n_members).stage()?;
    Ok(json!({ "member": member }))
}

/// What somebody is in the household, and what say they have.
pub fn change_role(id: &str, input: ChangeRole) -> Result<Value> {
    let member = present(id)?;
    let change = record::change(MEMBER, id).if_rev(member.rev);
    let change = input.relation.iter().fold(change, |change, relation| change.field("relation", relation));
    input.decision_role.iter().fold(change, |change, role| change.field("decision_role", role)).stage()?;
    Ok(json!({ "member": id }))
}

/// Somebody moves out. The last one turns off the light.
pub fn leave(desk: &Desk, id: &str) -> Result<Value> {
    let member = present(id)?;
    go(desk, &member)?;
    let left = members(&member.data.household)?.len().saturating_sub(1);
    let household = active(&member.data.household)?;
    let write = match left {
        0 => record::mov(HOUSEHOLD, &household.id, "dissolve"),
        _ => record::change(HOUSEHOLD, &household.id),
    };
    // Two who leave at once are one after the other, or the last would not be known.
    write.if_rev(household.rev).field("n_members", left).stage()?;
    Ok(json!({ "member": id }))
}

/// Another name.
pub fn rename(id: &str, input: Rename) -> Result<Value> {
    let name = input.name.trim();
    if name.is_empty() {
        return Err(Fault::at("name_missing", "/name", "write the household's name"));
    }
    record::change(HOUSEHOLD, id).field("name", name).stage()?;
    Ok(json!({ "household": id }))
}

/// It is one no more; everybody is free to join another.
pub fn dissolve(desk: &Desk, id: &str) -> Result<Value> {
    for member in members(id)? {
        go(desk, &member)?;
    }
    record::mov(HOUSEHOLD, id, "dissolve").field("n_members", 0).stage()?;
    Ok(json!({ "household": id }))
}

fn enter(
    desk: &Desk,
    household: &str,
    name: &str,
    person: &Record<Customer>,
    relation: &str,
    role: Option<&str>,
) -> Result<Id> {
    let id = new_id();
    let create = record::create(MEMBER)
        .id(&id)
        .org(&person.org)
        .field("title", format!("{} · {name}", person.data.name))
        .field("household", household)
        .field("customer", &person.id)
        .field("relation", relation)
        .field("from", desk.today)
        // The core lets nobody have a second one, whoever asks at the same moment.
        .field("slot", &person.id);
    role.iter().fold(create, |create, role| create.field("decision_role", role)).stage()?;
    Ok(id)
}

fn go(desk: &Desk, member: &Record<Member>) -> Result<()> {
    record::change(MEMBER, &member.id).if_rev(member.rev).field("to", desk.today).field("slot", Value::Null).stage()
}

fn members(household: &str) -> Result<Vec<Record<Member>>> {
    let here = Filter::eq("household", household).and(Filter::empty("to"));
    Ok(view::find::<Member>(MEMBER).filter(here).limit(MANY).page()?.items)
}

fn active(id: &str) -> Result<Record<Household>> {
    match view::get::<Household>(HOUSEHOLD, id)? {
        Some(household) if household.data.state == "active" => Ok(household),
        Some(_) => Err(Fault::at("household_dissolved", "/household", "this household is dissolved: found another")),
        None => Err(Fault::at("household_unknown", "/household", format!("there is no household {id:?} here"))),
    }
}

fn present(id: &str) -> Result<Record<Member>> {
    let member = view::require::<Member>(MEMBER, id)?;
    match member.data.to {
        None => Ok(member),
        Some(to) => Err(Fault::new("member_gone", format!("{} left on {to}", member.data.customer))),
    }
}

/// A customer who is in no household.
fn free(customer: &str) -> Result<Record<Customer>> {
    let person = desk::customer(customer, "/customer")?;
    let elsewhere = Filter::eq("customer", customer).and(Filter::empty("to"));
    if view::find::<Member>(MEMBER).filter(elsewhere).exists()? {
        let message = format!("{} is in a household: let them leave it first", person.data.name);
        return Err(Fault::at("in_household", "/customer", message));
    }
    Ok(person)
}
