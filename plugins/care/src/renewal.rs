//! Renewals: from the policy that ends to the one that follows it, here or elsewhere, with the reason if elsewhere.

use marque_sdk::{Data, Date, Fault, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    call::Call,
    desk::{self, Desk},
    people::{self, Wanted},
    policy::{self, New},
    reminder::{self, Reminder},
    texts,
};

/// The kind's name.
pub const KIND: &str = "care.renewal";
const OPEN: [&str; 3] = ["found", "contacted", "quoted"];

#[derive(Clone, Debug, Deserialize)]
struct Renewal {
    policy: Id,
    vehicle: Id,
    customer: Id,
    owner: Option<Id>,
    state: String,
    ends_on: Date,
    insurer: Option<String>,
    premium: Option<i64>,
}

/// A chance that begins.
#[derive(Clone, Copy, Debug)]
pub struct Begin<'a> {
    /// The policy that ends.
    pub policy: &'a str,
    /// In which organisation.
    pub org: &'a str,
    /// Whose.
    pub customer: &'a str,
    /// Of which vehicle.
    pub vehicle: &'a str,
    /// Compulsory or commercial.
    pub kind: &'a str,
    /// Its last day.
    pub ends_on: Date,
    /// What it cost.
    pub premium: Option<i64>,
}

/// Begins a chance, with its reminder, in one commit. Policies of a vehicle that end together are renewed together.
pub fn begin(desk: &Desk, begin: &Begin<'_>) -> Result<()> {
    let lapses = begin.ends_on.plus_days(desk.settings.lapse_days);
    let slot = format!("{}:{}", begin.vehicle, begin.ends_on);
    if lapses <= desk.today || view::find::<Value>(KIND).filter(Filter::eq("slot", slot.as_str())).exists()? {
        return Ok(());
    }
    let way = desk.settings.way("renewal");
    let owner = people::choose(begin.org, Wanted { roles: &way.roles, prefer: None, not_allowed: &[] })?;
    let id = new_id();
    let create = record::create(KIND)
        .id(id.as_str())
        .org(begin.org)
        .field("policy", begin.policy)
        .field("vehicle", begin.vehicle)
        .field("customer", begin.customer)
        .field("ends_on", begin.ends_on)
        .field("slot", slot);
    let create = owner.iter().fold(create, |create, owner| create.field("owner", owner));
    begin.premium.into_iter().fold(create, |create, premium| create.field("premium_before", premium)).stage()?;
    let wanted = reminder::Wanted {
        kind: "renewal",
        org: begin.org,
        customer: begin.customer,
        vehicle: Some(begin.vehicle),
        about: Some((KIND, &id)),
        due_on: begin.ends_on,
        reasons: texts::text(&desk.call.locale, &format!("reason.renewal.{}", begin.kind)),
        more: Data::new(),
        receipt: None,
    };
    reminder::ensure(desk, &[], &wanted)?;
    let data = json!({ "ends_on": begin.ends_on });
    desk::raise("care.renewal.started", KIND, &id, 1, &begin.customer.to_owned(), data)
}

fn load(id: &str) -> Result<Record<Renewal>> {
    let renewal = view::require::<Renewal>(KIND, id)?;
    if OPEN.contains(&renewal.data.state.as_str()) {
        return Ok(renewal);
    }
    Err(Fault::new("renewal_over", format!("this renewal is {} already", renewal.data.state)))
}

/// Who looks after the renewal that a reminder is about.
pub fn owner_of(reminder: &Reminder) -> Result<Option<Id>> {
    let Some(about) = reminder.about.as_deref().filter(|_| reminder.about_kind.as_deref() == Some(KIND)) else {
        return Ok(None);
    };
    Ok(view::get::<Renewal>(KIND, about)?.and_then(|renewal| renewal.data.owner))
}

/// A call has reached the customer: the renewals that were spoken of are contacted.
pub fn spoken_of(desk: &Desk, call: &Record<Call>) -> Result<()> {
    let spoken = Filter::eq("call", call.id.as_str()).and(Filter::eq("about_kind", KIND));
    for reminder in view::find::<Reminder>(reminder::KIND).filter(spoken).limit(20).page()?.items {
        let renewal = reminder.data.about.as_deref().map(|id| view::get::<Renewal>(KIND, id)).transpose()?.flatten();
        if let Some(renewal) = renewal.filter(|renewal| renewal.data.state == "found") {
            record::mov(KIND, &renewal.id, "contact").if_rev(renewal.rev).field("contacted_at", desk.now()).stage()?;
        }
    }
    Ok(())
}

/// The customer was spoken to outside a planned call.
pub fn contacted(desk: &Desk, id: &str, note: Option<&str>) -> Result<()> {
    let renewal = load(id)?;
    let contact = record::mov(KIND, id, "contact").if_rev(renewal.rev).field("contacted_at", desk.now());
    note.into_iter().fold(contact, |contact, note| contact.field("note", note)).stage()
}

/// Input of `quote`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    premium: i64,
    insurer: Option<String>,
    discount: Option<i64>,
    note: Option<String>,
}

