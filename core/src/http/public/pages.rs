//! Pages of plugins: the plugin says what is to be drawn, a visitor fills it in, the plugin is told.
//!
//! Whoever asks is not known. What they do is done by the plugin itself, with its own grants, in the organisation that the page
//! or its link is of. Nothing told to a visitor says whether a person, a record or a plugin is there, but to the holder of a link.

mod visit;

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use serde_json::{Map, Value, json};

use super::{
    document::html,
    draw::{self, Drawn, say},
    form::{Age, BUTTON, Form, HONEY, SEAL},
};
use crate::{
    Error, ErrorKind, Result,
    bus::Seal,
    commands::page,
    error::FieldError,
    http::{
        Shared,
        guard::Caller,
        params::At,
        route::{Param, Route},
    },
    model::{
        page::{self as model, Page},
        percent,
    },
    store::tables::idempotency::{self, Given},
};
use visit::{Door, Visit};

/// More than this no form of ours comes to.
const MAX_FORM_BYTES: usize = 128 << 10;
/// What looking and what sending costs a visitor.
const LOOK: u32 = 1;
const SEND: u32 = 8;

const QUERY: [Param; 4] = [
    Param::new("org", "string", "the code of the organisation it is for; the maker's unless said"),
    Param::new("lang", "string", "zh-CN or en; what the browser asks for unless said"),
    Param::new("ref", "string", "where the visitor comes from, for the plugin"),
    Param::new("about", "string", "what the visitor comes for, for the plugin"),
];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let html = || json!({ "type": "string", "contentMediaType": "text/html" });
    let page = |route: Route, says: &'static str| route.says(says).query(&QUERY).answers(200, html()).open().forgiving();
    vec![
        page(Route::get("/p/{plugin}/{page}", show), "a public page of a plugin, for anybody: plain HTML that works without script"),
        page(
            Route::post("/p/{plugin}/{page}", fill),
            "send what was filled in; the same form sent twice is answered as the first time and does nothing",
        )
        .keeps_nothing(),
        page(Route::get("/p/{plugin}/{page}/{token}", show_linked), "a public page about one record, for whoever was sent its link"),
        page(Route::post("/p/{plugin}/{page}/{token}", fill_linked), "send what was filled in on a page about one record")
            .keeps_nothing(),
    ]
}

async fn show(
    State(http): State<Shared>,
    caller: Caller,
    At((plugin, page)): At<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    look(&http, Door::new(plugin, page, None, caller, &uri, &headers)).await
}

async fn show_linked(
    State(http): State<Shared>,
    caller: Caller,
    At((plugin, page, token)): At<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    look(&http, Door::new(plugin, page, Some(token), caller, &uri, &headers)).await
}

async fn fill(
    State(http): State<Shared>,
    caller: Caller,
    At((plugin, page)): At<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    sent: Bytes,
) -> Response {
    send(&http, Door::new(plugin, page, None, caller, &uri, &headers), sent).await
}

async fn fill_linked(
    State(http): State<Shared>,
    caller: Caller,
    At((plugin, page, token)): At<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
    sent: Bytes,
) -> Response {
    send(&http, Door::new(plugin, page, Some(token), caller, &uri, &headers), sent).await
}

async fn look(http: &Shared, door: Door) -> Response {
    let locale = door.locale;
    let looked = async {
        let visit = door.enter(http, LOOK).await?;
        visit.refuse_spent()?;
        let page = opened(http, &visit, &Value::Null).await?;
        let form = Form::new(&visit.place, page.carry.clone(), visit.ctx.now);
        shown(http, &visit, StatusCode::OK, &page, &form, Again::default()).await
    };
    looked.await.unwrap_or_else(|error| super::refused_page(&error, locale))
}

async fn send(http: &Shared, door: Door, sent: Bytes) -> Response {
    let locale = door.locale;
    filled(http, door, sent).await.unwrap_or_else(|error| super::refused_page(&error, locale))
}

/// What is drawn again over a page that could not be taken.
#[derive(Default)]
struct Again<'a> {
    answers: Option<&'a Map<String, Value>>,
    wrongs: Vec<(String, String)>,
    trouble: Option<String>,
}

