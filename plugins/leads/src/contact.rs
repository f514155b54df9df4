//! Words with the customer: what counts as effective, what it makes of the lead, and when the next one is due.

use marque_sdk::{Data, Date, Decision, Event, Filter, Outcome, Result, Value, decide, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at},
    enquiry::cut,
    flow::{self, Onward},
    lead::{KIND, Lead, open, patch},
    level, moment, score, task, texts,
};

const CONTACT: &str = "contacts.contact";

/// Input of `contact`; see plugin.toml.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// What came of it.
    pub outcome: String,
    channel: Option<String>,
    /// What the customer said.
    note: Option<String>,
    /// What is to be done next, and when.
    next_note: Option<String>,
    next: Option<String>,
}

/// Outcomes in which the customer has answered: only these count for protection and cadence.
const EFFECTIVE: [&str; 5] = ["connected", "visit", "reply", "call_back", "refused"];

impl Contact {
    fn is_effective(&self) -> bool {
        EFFECTIVE.contains(&self.outcome.as_str())
    }

    fn channel(&self) -> &str {
        match (self.channel.as_deref(), self.outcome.as_str()) {
            (Some(channel), _) => channel,
            (None, "visit") => "visit",
            (None, "reply") => "wechat",
            (None, _) => "phone",
        }
    }
}

/// Takes a word down: in the log of contacts, on the lead, and on the worklist.
pub fn contact(desk: &Desk, lead: &Lead, input: Contact) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(
        lead,
        &["assigned", "pool", "attempted", "contacted", "qualified", "ordered", "out_of_reach", "frozen"],
    )?;
    if input.is_effective()
        && lead.state() == "qualified"
        && input.next_note.as_deref().is_none_or(|note| note.trim().is_empty())
    {
        return refuse_at(
            "next_missing",
            "/next_note",
            "say what is to be done next: a follow-up ends with the next step",
        );
    }
    log(desk, lead, &input)?;
    took_place(desk, lead, &input)
}

/// A word that was logged elsewhere, by the lead's owner.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    #[derive(Deserialize)]
    struct Logged {
        customer: String,
        outcome: String,
        channel: Option<String>,
        at: String,
        by: Option<String>,
        next: Option<String>,
    }
    let Some(about) = event.record().filter(|record| record.kind == CONTACT) else { return Ok(Outcome::Skip) };
    let Some(logged) = view::get::<Logged>(CONTACT, &about.id)? else { return Ok(Outcome::Skip) };
    let Logged { customer, outcome, channel, at, by, next } = logged.data;
    let of = open().and(Filter::eq("customer", customer)).and(Filter::eq("org", logged.org.as_str()));
    let Some(lead) = view::find::<Data>(KIND).filter(of).order("created_at").first()?.map(Lead::from) else {
        return Ok(Outcome::Skip);
    };
    let is_counted = lead.text("last_attempt_at").is_some_and(|last| last >= at.as_str());
    let is_ours = by.as_deref() == Some(lead.owner());
    if is_counted || !is_ours || !flow_allows(&lead) {
        return Ok(Outcome::Skip);
    }
    let outcome = match (outcome.as_str(), channel.as_deref()) {
        ("reached", Some("visit")) => "visit",
        ("reached", _) => "connected",
        (other, _) => other,
    };
    // A later call than the level allows was promised elsewhere, so the level's own limit holds here.
    let next = next.filter(|_| lead.state() != "qualified");
    let input = Contact { outcome: outcome.to_owned(), channel, next, ..Contact::default() };
    took_place(desk, &lead, &input)?;
    Ok(Outcome::Done)
}

fn flow_allows(lead: &Lead) -> bool {
    matches!(lead.state(), "assigned" | "attempted" | "contacted" | "qualified" | "ordered" | "out_of_reach" | "frozen")
}

fn took_place(desk: &Desk, lead: &Lead, input: &Contact) -> Result<()> {
    if input.is_effective() {
        task::end(desk, lead, &task::ANSWERED, "done")?;
        return reached(desk, lead, input);
    }
    missed(desk, lead, input)
}

