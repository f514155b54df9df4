//! Services done for the customer: plates, tax, insurance, a loan. None costs more than its published price.

use marque_sdk::{Data, Date, Filter, Id, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at, theirs},
    order::{Order, said},
    people, texts,
};

const KIND: &str = "orders.item";
/// More services than any order has.
const MOST: usize = 200;

/// Lines of a quote that somebody has to see to, and what they are as services.
const OF_LINES: [(&str, &str); 4] =
    [("insurance", "insurance"), ("tax", "purchase_tax"), ("registration", "plate"), ("finance_cost", "loan")];

/// Input of `add_item`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    order: Id,
    kind: String,
    tariff: Option<Id>,
    fee: Option<i64>,
    owner: Option<Id>,
    name: Option<String>,
}

/// Input of what is done with one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Go {
    note: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Price {
    list: Id,
    kind: String,
    name: String,
    price: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PriceList {
    state: String,
    valid_from: Option<Date>,
    valid_to: Option<Date>,
}

/// The services a quote came with.
pub fn from_lines(order: &Order) -> Result<()> {
    for line in order.values("lines") {
        let kind = OF_LINES.iter().find(|(sort, _)| line["kind"] == *sort);
        let Some((_, kind)) = kind else { continue };
        let name = line["name"].as_str().filter(|name| !name.is_empty());
        let name = name.map_or_else(|| texts::text("zh-CN", &format!("item.{kind}")), str::to_owned);
        record::create(KIND)
            .id(new_id())
            .org(&order.org)
            .fields(said(json!({
                "order": order.id, "customer": order.customer(), "kind": kind, "name": name, "fee": line["net"], "owner": order.owner(),
            })))
            .stage()?;
    }
    Ok(())
}

/// One more. A fee follows a published price.
pub fn add(desk: &Desk, input: Add) -> Result<Value> {
    let order = Order::load(&input.order)?;
    if !order.is_open() {
        return refuse("state_refused", "services are added while the order is open");
    }
    if let Some(owner) = &input.owner {
        people::must_work_here(&order.org, "/owner", owner)?;
    }
    let price = input.tariff.as_deref().map(|tariff| published(desk, tariff)).transpose()?;
    let fee = input.fee.or(price.as_ref().map(|price| price.price)).unwrap_or(0);
    match &price {
        None if fee > 0 => return refuse_at("fee_not_in_tariff", "/fee", "a fee follows a published price: choose it"),
        Some(price) if fee > price.price => {
            return refuse_at(
                "above_marked",
                "/fee",
                format!("{} is marked {} fen: charge no more", price.name, price.price),
            );
        }
        _ => {}
    }
    let name = input.name.or(price.map(|price| price.name));
    let name = name.unwrap_or_else(|| texts::text(&desk.call.locale, &format!("item.{}", input.kind)));
    let id = new_id();
    record::create(KIND)
        .id(&id)
        .org(&order.org)
        .fields(said(json!({
            "order": order.id, "customer": order.customer(), "kind": input.kind, "name": name, "fee": fee, "tariff": input.tariff,
            "owner": input.owner.as_deref().unwrap_or(order.owner()),
        })))
        .stage()?;
    Ok(json!({ "id": id, "fee": fee }))
}

/// What is done with one: begun, finished, dropped.
pub fn go(desk: &Desk, transition: &str, id: &str, input: Go) -> Result<Value> {
    let item = view::require::<Data>(KIND, id)?;
    let done = (transition == "finish").then(|| desk.now());
    record::mov(KIND, id, transition)
        .if_rev(item.rev)
        .fields(said(json!({ "note": input.note, "done_at": done })))
        .stage()?;
    Ok(json!({ "id": id }))
}

/// Nothing more is done for an order that is off.
pub fn drop_all(order: &Order, note: &str) -> Result<()> {
    let open = Filter::eq("order", order.id.as_str()).and(Filter::is_in("state", ["todo", "doing"]));
    for item in view::find::<Data>(KIND).filter(open).up_to(MOST)? {
        let note: String = note.chars().take(300).collect();
        record::mov(KIND, &item.id, "drop").if_rev(item.rev).field("note", note).stage()?;
    }
    Ok(())
}

fn published(desk: &Desk, id: &str) -> Result<Price> {
    let found = theirs(view::find::<Price>("quotes.price").filter(Filter::eq("id", id)))?;
    let Some(price) = found.map(|found| found.data) else {
        return refuse_at("price_unknown", "/tariff", format!("there is no price {id:?} here: choose one of a list"));
    };
    if !matches!(price.kind.as_str(), "insurance" | "registration" | "finance_cost" | "service_package") {
        return refuse_at("price_unknown", "/tariff", format!("{} is no service: choose a fee", price.name));
    }
    let list = view::get::<PriceList>("quotes.price_list", &price.list)?.map(|list| list.data).unwrap_or_default();
    let is_in_force = list.state == "published"
        && list.valid_from.is_some_and(|from| from <= desk.today)
        && list.valid_to.is_none_or(|to| desk.today <= to);
    if is_in_force {
        return Ok(price);
    }
    refuse_at("list_not_in_force", "/tariff", format!("the list that {} is in is not in force today", price.name))
}
