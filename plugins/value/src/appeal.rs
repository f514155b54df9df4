//! Appeals: within ten working days of the freeze, once a grade, decided by somebody else at headquarters. The grade that was made stays on file.

use marque_sdk::{Filter, Id, Result, Value, info, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    close::{Grade, movement},
    desk::{Desk, raise as tell, refuse, refuse_at, said},
    profile,
    run::ASSESSMENT,
};

/// The kind of an appeal.
const KIND: &str = "value.appeal";
/// Who decides.
const DECIDERS: [&str; 4] = ["hq_crm", "hq_analyst", "hq_admin", "hq_channel"];

/// Input of `appeal`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    reason: String,
    wanted: Option<String>,
}

/// Input of `decide_appeal`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    uphold: bool,
    grade: Option<String>,
    decision: String,
}

#[derive(Deserialize)]
struct Appeal {
    assessment: Id,
    state: String,
    #[serde(default)]
    grade_before: Option<String>,
    #[serde(default)]
    raised_by: Option<Id>,
}

/// Somebody disagrees with a grade.
pub fn raise(desk: &Desk, id: &str, input: Raise) -> Result<Value> {
    let grade = view::require::<Grade>(ASSESSMENT, id)?;
    let Some(until) = grade.data.appeal_until.as_deref().filter(|_| grade.data.closed_at.is_some()) else {
        return refuse("appeal_early", "the run is not frozen yet: its grades can be appealed against then");
    };
    if desk.now() > until {
        return refuse("appeal_late", format!("appeals were taken until {until}: the next quarter grades anew"));
    }
    if view::find::<Value>(KIND).filter(Filter::eq("assessment", id)).exists()? {
        return refuse("appeal_exists", "there is an appeal against this grade already");
    }
    if input.wanted.is_some() && input.wanted == grade.data.grade {
        return refuse_at("appeal_same", "/wanted", "this is the grade there is: ask for another");
    }
    let appeal = new_id();
    let data = said(json!({
        "assessment": id, "slot": id, "customer": grade.data.customer, "dealer": grade.data.dealer, "reason": input.reason, "wanted": input.wanted,
        "grade_before": grade.data.grade, "raised_by": desk.me(), "raised_at": desk.now(), "due": info::due(desk.now(), &desk.settings.decide)?,
    }));
    record::create(KIND).id(appeal.as_str()).org(grade.org.as_str()).fields(data).stage()?;
    Ok(json!({ "id": appeal }))
}

/// Headquarters decides.
pub fn decide(desk: &Desk, id: &str, input: Decide) -> Result<Value> {
    desk.held_to(&DECIDERS, "headquarters decides appeals")?;
    let appeal = view::require::<Appeal>(KIND, id)?;
    if appeal.data.state != "open" {
        return refuse("appeal_decided", format!("this appeal is {} already", appeal.data.state));
    }
    if desk.me().is_some() && desk.me() == appeal.data.raised_by.as_deref() {
        return refuse("appeal_own", "whoever appealed does not decide: let a colleague do it");
    }
    let decided = json!({ "decision": input.decision, "decided_at": desk.now(), "decided_by": desk.me() });
    let mut data = said(decided);
    if !input.uphold {
        record::mov(KIND, id, "reject").if_rev(appeal.rev).fields(data).stage()?;
        return Ok(json!({ "id": id }));
    }
    let Some(after) = input.grade.filter(|grade| Some(grade) != appeal.data.grade_before.as_ref()) else {
        return refuse_at("grade_missing", "/grade", "say which other grade it becomes");
    };
    data.insert("grade_after".into(), after.as_str().into());
    record::mov(KIND, id, "uphold").if_rev(appeal.rev).fields(data).stage()?;
    correct(&appeal.data, &after)?;
    Ok(json!({ "id": id, "grade": after }))
}

/// The grade that counts from now on; the one that was made stays beside it.
fn correct(appeal: &Appeal, after: &str) -> Result<()> {
    let grade = view::require::<Grade>(ASSESSMENT, &appeal.assessment)?;
    record::change(ASSESSMENT, &grade.id).if_rev(grade.rev).field("corrected", after).stage()?;
    if let (true, Some(customer)) = (grade.data.official, &grade.data.customer) {
        for profile in profile::of(std::slice::from_ref(customer))?.values() {
            record::change(profile::KIND, &profile.id).field("grade", after).stage()?;
        }
    }
    let told = json!({
        "from": appeal.grade_before, "to": after, "quarter": grade.data.quarter, "movement": movement(appeal.grade_before.as_deref(), Some(after)),
    });
    tell("value.grade.changed", grade.data.customer.as_deref(), (ASSESSMENT, &grade.id, grade.rev + 1), told)
}
