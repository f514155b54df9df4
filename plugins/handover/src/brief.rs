//! The brief: one page that lets somebody serve a customer in half an hour whom they have never met.

mod lines;

use marque_sdk::{Data, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at, said},
    holdings::is_there,
    texts,
};
use marque_sdk::moment;

/// The kind's name.
pub const KIND: &str = "handover.brief";
/// As many words with the customer as a page holds.
const CONTACTS: u32 = 10;
/// As many promises, quotes and open records as anybody has.
const MANY: u32 = 50;

/// Input of `brief`; see plugin.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    customer: Id,
}

/// What a brief is made for.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Who looked after them.
    pub former: Option<&'a str>,
    /// In which hand-over.
    pub handover: Option<&'a str>,
    /// Who is to read it.
    pub reader: &'a str,
}

/// Somebody wants one now.
pub fn ask(desk: &Desk, input: &Ask) -> Result<Value> {
    let reader = desk.me().unwrap_or_default();
    let id = make(desk, &input.customer, &About { former: None, handover: None, reader })?;
    Ok(json!({ "id": id }))
}

/// Makes one of everything that is known; its id.
pub fn make(desk: &Desk, customer: &str, about: &About<'_>) -> Result<Id> {
    let Some(person): Option<Record<Data>> = view::get("customer", customer)? else {
        return refuse_at("customer_unknown", "/customer", format!("there is no customer {customer:?} here"));
    };
    let locale = desk.call.locale.as_str();
    let name = text(&person, "name");
    let leads = newest("leads.lead", customer, "-created_at", MANY)?;
    // What is open says most; else what was last.
    let lead = leads.iter().find(|lead| !lines::ENDED.contains(&text(lead, "state"))).or(leads.first());
    let promises = newest("leads.promise", customer, "-created_at", MANY)?;
    let quotes = newest("quotes.quote", customer, "-created_at", MANY)?;
    let contacts = newest("contacts.contact", customer, "-at", CONTACTS)?;
    let open = lines::open(desk, customer)?;
    let task = next_task(customer)?;
    let joined = |lines: Vec<String>| (!lines.is_empty()).then(|| lines.join("\n"));
    let open_promises: Vec<&Record<Data>> =
        promises.iter().filter(|promise| matches!(text(promise, "state"), "asked" | "open")).collect();
    let data = said(json!({
        "title": texts::filled(locale, "word.brief", &[("name", name)]), "customer": customer,
        "for": (!about.reader.is_empty()).then_some(about.reader), "former": about.former, "handover": about.handover,
        "made_at": desk.now(), "who": joined(lines::who(desk, &person)), "need": lead.and_then(|lead| joined(lines::need(desk, lead))),
        "stage": lead.map(|lead| lines::stage(desk, lead)).filter(|stage| !stage.is_empty()),
        "promises": joined(open_promises.iter().map(|promise| lines::promise(desk, promise)).collect::<Result<_>>()?),
        "quotes": joined(quotes.iter().map(|quote| lines::quote(desk, quote)).collect::<Result<_>>()?),
        "trade_in_price": trade_in_price(&promises, &quotes),
        "objections": joined(lines::objections(desk, &leads, &contacts)),
        "contacts": joined(contacts.iter().map(|contact| lines::contact(desk, contact)).collect::<Result<_>>()?),
        "open": joined(open), "next_step": next_step(desk, lead, task.as_ref())?,
        "n_promises": open_promises.len(), "n_quotes": quotes.len(), "n_contacts": contacts.len(),
    }));
    let id = new_id();
    record::create(KIND).id(&id).org(&person.org).fields(data).stage()?;
    Ok(id)
}

/// What was said last about the old car: in a quote, else in a promise.
fn trade_in_price(promises: &[Record<Data>], quotes: &[Record<Data>]) -> Option<i64> {
    let of_quote = quotes.iter().find_map(|quote| number(quote, "trade_in").filter(|price| *price > 0));
    let of_promise = || {
        let about_it = promises.iter().filter(|promise| text(promise, "kind") == "trade_in_price");
        about_it.filter_map(|promise| number(promise, "value")).next()
    };
    of_quote.or_else(of_promise)
}

fn next_task(customer: &str) -> Result<Option<Record<Data>>> {
    let open = Filter::eq("customer", customer).and(Filter::eq("state", "open"));
    view::find::<Data>("worklist.task").filter(open).order("due").first()
}

/// What the lead says comes next, and the next task with its time.
fn next_step(desk: &Desk, lead: Option<&Record<Data>>, task: Option<&Record<Data>>) -> Result<String> {
    let note = lead.map(|lead| text(lead, "next_note")).filter(|note| !note.is_empty());
    let task = match task {
        Some(task) => Some(format!("{} {}", moment::told(text(task, "due"), &desk.call)?, text(task, "title"))),
        None => None,
    };
    let parts: Vec<String> = note.map(str::to_owned).into_iter().chain(task).collect();
    if parts.is_empty() {
        return Ok(texts::text(&desk.call.locale, "word.next_none"));
    }
    Ok(parts.join("\n"))
}

/// Records of a kind about a customer; none where its feature is not installed.
fn newest(kind: &str, customer: &str, order: &str, most: u32) -> Result<Vec<Record<Data>>> {
    if !is_there(kind) {
        return Ok(Vec::new());
    }
    let theirs = Filter::eq("customer", customer);
    Ok(view::find::<Data>(kind).filter(theirs).order(order).limit(most).page()?.items)
}

/// A field's text, empty where there is none.
pub fn text<'a>(record: &'a Record<Data>, field: &str) -> &'a str {
    record.data.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A field's number.
pub fn number(record: &Record<Data>, field: &str) -> Option<i64> {
    record.data.get(field).and_then(Value::as_i64)
}
