//! Who is asking: a session cookie or a bearer token, looked up anew so that ending it takes hold at once.

mod seen;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
};
use tokio::sync::watch;

use super::{Shared, locale};
use crate::{
    Error, ErrorKind, Result, app,
    commands::session::{Rules, Wanted, wanted},
    model::{Actor, Id, Scope, Time, digest},
    store::{
        View,
        tables::{
            self,
            session::{Kind, Session},
        },
    },
};

/// A person who has proved who they are.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The person.
    pub actor: Actor,
    /// What they came in with.
    pub session: Session,
    /// The language of texts for them.
    pub locale: &'static str,
    /// Where they are.
    pub address: Option<IpAddr>,
    /// What they must do before anything else.
    pub wants: Option<Wanted>,
}

impl Signed {
    /// Where they work.
    pub fn org(&self) -> Id {
        match &self.actor {
            Actor::User { org, .. } => org.clone(),
            Actor::Plugin { .. } | Actor::Script { .. } | Actor::System => Id::hq(),
        }
    }
}

/// Sessions proved at some head of the store. Everything that could end one either raises an event that counts for people, or goes
/// through [`Proved::forget`]; so an entry holds as long as neither has happened since, whatever is written of customers meanwhile.
#[derive(Debug, Default)]
pub struct Proved {
    generation: watch::Sender<u64>,
    known: RwLock<HashMap<String, Entry>>,
    /// The rules of signing in, read in some generation: setting them begins another.
    rules: RwLock<Option<(u64, Arc<Rules>)>>,
    /// When each was last used.
    pub seen: seen::Seen,
}

#[derive(Clone, Debug)]
struct Entry {
    head: i64,
    generation: u64,
    session: Session,
    actor: Actor,
    locale: &'static str,
    wants: Option<Wanted>,
}

/// Entries kept; more than this many people at once only means reading again.
const MAX_ENTRIES: usize = 10_000;

impl Proved {
    /// A session was ended, or a password changed.
    pub fn forget(&self) {
        self.generation.send_modify(|generation| *generation += 1);
    }

    /// The generation, to be asked for before the view is opened that rules are read from: then a view of before leaves nothing behind.
    pub fn generation(&self) -> u64 {
        *self.generation.borrow()
    }

    /// The rules of signing in.
    ///
    /// # Errors
    /// Internal.
    pub fn rules(&self, view: &View, generation: u64) -> Result<Arc<Rules>> {
        let known = self.rules.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, rules)) = known.filter(|(of, _)| *of == generation) {
            return Ok(rules);
        }
        let rules = Arc::new(Rules::load(view)?);
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Some((generation, rules.clone()));
        Ok(rules)
    }

    /// Wakes its receivers when a session was ended.
    pub fn endings(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }

    fn get(&self, digest: &str, people: i64) -> Option<Entry> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let generation = *self.generation.borrow();
        known.get(digest).filter(|entry| entry.head >= people && entry.generation == generation).cloned()
    }

    fn put(&self, digest: String, entry: Entry) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_ENTRIES {
            known.clear();
        }
        known.insert(digest, entry);
    }
}

/// How a secret came in; a cookie is sent by the browser whoever asks, so it proves less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer`.
    Bearer(String),
    /// The session cookie.
    Cookie(String),
}

/// The cookie's name. With `__Host-` browsers take it over HTTPS alone, for this host alone.
pub fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { "__Host-marque_session" } else { "marque_session" }
}

/// The `Set-Cookie` that hands out a session, or takes it back when `max_age_seconds` is 0.
pub fn cookie(is_secure: bool, secret: &str, max_age_seconds: i64) -> Result<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let name = cookie_name(is_secure);
    HeaderValue::from_str(&format!(
        "{name}={secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age={max_age_seconds}{secure}"
    ))
    .map_err(Error::internal)
}

/// What a request brings to prove who is asking. A bearer token goes before a cookie.
pub fn credential(headers: &HeaderMap, is_secure: bool) -> Option<Credential> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some((scheme, token)) = authorization.and_then(|value| value.split_once(' '))
        && scheme.eq_ignore_ascii_case("bearer")
    {
        return Some(Credential::Bearer(token.trim().to_owned()));
    }
    cookie_value(headers, cookie_name(is_secure)).map(|secret| Credential::Cookie(secret.to_owned()))
}

/// What a cookie holds.
pub fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    cookies.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Look a credential up, and note that it was used.
///
/// # Errors
/// As [`prove`].
pub async fn sign_in(http: &Shared, headers: &HeaderMap, address: Option<IpAddr>) -> Result<Signed> {
    let signed = prove(http, headers, address).await?;
    http.proved.seen.note(http, &signed.session, address);
    Ok(signed)
}

/// Look a credential up.
///
/// # Errors
/// `unauthenticated`: there is none, it is unknown or over, or the person has left. `token.address`: it is not for here.
pub async fn prove(http: &Shared, headers: &HeaderMap, address: Option<IpAddr>) -> Result<Signed> {
    let required = || Error::new(ErrorKind::Unauthenticated, "unauthenticated", "sign in first: POST /api/v1/session");
    let secret = match credential(headers, http.app.config.http.secure_cookie) {
        Some(Credential::Bearer(secret) | Credential::Cookie(secret)) if !secret.is_empty() => secret,
        _ => return Err(required()),
    };
    let digest = digest::hex(secret);
    let entry = match http.proved.get(&digest, http.app.store.people()) {
        Some(entry) => entry,
        None => {
            let generation = http.proved.generation();
            let (looked_up, proving) = (digest.clone(), http.clone());
            let read = move |view: &View| look_up(view, &proving.proved, generation, &looked_up);
            let (head, session, user, wants) = http.all(read).await?;
            let locale = locale::of_user(&user);
            let actor = app::actor(&user).held_to(&session.scopes);
            let entry = Entry { head, generation, session, actor, locale, wants };
            http.proved.put(digest, entry.clone());
            entry
        }
    };
    let now = http.app.clock.now();
    if entry.session.expires_at <= now || http.proved.seen.is_idle(&entry.session, idle_ms(http), now) {
        return Err(ended());
    }
    check_address(&entry.session, address)?;
    let locale = locale::asked(headers).unwrap_or(entry.locale);
    Ok(Signed { actor: entry.actor, session: entry.session, locale, address, wants: entry.wants })
}

