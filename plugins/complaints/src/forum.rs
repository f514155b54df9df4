//! Posts on public forums: taken in, checked, answered within a day, hidden with a reason, or made a complaint.

mod answer;
mod breach;
mod clock;
mod desk;
mod figures;
mod intake;
mod moderate;
mod page;
mod post;
mod turn;
mod watch;

pub use breach::ring;
pub use clock::Ring;
pub use page::{PAGES, answer as answer_page};
pub use turn::follow;
pub use watch::{JOB, watch};

use marque_sdk::{Action, Fault, Result, Value};

use crate::desk::Desk;
use post::Post;

/// What people do with posts; none where the action is no forum's.
pub fn run(desk: &Desk, action: &Action) -> Result<Option<Value>> {
    Ok(Some(match action.name.as_str() {
        "take_in" => intake::take_in(desk, action.input()?)?,
        "take_in_many" => intake::take_in_many(desk, action.input()?)?,
        "forum_figures" => figures::figures(action.input()?)?,
        "pass_post" | "hide_post" | "show_post" | "first_word" | "contact_author" | "answer_post" | "to_complaint"
        | "close_post" | "assign_post" => step(desk, &Post::load(action.target()?)?, action)?,
        _ => return Ok(None),
    }))
}

fn step(desk: &Desk, post: &Post, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "pass_post" => moderate::pass(desk, post)?,
        "hide_post" => moderate::hide(desk, post, action.input()?)?,
        "show_post" => moderate::show(desk, post, action.input()?)?,
        "first_word" => answer::first_word(desk, post, action.input()?)?,
        "contact_author" => answer::contact(desk, post, action.input()?)?,
        "answer_post" => answer::answer(desk, post, action.input()?)?,
        "close_post" => answer::close(desk, post, action.input()?)?,
        "assign_post" => desk::assign(desk, post, action.input()?)?,
        "to_complaint" => return turn::to_complaint(desk, post, action.input()?),
        other => return Err(Fault::not_found(format!("posts have no action {other:?}"))),
    }
    Ok(post.reply())
}
