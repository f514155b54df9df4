//! The company tree: a company, its accounts, who acts on them, its cars and their service contracts.

use std::collections::BTreeSet;

use marque_sdk::{Data, Filter, Id, Record, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    account::{self, Account},
    authorised::{self, Authorised},
    desk,
};

/// Input of `tree`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    customer: Id,
}

/// Records of one level at most: a large fleet.
const MOST: usize = 5_000;

/// Answers `{"company","accounts":[{…,"users":[…]}],"vehicles","contracts","counts"}`.
pub fn tree(input: Tree) -> Result<Value> {
    let company = desk::customer(&input.customer, "/customer")?;
    let accounts =
        all::<Account>(account::KIND, Filter::eq("customer", company.id.as_str()).and(Filter::eq("state", "active")))?;
    let users =
        all::<Authorised>(authorised::KIND, Filter::eq("company", company.id.as_str()).and(Filter::empty("to")))?;
    let vehicles = vehicles(&company.id, &users)?;
    let of_company = Filter::eq("customer", company.id.as_str()).and(Filter::eq("state", "active"));
    let contracts = unless_absent(all::<Data>("vehicles.contract", of_company))?;
    let drivers: BTreeSet<&Id> = users.iter().map(|user| &user.data.customer).collect();
    let named = |record: &Record<Data>, field: &str| json!({ "id": record.id, "title": record.data.get(field) });
    let branch = |account: &Record<Account>| {
        let users = users.iter().filter(|user| user.data.account == account.id);
        let users: Vec<_> = users.map(|user| {
            json!({ "authorised_user": user.id, "customer": user.data.customer, "vehicles": user.data.vehicles, "rights": user.data.rights })
        }).collect();
        json!({ "account": account.id, "billing_name": account.data.billing_name, "users": users })
    };
    Ok(json!({
        "company": { "id": company.id, "name": company.data.name },
        "accounts": accounts.iter().map(branch).collect::<Vec<_>>(),
        "vehicles": vehicles.iter().map(|vehicle| named(vehicle, "title")).collect::<Vec<_>>(),
        "contracts": contracts.iter().map(|contract| named(contract, "name")).collect::<Vec<_>>(),
        "counts": {
            "companies": 1,
            "accounts": accounts.len(),
            "vehicles": vehicles.len(),
            "drivers": drivers.len(),
            "contracts": contracts.len(),
        },
    }))
}

/// What the company owns, and what its people are let to use: a leased car stands in another's name.
fn vehicles(company: &str, users: &[Record<Authorised>]) -> Result<Vec<Record<Data>>> {
    let running = Filter::eq("customer", company).and(Filter::is_in("status", ["sold", "owned"]));
    let mut vehicles = unless_absent(all::<Data>("vehicles.vehicle", running))?;
    let owned: BTreeSet<Id> = vehicles.iter().map(|vehicle| vehicle.id.clone()).collect();
    let lent: BTreeSet<Id> =
        users.iter().flat_map(|user| &user.data.vehicles).filter(|id| !owned.contains(*id)).cloned().collect();
    if !lent.is_empty() {
        let lent: Vec<Id> = lent.into_iter().collect();
        vehicles.extend(view::get_many::<Data>("vehicles.vehicle", &lent)?.into_iter().flatten());
    }
    Ok(vehicles)
}

/// Where nothing keeps vehicles there are none.
fn unless_absent<T>(found: Result<Vec<Record<T>>>) -> Result<Vec<Record<T>>> {
    match found {
        Err(fault) if fault.code == "kind.not_found" => Ok(Vec::new()),
        found => found,
    }
}

fn all<T: serde::de::DeserializeOwned>(kind: &str, filter: Filter) -> Result<Vec<Record<T>>> {
    view::find::<T>(kind).filter(filter).order("created_at").up_to(MOST)
}