/// A price was named.
pub fn quote(desk: &Desk, id: &str, input: &Quote) -> Result<()> {
    let renewal = load(id)?;
    if input.premium <= 0 {
        return Err(Fault::at("premium_missing", "/premium", "a quote needs a premium above zero"));
    }
    let mut data = reminder::object(json!({
        "premium": input.premium, "insurer": input.insurer, "discount": input.discount, "note": input.note,
        "quoted_at": desk.now(),
    }));
    data.retain(|_, value| !value.is_null());
    record::mov(KIND, id, "quote").if_rev(renewal.rev).fields(data).stage()
}

/// Input of `renew`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renew {
    number: String,
    insurer: Option<String>,
    from: Option<String>,
    to: Option<String>,
    premium: i64,
}

/// Won: the new policy, the old one renewed, the chance closed and the next begun, in one commit.
pub fn renew(desk: &Desk, id: &str, input: &Renew) -> Result<Value> {
    let renewal = load(id)?;
    let old = policy::load(&renewal.data.policy)?;
    let from = match &input.from {
        Some(text) => desk::day(text, "/from")?,
        None => renewal.data.ends_on.plus_days(1),
    };
    let to = match &input.to {
        Some(text) => desk::day(text, "/to")?,
        None => from.plus_months(12).plus_days(-1),
    };
    let insurer = input.insurer.as_deref().or(renewal.data.insurer.as_deref()).unwrap_or(&old.data.insurer);
    let new = policy::create(
        desk,
        &New {
            org: &renewal.org,
            vehicle: &renewal.data.vehicle,
            customer: &renewal.data.customer,
            number: &input.number,
            kind: &old.data.kind,
            insurer,
            from,
            to,
            premium: Some(input.premium),
            sold_by_us: true,
            follows: Some(&old.id),
            note: None,
        },
    )?;
    if matches!(old.data.state.as_str(), "active" | "expired") {
        record::mov(policy::KIND, &old.id, "renew").if_rev(old.rev).stage()?;
    }
    let data = json!({ "new_policy": new, "premium": input.premium, "insurer": insurer });
    over(desk, &renewal, "win", data)?;
    end_reminder(desk, id, "finish")?;
    Ok(json!({ "id": id, "policy": new }))
}

/// Input of `lose`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lose {
    how: String,
    reason: Option<String>,
    to: Option<String>,
    note: Option<String>,
}

/// Lost, with the reason; a vehicle that was sold needs none.
pub fn lose(desk: &Desk, id: &str, input: &Lose) -> Result<()> {
    let renewal = load(id)?;
    if input.how != "sold" && input.reason.is_none() {
        return Err(Fault::at("lost_reason_missing", "/reason", "say why the customer does not renew here"));
    }
    let transition = match input.how.as_str() {
        "elsewhere" => "lose",
        "refused" => "refuse",
        _ => "sell",
    };
    let data = json!({
        "lost_reason": input.reason, "lost_to": input.to, "note": input.note, "premium": renewal.data.premium,
    });
    over(desk, &renewal, transition, data)?;
    end_reminder(desk, id, "cancel")
}

fn over(desk: &Desk, renewal: &Record<Renewal>, transition: &str, data: Value) -> Result<()> {
    let mut data = reminder::object(data);
    data.retain(|_, value| !value.is_null());
    record::mov(KIND, &renewal.id, transition)
        .if_rev(renewal.rev)
        .field("ended_at", desk.now())
        .field("slot", Value::Null)
        .fields(data)
        .stage()
}

/// What was to be said about it is said no more, and its call is off.
fn end_reminder(desk: &Desk, id: &str, transition: &str) -> Result<()> {
    for one in reminder::open(Filter::eq("about", id))? {
        let (reason, more) = match transition {
            "finish" => ("", json!({ "done_on": desk.today })),
            _ => ("end.renewal", json!({})),
        };
        reminder::end(desk, &one, transition, reason, more)?;
        if let Some(call) = &one.data.call {
            reminder::withdraw_call(desk, call, "renewal", "end.renewal")?;
        }
    }
    Ok(())
}

/// Somebody else looks after it.
pub fn take(id: &str, owner: &str) -> Result<()> {
    let renewal = load(id)?;
    let person = people::member(&renewal.org, owner)?;
    record::change(KIND, id).if_rev(renewal.rev).field("owner", &person.id).stage()
}

fn open_of(filter: Filter) -> Result<Vec<Record<Renewal>>> {
    view::find::<Renewal>(KIND).filter(filter.and(Filter::is_in("state", OPEN))).up_to(100)
}

/// The vehicle has gone to somebody else, or for good.
pub fn vehicle_gone(desk: &Desk, vehicle: &str) -> Result<usize> {
    let renewals = open_of(Filter::eq("vehicle", vehicle))?;
    renewals.iter().try_for_each(|renewal| over(desk, renewal, "sell", json!({})))?;
    Ok(renewals.len())
}

/// The policy has ended before its day.
pub fn policy_gone(desk: &Desk, policy: &str) -> Result<()> {
    for renewal in open_of(Filter::eq("policy", policy))? {
        over(desk, &renewal, "refuse", json!({ "lost_reason": "not_needed" }))?;
        end_reminder(desk, &renewal.id, "cancel")?;
    }
    Ok(())
}
