//! Authorised users: who may bring a company's cars in, approve, pick up and pay, and up to how much.

use marque_sdk::{Data, Date, Fault, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    account,
    desk::{self, Desk},
};

/// The kind's name.
pub const KIND: &str = "parties.authorised_user";
/// More drivers than one account has.
const MANY: u32 = 500;

/// What somebody may do on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Bring a vehicle in.
    BringIn,
    /// Say yes to a repair, up to a limit.
    ApproveRepair,
    /// Take it away again.
    PickUp,
    /// Put it on the account, up to a limit.
    Pay,
}

/// What of an authorisation counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Authorised {
    /// The account.
    pub account: Id,
    /// Whose account it is.
    pub company: Id,
    /// Who may.
    pub customer: Id,
    /// With which vehicles; none: all of the company's.
    #[serde(default)]
    pub vehicles: Vec<Id>,
    /// What.
    pub rights: Vec<Right>,
    /// Repairs up to so much, in fen.
    pub approve_limit: Option<i64>,
    /// Payments up to so much.
    pub pay_limit: Option<i64>,
    /// Until when; none while it holds.
    pub to: Option<Date>,
}

/// What is granted.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Grant {
    vehicles: Option<Vec<Id>>,
    rights: Option<Vec<Right>>,
    approve_limit: Option<i64>,
    pay_limit: Option<i64>,
}

/// Input of `authorise`.
#[derive(Deserialize)]
pub struct Authorise {
    account: Id,
    customer: Id,
    #[serde(flatten)]
    grant: Grant,
}

/// Input of `may`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct May {
    right: Right,
    amount: Option<i64>,
    vehicle: Option<Id>,
}

/// Authorisations that hold, by one of their refs.
pub fn open_of(field: &str, id: &str) -> Result<Vec<Record<Authorised>>> {
    let open = Filter::eq(field, id).and(Filter::empty("to"));
    Ok(view::find(KIND).filter(open).order("created_at").limit(MANY).page()?.items)
}

/// Lets somebody act on an account.
pub fn authorise(desk: &Desk, input: Authorise) -> Result<Value> {
    let account = account::active(&input.account)?;
    let person = desk::customer(&input.customer, "/customer")?;
    let Authorise { customer, grant, .. } = input;
    if open_of("customer", &customer)?.iter().any(|known| known.data.account == account.id) {
        let message = format!("{} is authorised on this account: change the rights there", person.data.name);
        return Err(Fault::at("authorised_already", "/customer", message));
    }
    check(grant.rights.as_deref().unwrap_or_default(), grant.approve_limit, grant.pay_limit)?;
    let id = new_id();
    record::create(KIND)
        .id(&id)
        .org(&account.org)
        .field("title", format!("{} · {}", person.data.name, account.data.billing_name))
        .field("account", &account.id)
        .field("company", &account.data.customer)
        .field("customer", &customer)
        .field("from", desk.today)
        .field("slot", format!("{}:{customer}", account.id))
        .fields(given(&grant)?)
        .stage()?;
    Ok(json!({ "authorised_user": id }))
}

/// Other rights, limits or vehicles. A limit goes with its right.
pub fn change_rights(id: &str, grant: Grant) -> Result<Value> {
    let known = standing(id)?;
    let Authorised { rights, approve_limit, pay_limit, .. } = &known.data;
    let mut patch = given(&grant)?;
    let rights = grant.rights.as_ref().unwrap_or(rights);
    let limit = |right: Right, new: Option<i64>, old: Option<i64>| new.or(old.filter(|_| rights.contains(&right)));
    let approve = limit(Right::ApproveRepair, grant.approve_limit, *approve_limit);
    let pay = limit(Right::Pay, grant.pay_limit, *pay_limit);
    check(rights, approve, pay)?;
    for (name, old, new) in [("approve_limit", approve_limit, approve), ("pay_limit", pay_limit, pay)] {
        if *old != new {
            patch.insert(name.into(), json!(new));
        }
    }
    record::change(KIND, id).if_rev(known.rev).fields(patch).stage()?;
    Ok(json!({ "authorised_user": id }))
}

/// May act no more.
pub fn revoke(desk: &Desk, id: &str) -> Result<Value> {
    end(desk, &standing(id)?)?;
    Ok(json!({ "authorised_user": id }))
}

