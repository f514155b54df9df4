//! What it costs and the customer's word: an estimate, another one for each extra work, given on a signed page, by telephone or in person.

use marque_sdk::{Data, Result, Value, json, new_id, page::Link, record};
use serde::Deserialize;

use crate::{
    desk::{Desk, must_be, refuse, refuse_at},
    file::{APPROVAL, File, LINE, ORDER, given, patch},
    flow::{self, Onward},
    lines::{self, NewLine},
    moment,
    money::{self, Totals},
    tell, texts,
};

/// Input of `estimate` and `extra`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ask {
    promised_ready: Option<String>,
    lines: Vec<NewLine>,
    send: Option<bool>,
}

/// Puts the price before the customer.
pub fn estimate(desk: &Desk, order: &File, input: &Ask) -> Result<Value> {
    must_be(order, &["inspected"])?;
    ask(desk, order, input, ("estimate", "estimated"), "planned")
}

/// Something else was found: it needs a word of its own, with its time and amount.
pub fn extra(desk: &Desk, order: &File, input: &Ask) -> Result<Value> {
    must_be(order, &["in_repair", "waiting_parts"])?;
    ask(desk, order, input, ("extend", "estimated"), "extra")
}

fn ask(desk: &Desk, order: &File, input: &Ask, transition: (&str, &str), state: &str) -> Result<Value> {
    let mut all = lines::of(&order.id)?;
    let new = lines::prepare(desk, order, &input.lines, all.last().map_or(0, |line| line.number("n")), state)?;
    lines::create(&new)?;
    all.extend(new);
    if all.is_empty() {
        return refuse_at("lines_missing", "/lines", "nothing is to be done yet: add lines first");
    }
    if transition.0 == "extend" && !all.iter().any(|line| line.state() == "extra") {
        return refuse_at("lines_missing", "/lines", "say which extra work: nothing new is on the order");
    }
    let promised = promise(desk, order, input.promised_ready.as_deref())?;
    let approval = put(desk, order, &all, promised.as_deref())?;
    let mut data = lines::totals(desk, order, &all);
    data.extend(given(json!({
        "approval": approval.id, "approval_open": true, "rounds": approval.number("round"), "estimated_at": desk.now(),
        "promised_ready": promised, "late": promised.as_ref().map(|_| false),
    })));
    waited(desk, order, &mut data)?;
    let after = flow::go(desk, order, Onward { transition: Some(transition), data, ..Onward::default() })?;
    let is_told = input.send == Some(true) && tell::estimate(desk, &after, &approval)?;
    let link = Link::new("approve", approval.id.as_str());
    Ok(json!({
        "id": order.id, "approval": approval.id, "amount": approval.number("amount"), "round": approval.number("round"),
        "told": is_told, "links": { "approve": Value::from(link) },
    }))
}

/// Minutes that the car has waited for parts, once it goes on.
pub fn waited(desk: &Desk, order: &File, data: &mut Data) -> Result<()> {
    if let Some(since) = order.text("waiting_since").filter(|_| order.state() == "waiting_parts") {
        let more = moment::minutes(desk.now())? - moment::minutes(since)?;
        data.insert("waited_minutes".into(), (order.number("waited_minutes") + more.max(0)).into());
        data.insert("waiting_since".into(), Value::Null);
    }
    Ok(())
}

fn promise(desk: &Desk, order: &File, said: Option<&str>) -> Result<Option<String>> {
    let Some(said) = said else {
        return match order.text("promised_ready") {
            Some(_) => Ok(None),
            None => refuse_at("promise_missing", "/promised_ready", "say when the car will be ready"),
        };
    };
    let at = moment::parse("/promised_ready", said)?;
    if at.as_str() <= desk.now() {
        return refuse_at("promise_past", "/promised_ready", format!("{at} has passed: promise a time to come"));
    }
    Ok(Some(at))
}

/// Stages the estimate as the customer sees it, and takes back the one before.
fn put(desk: &Desk, order: &File, all: &[File], promised: Option<&str>) -> Result<File> {
    let round = order.number("rounds") + 1;
    let totals = Totals::of(all);
    if order.says("approval_open") {
        replace(order)?;
    }
    let told: Vec<Data> = all.iter().filter(|line| line.state() != "refused").map(told).collect();
    let what = texts::text(&desk.call.locale, "word.estimate");
    let number = order.text("number").unwrap_or_default();
    let data = given(json!({
        "title": format!("{number} {what} {round}").trim(), "order": order.id, "customer": order.text("customer"), "round": round,
        "extra": order.text("approved_at").is_some(), "amount": totals.customer, "total": totals.amount,
        "limit": money::most(totals.customer, desk.settings.over_percent), "lines": told,
        "promised_ready": promised.or(order.text("promised_ready")), "asked_at": desk.now(), "asked_by": desk.me(),
    }));
    let id = new_id();
    record::create(APPROVAL).id(id.as_str()).org(order.org.as_str()).fields(&data).stage()?;
    let mut made = File::new(APPROVAL, &id, &order.org, data);
    made.data.insert("state".into(), "asked".into());
    Ok(made)
}

