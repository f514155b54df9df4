//! The task of the step an order is in: one begins as the last one ends, so that no order is ever left alone.

use marque_sdk::{Data, Filter, Id, Record, Result, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, theirs},
    order::{KIND, Order},
    texts,
};

const TASK: &str = "worklist.task";

/// Steps an order is in, one at a time, by state.
pub const STEPS: [(&str, &str); 13] = [
    ("draft", "orders.sign"),
    ("signed", "orders.deposit"),
    ("deposit_paid", "orders.allocate"),
    ("allocated", "orders.await"),
    ("scheduled", "orders.await"),
    ("on_line", "orders.await"),
    ("painting", "orders.await"),
    ("in_warehouse", "orders.await"),
    ("in_transit", "orders.await"),
    ("arrived", "orders.check"),
    ("pdi_failed", "orders.repair"),
    ("pdi_passed", "orders.settle"),
    ("fully_paid", "orders.deliver"),
];
/// What is asked for beside the step.
pub const BESIDE: [&str; 4] = ["orders.delay_call", "orders.refund", "orders.new_day", "orders.call"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Task {
    step: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Customer {
    name: String,
}

/// Makes a task about an order; the order ends it, not its owner.
pub fn open(desk: &Desk, order: &Order, step: &str, owner: &str, due: &str) -> Result<Id> {
    let id = new_id();
    let name = view::get::<Customer>("customer", order.customer())?.map_or_else(String::new, |found| found.data.name);
    record::create(TASK)
        .id(id.as_str())
        .org(order.org.as_str())
        .field("title", texts::title(&desk.call.locale, step, &name))
        .field("step", step)
        .field("owner", owner)
        .field("due", due)
        .field("customer", order.customer())
        .field("about_kind", KIND)
        .field("about", &order.id)
        .field("held", true)
        .stage()?;
    Ok(id)
}

fn of(order: &Order) -> Result<Vec<Record<Task>>> {
    let about = Filter::eq("about", order.id.as_str()).and(Filter::eq("state", "open"));
    if theirs(view::find::<Data>(TASK).filter(about.clone()))?.is_none() {
        return Ok(Vec::new());
    }
    Ok(view::find::<Task>(TASK).filter(about).limit(100).page()?.items)
}

/// Ends the open task of the step an order is in.
pub fn end_step(desk: &Desk, order: &Order, outcome: &str) -> Result<()> {
    end(desk, order, outcome, |step| STEPS.iter().any(|(_, one)| *one == step))
}

/// Ends open tasks beside the step.
pub fn end_beside(desk: &Desk, order: &Order, steps: &[&str], outcome: &str) -> Result<()> {
    end(desk, order, outcome, |step| steps.contains(&step))
}

fn end(desk: &Desk, order: &Order, outcome: &str, is_meant: impl Fn(&str) -> bool) -> Result<()> {
    for task in of(order)?.into_iter().filter(|task| is_meant(&task.data.step)) {
        let end = record::mov(TASK, &task.id, "complete").field("outcome", outcome).field("done_at", desk.now());
        desk.me().into_iter().fold(end, |end, me| end.field("done_by", me)).stage()?;
    }
    Ok(())
}

/// Moves the open task of the step to another time.
pub fn shift(order: &Order, step: &str, due: &str) -> Result<bool> {
    let mut is_moved = false;
    for task in of(order)?.into_iter().filter(|task| task.data.step == step) {
        record::change(TASK, &task.id).field("due", due).stage()?;
        is_moved = true;
    }
    Ok(is_moved)
}
