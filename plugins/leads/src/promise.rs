//! Promises: what was promised to a customer, by whom, until when, and whether it was kept. Every colleague who serves them sees it.

use marque_sdk::{Data, Outcome, Record, RecordRef, Result, Value, event, json, new_id, record, stage, timer, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at},
    enquiry::cut,
    flow,
    lead::{Lead, patch},
    moment, people, task,
};

const KIND: &str = "leads.promise";

/// Input of `promise`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Make {
    text: String,
    kind: String,
    due: String,
    value: Option<i64>,
}

/// Input of what is done with a promise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    note: Option<String>,
}

/// Notes a promise. One of money above the limit counts only once a manager has agreed.
pub fn make(desk: &Desk, lead: &Lead, input: Make) -> Result<Value> {
    flow::must_be_ours(desk, lead)?;
    let (Some(customer), Some(me)) = (lead.customer(), desk.me()) else {
        return refuse("customer_unknown", "a promise is made by somebody to a customer, and the lead has none");
    };
    if !lead.is_open() {
        return refuse("state_refused", "the lead has ended: promises are noted while it is open");
    }
    let due = moment::parse("/due", &input.due)?;
    if due.as_str() <= desk.now() {
        return refuse_at("due_past", "/due", format!("{due} has passed: name a later time"));
    }
    let is_of_money = matches!(input.kind.as_str(), "price" | "trade_in_price");
    let is_asked = is_of_money && input.value.unwrap_or(0) > desk.settings.promise_limit && !desk.is_manager();
    let id = new_id();
    let mut data = patch(json!({
        "text": cut(&input.text, 300), "customer": customer, "lead": lead.id, "kind": input.kind, "value": input.value,
        "made_by": me, "made_at": desk.now(), "due": due,
    }));
    data.retain(|_, value| !value.is_null());
    record::create(KIND).id(id.as_str()).org(lead.org.as_str()).fields(&data).stage()?;
    if is_asked {
        let staff = people::staff(&lead.org)?;
        let Some(manager) = people::first_with(&staff, &desk.settings.manager_roles) else {
            return refuse(
                "owner_missing",
                "nobody here can approve this promise: give somebody the role sales_mgr or gm",
            );
        };
        task::open(desk, lead, task::Plan { step: "leads.approve_promise", owner: &manager.id, due: &due })?;
    } else {
        let open = record::mov(KIND, &id, "approve");
        if desk.is_manager() { open.field("approved_by", me) } else { open }.stage()?;
    }
    watch(&id, customer, &due)?;
    Ok(json!({ "promise": id, "state": if is_asked { "asked" } else { "open" } }))
}

/// What is done with a promise: approved, refused, kept, broken, given up by the customer.
pub fn end(desk: &Desk, action: &str, id: &str, input: End) -> Result<Value> {
    let promise: Record = view::require(KIND, id)?;
    let text = |field: &str| promise.data.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_decision = matches!(action, "approve" | "refuse");
    if is_decision {
        desk.manager_only()?;
    } else if !desk.is_manager() && desk.me() != Some(&text("made_by")) {
        return refuse("not_owner", "the promise is a colleague's: ask whoever made it, or a manager");
    }
    let mut data = patch(json!({ "note": input.note }));
    data.retain(|_, value| !value.is_null());
    if action == "approve" {
        data.extend(desk.me().map(|me| ("approved_by".to_owned(), me.into())));
    } else {
        data.insert("ended_at".into(), desk.now().into());
        stage([timer::cancel(&format!("promise:{id}"))])?;
    }
    if is_decision && let Some(lead) = view::get::<Data>(crate::lead::KIND, &text("lead"))?.map(Lead::from) {
        task::end(desk, &lead, &["leads.approve_promise"], "done")?;
    }
    record::mov(KIND, id, action).if_rev(promise.rev).fields(&data).stage()?;
    Ok(json!({ "id": id }))
}

fn watch(id: &str, customer: &str, due: &str) -> Result<()> {
    timer::set(&format!("promise:{id}"), due).subject(customer).field("promise", id).stage()
}

/// A promise is due and was not kept: whoever made it and the timeline hear of it, once.
pub fn ring(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(promise) = view::get::<Data>(KIND, id)? else { return Ok(Outcome::Skip) };
    let text = |field: &str| promise.data.get(field).and_then(Value::as_str).unwrap_or_default();
    if !matches!(text("state"), "asked" | "open") || promise.data.contains_key("overdue_at") || text("due") > desk.now()
    {
        return Ok(Outcome::Skip);
    }
    record::change(KIND, id).if_rev(promise.rev).field("overdue_at", desk.now()).stage()?;
    event::raise("leads.promise.overdue")
        .subject(text("customer"))
        .record(&RecordRef { kind: KIND.into(), id: id.into(), rev: promise.rev })
        .field("kind", text("kind"))
        .field("made_by", text("made_by"))
        .stage()?;
    Ok(Outcome::Done)
}
