//! Who is about to leave: a case a customer, opened with the task to call, followed as the customer stands, ended by a paid visit.

use std::collections::BTreeMap;

use marque_sdk::{Data, Date, Filter, Id, Record, Result, info, json, message, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, raise, said},
    people::{self, Person},
    profile::{Customer, Profile},
    texts,
};

/// The kind of a case.
pub const KIND: &str = "value.churn";
/// Of a task.
pub const TASK: &str = "worklist.task";
/// Steps of our tasks; a case ends them.
pub const STEPS: [&str; 3] = ["value.manager_call", "value.cause_call", "value.result"];

/// What of a case counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Case {
    pub customer: Id,
    pub state: String,
    pub churn_state: Option<String>,
    pub risk: i64,
    pub risk_reasons: Option<String>,
    pub retention: Option<String>,
    pub owner: Option<Id>,
    pub opened_at: String,
    pub started_at: Option<String>,
    pub lost_at: Option<String>,
    pub tries: i64,
    pub spend_cap: Option<i64>,
    pub spent: i64,
    pub spending: Vec<marque_sdk::Value>,
}

/// What the rules found of a customer.
#[derive(Clone, Debug)]
pub struct Finding {
    pub state: String,
    pub risk: i64,
    pub band: String,
    pub reasons: String,
    pub retention: String,
    pub treatment: String,
    pub stage: String,
    pub worth: i64,
    pub spend_cap: i64,
    pub last_visit: Option<Date>,
}

impl Finding {
    /// Whether somebody should do something about it.
    fn is_leaving(&self) -> bool {
        matches!(self.state.as_str(), "warning" | "dormant" | "lost") || (self.band == "high" && self.state != "none")
    }
}

/// Where a customer stood and stands.
pub struct At<'a> {
    /// The file's id.
    pub profile: &'a str,
    /// The file before.
    pub before: &'a Profile,
    pub finding: &'a Finding,
}

/// The open cases of some customers, and the people who call, read when they are first needed.
pub struct Cases {
    open: BTreeMap<Id, Record<Case>>,
    staff: BTreeMap<Id, Vec<Person>>,
}

impl Cases {
    /// The open cases of some customers.
    pub fn of(ids: &[Id]) -> Result<Cases> {
        let theirs = Filter::is_in("slot", ids.iter().cloned());
        let found = view::find::<Case>(KIND).filter(theirs).up_to(ids.len().max(1))?;
        let open = found.into_iter().map(|case| (case.data.customer.clone(), case)).collect();
        Ok(Cases { open, staff: BTreeMap::new() })
    }

    /// Opens, follows or ends the case of a customer.
    pub fn follow(&mut self, desk: &Desk, customer: &Record<Customer>, at: &At<'_>) -> Result<()> {
        match self.open.remove(&customer.id) {
            None if at.finding.is_leaving() => self.open(desk, customer, at),
            None => Ok(()),
            Some(case) => self.go_on(desk, customer, &case, at),
        }
    }