async fn filled(http: &Shared, door: Door, sent: Bytes) -> Result<Response> {
    let visit = door.enter(http, SEND).await?;
    let pairs = percent::read(&sent).filter(|_| sent.len() <= MAX_FORM_BYTES).ok_or_else(wrong_form)?;
    let given = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let form = given(SEAL).and_then(|seal| Form::open(http.app.outbound.links(), &visit.place, seal));
    let form = form.ok_or_else(wrong_form)?;
    if let Some(page) = kept(http, &visit, &form).await? {
        return said(http, &visit, &page).await;
    }
    visit.refuse_spent()?;
    let page = opened(http, &visit, &form.carry).await?;
    if !page.has_form() {
        // What it was about is over: the plugin says what there is to know instead.
        return shown(http, &visit, StatusCode::CONFLICT, &page, &form, Again::default()).await;
    }
    let button = given(BUTTON).unwrap_or_default();
    let button = page.buttons.iter().find(|known| known.name == button).or(page.buttons.first());
    let is_skipping = button.is_some_and(|button| button.skip);
    let (mut answers, wrongs) = model::read(&page, &pairs);
    if let Some(trouble) = suspicion(&visit, &form, given(HONEY)) {
        let now = visit.ctx.now;
        let form = if form.age(now) == Age::TooOld { Form::new(&visit.place, form.carry, now) } else { form };
        let again = Again { answers: Some(&answers), trouble: Some(trouble), ..Again::default() };
        return shown(http, &visit, StatusCode::BAD_REQUEST, &page, &form, again).await;
    }
    if !wrongs.is_empty() && !is_skipping {
        let found = wrongs.iter().filter_map(|(name, wrong)| {
            let field = page.fields.iter().find(|field| field.name == *name)?;
            Some((name.clone(), draw::told(*wrong, field, visit.locale)))
        });
        let again = Again { answers: Some(&answers), wrongs: found.collect(), trouble: None };
        return shown(http, &visit, StatusCode::BAD_REQUEST, &page, &form, again).await;
    }
    wrongs.iter().for_each(|(name, _)| _ = answers.remove(name));
    let button = button.map(|button| button.name.as_str());
    match told(http, &visit, &form, &answers, button).await {
        Ok(next) => said(http, &visit, &next).await,
        Err(error) => refused(http, &visit, &page, &form, &answers, error).await,
    }
}

/// What makes a form look as if no person had filled it in. Nobody who was sent a link is asked.
fn suspicion(visit: &Visit, form: &Form, honey: Option<&str>) -> Option<String> {
    let is_stranger = visit.token.is_none();
    let (zh, en) = match form.age(visit.ctx.now) {
        Age::TooOld => ("页面打开时间过长，请核对后再次提交", "This page stood open for long. Look it over and send it again"),
        Age::TooYoung if is_stranger => ("提交过快，请核对后再次提交", "That was quick. Look it over and send it again"),
        _ if is_stranger && honey.is_some_and(|honey| !honey.is_empty()) => {
            ("无法提交，请重新打开页面填写", "That could not be taken. Open the page again and fill it in")
        }
        _ => return None,
    };
    Some(say(visit.locale, zh, en))
}

/// What the plugin wants drawn. It may change nothing: a page is looked at by mail programs and search engines too.
async fn opened(http: &Shared, visit: &Visit, carry: &Value) -> Result<Page> {
    let input = model::asked("open", carry, &visit.query);
    let answered = http.app.bus.consult(visit.ctx.clone(), visit.question(input)).await?;
    if !answered.commands().is_empty() {
        let cause = format!("page {} asks for commands when it is opened", visit.page);
        return Err(Error::new(ErrorKind::Unavailable, "page.wrong", "the page changes things").caused_by(cause));
    }
    Ok(visit.reader.told(Page::of(answered.reply())?, visit.record.as_ref()))
}

