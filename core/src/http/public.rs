//! Pages for customers, without signing in: what they want to hear from whom, and those of plugins. Small, in plain HTML, and working without script.

mod document;
mod draw;
mod form;
mod pace;
mod page;
mod pages;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    Shared,
    guard::Caller,
    locale,
    params::{At, Params},
    route::{Param, Route},
};
use crate::{
    Error, ErrorKind, Result,
    commands::{
        Ctx, Run,
        consent::{Give, Withdraw},
    },
    model::{
        Id, Record, Scope,
        contact::{Channel, Purpose, State as Consent},
        percent,
    },
    outbound::{Ask, Person, gate::Standing},
};

use document::html;
pub use pace::Pace;
use page::{Row, Shown};

/// Which text stood on the page when somebody ticked it.
const TEXT_VERSION: &str = "preferences-1";

const QUERY: [Param; 3] = [
    Param::new("channel", "string", "the channel the link came by"),
    Param::new("lang", "string", "zh-CN or en"),
    Param::new("done", "string", "1 after something was changed"),
];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let html = || json!({ "type": "string", "contentMediaType": "text/html" });
    vec![
        Route::get("/p/preferences/{token}", show)
            .says("what a customer has agreed to hear, for the customer: the link in every marketing message")
            .query(&QUERY)
            .answers(200, html())
            .open()
            .forgiving(),
        Route::post("/p/preferences/{token}", change)
            .says("stop a channel or agree to it; what mail programs send to stop with one click works too")
            .query(&QUERY)
            .answers(303, html())
            .open()
            .forgiving()
            .keeps_nothing(),
    ]
    .into_iter()
    .chain(pages::routes())
    .collect()
}

#[derive(Debug, Deserialize)]
struct Asked {
    channel: Option<String>,
    lang: Option<String>,
    done: Option<String>,
}

impl Asked {
    fn locale(&self, headers: &HeaderMap) -> &'static str {
        let chosen = self.lang.as_deref().and_then(|lang| locale::LOCALES.into_iter().find(|known| *known == lang));
        chosen.or_else(|| locale::asked(headers)).unwrap_or(locale::LOCALES[0])
    }

    fn channel(&self) -> Option<Channel> {
        channel(self.channel.as_deref()?)
    }
}

fn channel(text: &str) -> Option<Channel> {
    Channel::ALL.into_iter().find(|channel| channel.as_str() == text)
}

async fn show(
    State(http): State<Shared>,
    address: Caller,
    At(token): At<String>,
    Params(asked): Params<Asked>,
    headers: HeaderMap,
) -> Response {
    let locale = asked.locale(&headers);
    match shown(&http, &address, &token, &asked).await {
        Ok(shown) => html(StatusCode::OK, page::preferences(&shown, locale)),
        Err(error) => refused(&error, locale),
    }
}

/// What the page shows.
async fn shown(http: &Shared, address: &Caller, token: &str, asked: &Asked) -> Result<Shown> {
    let customer = known(http, address, token)?;
    let (now, token) = (http.app.clock.now(), token.to_owned());
    let (came_by, is_done) = (asked.channel(), asked.done.is_some());
    http.all(move |view| {
        let orgs = view.orgs();
        let person = Person::read(view, &orgs, &customer, now, None)?.ok_or_else(unknown)?;
        if !person.customer.field("erased_at").is_null() {
            return Err(unknown());
        }
        let granted = |purpose: Purpose, channel: Option<Channel>| {
            let facts = person.facts(&Ask { purpose, channel, sender: None });
            matches!(facts.consent, Standing::Granted(_)) && !facts.is_opted_out
        };
        let mut rows: Vec<Row> = Channel::ALL
            .into_iter()
            .map(|channel| Row {
                purpose: Purpose::Marketing,
                channel: Some(channel),
                is_on: granted(Purpose::Marketing, Some(channel)),
            })
            .collect();
        // What the link came by stands first: that is what most people are here for.
        rows.sort_by_key(|row| row.channel != came_by);
        let others = Purpose::ALL.into_iter().filter(|purpose| !purpose.is_contact());
        rows.extend(others.filter(|purpose| granted(*purpose, None)).map(|purpose| Row {
            purpose,
            channel: None,
            is_on: true,
        }));
        let org = orgs.get(&person.customer.org).map_or_else(String::new, |org| org.name.clone());
        let reached = person.customer.text("phone").or_else(|| person.customer.text("email"));
        Ok(Shown { token, org, reached: reached.map(super::messages::masked), rows, is_done })
    })
    .await
}

async fn change(
    State(http): State<Shared>,
    address: Caller,
    At(token): At<String>,
    Params(asked): Params<Asked>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let locale = asked.locale(&headers);
    match changed(&http, &address, &token, &asked, &body).await {
        // A mail program wants to be told and not to be shown anything.
        Ok(Done::OneClick) => html(StatusCode::OK, page::notice(page::Notice::Stopped, locale)),
        Ok(Done::OnPage) => {
            let back = format!("/p/preferences/{token}?done=1&lang={locale}");
            (
                StatusCode::SEE_OTHER,
                [(header::LOCATION, HeaderValue::from_str(&back).unwrap_or(HeaderValue::from_static("/")))],
            )
                .into_response()
        }
        Err(error) => refused(&error, locale),
    }
}

enum Done {
    OneClick,
    OnPage,
}

/// What a form says: which purpose, which channel or all of them, and whether to stop or to allow.
struct Wanted {
    purpose: Purpose,
    channel: Option<Channel>,
    is_allowed: bool,
}

