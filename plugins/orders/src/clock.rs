//! What happens when a clock rings: the customer hears again, a promised day was missed, a delivered order closes.

use marque_sdk::{Data, Date, Outcome, RecordRef, Result, Value, event, event::Fired, json, view};

use crate::{
    desk::Desk,
    flow, news,
    order::{KIND, Order, patch},
    task,
};

/// Names of clocks; each order has one of each.
pub const TELL: &str = "tell";
pub const PROMISE: &str = "promise";
pub const CLOSE: &str = "close";

/// Answers a timer. One that was set before the order went on is late and says nothing.
pub fn ring(desk: &Desk, fired: &Fired) -> Result<Outcome> {
    let id = fired.data.get("order").and_then(Value::as_str).unwrap_or_default();
    let Some(order) = view::get::<Data>(KIND, id)?.map(Order::from) else { return Ok(Outcome::Skip) };
    match fired.key.split_once(':').map_or("", |(clock, _)| clock) {
        TELL => tell(desk, &order),
        PROMISE => missed(desk, &order),
        CLOSE => close(desk, &order),
        _ => Ok(Outcome::Skip),
    }
}

fn tell(desk: &Desk, order: &Order) -> Result<Outcome> {
    if !order.is_waiting() || order.text("tell_by") > desk.now() {
        return Ok(Outcome::Skip);
    }
    order.change(&news::still(desk, order)?).stage()?;
    Ok(Outcome::Done)
}

/// The promised day has passed without the car: its consultant calls the same day, and everybody sees the risk.
fn missed(desk: &Desk, order: &Order) -> Result<Outcome> {
    let promised: Option<Date> = order.some("promised_at").and_then(|day| day.parse().ok());
    if !order.is_waiting() || promised.is_none_or(|day| desk.today <= day) || order.some("delayed_at").is_some() {
        return Ok(Outcome::Skip);
    }
    let due = desk.after(&desk.settings.delay_call)?;
    task::open(desk, order, "orders.delay_call", order.owner(), &due)?;
    order.change(&patch(json!({ "delayed_at": desk.now(), "at_risk": true }))).stage()?;
    event::raise("orders.order.delayed")
        .subject(order.customer())
        .record(&RecordRef { kind: KIND.into(), id: order.id.clone(), rev: order.rev.unwrap_or(1) })
        .field("promised_at", order.text("promised_at"))
        .field("owner", order.owner())
        .stage()?;
    Ok(Outcome::Done)
}

fn close(desk: &Desk, order: &Order) -> Result<Outcome> {
    if order.state() != "delivered" {
        return Ok(Outcome::Skip);
    }
    flow::go(desk, order, "close", patch(json!({ "closed_at": desk.now() })))?;
    Ok(Outcome::Done)
}