/// A line as customers are told it: its origin among it, its cost not.
fn told(line: &File) -> Data {
    let fields = ["sort", "name", "hours", "qty", "origin", "payer", "amount", "state"];
    fields.iter().filter_map(|name| Some(((*name).to_owned(), line.data.get(*name)?.clone()))).collect()
}

fn replace(order: &File) -> Result<()> {
    let Some(id) = order.text("approval") else { return Ok(()) };
    let open = File::load(APPROVAL, id)?;
    if open.state() == "asked" { open.move_to("replace", &Data::new()).stage() } else { Ok(()) }
}

/// Takes an estimate back that has not been answered, to write another.
pub fn revise(desk: &Desk, order: &File) -> Result<Value> {
    must_be(order, &["estimated"])?;
    if order.text("approved_at").is_some() {
        return refuse("extra_out", "extra work was put before the customer: take down their answer");
    }
    replace(order)?;
    let data = patch(json!({ "approval_open": false }));
    flow::go(desk, order, Onward { transition: Some(("revise", "inspected")), data, ..Onward::default() })?;
    Ok(json!({ "id": order.id }))
}

/// Input of `approve` and `refuse`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    pub how: Option<String>,
    pub signed_name: Option<String>,
    pub note: Option<String>,
}

/// The customer agrees.
pub fn approve(desk: &Desk, order: &File, input: &Answer) -> Result<Value> {
    let open = asked(order)?;
    settle_answer(desk, &open, "give", input)?;
    for line in lines::of(&order.id)?.iter().filter(|line| line.is_in(&["planned", "extra"])) {
        record::change(LINE, &line.id).field("state", "approved").field("round", open.number("round")).stage()?;
    }
    let data = patch(json!({
        "approved_at": desk.now(), "approved_amount": open.number("amount"), "approval_open": false,
    }));
    // Work that was under way goes on at once.
    let goes_on = order.text("started_at").is_some() && order.text("technician").is_some();
    let onward = Onward { transition: Some(("approve", "approved")), data, is_passing: goes_on, ..Onward::default() };
    let mut after = flow::go(desk, order, onward)?;
    if goes_on {
        after = go_on(desk, &after)?;
    }
    Ok(json!({ "id": order.id, "state": after.state(), "approved_amount": open.number("amount") }))
}

fn go_on(desk: &Desk, order: &File) -> Result<File> {
    flow::go(desk, order, Onward { transition: Some(("start", "in_repair")), is_next: true, ..Onward::default() })
}

/// The customer does not agree: extra work is left, what was agreed before goes on; a first estimate is written anew or the order ends.
pub fn refuse_estimate(desk: &Desk, order: &File, input: &Answer) -> Result<Value> {
    let open = asked(order)?;
    settle_answer(desk, &open, "refuse", input)?;
    if order.text("approved_at").is_none() {
        let data = patch(json!({ "approval_open": false }));
        let onward = Onward { transition: Some(("revise", "inspected")), data, ..Onward::default() };
        let after = flow::go(desk, order, onward)?;
        return Ok(json!({ "id": order.id, "state": after.state() }));
    }
    let mut all = lines::of(&order.id)?;
    for line in all.iter_mut().filter(|line| line.state() == "extra") {
        record::change(LINE, &line.id).field("state", "refused").stage()?;
        line.data.insert("state".into(), "refused".into());
    }
    let mut data = lines::totals(desk, order, &all);
    data.extend(patch(json!({ "approval_open": false, "approved_at": order.text("approved_at"), "approved_amount": order.number("approved_amount") })));
    let onward = Onward { transition: Some(("approve", "approved")), data, is_passing: true, ..Onward::default() };
    let after = go_on(desk, &flow::go(desk, order, onward)?)?;
    Ok(json!({ "id": order.id, "state": after.state() }))
}

fn asked(order: &File) -> Result<File> {
    must_be(order, &["estimated"])?;
    let Some(id) = order.text("approval").filter(|_| order.says("approval_open")) else {
        return refuse("nothing_asked", "no estimate is before the customer: write one first");
    };
    let open = File::load(APPROVAL, id)?;
    if open.state() == "asked" { Ok(open) } else { refuse("already_answered", "this estimate was answered already") }
}

fn settle_answer(desk: &Desk, open: &File, transition: &str, input: &Answer) -> Result<()> {
    let how = input.how.as_deref().unwrap_or("in_person");
    if how == "signature" && input.signed_name.as_deref().is_none_or(|name| name.trim().is_empty()) {
        return refuse_at("name_missing", "/signed_name", "say who signed");
    }
    let data = given(json!({
        "answered_at": desk.now(), "how": how, "note": input.note.as_deref().map(str::trim).filter(|note| !note.is_empty()),
        "signed_name": input.signed_name.as_deref().map(str::trim).filter(|name| !name.is_empty()),
    }));
    open.move_to(transition, &data).stage()
}

/// The order of an estimate.
pub fn order_of(approval: &File) -> Result<File> {
    File::load(ORDER, approval.text("order").unwrap_or_default())
}
