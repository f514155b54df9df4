//! The public pages: book a drive, sign up for an event, see and change one's own, say how it was.

mod book;
mod events;
mod mine;

use marque_sdk::{Action, Fault, Result, Value, page::Visit};

use crate::{desk::Desk, drive::Drive};

/// Draws a page, or takes what was filled in.
pub fn page(desk: &Desk, visit: &Visit, action: &Action) -> Result<Value> {
    match visit.page.as_str() {
        "book" => book::page(desk, visit),
        "sign-up" => events::page(desk, visit),
        "mine" => mine::mine(desk, visit, &Drive::load(action.target()?)?),
        "feedback" => mine::feedback(desk, visit, &Drive::load(action.target()?)?),
        other => Err(Fault::not_found(format!("there is no page {other:?}"))),
    }
}