async fn changed(http: &Shared, address: &Caller, token: &str, asked: &Asked, body: &[u8]) -> Result<Done> {
    let customer = known(http, address, token)?;
    let pairs = percent::read(body).ok_or_else(|| Error::invalid("form", "the form cannot be read"))?;
    let field = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let is_one_click = field("List-Unsubscribe") == Some("One-Click");
    let wanted = if is_one_click {
        Wanted { purpose: Purpose::Marketing, channel: asked.channel(), is_allowed: false }
    } else {
        wanted(field("purpose"), field("channel"), field("do"))?
    };
    let org = http.all({
        let customer = customer.clone();
        move |view| Ok(view.get("customer", &[customer])?.pop().flatten().ok_or_else(unknown)?.org)
    });
    let ctx = Ctx::system(org.await?, http.app.clock.now(), http.app.catalogue());
    let ctx = Ctx { scope: Scope::All, ..ctx };
    http.app.commit(ctx, move |tx, ctx| wanted.run(tx, ctx, customer)).await?;
    Ok(if is_one_click { Done::OneClick } else { Done::OnPage })
}

impl Wanted {
    fn run(self, tx: &mut crate::store::Tx<'_>, ctx: &Ctx, customer: Id) -> Result<Record> {
        let Wanted { purpose, channel, is_allowed } = self;
        let how = "web_tick".to_owned();
        let (text_version, why) =
            (Some(TEXT_VERSION.to_owned()), Some("the customer, on the page of preferences".to_owned()));
        if is_allowed {
            let give = Give {
                customer,
                handler: None,
                purpose,
                channel,
                state: Consent::Granted,
                how,
                text_version,
                proof: None,
                obtained_at: None,
                expires: None,
                why,
            };
            return give.run(tx, ctx);
        }
        let withdraw = Withdraw {
            customer,
            handler: None,
            purpose,
            channel,
            how,
            text_version,
            proof: None,
            obtained_at: None,
            why,
        };
        withdraw.run(tx, ctx)
    }
}

fn wanted(purpose: Option<&str>, way: Option<&str>, what: Option<&str>) -> Result<Wanted> {
    let wrong = || Error::invalid("form", "the form is not the page's own; open the link again");
    let purpose = Purpose::ALL.into_iter().find(|known| Some(known.as_str()) == purpose).ok_or_else(wrong)?;
    let channel = match way {
        None | Some("" | "all") => None,
        Some(text) => Some(channel(text).ok_or_else(wrong)?),
    };
    let is_allowed = match what {
        Some("stop") => false,
        // One channel at a time is agreed to, and nothing but marketing: for the rest somebody explains what it means.
        Some("allow") if purpose == Purpose::Marketing && channel.is_some() => true,
        _ => return Err(wrong()),
    };
    if purpose == Purpose::Serve {
        return Err(wrong());
    }
    Ok(Wanted { purpose, channel, is_allowed })
}

/// Whose page it is.
///
/// # Errors
/// `page.unknown`; `page.limit` when somebody asks too often.
fn known(http: &Shared, Caller(address): &Caller, token: &str) -> Result<Id> {
    let now = http.app.clock.now();
    let customer = http.app.outbound.links().customer(token);
    if !http.public_pace.allows(*address, now, customer.is_some()) {
        return Err(too_often());
    }
    customer.ok_or_else(unknown)
}

fn too_often() -> Error {
    Error::new(ErrorKind::TooMany, "page.limit", "this page was asked for too often; try again in a minute")
}

/// The language of whoever asks for a public page; none for other paths. What is refused before the page is reached is said
/// as a page all the same.
pub fn reader(path: &str, headers: &HeaderMap) -> Option<&'static str> {
    path.starts_with("/p/").then(|| locale::asked(headers).unwrap_or(locale::LOCALES[0]))
}

fn unknown() -> Error {
    Error::not_found("page", "this link is not known; use the one in the latest message")
}

fn refused(error: &Error, locale: &str) -> Response {
    told(error, page::notice, locale)
}

/// A refusal as a page.
pub fn refused_page(error: &Error, locale: &str) -> Response {
    told(error, page::plain_notice, locale)
}

fn told(error: &Error, page: fn(page::Notice, &str) -> String, locale: &str) -> Response {
    let notice = match error.kind {
        _ if error.code == "page.expired" => page::Notice::Expired,
        _ if error.code == "page.spent" => page::Notice::Spent,
        ErrorKind::NotFound | ErrorKind::Conflict => page::Notice::Unknown,
        ErrorKind::TooMany => page::Notice::TooOften,
        ErrorKind::Invalid => page::Notice::Wrong,
        _ => page::Notice::Failed,
    };
    if notice == page::Notice::Failed {
        tracing::error!(%error, "a public page failed");
    }
    let is_over = matches!(notice, page::Notice::Expired | page::Notice::Spent);
    let status = if is_over { StatusCode::GONE } else { super::problem::status(error) };
    let mut response = html(status, page(notice, locale));
    if error.kind == ErrorKind::TooMany {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_to_stop_or_allow_and_nothing_else() {
        let read = |text: &str| {
            let pairs = percent::read(text.as_bytes()).unwrap();
            let field = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
            wanted(field("purpose"), field("channel"), field("do"))
                .map(|wanted| (wanted.purpose, wanted.channel, wanted.is_allowed))
        };
        assert_eq!(
            read("purpose=marketing&channel=sms&do=stop").unwrap(),
            (Purpose::Marketing, Some(Channel::Sms), false)
        );
        assert_eq!(read("purpose=marketing&channel=all&do=stop").unwrap(), (Purpose::Marketing, None, false));
        assert_eq!(
            read("purpose=marketing&channel=email&do=allow").unwrap(),
            (Purpose::Marketing, Some(Channel::Email), true)
        );
        for wrong in [
            "",
            "purpose=marketing&channel=all&do=allow",
            "purpose=sensitive&do=allow",
            "purpose=serve&do=stop",
            "purpose=marketing&channel=fax&do=stop",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
