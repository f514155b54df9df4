//! Persons of the brand: at which dealers somebody is known. Who it is stands with the dealers.

use serde::Serialize;

use crate::{
    Result,
    model::{Data, Id},
    store::{View, tables::membership},
};

/// One dealer's customer as a part of a person.
#[derive(Debug, Serialize)]
pub struct Membership {
    org: Id,
    /// The customer and what is known of it, of the viewer's own organisation only: of other organisations' customers
    /// nobody reads more here than that there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
}

/// The memberships of a person, as somebody of the organisation `own` may know them.
///
/// # Errors
/// Internal.
pub fn memberships(view: &View, identity: &Id, own: &Id) -> Result<Vec<Membership>> {
    let members = membership::members(view, identity)?.into_iter();
    let told = members.map(|member| {
        if member.org != *own {
            return Ok(Membership { org: member.org, customer: None, data: None });
        }
        let customer = view.get("customer", std::slice::from_ref(&member.customer))?.pop().flatten();
        let (customer, data) = customer.map(|customer| (customer.id, customer.data)).unzip();
        Ok(Membership { org: member.org, customer, data })
    });
    told.collect()
}
