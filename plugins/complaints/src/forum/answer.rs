//! What is said to whoever posted: at once that it was seen, in private, in public, and whether that settled it.

use marque_sdk::{Data, Filter, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    case::{Case, patch},
    clock,
    desk::{Desk, refuse},
    forum::{
        desk,
        post::{Post, State},
    },
    task,
};

/// Input of `first_word` and `contact_author`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    note: Option<String>,
}

/// Input of `answer_post`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    public_answer: String,
}

/// Input of `close_post`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    closed_because: String,
    note: Option<String>,
}

/// The author was told in public that it was seen.
pub fn first_word(desk: &Desk, post: &Post, input: Said) -> Result<()> {
    once(desk, post, "first_answered_at", input)
}

/// The author was written to or called.
pub fn contact(desk: &Desk, post: &Post, input: Said) -> Result<()> {
    once(desk, post, "contacted_at", input)
}

fn once(desk: &Desk, post: &Post, field: &str, input: Said) -> Result<()> {
    desk::may_answer(desk, post)?;
    post.must_be(&[State::New, State::Answered])?;
    if post.text(field).is_some() {
        return refuse("post_said", "this was written down already: the first time counts");
    }
    let mut fields = Data::from_iter([(field.to_owned(), Value::from(desk.call.now.as_str()))]);
    note(desk, post, &mut fields, input.note.as_deref());
    post.keep(desk, fields)
}

/// Answers in public. The first word is said with it, if it was not yet.
pub fn answer(desk: &Desk, post: &Post, input: Answer) -> Result<()> {
    desk::may_answer(desk, post)?;
    post.must_be(&[State::New])?;
    if input.public_answer.trim().is_empty() {
        return refuse("post_answer_missing", "write down what was answered in public");
    }
    task::end_about(desk, &post.id, "done")?;
    let mut fields = answered(desk, post, input.public_answer.trim());
    fields.extend(desk.me().map(|me| ("answered_by".to_owned(), me.into())));
    fields.insert("task".into(), Value::Null);
    post.go(desk, "answer", State::Answered, fields).map(drop)
}

/// What an answer given now says of a post: whether it came in time is settled with it, and stays.
pub fn answered(desk: &Desk, post: &Post, words: &str) -> Data {
    let mut fields = patch(json!({ "public_answer": words, "answered_at": desk.call.now }));
    if post.text("first_answered_at").is_none() {
        fields.insert("first_answered_at".into(), desk.call.now.as_str().into());
    }
    if !post.data.contains_key("on_time") {
        let in_time = post.moment("answer_due").is_none_or(|due| desk.now <= due);
        fields.insert("on_time".into(), if in_time { 100 } else { 0 }.into());
    }
    fields
}

/// Settled: its author says so, or has said nothing more for long enough. A complaint made of it has to be over first.
pub fn close(desk: &Desk, post: &Post, input: Close) -> Result<()> {
    desk::may_answer(desk, post)?;
    post.must_be(&[State::Answered, State::Complaint])?;
    if let Some(case) = post.text("case").filter(|_| post.state() == State::Complaint)
        && Case::load(case).is_ok_and(|case| case.is_open())
    {
        return refuse("post_case_open", "the complaint made of it is open: bring that to an end first");
    }
    if input.closed_because == "no_reply" {
        let since = post.moment("answered_at").unwrap_or(desk.now);
        let until = clock::after(since, &desk.settings.forum_silence)?;
        if desk.now < until {
            return refuse(
                "post_too_early",
                format!("the author may still reply until {until}: ask whether they agree, or wait"),
            );
        }
    }
    let mut fields =
        patch(json!({ "closed_because": input.closed_because, "closed_at": desk.call.now, "closed_by": desk.me() }));
    note(desk, post, &mut fields, input.note.as_deref());
    task::end_about(desk, &post.id, "done")?;
    post.go(desk, "close", State::Closed, fields).map(drop)
}

/// The newest first, each with its time and author.
pub fn note(desk: &Desk, post: &Post, fields: &mut Data, note: Option<&str>) {
    let Some(note) = note.map(str::trim).filter(|note| !note.is_empty()) else { return };
    let author = desk.person.as_ref().map_or("", |person| person.name.as_str());
    let notes = crate::notes::joined(&desk.call.now, author, note, post.text("notes").unwrap_or_default());
    fields.insert("notes".into(), notes.into());
}

/// The post that a complaint was made of.
pub fn of_case(case: &Case) -> Result<Option<Post>> {
    if case.text("about_kind") != Some(crate::forum::post::KIND) {
        return Ok(None);
    }
    let of = Filter::eq("case", case.id.as_str());
    let found = view::find::<Data>(crate::forum::post::KIND).filter(of).first()?;
    Ok(found.map(|record| Post { id: record.id, rev: record.rev, data: record.data }))
}
