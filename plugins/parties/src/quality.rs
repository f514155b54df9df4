//! File quality: how complete an owner's file is, and what it lacks.

use std::collections::{BTreeMap, BTreeSet};

use marque_sdk::{Data, Event, Fault, Filter, Id, Outcome, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{book, desk::Desk};

/// The kind's name.
pub const KIND: &str = "parties.quality";
/// Fields of the customer that count by themselves. The twelfth of the maker's list, the consent, joins them with the
/// plugin that keeps consents.
const PLAIN: [&str; 7] = ["name", "phone", "gender", "birth_date", "address", "preferred_channel", "preferred_time"];
/// All that count today, in the order they are told in.
const COUNTED: [&str; 11] = [
    "name",
    "phone",
    "verified",
    "gender",
    "birth_date",
    "address",
    "id_no",
    "vin",
    "plate",
    "preferred_channel",
    "preferred_time",
];
/// Read at once about some owners; each has a car or two.
const PAGE: u32 = 500;

/// Input of `assess`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assess {
    customer: Id,
}

#[derive(Debug, Deserialize)]
struct Quality {
    customer: Id,
    percent: i64,
    #[serde(default)]
    missing: Vec<String>,
}

/// Checks one file now; answers `{"percent","missing"}`.
pub fn assess(desk: &Desk, input: Assess) -> Result<Value> {
    let Some(owner) = view::get::<Data>("customer", &input.customer)? else {
        let message = format!("there is no customer {:?} here: choose one of yours", input.customer);
        return Err(Fault::at("customer_unknown", "/customer", message));
    };
    if owner.data.get("type").is_none_or(|r#type| r#type != "owner") {
        return Err(Fault::at("not_an_owner", "/customer", "only owners' files are checked: this customer has no car"));
    }
    let missing = missing(&owner.data, &facts(std::slice::from_ref(&owner.id))?.of(&owner.id));
    let percent = percent(missing.len());
    check(desk, &[owner])?;
    Ok(json!({ "percent": percent, "missing": missing }))
}

/// Keeps a file's quality current once it was checked; files never checked wait for the round.
pub fn follow(event: &Event) -> Result<Outcome> {
    let is_about_file = event.kind != "customer.changed"
        || PLAIN.iter().chain(&["id_type", "id_no", "type"]).any(|field| event.changed(field));
    let Some(customer) = event.subject.as_ref().filter(|_| is_about_file) else { return Ok(Outcome::Skip) };
    if !view::find::<Quality>(KIND).filter(Filter::eq("customer", customer.as_str())).exists()? {
        return Ok(Outcome::Skip);
    }
    let Some(owner) = view::get::<Data>("customer", customer)? else { return Ok(Outcome::Skip) };
    let n_written = check(&Desk::open()?, &[owner])?;
    Ok(if n_written > 0 { Outcome::Done } else { Outcome::Skip })
}

/// Writes down the quality of some owners' files where it has changed; answers of how many.
pub fn check(desk: &Desk, owners: &[Record]) -> Result<usize> {
    let ids: Vec<Id> = owners.iter().map(|owner| owner.id.clone()).collect();
    let facts = facts(&ids)?;
    let known = view::find::<Quality>(KIND).filter(Filter::is_in("customer", ids.iter().map(String::as_str)));
    let known = known.limit(PAGE).page()?.items;
    let known: BTreeMap<&Id, &Record<Quality>> = known.iter().map(|known| (&known.data.customer, known)).collect();
    let mut n_written = 0;
    for owner in owners {
        let missing = missing(&owner.data, &facts.of(&owner.id));
        let percent = percent(missing.len());
        let write = match known.get(&owner.id) {
            Some(known) if known.data.percent == percent && known.data.missing == missing => continue,
            Some(known) => record::change(KIND, &known.id).if_rev(known.rev),
            None => record::create(KIND).id(new_id()).org(&owner.org).field("customer", &owner.id),
        };
        let summary = format!("{}/{}", COUNTED.len() - missing.len(), COUNTED.len());
        write
            .field("summary", summary)
            .field("percent", percent)
            .field("missing", missing)
            .field("checked_at", desk.now())
            .stage()?;
        n_written += 1;
    }
    Ok(n_written)
}

