//! Every try is a contact on the customer's timeline, beside those of sales and service.

use marque_sdk::{Result, Value, new_id, record, view};

use crate::{desk::Desk, texts::text};

const KIND: &str = "contacts.contact";
/// As long as a summary may be, in characters.
const MOST: usize = 120;

/// What was said, or not.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// What came of it, as calls write it.
    pub outcome: &'a str,
    /// By phone, in person.
    pub channel: &'a str,
    /// Whether we have called.
    pub is_ours: bool,
    /// What it was about.
    pub what: &'a str,
    /// In the customer's words.
    pub note: Option<&'a str>,
}

/// Logs a contact, where contacts are installed.
pub fn log(desk: &Desk, org: &str, customer: &str, said: Said<'_>) -> Result<()> {
    if view::find::<Value>(KIND).limit(1).page().is_err() {
        return Ok(());
    }
    let mut create = record::create(KIND)
        .id(new_id())
        .org(org)
        .field("customer", customer)
        .field("summary", summary(&desk.call.locale, said))
        .field("outcome", outcome(said.outcome))
        .field("channel", said.channel)
        .field("direction", if said.is_ours { "out" } else { "in" })
        .field("at", desk.now());
    create = said.note.into_iter().fold(create, |create, note| create.field("note", note));
    desk.me().into_iter().fold(create, |create, me| create.field("by", me)).stage()
}

fn summary(locale: &str, said: Said<'_>) -> String {
    let what = text(locale, &format!("kind.{}", said.what));
    let came = text(locale, &format!("outcome.{}", said.outcome));
    format!("{what} · {came}").chars().take(MOST).collect()
}

/// The same in the words of contacts.
fn outcome(outcome: &str) -> &'static str {
    match outcome {
        "connected" | "language_problem" => "reached",
        "call_back" => "call_back",
        "refused" => "refused",
        "wrong_number" | "stopped_number" => "wrong_number",
        _ => "no_answer",
    }
}
