//! The work itself: inspection, start, waiting for parts, the end of it, and the check by somebody else.

use marque_sdk::{Data, Date, Id, Result, Value, json, record};
use serde::Deserialize;

use crate::{
    desk::{Desk, must_be, refuse, refuse_at},
    estimate,
    file::{File, LINE, ORDER, given, patch},
    flow::{self, Onward},
    lines, moment, standard, tell,
};

/// Input of `inspect`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspect {
    diagnosis: String,
    cause: Option<String>,
    symptom: Option<String>,
    #[serde(default)]
    checklist: Vec<Check>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    code: String,
    result: String,
    note: Option<String>,
}

/// What was found; every item of the standard for this sort of visit is looked at.
pub fn inspect(desk: &Desk, order: &File, input: &Inspect) -> Result<Value> {
    must_be(order, &["opened"])?;
    if input.diagnosis.trim().is_empty() {
        return refuse_at("diagnosis_missing", "/diagnosis", "say what was found");
    }
    let wanted = standard::checks(&order.org, order.text("kind").unwrap_or("repair"))?;
    let missing: Vec<&str> = wanted
        .iter()
        .filter_map(|item| item.data.get("code").and_then(Value::as_str))
        .filter(|code| !input.checklist.iter().any(|done| done.code == *code))
        .collect();
    if !missing.is_empty() {
        let message = format!("look at these of the standard as well: {}", missing.join(", "));
        return refuse_at("check_missing", "/checklist", message);
    }
    let name = |code: &str| {
        let of = wanted.iter().find(|item| item.data.get("code").and_then(Value::as_str) == Some(code));
        of.and_then(|item| item.data.get("name")).cloned().unwrap_or(Value::Null)
    };
    let looked: Vec<Data> = input
        .checklist
        .iter()
        .map(|done| {
            given(json!({ "code": done.code, "name": name(&done.code), "result": done.result, "note": done.note }))
        })
        .collect();
    let data = given(json!({
        "diagnosis": input.diagnosis.trim(), "cause": input.cause, "symptom": input.symptom,
        "checklist": (!looked.is_empty()).then_some(looked), "inspected_at": desk.now(),
    }));
    moved(desk, order, ("inspect", "inspected"), data)
}

fn moved(desk: &Desk, order: &File, transition: (&str, &str), data: Data) -> Result<Value> {
    let after = flow::go(desk, order, Onward { transition: Some(transition), data, ..Onward::default() })?;
    Ok(json!({ "id": order.id, "state": after.state() }))
}

/// Work begins, by the technician it was given to.
pub fn start(desk: &Desk, order: &File) -> Result<Value> {
    must_be(order, &["approved"])?;
    if order.text("technician").is_none() {
        return refuse("technician_unassigned", "nobody has this work yet: assign a technician first");
    }
    moved(
        desk,
        order,
        ("start", "in_repair"),
        given(json!({ "started_at": order.text("started_at").unwrap_or(desk.now()), "started_by": desk.me() })),
    )
}

/// Input of `wait_parts`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    lines: Vec<Id>,
    eta: Option<String>,
    promised_ready: Option<String>,
}

/// Parts are missing: which, and when they come.
pub fn wait(desk: &Desk, order: &File, input: &Wait) -> Result<Value> {
    must_be(order, &["in_repair"])?;
    let eta = input.eta.as_deref().map(|day| day_to_come(desk, day, "/eta")).transpose()?;
    let all = lines::of(&order.id)?;
    for (n, id) in input.lines.iter().enumerate() {
        let is_part = all.iter().any(|line| line.id == *id && line.text("sort") == Some("part"));
        if !is_part {
            return refuse_at("line_unknown", &format!("/lines/{n}"), format!("{id:?} is no part of this order"));
        }
        let change = record::change(LINE, id).field("part_state", "ordered");
        eta.iter().fold(change, |change, eta| change.field("eta", eta)).stage()?;
    }
    let waits = !input.lines.is_empty() || all.iter().any(|line| line.text("part_state") == Some("ordered"));
    if !waits {
        return refuse_at("parts_missing", "/lines", "say which parts are waited for");
    }
    let mut data = patch(json!({ "waiting_since": desk.now() }));
    data.extend(given(json!({ "parts_eta": eta })));
    data.extend(promised(desk, input.promised_ready.as_deref())?);
    moved(desk, order, ("wait", "waiting_parts"), data)
}

fn day_to_come(desk: &Desk, text: &str, pointer: &str) -> Result<Date> {
    let day: Date = text.parse().map_err(|_| {
        marque_sdk::Fault::at("date_invalid", pointer, format!("{text:?} is not a day: write it like 2026-03-20"))
    })?;
    if day < Date::today(&desk.call)? {
        return refuse_at("date_past", pointer, format!("{day} has passed: write a day to come"));
    }
    Ok(day)
}

