//! Two consultants and one customer: whose it is, who helped, and what a manager decides where they do not agree.

use marque_sdk::{Data, Date, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at},
    household::Family,
    lead::{Lead, patch},
    moment, people, pool, task, texts,
};

const KIND: &str = "leads.assist";

/// Input of `dispute`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    reason: String,
}

/// Input of `decide`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    verdict: String,
    holder_percent: Option<i64>,
    assistant_percent: Option<i64>,
    decision: String,
}

/// Notes that somebody received a colleague's guest, or one of the guest's family, with what speaks for whom; its id.
pub fn note(desk: &Desk, lead: &Lead, customer: &str, me: &str, family: Option<&Family>) -> Result<Id> {
    let id = new_id();
    let title = texts::text(&desk.call.locale, "word.assist").replace("{name}", lead.text("name").unwrap_or_default());
    record::create(KIND)
        .id(id.as_str())
        .org(lead.org.as_str())
        .field("title", title.trim())
        .field("customer", customer)
        .field("lead", &lead.id)
        .field("holder", lead.owner())
        .field("assistant", me)
        .field("at", desk.now())
        .field("evidence", evidence(desk, lead, family))
        .stage()?;
    Ok(id)
}

/// What the record says of who looked after the customer.
fn evidence(desk: &Desk, lead: &Lead, family: Option<&Family>) -> Value {
    let mut evidence = Data::new();
    for field in [
        "received_at",
        "assigned_at",
        "contacted_at",
        "effective_at",
        "attempts",
        "connected",
        "level",
        "protected_until",
    ] {
        evidence.extend(lead.data.get(field).map(|value| (field.to_owned(), value.clone())));
    }
    evidence.insert("is_protected".into(), is_protected(desk, lead).into());
    evidence.extend(family.map(|family| ("family".to_owned(), json!(family))));
    Value::Object(evidence)
}

/// Whether the owner is protected from a colleague's record just now.
pub fn is_protected(desk: &Desk, lead: &Lead) -> bool {
    lead.text("protected_until").is_some_and(|until| until > desk.now())
}

/// Whoever received the guest tells the owner.
pub fn notify_owner(desk: &Desk, id: &str) -> Result<Value> {
    let assist = load(id)?;
    if text(&assist, "notified_at").is_some() {
        return refuse("notified", "the owner was told already");
    }
    if !desk.is_manager() && desk.me() != text(&assist, "assistant") {
        return refuse("not_owner", "whoever received the guest tells the owner");
    }
    record::change(KIND, id).if_rev(assist.rev).field("notified_at", desk.now()).stage()?;
    let lead = Lead::load(text(&assist, "lead").unwrap_or_default())?;
    let due = moment::after(desk.now(), &desk.settings.first_contact)?;
    task::open(
        desk,
        &lead,
        task::Plan { step: "leads.guest", owner: text(&assist, "holder").unwrap_or_default(), due: &due },
    )?;
    Ok(json!({ "id": id }))
}

/// How a deal of today is shared: half each with who received the guest today and told the owner in time.
pub fn split(desk: &Desk, lead: &Lead) -> Result<Value> {
    let today = Date::today(&desk.call)?;
    let since = moment::begin_of(today, &desk.call)?;
    let helped =
        Filter::eq("lead", lead.id.as_str()).and(Filter::gte("at", since)).and(Filter::ne("assistant", lead.owner()));
    for assist in view::find::<Data>(KIND).filter(helped).order("at").limit(20).page()?.items {
        let (Some(at), Some(told), Some(helper)) =
            (text(&assist, "at"), text(&assist, "notified_at"), text(&assist, "assistant"))
        else {
            continue;
        };
        if told <= moment::after(at, &desk.settings.notify)?.as_str() {
            return Ok(json!([{ "staff": lead.owner(), "percent": 50 }, { "staff": helper, "percent": 50 }]));
        }
    }
    Ok(json!([{ "staff": lead.owner(), "percent": 100 }]))
}

/// One of the two asks for a decision.
pub fn dispute(desk: &Desk, id: &str, input: Dispute) -> Result<Value> {
    let assist = load(id)?;
    let is_party = [text(&assist, "assistant"), text(&assist, "holder")].contains(&desk.me());
    if !desk.is_manager() && !is_party {
        return refuse("not_owner", "one of the two whom it concerns disputes it");
    }
    let lead = Lead::load(text(&assist, "lead").unwrap_or_default())?;
    let staff = people::staff(&lead.org)?;
    let Some(manager) = people::first_with(&staff, &desk.settings.manager_roles) else {
        return refuse("owner_missing", "nobody here can decide: give somebody the role sales_mgr or gm");
    };
    let was_protected = assist.data.get("evidence").is_some_and(|evidence| evidence["is_protected"] == true);
    let due = moment::after(desk.now(), &desk.settings.dispute)?;
    let data = patch(json!({
        "note": input.reason, "due": due, "proposed": if was_protected { "holder" } else { "assistant" },
    }));
    record::mov(KIND, id, "dispute").if_rev(assist.rev).fields(&data).stage()?;
    task::open(desk, &lead, task::Plan { step: "leads.decide", owner: &manager.id, due: &due })?;
    Ok(json!({ "id": id, "proposed": data["proposed"] }))
}

/// A manager decides; the shares are the whole, and the owner changes where the verdict says so.
pub fn decide(desk: &Desk, id: &str, input: Decide) -> Result<Value> {
    desk.manager_only()?;
    let assist = load(id)?;
    let usual = match input.verdict.as_str() {
        "holder" => (100, 0),
        "assistant" => (0, 100),
        _ => (50, 50),
    };
    let (holder, assistant) = match (input.holder_percent, input.assistant_percent) {
        (None, None) => usual,
        (Some(holder), None) => (holder, 100 - holder),
        (None, Some(assistant)) => (100 - assistant, assistant),
        (Some(holder), Some(assistant)) => (holder, assistant),
    };
    if holder + assistant != 100 || holder < 0 || assistant < 0 {
        return refuse_at(
            "shares_wrong",
            "/holder_percent",
            format!("{holder} and {assistant} are not the whole: shares make 100 together"),
        );
    }
    let lead = Lead::load(text(&assist, "lead").unwrap_or_default())?;
    let data = patch(json!({
        "verdict": input.verdict, "holder_percent": holder, "assistant_percent": assistant, "decision": input.decision,
        "decided_by": desk.me(), "decided_at": desk.now(),
    }));
    record::mov(KIND, id, "decide").if_rev(assist.rev).fields(&data).stage()?;
    task::end(desk, &lead, &["leads.decide"], "done")?;
    let winner = text(&assist, "assistant").unwrap_or_default();
    if input.verdict == "assistant" && lead.is_open() && lead.owner() != winner {
        pool::move_to(
            desk,
            &lead,
            winner,
            patch(json!({ "former_owner": lead.owner(), "route_note": input.decision })),
        )?;
    }
    Ok(json!({ "id": id, "holder_percent": holder, "assistant_percent": assistant }))
}

fn load(id: &str) -> Result<Record> {
    view::require(KIND, id)
}

fn text<'a>(assist: &'a Record, field: &str) -> Option<&'a str> {
    assist.data.get(field).and_then(Value::as_str)
}
