//! Who may be referred: not oneself, not one's own household, and nobody who is a customer at work already.

use marque_sdk::{Fault, Filter, Id, Record, Result, Value, view};
use serde::Deserialize;

use crate::desk::{Customer, Desk};

#[derive(Deserialize)]
struct Member {
    household: Id,
}

#[derive(Deserialize)]
struct Point {
    customer: Id,
}

/// A number as the core stores it: digits with the country in front.
pub fn phone(text: &str) -> Result<String> {
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let bare = digits.strip_prefix("+86").or_else(|| digits.strip_prefix("0086")).unwrap_or(&digits);
    if bare.len() == 11 && bare.starts_with('1') && !bare.contains('+') {
        return Ok(format!("+86{bare}"));
    }
    if digits.starts_with('+') && (8..=16).contains(&digits.len()) {
        return Ok(digits);
    }
    let message = format!("{text:?} is not a mobile number: write eleven digits, or + and the country");
    Err(Fault::at("phone_invalid", "/friend_phone", message))
}

/// Everybody with a number, on the file or as a further way to reach them.
pub fn by_phone(phone: &str) -> Result<Vec<Record<Customer>>> {
    let mut found = view::find::<Customer>("customer").filter(Filter::eq("phone", phone)).limit(20).page()?.items;
    let points = theirs::<Point>("parties.contact_point", Filter::eq("value", phone))?;
    for point in points {
        if found.iter().all(|person| person.id != point.data.customer) {
            found.extend(view::get::<Customer>("customer", &point.data.customer)?);
        }
    }
    Ok(found)
}

/// Refuses oneself and one's own household.
pub fn may_be(referrer: &str, friend: &str) -> Result<()> {
    if referrer == friend {
        return Err(Fault::at("referral_self", "/friend_phone", "nobody refers themselves"));
    }
    let homes = homes(referrer)?;
    if homes.is_empty() || homes.iter().all(|home| !self::homes(friend).is_ok_and(|theirs| theirs.contains(home))) {
        return Ok(());
    }
    let message = "they live in one household: a purchase of the family is an additional purchase, not a referral";
    Err(Fault::at("referral_household", "/friend_phone", message))
}

/// Everybody else of a customer's household.
pub fn family(customer: &str) -> Result<Vec<Id>> {
    let mut family = Vec::new();
    for home in homes(customer)? {
        let here = Filter::eq("household", home.as_str()).and(Filter::empty("to"));
        family.extend(theirs::<Point>("parties.member", here)?.into_iter().map(|member| member.data.customer));
    }
    family.retain(|member| member != customer);
    Ok(family)
}

fn homes(customer: &str) -> Result<Vec<Id>> {
    let here = Filter::eq("customer", customer).and(Filter::empty("to"));
    Ok(theirs::<Member>("parties.member", here)?.into_iter().map(|member| member.data.household).collect())
}

/// Whether a customer was not here, did not buy and was not spoken to for so long that bringing them back counts.
pub fn is_dormant(desk: &Desk, person: &Record<Customer>) -> Result<bool> {
    let since = desk.today.plus_months(-desk.settings.dormant_months);
    if desk.day(&person.created_at)? > since {
        return Ok(false);
    }
    let (id, from) = (person.id.as_str(), since.morning());
    let traces = [
        ("contacts.contact", Filter::gte("at", from.as_str())),
        ("loyalty.document", Filter::gte("settled_at", from.as_str())),
        ("vehicles.ownership", Filter::gte("from", since.to_string())),
        ("worklist.task", Filter::gte("done_at", from.as_str())),
    ];
    for (kind, lately) in traces {
        if !theirs::<Value>(kind, Filter::eq("customer", id).and(lately))?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Records of a kind that another plugin brings; none where it is not installed.
fn theirs<T: serde::de::DeserializeOwned>(kind: &str, filter: Filter) -> Result<Vec<Record<T>>> {
    match view::find::<T>(kind).filter(filter).limit(50).page() {
        Ok(page) => Ok(page.items),
        Err(fault) if fault.code == "not_found" || fault.code.starts_with("kind.") => Ok(Vec::new()),
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_it_is_stored() {
        for text in ["13800001234", "138-0000 1234", "+86 138 0000 1234", "008613800001234"] {
            assert_eq!(phone(text).unwrap(), "+8613800001234");
        }
        assert_eq!(phone("+33 6 12 34 56 78").unwrap(), "+33612345678");
        for text in ["", "1380000123", "23800001234", "+12"] {
            assert_eq!(phone(text).unwrap_err().code, "phone_invalid", "{text}");
        }
    }
}
