//! Who the guest is: a customer known here by mobile, or a new one when they are filed.

use marque_sdk::{Filter, Id, Record, Result, new_id, record, view};
use serde::Deserialize;

use crate::desk::{Desk, refuse_at};

const CUSTOMER: &str = "customer";

/// What of a customer counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// What they are called.
    pub name: String,
    /// Their mobile.
    pub phone: Option<String>,
    /// Who looks after them.
    pub owner: Option<Id>,
}

/// The customer that was named, or is known by this mobile.
pub fn known(org: &str, id: Option<&str>, phone: Option<&str>, name: Option<&str>) -> Result<Option<Record<Customer>>> {
    if let Some(id) = id {
        return match view::get::<Customer>(CUSTOMER, id)? {
            Some(customer) if customer.org == org => Ok(Some(customer)),
            _ => refuse_at("customer_unknown", "/customer", format!("there is no customer {id:?} at this dealer")),
        };
    }
    let Some(phone) = phone else { return Ok(None) };
    let filter = Filter::eq("phone", phone).and(Filter::eq("org", org));
    let found = view::find::<Customer>(CUSTOMER).filter(filter).order("created_at").limit(20).page()?.items;
    Ok(found.into_iter().find(|customer| may_be(&customer.data.name, name)))
}

/// A phone is shared in families: another family name is somebody else.
fn may_be(on_file: &str, given: Option<&str>) -> bool {
    let first = |name: &str| name.trim().chars().next();
    match (first(on_file), given.and_then(first)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// Stages a new customer; its id.
pub fn create(
    desk: &Desk,
    org: &str,
    name: Option<&str>,
    phone: &str,
    owner: &str,
    source: Option<&str>,
) -> Result<Id> {
    let id = new_id();
    let end: String = phone.chars().skip(phone.chars().count().saturating_sub(4)).collect();
    let guest = crate::texts::text(&desk.call.locale, "word.guest").replace("{end}", &end);
    let name = name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&guest);
    let create = record::create(CUSTOMER).id(&id).org(org).field("name", name).field("phone", phone);
    let create = create.field("owner", owner).field("type", "prospect");
    source.into_iter().fold(create, |create, source| create.field("source", source)).stage()?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_phone_with_another_family_name_is_somebody_else() {
        assert!(may_be("王磊", Some("王先生")));
        assert!(may_be("王磊", None));
        assert!(!may_be("王磊", Some("李娜")));
    }
}
