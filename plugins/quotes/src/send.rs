//! The quote on its way to the customer: a signed link to the page with the one valid total.

use marque_sdk::{Date, Result, Value, event, json, message, page::Link, view};
use serde::Deserialize;

use crate::{
    answer,
    desk::{Desk, refuse_at},
    quote::{Quote, patch},
    texts,
};
use marque_sdk::money;

/// Input of `send`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    channel: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Customer {
    name: String,
    phone: Option<String>,
    email: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Org {
    name: String,
}

/// Sends the link, or hands it out for a code on the screen.
pub fn send(desk: &Desk, quote: &Quote, input: Send) -> Result<Value> {
    answer::must_be_valid(desk, quote)?;
    let customer = view::require::<Customer>("customer", quote.customer())?.data;
    let link = Link::new("view", &quote.id);
    let by_itself = match (&customer.phone, &customer.email) {
        (Some(_), _) => "sms",
        (None, Some(_)) => "email",
        (None, None) => "none",
    };
    let channel = input.channel.as_deref().unwrap_or(by_itself);
    let has_way = match channel {
        "sms" => customer.phone.is_some(),
        "email" => customer.email.is_some(),
        _ => true,
    };
    if !has_way {
        return refuse_at(
            "no_address",
            "/channel",
            format!("the customer has no number or address for {channel}: hand out the link"),
        );
    }
    if channel != "none" {
        let message = message::serve(quote.customer(), channel, &body(desk, quote, &customer)?);
        let message = message.template("quotes.quote").until(quote.text("valid_until")).link("quote", link.clone());
        if channel == "email" {
            message.subject(&texts::text("zh-CN", "word.subject")).stage()?
        } else {
            message.stage()?
        }
        quote.change(&patch(json!({ "sent_at": desk.now() }))).stage()?;
        event::raise("quotes.quote.sent").subject(quote.customer()).field("channel", channel).stage()?;
    }
    Ok(json!({ "id": quote.id, "channel": channel, "links": { "quote": Value::from(link) } }))
}

fn body(desk: &Desk, quote: &Quote, customer: &Customer) -> Result<String> {
    let org = view::get::<Org>("org", &quote.org)?;
    let dealer = org.map_or_else(|| desk.call.org_name.clone(), |org| org.data.name);
    let until = Date::of(quote.text("valid_until"), &desk.call)?.to_string();
    Ok(desk
        .settings
        .message
        .replace("{name}", &customer.name)
        .replace("{dealer}", &dealer)
        .replace("{model}", quote.text("model"))
        .replace("{number}", quote.text("number"))
        .replace("{total}", &money::yuan(quote.number("total")))
        .replace("{until}", &until))
}
