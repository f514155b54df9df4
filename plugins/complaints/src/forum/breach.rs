//! A promise to whoever posted in public was missed: the public answer goes to headquarters, the rest up the house.

use marque_sdk::{Decision, Fault, Outcome, Result, Value, decide, json};

use crate::{
    case::patch,
    clock::after,
    desk::Desk,
    escalation::{Addressee, Input, Output},
    forum::{
        clock::{self, PROMISES, Ring},
        desk,
        post::{Post, State},
    },
    level::Level,
    people, task,
};

/// Answers a timer of a post that was due at `due_at`.
pub fn ring(desk: &Desk, ring: &Ring, due_at: &str) -> Result<Outcome> {
    let post = match Post::load(&ring.post) {
        Err(Fault { code, .. }) if code == "not_found" => return Ok(Outcome::Skip),
        post => post?,
    };
    let due = PROMISES.iter().find(|(name, _, _)| *name == ring.clock).and_then(|(_, due, _)| post.text(due));
    if due != Some(&ring.due) || !clock::is_owed(&post, &ring.clock) {
        return Ok(Outcome::Skip);
    }
    match ring.stage {
        None => post.raise("complaints.post.step_due", json!({ "step": ring.clock, "due": ring.due }))?,
        // The complaint made of it has a clock of its own, which tells people; here it is written down for the figures.
        Some(_) if post.state() == State::Complaint => {
            post.keep(desk, patch(json!({ "on_time": 0, "breached": true })))?
        }
        Some(stage) => breach(desk, &post, ring, stage, due_at)?,
    }
    Ok(Outcome::Done)
}

fn breach(desk: &Desk, post: &Post, ring: &Ring, stage: i64, rung_at: &str) -> Result<()> {
    let due = ring.due.parse()?;
    let overdue_minutes = desk.now.minutes_since(due).max(0);
    let limit_minutes = post.moment("posted_at").map_or(1, |posted| due.minutes_since(posted).max(1));
    let input =
        Input { step: &ring.clock, level: Level::General, stage, limit_minutes, overdue_minutes, now: &desk.call.now };
    let Decision { output, receipt } = decide::<Output>("complaint.escalate", &input)?;
    let next = match &output.next {
        Some(span) => Some(after(rung_at.parse()?, span)?),
        None => None,
    };
    let until = match next {
        Some(next) => next.max(desk.now),
        None => after(desk.now, "1d")?,
    };
    tell(desk, post, output.to, &until.to_string())?;
    remember(post, ring, stage, &output, &receipt)?;
    post.raise(
        "complaints.post.breached",
        json!({
            "step": ring.clock, "escalated_to": output.to, "stage": stage, "due": ring.due,
            "overdue_minutes": overdue_minutes, "asked": post.text("asked"),
        }),
    )?;
    match next {
        Some(at) => clock::set(post, &Ring { stage: Some(stage + 1), ..ring.clone() }, &at.to_string()),
        None => Ok(()),
    }
}

/// One open task for each who was told. Somebody else than whoever was late hears of it first.
fn tell(desk: &Desk, post: &Post, to: Addressee, until: &str) -> Result<()> {
    let staff = people::staff(desk)?;
    let owner = post.text("owner").unwrap_or_default();
    let found = |but: &[&str]| {
        let of = |to: Addressee| people::first_with(&staff, to.roles(), but);
        of(to).or_else(|| of(Addressee::Hq))
    };
    let Some(person) = found(&[owner]).or_else(|| found(&[])) else { return Ok(()) };
    let is_told = |task: &marque_sdk::Record| {
        task.data.get("step").is_some_and(|step| step == task::ESCALATION)
            && task.data.get("owner").is_some_and(|owner| *owner == person.id)
    };
    if task::about(&post.id)?.iter().any(is_told) {
        return Ok(());
    }
    let about = post.text("title").or_else(|| post.text("forum")).unwrap_or_default();
    desk::task(desk, post, &desk.call.org, (task::ESCALATION, about), &person.id, until, false).map(drop)
}

fn remember(post: &Post, ring: &Ring, stage: i64, output: &Output, receipt: &str) -> Result<()> {
    let before = post.text("escalated_to").and_then(Addressee::parse);
    let highest = before.map_or(output.to, |before| before.max(output.to));
    let mut fields = patch(json!({ "breached": true, "escalated_to": highest }));
    if stage == 0 {
        fields.insert("breach_count".into(), (post.number("breach_count") + 1).into());
    }
    if ring.clock == "answer" {
        fields.insert("on_time".into(), 0.into());
    }
    if let Some(notice) = &output.fallback {
        fields.insert("rule_notice".into(), notice.as_str().into());
    }
    marque_sdk::record::change(super::post::KIND, &post.id)
        .fields(Value::Object(fields))
        .receipt("escalated_to", receipt)
        .stage()
}
