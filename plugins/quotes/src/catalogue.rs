//! What may be charged: prices of the lists that are in force today.

use marque_sdk::{Date, Filter, Id, Record, Result, view};
use serde::{Deserialize, Serialize};

use crate::{
    ask::Row,
    desk::{Desk, refuse_at},
};

/// The kind of a price.
pub const PRICE: &str = "quotes.price";
/// The kind of a list.
pub const LIST: &str = "quotes.price_list";

/// What a line is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The car.
    #[default]
    Vehicle,
    /// Built in at the factory; part of the configuration.
    Option,
    /// Put in by the dealer.
    Accessory,
    /// A policy.
    Insurance,
    /// The purchase tax.
    Tax,
    /// Plates and papers.
    Registration,
    /// What a loan costs.
    FinanceCost,
    /// Maintenance, warranty, road assistance.
    ServicePackage,
    /// Published, taken off.
    Subsidy,
    /// A car taken in.
    TradeIn,
}

impl Sort {
    /// Whether the customer has to be free not to take it here.
    pub fn is_voluntary(self) -> bool {
        matches!(self, Sort::Insurance | Sort::Registration | Sort::FinanceCost)
    }
}

/// A price of a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Item {
    #[serde(skip)]
    pub id: Id,
    pub list: Id,
    pub kind: Sort,
    pub code: String,
    pub name: String,
    pub brand: Option<String>,
    pub model: Option<String>,
    pub config: Option<String>,
    pub energy: Option<String>,
    pub price: i64,
    pub needs: String,
    pub excludes: String,
    pub fits: String,
    pub limits: Option<String>,
    pub active: Option<bool>,
}

/// A price list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PriceList {
    pub name: String,
    pub state: String,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

impl PriceList {
    fn is_in_force(&self, day: Date) -> bool {
        self.state == "published"
            && self.valid_from.is_some_and(|from| from <= day)
            && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// The lists a dealer may charge from, looked up once a call.
pub struct Catalogue {
    day: Date,
    lists: Vec<Record<PriceList>>,
}

/// More lists than any dealer keeps.
const MOST_LISTS: usize = 2_000;

impl Catalogue {
    /// What is in force today.
    pub fn open(desk: &Desk) -> Result<Catalogue> {
        // The dealer's own, and those that headquarters hand down.
        let published = Filter::eq("state", "published");
        Ok(Catalogue { day: desk.today, lists: view::find(LIST).filter(published).up_to(MOST_LISTS)? })
    }

    /// The car of a quote.
    pub fn car(&self, id: &str) -> Result<Item> {
        let car = self.item(id, "/car")?;
        if car.kind == Sort::Vehicle {
            return Ok(car);
        }
        refuse_at("not_a_car", "/car", format!("{} is no car: choose a price of the kind vehicle", car.name))
    }

    /// The price of another line. What no list in force has cannot be charged.
    pub fn chosen(&self, row: &Row, pointer: &str) -> Result<Item> {
        if let Some(id) = &row.item {
            return self.item(id, pointer);
        }
        let (field, said) = match (&row.code, &row.name) {
            (Some(code), _) => ("code", code),
            (None, Some(name)) => ("name", name),
            (None, None) => return refuse_at("price_missing", pointer, "choose a price of a list for this line"),
        };
        let named = Filter::eq(field, said.trim()).and(Filter::is_in("list", self.in_force()));
        let found =
            if self.in_force().next().is_none() { None } else { view::find::<Item>(PRICE).filter(named).first()? };
        match found {
            Some(price) => self.usable(price, pointer),
            None => refuse_at(
                "fee_not_in_tariff",
                pointer,
                format!("{said:?} is in no price list in force: what is not published cannot be charged"),
            ),
        }
    }

    fn in_force(&self) -> impl Iterator<Item = String> {
        self.lists.iter().filter(|list| list.data.is_in_force(self.day)).map(|list| list.id.clone())
    }

    fn item(&self, id: &str, pointer: &str) -> Result<Item> {
        match view::get::<Item>(PRICE, id)? {
            Some(price) => self.usable(price, pointer),
            None => refuse_at("price_unknown", pointer, format!("there is no price {id:?} here: choose one of a list")),
        }
    }

    fn usable(&self, price: Record<Item>, pointer: &str) -> Result<Item> {
        let item = Item { id: price.id, ..price.data };
        if item.active == Some(false) {
            return refuse_at("not_on_sale", pointer, format!("{} is not on sale any more: choose another", item.name));
        }
        if self.in_force().any(|list| list == item.list) {
            return Ok(item);
        }
        refuse_at(
            "list_not_in_force",
            pointer,
            format!("the list that {} is in is not in force on {}: choose from one that is", item.name, self.day),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_in_force_on_its_last_day_too() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let list = PriceList {
            state: "published".into(),
            valid_from: Some(day("2026-03-01")),
            valid_to: Some(day("2026-03-31")),
            ..PriceList::default()
        };
        let in_force = ["2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01"].map(|text| list.is_in_force(day(text)));
        assert_eq!(in_force, [false, true, true, false]);
        assert!(!PriceList { state: "draft".into(), ..list }.is_in_force(day("2026-03-13")));
    }
}
