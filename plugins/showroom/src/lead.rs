//! Filing a guest: their customer file, the lead that follows them up, and the word that was spoken, in the visit's own commit.

use marque_sdk::{Data, Filter, Id, Record, Result, json, new_id, record, view};

use crate::{
    customer::{self, Customer},
    desk::{Desk, refuse_at, said},
    task, texts,
};
use marque_sdk::moment;

const LEAD: &str = "leads.lead";
const CONTACT: &str = "contacts.contact";
/// States in which a lead is still followed up; a guest who has one gets no second.
const OPEN: [&str; 9] = [
    "assigned",
    "pool",
    "attempted",
    "contacted",
    "qualified",
    "ordered",
    "defeat_requested",
    "frozen",
    "out_of_reach",
];

/// A guest who has left a way to be reached.
#[derive(Clone, Copy, Debug)]
pub struct Guest<'a> {
    /// Their file, if there is one.
    pub known: Option<&'a Record<Customer>>,
    /// What they call themselves.
    pub name: Option<&'a str>,
    /// Their mobile.
    pub phone: Option<&'a str>,
    /// Who receives them.
    pub owner: &'a str,
    /// What they look at.
    pub models: Option<&'a str>,
    /// What brought them.
    pub source: Option<&'a str>,
}

/// Where they are filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// The customer.
    pub customer: Id,
    /// The lead.
    pub lead: Option<Id>,
}

/// Files a guest.
pub fn file(desk: &Desk, org: &str, guest: &Guest<'_>) -> Result<Filed> {
    let customer = match (guest.known, guest.phone) {
        (Some(known), _) => known.id.clone(),
        (None, Some(phone)) => customer::create(desk, org, guest.name, phone, guest.owner, guest.source)?,
        (None, None) => {
            return refuse_at("contact_missing", "/phone", "filing takes a mobile number or a known customer");
        }
    };
    let lead = match desk.settings.make_leads && is_there(LEAD) {
        true => Some(lead(desk, org, guest, &customer)?),
        false => None,
    };
    if is_there(CONTACT) {
        let summary = texts::text(&desk.call.locale, "word.visit");
        let data = json!({
            "customer": customer, "summary": summary, "outcome": "reached", "channel": "visit", "direction": "in", "at": desk.now(),
            "by": guest.owner,
        });
        record::create(CONTACT).org(org).fields(data).stage()?;
    }
    Ok(Filed { customer, lead })
}

/// The lead they have, or a new one with its first task; the plugin that keeps leads sets its clocks.
fn lead(desk: &Desk, org: &str, guest: &Guest<'_>, customer: &str) -> Result<Id> {
    if guest.known.is_some() {
        let theirs = Filter::eq("customer", customer).and(Filter::is_in("state", OPEN));
        if let Some(lead) = view::find::<Data>(LEAD).filter(theirs).order("-received_at").first()? {
            return Ok(lead.id);
        }
    }
    let (id, task) = (new_id(), new_id());
    let name = guest.name.or(guest.known.map(|known| known.data.name.as_str()));
    let due = moment::plus(desk.now(), 30)?;
    let new = task::New { step: "leads.first_contact", owner: guest.owner, due: &due, about_kind: LEAD, about: &id };
    task::make(desk, Some(&task), org, Some(customer), name.unwrap_or_default(), &new)?;
    let data = said(json!({
        "customer": customer, "name": name, "owner": guest.owner, "channel": "walk_in", "source": guest.source,
        "model": guest.models.map(|models| models.chars().take(100).collect::<String>()), "received_at": desk.now(),
        "received_by": desk.me(), "assigned_at": desk.now(), "task": task, "clock_pending": true, "interest": "buy", "due": due,
    }));
    record::create(LEAD).id(&id).org(org).fields(data).stage()?;
    Ok(id)
}

/// Whether a feature is installed: kinds of one that is not cannot be read.
pub fn is_there(kind: &str) -> bool {
    view::find::<Data>(kind).limit(1).page().is_ok()
}
