//! Moderation: a post of our own page is passed, one with personal data or abuse goes out of sight, with who and why kept.

use marque_sdk::{Result, Value, json};
use serde::Deserialize;

use crate::{
    case::patch,
    desk::{Desk, refuse},
    forum::{
        desk,
        post::{Post, State},
    },
    task,
};

/// Input of `hide_post`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hide {
    hidden_reason: String,
    hidden_note: String,
}

/// Input of `show_post`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Show {
    reason: String,
}

/// It may be seen by everybody.
pub fn pass(desk: &Desk, post: &Post) -> Result<()> {
    desk::may_answer(desk, post)?;
    post.must_be(&[State::New, State::Answered])?;
    if !post.is_ours() {
        return refuse("post_not_ours", "only posts of our own page are checked here: others are in public already");
    }
    if post.text("checked_at").is_some() {
        return refuse("post_passed", "this post was passed already");
    }
    post.keep(desk, patch(json!({ "checked_at": desk.call.now, "checked_by": desk.me() })))
}

/// It goes out of sight. It does not go out of the figures where it was late already.
pub fn hide(desk: &Desk, post: &Post, input: Hide) -> Result<()> {
    desk::may_hide(desk)?;
    post.must_be(&[State::New, State::Answered])?;
    let note = said(&input.hidden_note)?;
    task::end_about(desk, &post.id, "not_needed")?;
    let fields = json!({
        "hidden_reason": input.hidden_reason, "hidden_note": note, "hidden_by": desk.me(), "hidden_at": desk.call.now,
        "task": null,
    });
    post.go(desk, "hide", State::Hidden, patch(fields)).map(drop)
}

/// It was hidden wrongly. Its clocks are those it had: a limit that passed meanwhile has passed.
pub fn show(desk: &Desk, post: &Post, input: Show) -> Result<()> {
    desk::may_hide(desk)?;
    post.must_be(&[State::Hidden])?;
    let mut fields =
        patch(json!({ "shown_note": said(&input.reason)?, "shown_by": desk.me(), "shown_at": desk.call.now }));
    if post.text("answered_at").is_some() {
        return post.go(desk, "show_answered", State::Answered, fields).map(drop);
    }
    let task = desk::open_task(desk, post)?;
    fields.insert("task".into(), task.into());
    post.go(desk, "show", State::New, fields).map(drop)
}

fn said(why: &str) -> Result<Value> {
    match why.trim() {
        "" => refuse("post_reason_missing", "write down why: the author may ask"),
        why => Ok(why.into()),
    }
}
