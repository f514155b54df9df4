//! Messages as they came: kept for a while beside what was read from them, those that could not be read among them.

use marque_sdk::{Data, Filter, Id, Outcome, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    adf,
    desk::{Desk, refuse_at},
    enquiry::Enquiry,
    intake::{Batch, Taken, Verdict},
    receive,
};

const KIND: &str = "leads.inbound";
/// The longest message that is taken, in bytes.
const LONGEST: usize = 256 * 1024;

/// Input of `receive_adf`; see plugin.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adf {
    text: String,
    provider: Option<String>,
}

/// Reads an ADF message. What cannot be read is kept and told, so that nothing a customer wrote is lost.
pub fn receive_adf(desk: &Desk, message: Adf) -> Result<Value> {
    if message.text.len() > LONGEST {
        return refuse_at(
            "message_too_long",
            "/text",
            format!("the message has {} bytes, at most {LONGEST} are read", message.text.len()),
        );
    }
    let prospects = match adf::read(&message.text) {
        Ok(prospects) => prospects,
        Err(wrong) => {
            let provider = message.provider.as_deref();
            let inbound = keep(
                desk,
                "adf_email",
                provider,
                &message.text,
                "refused",
                json!([{ "code": "unreadable", "message": wrong }]),
            )?;
            return Ok(
                json!({ "inbound": inbound, "leads": [], "problems": [{ "code": "unreadable", "message": wrong }] }),
            );
        }
    };
    let mut batch = Batch::new(desk);
    let (mut leads, mut problems) = (Vec::new(), Vec::new());
    for (n, prospect) in prospects.into_iter().enumerate() {
        let provider = prospect.enquiry.provider.or_else(|| message.provider.clone());
        let enquiry = Enquiry { provider, ..prospect.enquiry };
        let raw = message.text.get(prospect.at).unwrap_or(&message.text);
        let taken = take(desk, &mut batch, &enquiry, raw)?;
        if taken.verdict == Verdict::Invalid {
            problems.push(json!({ "prospect": n + 1, "code": "no_contact", "message": "neither a telephone number nor an e-mail address" }));
        }
        leads.push(receive::reply(&taken));
    }
    Ok(json!({ "leads": leads, "problems": problems }))
}

/// Takes an enquiry in and keeps it as it came.
pub fn take(desk: &Desk, batch: &mut Batch<'_>, enquiry: &Enquiry, raw: &str) -> Result<Taken> {
    let problems = if enquiry.is_reachable() { json!([]) } else { json!([{ "code": "no_contact" }]) };
    let state = if enquiry.is_reachable() { "read" } else { "partly" };
    let inbound = keep(desk, enquiry.channel(), enquiry.provider.as_deref(), raw, state, problems)?;
    let taken = batch.take(enquiry, Some(&inbound))?;
    if let Some(customer) = taken.lead.customer() {
        record::change(KIND, &inbound).field("customer", customer).stage()?;
    }
    Ok(taken)
}

fn keep(desk: &Desk, channel: &str, provider: Option<&str>, raw: &str, state: &str, problems: Value) -> Result<Id> {
    let id = new_id();
    let days = format!("{}d", desk.settings.raw_days);
    let create = record::create(KIND)
        .id(id.as_str())
        .field("title", format!("{} {}", provider.unwrap_or(channel), desk.now().get(..16).unwrap_or_default()))
        .field("state", state)
        .field("channel", channel)
        .field("received_at", desk.now())
        .field("problems", problems)
        .field("raw", raw)
        .field("keep_until", crate::moment::after(desk.now(), &days)?);
    provider.into_iter().fold(create, |create, provider| create.field("provider", provider)).stage()?;
    Ok(id)
}

/// Every night: what was kept long enough is destroyed. What is left over is for the next night.
pub fn clear(desk: &Desk) -> Result<Outcome> {
    let over = Filter::lt("keep_until", desk.now()).and(Filter::not_empty("raw"));
    for inbound in view::find::<Data>(KIND).filter(over).limit(500).page()?.items {
        record::change(KIND, &inbound.id).field("raw", Value::Null).stage()?;
    }
    Ok(Outcome::Done)
}
