//! Headquarters hears of what a dealer has left unanswered in public: a dealer's own calls cannot reach its people.

use marque_sdk::{Data, Filter, Outcome, Result, Value, record, view};

use crate::{
    clock::after,
    desk::Desk,
    forum::{
        desk,
        post::{KIND, Post, State},
    },
    people,
    task::TASK,
};

/// The job's name.
pub const JOB: &str = "forum_watch";
/// The step of headquarters' task.
const STEP: &str = "complaint.forum_hq";
/// Found by the next run, ten minutes later, if there should be more.
const MOST: u32 = 200;

/// Looks at the dealers' posts from the maker's organisation.
pub fn watch() -> Result<Outcome> {
    let desk = Desk::open()?;
    let staff = people::staff(&desk)?;
    let mut n_done = end_settled(&desk)?;
    if let Some(person) = people::first_with(&staff, &["hq_crm", "hq_agent", "hq_admin"], &[]) {
        let late = Filter::eq("on_time", 0).and(Filter::eq("state", State::New.code())).and(Filter::empty("hq_told"));
        let posts = view::find::<Data>(KIND).filter(late).limit(MOST).page()?.items;
        for found in posts.into_iter().filter(|post| post.org != desk.call.org) {
            let post = Post { id: found.id, rev: found.rev, data: found.data };
            let about = post.text("title").or_else(|| post.text("forum")).unwrap_or_default().to_owned();
            let until = after(desk.now, "1d")?.to_string();
            desk::task(&desk, &post, &desk.call.org, (STEP, &about), &person.id, &until, false)?;
            record::change(KIND, &post.id).if_rev(post.rev).field("hq_told", &desk.call.now).stage()?;
            n_done += 1;
        }
    }
    Ok(if n_done > 0 { Outcome::Done } else { Outcome::Skip })
}

/// What was answered meanwhile need not be looked after any more.
fn end_settled(desk: &Desk) -> Result<usize> {
    let open = Filter::eq("step", STEP).and(Filter::eq("state", "open"));
    let tasks = view::find::<Data>(TASK).filter(open).limit(MOST).page()?.items;
    let about: Vec<String> = tasks
        .iter()
        .map(|task| task.data.get("about").and_then(Value::as_str).unwrap_or_default().to_owned())
        .collect();
    let posts = view::get_many::<Data>(KIND, &about)?;
    let mut n_ended = 0;
    for (task, post) in tasks.iter().zip(posts) {
        let is_waiting =
            post.is_some_and(|post| post.data.get("state").is_some_and(|state| state == State::New.code()));
        if !is_waiting {
            let end = record::mov(TASK, &task.id, "complete").field("outcome", "not_needed");
            end.field("done_at", &desk.call.now).stage()?;
            n_ended += 1;
        }
    }
    Ok(n_ended)
}
