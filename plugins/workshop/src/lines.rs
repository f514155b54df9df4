//! Lines of a work order: labour by the standard's hours, parts with their origin, who pays for each, and what they come to.

use marque_sdk::{Data, Filter, Id, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, must_be, refuse, refuse_at},
    file::{File, LINE, ORDER, given, patch},
    flow::{self, Onward},
    moment,
    money::{self, Totals},
    standard,
};

/// A line to be made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewLine {
    pub sort: Option<String>,
    pub code: Option<String>,
    pub name: Option<String>,
    pub part_no: Option<String>,
    pub hours: Option<f64>,
    pub qty: Option<f64>,
    pub price: Option<i64>,
    pub discount: Option<i64>,
    pub cost: Option<i64>,
    pub origin: Option<String>,
    pub payer: Option<String>,
    pub skill: Option<String>,
    pub skill_level: Option<i64>,
    pub part_state: Option<String>,
    pub eta: Option<String>,
    pub recall_car: Option<Id>,
    pub external_id: Option<String>,
}

/// Lines of one order; no order has more.
const MOST: usize = 500;
/// States in which lines are added and changed.
pub const CHANGEABLE: [&str; 6] = ["opened", "inspected", "estimated", "approved", "in_repair", "waiting_parts"];

/// The lines of an order, in their order.
pub fn of(order: &str) -> Result<Vec<File>> {
    let found = view::find::<Data>(LINE).filter(Filter::eq("order", order)).order("n").up_to(MOST)?;
    Ok(found.into_iter().map(File::from).collect())
}

/// New lines as they will be kept.
pub fn prepare(desk: &Desk, order: &File, new: &[NewLine], after: i64, state: &str) -> Result<Vec<File>> {
    let mut lines = Vec::new();
    for (n, line) in new.iter().enumerate() {
        let data = fields(desk, order, line, &format!("/lines/{n}"))?;
        let mut file = File::new(LINE, &new_id(), &order.org, data);
        file.data.extend(patch(json!({ "order": order.id, "n": after + n as i64 + 1, "state": state })));
        lines.push(file);
    }
    Ok(lines)
}

fn fields(desk: &Desk, order: &File, line: &NewLine, at: &str) -> Result<Data> {
    let standard = match line.code.as_deref() {
        Some(code) => standard::job(&order.org, code)?,
        None => None,
    };
    let is_part = line.sort.as_deref() == Some("part") || (line.sort.is_none() && line.part_no.is_some());
    let known = |field: &str| standard.as_ref().and_then(|job| job.data.get(field)).cloned().unwrap_or(Value::Null);
    let name = line.name.clone().map_or_else(|| known("name"), Value::from);
    if name.as_str().is_none_or(|name| name.trim().is_empty()) {
        return refuse_at("name_missing", &format!("{at}/name"), "say what is done, or name a code of the standard");
    }
    if is_part && line.origin.is_none() {
        let message = "say where the part comes from: customers are told by law";
        return refuse_at("origin_missing", &format!("{at}/origin"), message);
    }
    let hours = line.hours.or_else(|| known("hours").as_f64());
    let quantity = if is_part { line.qty.unwrap_or(1.0) } else { hours.unwrap_or(1.0) };
    let price = match line.price {
        Some(price) => price,
        None if is_part => return refuse_at("price_missing", &format!("{at}/price"), "say what the part costs"),
        None => desk.settings.labour_rate,
    };
    let amount = priced(desk, price, quantity, line.discount.unwrap_or(0), at)?;
    let mut data = given(json!({
        "sort": if is_part { "part" } else { "labour" }, "code": line.code, "name": name, "part_no": line.part_no,
        "price": price, "discount": line.discount.unwrap_or(0), "amount": amount, "cost": line.cost,
        "payer": line.payer.as_deref().or(order.text("payer")).unwrap_or("customer"),
        "recall_car": line.recall_car, "external_id": line.external_id,
    }));
    if is_part {
        let state = line.part_state.as_deref().unwrap_or("in_stock");
        data.extend(given(json!({ "qty": quantity, "origin": line.origin, "part_state": state, "eta": line.eta })));
    } else {
        let skill = line.skill.clone().map_or_else(|| known("skill"), Value::from);
        let level = line.skill_level.map_or_else(|| known("skill_level"), Value::from);
        data.extend(given(
            json!({ "hours": quantity, "skill": skill, "skill_level": level, "certificate": known("certificate") }),
        ));
    }
    Ok(data)
}

/// What a line comes to; a discount beyond the advisor's is the manager's to give.
fn priced(desk: &Desk, price: i64, quantity: f64, discount: i64, at: &str) -> Result<i64> {
    let gross = money::amount(price, money::hundredths(quantity), 0);
    if discount > gross {
        let message =
            format!("the discount of {} is more than the line's {}", money::yuan(discount), money::yuan(gross));
        return refuse_at("discount_large", &format!("{at}/discount"), message);
    }
    if discount * 100 > gross * desk.settings.discount_percent && !desk.is_manager() {
        let message = format!("an advisor gives {} % at most: ask the service manager", desk.settings.discount_percent);
        return refuse_at("discount_denied", &format!("{at}/discount"), message);
    }
    Ok(gross - discount)
}

