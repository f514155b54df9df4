//! The quarterly review of typical cases, and the plan that comes of it.
//!
//! On the first day of a quarter each organisation that closed complaints in the last one has typical cases to talk about, led by the general
//! manager, and a week after that talk for a plan.

use std::collections::BTreeMap;

use marque_sdk::{Data, Date, Fault, Filter, Outcome, Result, info, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    case::KIND as CASE,
    desk::{Desk, refuse},
    texts,
};

/// The job's name.
pub const JOB: &str = "review";
const REVIEW: &str = "complaints.review";
const TASK: &str = "worklist.task";
/// Time to talk, and to plan.
const TALK: &str = "14d";
const PLAN: &str = "7d";
/// Typical cases proposed to an organisation.
const MOST_TYPICAL: usize = 5;
/// A page of the View. More grave cases than this in a quarter of the whole brand are more than reviews can hold.
const PAGE: u32 = 500;

/// Input of `hold`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    findings: String,
    typical: Option<Vec<String>>,
}

/// Input of `plan`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    plan: String,
}

/// How many cases an organisation has closed.
#[derive(Deserialize)]
struct Closed {
    org: String,
    n: u64,
}

/// Somebody who may lead a review.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Leader {
    roles: Vec<String>,
    status: Option<String>,
}

/// The quarter before a day: its name, its first day and the first day after it.
fn quarter_before(today: Date) -> (String, Date, Date) {
    let month = i64::from(today.to_string()[5..7].parse::<u8>().unwrap_or(1));
    let start = today.to_string();
    let first: Date = format!("{}-{:02}-01", &start[..4], (month - 1) / 3 * 3 + 1).parse().unwrap_or(today);
    let before = first.plus_months(-3);
    let n = (i64::from(before.to_string()[5..7].parse::<u8>().unwrap_or(1)) - 1) / 3 + 1;
    (format!("{}Q{n}", before.year()), before, first)
}

/// Opens the reviews of the quarter that has ended.
pub fn begin() -> Result<Outcome> {
    let desk = Desk::open()?;
    let (quarter, from, to) = quarter_before(Date::today(&desk.call)?);
    // Quarters are those of the maker's clock, as the job is.
    let moment = |day: Date| format!("{day}T00:00:00+08:00");
    let within = || Filter::gte("closed_at", moment(from)).and(Filter::lt("closed_at", moment(to)));
    let closed: Vec<Closed> = view::aggregate(CASE).filter(within()).group(&["org"]).count("n").rows()?;
    let typical = typical(within())?;
    let leaders = leaders()?;
    let due = info::due(&desk.call.now, TALK)?;
    for Closed { org, n } in closed {
        // Without anybody to lead it, the review stands there for headquarters to see.
        let leader = leaders.get(&org);
        let id = new_id();
        let mut review = json!({
            "quarter": quarter, "n_closed": n, "due": due, "typical": typical.get(&org).cloned().unwrap_or_default(),
        });
        if let Some(leader) = leader {
            review["leader"] = leader.as_str().into();
        }
        record::create(REVIEW).id(id.as_str()).org(org.as_str()).fields(&review).stage()?;
        if let Some(leader) = leader {
            task(&desk, &org, leader, &id, "complaint.review", &due)?;
        }
    }
    Ok(Outcome::Done)
}

/// Of each organisation the cases that were gravest or came back.
fn typical(within: Filter) -> Result<BTreeMap<String, Vec<String>>> {
    let is_grave =
        Filter::is_in("level", ["escalated", "important", "important_urgent"]).or(Filter::gte("reopened_count", 1));
    let found = view::find::<Data>(CASE).filter(within.and(is_grave)).order("-closed_at").limit(PAGE).page()?;
    let mut typical: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in found.items {
        let of_org = typical.entry(case.org).or_default();
        if of_org.len() < MOST_TYPICAL {
            of_org.push(case.id);
        }
    }
    Ok(typical)
}