    fn open(&mut self, desk: &Desk, customer: &Record<Customer>, at: &At<'_>) -> Result<()> {
        let finding = at.finding;
        let is_managers = finding.treatment == "manager_call";
        let (roles, within, step) = if is_managers {
            (&desk.settings.manager_roles, &desk.settings.manager_call, "value.manager_call")
        } else {
            (&desk.settings.officer_roles, &desk.settings.cause_call, "value.cause_call")
        };
        let staff = match self.staff.entry(customer.org.clone()) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(people::staff(&customer.org)?),
        };
        let owner = people::first_with(staff, roles).map(|person| person.id.clone());
        let due = info::due(desk.now(), within)?;
        let is_lost = finding.state == "lost";
        let id = new_id();
        let mut data = watched(finding);
        data.extend(said(json!({
            "customer": customer.id, "profile": at.profile, "slot": customer.id, "owner": owner, "opened_at": desk.now(), "due": due,
            "spend_cap": finding.spend_cap, "last_visit": finding.last_visit, "lost_at": is_lost.then(|| desk.now()),
        })));
        record::create(KIND).id(id.as_str()).org(customer.org.as_str()).fields(data).stage()?;
        // Whoever is worth a call gets one; the others stand in the list, and get a message if the dealer has written one.
        if let (true, Some(owner)) = (finding.treatment != "automatic" && finding.treatment != "minimal", &owner) {
            let plan = Plan { step, owner, due: &due, case: &id };
            task(desk, customer, &plan)?;
        }
        if finding.treatment == "automatic" && !desk.settings.automatic_message.is_empty() {
            message::marketing(&customer.id, &desk.settings.channel, &desk.settings.automatic_message).stage()?;
        }
        let about = (KIND, id.as_str(), 1);
        let told = json!({ "state": finding.state, "risk": finding.risk, "retention": finding.retention });
        raise("value.churn.warning", Some(&customer.id), about, told.clone())?;
        if is_lost { raise("value.churn.lost", Some(&customer.id), about, told) } else { Ok(()) }
    }

    fn go_on(&self, desk: &Desk, customer: &Record<Customer>, case: &Record<Case>, at: &At<'_>) -> Result<()> {
        let finding = at.finding;
        if finding.state == "left_naturally" {
            return end(desk, case, "leave", json!({}));
        }
        let opened = Date::of(&case.data.opened_at, &desk.call)?;
        let came = finding.last_visit.is_some_and(|visit| visit >= opened) && finding.last_visit > at.before.last_visit;
        let was_away = matches!(case.data.churn_state.as_deref(), Some("warning" | "dormant" | "lost"));
        if came && (was_away || case.data.state == "treating") {
            let within = case.data.started_at.as_deref().map(|at| Date::of(at, &desk.call)).transpose()?;
            let in_time = within.map(|started| started.days_until(desk.today) <= desk.settings.won_back_days);
            return end(desk, case, "succeed", json!({ "in_time": in_time }));
        }
        if !finding.is_leaving() && case.data.state == "alert" {
            return end(desk, case, "close", json!({}));
        }
        let is_lost = finding.state == "lost" && case.data.lost_at.is_none();
        let is_same = case.data.churn_state.as_deref() == Some(&finding.state)
            && case.data.risk == finding.risk
            && case.data.risk_reasons.as_deref() == Some(&finding.reasons)
            && case.data.retention.as_deref() == Some(&finding.retention);
        if is_same && !is_lost {
            return Ok(());
        }
        let mut data = watched(finding);
        data.extend(said(json!({ "spend_cap": finding.spend_cap, "lost_at": is_lost.then(|| desk.now()) })));
        record::change(KIND, &case.id).if_rev(case.rev).fields(data).stage()?;
        if is_lost {
            let told = json!({ "state": finding.state, "risk": finding.risk, "retention": finding.retention });
            raise("value.churn.lost", Some(&customer.id), (KIND, &case.id, case.rev + 1), told)?;
        }
        Ok(())
    }
}

fn watched(finding: &Finding) -> Data {
    said(json!({
        "churn_state": finding.state, "risk": finding.risk, "risk_band": finding.band, "risk_reasons": finding.reasons,
        "retention": finding.retention, "treatment": finding.treatment, "worth": finding.worth,
    }))
}

/// A task to be made.
pub struct Plan<'a> {
    pub step: &'a str,
    pub owner: &'a str,
    pub due: &'a str,
    pub case: &'a str,
}

/// Makes a task about a case; the case ends it, not its owner.
pub fn task(desk: &Desk, customer: &Record<Customer>, plan: &Plan<'_>) -> Result<()> {
    record::create(TASK)
        .id(new_id())
        .org(customer.org.as_str())
        .field("title", texts::title(&desk.call.locale, plan.step, &customer.data.name))
        .field("step", plan.step)
        .field("owner", plan.owner)
        .field("due", plan.due)
        .field("customer", &customer.id)
        .field("about_kind", KIND)
        .field("about", plan.case)
        .field("held", true)
        .stage()
}

#[derive(Deserialize)]
struct Task {
    #[serde(default)]
    step: String,
}

/// The open tasks about a case.
pub fn tasks(case: &str) -> Result<Vec<Id>> {
    let open = Filter::eq("about", case).and(Filter::eq("state", "open"));
    let found = crate::desk::optional(view::find::<Task>(TASK).filter(open).up_to(100))?;
    Ok(found.into_iter().filter(|task| STEPS.contains(&task.data.step.as_str())).map(|task| task.id).collect())
}

/// Ends the open tasks about a case.
pub fn end_tasks(desk: &Desk, case: &str) -> Result<()> {
    for id in tasks(case)? {
        let end = record::mov(TASK, &id, "complete").field("outcome", "done").field("done_at", desk.now());
        desk.me().into_iter().fold(end, |end, me| end.field("done_by", me)).stage()?;
    }
    Ok(())
}

/// Ends a case with its tasks; its customer may have another later.
pub fn end(desk: &Desk, case: &Record<Case>, transition: &str, data: marque_sdk::Value) -> Result<()> {
    end_tasks(desk, &case.id)?;
    let mut data = said(data);
    data.insert("ended_at".into(), desk.now().into());
    data.insert("slot".into(), marque_sdk::Value::Null);
    record::mov(KIND, &case.id, transition).if_rev(case.rev).fields(data).stage()
}
