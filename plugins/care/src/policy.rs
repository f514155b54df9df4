//! Insurance policies, whoever sold them; each that ends begins a chance to renew it.

use marque_sdk::{Date, Fault, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{self, Desk},
    renewal::{self, Begin},
    vehicle,
};

/// The kind's name.
pub const KIND: &str = "care.policy";

/// What of a policy counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Policy {
    /// Compulsory or commercial.
    pub kind: String,
    /// Who insures.
    pub insurer: String,
    /// Where it stands.
    pub state: String,
    /// Claims so far.
    #[serde(default)]
    pub claims: i64,
    /// What was paid for them.
    #[serde(default)]
    pub claims_amount: i64,
}

/// Input of `add_policy`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    vehicle: Id,
    customer: Option<Id>,
    number: String,
    kind: String,
    insurer: String,
    from: String,
    to: String,
    premium: Option<i64>,
    sold_by_us: Option<bool>,
    note: Option<String>,
}

/// A policy to be written down.
#[derive(Debug)]
pub struct New<'a> {
    /// In which organisation.
    pub org: &'a str,
    /// The vehicle.
    pub vehicle: &'a str,
    /// The customer.
    pub customer: &'a str,
    /// Its number.
    pub number: &'a str,
    /// Compulsory or commercial.
    pub kind: &'a str,
    /// Who insures.
    pub insurer: &'a str,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// In fen.
    pub premium: Option<i64>,
    /// Whether the house has sold it.
    pub sold_by_us: bool,
    /// The one it renews.
    pub follows: Option<&'a str>,
    /// In words.
    pub note: Option<&'a str>,
}

/// Writes a policy down, and when to speak of its renewal.
pub fn add(desk: &Desk, input: &Add) -> Result<Value> {
    let unknown = || Fault::at("vehicle_unknown", "/vehicle", "there is no such vehicle here");
    let file = vehicle::load(&input.vehicle)?.ok_or_else(unknown)?;
    let none = || Fault::at("customer_missing", "/customer", "the vehicle has no owner: say who is insured");
    let customer = input.customer.clone().or(file.data.customer).ok_or_else(none)?;
    let (from, to) = (desk::day(&input.from, "/from")?, desk::day(&input.to, "/to")?);
    let id = create(
        desk,
        &New {
            org: &file.org,
            vehicle: &input.vehicle,
            customer: &customer,
            number: &input.number,
            kind: &input.kind,
            insurer: &input.insurer,
            from,
            to,
            premium: input.premium,
            sold_by_us: input.sold_by_us.unwrap_or(false),
            follows: None,
            note: input.note.as_deref(),
        },
    )?;
    Ok(json!({ "id": id }))
}

/// Writes it down, once a number; the one before it of the same vehicle and sort is followed by it.
pub fn create(desk: &Desk, new: &New<'_>) -> Result<Id> {
    if new.to <= new.from {
        return Err(Fault::at("policy_days", "/to", format!("a policy from {} cannot end on {}", new.from, new.to)));
    }
    let number = new.number.trim();
    let slot = format!("{}:{number}", new.kind);
    if view::find::<Value>(KIND).filter(Filter::eq("slot", slot.as_str())).exists()? {
        return Err(Fault::at("policy_known", "/number", format!("policy {number} is on file already")));
    }
    let id = new_id();
    let mut create = record::create(KIND)
        .id(id.as_str())
        .org(new.org)
        .field("number", number)
        .field("vehicle", new.vehicle)
        .field("customer", new.customer)
        .field("kind", new.kind)
        .field("insurer", new.insurer.trim())
        .field("from", new.from)
        .field("to", new.to)
        .field("sold_by_us", new.sold_by_us)
        .field("slot", slot);
    create = new.premium.into_iter().fold(create, |create, premium| create.field("premium", premium));
    create = new.follows.into_iter().fold(create, |create, follows| create.field("follows", follows));
    create = new.note.into_iter().fold(create, |create, note| create.field("note", note));
    if new.sold_by_us {
        create = desk.me().into_iter().fold(create, |create, me| create.field("sold_by", me));
    }
    create.stage()?;
    let (customer, vehicle) = (new.customer, new.vehicle);
    let begin =
        Begin { policy: &id, org: new.org, customer, vehicle, kind: new.kind, ends_on: new.to, premium: new.premium };
    renewal::begin(desk, &begin)?;
    Ok(id)
}

/// A claim was made.
pub fn add_claim(id: &str, amount: Option<i64>) -> Result<()> {
    let policy = load(id)?;
    let paid = policy.data.claims_amount + amount.unwrap_or_default();
    record::change(KIND, id)
        .if_rev(policy.rev)
        .field("claims", policy.data.claims + 1)
        .field("claims_amount", paid)
        .stage()
}

/// It ends before its day: nothing is left to renew.
pub fn end(desk: &Desk, id: &str, note: &str) -> Result<()> {
    let policy = load(id)?;
    if policy.data.state != "active" {
        return Err(Fault::new("policy_over", format!("this policy is {} already", policy.data.state)));
    }
    record::mov(KIND, id, "end").if_rev(policy.rev).field("note", note.trim()).stage()?;
    renewal::policy_gone(desk, id)
}

/// Reads a policy that must be there.
pub fn load(id: &str) -> Result<Record<Policy>> {
    view::require(KIND, id)
}