/// Of each organisation its general manager, or else whoever leads customer care.
fn leaders() -> Result<BTreeMap<String, String>> {
    let mut leaders: BTreeMap<String, (bool, String)> = BTreeMap::new();
    for user in view::find::<Leader>("user").up_to(usize::MAX)? {
        let has = |role: &str| user.data.roles.iter().any(|known| known == role);
        if user.data.status.as_deref() == Some("left") || !(has("gm") || has("crm_mgr")) {
            continue;
        }
        let is_gm = has("gm");
        let known = leaders.entry(user.org).or_insert_with(|| (is_gm, user.id.clone()));
        if is_gm && !known.0 {
            *known = (true, user.id);
        }
    }
    Ok(leaders.into_iter().map(|(org, (_, user))| (org, user)).collect())
}

/// The talk was held; the plan is due in a week.
pub fn hold(desk: &Desk, review: &str, input: Hold) -> Result<()> {
    let (rev, org, leader) = load(review)?;
    let due = info::due(&desk.call.now, PLAN)?;
    end_tasks(desk, review)?;
    let mut write = record::mov(REVIEW, review, "hold")
        .if_rev(rev)
        .fields(json!({ "findings": input.findings, "held_at": desk.call.now, "plan_due": due }));
    if let Some(typical) = input.typical {
        write = write.field("typical", typical);
    }
    write.stage()?;
    match leader.as_deref().or(desk.me()) {
        Some(leader) => task(desk, &org, leader, review, "complaint.review_plan", &due),
        None => Ok(()),
    }
}

/// What will be done about it.
pub fn plan(desk: &Desk, review: &str, input: Plan) -> Result<()> {
    let (rev, _, _) = load(review)?;
    if input.plan.trim().is_empty() {
        return refuse("plan_missing", "write down what will be done, by whom and by when");
    }
    end_tasks(desk, review)?;
    let fields = json!({ "plan": input.plan, "planned_at": desk.call.now });
    record::mov(REVIEW, review, "plan").if_rev(rev).fields(&fields).stage()
}

fn load(review: &str) -> Result<(u32, String, Option<String>)> {
    let Some(found) = view::get::<Data>(REVIEW, review)? else {
        return Err(Fault::not_found(format!("there is no review {review:?} here")));
    };
    let leader = found.data.get("leader").and_then(|leader| leader.as_str()).map(str::to_owned);
    Ok((found.rev, found.org, leader))
}

fn task(desk: &Desk, org: &str, owner: &str, review: &str, step: &str, due: &str) -> Result<()> {
    record::create(TASK)
        .id(new_id())
        .org(org)
        .fields(json!({
            "title": texts::title(&desk.call.locale, step, ""), "step": step, "owner": owner, "due": due,
            "about_kind": REVIEW, "about": review, "held": true,
        }))
        .stage()
}

fn end_tasks(desk: &Desk, review: &str) -> Result<()> {
    let about = Filter::eq("about", review).and(Filter::eq("state", "open"));
    for task in view::find::<Data>(TASK).filter(about).limit(20).page()?.items {
        let mut end = record::mov(TASK, &task.id, "complete").field("outcome", "done").field("done_at", &desk.call.now);
        if let Some(me) = desk.me() {
            end = end.field("done_by", me);
        }
        end.stage()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_ends_with_its_last_day() {
        let of = |day: &str| {
            let (name, from, to) = quarter_before(day.parse().unwrap());
            (name, from.to_string(), to.to_string())
        };
        let whole = |name: &str, from: &str, to: &str| (name.to_owned(), from.to_owned(), to.to_owned());
        assert_eq!(of("2026-04-01"), whole("2026Q1", "2026-01-01", "2026-04-01"));
        assert_eq!(of("2026-06-30"), whole("2026Q1", "2026-01-01", "2026-04-01"));
        assert_eq!(of("2026-01-01"), whole("2025Q4", "2025-10-01", "2026-01-01"));
        assert_eq!(of("2026-12-31"), whole("2026Q3", "2026-07-01", "2026-10-01"));
    }
}
