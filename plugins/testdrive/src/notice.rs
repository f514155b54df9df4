//! What customers are told of their test drive: service, for they have asked.

use marque_sdk::{Result, message, page::Link};

use crate::{customer, desk::Desk, drive::Drive, people, texts};
use marque_sdk::moment;

/// What there is to tell; `message.<key>` in texts/ says it.
#[cfg(test)]
pub const KEYS: [&str; 10] = [
    "ack",
    "ack_timeless",
    "confirmed",
    "moved",
    "offer",
    "waitlisted",
    "declined",
    "cancelled",
    "reminder",
    "feedback",
];

/// Queues a message about a drive, if the customer is to be told and can be.
pub fn send(desk: &Desk, drive: &Drive, key: &str) -> Result<()> {
    if !desk.settings.tell_customers {
        return Ok(());
    }
    let Some(customer) = customer::get(drive.customer()?)? else { return Ok(()) };
    let channel = match (&customer.data.phone, &customer.data.email) {
        (Some(_), _) => "sms",
        (None, Some(_)) => "email",
        (None, None) => return Ok(()),
    };
    let told = |field: &str| drive.text(field).map_or(Ok(String::new()), |at| moment::told(at, &desk.call));
    let owner = drive.text("owner").map_or(Ok(None), people::name)?.unwrap_or_default();
    let places = [
        ("name", customer.data.name.as_str()),
        ("model", drive.text("model").unwrap_or_default()),
        ("when", &told("slot_start")?),
        ("until", &told("confirm_due")?),
        ("owner", &owner),
        ("note", drive.text("offer_note").or(drive.text("end_note")).unwrap_or_default()),
    ];
    let locale = &desk.call.locale;
    let body = texts::filled(locale, &format!("message.{key}"), &places);
    let mut send = message::serve(customer.id.as_str(), channel, &body).template(&format!("testdrive.{key}"));
    if channel == "email" {
        send = send.subject(&texts::text(locale, "word.subject"));
    }
    // After the slot has begun nobody needs to be told of it.
    if let ("reminder", Some(start)) = (key, drive.text("slot_start")) {
        send = send.until(start);
    }
    match key {
        "ack" | "ack_timeless" | "confirmed" | "moved" | "offer" | "waitlisted" | "reminder" => {
            send.link("mine", Link::new("mine", drive.id.as_str())).stage()
        }
        "feedback" => send.link("feedback", Link::new("feedback", drive.id.as_str()).once()).stage(),
        _ => send.stage(),
    }
}
