//! What is said of one contact point: verified, wrong, stopped, not to be used, restored, primary.

use marque_sdk::{Fault, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    book::{Book, KIND, Point, Status},
    desk::{self, Desk},
};

/// Input of all of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    reason: Option<String>,
}

/// Does one of the actions on a contact point.
pub fn act(desk: &Desk, action: &str, id: &str, input: Said) -> Result<Value> {
    let point = view::require::<Point>(KIND, id)?.data;
    let mut book = Book::open(desk::customer(&point.customer, "")?)?;
    let Some(at) = book.find_id(id) else {
        return Err(Fault::not_found(format!("there is no contact point {id:?} with its customer")));
    };
    let reason = reason(action, input.reason.as_deref())?;
    let entry = &mut book.entries[at];
    match (reason, action) {
        (Some(reason), _) => _ = entry.extra.insert("reason".into(), json!(reason)),
        // Why it was put aside is no reason once it is back.
        (None, "verify") if entry.now.status != Status::Ok => _ = entry.extra.insert("reason".into(), Value::Null),
        _ => {}
    }
    match action {
        "verify" => verify(desk, &mut book, at),
        "make_primary" => book.prefer(at),
        "fail" => put_aside(&mut book, at, Status::Wrong, "fail"),
        "stop" => put_aside(&mut book, at, Status::Stopped, "stop"),
        "bar" => book.move_to(at, Status::DoNotUse, "bar"),
        _ => book.move_to(at, Status::Ok, "restore"),
    }
    book.finish(Some(at))?;
    Ok(json!({ "contact_point": id }))
}

fn reason<'a>(action: &str, reason: Option<&'a str>) -> Result<Option<&'a str>> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    match reason {
        None if matches!(action, "bar" | "restore") => {
            Err(Fault::at("reason_missing", "/reason", "say why, so that whoever reads it later can understand"))
        }
        reason => Ok(reason),
    }
}

/// Somebody has made sure of it: so it is right, whatever was said before.
fn verify(desk: &Desk, book: &mut Book, at: usize) {
    if book.entries[at].now.status != Status::Ok {
        book.move_to(at, Status::Ok, "restore");
    }
    let entry = &mut book.entries[at];
    entry.now.verified_at = Some(desk.now().to_owned());
    entry.extra.extend(desk.me().map(|me| ("verified_by".to_owned(), json!(me))));
    book.settle(book.entries[at].now.kind);
}

/// It is the customer's no more, so nobody has verified it either.
fn put_aside(book: &mut Book, at: usize, status: Status, transition: &'static str) {
    book.entries[at].now.verified_at = None;
    book.move_to(at, status, transition);
}