/// Tell the plugin what was filled in; with what it does, the answer is kept for the same form sent again.
async fn told(
    http: &Shared,
    visit: &Visit,
    form: &Form,
    answers: &Map<String, Value>,
    button: Option<&str>,
) -> Result<Page> {
    let mut input = model::asked("fill", &form.carry, &visit.query);
    input.insert("values".into(), Value::Object(answers.clone()));
    input.insert("button".into(), json!(button));
    let (actor, key, now) = (visit.actor(), form.key.clone(), visit.ctx.now);
    let (once, reader) = (visit.once.clone(), visit.reader.clone());
    let seal: Seal = Arc::new(move |tx, reply| {
        // What cannot be drawn must not be done either.
        let page = reader.told(Page::of(&reply.reply)?, reply.record.as_ref());
        let given = Given { request: String::new(), status: 200, answer: json!(page).to_string() };
        idempotency::insert(tx, &actor, &key, &given, now)?;
        match &once {
            Some(token) if page.spent => page::spend(tx, token, now),
            _ => Ok(()),
        }
    });
    match http.app.ask(visit.ctx.clone(), visit.question(input), seal).await {
        Ok(reply) => Ok(visit.reader.told(Page::of(&reply.reply)?, reply.record.as_ref())),
        // Pressed twice: the other was faster.
        Err(error) if error.code == "idempotency.used" => kept(http, visit, form).await?.ok_or(error),
        Err(error) => Err(error),
    }
}

/// What was said when this form was sent before.
async fn kept(http: &Shared, visit: &Visit, form: &Form) -> Result<Option<Page>> {
    let (actor, key, now) = (visit.actor(), form.key.clone(), visit.ctx.now);
    let given = http.all(move |view| idempotency::get(view, &actor, &key, now)).await?;
    // Where the customer was erased meanwhile nothing is left of what was said.
    given.map(|given| Page::of(&serde_json::from_str(&given.answer).unwrap_or_default())).transpose()
}

/// What the plugin says next.
async fn said(http: &Shared, visit: &Visit, page: &Page) -> Result<Response> {
    let form = Form::new(&visit.place, page.carry.clone(), visit.ctx.now);
    shown(http, visit, StatusCode::OK, page, &form, Again::default()).await
}

/// What the plugin does not take: said where it is, if it says where; else on top, if it has words for people.
async fn refused(
    http: &Shared,
    visit: &Visit,
    page: &Page,
    form: &Form,
    answers: &Map<String, Value>,
    error: Error,
) -> Result<Response> {
    let is_ours = matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable | ErrorKind::TooMany);
    if is_ours || error.code.starts_with("page.") {
        return Err(error);
    }
    let place = |wrong: &FieldError| {
        let name = wrong.pointer.strip_prefix('/')?.split('/').next()?;
        page.fields.iter().any(|field| field.name == name).then(|| {
            let message = visit.text(&format!("fault.{}", wrong.code)).unwrap_or(&wrong.message);
            (name.to_owned(), message.to_owned())
        })
    };
    let wrongs: Vec<(String, String)> = error.errors.iter().filter_map(place).collect();
    let trouble = match visit.text(&format!("fault.{}", error.code)) {
        Some(_) => Some(error.message.clone()),
        None if !wrongs.is_empty() => None,
        None => {
            tracing::warn!(%error, page = visit.place, "what was filled in on a page was not taken");
            Some(say(visit.locale, "暂时无法提交，请稍后再试", "That could not be taken. Try again later"))
        }
    };
    let again = Again { answers: Some(answers), wrongs, trouble };
    shown(http, visit, StatusCode::BAD_REQUEST, page, form, again).await
}

async fn shown(
    http: &Shared,
    visit: &Visit,
    status: StatusCode,
    page: &Page,
    form: &Form,
    again: Again<'_>,
) -> Result<Response> {
    let drawn = Drawn {
        page,
        org: &visit.org_name,
        locale: visit.locale,
        other: visit.in_other_language(),
        seal: form.sealed(http.app.outbound.links()),
        answers: again.answers,
        wrongs: again.wrongs,
        trouble: again.trouble,
        links: visit.links(http, page).await?,
    };
    Ok(html(status, draw::draw(&drawn)))
}

fn wrong_form() -> Error {
    Error::invalid("form", "the form is not the page's own; open the page again")
}
