//! What others tell becomes facts: settled work orders, cars handed over, bookings, answers, complaints, referrals, talks. Each counts once.

use marque_sdk::{
    Data, Event, Filter, Id, Outcome, Record, RecordRef, Result, Value, info, json, new_id, record, view,
};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at, said},
    gather::FACT,
};

/// A fact to be kept.
#[derive(Debug, Default, PartialEq)]
struct Fact {
    customer: Id,
    at: Option<String>,
    sort: &'static str,
    revenue: i64,
    profit: i64,
    visit: bool,
    late: bool,
    score: Option<f64>,
    vehicle: Option<Id>,
    /// What the same record tells a second time, as a car that came back.
    note: Option<&'static str>,
}

/// What of a customer counts here.
#[derive(Deserialize)]
struct Customer {
    #[serde(default)]
    erased_at: Option<String>,
}

/// An event of another plugin. What tells nothing of value is passed over.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    // The record may be of a plugin that has gone since.
    let Ok(Some(found)) = view::get::<Data>(&about.kind, &about.id) else { return Ok(Outcome::Skip) };
    let Some(fact) = read(&event.kind, &found, &event.at, desk.settings.commission_pct) else {
        return Ok(Outcome::Skip);
    };
    keep(event, &about, &found, &fact)
}

fn keep(event: &Event, about: &RecordRef, found: &Record<Data>, fact: &Fact) -> Result<Outcome> {
    let source = format!("{}:{}:{}", about.kind, about.id, fact.note.unwrap_or(fact.sort));
    let same = Filter::eq("source", source.as_str()).and(Filter::eq("org", found.org.as_str()));
    if view::find::<Data>(FACT).filter(same).exists()? {
        return Ok(Outcome::Skip);
    }
    // Whose file was erased has no facts any more, and a car that is not on file here is left out.
    let customer = view::get::<Customer>("customer", &fact.customer)?;
    if customer.is_none_or(|customer| customer.data.erased_at.is_some()) {
        return Ok(Outcome::Skip);
    }
    let vehicle = fact.vehicle.as_ref().filter(|id| matches!(view::get::<Value>("vehicles.vehicle", id), Ok(Some(_))));
    let data = said(json!({
        "customer": fact.customer, "at": fact.at.as_deref().unwrap_or(&event.at), "sort": fact.sort, "revenue": fact.revenue, "profit": fact.profit,
        "visit": fact.visit, "late": fact.late, "score": fact.score, "vehicle": vehicle, "source": source,
    }));
    record::create(FACT).id(new_id()).org(found.org.as_str()).fields(data).stage()?;
    Ok(Outcome::Done)
}

/// What an event tells, none where it tells nothing of value or of nobody.
fn read(kind: &str, found: &Record<Data>, at: &str, commission_pct: i64) -> Option<Fact> {
    let text = |field: &str| found.data.get(field).and_then(Value::as_str).map(str::to_owned);
    let number = |field: &str| found.data.get(field).and_then(Value::as_i64).unwrap_or(0);
    let customer = || text("customer").or_else(|| text("referrer"));
    let of =
        |sort: &'static str| Some(Fact { customer: customer()?, sort, vehicle: text("vehicle"), ..Fact::default() });
    match kind {
        "workshop.order.settled" => {
            let revenue = paid(
                text("payer").as_deref(),
                number("amount"),
                found.data.get("customer_amount").and_then(Value::as_i64),
            );
            // Of an order paid in part the cost counts in that part.
            let cost = i128::from(number("cost")) * i128::from(revenue) / i128::from(number("amount").max(1));
            let profit = revenue.saturating_sub(i64::try_from(cost).unwrap_or(i64::MAX));
            Some(Fact { at: text("settled_at"), revenue, profit, visit: revenue > 0, ..of("service")? })
        }
        "orders.order.delivered" => {
            Some(Fact { at: text("delivered_at"), revenue: number("amount"), profit: number("margin"), ..of("car")? })
        }
        "orders.order.returned" => Some(Fact {
            at: text("ended_at"),
            revenue: -number("amount"),
            profit: -number("margin"),
            note: Some("returned"),
            ..of("car")?
        }),
        "workshop.appointment.arrived" => of("booking_kept"),
        "workshop.appointment.cancelled" | "workshop.appointment.no_show" => of("booking_cancelled"),
        "care.policy.created" if found.data.get("sold_by_us") == Some(&Value::Bool(true)) => {
            let premium = number("premium");
            Some(Fact { revenue: premium, profit: premium.saturating_mul(commission_pct) / 100, ..of("insurance")? })
        }
        "surveys.answer.validated" => {
            let score = ["overall", "nps"].iter().find_map(|field| found.data.get(*field).and_then(Value::as_f64))?;
            Some(Fact { at: text("ended_at"), score: Some(score), ..of("satisfaction")? })
        }
        "complaints.case.closed" | "complaints.case.reopened" => {
            let is_bad = found.data.get("satisfaction_after").and_then(Value::as_i64).is_some_and(|score| score <= 3);
            if is_bad { of("complaint_unsatisfied") } else { None }
        }
        "loyalty.referral.delivered" => of("referral"),
        "leads.lead.created" => of("interest"),
        "contacts.contact.created" if text("outcome").as_deref() == Some("reached") => {
            Some(Fact { at: text("at").or_else(|| Some(at.to_owned())), ..of("contact")? })
        }
        _ => None,
    }
}

