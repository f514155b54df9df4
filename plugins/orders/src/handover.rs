//! The hand-over: nothing is closed while a document is missing, something was not explained, or a promise is overdue.

use marque_sdk::{Data, Fault, Filter, Id, Result, Value, info, json, timer, view};
use serde::Deserialize;

use crate::{
    clock,
    desk::{Desk, refuse, refuse_at, theirs},
    flow,
    order::{Order, patch, said},
    people, unit,
};

/// Input of `tick`, and part of that of `deliver`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Ticks {
    documents: Vec<String>,
    explanations: Vec<String>,
    advisor: Option<Id>,
    ceremony: Option<bool>,
    photo_consent: Option<bool>,
}

/// Input of `deliver`.
#[derive(Deserialize)]
pub struct Deliver {
    #[serde(flatten)]
    ticks: Ticks,
    invoice_no: Option<String>,
    plate: Option<String>,
    odometer: Option<i64>,
}

/// Input of `plan`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    at: String,
}

/// A time is set for the hand-over.
pub fn plan(desk: &Desk, order: &Order, input: Plan) -> Result<()> {
    flow::must_be(order, &["arrived", "pdi_passed", "fully_paid"])?;
    let at = info::due(&input.at, "0m")
        .map_err(|_| Fault::at("time_invalid", "/at", format!("{:?} is not a moment", input.at)))?;
    if at.as_str() <= desk.now() {
        return refuse_at("time_past", "/at", format!("{at} has passed: plan a later time"));
    }
    order.change(&patch(json!({ "planned_at": at }))).stage()
}

/// Ticks what is done by now.
pub fn tick(order: &Order, input: Ticks) -> Result<()> {
    order.change(&ticked(order, &input)?).stage()
}

/// Hands over the car, when everything is there.
pub fn deliver(desk: &Desk, order: &Order, input: Deliver) -> Result<()> {
    flow::must_be(order, &["fully_paid"])?;
    let mut data = ticked(order, &input.ticks)?;
    data.extend(said(json!({
        "invoice_no": input.invoice_no, "plate": input.plate, "odometer": input.odometer, "delivered_at": desk.now(),
        "handed_by": desk.me(), "at_risk": false,
    })));
    let after = order.with(&data);
    must_be_complete(desk, &after)?;
    flow::go(desk, order, "deliver", data)?;
    unit::sold(desk, order)?;
    timer::set(&format!("{}:{}", clock::CLOSE, order.id), &desk.after(&desk.settings.close_after)?)
        .subject(order.customer())
        .field("order", &order.id)
        .stage()
}

fn ticked(order: &Order, ticks: &Ticks) -> Result<Data> {
    if let Some(advisor) = &ticks.advisor {
        people::must_work_here(&order.org, "/advisor", advisor)?;
    }
    let mut data = said(json!({
        "advisor": ticks.advisor, "ceremony": ticks.ceremony, "photo_consent": ticks.photo_consent,
    }));
    for (field, more) in [("documents", &ticks.documents), ("explanations", &ticks.explanations)] {
        let mut all = order.list(field);
        all.extend(more.iter().filter(|one| !order.list(field).contains(one)).cloned());
        data.insert(field.into(), json!(all));
    }
    Ok(data)
}

fn must_be_complete(desk: &Desk, order: &Order) -> Result<()> {
    let lists: [(&str, &str, Vec<&str>); 2] = [
        ("documents", "documents_missing", desk.settings.documents().collect()),
        ("explanations", "explanations_missing", desk.settings.explanations().collect()),
    ];
    for (field, code, needed) in lists {
        let there = order.list(field);
        let missing: Vec<&str> = needed.into_iter().filter(|one| !there.iter().any(|code| code == one)).collect();
        if !missing.is_empty() {
            let message =
                format!("{} missing in {field}: hand it over, or explain it, and tick it", missing.join(", "));
            return refuse_at(code, &format!("/{field}"), message);
        }
    }
    if order.some("invoice_no").is_none() {
        return refuse_at("invoice_missing", "/invoice_no", "no invoice is noted: write its number");
    }
    if order.some("advisor").is_none() {
        return refuse_at("advisor_missing", "/advisor", "no service advisor was introduced: introduce one");
    }
    file_complete(desk, order)?;
    promises_kept(desk, order)
}

/// The owner's file has what the dealer wants of every owner. A company has its own code in place of a person's things.
fn file_complete(desk: &Desk, order: &Order) -> Result<()> {
    let customer = view::require::<Data>("customer", order.customer())?.data;
    let missing: Vec<&str> = desk
        .settings
        .owner_fields
        .iter()
        .map(String::as_str)
        .filter(|field| !customer.get(*field).is_some_and(|value| !value.is_null() && value != ""))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    refuse("file_incomplete", format!("the owner's file lacks {}: complete it first", missing.join(", ")))
}

/// Nobody hands over a car while a promise to the customer is overdue.
fn promises_kept(desk: &Desk, order: &Order) -> Result<()> {
    let overdue =
        Filter::eq("customer", order.customer()).and(Filter::eq("state", "open")).and(Filter::lt("due", desk.now()));
    if theirs(view::find::<Value>("leads.promise").filter(overdue))?.is_none() {
        return Ok(());
    }
    refuse(
        "promise_overdue",
        "a promise to the customer is overdue: keep it, or note why not, before handing over the car",
    )
}
