//! Beginning a session, however its person has proved who they are.

use std::net::IpAddr;

use axum::{
    Json as Answer,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::super::{
    Shared,
    auth::{self, Credential, Signed},
    locale,
};
use crate::{
    Result, app,
    commands::{Ctx, Run, session},
    model::{Record, Scope, Time, digest},
    store::{
        Tx, View,
        tables::{
            self,
            session::{Kind, Session},
        },
    },
};

/// How somebody has proved who they are, for the audit log.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// A password.
    Password,
    /// A password and a one-time code.
    Code,
    /// A password and a recovery code.
    Recovery,
    /// An identity provider.
    Oidc,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Password => "password",
            Way::Code => "password+code",
            Way::Recovery => "password+recovery",
            Way::Oidc => "oidc",
        }
    }
}

/// What names a program is long enough to tell a telephone from a desk.
const MAX_AGENT_CHARS: usize = 200;

fn days_ms(http: &Shared) -> i64 {
    i64::from(http.app.config.sessions.days) * 24 * 3_600_000
}

fn draft(
    http: &Shared,
    user: &crate::model::Id,
    kind: Kind,
    now: Time,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> Session {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Session {
        address: address.map(|address| address.to_string()),
        agent: agent.map(|agent| agent.chars().take(MAX_AGENT_CHARS).collect()),
        ..session::begin(user, kind, now, now.plus_millis(days_ms(http)))
    }
}

/// Begin a session and hand it out, as a token and as a cookie. The one the browser had ends.
///
/// # Errors
/// Internal.
pub async fn begin(
    http: &Shared,
    user: Record,
    kind: Kind,
    way: Way,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> Result<Response> {
    let ctx = http.app.ctx(&app::actor(&user), None)?;
    let (secret, digest) = session::secret();
    let is_secure = http.app.config.http.secure_cookie;
    let replaces = match auth::credential(headers, is_secure) {
        Some(Credential::Cookie(secret)) => Some(digest::hex(secret)),
        _ => None,
    };
    let draft = draft(http, &user.id, kind, ctx.now, headers, address);
    let ends_another = replaces.is_some();
    let command = session::Open { digest, session: draft, replaces };
    let opened = http.app.commit(ctx.clone(), move |tx, ctx| command.run(tx, ctx)).await?;
    if ends_another {
        // All open streams prove themselves anew, so not with each sign-in.
        http.proved.forget();
    }
    http.app
        .audit(&ctx, "session.opened", json!({ "session": opened.id, "way": way.name(), "address": address }))
        .await;
    let locale = locale::asked(headers).unwrap_or_else(|| locale::of_user(&user));
    let begun = opened.clone();
    let (proving, generation) = (http.clone(), http.proved.generation());
    let told = move |view: &View| {
        let rules = proving.proved.rules(view, generation)?;
        Ok((describe(view, &user, locale)?, session::wanted(view, &rules, &user, &begun)?))
    };
    let (person, wants) = http.all(told).await?;
    let cookie = auth::cookie(is_secure, &secret, auth::seconds_until(ctx.now, opened.expires_at))?;
    let answer = json!({ "token": secret, "expires_at": opened.expires_at, "user": person, "wants": wants });
    Ok(([(header::SET_COOKIE, cookie)], Answer(answer)).into_response())
}

/// Do something after which nothing that was known of a person's sessions may be worth anything, and hand out a new one in the
/// same commit. `answer` is told beside it.
///
/// # Errors
/// Those of `work`.
pub async fn renew(
    http: &Shared,
    ctx: Ctx,
    signed: &Signed,
    headers: &HeaderMap,
    mut answer: Value,
    work: impl FnOnce(&mut Tx<'_>, &Ctx) -> Result<()> + Send + 'static,
) -> Result<Response> {
    let (secret, digest) = session::secret();
    let now = ctx.now;
    let renew = session::Renew {
        digest,
        session: draft(http, &signed.session.user, signed.session.kind, now, headers, signed.address),
    };
    let renewed = http
        .app
        .commit(ctx, move |tx, ctx| {
            work(tx, ctx)?;
            renew.run(tx, ctx)
        })
        .await;
    http.proved.forget();
    let renewed = renewed?;
    let is_secure = http.app.config.http.secure_cookie;
    let cookie = auth::cookie(is_secure, &secret, auth::seconds_until(now, renewed.expires_at))?;
    answer["token"] = json!(secret);
    answer["expires_at"] = json!(renewed.expires_at);
    Ok(([(header::SET_COOKIE, cookie)], Answer(answer)).into_response())
}

/// A person as the console greets them.
///
/// # Errors
/// Internal.
pub fn describe(view: &View, user: &Record, locale: &str) -> Result<Value> {
    let org = tables::record::get(view, "org", &user.org, &Scope::All)?;
    let text = |name: &str| org.as_ref().and_then(|org| org.text(name));
    Ok(json!({
        "id": user.id,
        "name": user.text("name"),
        "login": user.text("login"),
        "org": { "id": user.org, "name": text("name"), "time_zone": text("time_zone").unwrap_or("Asia/Shanghai") },
        "roles": user.field("roles"),
        "locale": user.text("locale").unwrap_or(locale),
    }))
}
