//! What customers are told: the texts of the settings, filled in. It is service; nobody is asked for consent to their own repair.

use marque_sdk::{Data, Result, Value, message, page::Link, view};

use crate::{desk::Desk, file::File, moment, money};

/// Whether the customer can be written to; the text goes by message.
fn send(desk: &Desk, about: &File, template: &str, text: &str, words: &[(&str, String)]) -> Result<bool> {
    match body(desk, about, text, words)? {
        Some((customer, body)) => {
            message::serve(customer, "sms", &body).template(template).stage()?;
            Ok(true)
        }
        None => Ok(false),
    }
}

fn body(desk: &Desk, about: &File, text: &str, words: &[(&str, String)]) -> Result<Option<(String, String)>> {
    let Some(customer) = about.text("customer").filter(|_| desk.settings.writes_to_customers) else { return Ok(None) };
    let reach = view::get::<Data>("customer", customer)?;
    // Somebody whom this very call has put on file is not in the View yet, and has left their number.
    let has_phone = reach.is_none_or(|customer| customer.data.get("phone").and_then(Value::as_str).is_some());
    if !has_phone || text.trim().is_empty() {
        return Ok(None);
    }
    let dealer = view::get::<Data>("org", &about.org)?;
    let dealer = dealer.and_then(|org| org.data.get("name").and_then(Value::as_str).map(str::to_owned));
    let mut body = text.replace("{dealer}", &dealer.unwrap_or_else(|| desk.call.org_name.clone()));
    for (name, value) in words {
        body = body.replace(&format!("{{{name}}}"), value);
    }
    Ok(Some((customer.to_owned(), body)))
}

/// The request has come; until when somebody calls. Whether it could be told.
pub fn acknowledged(desk: &Desk, appointment: &File) -> Result<bool> {
    let until = moment::told(appointment.text("answer_due").unwrap_or(desk.now()), &desk.call)?;
    send(desk, appointment, "workshop.acknowledged", &desk.settings.text_acknowledged, &[("until", until)])
}

/// When the car is expected.
pub fn confirmed(desk: &Desk, appointment: &File) -> Result<bool> {
    timed(desk, appointment, "workshop.confirmed", &desk.settings.text_confirmed)
}

/// The same, shortly before.
pub fn reminded(desk: &Desk, appointment: &File) -> Result<bool> {
    timed(desk, appointment, "workshop.reminder", &desk.settings.text_reminder)
}

fn timed(desk: &Desk, appointment: &File, template: &str, text: &str) -> Result<bool> {
    let Some(slot) = appointment.text("slot") else { return Ok(false) };
    send(desk, appointment, template, text, &[("time", moment::told(slot, &desk.call)?)])
}

/// What the work costs, with the page on which the customer agrees.
pub fn estimate(desk: &Desk, order: &File, approval: &File) -> Result<bool> {
    let words = [
        ("number", order.text("number").unwrap_or_default().to_owned()),
        ("amount", money::yuan(approval.number("amount"))),
    ];
    match body(desk, order, &desk.settings.text_estimate, &words)? {
        Some((customer, body)) => {
            let link = Link::new("approve", approval.id.as_str());
            message::serve(customer, "sms", &body).template("workshop.estimate").link("approve", link).stage()?;
            Ok(true)
        }
        None => Ok(false),
    }
}

/// The car can be fetched.
pub fn ready(desk: &Desk, order: &File) -> Result<bool> {
    let number = order.text("number").unwrap_or_default().to_owned();
    send(desk, order, "workshop.ready", &desk.settings.text_ready, &[("number", number)])
}

/// The repair takes too long: what the law grants is offered.
pub fn loaner(desk: &Desk, order: &File) -> Result<bool> {
    let days = desk.settings.repair_days.to_string();
    send(desk, order, "workshop.loaner", &desk.settings.text_loaner, &[("days", days)])
}

/// A recall concerns this vehicle.
pub fn recall(desk: &Desk, car: &File) -> Result<bool> {
    let words = [
        ("title", car.text("title").unwrap_or_default().to_owned()),
        ("code", car.text("code").unwrap_or_default().to_owned()),
    ];
    send(desk, car, "workshop.recall", &desk.settings.text_recall, &words)
}
