//! Making a quote, changing a draft, making the next version: each time everything is priced anew.

use marque_sdk::{Data, Filter, Id, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    ask::Ask,
    catalogue::Sort,
    desk::{Desk, refuse, refuse_at, theirs},
    issue::{self, Wish},
    limit,
    quote::{KIND, Quote, patch},
    sheet::{self, Sheet},
};

/// Input of `make`.
#[derive(Deserialize)]
pub struct Make {
    customer: Id,
    lead: Option<Id>,
    #[serde(flatten)]
    change: Change,
}

/// Input of `edit` and `revise`.
#[derive(Deserialize)]
pub struct Change {
    #[serde(flatten)]
    ask: Ask,
    trade_in_note: Option<String>,
    delivery_note: Option<String>,
    limits_note: Option<String>,
    #[serde(default)]
    issue: bool,
    #[serde(flatten)]
    wish: Wish,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Lead {
    customer: Option<Id>,
}

/// Leads that a quote can belong to.
const OPEN_LEADS: [&str; 6] = ["assigned", "attempted", "contacted", "qualified", "frozen", "out_of_reach"];

/// Makes a draft, and issues it at once if that is wished.
pub fn make(desk: &Desk, input: Make) -> Result<Value> {
    let Some(me) = desk.me() else { return refuse("person_missing", "a quote is made by somebody: sign in") };
    let Some(customer) = view::get::<Value>("customer", &input.customer)? else {
        return refuse_at("customer_unknown", "/customer", "there is no such customer in your organisation");
    };
    let lead = lead_of(&input.customer, input.lead)?;
    let sheet = sheet::price(desk, &input.change.ask)?;
    let id = new_id();
    let mut data = patch(json!({
        "customer": input.customer, "lead": lead, "owner": me, "version": 1, "root": id, "made_at": desk.now(), "made_by": me,
    }));
    data.extend(priced(&input.change, &input.change.ask, &sheet));
    data.retain(|_, value| !value.is_null());
    create(desk, Quote { id, rev: None, org: customer.org, data }, &input.change)
}

/// Changes a draft.
pub fn edit(desk: &Desk, quote: &Quote, input: Change) -> Result<Value> {
    quote.must_be(&["draft"])?;
    let ask = input.ask.clone().over(quote.asked()?);
    let mut data = priced(&input, &ask, &sheet::price(desk, &ask)?);
    let after = quote.with(&data);
    let limit = limited(desk, &after, &mut data)?;
    let write = quote.change(&data);
    limit.iter().fold(write, |write, receipt| write.receipt("discount_limit", receipt)).stage()?;
    // What follows is asked of the draft as it now is, which is a revision on.
    let after = Quote { rev: None, ..quote.with(&data) };
    if input.issue { issue::issue(desk, &after, &input.wish) } else { Ok(issue::reply(&after)) }
}

/// The next version of a quote that was out already. It takes the place of the one before when it is issued.
pub fn revise(desk: &Desk, quote: &Quote, input: Change) -> Result<Value> {
    quote.must_be(&["active", "expired", "refused", "superseded"])?;
    let Some(me) = desk.me() else { return refuse("person_missing", "a quote is made by somebody: sign in") };
    let ask = input.ask.clone().over(quote.asked()?);
    let sheet = sheet::price(desk, &ask)?;
    let id = new_id();
    let mut data = patch(json!({
        "customer": quote.customer(), "lead": quote.some("lead"), "owner": quote.owner(), "version": last_version(quote)? + 1,
        "root": quote.some("root").unwrap_or(&quote.id), "previous": quote.id, "made_at": desk.now(), "made_by": me,
    }));
    for field in ["trade_in_note", "delivery_note", "limits_note"] {
        data.extend(quote.data.get(field).map(|value| (field.to_owned(), value.clone())));
    }
    data.extend(priced(&input, &ask, &sheet));
    data.retain(|_, value| !value.is_null());
    create(desk, Quote { id, rev: None, org: quote.org.clone(), data }, &input)
}

fn create(desk: &Desk, mut quote: Quote, input: &Change) -> Result<Value> {
    let mut data = Data::new();
    let receipt = limited(desk, &quote, &mut data)?;
    quote.data.extend(data);
    let create = record::create(KIND).id(&quote.id).org(&quote.org).fields(&quote.data);
    receipt.iter().fold(create, |create, receipt| create.receipt("discount_limit", receipt)).stage()?;
    quote.data.insert("state".into(), "draft".into());
    if input.issue { issue::issue(desk, &quote, &input.wish) } else { Ok(issue::reply(&quote)) }
}

/// What whoever asks may give on it, and the lowest price that leaves for the car.
fn limited(desk: &Desk, quote: &Quote, data: &mut Data) -> Result<Option<String>> {
    let limit = limit::of(desk, quote, desk.level())?;
    let amount = limit.amount.min(quote.list_price());
    data.extend(patch(json!({
        "discount_limit": amount, "floor": quote.list_price() - amount, "limit_reasons": limit.reasons,
    })));
    Ok(limit.receipt)
}

/// The fields that follow from what was chosen.
fn priced(input: &Change, ask: &Ask, sheet: &Sheet) -> Data {
    let car = &sheet.car;
    let mut data = patch(json!({
        "asked": ask, "car": car.id, "brand": car.brand, "model": car.model.as_deref().unwrap_or(&car.name), "config": sheet.config,
        "config_key": sheet.key, "lines": sheet.lines, "list_total": sheet.list_total(), "discount": sheet.discount(),
        "subsidy": -sheet.net(Sort::Subsidy), "trade_in": -sheet.net(Sort::TradeIn), "tax": sheet.net(Sort::Tax),
        "total": sheet.total(),
    }));
    let said = [
        ("trade_in_note", &input.trade_in_note),
        ("delivery_note", &input.delivery_note),
        ("limits_note", &input.limits_note),
    ];
    for (field, value) in said {
        data.extend(value.as_ref().map(|value| (field.to_owned(), json!(value))));
    }
    if input.limits_note.is_none() && input.ask.car.is_some() {
        data.insert("limits_note".into(), json!(car.limits));
    }
    data
}

/// The lead it belongs to: the one that was named, or the customer's open one.
fn lead_of(customer: &str, named: Option<Id>) -> Result<Option<Id>> {
    let Some(named) = named else {
        let open = Filter::eq("customer", customer).and(Filter::is_in("state", OPEN_LEADS));
        let lead = theirs(view::find::<Lead>("leads.lead").filter(open).order("-created_at"))?;
        return Ok(lead.map(|lead| lead.id));
    };
    match view::get::<Lead>("leads.lead", &named)? {
        Some(lead) if lead.data.customer.as_deref() == Some(customer) => Ok(Some(named)),
        _ => {
            refuse_at("lead_unknown", "/lead", "this lead is not the customer's: choose one of theirs, or leave it out")
        }
    }
}

fn last_version(quote: &Quote) -> Result<i64> {
    let root = quote.some("root").unwrap_or(&quote.id);
    let last = view::find::<Data>(KIND).filter(Filter::eq("root", root)).order("-version").first()?.map(Quote::from);
    Ok(last.map_or(0, |last| last.number("version")).max(quote.number("version")))
}