/// What other kinds know about some owners.
#[derive(Debug, Default)]
struct Facts {
    verified: BTreeSet<Id>,
    vehicles: BTreeSet<Id>,
    plates: BTreeSet<Id>,
}

/// The same of one.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    is_verified: bool,
    has_vehicle: bool,
    has_plate: bool,
}

impl Facts {
    fn of(&self, owner: &Id) -> Known {
        Known {
            is_verified: self.verified.contains(owner),
            has_vehicle: self.vehicles.contains(owner),
            has_plate: self.plates.contains(owner),
        }
    }
}

#[derive(Deserialize)]
struct Car {
    customer: Option<Id>,
    plate: Option<String>,
}

fn facts(owners: &[Id]) -> Result<Facts> {
    let of_owners = || Filter::is_in("customer", owners.iter().map(String::as_str));
    let verified = of_owners()
        .and(Filter::eq("kind", "mobile"))
        .and(Filter::eq("status", "ok"))
        .and(Filter::not_empty("verified_at"));
    let verified = view::find::<book::Point>(book::KIND).filter(verified).limit(PAGE).page()?.items;
    let cars = match view::find::<Car>("vehicles.vehicle").filter(of_owners()).limit(PAGE).page() {
        Ok(page) => page.items,
        Err(fault) if fault.code == "kind.not_found" => Vec::new(),
        Err(fault) => return Err(fault),
    };
    let with_plate = cars.iter().filter(|car| car.data.plate.is_some()).filter_map(|car| car.data.customer.clone());
    Ok(Facts {
        verified: verified.into_iter().map(|point| point.data.customer).collect(),
        plates: with_plate.collect(),
        vehicles: cars.into_iter().filter_map(|car| car.data.customer).collect(),
    })
}

fn missing(owner: &Data, known: &Known) -> Vec<String> {
    let has = |field: &str| owner.get(field).is_some_and(|value| !value.is_null());
    let is_there = |field: &str| match field {
        "verified" => known.is_verified && has("phone"),
        "id_no" => has("id_type") && has("id_no"),
        "vin" => known.has_vehicle,
        "plate" => known.has_plate,
        plain => has(plain),
    };
    COUNTED.iter().filter(|field| !is_there(field)).map(|field| (*field).to_owned()).collect()
}

/// Rounded half up.
fn percent(n_missing: usize) -> i64 {
    let (filled, all) = ((COUNTED.len() - n_missing) as i64, COUNTED.len() as i64);
    (filled * 200 + all) / (all * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(fields: Value) -> Data {
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn a_whole_file_lacks_nothing() {
        let whole = owner(json!({
            "name": "王磊", "phone": "+8613800138000", "gender": "male", "birth_date": "1980-01-01", "address": "中山大道 1 号",
            "id_type": "id_card", "id_no": "11010519491231002X", "preferred_channel": "phone", "preferred_time": "any",
        }));
        let known = Known { is_verified: true, has_vehicle: true, has_plate: true };
        assert_eq!(missing(&whole, &known), Vec::<String>::new());
        assert_eq!(missing(&whole, &Known::default()), ["verified", "vin", "plate"]);
    }

    #[test]
    fn a_number_without_its_type_does_not_count() {
        let bare = owner(json!({ "name": "王磊", "id_no": "11010519491231002X" }));
        assert!(missing(&bare, &Known::default()).contains(&"id_no".to_owned()));
        let no_phone = missing(&bare, &Known { is_verified: true, ..Known::default() });
        assert!(no_phone.contains(&"verified".to_owned()), "what is verified must still be on the file");
    }

    #[test]
    fn percents_are_rounded_half_up() {
        assert_eq!((percent(0), percent(11), percent(1), percent(5)), (100, 0, 91, 55));
    }

    #[test]
    fn what_counts_is_what_the_kind_can_lack() {
        let kind: Value = serde_json::from_str(include_str!("../records/parties.quality.json")).unwrap();
        let values: Vec<&str> = kind["fields"]["missing"]["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value["value"].as_str().unwrap())
            .collect();
        assert_eq!(values[..11], COUNTED);
        assert_eq!(values[11..], ["consent"]);
    }
}
