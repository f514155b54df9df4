//! One more way to reach a customer.

use marque_sdk::{Fault, Id, Result, Value, json};
use serde::Deserialize;

use crate::{
    book::{Book, Status},
    channel::Channel,
    desk::{self, Desk},
};

/// Input of `add`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    customer: Id,
    kind: Channel,
    value: String,
    #[serde(default)]
    primary: bool,
    #[serde(default)]
    verified: bool,
    note: Option<String>,
}

/// Answers `{"contact_point"}`. The number on the file gets a point of its own with the first one that is added. A number
/// that stands on the file alone is taken up by naming it.
pub fn add(desk: &Desk, input: Add) -> Result<Value> {
    let value = input.kind.normal(&input.value)?;
    let person = desk::customer(&input.customer, "/customer")?;
    let known = Book::load(person.clone())?.find(input.kind, &value);
    let mut book = Book::open(person)?;
    if let Some(at) = known {
        let remedy = match book.entries[at].now.status {
            Status::Ok => "it is there already",
            _ => "it is there and was put aside: restore it on its page",
        };
        return Err(Fault::at("point_known", "/value", format!("{value} stands with this customer: {remedy}")));
    }
    let at = book.find(input.kind, &value).unwrap_or_else(|| book.push(input.kind, value));
    let entry = &mut book.entries[at];
    if input.verified {
        entry.now.verified_at = Some(desk.now().to_owned());
        entry.extra.extend(desk.me().map(|me| ("verified_by".to_owned(), json!(me))));
    }
    entry.extra.extend(input.note.map(|note| ("note".to_owned(), json!(note))));
    if input.primary {
        book.prefer(at);
    }
    let id = book.id(at).clone();
    book.finish(Some(at))?;
    Ok(json!({ "contact_point": id }))
}