/// What counts of a settled order: what the customer or their insurer paid. Warranty, goodwill and our own cars are no purchase.
fn paid(payer: Option<&str>, amount: i64, of_customer: Option<i64>) -> i64 {
    match (payer, of_customer) {
        (Some("insurance"), _) => amount,
        (_, Some(part)) => part.clamp(0, amount.max(0)),
        (None | Some("customer"), None) => amount,
        _ => 0,
    }
}

/// Input of `add_fact`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    customer: Id,
    sort: String,
    at: Option<String>,
    revenue: Option<i64>,
    profit: Option<i64>,
    visit: Option<bool>,
    late: Option<bool>,
    score: Option<f64>,
    source: String,
    note: Option<String>,
}

/// A fact that a person or another system adds. The same source twice is answered with the fact there is.
pub fn add(desk: &Desk, input: Add) -> Result<Value> {
    let Some(customer) = view::get::<Data>("customer", &input.customer)? else {
        return refuse_at("customer_unknown", "/customer", format!("there is no customer {:?} here", input.customer));
    };
    let same = Filter::eq("source", input.source.as_str()).and(Filter::eq("org", desk.call.org.as_str()));
    if let Some(known) = view::find::<Data>(FACT).filter(same).first()? {
        return Ok(json!({ "id": known.id, "is_known": true }));
    }
    let at = match &input.at {
        Some(at) => info::due(at, "0m").or_else(|_| {
            refuse_at("time_invalid", "/at", format!("{at:?} is not a moment: write it like 2026-03-13T10:00:00+08:00"))
        })?,
        None => desk.now().to_owned(),
    };
    if at.as_str() > desk.now() {
        return refuse_at("fact_ahead", "/at", "a fact lies in the past: give the moment it happened");
    }
    if input.sort == "satisfaction" && !input.score.is_some_and(|score| (0.0..=10.0).contains(&score)) {
        return refuse_at("score_range", "/score", "a satisfaction has a score from 0 to 10");
    }
    let id = new_id();
    let data = said(json!({
        "customer": customer.id, "sort": input.sort, "at": at, "revenue": input.revenue, "profit": input.profit, "visit": input.visit,
        "late": input.late, "score": input.score, "source": input.source, "note": input.note,
    }));
    record::create(FACT).id(id.as_str()).fields(data).stage()?;
    Ok(json!({ "id": id, "is_known": false }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(data: Value) -> Record<Data> {
        let record = json!({ "id": "w1", "kind": "workshop.order", "rev": 3, "org": "d1", "created_at": "", "updated_at": "", "data": data });
        serde_json::from_value(record).unwrap()
    }

    fn settled(payer: &str) -> Option<Fact> {
        let data = json!({ "customer": "c1", "amount": 90_000, "cost": 40_000, "payer": payer, "settled_at": "2026-03-12T02:00:00.000Z" });
        read("workshop.order.settled", &order(data), "2026-03-13T02:00:00.000Z", 15)
    }

    #[test]
    fn what_the_customer_paid_counts_and_warranty_does_not() {
        let paid = settled("customer").unwrap();
        assert_eq!((paid.revenue, paid.profit, paid.visit), (90_000, 50_000, true));
        assert_eq!(paid.at.as_deref(), Some("2026-03-12T02:00:00.000Z"));
        let free = settled("warranty").unwrap();
        assert_eq!((free.revenue, free.profit, free.visit), (0, 0, false));
    }

    #[test]
    fn of_an_order_paid_in_part_the_part_counts() {
        let data = json!({ "customer": "c1", "amount": 100_000, "customer_amount": 25_000, "cost": 40_000, "payer": "warranty" });
        let part = read("workshop.order.settled", &order(data), "", 15).unwrap();
        assert_eq!((part.revenue, part.profit, part.visit), (25_000, 15_000, true));
        assert_eq!(paid(Some("insurance"), 300, Some(0)), 300);
    }

    #[test]
    fn a_policy_counts_when_we_sold_it_with_the_commission_set() {
        let policy = |sold: bool| order(json!({ "customer": "c1", "premium": 400_000, "sold_by_us": sold }));
        assert_eq!(read("care.policy.created", &policy(true), "", 15).unwrap().profit, 60_000);
        assert!(read("care.policy.created", &policy(false), "", 15).is_none());
    }

    #[test]
    fn a_car_that_came_back_takes_its_margin_with_it() {
        let back = order(json!({ "customer": "c1", "amount": 15_000_000, "margin": 700_000 }));
        let fact = read("orders.order.returned", &back, "", 15).unwrap();
        assert_eq!((fact.revenue, fact.profit, fact.note), (-15_000_000, -700_000, Some("returned")));
    }

    #[test]
    fn what_tells_of_nobody_is_no_fact() {
        assert!(read("workshop.order.settled", &order(json!({ "amount": 5 })), "", 15).is_none());
        assert!(
            read("complaints.case.closed", &order(json!({ "customer": "c1", "satisfaction_after": 5 })), "", 15)
                .is_none()
        );
        assert!(
            read("complaints.case.closed", &order(json!({ "customer": "c1", "satisfaction_after": 2 })), "", 15)
                .is_some()
        );
    }
}
