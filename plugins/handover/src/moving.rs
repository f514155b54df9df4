//! Carrying a hand-over out: customer after customer changes hands, whole, each in one commit; it is done when nothing is left.

use std::collections::BTreeMap;

use marque_sdk::{Event, Filter, Id, Outcome, Record, Result, info, message, record, stage, timer, view};
use serde::Deserialize;

use crate::{
    begin::{Handover, KIND},
    brief,
    desk::Desk,
    holdings::{self, Bundle},
    item::{self, Item},
    people::{self, Person},
    plan, task, texts,
};
use marque_sdk::moment;

/// Customers a call: their briefs take reading.
const PIECE: usize = 15;

/// Whom a customer's message reaches.
#[derive(Deserialize)]
struct Reach {
    #[serde(default)]
    name: String,
    phone: Option<String>,
    email: Option<String>,
    owner: Option<Id>,
}

/// It was started: from here it goes on by itself.
pub fn begin(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(record) = event.record() else { return Ok(Outcome::Skip) };
    stage([timer::cancel(&format!("auto:{}", record.id))])?;
    timer::set(&format!("move:{}", record.id), desk.now()).field("handover", &record.id).stage()?;
    Ok(Outcome::Done)
}

/// The next customers; or what has come since the plan was made; or the end.
pub fn next(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(handover) = view::get::<Handover>(KIND, id)?.filter(|one| one.data.state == "running") else {
        return Ok(Outcome::Skip);
    };
    let lines = item::planned_of(id)?;
    if lines.is_empty() {
        // Whatever came to them meanwhile goes the same way, until nothing is left.
        if plan::extend(desk, &handover)? == 0 {
            finish(desk, &handover)?;
        } else {
            again(desk, id)?;
        }
        return Ok(Outcome::Done);
    }
    let leaver = people::known(&handover.org, "/leaver", &handover.data.leaver)?;
    let bundles: BTreeMap<Option<Id>, Bundle> =
        holdings::of(&leaver.id)?.into_iter().map(|bundle| (bundle.customer.clone(), bundle)).collect();
    let able = people::successors(desk, &handover.org, &leaver, &handover.data.successors)?;
    let n_lines = lines.len().min(PIECE);
    for line in lines.iter().take(PIECE) {
        let to = still_there(&handover.org, &line.data.to, &able)?;
        hand_over(desk, &handover, line, bundles.get(&line.data.customer), &to)?;
    }
    let n_moved = handover.data.n_moved + i64::try_from(n_lines).unwrap_or(0);
    record::change(KIND, id).if_rev(handover.rev).field("n_moved", n_moved).stage()?;
    again(desk, id)?;
    Ok(Outcome::Done)
}

fn again(desk: &Desk, id: &str) -> Result<()> {
    timer::set(&format!("move:{id}"), desk.now()).field("handover", id).stage()
}

/// Who was planned, unless they have left themselves meanwhile.
fn still_there(org: &str, to: &str, able: &[Person]) -> Result<Id> {
    let is_there = people::known(org, "/to", to).is_ok_and(|person| person.is_at_work());
    Ok(match able.first() {
        Some(first) if !is_there => first.id.clone(),
        _ => to.to_owned(),
    })
}

/// One customer: all that is open, the file, the brief, the word to the customer.
fn hand_over(
    desk: &Desk,
    handover: &Record<Handover>,
    line: &Record<Item>,
    bundle: Option<&Bundle>,
    to: &str,
) -> Result<()> {
    for holding in bundle.map(|bundle| bundle.open.as_slice()).unwrap_or_default() {
        holding.give(to, &handover.data.owner)?;
    }
    let mut moved = record::mov(item::KIND, &line.id, "move").if_rev(line.rev).field("moved_at", desk.now());
    if to != line.data.to {
        moved = moved.field("to", to);
    }
    if let Some(id) = &line.data.customer
        && let Some(customer) = view::get::<Reach>("customer", id)?
    {
        if customer.data.owner.as_ref() == Some(&handover.data.leaver) {
            record::change("customer", id).field("owner", to).why("handover").stage()?;
        }
        if bundle.is_some_and(|bundle| bundle.weight() > 0) {
            let about = brief::About { former: Some(&handover.data.leaver), handover: Some(&handover.id), reader: to };
            brief::make(desk, id, &about)?;
        }
        if tell(desk, id, &customer.data, to)? {
            moved = moved.field("informed_at", desk.now());
        }
    }
    moved.stage()
}

/// Tells the customer who looks after them now.
fn tell(desk: &Desk, id: &str, customer: &Reach, to: &str) -> Result<bool> {
    let channel = match (&customer.phone, &customer.email) {
        (Some(_), _) => "sms",
        (None, Some(_)) => "email",
        (None, None) => return Ok(false),
    };
    if !desk.settings.tell_customers {
        return Ok(false);
    }
    let locale = &desk.call.locale;
    let body = texts::filled(locale, "message.new_contact", &[("name", &customer.name), ("to", &people::name(to)?)]);
    let until = info::due(desk.now(), &desk.settings.tell_within)?;
    let send = message::serve(id, channel, &body).template("handover.new_contact").until(&until);
    if channel == "email" { send.subject(&body) } else { send }.stage()?;
    Ok(true)
}

/// Nothing is left: the manager's task ends, and each successor has one to accept.
fn finish(desk: &Desk, handover: &Record<Handover>) -> Result<()> {
    let since = handover.data.left_at.as_deref().unwrap_or(&handover.data.begun_at);
    let hours = moment::between(since, desk.now())?.max(0).div_euclid(60);
    let finish = record::mov(KIND, &handover.id, "finish").if_rev(handover.rev).field("done_at", desk.now());
    finish.field("hours", hours).stage()?;
    task::end(desk, &handover.id, "handover.review", "done")?;
    let due = info::due(desk.now(), &desk.settings.accept_within)?;
    let leaver = people::name(&handover.data.leaver)?;
    for to in receivers(&handover.id)? {
        let new = task::New {
            step: "handover.accept",
            who: &leaver,
            owner: &to,
            due: &due,
            about_kind: KIND,
            about: &handover.id,
        };
        task::make(desk, &handover.org, &new)?;
    }
    Ok(())
}

fn receivers(handover: &str) -> Result<Vec<Id>> {
    #[derive(Deserialize)]
    struct Row {
        to: Option<Id>,
    }
    let moved = Filter::eq("handover", handover).and(Filter::eq("state", "moved"));
    let rows: Vec<Row> = view::aggregate(item::KIND).filter(moved).group(&["to"]).count("n").rows()?;
    let mut receivers: Vec<Id> = rows.into_iter().filter_map(|row| row.to).collect();
    receivers.sort();
    Ok(receivers)
}
