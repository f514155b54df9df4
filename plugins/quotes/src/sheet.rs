//! A priced quote: every line with its list price, what is taken off and what is left; every total is the sum of lines.

use marque_sdk::Result;
use serde::Serialize;

use crate::{
    ask::{Ask, Row},
    catalogue::{Catalogue, Item, Sort},
    desk::{Desk, refuse_at},
    options, tax,
};

/// A priced line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub kind: Sort,
    pub code: String,
    pub name: String,
    pub qty: i64,
    pub list: i64,
    pub discount: i64,
    pub net: i64,
}

/// All lines, and what follows from them.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub car: Item,
    pub lines: Vec<Line>,
    /// The car's code with its options' in order: what makes two quotes be for the same thing.
    pub key: String,
    /// The car and its options, as people read them.
    pub config: String,
}

/// Prices what was asked, from the lists in force.
pub fn price(desk: &Desk, ask: &Ask) -> Result<Sheet> {
    let catalogue = Catalogue::open(desk)?;
    let Some(car) = ask.car.as_deref() else { return refuse_at("car_missing", "/car", "choose a car") };
    let car = catalogue.car(car)?;
    let rows = ask.lines.as_deref().unwrap_or_default();
    let mut chosen = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let item = catalogue.chosen(row, &format!("/lines/{n}"))?;
        chosen.push((format!("/lines/{n}"), item, row));
    }
    let pairs: Vec<(String, &Item)> = chosen.iter().map(|(pointer, item, _)| (pointer.clone(), item)).collect();
    options::check(&car, &pairs)?;

    let mut lines = vec![sold(&car, 1, ask.discount.unwrap_or(0), "/discount")?];
    for (pointer, item, row) in &chosen {
        lines.push(line(item, row, pointer)?);
    }
    let mut sheet = Sheet { key: key(&car, &pairs), config: config(&car, &pairs), car, lines };
    if ask.with_tax == Some(true) {
        sheet.lines.push(taxed(desk, &sheet)?);
    }
    if let Some(amount) = ask.trade_in.filter(|amount| *amount > 0) {
        sheet.lines.push(Line { net: -amount, ..blank(Sort::TradeIn, "trade_in") });
    }
    if sheet.total() < 0 {
        return refuse_at(
            "total_negative",
            "/trade_in",
            "what is taken off is more than the car costs: check the amounts",
        );
    }
    Ok(sheet)
}

impl Sheet {
    /// What the customer pays.
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.net).sum()
    }

    /// Everything at list, without what is taken off for published reasons.
    pub fn list_total(&self) -> i64 {
        self.lines.iter().map(|line| line.list).sum()
    }

    /// What is given: it is this that limits are about.
    pub fn discount(&self) -> i64 {
        self.lines.iter().map(|line| line.discount).sum()
    }

    /// Of lines of a sort, the sum of what is charged.
    pub fn net(&self, sort: Sort) -> i64 {
        self.lines.iter().filter(|line| line.kind == sort).map(|line| line.net).sum()
    }
}

fn line(item: &Item, row: &Row, pointer: &str) -> Result<Line> {
    let (qty, discount) = (row.qty.unwrap_or(1), row.discount.unwrap_or(0));
    match item.kind {
        Sort::Vehicle => refuse_at("second_car", pointer, format!("{} is a car: a quote is for one", item.name)),
        Sort::Tax | Sort::TradeIn => refuse_at(
            "price_unknown",
            pointer,
            format!("{} is worked out, not chosen: tick the tax instead", item.name),
        ),
        Sort::Subsidy if discount == 0 && row.price.is_none() => {
            Ok(Line { qty, net: -item.price * qty, ..named(item) })
        }
        Sort::Subsidy => {
            refuse_at("subsidy_fixed", pointer, format!("{} is given as published or not at all", item.name))
        }
        sort if sort.is_voluntary() => paid_on(item, row, pointer),
        _ if row.price.is_some_and(|price| price > item.price) => above(item, pointer),
        _ => {
            // A lower price is a discount by another name.
            let lower = row.price.map_or(0, |price| (item.price - price) * qty);
            sold(item, qty, discount + lower, pointer)
        }
    }
}

/// What is paid to others on the customer's behalf: up to the marked price, and lower is no discount of ours.
fn paid_on(item: &Item, row: &Row, pointer: &str) -> Result<Line> {
    let (qty, price) = (row.qty.unwrap_or(1), row.price.unwrap_or(item.price));
    if price > item.price {
        return above(item, pointer);
    }
    let line = sold(&Item { price, ..item.clone() }, qty, row.discount.unwrap_or(0), pointer)?;
    Ok(line)
}

