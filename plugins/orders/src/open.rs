//! An order begins: with the quote the customer has accepted, or by a manager where there was none.

use marque_sdk::{Data, Event, Filter, Id, Outcome, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at},
    item,
    order::{KIND, Order, said},
    people, task,
};

/// Input of `open`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    customer: Id,
    model: String,
    config: Option<String>,
    amount: i64,
    lead: Option<Id>,
    owner: Option<Id>,
}

/// A customer has accepted a quote: its order is there to be signed. Heard twice it is one.
pub fn accepted(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(quote) = event.record() else { return Ok(Outcome::Skip) };
    let Some(found) = view::get::<Data>(&quote.kind, &quote.id)? else { return Ok(Outcome::Skip) };
    if view::find::<Value>(KIND).filter(Filter::eq("quote_slot", quote.id.as_str())).exists()? {
        return Ok(Outcome::Skip);
    }
    let field = |name: &str| found.data.get(name).cloned().unwrap_or_default();
    if field("state") != "accepted" {
        return Ok(Outcome::Skip);
    }
    let data = said(json!({
        "customer": field("customer"), "lead": field("lead"), "quote": quote.id, "quote_slot": quote.id, "owner": field("owner"),
        "brand": field("brand"), "model": field("model"), "config": field("config"), "lines": field("lines"), "amount": field("total"),
    }));
    begin(desk, found.org, data)?;
    Ok(Outcome::Done)
}

/// A manager takes an order without a quote.
pub fn open(desk: &Desk, input: Open) -> Result<Value> {
    let Some(me) = desk.me() else { return refuse("person_missing", "an order is taken by somebody: sign in") };
    let Some(customer) = view::get::<Value>("customer", &input.customer)? else {
        return refuse_at("customer_unknown", "/customer", "there is no such customer in your organisation");
    };
    if let Some(owner) = &input.owner {
        people::must_work_here(&customer.org, "/owner", owner)?;
    }
    let line = json!([{
        "kind": "vehicle", "code": "", "name": input.model, "qty": 1, "list": input.amount, "discount": 0, "net": input.amount,
    }]);
    let data = said(json!({
        "customer": input.customer, "lead": input.lead, "owner": input.owner.as_deref().unwrap_or(me), "model": input.model,
        "config": input.config, "amount": input.amount, "lines": line,
    }));
    let id = begin(desk, customer.org, data)?;
    Ok(json!({ "id": id }))
}

fn begin(desk: &Desk, org: Id, mut data: Data) -> Result<Id> {
    let amount = data.get("amount").cloned().unwrap_or_default();
    data.extend(said(json!({ "paid": 0, "balance": amount, "history": [{ "state": "draft", "at": desk.now() }] })));
    let mut order = Order { id: new_id(), rev: None, org, data };
    let due = desk.after(&desk.settings.step_within)?;
    let task = task::open(desk, &order, "orders.sign", order.owner(), &due)?;
    order.data.extend(said(json!({ "task": task, "due": due })));
    record::create(KIND).id(&order.id).org(&order.org).fields(&order.data).stage()?;
    item::from_lines(&order)?;
    Ok(order.id)
}
