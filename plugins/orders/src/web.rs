//! The customer's page: how far the car is, when it is promised, what is paid. Nothing on it tells who the customer is.

use marque_sdk::{
    Date, Result, Value, json,
    page::{Link, Page, both},
};

use crate::{
    desk::Desk,
    order::Order,
    texts::{text, words},
};
use marque_sdk::money::yuan;

/// Draws the page. There is nothing to fill in.
pub fn progress(desk: &Desk, order: &Order) -> Result<Value> {
    let mut page = Page::new(words("web.title"))
        .intro(words(&format!("web.{}", stage(order))))
        .fact(words("web.number"), order.text("number"))
        .fact(
            words("web.car"),
            format!("{} {} {}", order.text("model"), order.text("config"), order.text("colour")).trim(),
        )
        .fact(words("web.state"), words(&format!("state.{}", order.state())));
    if order.is_waiting() {
        page = page.fact(words("web.promised"), order.text("promised_at"));
    }
    for step in order.values("history") {
        let (state, at) = (step["state"].as_str().unwrap_or_default(), step["at"].as_str().unwrap_or_default());
        if state != "draft" {
            page = page.fact(words(&format!("state.{state}")), Date::of(at, &desk.call)?.to_string());
        }
    }
    if order.is_waiting() {
        page =
            page.fact(words("web.paid"), yuan(order.number("paid"))).fact(words("web.balance"), yuan(order.balance()));
    }
    let contact = both(
        &format!("{}，{}", desk.call.org_name, text("zh-CN", "web.help")),
        &format!("{}, {}", desk.call.org_name, text("en", "web.help")),
    );
    Ok(page.fact(words("web.dealer"), contact).reply())
}

/// The link, for a code on the screen.
pub fn share(order: &Order) -> Value {
    json!({ "id": order.id, "links": { "progress": Value::from(Link::new("progress", &order.id)) } })
}

fn stage(order: &Order) -> &'static str {
    match order.state() {
        "delivered" | "closed" => "delivered",
        "cancelled" | "returned" => "off",
        _ => "waiting",
    }
}
