//! Test drives and leads: a lead that asks for one becomes a wish, and a lead learns that one is booked or done.

use marque_sdk::{Event, Filter, Id, Outcome, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    customer,
    desk::{Desk, refuse_at, said},
    drive::{self, Drive},
    heard, people,
    request::{self, Request},
    task,
};

const LEAD: &str = "leads.lead";

#[derive(Deserialize)]
struct Lead {
    customer: Option<Id>,
    owner: Option<Id>,
    model: Option<String>,
    message: Option<String>,
    campaign: Option<String>,
    test_drive: Option<String>,
    interest: Option<String>,
}

/// A lead has come. One that asks for a test drive is a wish without a time, to be answered like any other.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(record) = event.record() else { return Ok(Outcome::Skip) };
    let Some(lead) = view::get::<Lead>(LEAD, &record.id)? else { return Ok(Outcome::Skip) };
    let Some(customer) = lead.data.customer.as_deref() else { return Ok(Outcome::Skip) };
    let is_wish = lead.data.interest.as_deref() == Some("test_drive");
    let has_one = view::find::<Value>(drive::KIND).filter(Filter::eq("lead", lead.id.as_str())).exists()?;
    if !is_wish || has_one {
        return Ok(Outcome::Skip);
    }
    let Some(person) = customer::get(customer)? else { return Ok(Outcome::Skip) };
    let owner = people::taker(desk, &lead.org, &[lead.data.owner.as_deref(), person.data.owner.as_deref()])?;
    let (due, receipt) = request::limit(desk, "lead", None)?;
    let id = new_id();
    let data = said(json!({
        "customer": customer, "lead": lead.id, "model": lead.data.model, "kind": "individual", "group_size": 1, "owner": owner,
        "message": lead.data.message, "campaign": lead.data.campaign, "channel": "lead", "requested_at": desk.now(),
        "confirm_due": due,
    }));
    record::create(drive::KIND).id(&id).org(&lead.org).fields(data).receipt("confirm_due", &receipt).stage()?;
    let new = task::New {
        drive: &id,
        org: &lead.org,
        customer,
        who: &person.data.name,
        step: "testdrive.confirm",
        owner: &owner,
        due: &due,
    };
    task::first(desk, &new)?;
    Ok(Outcome::Done)
}

/// States in which somebody still follows a lead up.
const FOLLOWED: [&str; 6] = ["assigned", "pool", "attempted", "contacted", "qualified", "ordered"];

/// The wish with the lead it belongs to, and who looks after that: the one that was named, or the customer's open one. What
/// somebody at the desk left out and the lead says is not asked again.
pub fn with_lead(mut input: Request) -> Result<(Request, Option<Id>)> {
    let lead = match input.lead.take() {
        Some(named) => match view::get::<Lead>(LEAD, &named)? {
            Some(lead) if lead.data.customer.as_ref() == Some(&input.customer) => Some(lead),
            _ => return refuse_at("lead_elsewhere", "/lead", "that lead is another customer's: choose one of theirs"),
        },
        None => open_of(&input.customer)?,
    };
    let Some(lead) = lead else { return Ok((input, None)) };
    input.lead = Some(lead.id);
    if input.model.is_none() && input.car.is_none() {
        input.model = lead.data.model;
    }
    Ok((input, lead.data.owner))
}

fn open_of(customer: &str) -> Result<Option<Record<Lead>>> {
    if !heard::is_there(LEAD) {
        return Ok(None);
    }
    let open = Filter::eq("customer", customer).and(Filter::is_in("state", FOLLOWED));
    view::find::<Lead>(LEAD).filter(open).order("-created_at").first()
}

/// Tells the lead, unless it knows better: who has driven has not merely booked.
pub fn mark(drive: &Drive, what: &str) -> Result<()> {
    let Some(lead) = drive.text("lead").filter(|_| heard::is_there(LEAD)) else { return Ok(()) };
    let Some(lead): Option<Record<Lead>> = view::get(LEAD, lead)? else { return Ok(()) };
    match lead.data.test_drive.as_deref() {
        Some("done") => Ok(()),
        same if same == Some(what) => Ok(()),
        _ => record::change(LEAD, &lead.id).field("test_drive", what).stage(),
    }
}
