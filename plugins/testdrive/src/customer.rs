//! Whom a test drive is for: a customer of this dealer, known by mobile, or a new one.

use marque_sdk::{Filter, Id, Record, Result, new_id, record, view};
use serde::Deserialize;

use crate::desk::refuse_at;

const CUSTOMER: &str = "customer";

/// What of a customer counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// What they are called.
    pub name: String,
    /// Where messages go.
    pub phone: Option<String>,
    /// Or there.
    pub email: Option<String>,
    /// Who looks after them.
    pub owner: Option<Id>,
}

/// Reads one that must be at this dealer.
pub fn at(org: &str, pointer: &str, id: &str) -> Result<Record<Customer>> {
    match view::get::<Customer>(CUSTOMER, id)? {
        Some(customer) if customer.org == org => Ok(customer),
        _ => refuse_at("customer_unknown", pointer, format!("there is no customer {id:?} at this dealer")),
    }
}

/// Reads one.
pub fn get(id: &str) -> Result<Option<Record<Customer>>> {
    view::get(CUSTOMER, id)
}

/// Somebody who filled in a page: the customer with this mobile and name, else a new one. Whether two files are one the core decides.
pub fn of_visitor(org: &str, name: &str, phone: &str, source: &str) -> Result<(Id, Option<Id>)> {
    let filter = Filter::eq("phone", phone).and(Filter::eq("org", org));
    let known = view::find::<Customer>(CUSTOMER).filter(filter).order("created_at").limit(20).page()?.items;
    if let Some(customer) = known.into_iter().find(|customer| may_be(&customer.data.name, name)) {
        return Ok((customer.id, customer.data.owner));
    }
    let id = new_id();
    let create = record::create(CUSTOMER).id(&id).org(org).field("name", name).field("phone", phone);
    create.field("type", "prospect").field("source", source).stage()?;
    Ok((id, None))
}

/// A phone is shared in families: another family name is somebody else.
fn may_be(on_file: &str, given: &str) -> bool {
    let first = |name: &str| name.trim().chars().next();
    first(on_file).is_none() || first(on_file) == first(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_family_name_is_somebody_else() {
        assert!(may_be("王磊", "王先生"));
        assert!(may_be("", "王磊"));
        assert!(!may_be("王磊", "李娜"));
    }
}
