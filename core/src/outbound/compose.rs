//! A message as it goes out: with who sends it and, of marketing, the way to stop it.

use std::collections::BTreeMap;

use super::{Links, Parcel};
use crate::{
    commands::page::Linked,
    model::{Id, Record, Time, contact::Channel},
};

/// What the message is put together from.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The message.
    pub message: &'a Record,
    /// The customer, by the id it is found under.
    pub customer: &'a Record,
    /// By which way.
    pub channel: Channel,
    /// Where to.
    pub address: String,
    /// The sender's name.
    pub sender: &'a str,
    /// When.
    pub at: Time,
}

/// The text with the addresses of its links, which are made now and kept nowhere.
fn with_links(message: &Record, links: &Links) -> String {
    let text = message.text("body").unwrap_or_default().to_owned();
    let linked: BTreeMap<String, Linked> = serde_json::from_value(message.field("links").clone()).unwrap_or_default();
    linked.iter().fold(text, |text, (name, linked)| text.replace(&format!("{{{name}}}"), &links.page(linked)))
}

/// A text with the name of who sends it.
pub fn signed(channel: Channel, sender: &str, text: &str) -> String {
    match channel {
        Channel::Email | Channel::Letter => format!("{text}\n\n{sender}"),
        _ => format!("【{sender}】{text}"),
    }
}

/// The message, ready to go.
pub fn parcel(parts: Parts<'_>, links: &Links) -> Parcel {
    let Parts { message, customer, channel, address, sender, at } = parts;
    let is_marketing = message.text("purpose") == Some("marketing");
    let is_english = customer.text("language").is_some_and(|language| language.starts_with("en"));
    let text = with_links(message, links);
    let mut body = signed(channel, sender, &text);
    let mut headers = Vec::new();
    if is_marketing {
        let link = links.address(&customer.id, channel);
        let word = if is_english { "To stop: " } else { "退订：" };
        body.push_str(if channel == Channel::Email { "\n" } else { " " });
        body.push_str(word);
        body.push_str(&link);
        if channel == Channel::Email {
            headers.push(("List-Unsubscribe", format!("<{link}>")));
            headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
    }
    let key: Id = message.id.clone();
    let (sender, subject) = (sender.to_owned(), message.text("subject").map(str::to_owned));
    Parcel { key, at, channel, address, sender, subject, body, headers }
}
