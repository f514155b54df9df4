//! Who repairs it: the point `service.assign_technician` ranks those who can, from what they know, how their repairs held and what they have to do.

use std::collections::BTreeMap;

use marque_sdk::{Date, Decision, Filter, Id, Record, Result, Value, decide, json, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    desk::{Desk, must_be, refuse, refuse_at},
    file::{File, LINE, ORDER, patch},
    flow::{self, Onward},
    lines, moment,
    people::{self, Person},
};

/// What a job asks of whoever does it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Need {
    code: String,
    symptom: String,
    skill: String,
    level: i64,
    certificate: String,
    is_come_back: bool,
    is_priority: bool,
}

/// Somebody who repairs, as the rule sees them.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Candidate {
    id: Id,
    name: String,
    is_on_duty: bool,
    level: i64,
    has_certificate: bool,
    first_fix: i64,
    experience: i64,
    free_capacity: i64,
    open_hours: f64,
    knows_car: bool,
}

#[derive(Debug, Deserialize, Serialize)]
pub struct Ranked {
    pub order: Vec<Id>,
    #[serde(default)]
    pub scores: Vec<f64>,
    #[serde(default)]
    pub reasons: Vec<String>,
}

#[derive(Deserialize)]
struct Count {
    technician: Option<Id>,
    n: i64,
}

#[derive(Deserialize)]
struct Hours {
    technician: Option<Id>,
    hours: Option<f64>,
}

/// States of an order in which its work fills somebody's day.
const BUSY: [&str; 7] = ["opened", "inspected", "estimated", "approved", "in_repair", "waiting_parts", "quality_check"];

/// Puts those who can do it in order, and says why; changes nothing.
pub fn recommend(desk: &Desk, order: &File) -> Result<Value> {
    let (ranked, _) = rank(desk, order, &need_of(order, &lines::of(&order.id)?))?;
    Ok(json!({ "order": ranked.order, "scores": ranked.scores, "reasons": ranked.reasons }))
}

/// The hardest of the order's jobs decides.
fn need_of(order: &File, lines: &[File]) -> Need {
    let hardest = lines
        .iter()
        .filter(|line| line.text("sort") != Some("part") && !line.is_in(&["refused", "done"]))
        .max_by_key(|line| (line.number("skill_level"), line.text("certificate").is_some()));
    let of = |field: &str| hardest.and_then(|line| line.text(field)).unwrap_or_default().to_owned();
    Need {
        code: of("code"),
        symptom: order.text("symptom").unwrap_or_default().to_owned(),
        skill: of("skill"),
        level: hardest.map_or(0, |line| line.number("skill_level")),
        certificate: of("certificate"),
        is_come_back: order.text("come_back_of").is_some(),
        is_priority: order.text("priority") == Some("high"),
    }
}

fn rank(desk: &Desk, order: &File, need: &Need) -> Result<(Ranked, String)> {
    let staff = people::staff(&order.org)?;
    let able: Vec<&Person> = staff.iter().filter(|person| person.has_role(&desk.settings.technician_roles)).collect();
    if able.is_empty() {
        return refuse("technician_missing", "nobody repairs here: give somebody the role technician");
    }
    let input = json!({
        "need": need, "previous": previous(order)?, "candidates": candidates(desk, order, need, &able)?, "now": desk.now(),
    });
    let Decision { mut output, receipt } = decide::<Ranked>("service.assign_technician", &input)?;
    output.order.retain(|id| able.iter().any(|person| person.id == *id));
    Ok((output, receipt))
}

/// Who worked on this car last.
fn previous(order: &File) -> Result<Option<Id>> {
    let of = Filter::eq("vehicle", order.text("vehicle").unwrap_or_default())
        .and(Filter::not_empty("technician"))
        .and(Filter::ne("id", order.id.as_str()));
    let last: Option<Record> = view::find(ORDER).filter(of).order("-opened_at").first()?;
    Ok(last.and_then(|last| File::from(last).text("technician").map(str::to_owned)))
}

fn candidates(desk: &Desk, order: &File, need: &Need, able: &[&Person]) -> Result<Vec<Candidate>> {
    let since = moment::plus(desk.now(), -1_440 * desk.settings.history_days)?;
    let here = || Filter::eq("org", order.org.as_str());
    let repaired = || here().and(Filter::gte("settled_at", since.as_str())).and(Filter::not_empty("technician"));
    let jobs = counts(ORDER, repaired())?;
    let back = counts(ORDER, repaired().and(Filter::eq("came_back", true)))?;
    let done = here().and(Filter::eq("state", "done")).and(Filter::gte("done_at", since.as_str()));
    let same = if need.code.is_empty() {
        counts(ORDER, repaired().and(Filter::eq("symptom", need.symptom.as_str())))?
    } else {
        counts(LINE, done.and(Filter::eq("code", need.code.as_str())))?
    };
    let load = load(order)?;
    let previous = previous(order)?;
    let today = Date::today(&desk.call)?;
    let of = |counts: &BTreeMap<Id, i64>, id: &str| counts.get(id).copied().unwrap_or(0);
    let day = desk.settings.technician_hours as f64;
    let one = |person: &&Person| {
        let open_hours = load.get(&person.id).copied().unwrap_or(0.0);
        let (n, n_back) = (of(&jobs, &person.id), of(&back, &person.id));
        Candidate {
            id: person.id.clone(),
            name: person.name.clone(),
            is_on_duty: person.is_on_duty,
            level: person.skills.get(&need.skill).and_then(Value::as_i64).unwrap_or(0),
            has_certificate: need.certificate.is_empty() || holds(&person.certificates, &need.certificate, today),
            first_fix: if n == 0 { desk.settings.first_fix_unknown } else { percent(n - n_back, n) },
            experience: percent(of(&same, &person.id), desk.settings.experience_full).min(100),
            free_capacity: ((day - open_hours) / day * 100.0).round().clamp(0.0, 100.0) as i64,
            open_hours,
            knows_car: previous.as_deref() == Some(&person.id),
        }
    };
    Ok(able.iter().map(one).collect())
}

