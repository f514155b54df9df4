//! Price lists: made, filled with prices, published when they hold together, withdrawn.

use std::collections::BTreeMap;

use marque_sdk::{Data, Date, Fault, Filter, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    catalogue::{Item, LIST, PRICE, PriceList, Sort},
    desk::{Desk, refuse, refuse_at},
    options,
    quote::patch,
};

/// Input of `add_list`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    name: String,
    brand: Option<String>,
    valid_from: String,
    valid_to: Option<String>,
    note: Option<String>,
}

/// A page of the View is far smaller than a maker's longest list; this is longer than any.
const MOST_PRICES: usize = 5_000;

/// Makes a list, still without prices.
pub fn add(input: Add) -> Result<Value> {
    let from = day("/valid_from", &input.valid_from)?;
    let to = input.valid_to.as_deref().map(|to| day("/valid_to", to)).transpose()?;
    if to.is_some_and(|to| to < from) {
        return refuse_at(
            "days_crossed",
            "/valid_to",
            format!("the list ends before it begins: write a day from {from}"),
        );
    }
    let mut data: Data = patch(json!({
        "name": input.name, "brand": input.brand, "valid_from": from, "valid_to": to, "note": input.note,
    }));
    data.retain(|_, value| !value.is_null());
    let id = new_id();
    record::create(LIST).id(&id).fields(&data).stage()?;
    Ok(json!({ "id": id }))
}

/// Puts a list in force on its days. It must hold together: a car, no code twice, rules that name what is there.
pub fn publish(desk: &Desk, id: &str) -> Result<Value> {
    let list: Record<PriceList> = view::require(LIST, id)?;
    if !matches!(list.data.state.as_str(), "draft" | "withdrawn") {
        return refuse("state_refused", "the list is published already");
    }
    let prices = view::find::<Item>(PRICE).filter(Filter::eq("list", id)).up_to(MOST_PRICES)?;
    let prices: Vec<Item> = prices.into_iter().map(|price| price.data).collect();
    check(&prices)?;
    record::mov(LIST, id, "publish")
        .if_rev(list.rev)
        .field("published_at", desk.now())
        .field("published_by", desk.me())
        .field("n_prices", prices.len())
        .stage()?;
    Ok(json!({ "id": id, "n_prices": prices.len() }))
}

/// Takes a list out of force at once. Quotes that were issued from it stay as they are.
pub fn withdraw(id: &str) -> Result<Value> {
    let list: Record<PriceList> = view::require(LIST, id)?;
    record::mov(LIST, id, "withdraw").if_rev(list.rev).stage()?;
    Ok(json!({ "id": id }))
}

fn day(pointer: &str, text: &str) -> Result<Date> {
    text.parse().map_err(|fault: Fault| Fault::at("date_invalid", pointer, fault.message))
}

fn check(prices: &[Item]) -> Result<()> {
    if !prices.iter().any(|price| price.kind == Sort::Vehicle) {
        return refuse("list_without_cars", "there is no car in this list: add its prices first");
    }
    let mut codes: BTreeMap<&str, &Item> = BTreeMap::new();
    for price in prices {
        if let Some(other) = codes.insert(&price.code, price) {
            let message = format!("{} and {} share the code {}: give one another", other.name, price.name, price.code);
            return refuse("code_twice", message);
        }
    }
    for price in prices {
        let named =
            options::codes(&price.needs).chain(options::codes(&price.excludes)).chain(options::codes(&price.fits));
        for code in named {
            if !codes.contains_key(code) {
                return refuse(
                    "code_unknown",
                    format!("{} names {code}, which this list does not have: correct it", price.name),
                );
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(kind: Sort, code: &str) -> Item {
        Item { kind, code: code.into(), name: code.into(), ..Item::default() }
    }

    #[test]
    fn a_list_holds_together_or_is_not_published() {
        let code = |prices: &[Item]| check(prices).err().map(|fault| fault.code);
        let (car, roof) = (price(Sort::Vehicle, "C5"), price(Sort::Option, "ROOF"));
        assert_eq!(code(&[]).as_deref(), Some("list_without_cars"));
        assert_eq!(code(&[roof.clone()]).as_deref(), Some("list_without_cars"));
        assert_eq!(code(&[car.clone(), roof.clone(), price(Sort::Accessory, "ROOF")]).as_deref(), Some("code_twice"));
        for at in ["needs", "excludes", "fits"] {
            let mut wrong = roof.clone();
            match at {
                "needs" => wrong.needs = "C5, NONE".into(),
                "excludes" => wrong.excludes = "NONE".into(),
                _ => wrong.fits = "C6".into(),
            }
            assert_eq!(code(&[car.clone(), wrong]).as_deref(), Some("code_unknown"), "{at}");
        }
        assert_eq!(code(&[car, Item { needs: "C5".into(), ..roof }]), None);
    }
}