/// Stages new lines.
pub fn create(lines: &[File]) -> Result<()> {
    for line in lines {
        record::create(LINE).id(line.id.as_str()).org(line.org.as_str()).fields(&line.data).stage()?;
    }
    Ok(())
}

/// The fields of an order that follow from its lines.
pub fn totals(desk: &Desk, order: &File, lines: &[File]) -> Data {
    let totals = Totals::of(lines);
    let mut data = totals.fields();
    let is_warranty = totals.is_warranty || matches!(order.text("payer"), Some("warranty" | "sanbao"));
    let from = order.text("opened_at").unwrap_or(desk.now());
    let due = is_warranty.then(|| moment::plus(from, 1_440 * desk.settings.repair_days).ok()).flatten();
    match due {
        Some(due) => data.insert("loaner_due".into(), due.into()),
        None if order.text("loaner_due").is_some() => data.insert("loaner_due".into(), Value::Null),
        None => None,
    };
    data
}

/// Input of `add_lines`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    lines: Vec<NewLine>,
}

/// Adds lines. What comes after the customer has agreed is extra work, and needs their word.
pub fn add(desk: &Desk, order: &File, input: Add) -> Result<Value> {
    must_be(order, &CHANGEABLE)?;
    let mut lines = of(&order.id)?;
    let state = if order.text("approved_at").is_some() { "extra" } else { "planned" };
    let new = prepare(desk, order, &input.lines, lines.last().map_or(0, |line| line.number("n")), state)?;
    create(&new)?;
    lines.extend(new);
    keep_totals(desk, order, &lines)
}

fn keep_totals(desk: &Desk, order: &File, lines: &[File]) -> Result<Value> {
    if order.state() == "estimated" && order.says("approval_open") {
        return refuse("estimate_out", "the customer has an estimate before them: take it back first (revise)");
    }
    let after = flow::go(desk, order, Onward { data: totals(desk, order, lines), ..Onward::default() })?;
    Ok(
        json!({ "id": order.id, "amount": after.number("amount"), "customer_amount": after.number("customer_amount"), "lines": lines.len() }),
    )
}

/// Input of `change_line`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    hours: Option<f64>,
    qty: Option<f64>,
    price: Option<i64>,
    discount: Option<i64>,
    cost: Option<i64>,
    origin: Option<String>,
    payer: Option<String>,
    name: Option<String>,
    part_state: Option<String>,
    eta: Option<String>,
}

/// Changes a line; the order's totals follow.
pub fn change(desk: &Desk, line: &File, input: Change) -> Result<Value> {
    let order = File::load(ORDER, line.text("order").unwrap_or_default())?;
    must_be(&order, &CHANGEABLE)?;
    if line.is_in(&["done", "refused"]) {
        return refuse("line_over", "this line is done or refused: add another one");
    }
    let is_part = line.text("sort") == Some("part");
    let mut data = given(json!({
        "hours": input.hours, "qty": input.qty, "price": input.price, "discount": input.discount, "cost": input.cost,
        "origin": input.origin, "payer": input.payer, "name": input.name, "part_state": input.part_state, "eta": input.eta,
    }));
    data.remove(if is_part { "hours" } else { "qty" });
    if data.is_empty() {
        return refuse("nothing_changed", "say what is to change");
    }
    let after = line.with(&data);
    let quantity = after.data.get(if is_part { "qty" } else { "hours" }).and_then(Value::as_f64).unwrap_or(1.0);
    let discount = after.number("discount");
    let is_dearer = input.discount.is_some() || input.price.is_some() || input.hours.is_some() || input.qty.is_some();
    if is_dearer {
        let amount = priced(desk, after.number("price"), quantity, discount, "")?;
        data.insert("amount".into(), amount.into());
    }
    line.change(&data).stage()?;
    let mut lines = of(&order.id)?;
    for one in lines.iter_mut().filter(|one| one.id == line.id) {
        *one = one.with(&data);
    }
    keep_totals(desk, &order, &lines)
}

/// Takes a line off, before the customer has agreed to it.
pub fn remove(desk: &Desk, line: &File) -> Result<Value> {
    let order = File::load(ORDER, line.text("order").unwrap_or_default())?;
    must_be(&order, &CHANGEABLE)?;
    if line.is_in(&["approved", "done"]) && !desk.is_manager() {
        return refuse("line_approved", "the customer has agreed to this line: the service manager takes it off");
    }
    record::remove(LINE, &line.id).stage()?;
    let mut lines = of(&order.id)?;
    lines.retain(|one| one.id != line.id);
    keep_totals(desk, &order, &lines)
}
