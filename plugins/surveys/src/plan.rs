//! Action plans: what is done about a weakness, why, by whom and until when. Nobody forgets it: it has a task and a timer.

use marque_sdk::{Date, Fault, Filter, Id, Outcome, Result, Value, event, json, new_id, record, timer, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, KEEPERS},
    texts,
};

/// The kind's name.
pub const KIND: &str = "surveys.plan";
const STEP: &str = "survey.plan";

/// What of a plan counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Plan {
    state: String,
    owner: Id,
    topic: String,
    due: Option<Date>,
    score: Option<Id>,
}

/// Input of `plan`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    topic: String,
    cause: String,
    measure: String,
    owner: Id,
    due: Date,
    #[serde(default)]
    score: Option<Id>,
    #[serde(default)]
    study: Option<Id>,
}

/// Input of `finish` and `drop`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    result: String,
}

/// Makes a plan with its task and its timers.
pub fn begin(desk: &Desk, input: &Begin) -> Result<Value> {
    desk.must_have(&["crm_mgr", "gm", "sales_mgr", "service_mgr", "hq_crm", "hq_admin", "region_mgr"])?;
    let today = Date::today(&desk.call)?;
    if input.due < today {
        return Err(Fault::at("due_past", "/due", format!("{} has passed: say a day to come", input.due)));
    }
    if view::get::<Value>("user", &input.owner)?.is_none() {
        return Err(Fault::at("owner_unknown", "/owner", "no such member of staff: choose somebody who works here"));
    }
    let id = new_id();
    let mut plan = record::create(KIND)
        .id(id.as_str())
        .field("topic", &input.topic)
        .field("cause", &input.cause)
        .field("measure", &input.measure)
        .field("owner", &input.owner)
        .field("due", input.due);
    if let Some(study) = &input.study {
        plan = plan.field("study", study);
    }
    if let Some(score) = &input.score {
        plan = plan.field("score", score);
        record::change(crate::score::KIND, score).field("plan", &id).stage()?;
    }
    plan.stage()?;
    record::create("worklist.task")
        .id(new_id())
        .field("title", format!("{}：{}", texts::text(&desk.call.locale, "step.survey.plan"), input.topic))
        .field("step", STEP)
        .field("owner", &input.owner)
        .field("due", input.due.morning())
        .field("about_kind", KIND)
        .field("about", &id)
        .field("held", true)
        .stage()?;
    let remind = input.due.plus_days(-desk.settings.plan_reminder_days).morning();
    // A plan for tomorrow is not reminded of yesterday.
    let (at, step) = if remind.as_str() > desk.now() { (remind, "remind") } else { (input.due.morning(), "due") };
    timer::set(&format!("plan:{id}"), &at).field("plan", &id).field("step", step).stage()?;
    Ok(json!({ "id": id }))
}

/// Reminds before it is due, and once more on the day.
pub fn ring(id: &str, step: &str) -> Result<Outcome> {
    let Some(plan) = view::get::<Plan>(KIND, id)? else { return Ok(Outcome::Skip) };
    if plan.data.state != "open" {
        return Ok(Outcome::Skip);
    }
    let about = marque_sdk::RecordRef { kind: KIND.into(), id: id.into(), rev: plan.rev };
    let data = json!({ "plan": id, "owner": plan.data.owner, "due": plan.data.due, "is_due": step == "due" });
    event::raise("surveys.plan.due").subject(id).record(&about).data(data).stage()?;
    if step == "due" {
        record::change(KIND, id).field("is_overdue", true).stage()?;
    } else if let Some(due) = plan.data.due {
        timer::set(&format!("plan:{id}"), &due.morning()).field("plan", id).field("step", "due").stage()?;
    }
    Ok(Outcome::Done)
}

/// Ends a plan: carried out, or given up with the reason.
pub fn end(desk: &Desk, id: &str, transition: &str, input: &End) -> Result<Value> {
    let plan = view::require::<Plan>(KIND, id)?;
    if plan.data.state != "open" {
        return Err(Fault::new("plan_ended", format!("the plan is {} already", plan.data.state)));
    }
    if desk.me() != Some(plan.data.owner.as_str()) {
        desk.must_have(&KEEPERS)?;
    }
    record::mov(KIND, id, transition)
        .if_rev(plan.rev)
        .field("result", &input.result)
        .field("ended_at", desk.now())
        .field("is_overdue", false)
        .stage()?;
    if transition == "drop"
        && let Some(score) = &plan.data.score
    {
        // The weakness has no plan any more.
        record::change(crate::score::KIND, score).field("plan", Value::Null).stage()?;
    }
    timer::cancel(&format!("plan:{id}")).stage()?;
    let open = Filter::eq("about", id).and(Filter::eq("state", "open"));
    for task in view::find::<Value>("worklist.task").filter(open).limit(5).page()?.items {
        record::mov("worklist.task", &task.id, "complete").field("outcome", "done").field("done_at", desk.now()).stage()?;
    }
    Ok(json!({ "id": id }))
}
