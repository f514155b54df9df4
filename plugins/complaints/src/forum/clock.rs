//! What is promised to whoever posts in public, counted from the post: the timers, and when they are of use no more.

use marque_sdk::{Data, Result, json, stage, timer};
use serde::{Deserialize, Serialize};

use crate::{
    case::patch,
    clock::after,
    desk::Desk,
    forum::post::{Post, State},
    moment::Moment,
};

/// A promise: its name, when it is due, what says that it was kept.
pub const PROMISES: [(&str, &str, &str); 4] = [
    ("check", "check_due", "checked_at"),
    ("first", "first_due", "first_answered_at"),
    ("contact", "contact_due", "contacted_at"),
    ("answer", "answer_due", "answered_at"),
];

/// What a timer says when it rings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// The post.
    pub post: String,
    /// The promise it measures.
    pub clock: String,
    /// The due time it was set for.
    pub due: String,
    /// How often somebody was told already; none when it only reminds.
    pub stage: Option<i64>,
}

/// The due times of a post. On our own page it is checked before anybody sees it.
pub fn of(desk: &Desk, posted_at: Moment, is_ours: bool) -> Result<Data> {
    let settings = &desk.settings;
    let due = |span: &str| Ok(after(posted_at, span)?.to_string());
    let mut clocks = patch(json!({
        "first_due": due(&settings.first_answer)?,
        "contact_due": due(&settings.contact)?,
        "answer_due": due(&settings.answer)?,
    }));
    if is_ours {
        clocks.insert("check_due".into(), due(&settings.forum_check)?.into());
    }
    Ok(clocks)
}

/// Whether a promise is still to be kept. What goes on as a complaint has the complaint's clocks; its public answer is
/// watched here too, so that the figures know of it.
pub fn is_owed(post: &Post, clock: &str) -> bool {
    let Some((_, due, met)) = PROMISES.iter().find(|(name, _, _)| *name == clock) else { return false };
    let is_open = match post.state() {
        State::New => true,
        State::Answered => clock == "check",
        State::Complaint => clock == "answer",
        State::Hidden | State::Closed => false,
    };
    is_open && post.text(due).is_some() && post.text(met).is_none()
}

/// Sets the timers of promises just made and cancels those of promises kept.
pub fn follow(desk: &Desk, before: Option<&Post>, post: &Post) -> Result<()> {
    for (clock, due, _) in PROMISES {
        match (before.is_some_and(|before| is_owed(before, clock)), is_owed(post, clock)) {
            (false, true) => {
                let due = post.text(due).unwrap_or_default().to_owned();
                set(
                    post,
                    &Ring { post: post.id.clone(), clock: clock.into(), due: due.clone(), stage: Some(0) },
                    &due,
                )?;
            }
            (true, false) => timer::cancel(&key(clock, &post.id)).stage()?,
            _ => {}
        }
    }
    let is_waiting = |post: &Post| post.state() == State::New && is_owed(post, "answer");
    match (before.is_some_and(is_waiting), is_waiting(post)) {
        (false, true) => warn(desk, post),
        (true, false) => timer::cancel(&key("warn", &post.id)).stage(),
        _ => Ok(()),
    }
}

/// Reminds before the public answer is due.
fn warn(desk: &Desk, post: &Post) -> Result<()> {
    let (Some(posted), Some(due)) = (post.moment("posted_at"), post.moment("answer_due")) else { return Ok(()) };
    let at = posted.share_until(due, desk.settings.warn_percent);
    if at <= desk.now {
        return Ok(());
    }
    let ring = Ring { post: post.id.clone(), clock: "answer".into(), due: due.to_string(), stage: None };
    set(post, &ring, &at.to_string())
}

/// Sets the timer of a promise for a stage.
pub fn set(post: &Post, ring: &Ring, at: &str) -> Result<()> {
    let clock = if ring.stage.is_none() { "warn" } else { ring.clock.as_str() };
    let set = timer::set(&key(clock, &post.id), at).data(ring);
    stage([match post.text("customer") {
        Some(customer) => set.subject(customer),
        None => set,
    }])
}

/// Begins like no key of a complaint does: lib.rs tells them apart by it.
fn key(clock: &str, post: &str) -> String {
    format!("post_{clock}:{post}")
}
