//! News for the customer: at every step, and at least every seven days while they wait.

use marque_sdk::{Data, Result, event, json, message, page::Link, timer, view};
use serde::Deserialize;

use crate::{
    clock,
    desk::{Desk, refuse},
    order::{Order, patch},
    task, texts,
};

/// Steps the customer is told of by message.
pub const TOLD: [&str; 13] = [
    "signed",
    "deposit_paid",
    "allocated",
    "scheduled",
    "on_line",
    "painting",
    "in_warehouse",
    "in_transit",
    "arrived",
    "pdi_passed",
    "fully_paid",
    "delivered",
    "cancelled",
];

/// Nobody waits longer for news, whatever the settings say.
const MOST: &str = "7d";

/// Input of `tell`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tell {
    note: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Customer {
    name: String,
    phone: Option<String>,
    email: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Org {
    name: String,
}

/// Tells the customer, and says when they hear next; the fields that say so.
pub fn tell(desk: &Desk, order: &Order, key: &str, note: Option<&str>) -> Result<Data> {
    let customer = view::get::<Customer>("customer", order.customer())?.map(|found| found.data).unwrap_or_default();
    let body = body(desk, order, &customer, key, note)?;
    let channel = match (&customer.phone, &customer.email) {
        (Some(_), _) => Some("sms"),
        (None, Some(_)) => Some("email"),
        (None, None) => None,
    };
    let mut data = Data::new();
    match channel {
        Some(channel) => {
            let message = message::serve(order.customer(), channel, &body).template("orders.progress");
            let has_place = body.contains("{progress}");
            let message = if has_place { message.link("progress", Link::new("progress", &order.id)) } else { message };
            if channel == "email" {
                message.subject(&texts::text("zh-CN", "word.subject")).stage()?
            } else {
                message.stage()?
            }
            data.extend(patch(json!({ "told_at": desk.now(), "n_told": order.number("n_told") + 1 })));
        }
        // Nobody can write to them: somebody calls.
        None => _ = task::open(desk, order, "orders.call", order.owner(), &desk.after("8bh")?)?,
    }
    if order.is_waiting() {
        data.extend(watch(desk, order)?);
    }
    Ok(data)
}

/// Winds the clock of the next news.
pub fn watch(desk: &Desk, order: &Order) -> Result<Data> {
    let next = desk.after(&desk.settings.tell_every)?.min(desk.after(MOST)?);
    timer::set(&format!("{}:{}", clock::TELL, order.id), &next)
        .subject(order.customer())
        .field("order", &order.id)
        .stage()?;
    Ok(patch(json!({ "tell_by": next })))
}

/// Somebody tells the customer how it stands, with a word of their own.
pub fn again(desk: &Desk, order: &Order, input: Tell) -> Result<()> {
    if !order.is_waiting() {
        return refuse("state_refused", "nobody waits for this order: there is nothing to tell");
    }
    let data = tell(desk, order, &format!("still.{}", order.state()), input.note.as_deref())?;
    task::end_beside(desk, order, &["orders.call"], "done")?;
    order.change(&data).stage()?;
    event::raise("orders.order.told").subject(order.customer()).field("state", order.state()).stage()
}

fn body(desk: &Desk, order: &Order, customer: &Customer, key: &str, note: Option<&str>) -> Result<String> {
    let org = view::get::<Org>("org", &order.org)?;
    let dealer = org.map_or_else(|| desk.call.org_name.clone(), |org| org.data.name);
    let mut news = texts::text("zh-CN", key);
    if news == key {
        news = texts::text("zh-CN", "still");
    }
    if let Some(note) = note.map(str::trim).filter(|note| !note.is_empty()) {
        news = format!("{news}，{note}");
    }
    let promised = order.some("promised_at").unwrap_or("待定");
    let template = match order.state() {
        "delivered" | "cancelled" => texts::text("zh-CN", "word.last"),
        _ => desk.settings.message.clone(),
    };
    Ok([
        ("{name}", customer.name.as_str()),
        ("{model}", order.text("model")),
        ("{number}", order.text("number")),
        ("{news}", news.as_str()),
        ("{promised}", promised),
        ("{dealer}", dealer.as_str()),
    ]
    .iter()
    .fold(template, |text, (name, value)| text.replace(name, value)))
}

/// What is told in seven days without anything new.
pub fn still(desk: &Desk, order: &Order) -> Result<Data> {
    tell(desk, order, &format!("still.{}", order.state()), None)
}