fn percent(part: i64, whole: i64) -> i64 {
    (part * 200 + whole) / (whole * 2).max(1)
}

fn counts(kind: &str, filter: Filter) -> Result<BTreeMap<Id, i64>> {
    let rows: Vec<Count> = view::aggregate(kind).filter(filter).group(&["technician"]).count("n").rows()?;
    Ok(rows.into_iter().filter_map(|row| Some((row.technician?, row.n))).collect())
}

/// Hours of work each has before them.
fn load(order: &File) -> Result<BTreeMap<Id, f64>> {
    let of = Filter::eq("org", order.org.as_str())
        .and(Filter::is_in("state", BUSY))
        .and(Filter::ne("id", order.id.as_str()))
        .and(Filter::not_empty("technician"));
    let rows: Vec<Hours> =
        view::aggregate(ORDER).filter(of).group(&["technician"]).sum("hours", "labour_hours").rows()?;
    Ok(rows.into_iter().filter_map(|row| Some((row.technician?, row.hours.unwrap_or(0.0)))).collect())
}

/// Whether a certificate of this name holds today.
fn holds(certificates: &Value, name: &str, today: Date) -> bool {
    let valid = |one: &Value| {
        let is_it = one.get("name").and_then(Value::as_str).is_some_and(|known| known.eq_ignore_ascii_case(name));
        let until = one.get("expires").and_then(Value::as_str).and_then(|day| day.parse::<Date>().ok());
        is_it && until.is_none_or(|until| until >= today)
    };
    certificates.as_array().is_some_and(|all| all.iter().any(valid))
}

/// Input of `assign_technician`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    technician: Option<Id>,
    reason: Option<String>,
}

/// Gives the work to somebody: the first of the ranking, or whoever is named; somebody who lacks the skill only with a manager's reason.
pub fn assign(desk: &Desk, order: &File, input: &Assign) -> Result<Value> {
    must_be(order, &["opened", "inspected", "estimated", "approved", "in_repair", "waiting_parts"])?;
    let (ranked, receipt) = rank(desk, order, &need_of(order, &lines::of(&order.id)?))?;
    let reason = input.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let chosen = match &input.technician {
        Some(id) => {
            let person = people::member(&order.org, "/technician", id)?;
            if !person.has_role(&desk.settings.technician_roles) {
                return refuse_at("not_technician", "/technician", "they do not repair: choose a technician");
            }
            if !ranked.order.contains(&person.id) {
                if reason.is_none() {
                    let message =
                        "they lack the skill or certificate the job asks for: choose another, or say why all the same";
                    return refuse_at("not_qualified", "/technician", message);
                }
                desk.manager_only()?;
            }
            person.id
        }
        None => match ranked.order.first() {
            Some(first) => first.clone(),
            None => {
                return refuse(
                    "nobody_qualified",
                    ranked.reasons.first().cloned().unwrap_or_else(|| "nobody here can do this job".into()),
                );
            }
        },
    };
    let note: String = reason.map_or_else(|| ranked.reasons.join("；"), str::to_owned).chars().take(400).collect();
    let data = patch(json!({ "technician": chosen, "technician_note": note }));
    let onward = Onward { data, receipts: vec![("technician", receipt)], ..Onward::default() };
    let after = flow::go(desk, order, onward)?;
    for line in lines::of(&order.id)?
        .iter()
        .filter(|line| line.text("sort") != Some("part") && !line.is_in(&["done", "refused"]))
    {
        record::change(LINE, &line.id).field("technician", &chosen).stage()?;
    }
    Ok(
        json!({ "id": after.id, "technician": chosen, "order": ranked.order, "scores": ranked.scores, "reasons": ranked.reasons }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_holds_to_its_last_day() {
        let today: Date = "2026-03-13".parse().unwrap();
        let certificates = json!([{ "name": "HV", "expires": "2026-03-13" }, { "name": "Gearbox", "expires": "2026-03-12" }, { "name": "Body" }]);
        assert!(holds(&certificates, "hv", today));
        assert!(!holds(&certificates, "Gearbox", today));
        assert!(holds(&certificates, "Body", today));
        assert!(!holds(&Value::Null, "Body", today));
    }

    #[test]
    fn percentages_are_rounded_half_up() {
        assert_eq!((percent(23, 25), percent(1, 3), percent(2, 3), percent(0, 20)), (92, 33, 67, 0));
    }
}
