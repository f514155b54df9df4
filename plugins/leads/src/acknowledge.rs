//! The word to the customer that the enquiry has come, at once. It is service: the customer has asked.

use marque_sdk::{Result, message, view};
use serde::Deserialize;

use crate::{desk::Desk, enquiry::Enquiry, lead::Lead, moment, texts};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Org {
    name: String,
}

/// Whether the customer is to be told, and can be.
pub fn is_due(desk: &Desk, lead: &Lead, enquiry: &Enquiry) -> bool {
    let has_way = enquiry.mobile().is_some() || enquiry.email().is_some();
    desk.settings.acknowledge && lead.customer().is_some() && has_way && !is_present(enquiry)
}

/// Queues the message.
pub fn acknowledge(desk: &Desk, lead: &Lead, enquiry: &Enquiry) -> Result<()> {
    let Some(customer) = lead.customer().filter(|_| is_due(desk, lead, enquiry)) else { return Ok(()) };
    let org = view::get::<Org>("org", &lead.org)?;
    let dealer = org.map_or_else(|| desk.call.org_name.clone(), |org| org.data.name);
    // Of a lead that is known the first contact may have been: then somebody answers this enquiry as soon as a new one.
    let until = match lead.text("first_due").filter(|due| *due > desk.now()) {
        Some(due) => due.to_owned(),
        None => moment::after(desk.now(), &desk.settings.first_contact)?,
    };
    let until = moment::told(&until, &desk.call)?;
    let wanted = match enquiry.model.as_deref().filter(|model| !model.trim().is_empty()) {
        Some(model) => [enquiry.brand.as_deref(), Some(model)],
        None => [lead.text("brand"), lead.text("model")],
    };
    let model = wanted.into_iter().flatten().map(str::trim).collect::<Vec<_>>().join(" ");
    let model = if model.is_empty() { texts::text(&desk.call.locale, "word.our_cars") } else { model };
    let body = desk
        .settings
        .acknowledgement
        .replace("{name}", enquiry.name().unwrap_or_default())
        .replace("{model}", &model)
        .replace("{dealer}", &dealer)
        .replace("{until}", &until);
    if enquiry.mobile().is_some() {
        return message::serve(customer, "sms", &body).template("leads.acknowledgement").stage();
    }
    message::serve(customer, "email", &body)
        .subject(&texts::text(&desk.call.locale, "word.acknowledgement"))
        .template("leads.acknowledgement")
        .stage()
}

/// Whoever stands before somebody of the house, or is on a list that was bought, is not written to.
fn is_present(enquiry: &Enquiry) -> bool {
    matches!(enquiry.channel(), "walk_in" | "phone" | "call_centre" | "import" | "referral")
}
