//! Who enquires: a customer known by mobile or e-mail, or a new one. Whether two files are one the core decides.

use marque_sdk::{Filter, Id, Record, Result, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at},
    enquiry::{Enquiry, cut},
};

const CUSTOMER: &str = "customer";

/// What of a customer counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Customer {
    pub name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub r#type: Option<String>,
    pub owner: Option<Id>,
    pub vip: bool,
    pub industry: Option<String>,
}

/// The customer of an enquiry in an organisation, if known there.
///
/// A phone is shared in families: one with another family name is somebody else, and the core puts the two up for a person to look at.
pub fn known(org: &str, enquiry: &Enquiry) -> Result<Option<Record<Customer>>> {
    if let Some(id) = &enquiry.customer {
        return match view::get::<Customer>(CUSTOMER, id)? {
            Some(customer) if customer.org == org => Ok(Some(customer)),
            _ => refuse_at("customer_unknown", "/customer", format!("there is no customer {id:?} at this dealer")),
        };
    }
    for (field, value) in [("phone", enquiry.mobile()), ("email", enquiry.email())] {
        let Some(value) = value else { continue };
        let filter = Filter::eq(field, value).and(Filter::eq("org", org));
        let found = view::find::<Customer>(CUSTOMER).filter(filter).order("created_at").limit(20).page()?.items;
        if let Some(customer) = found.into_iter().find(|customer| may_be(&customer.data.name, enquiry.name())) {
            return Ok(Some(customer));
        }
    }
    Ok(None)
}

/// Whether a name on file may be the one that was given: the same family, or nothing that says otherwise.
fn may_be(on_file: &str, given: Option<&str>) -> bool {
    let Some(given) = given else { return true };
    let plain = |name: &str| name.split_whitespace().collect::<String>().to_lowercase();
    let (on_file, given) = (plain(on_file), plain(given));
    let is_chinese = |name: &str| name.chars().next().is_some_and(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    if on_file == given || on_file.is_empty() || given.is_empty() || is_chinese(&on_file) != is_chinese(&given) {
        return true;
    }
    if !is_chinese(&on_file) {
        return false;
    }
    // Double family names begin with the same two signs, single ones with the same one; 王先生 is a Wang.
    on_file.chars().next() == given.chars().next()
}

/// Stages a new customer; its id. Should the core know them after all, the id is one more of theirs.
pub fn create(desk: &Desk, org: &str, enquiry: &Enquiry, owner: Option<&str>) -> Result<Id> {
    let id = new_id();
    let reach = enquiry.mobile().or_else(|| enquiry.other_phone().map(str::to_owned)).or_else(|| enquiry.email());
    let name =
        enquiry.name().map_or_else(|| nameless(&desk.call.locale, &reach.unwrap_or_default()), |name| cut(name, 100));
    let given = [
        ("phone", enquiry.mobile()),
        ("email", enquiry.email()),
        ("city", enquiry.city.as_deref().map(|city| cut(city, 60))),
        ("source", enquiry.source.clone().or_else(|| enquiry.provider.clone()).map(|source| cut(&source, 60))),
        ("owner", owner.map(str::to_owned)),
        ("type", Some(if enquiry.company == Some(true) { "company" } else { "prospect" }.to_owned())),
    ];
    let create = record::create(CUSTOMER).id(id.as_str()).org(org).field("name", name);
    let given = given.into_iter().filter_map(|(field, value)| Some((field, value?)));
    given.fold(create, |create, (field, value)| create.field(field, value)).stage()?;
    Ok(id)
}

/// Somebody who has left no name is told apart by the end of the number.
fn nameless(locale: &str, reach: &str) -> String {
    let end: String = reach.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    if locale.starts_with("en") { format!("Customer {end}") } else { format!("客户{end}") }
}

/// Gives the customer to the owner of the lead: who looks after somebody has to see them.
pub fn hand_over(customer: &Record<Customer>, owner: &str) -> Result<()> {
    match customer.data.owner.as_deref() {
        Some(same) if same == owner => Ok(()),
        _ => record::change(CUSTOMER, &customer.id).field("owner", owner).stage(),
    }
}

/// What a company does, if that is known.
pub fn industry(id: &str) -> Result<Option<String>> {
    Ok(load(id)?.and_then(|customer| customer.data.industry))
}

/// Reads one.
pub fn load(id: &str) -> Result<Option<Record<Customer>>> {
    view::get(CUSTOMER, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_phone_with_another_family_name_is_somebody_else() {
        assert!(!may_be("王磊", Some("李娜")));
        assert!(!may_be("Wang Lei", Some("Li Na")));
    }

    #[test]
    fn a_short_name_and_no_name_fit() {
        for given in [Some("王先生"), Some("王 磊"), Some("wang lei"), Some(" "), None] {
            assert!(may_be("王磊", given), "{given:?}");
        }
    }

    #[test]
    fn who_leaves_no_name_is_told_apart_by_the_number() {
        assert_eq!(nameless("zh-CN", "+8613800001234"), "客户1234");
        assert_eq!(nameless("en", "wl@example.cn"), "Customer e.cn");
    }
}