fn idle_ms(http: &Shared) -> i64 {
    i64::from(http.app.config.sessions.idle_hours) * 3_600_000
}

/// A token that says where it is used is worth nothing elsewhere.
fn check_address(session: &Session, address: Option<IpAddr>) -> Result<()> {
    let is_here = |address: IpAddr| session.addresses.iter().any(|net| net.holds(address));
    if session.kind != Kind::Token || session.addresses.is_empty() || address.is_some_and(is_here) {
        return Ok(());
    }
    let message = "this token is not for use from this address; its list of addresses says from where it is";
    Err(Error::new(ErrorKind::Denied, "token.address", message))
}

fn ended() -> Error {
    Error::new(
        ErrorKind::Unauthenticated,
        "unauthenticated",
        "the session or token is unknown or has ended; sign in again",
    )
}

fn look_up(
    view: &View,
    proved: &Proved,
    generation: u64,
    digest: &str,
) -> Result<(i64, Session, crate::model::Record, Option<Wanted>)> {
    let session = tables::session::get(view, digest)?.ok_or_else(ended)?;
    let user = tables::record::get(view, "user", &session.user, &Scope::All)?.ok_or_else(ended)?;
    if user.text("status") == Some("left") {
        return Err(ended());
    }
    let wants = wanted(view, &*proved.rules(view, generation)?, &user, &session)?;
    Ok((view.at_seq(), session, user, wants))
}

/// Whoever must set a password or a second factor first can do nothing else: they see who they are, look after their account and leave.
///
/// # Errors
/// `session.password_initial`, `session.code_missing`.
pub fn check_wants(signed: &Signed, path: &str) -> Result<()> {
    let is_way_out = path == "/api/v1/session" || path.starts_with("/api/v1/account/");
    let (code, message) = match signed.wants {
        Some(Wanted::Password) if !is_way_out => (
            "session.password_initial",
            "your password was set by somebody else; set one of your own first: POST /api/v1/account/password",
        ),
        Some(Wanted::Code) if !is_way_out => {
            ("session.code_missing", "your role asks for a second factor; set one up first: POST /api/v1/account/totp")
        }
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::Denied, code, message))
}

/// A write that a browser was made to send by another site is refused. Programs send neither header and carry no
/// cookies they were not given, so they pass.
///
/// # Errors
/// `origin.refused`.
pub fn check_origin(method: &Method, headers: &HeaderMap) -> Result<()> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is_same = match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
            let host = text(header::HOST).unwrap_or_default();
            authority.eq_ignore_ascii_case(host)
        }
        (None, None) => true,
    };
    if is_same {
        Ok(())
    } else {
        Err(Error::new(
            ErrorKind::Denied,
            "origin.refused",
            "a page of another site may not write here with your session",
        ))
    }
}

/// When a session that begins now ends for a browser, in seconds.
pub fn seconds_until(now: Time, expires_at: Time) -> i64 {
    ((expires_at - now) / 1_000).max(0)
}

impl<S: Sync> FromRequestParts<S> for Signed {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Signed> {
        // The guard has put it there, or refused the request.
        parts
            .extensions
            .get::<Signed>()
            .cloned()
            .ok_or_else(|| Error::internal("a route that is open asks who is signed in"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_bearer_token_goes_before_a_cookie() {
        let both = headers(&[("authorization", "bearer abc"), ("cookie", "marque_session=def")]);
        assert_eq!(credential(&both, false), Some(Credential::Bearer("abc".into())));
        let cookie = headers(&[("cookie", "theme=dark; marque_session=def")]);
        assert_eq!(credential(&cookie, false), Some(Credential::Cookie("def".into())));
        assert_eq!(credential(&cookie, true), None);
        assert_eq!(credential(&headers(&[("authorization", "Basic abc")]), false), None);
    }

    #[test]
    fn a_cookie_is_for_this_host_and_no_script() {
        let value = cookie(true, "abc", 60).unwrap();
        assert_eq!(value, "__Host-marque_session=abc; HttpOnly; SameSite=Strict; Path=/; Max-Age=60; Secure");
        assert!(!cookie(false, "abc", 60).unwrap().to_str().unwrap().contains("Secure"));
    }

    #[test]
    fn another_site_may_not_write() {
        let check = |method: Method, pairs: &[(&'static str, &str)]| check_origin(&method, &headers(pairs)).is_ok();
        for (pairs, is_allowed) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("origin", "https://crm.example"), ("host", "crm.example")], true),
            (&[("origin", "https://evil.example"), ("host", "crm.example")], false),
            (&[("origin", "null"), ("host", "crm.example")], false),
            (&[("host", "crm.example")], true),
        ] {
            assert_eq!(check(Method::POST, pairs), is_allowed, "{pairs:?}");
            assert!(check(Method::GET, pairs), "{pairs:?}");
        }
    }
}
