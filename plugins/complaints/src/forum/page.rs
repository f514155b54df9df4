//! Our own forum: what was passed can be read with its answer, anybody may post, and its author says whether that settled it.

use marque_sdk::{
    Action, Data, Fault, Filter, Result, Value, json,
    page::{Field, Link, Page, Visit, both},
    view,
};

use crate::{
    case::patch,
    desk::Desk,
    forum::{
        answer::note,
        desk::{self, Owners},
        figures::Figures,
        intake::{self, New},
        post::{KIND, Post, State},
        turn,
    },
    task, texts,
};

/// The forum's pages.
pub const PAGES: [&str; 2] = ["forum", "thread"];
/// The newest posts on the page.
const SHOWN: u32 = 30;
/// The figures in public are those of so many days.
const DAYS: i64 = 90;
/// What may be chosen as a topic.
const TOPICS: [&str; 8] = [
    "question",
    "product_quality",
    "repair_quality",
    "service_quality",
    "sales_process",
    "price_fee",
    "suggestion",
    "praise",
];

/// What a page is to show, or what becomes of what was filled in.
pub fn answer(action: &Action, visit: &Visit) -> Result<Value> {
    let mut desk = Desk::open()?;
    desk.call.locale = "zh-CN".into();
    let page = match (visit.page.as_str(), visit.is_fill) {
        ("forum", false) => board(&desk)?,
        ("forum", true) => write(&desk, visit)?,
        ("thread", false) => thread(&Post::load(action.target()?)?),
        ("thread", true) => judge(&desk, &Post::load(action.target()?)?, visit)?,
        (other, _) => return Err(Fault::not_found(format!("the forum has no page {other:?}"))),
    };
    Ok(page.reply())
}

/// A text of texts/ in both languages.
fn words(key: &str) -> Value {
    both(&texts::text("zh-CN", key), &texts::text("en", key))
}

fn board(desk: &Desk) -> Result<Page> {
    let figures = Figures::of(DAYS)?;
    let mut page = Page::new(words("web.forum"))
        .intro(words("web.forum.intro"))
        .fact(words("web.forum.share"), figures.share_text())
        .fact(words("web.forum.waiting"), figures.waiting.to_string());
    let seen = Filter::eq("is_ours", true)
        .and(Filter::not_empty("checked_at"))
        .and(Filter::is_in("state", ["new", "answered", "complaint", "closed"]))
        .and(Filter::eq("org", desk.call.org.as_str()));
    for found in view::find::<Data>(KIND).filter(seen).order("-posted_at").limit(SHOWN).page()?.items {
        let post = Post { id: found.id, rev: found.rev, data: found.data };
        let title = post.text("title").unwrap_or_default();
        page = page.fact(format!("{} · {title}", post.text("author").unwrap_or_default()), said(&post));
    }
    let topics = TOPICS.iter().fold(Field::choice("topic", words("web.forum.topic")), |field, topic| {
        field.option(topic, words(&format!("web.forum.topic.{topic}")))
    });
    Ok(page
        .field(Field::text("title", words("web.forum.title")).required().max(80))
        .field(topics)
        .field(Field::long_text("text", words("web.forum.text")).required().max(2_000))
        .field(Field::text("author", words("web.forum.author")).required().max(30).help(words("web.forum.author.help")))
        .field(Field::phone("phone", words("web.forum.phone")).help(words("web.forum.phone.help")))
        .field(Field::consent("consent", words("web.forum.consent")).required()))
}

/// A post with its answer, as everybody may read it.
fn said(post: &Post) -> Value {
    let text = post.text("text").unwrap_or_default();
    let told = |locale: &str| match post.text("public_answer") {
        Some(answer) => format!("{text}\n{}{answer}", texts::text(locale, "web.forum.answer")),
        None => format!("{text}\n{}", texts::text(locale, "web.forum.no_answer")),
    };
    both(&told("zh-CN"), &told("en"))
}

/// Takes a post in; nobody sees it before it was checked. A number left with it is known to us alone.
fn write(desk: &Desk, visit: &Visit) -> Result<Page> {
    let text = |name: &str| visit.text(name).map(str::to_owned);
    let customer = match visit.text("phone") {
        Some(phone) => turn::with_phone(desk, phone)?,
        None => None,
    };
    let new = New {
        forum: texts::text("zh-CN", "web.forum"),
        title: text("title"),
        text: text("text").unwrap_or_default(),
        author: text("author").unwrap_or_default(),
        author_phone: text("phone"),
        topic: text("topic"),
        customer,
        ..New::default()
    };
    let post = intake::enter(desk, &new, desk.now, true, &mut Owners::here(desk)?)?;
    Ok(Page::done(words("web.forum.posted"), words("web.forum.posted.intro"))
        .fact_of(words("web.forum.number"), "number")
        .link(words("web.forum.follow"), Link::new("thread", post)))
}

fn thread(post: &Post) -> Page {
    let stage = match post.state() {
        State::New if post.text("checked_at").is_none() => "checking",
        state => state.code(),
    };
    let page = Page::new(words("web.thread"))
        .fact_of(words("web.forum.number"), "number")
        .fact_of(words("web.thread.posted_at"), "posted_at")
        .fact(words("web.state"), words(&format!("web.thread.{stage}")));
    let page = match post.text("public_answer").filter(|_| post.state() != State::Hidden) {
        Some(answer) => page.fact(words("web.thread.answer"), answer),
        None if post.state() == State::New => page.fact_of(words("web.thread.due"), "answer_due"),
        None => page,
    };
    if post.state() != State::Answered {
        return page;
    }
    page.intro(words("web.thread.intro"))
        .field(
            Field::choice("settled", words("web.thread.settled"))
                .option("yes", words("web.thread.yes"))
                .option("no", words("web.thread.no"))
                .required(),
        )
        .field(Field::long_text("more", words("web.thread.more")).max(2_000))
}

/// The author's own word closes it; where it did not help, whoever owns it has to look again within a day.
fn judge(desk: &Desk, post: &Post, visit: &Visit) -> Result<Page> {
    post.must_be(&[State::Answered])?;
    let mut fields = Data::new();
    if visit.text("settled") == Some("yes") {
        fields.extend(patch(json!({ "closed_because": "agreed", "closed_at": desk.call.now })));
        note(desk, post, &mut fields, visit.text("more"));
        task::end_about(desk, &post.id, "done")?;
        post.go(desk, "close", State::Closed, fields)?;
        return Ok(Page::done(words("web.thread.closed"), words("web.rated.content")));
    }
    let more = format!("{}{}", texts::text("zh-CN", "web.thread.not_settled"), visit.text("more").unwrap_or_default());
    note(desk, post, &mut fields, Some(&more));
    post.keep(desk, fields)?;
    if task::about(&post.id)?.is_empty() {
        let until = crate::clock::after(desk.now, &desk.settings.answer)?.to_string();
        let (owner, about) = (post.text("owner").unwrap_or_default(), post.text("title").unwrap_or_default());
        desk::task(desk, post, &desk.call.org, (desk::STEP, about), owner, &until, false)?;
    }
    post.raise("complaints.post.not_settled", json!({}))?;
    Ok(Page::done(words("web.more.done"), words("web.thread.looked")))
}
