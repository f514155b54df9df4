//! The one way an order goes on: its state, its history, the next step's task in place of the last one's, news for the customer, its clocks.

use marque_sdk::{Data, Result, Value, info, json, timer};

use crate::{
    clock,
    desk::{Desk, refuse},
    news,
    order::{Order, patch, reached},
    task,
};

/// Takes an order on and answers it as it then is.
pub fn go(desk: &Desk, order: &Order, transition: &str, mut data: Data) -> Result<Order> {
    let state = reached(transition);
    let mut after = order.with(&data);
    after.data.insert("state".into(), state.into());
    data.insert("history".into(), history(desk, order, state));
    task::end_step(desk, order, if state == "cancelled" { "not_needed" } else { "done" })?;
    match task::STEPS.iter().find(|(one, _)| *one == state) {
        Some((_, step)) => {
            let due = due(desk, &after, step)?;
            let id = task::open(desk, &after, step, after.owner(), &due)?;
            data.extend(patch(json!({ "task": id, "due": due })));
        }
        None => {
            task::end_beside(desk, order, &["orders.delay_call", "orders.new_day", "orders.call"], "not_needed")?;
            data.extend(patch(json!({ "task": null, "due": null, "tell_by": null })));
        }
    }
    // Of a draft that comes to nothing the customer has not heard.
    if news::TOLD.contains(&state) && !(order.state() == "draft" && state == "cancelled") {
        data.extend(news::tell(desk, &after, &format!("news.{state}"), None)?);
    }
    // A record that is being made has no fields to empty.
    if order.rev.is_none() {
        data.retain(|_, value| !value.is_null());
    }
    order.move_to(transition, &data).stage()?;
    let mut after = order.with(&data);
    after.data.insert("state".into(), state.into());
    if order.is_open() && !after.is_open() {
        for clock in [clock::PROMISE, clock::TELL] {
            timer::cancel(&format!("{clock}:{}", order.id)).stage()?;
        }
    }
    Ok(after)
}

/// By when a step is done: what is waited for by the promised day, everything else within the dealer's span.
pub fn due(desk: &Desk, order: &Order, step: &str) -> Result<String> {
    let soon = desk.after(&desk.settings.step_within)?;
    let promised = order.some("promised_at").filter(|_| step == "orders.await");
    let Some(promised) = promised else { return Ok(soon) };
    let evening = info::due(&format!("{promised}T01:00:00.000Z"), "9h")?;
    Ok(evening.max(soon))
}

/// Refuses what the state does not allow, in words.
pub fn must_be(order: &Order, states: &[&str]) -> Result<()> {
    if states.contains(&order.state()) {
        return Ok(());
    }
    refuse(
        "state_refused",
        format!("the order is {:?}; this is done while it is one of {}", order.state(), states.join(", ")),
    )
}

fn history(desk: &Desk, order: &Order, state: &str) -> Value {
    let mut history: Vec<Value> = order.values("history").cloned().collect();
    history.push(json!({ "state": state, "at": desk.now() }));
    Value::Array(history)
}
