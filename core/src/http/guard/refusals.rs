//! What was refused is noted: who wanted what and was not let. The same again within a minute is counted, not written.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::Request,
    http::{Method, StatusCode},
    response::Response,
};
use serde_json::json;

use super::super::{
    address,
    auth::{self, Signed},
    problem::Code,
    route::Guarded,
};
use crate::{
    model::{Actor, Id, Time},
    store::tables::audit::Entry,
};

/// How long the same refusal of the same asker is only counted: a stranger who knocks all night shall not fill the log.
const WINDOW_MS: i64 = 60_000;
/// Askers remembered; beyond that, all strangers are one.
const MAX_KNOWN: usize = 1_000;

/// What has been refused lately.
#[derive(Debug, Default)]
pub struct Refusals {
    lately: Mutex<HashMap<Asked, Lately>>,
}

#[derive(Debug)]
struct Lately {
    since: Time,
    n_more: u64,
}

/// A wish as far as it is told apart from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    who: Option<Id>,
    address: Option<IpAddr>,
    has_credential: bool,
    method: Method,
    route: &'static str,
    kind: Option<String>,
    record: Option<Id>,
    code: String,
}

impl Asked {
    /// What can be said before it is known who asks.
    pub fn of(guarded: &Guarded, request: &Request) -> Asked {
        let info = &guarded.info;
        let config = &guarded.http.app.config.http;
        let address = address::of(request.extensions(), request.headers(), &config.trusted_proxies);
        let is_secure = config.secure_cookie;
        let (mut kind, mut record) = (None, None);
        for (name, given) in info.path.split('/').zip(request.uri().path().split('/')) {
            match name {
                "{kind}" => kind = Some(given.to_owned()),
                "{id}" => record = given.parse().ok(),
                _ => {}
            }
        }
        // A kind that is none is what somebody typed, and may be anything.
        let kind = kind.filter(|kind| guarded.http.app.store.kinds().get(kind).is_some());
        Asked {
            who: None,
            address,
            has_credential: auth::credential(request.headers(), is_secure).is_some(),
            method: info.method.clone(),
            route: info.path,
            kind,
            record,
            code: String::new(),
        }
    }
}

/// What an answer refuses, as far as it is to be noted.
pub fn refused(asked: Asked, signed: Option<&Signed>, response: &Response) -> Option<Asked> {
    let Code(code) = response.extensions().get()?;
    let who = signed.and_then(|signed| signed.actor.person().cloned());
    is_noted(response.status(), code, &asked).then(|| Asked { who, code: code.clone(), ..asked })
}

/// Note it. It is written before the answer goes out.
pub async fn note(guarded: &Guarded, asked: Asked, signed: Option<&Signed>) {
    let now = guarded.http.app.clock.now();
    let Some(n_more) = guarded.http.refusals.counted(&asked, now) else { return };
    let mut detail = json!({ "code": asked.code, "method": asked.method.as_str(), "route": asked.route });
    if n_more > 0 {
        detail["n_more_before"] = json!(n_more);
    }
    let entry = match signed {
        Some(Signed { actor: actor @ Actor::User { org, .. }, .. }) => {
            Entry::new(now, actor, org.clone(), "refused", detail)
        }
        _ => Entry::of_nobody(now, "refused", detail),
    };
    let entry = Entry { kind: asked.kind, record: asked.record, ..entry }.from_address(asked.address);
    if let Err(error) = guarded.http.app.note(entry).await {
        tracing::error!(%error, "a refusal could not be noted");
    }
}

/// Refused for want of a right, by a state machine, or for asking too often. A browser that asks who is signed in wants nothing, and
/// a wrong password is noted where it is looked at.
fn is_noted(status: StatusCode, code: &str, asked: &Asked) -> bool {
    let is_only_looking = asked.route == "/api/v1/session" && asked.method == Method::GET && !asked.has_credential;
    match status {
        StatusCode::UNAUTHORIZED => code != "session.refused" && !is_only_looking,
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => true,
        _ => code == "state.refused",
    }
}

impl Refusals {
    /// How many like it were not written since the last that was; `None` when this one is not to be written either.
    fn counted(&self, asked: &Asked, now: Time) -> Option<u64> {
        let mut lately = self.lately();
        let key = self::key(&lately, asked);
        match lately.get_mut(&key) {
            Some(known) if now - known.since < WINDOW_MS => {
                known.n_more += 1;
                None
            }
            Some(known) => {
                known.since = now;
                Some(std::mem::take(&mut known.n_more))
            }
            None => {
                if lately.len() >= MAX_KNOWN {
                    lately.retain(|_, known| now - known.since < WINDOW_MS);
                }
                lately.insert(key, Lately { since: now, n_more: 0 });
                Some(0)
            }
        }
    }

    fn lately(&self) -> MutexGuard<'_, HashMap<Asked, Lately>> {
        // A panic cannot leave a count half-changed.
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(lately: &HashMap<Asked, Lately>, asked: &Asked) -> Asked {
    if lately.len() < MAX_KNOWN || asked.who.is_some() || lately.contains_key(asked) {
        return asked.clone();
    }
    Asked { address: None, kind: None, record: None, ..asked.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(address: u32) -> Asked {
        Asked {
            who: None,
            address: Some(IpAddr::from(address.to_be_bytes())),
            has_credential: false,
            method: Method::GET,
            route: "/api/v1/records/{kind}",
            kind: None,
            record: None,
            code: "unauthenticated".into(),
        }
    }

    fn at(seconds: i64) -> Time {
        Time::from_millis(1_773_367_200_000 + seconds * 1_000)
    }

    #[test]
    fn the_same_within_a_minute_is_counted_and_told_with_the_next() {
        let refusals = Refusals::default();
        assert_eq!(refusals.counted(&asked(1), at(0)), Some(0));
        assert_eq!(refusals.counted(&asked(1), at(1)), None);
        assert_eq!(refusals.counted(&asked(1), at(59)), None);
        assert_eq!(refusals.counted(&asked(2), at(59)), Some(0), "another asker is another");
        assert_eq!(refusals.counted(&asked(1), at(60)), Some(2));
        assert_eq!(refusals.counted(&asked(1), at(120)), Some(0));
    }

    #[test]
    fn strangers_without_number_fill_neither_memory_nor_log() {
        let refusals = Refusals::default();
        let n_written = (0..5_000).filter(|n| refusals.counted(&asked(*n), at(0)).is_some()).count();
        assert_eq!(n_written, MAX_KNOWN + 1);
        assert_eq!(refusals.lately().len(), MAX_KNOWN + 1);
        let known = Asked { who: "li".parse().ok(), ..asked(7) };
        assert_eq!(refusals.counted(&known, at(0)), Some(0), "who is known is always told apart");
    }
}