/// The fields of an effective contact just now.
pub fn effective(desk: &Desk, lead: &Lead) -> Result<Data> {
    let mut data = attempted(desk, lead)?;
    data.extend(patch(json!({
        "connected": lead.number("connected") + 1,
        "effective_at": desk.now(),
        "missed": 0,
        "missed_days": [],
        "day_parts": [],
        "hq_alarm_at": null,
    })));
    if lead.text("contacted_at").is_none() {
        data.insert("contacted_at".into(), desk.now().into());
    }
    data.insert("protected_until".into(), json!(level::protected_until(desk, lead)?));
    Ok(data)
}

fn attempted(desk: &Desk, lead: &Lead) -> Result<Data> {
    let mut days = lead.list("attempt_days");
    let today = Date::today(&desk.call)?.to_string();
    if !days.contains(&today) {
        days.push(today);
    }
    let mut data = patch(json!({
        "attempts": lead.number("attempts") + 1, "attempt_days": days, "last_attempt_at": desk.now(),
    }));
    if lead.text("first_attempt_at").is_none_or(|at| lead.text("assigned_at").is_some_and(|assigned| at < assigned)) {
        data.insert("first_attempt_at".into(), desk.now().into());
    }
    Ok(data)
}

fn reached(desk: &Desk, lead: &Lead, input: &Contact) -> Result<()> {
    let mut data = effective(desk, lead)?;
    if input.outcome == "visit" {
        data.insert("visits".into(), (lead.number("visits") + 1).into());
    }
    data.insert("next_note".into(), json!(input.next_note.as_deref().map(|note| cut(note, 300))));
    let judgement = score::judge(desk, &lead.with(&data))?;
    data.extend(judgement.data.clone());
    let after = lead.with(&data);
    let was_filed = lead.text("qualified_at").is_some();
    let (transition, step) = match lead.state() {
        "out_of_reach" if was_filed => (Some("recover"), "leads.follow_up"),
        "assigned" | "pool" | "attempted" | "out_of_reach" => (Some("connect"), "leads.qualify"),
        "frozen" => (Some("wake"), "leads.follow_up"),
        "qualified" => (None, "leads.follow_up"),
        "ordered" => (None, "leads.progress"),
        _ => (None, "leads.qualify"),
    };
    let latest = match step {
        "leads.follow_up" => follow_up_due(desk, &after)?,
        "leads.progress" => progress_due(desk)?,
        _ => moment::after(lead.text("contacted_at").unwrap_or(desk.now()), &desk.settings.valid)?
            .max(desk.now().to_owned()),
    };
    let due = next(desk, input, &latest)?;
    let next = Some(task::Plan { step, owner: lead.owner(), due: &due });
    let receipts = judgement.receipts();
    flow::go(desk, lead, Onward { transition, data, next, outcome: "done", receipts }).map(drop)
}

/// Nobody answered. After enough tries on different days and at different times the customer is out of reach.
fn missed(desk: &Desk, lead: &Lead, input: &Contact) -> Result<()> {
    let mut data = attempted(desk, lead)?;
    let (mut days, mut parts) = (lead.list("missed_days"), lead.list("day_parts"));
    for (list, value) in [
        (&mut days, Date::today(&desk.call)?.to_string()),
        (&mut parts, moment::part_of_day(desk.now(), &desk.call)?.to_owned()),
    ] {
        if !list.contains(&value) {
            list.push(value);
        }
    }
    let n = lead.number("missed") + 1;
    let limits = &desk.settings;
    let is_lost =
        n >= limits.attempts_lost && days.len() as i64 >= limits.days_lost && parts.len() as i64 >= limits.parts_lost;
    data.extend(patch(json!({ "missed": n, "missed_days": days, "day_parts": parts })));
    match lead.state() {
        "pool" => refuse_at("claim_first", "/outcome", "the lead is in the pool: claim it or have it assigned first"),
        "assigned" | "attempted" | "qualified" if is_lost => {
            let due = Date::today(&desk.call)?.plus_days(desk.settings.retry_days).morning();
            // A lead that was just given is tried before it is lost.
            let lead = if lead.state() == "assigned" { &through_attempted(lead, &data)? } else { lead };
            let next = Some(task::Plan { step: "leads.retry", owner: lead.owner(), due: &due });
            flow::go(
                desk,
                lead,
                Onward { transition: Some("lose"), data, next, outcome: "no_answer", ..Onward::default() },
            )
            .map(drop)
        }
        "assigned" | "attempted" => {
            let latest = moment::after(desk.now(), &desk.settings.next_try)?;
            let due = next(desk, input, &latest)?;
            let next = Some(task::Plan { step: "leads.first_contact", owner: lead.owner(), due: &due });
            flow::go(
                desk,
                lead,
                Onward { transition: Some("attempt"), data, next, outcome: "no_answer", ..Onward::default() },
            )
            .map(drop)
        }
        "out_of_reach" => {
            let due = Date::today(&desk.call)?.plus_days(desk.settings.retry_days).morning();
            let next = Some(task::Plan { step: "leads.retry", owner: lead.owner(), due: &due });
            flow::go(desk, lead, Onward { data, next, outcome: "no_answer", ..Onward::default() }).map(drop)
        }
        // Only an effective contact moves the follow-up: what is due stays due.
        _ => flow::go(desk, lead, Onward { data, ..Onward::default() }).map(drop),
    }
}

