//! What the sales desk does is seen on the lead: a quote takes it to that stage, a signed order, its cancellation and the hand-over move it.

use marque_sdk::{Data, Date, Event, Id, Outcome, Result, json, view};
use serde::Deserialize;

use crate::{
    assist, contact,
    desk::Desk,
    flow::{self, Onward},
    lead::{KIND, Lead, patch},
    level, moment, score, task, texts,
};

/// What of a quote or an order counts here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sale {
    lead: Option<Id>,
    number: Option<String>,
    model: Option<String>,
    total: Option<i64>,
    amount: Option<i64>,
    ordered_at: Option<String>,
    delivered_at: Option<String>,
}

/// Stages a quote takes a lead on from; later ones stay.
const BEFORE_QUOTE: [&str; 3] = ["enquiry", "filed", "test_drive"];

/// Answers events of quotes and orders. A lead that is elsewhere by now stays where it is.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    let Some(sale) = view::get::<Sale>(&about.kind, &about.id)?.map(|sale| sale.data) else { return Ok(Outcome::Skip) };
    let Some(lead) = sale.lead.as_deref() else { return Ok(Outcome::Skip) };
    let Some(lead) = view::get::<Data>(KIND, lead)?.map(Lead::from) else { return Ok(Outcome::Skip) };
    match (event.kind.as_str(), lead.state()) {
        ("quotes.quote.issued" | "quotes.quote.approved", "qualified") => quoted(desk, &lead, &sale),
        ("orders.order.signed", "qualified") => ordered(desk, &lead, sale),
        ("orders.order.cancelled", "ordered") => cancelled(desk, &lead, &sale),
        ("orders.order.delivered", "ordered") => delivered(desk, &lead, sale),
        _ => Ok(Outcome::Skip),
    }
}

fn quoted(desk: &Desk, lead: &Lead, sale: &Sale) -> Result<Outcome> {
    let mut data = patch(json!({ "amount": sale.total }));
    if BEFORE_QUOTE.contains(&lead.text("stage").unwrap_or("enquiry")) {
        data.insert("stage".into(), "quote".into());
    }
    data.retain(|field, value| lead.data.get(field) != Some(value));
    if data.is_empty() {
        return Ok(Outcome::Skip);
    }
    let judgement = score::judge(desk, &lead.with(&data))?;
    data.extend(judgement.data.clone());
    let receipts = judgement.receipts();
    flow::go(desk, lead, Onward { data, receipts, ..Onward::default() })?;
    Ok(Outcome::Done)
}

fn ordered(desk: &Desk, lead: &Lead, sale: Sale) -> Result<Outcome> {
    let due = contact::progress_due(desk)?;
    let mut data = patch(json!({ "order_no": sale.number, "model": sale.model, "amount": sale.amount }));
    data.retain(|_, value| !value.is_null());
    let at = sale.ordered_at.unwrap_or_else(|| desk.now().to_owned());
    data.extend(patch(json!({ "stage": "order", "ordered_at": at, "commission": assist::split(desk, lead)? })));
    let next = Some(task::Plan { step: "leads.progress", owner: lead.owner(), due: &due });
    task::end(desk, lead, &["leads.re_evaluate"], "not_needed")?;
    flow::go(desk, lead, Onward { transition: Some("order"), data, next, ..Onward::default() })?;
    Ok(Outcome::Done)
}

/// The lead is followed up as before, with nothing of that order left on it.
fn cancelled(desk: &Desk, lead: &Lead, sale: &Sale) -> Result<Outcome> {
    if lead.text("order_no").is_some() && lead.text("order_no") != sale.number.as_deref() {
        return Ok(Outcome::Skip);
    }
    let note = texts::text(&desk.call.locale, "word.order_cancelled");
    let mut data = patch(
        json!({ "stage": "negotiation", "end_note": note, "ordered_at": null, "order_no": null, "commission": null }),
    );
    if let Some(level) = lead.text("level") {
        data.extend(level::set(desk, level)?);
    }
    let due = moment::end_of(Date::today(&desk.call)?.plus_days(1), &desk.call)?;
    let next = Some(task::Plan { step: "leads.follow_up", owner: lead.owner(), due: &due });
    flow::go(desk, lead, Onward { transition: Some("cancel_order"), data, next, ..Onward::default() })?;
    Ok(Outcome::Done)
}

fn delivered(desk: &Desk, lead: &Lead, sale: Sale) -> Result<Outcome> {
    let at = sale.delivered_at.unwrap_or_else(|| desk.now().to_owned());
    let data = patch(json!({ "stage": "delivery", "delivered_at": at, "ended_at": at }));
    flow::go(desk, lead, Onward { transition: Some("deliver"), data, ..Onward::default() })?;
    Ok(Outcome::Done)
}
