//! The lines of a brief, in the reader's words.

use marque_sdk::{Data, Filter, Record, Result, Value, view};

use super::{number, text};
use crate::{
    desk::Desk,
    holdings::{HELD, is_there},
    texts,
};
use marque_sdk::moment;

/// States of a lead that say it is over.
pub const ENDED: [&str; 3] = ["delivered", "defeated", "invalid"];
/// As many open records of a kind as a page holds.
const MANY: u32 = 20;

/// Who they are: what the file says of them that helps to serve them.
pub fn who(desk: &Desk, person: &Record<Data>) -> Vec<String> {
    let fields = ["name", "type", "city", "occupation", "preferred_channel", "preferred_time", "tags", "note"];
    let told = |field: &&str| texts::code(&desk.call.locale, text(person, field));
    let line: Vec<String> = fields.iter().map(told).filter(|text| !text.is_empty()).collect();
    if line.is_empty() { Vec::new() } else { vec![line.join(" · ")] }
}

/// What they want.
pub fn need(desk: &Desk, lead: &Record<Data>) -> Vec<String> {
    let locale = desk.call.locale.as_str();
    let word = |prefix: &str, value: &str| texts::text(locale, &format!("word.{prefix}.{value}"));
    let mut line = Vec::new();
    let model = [text(lead, "brand"), text(lead, "model")].join(" ").trim().to_owned();
    if !model.is_empty() {
        line.push(model);
    }
    if !text(lead, "window").is_empty() {
        line.push(word("window", text(lead, "window")));
    }
    if let Some(budget) = number(lead, "budget") {
        line.push(texts::filled(locale, "word.budget", &[("amount", &yuan(budget))]));
    }
    if !text(lead, "pay_method").is_empty() {
        line.push(word("pay", text(lead, "pay_method")));
    }
    if lead.data.get("trade_in") == Some(&Value::Bool(true)) {
        line.push(texts::filled(locale, "word.trade_in", &[("car", text(lead, "current_car"))]).trim().to_owned());
    }
    let mut lines = if line.is_empty() { Vec::new() } else { vec![line.join(" · ")] };
    if !text(lead, "message").is_empty() {
        lines.push(text(lead, "message").chars().take(500).collect());
    }
    lines
}

/// How far they are: number, level, stage, state.
pub fn stage(desk: &Desk, lead: &Record<Data>) -> String {
    let parts = ["number", "level", "stage", "state"].map(|field| texts::code(&desk.call.locale, text(lead, field)));
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// A promise, what it is worth and by when.
pub fn promise(desk: &Desk, promise: &Record<Data>) -> Result<String> {
    let mut line = text(promise, "text").to_owned();
    if let Some(value) = number(promise, "value") {
        line.push_str(&format!(" ¥{}", yuan(value)));
    }
    if !text(promise, "due").is_empty() {
        let due = moment::told(text(promise, "due"), &desk.call)?;
        line.push_str(&format!(" · {}", texts::filled(&desk.call.locale, "word.due", &[("due", &due)])));
    }
    Ok(line)
}

/// A quote and its version.
pub fn quote(desk: &Desk, quote: &Record<Data>) -> Result<String> {
    let version = number(quote, "version").map(|version| format!("V{version}")).unwrap_or_default();
    let total = number(quote, "total").map(|total| format!("¥{}", yuan(total))).unwrap_or_default();
    let until = match text(quote, "valid_until") {
        "" => String::new(),
        // A day is told as it is written, a moment as a clock shows it.
        day if day.len() == 10 => texts::filled(&desk.call.locale, "word.due", &[("due", day)]),
        at => texts::filled(&desk.call.locale, "word.due", &[("due", &moment::told(at, &desk.call)?)]),
    };
    let state = texts::code(&desk.call.locale, text(quote, "state"));
    let parts = [text(quote, "number"), &version, text(quote, "model"), &total, &state, &until];
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
}

/// A word with them.
pub fn contact(desk: &Desk, contact: &Record<Data>) -> Result<String> {
    let at = match text(contact, "at") {
        "" => String::new(),
        at => moment::told(at, &desk.call)?,
    };
    let note: String = text(contact, "note").chars().take(200).collect();
    // The summary often begins with the note; it is not told twice.
    let note = if text(contact, "summary").contains(&note) { String::new() } else { note };
    let told = |field: &str| texts::code(&desk.call.locale, text(contact, field));
    let (channel, outcome) = (told("channel"), told("outcome"));
    let parts = [at.as_str(), &channel, &outcome, text(contact, "summary"), &note];
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
}

/// What speaks against us: other cars, why an earlier lead was lost, talks that were refused.
pub fn objections(desk: &Desk, leads: &[Record<Data>], contacts: &[Record<Data>]) -> Vec<String> {
    let locale = desk.call.locale.as_str();
    let mut lines = Vec::new();
    for lead in leads {
        if !text(lead, "competitor").is_empty() {
            lines.push(texts::filled(locale, "word.competitor", &[("what", text(lead, "competitor"))]));
        }
        let reason = texts::code(locale, text(lead, "defeat_reason"));
        let lost = [reason.as_str(), text(lead, "defeat_note")].join(" ").trim().to_owned();
        if !lost.is_empty() {
            lines.push(lost);
        }
    }
    let refused = contacts.iter().filter(|contact| text(contact, "outcome") == "refused");
    lines.extend(refused.map(|contact| text(contact, "summary").to_owned()));
    lines.dedup();
    lines
}

/// Everything that is open, kind by kind.
pub fn open(desk: &Desk, customer: &str) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    // Promises stand on the page already, and an event is about nobody.
    let is_told = |kind: &str| !matches!(kind, "leads.promise" | "testdrive.event") && is_there(kind);
    for held in HELD.iter().filter(|held| is_told(held.kind)) {
        let theirs = Filter::eq("customer", customer).and(Filter::is_in("state", held.open.iter().copied()));
        for record in view::find::<Data>(held.kind).filter(theirs).limit(MANY).page()?.items {
            let name = texts::text(&desk.call.locale, &format!("kind.{}", held.kind));
            let title = [text(&record, "number"), text(&record, "title"), text(&record, "model")];
            let title: Vec<&str> = title.into_iter().filter(|part| !part.is_empty()).collect();
            let state = texts::code(&desk.call.locale, text(&record, "state"));
            lines.push(format!("{name} {} · {state}", title.join(" ")));
        }
    }
    Ok(lines)
}

/// Fen as yuan; whole ones without the point.
fn yuan(fen: i64) -> String {
    match fen % 100 {
        0 => (fen / 100).to_string(),
        rest => format!("{}.{:02}", fen / 100, rest.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_told_in_yuan() {
        assert_eq!(yuan(15_980_000), "159800");
        assert_eq!(yuan(15_980_050), "159800.50");
    }
}