/// Ends an authorisation as of today.
pub fn end(desk: &Desk, known: &Record<Authorised>) -> Result<()> {
    record::change(KIND, &known.id).if_rev(known.rev).field("to", desk.today).field("slot", Value::Null).stage()
}

/// Answers `{"allowed","why"}` at the counter.
pub fn may(id: &str, input: May) -> Result<Value> {
    let known = standing(id)?.data;
    let account = account::active(&known.account);
    let refusal = match account {
        Err(fault) => Some(fault.code),
        Ok(_) => refusal(&known, &input).map(str::to_owned),
    };
    Ok(json!({ "allowed": refusal.is_none(), "why": refusal }))
}

fn refusal(known: &Authorised, asked: &May) -> Option<&'static str> {
    let limit = match asked.right {
        Right::ApproveRepair => known.approve_limit,
        Right::Pay => known.pay_limit,
        Right::BringIn | Right::PickUp => None,
    };
    let is_foreign = |vehicle: &Id| !known.vehicles.is_empty() && !known.vehicles.contains(vehicle);
    match (limit, asked.amount) {
        _ if !known.rights.contains(&asked.right) => Some("right_missing"),
        _ if asked.vehicle.as_ref().is_some_and(is_foreign) => Some("vehicle_not_covered"),
        (Some(limit), Some(amount)) if amount > limit => Some("above_limit"),
        (Some(_), None) => Some("amount_missing"),
        _ => None,
    }
}

fn standing(id: &str) -> Result<Record<Authorised>> {
    let known = view::require::<Authorised>(KIND, id)?;
    match known.data.to {
        None => Ok(known),
        Some(to) => Err(Fault::new("authorisation_ended", format!("this authorisation ended on {to}"))),
    }
}

/// A right over money has a limit, and a limit its right.
fn check(rights: &[Right], approve: Option<i64>, pay: Option<i64>) -> Result<()> {
    for (right, limit, field) in [(Right::ApproveRepair, approve, "approve_limit"), (Right::Pay, pay, "pay_limit")] {
        let pointer = format!("/{field}");
        match (rights.contains(&right), limit) {
            (true, None) => return Err(Fault::at("limit_missing", &pointer, format!("{field}: say up to how much"))),
            (false, Some(_)) => {
                return Err(Fault::at("limit_without_right", &pointer, format!("{field} is given without its right")));
            }
            _ => {}
        }
    }
    Ok(())
}

fn given(grant: &Grant) -> Result<Data> {
    let Value::Object(mut given) = serde_json::to_value(grant)? else { return Ok(Data::new()) };
    given.retain(|_, value| !value.is_null());
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Authorised {
        let data = json!({
            "account": "a1", "company": "c1", "customer": "c2", "vehicles": ["v1"],
            "rights": ["bring_in", "approve_repair"], "approve_limit": 200_000,
        });
        serde_json::from_value(data).unwrap()
    }

    #[test]
    fn a_driver_approves_up_to_the_limit_on_his_own_car() {
        let asked = |right, amount, vehicle: Option<&str>| {
            refusal(&known(), &May { right, amount, vehicle: vehicle.map(str::to_owned) })
        };
        assert_eq!(asked(Right::ApproveRepair, Some(200_000), Some("v1")), None);
        assert_eq!(asked(Right::ApproveRepair, Some(200_001), Some("v1")), Some("above_limit"));
        assert_eq!(asked(Right::ApproveRepair, None, None), Some("amount_missing"));
        assert_eq!(asked(Right::BringIn, None, Some("v2")), Some("vehicle_not_covered"));
        assert_eq!(asked(Right::Pay, Some(1), None), Some("right_missing"));
    }

    #[test]
    fn who_is_given_no_list_of_vehicles_has_them_all() {
        let all = Authorised { vehicles: Vec::new(), ..known() };
        assert_eq!(refusal(&all, &May { right: Right::BringIn, amount: None, vehicle: Some("v9".into()) }), None);
    }

    #[test]
    fn money_needs_a_limit_and_a_limit_its_right() {
        assert_eq!(check(&[Right::Pay], None, None).unwrap_err().code, "limit_missing");
        assert_eq!(check(&[Right::BringIn], Some(1), None).unwrap_err().code, "limit_without_right");
        assert!(check(&[Right::Pay, Right::PickUp], None, Some(1)).is_ok());
    }
}
