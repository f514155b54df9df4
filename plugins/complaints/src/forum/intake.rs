//! Taking posts in: one that somebody typed, many that a program brings, one from our own page. None twice.

use std::collections::BTreeSet;

use marque_sdk::{Data, Fault, Filter, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    case::patch,
    desk::Desk,
    forum::{
        clock, desk,
        desk::Owners,
        post::{KIND, Post},
    },
    moment::Moment,
};

/// Older posts are history: nobody promised them an answer within a day.
const OLDEST_MINUTES: i64 = 30 * 24 * 60;

/// A post as it is brought; see plugin.toml.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct New {
    pub forum: String,
    pub channel: Option<String>,
    pub external_id: Option<String>,
    pub url: Option<String>,
    pub title: Option<String>,
    pub author: String,
    pub author_phone: Option<String>,
    pub text: String,
    pub posted_at: Option<String>,
    pub topic: Option<String>,
    pub customer: Option<String>,
    pub plate: Option<String>,
    pub asked: Option<String>,
}

/// Input of `take_in_many`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Many {
    posts: Vec<New>,
}

/// Takes in one that somebody typed. One that is there already is answered with its id.
pub fn take_in(desk: &Desk, input: New) -> Result<Value> {
    desk::may_answer(desk, &Post { id: String::new(), rev: 0, data: Data::new() })?;
    if let Some(slot) = slot(&input)
        && let Some((_, id)) = known(std::slice::from_ref(&slot))?.pop()
    {
        return Ok(json!({ "id": id, "is_new": false }));
    }
    let posted =
        check(desk, &input).map_err(|(code, field, message)| Fault::at(code, &format!("/{field}"), message))?;
    let id = enter(desk, &input, posted, false, &mut Owners::here(desk)?)?;
    Ok(json!({ "id": id, "is_new": true }))
}

/// Takes in what a program brings. What cannot be taken is told with its place, and the others come in all the same.
pub fn take_in_many(desk: &Desk, input: Many) -> Result<Value> {
    let slots: Vec<String> = input.posts.iter().filter_map(slot).collect();
    let known = known(&slots)?;
    let (mut taken, mut there, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut owners = Owners::here(desk)?;
    for (n, new) in input.posts.iter().enumerate() {
        let Some(slot) = slot(new) else {
            refused.push(json!({ "n": n, "code": "external_id_missing", "field": "external_id" }));
            continue;
        };
        if let Some((_, id)) = known.iter().find(|(known, _)| *known == slot) {
            there.push(json!({ "n": n, "external_id": new.external_id, "id": id }));
        } else if !seen.insert(slot) {
            refused.push(json!({ "n": n, "code": "post_twice", "field": "external_id" }));
        } else {
            match check(desk, new) {
                Ok(posted) => {
                    let id = enter(desk, new, posted, false, &mut owners)?;
                    taken.push(json!({ "n": n, "external_id": new.external_id, "id": id }));
                }
                Err((code, field, _)) => refused.push(json!({ "n": n, "code": code, "field": field })),
            }
        }
    }
    Ok(json!({ "taken": taken, "known": there, "refused": refused }))
}

/// What makes a post the same one: its forum and what it is called there. Kept when its author is erased, so that the next
/// run of the same program does not bring the words back.
fn slot(new: &New) -> Option<String> {
    let id = new.external_id.as_deref().map(str::trim).filter(|id| !id.is_empty())?;
    Some(format!("{}:{id}", new.forum.trim().to_lowercase()))
}

fn known(slots: &[String]) -> Result<Vec<(String, String)>> {
    if slots.is_empty() {
        return Ok(Vec::new());
    }
    let found = view::find::<Data>(KIND).filter(Filter::is_in("slot", slots.to_vec())).limit(500).page()?.items;
    let pair = |post: marque_sdk::Record| Some((post.data.get("slot")?.as_str()?.to_owned(), post.id));
    Ok(found.into_iter().filter_map(pair).collect())
}

/// When it was posted, or why it is not taken: code, field, words.
fn check(desk: &Desk, new: &New) -> std::result::Result<Moment, (&'static str, &'static str, String)> {
    let empty = |field, value: &str| match value.trim().is_empty() {
        true => Err(("post_empty", field, format!("{field} is empty: write what the post says"))),
        false => Ok(()),
    };
    empty("forum", &new.forum)?;
    empty("author", &new.author)?;
    empty("text", &new.text)?;
    let is_address = |url: &str| {
        let rest = url.trim().strip_prefix("https://").or_else(|| url.trim().strip_prefix("http://"));
        rest.is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
            && !url.trim().chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
    };
    if let Some(url) = new.url.as_deref().filter(|url| !is_address(url)) {
        return Err(("post_url_invalid", "url", format!("url {url:?} is no address of a page: begin with https://")));
    }
    if let Some(customer) = &new.customer
        && !matches!(view::get::<Data>("customer", customer), Ok(Some(_)))
    {
        return Err(("customer_unknown", "customer", "there is no such customer in your organisation".into()));
    }
    let Some(posted) = &new.posted_at else { return Ok(desk.now) };
    let invalid = |fault: Fault| ("time_invalid", "posted_at", fault.message);
    let posted: Moment = posted.parse().map_err(invalid)?;
    if posted > desk.now {
        return Err((
            "posted_in_future",
            "posted_at",
            format!("posted_at {posted} lies in the future: leave it out for now"),
        ));
    }
    if desk.now.minutes_since(posted) > OLDEST_MINUTES {
        return Err((
            "posted_too_long_ago",
            "posted_at",
            format!("posted_at {posted} is more than 30 days ago: raise a complaint instead"),
        ));
    }
    Ok(posted)
}

/// Writes a post with its owner, clocks and task; its id.
pub fn enter(desk: &Desk, new: &New, posted: Moment, is_ours: bool, owners: &mut Owners) -> Result<String> {
    let slot = slot(new);
    let mut data = patch(json!(new));
    data.retain(|_, value| !value.is_null());
    data.extend(patch(json!({
        "posted_at": posted.to_string(), "taken_at": desk.call.now, "is_ours": is_ours, "owner": owners.next()?,
    })));
    data.entry("channel").or_insert_with(|| "forum".into());
    data.extend(slot.map(|slot| ("slot".to_owned(), slot.into())));
    data.extend(desk.me().map(|me| ("taken_by".to_owned(), me.into())));
    data.extend(clock::of(desk, posted, is_ours)?);
    let mut post = Post { id: new_id(), rev: 1, data };
    let task = desk::open_task(desk, &post)?;
    post.data.insert("task".into(), task.into());
    record::create(KIND).id(post.id.as_str()).fields(&post.data).stage()?;
    clock::follow(desk, None, &post)?;
    Ok(post.id)
}