fn through_attempted(lead: &Lead, data: &Data) -> Result<Lead> {
    lead.move_to("attempt", data).stage()?;
    let mut tried = lead.with(data);
    tried.rev += 1;
    tried.data.insert("state".into(), "attempted".into());
    Ok(tried)
}

/// The next contact: what was agreed, at the latest when the level says.
fn next(desk: &Desk, input: &Contact, latest: &str) -> Result<String> {
    let Some(text) = &input.next else { return Ok(latest.to_owned()) };
    let due = moment::parse("/next", text)?;
    if due.as_str() <= desk.now() {
        return refuse_at("next_past", "/next", format!("{due} has passed: name a later time"));
    }
    if due.as_str() > latest {
        let message = format!(
            "{due} is later than {latest}, the limit of this step: call before, change the level, or freeze the lead"
        );
        return refuse_at("next_too_late", "/next", message);
    }
    Ok(due)
}

/// When the next follow-up is due: the end of the last day that `followup.cadence` leaves.
pub fn follow_up_due(desk: &Desk, lead: &Lead) -> Result<String> {
    #[derive(Deserialize)]
    struct Cadence {
        days: i64,
    }
    let last = lead.text("effective_at").or(lead.text("qualified_at")).unwrap_or(desk.now());
    let gap = level::of(desk, lead).map_or(30, |level| level.max_gap_days);
    let asked = json!({
        "level": lead.text("level").unwrap_or_default(), "stage": lead.text("stage").unwrap_or("filed"),
        "score": lead.number("score"), "max_gap_days": gap, "last": last, "now": desk.now(),
    });
    let Decision { output, .. } = decide::<Cadence>("followup.cadence", &asked)?;
    moment::end_of(Date::of(last, &desk.call)?.plus_days(output.days.clamp(1, gap)), &desk.call)
}

/// When the customer who has ordered hears the next word.
pub fn progress_due(desk: &Desk) -> Result<String> {
    moment::end_of(Date::today(&desk.call)?.plus_days(desk.settings.progress_days), &desk.call)
}

/// The word in the log that every department sees.
fn log(desk: &Desk, lead: &Lead, input: &Contact) -> Result<()> {
    let Some(customer) = lead.customer() else { return Ok(()) };
    let outcome = match input.outcome.as_str() {
        "connected" | "visit" | "reply" => "reached",
        "call_back" | "refused" | "wrong_number" => &input.outcome,
        _ => "no_answer",
    };
    let said = texts::text(&desk.call.locale, &format!("outcome.{}", input.outcome));
    let line = input.note.as_deref().and_then(|note| note.lines().map(str::trim).find(|line| !line.is_empty()));
    let summary = line.map_or(said.clone(), |line| format!("{said} · {line}"));
    let create = record::create(CONTACT)
        .id(new_id())
        .org(lead.org.as_str())
        .field("customer", customer)
        .field("summary", cut(&summary, 120))
        .field("outcome", outcome)
        .field("channel", input.channel())
        .field("direction", if input.outcome == "reply" { "in" } else { "out" })
        .field("at", desk.now());
    let given = [("by", desk.me().map(str::to_owned)), ("note", input.note.clone())];
    let given = given.into_iter().filter_map(|(field, value)| Some((field, value?)));
    given.fold(create, |create, (field, value): (&str, String)| create.field(field, Value::from(value))).stage()
}
