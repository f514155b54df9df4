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
    let until = lead.text("first_due").map(|due| moment::told(due, &desk.call)).transpose()?.unwrap_or_default();
    let model = [lead.text("brand"), lead.text("model")].into_iter().flatten().collect::<Vec<_>>().join(" ");
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
