//! The promised day is moved: with a reason, a word to the customer, and every earlier day kept.

use marque_sdk::{RecordRef, Result, Value, event, json};
use serde::Deserialize;

use crate::{
    desk::{self, Desk, refuse, refuse_at},
    flow, news,
    order::{KIND, Order, patch},
    sign, task,
};

/// Input of `change_promise`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    promised_at: String,
    reason: String,
    #[serde(default)]
    called: bool,
}

/// Promises another day. After a missed one the customer is called, not only written to.
pub fn change(desk: &Desk, order: &Order, input: Change) -> Result<()> {
    if !order.is_waiting() {
        return refuse("state_refused", "a day is promised from the contract to the hand-over");
    }
    let day = desk::day("/promised_at", &input.promised_at)?;
    if day < desk.today {
        return refuse_at("day_past", "/promised_at", format!("{day} has passed: promise a day from {}", desk.today));
    }
    if order.text("promised_at") == day.to_string() {
        return refuse_at("day_same", "/promised_at", format!("{day} is promised already: name another day"));
    }
    if order.some("delayed_at").is_some() && !input.called {
        return refuse_at(
            "call_first",
            "/called",
            "the promised day was missed: call the customer, then note the new day",
        );
    }
    let mut promises: Vec<Value> = order.values("promises").cloned().collect();
    promises.push(json!({
        "from": order.some("promised_at"), "to": day, "reason": input.reason, "at": desk.now(), "by": desk.me(),
    }));
    let mut data = patch(json!({
        "promised_at": day, "promises": promises, "n_promises": order.number("n_promises") + 1, "delayed_at": null,
    }));
    let after = order.with(&data);
    data.extend(news::tell(desk, &after, "news.promise", Some(&input.reason))?);
    let step = task::STEPS.iter().find(|(state, _)| *state == order.state()).map_or("", |(_, step)| step);
    if step == "orders.await" {
        let due = flow::due(desk, &after, step)?;
        task::shift(order, step, &due)?;
        data.insert("due".into(), json!(due));
    }
    task::end_beside(desk, order, &["orders.delay_call", "orders.new_day"], "done")?;
    order.change(&data).stage()?;
    event::raise("orders.order.promise_changed")
        .subject(order.customer())
        .record(&RecordRef { kind: KIND.into(), id: order.id.clone(), rev: order.rev.unwrap_or(1) })
        .field("promised_at", day)
        .stage()?;
    sign::watch(&after, day)
}