/// A part has come; when the last one is here the work goes on.
pub fn part_arrived(desk: &Desk, line: &File) -> Result<Value> {
    if line.text("part_state") != Some("ordered") {
        return refuse("not_waited_for", "nobody waits for this part");
    }
    line.change(&patch(json!({ "part_state": "arrived" }))).stage()?;
    let order = File::load(ORDER, line.text("order").unwrap_or_default())?;
    let still = lines::of(&order.id)?.iter().any(|one| one.id != line.id && one.text("part_state") == Some("ordered"));
    if still || order.state() != "waiting_parts" {
        return Ok(json!({ "id": line.id, "state": order.state() }));
    }
    resume(desk, &order)
}

/// The work goes on.
pub fn resume(desk: &Desk, order: &File) -> Result<Value> {
    must_be(order, &["waiting_parts"])?;
    let mut data = patch(json!({ "parts_eta": null }));
    estimate::waited(desk, order, &mut data)?;
    moved(desk, order, ("resume", "in_repair"), data)
}

/// The technician is done: what was agreed is done, what was refused is not.
pub fn finish(desk: &Desk, order: &File) -> Result<Value> {
    must_be(order, &["in_repair"])?;
    let all = lines::of(&order.id)?;
    if all.iter().any(|line| line.text("part_state") == Some("ordered") && line.state() != "refused") {
        return refuse("parts_awaited", "a part is still waited for: take it in or off first");
    }
    if all.iter().any(|line| line.state() == "extra") {
        return refuse("extra_unasked", "extra work was not put before the customer: do that, or take it off");
    }
    for line in all.iter().filter(|line| !line.is_in(&["refused", "done"])) {
        record::change(LINE, &line.id).field("state", "done").field("done_at", desk.now()).stage()?;
    }
    moved(
        desk,
        order,
        ("finish", "quality_check"),
        given(json!({ "finished_at": desk.now(), "finished_by": desk.me() })),
    )
}

/// Input of `check`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    passed: bool,
    note: Option<String>,
}

/// Somebody who has not done the work looks at it.
pub fn check(desk: &Desk, order: &File, input: &Quality) -> Result<Value> {
    must_be(order, &["quality_check"])?;
    let Some(me) = desk.me() else { return refuse("user_unknown", "a person checks the work") };
    let all = lines::of(&order.id)?;
    let has_worked = ["technician", "started_by", "finished_by"].iter().any(|field| order.text(field) == Some(me))
        || all.iter().any(|line| line.text("technician") == Some(me));
    if has_worked {
        return refuse("own_work", "whoever has done the work does not check it: ask a colleague");
    }
    if !desk.has_role(&desk.settings.checker_roles) {
        return refuse(
            "check_denied",
            format!("work is checked by the roles {}", desk.settings.checker_roles.join(", ")),
        );
    }
    if input.passed {
        let is_on_time = order.text("promised_ready").is_none_or(|promised| desk.now() <= promised);
        let data =
            patch(json!({ "checked_by": me, "checked_at": desk.now(), "ready_at": desk.now(), "on_time": is_on_time }));
        let after = flow::go(desk, order, Onward { transition: Some(("pass", "ready")), data, ..Onward::default() })?;
        tell::ready(desk, &after)?;
        return Ok(json!({ "id": order.id, "state": after.state(), "on_time": is_on_time }));
    }
    let Some(note) = input.note.as_deref().map(str::trim).filter(|note| !note.is_empty()) else {
        return refuse_at("note_missing", "/note", "say what is not right yet");
    };
    for line in all.iter().filter(|line| line.state() == "done") {
        record::change(LINE, &line.id).field("state", "approved").field("done_at", Value::Null).stage()?;
    }
    let data = patch(
        json!({ "checked_by": me, "finished_at": null, "failed_checks": order.number("failed_checks") + 1, "check_note": note }),
    );
    moved(desk, order, ("fail", "in_repair"), data)
}

/// Input of `promise`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    promised_ready: String,
}

/// Another time, which the customer was told.
pub fn promise(desk: &Desk, order: &File, input: &Promise) -> Result<Value> {
    must_be(order, &crate::clock::BEFORE_READY)?;
    let data = promised(desk, Some(&input.promised_ready))?;
    let after = flow::go(desk, order, Onward { data, ..Onward::default() })?;
    Ok(json!({ "id": order.id, "promised_ready": after.text("promised_ready") }))
}

fn promised(desk: &Desk, said: Option<&str>) -> Result<Data> {
    let Some(said) = said else { return Ok(Data::new()) };
    let at = moment::parse("/promised_ready", said)?;
    if at.as_str() <= desk.now() {
        return refuse_at("promise_past", "/promised_ready", format!("{at} has passed: promise a time to come"));
    }
    Ok(patch(json!({ "promised_ready": at, "late": false })))
}

/// Input of `loaner`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loaner {
    loaner_state: String,
    loaner: Option<String>,
}

/// What became of the loaner that the customer was offered.
pub fn loaner(desk: &Desk, order: &File, input: &Loaner) -> Result<Value> {
    must_be(order, &crate::order::OPEN)?;
    let data = given(json!({ "loaner_state": input.loaner_state, "loaner": input.loaner }));
    flow::go(desk, order, Onward { data, ..Onward::default() })?;
    Ok(json!({ "id": order.id }))
}
