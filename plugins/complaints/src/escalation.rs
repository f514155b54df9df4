//! Missed limits: a reminder before, then whoever `complaint.escalate` names, stage by stage.

use marque_sdk::{Decision, Fault, Outcome, Result, decide, json, record};
use serde::{Deserialize, Serialize};

use crate::{
    case::{Case, KIND},
    clock,
    desk::Desk,
    level::Level,
    moment::Moment,
    people::{self, Person},
    step::Step,
    task::{self, Task},
    timer::{self, PROMISES, Ring},
};

/// What the rule is told; see points/complaint.escalate.json.
#[derive(Serialize)]
pub struct Input<'a> {
    /// The step or promise that is late.
    pub step: &'a str,
    /// How grave it is.
    pub level: Level,
    /// How often somebody was told already.
    pub stage: i64,
    /// How long the limit was.
    pub limit_minutes: i64,
    /// How long it has been over.
    pub overdue_minutes: i64,
    /// The time of the call.
    pub now: &'a str,
}

/// What it answers.
#[derive(Deserialize)]
pub struct Output {
    /// Who is told.
    pub to: Addressee,
    /// After which span the next one is.
    pub next: Option<String>,
    /// Why a dealer's script was passed over.
    pub fallback: Option<String>,
}

/// Who is told of a missed limit, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    /// Whoever leads the department.
    Manager,
    /// The general manager.
    Gm,
    /// The region.
    Region,
    /// Headquarters.
    Hq,
}

impl Addressee {
    /// Roles that stand for it, first found. A dealer does not see the people above it: they hear the event
    /// `complaints.case.breached`, and the dealer's general manager has the task of reporting to them.
    pub fn roles(self) -> &'static [&'static str] {
        match self {
            Addressee::Manager => &["crm_mgr", "service_mgr", "sales_mgr", "gm"],
            Addressee::Gm => &["gm", "crm_mgr"],
            Addressee::Region => &["region_mgr", "gm", "crm_mgr"],
            Addressee::Hq => &["hq_crm", "region_mgr", "gm", "crm_mgr", "hq_admin"],
        }
    }

    /// From what is stored.
    pub fn parse(code: &str) -> Option<Addressee> {
        Addressee::deserialize(json!(code)).ok()
    }
}

/// Answers a timer of ours that was due at `due_at`.
pub fn ring(desk: &Desk, ring: &Ring, due_at: &str) -> Result<Outcome> {
    let case = match Case::load(&ring.case) {
        Err(Fault { code, .. }) if code == "not_found" => return Ok(Outcome::Skip),
        case => case?,
    };
    if !is_running(&case, ring) {
        return Ok(Outcome::Skip);
    }
    match ring.stage {
        None => desk.raise("complaints.case.step_due", &case, json!({ "step": ring.clock, "due": ring.due }))?,
        Some(stage) => breach(desk, &case, ring, stage, due_at.parse()?)?,
    }
    Ok(Outcome::Done)
}

/// Whether the clock it was set for still runs: the step is not done, the promise not kept, the due time not moved.
fn is_running(case: &Case, ring: &Ring) -> bool {
    match PROMISES.iter().find(|(name, _, _)| *name == ring.clock) {
        Some((name, due, met)) => {
            case.text(due) == Some(&ring.due) && case.text(met).is_none() && (case.is_open() || *name == "legal")
        }
        None => case.text("step") == Some(&ring.clock) && case.text("step_due") == Some(&ring.due),
    }
}

fn breach(desk: &Desk, case: &Case, ring: &Ring, stage: i64, rung_at: Moment) -> Result<()> {
    let due: Moment = ring.due.parse()?;
    let overdue_minutes = desk.now.minutes_since(due).max(0);
    let input = Input {
        step: &ring.clock,
        level: case.level(),
        stage,
        limit_minutes: limit_minutes(case, ring),
        overdue_minutes,
        now: &desk.call.now,
    };
    let Decision { output, receipt } = decide::<Output>("complaint.escalate", &input)?;
    let next = match &output.next {
        // From when this one should have been told: a server that was down catches up.
        Some(span) => Some(clock::after(rung_at, span)?),
        None => None,
    };
    tell_addressee(desk, case, output.to, next)?;
    remember(case, output.to, stage, output.fallback, &receipt)?;
    let told = json!({ "step": ring.clock, "level": case.level(), "escalated_to": output.to, "stage": stage, "due": ring.due, "overdue_minutes": overdue_minutes });
    desk.raise("complaints.case.breached", case, told)?;
    match next {
        Some(at) => timer::set(case, &Ring { stage: Some(stage + 1), ..ring.clone() }, &at.to_string()),
        None => Ok(()),
    }
}

fn limit_minutes(case: &Case, ring: &Ring) -> i64 {
    let promise = PROMISES.iter().find(|(name, _, _)| *name == ring.clock);
    match (promise, Step::of(case)) {
        (Some((_, due, _)), _) => clock::minutes_between(case, "received_at", due),
        (None, Some(step)) => clock::minutes_between(case, step.start_field(), step.due_field()),
        (None, None) => 1,
    }
}

/// One open task for each who was told; being told twice makes no second one.
fn tell_addressee(desk: &Desk, case: &Case, to: Addressee, next: Option<Moment>) -> Result<()> {
    let staff = people::staff(desk)?;
    let barred: Vec<&str> = case.accused().into_iter().collect();
    let Some(Person { id, .. }) = people::first_with(&staff, to.roles(), &barred) else { return Ok(()) };
    let is_told = |task: &marque_sdk::Record| {
        task.data.get("step").is_some_and(|step| step == task::ESCALATION)
            && task.data.get("owner").is_some_and(|owner| owner == id)
    };
    if task::of(case)?.iter().any(is_told) {
        return Ok(());
    }
    let due = match next {
        Some(next) => next.max(desk.now),
        None => clock::after(desk.now, "1d")?,
    };
    let not_allowed = barred.iter().map(|id| (*id).to_owned()).collect();
    task::open(desk, case, &Task { step: task::ESCALATION, owner: id, due, is_held: false, not_allowed }).map(drop)
}

/// The case remembers the highest addressee and how often it was late.
fn remember(case: &Case, to: Addressee, stage: i64, notice: Option<String>, receipt: &str) -> Result<()> {
    let highest = case.text("escalated_to").and_then(Addressee::parse).map_or(to, |before| before.max(to));
    let mut change = record::change(KIND, &case.id).field("breached", true).field("escalated_to", highest);
    if stage == 0 {
        change = change.field("breach_count", case.number("breach_count") + 1);
    }
    if let Some(notice) = notice {
        change = change.field("rule_notice", notice);
    }
    change.receipt("escalated_to", receipt).stage()
}