fn above<T>(item: &Item, pointer: &str) -> Result<T> {
    let message = format!("{} is marked {} fen: nothing is charged above the marked price", item.name, item.price);
    refuse_at("above_marked", &format!("{pointer}/price"), message)
}

fn sold(item: &Item, qty: i64, discount: i64, pointer: &str) -> Result<Line> {
    let list = item.price * qty;
    if discount > list {
        return refuse_at("discount_too_high", pointer, format!("{} costs {list} fen: take off no more", item.name));
    }
    Ok(Line { qty, list, discount, net: list - discount, ..named(item) })
}

fn named(item: &Item) -> Line {
    Line { code: item.code.clone(), name: item.name.clone(), ..blank(item.kind, "") }
}

fn blank(kind: Sort, code: &str) -> Line {
    Line { kind, code: code.into(), name: String::new(), qty: 1, list: 0, discount: 0, net: 0 }
}

/// The tax is on what is paid for the car as it leaves the factory.
fn taxed(desk: &Desk, sheet: &Sheet) -> Result<Line> {
    let energy = sheet.car.energy.as_deref().unwrap_or("petrol");
    let price = sheet.net(Sort::Vehicle) + sheet.net(Sort::Option);
    match tax::of(price, energy, desk.today, &desk.settings.taxes) {
        Some(tax) => Ok(Line { list: tax, net: tax, ..blank(Sort::Tax, "tax") }),
        None => {
            refuse_at("tax_unknown", "/with_tax", "the tax table has no row for this car today: complete the settings")
        }
    }
}

fn key(car: &Item, chosen: &[(String, &Item)]) -> String {
    let mut options: Vec<&str> =
        chosen.iter().filter(|(_, item)| item.kind == Sort::Option).map(|(_, item)| item.code.as_str()).collect();
    options.sort_unstable();
    options.insert(0, &car.code);
    options.join("+")
}

fn config(car: &Item, chosen: &[(String, &Item)]) -> String {
    let options = chosen.iter().filter(|(_, item)| item.kind == Sort::Option).map(|(_, item)| item.name.as_str());
    let own = car.config.as_deref().filter(|config| !config.is_empty()).unwrap_or(&car.name);
    let words: Vec<&str> = [own].into_iter().chain(options).collect();
    words.join(" · ").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: Sort, code: &str, price: i64) -> Item {
        Item { kind, code: code.into(), name: code.into(), price, ..Item::default() }
    }

    #[test]
    fn a_lower_price_is_a_discount_by_another_name() {
        let mats = item(Sort::Accessory, "MAT", 60_000);
        let row = Row { qty: Some(2), price: Some(50_000), discount: Some(1_000), ..Row::default() };
        let line = line(&mats, &row, "/lines/0").unwrap();
        assert_eq!((line.list, line.discount, line.net), (120_000, 21_000, 99_000));
    }

    #[test]
    fn nothing_is_charged_above_the_marked_price() {
        for sort in [Sort::Accessory, Sort::Registration, Sort::FinanceCost, Sort::Insurance, Sort::ServicePackage] {
            let row = Row { price: Some(10_001), ..Row::default() };
            assert_eq!(line(&item(sort, "X", 10_000), &row, "/lines/0").unwrap_err().code, "above_marked", "{sort:?}");
        }
    }

    #[test]
    fn what_is_paid_to_others_may_be_less_without_being_a_discount() {
        let row = Row { price: Some(420_000), ..Row::default() };
        let line = line(&item(Sort::Insurance, "INS", 500_000), &row, "/lines/0").unwrap();
        assert_eq!((line.list, line.discount, line.net), (420_000, 0, 420_000));
    }

    #[test]
    fn a_subsidy_is_taken_off_as_published() {
        let subsidy = item(Sort::Subsidy, "SUB", 500_000);
        assert_eq!(line(&subsidy, &Row::default(), "/lines/0").unwrap().net, -500_000);
        let more = Row { price: Some(600_000), ..Row::default() };
        assert_eq!(line(&subsidy, &more, "/lines/0").unwrap_err().code, "subsidy_fixed");
    }

    #[test]
    fn options_make_a_configuration_and_accessories_do_not() {
        let (car, roof, hud, mats) = (
            item(Sort::Vehicle, "C5", 1),
            item(Sort::Option, "ROOF", 1),
            item(Sort::Option, "HUD", 1),
            item(Sort::Accessory, "MAT", 1),
        );
        let chosen = |items: &[&Item]| -> String {
            let pairs: Vec<(String, &Item)> = items.iter().map(|item| (String::new(), *item)).collect();
            key(&car, &pairs)
        };
        assert_eq!(chosen(&[&roof, &mats, &hud]), "C5+HUD+ROOF");
        assert_eq!(chosen(&[&hud, &roof]), chosen(&[&roof, &hud]));
        assert_eq!(chosen(&[&mats]), "C5");
    }
}
