//! `Idempotency-Key`: the same POST again is told the first answer, and does nothing.
//!
//! A handler whose work is one commit writes the answer in that commit ([`Key::keep`]): records created and moved, and actions. Of
//! every other POST the answer is written right after the work; if the server dies in between, the work is done and the
//! key is free, so the same request would run again. Refusals are not kept: they changed nothing, so asking again is safe.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use super::{
    Shared,
    auth::Signed,
    guard, problem, records,
    route::{Body, Info},
};
use crate::{
    Error, ErrorKind, Result,
    model::{Time, digest},
    store::{
        Tx,
        tables::idempotency::{self, Given},
    },
};

/// Keys longer than this are no keys.
const MAX_KEY_CHARS: usize = 200;
/// Old answers are swept out at most this often.
const SWEEP_EVERY_MS: i64 = 3_600_000;

/// Keys whose first request is still at work, and when old answers were last swept out.
#[derive(Debug, Default)]
pub struct Keys {
    at_work: Mutex<HashSet<(String, String)>>,
    swept_at: AtomicI64,
}

/// The key of a request, with which a handler may keep its answer in the commit of its work.
#[derive(Clone, Debug)]
pub struct Key(Option<Arc<Asked>>);

#[derive(Debug)]
struct Asked {
    actor: String,
    key: String,
    /// Method and path.
    head: String,
    /// Digest of the request; of one that is taken in by stream only when it is there as a whole.
    request: OnceLock<String>,
    is_kept: AtomicBool,
}

impl Asked {
    fn request(&self) -> &str {
        self.request.get().map_or("", String::as_str)
    }
}

impl Key {
    /// The digest of a body that was taken in by stream, which belongs to the request as any body does.
    pub fn with_body(&self, digest: &str) {
        if let Some(asked) = &self.0 {
            // Set already only where the whole body was at hand before.
            let _ = asked.request.set(fingerprint(&asked.head, digest));
        }
    }

    /// Keep the answer in the transaction of the work it tells of.
    ///
    /// # Errors
    /// `idempotency.used` when another request has taken the key meanwhile.
    pub fn keep(&self, tx: &mut Tx<'_>, now: Time, status: StatusCode, answer: &str) -> Result<()> {
        let Some(asked) = &self.0 else { return Ok(()) };
        let given = Given { request: asked.request().into(), status: status.as_u16(), answer: answer.to_owned() };
        idempotency::insert(tx, &asked.actor, &asked.key, &given, now)?;
        asked.is_kept.store(true, Ordering::SeqCst);
        Ok(())
    }
}

impl<S: Sync> FromRequestParts<S> for Key {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Key> {
        Ok(parts.extensions.get::<Key>().cloned().unwrap_or(Key(None)))
    }
}

/// The key a request carries, where keys are honoured.
///
/// # Errors
/// `idempotency.invalid` for a key that is empty, too long or not plain text.
pub fn asked(info: &Info, request: &Request) -> Result<Option<String>> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    if !guard::changes_something(info, request) {
        return Ok(None);
    }
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= MAX_KEY_CHARS => Ok(Some(key.to_owned())),
        _ => {
            Err(Error::invalid("idempotency", format!("an Idempotency-Key has 1 to {MAX_KEY_CHARS} plain characters")))
        }
    }
}

/// Run a request, unless it has been answered or is at work already.
pub async fn once(http: &Shared, info: &Info, key: String, request: Request, next: Next) -> Response {
    match try_once(http, info, key, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn try_once(http: &Shared, info: &Info, key: String, request: Request, next: Next) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let actor = parts.extensions.get::<Signed>().map(|signed| signed.actor.label()).unwrap_or_default();
    let _at_work = AtWork::begin(&http.idempotency, &actor, &key)?;
    let head = head(&parts);
    let asked = Arc::new(Asked { actor, key, head, request: OnceLock::new(), is_kept: AtomicBool::new(false) });
    let (looked_up, now) = (asked.clone(), http.app.clock.now());
    let given = http.all(move |view| idempotency::get(view, &looked_up.actor, &looked_up.key, now)).await?;
    let body = match (&info.body, &given) {
        // Taken in by the handler. Answered already, it is only read: whether it is the same body.
        (Body::Stream, None) => body,
        (Body::Stream, Some(_)) => {
            let digest = guard::digest_of(body, http.app.config.attachments.max_bytes).await?;
            let _ = asked.request.set(fingerprint(&asked.head, &digest));
            axum::body::Body::empty()
        }
        _ => {
            let body = axum::body::to_bytes(body, usize::MAX).await.map_err(Error::internal)?;
            let _ = asked.request.set(fingerprint(&asked.head, &digest::hex(&body)));
            body.into()
        }
    };
    if let Some(given) = given {
        return replay(&asked, &given);
    }
    sweep(http).await;
    parts.extensions.insert(Key(Some(asked.clone())));
    let response = next.run(Request::from_parts(parts, body)).await;
    if !response.status().is_success() || asked.is_kept.load(Ordering::SeqCst) {
        return Ok(response);
    }
    keep_after(http, &asked, response).await
}

/// Keep the answer of work that is done. That it could not be kept is no reason to tell the caller that the work failed.
async fn keep_after(http: &Shared, asked: &Arc<Asked>, response: Response) -> Result<Response> {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(Error::internal)?;
    let given = Given {
        request: asked.request().into(),
        status: parts.status.as_u16(),
        answer: String::from_utf8_lossy(&body).into_owned(),
    };
    let now = http.app.clock.now();
    let asked = asked.clone();
    let kept = http.app.store.commit(move |tx| idempotency::insert(tx, &asked.actor, &asked.key, &given, now));
    if let Err(error) = kept.await {
        tracing::error!(%error, "an answer could not be kept for its idempotency key");
    }
    Ok(Response::from_parts(parts, body.into()))
}

async fn sweep(http: &Shared) {
    let now = http.app.clock.now();
    if !http.idempotency.is_sweep_due(now) {
        return;
    }
    if let Err(error) =
        http.app.store.commit(move |tx| idempotency::sweep(tx, now.plus_millis(-idempotency::KEPT_MS))).await
    {
        tracing::error!(%error, "old idempotency keys could not be swept out");
    }
}

fn replay(asked: &Asked, given: &Given) -> Result<Response> {
    if given.request != asked.request() {
        let message = format!("the idempotency key {:?} was used for another request; take a new one", asked.key);
        return Err(Error::new(ErrorKind::Conflict, problem::KEY_MISUSED, message));
    }
    let status = StatusCode::from_u16(given.status).map_err(Error::internal)?;
    let mut response = (status, given.answer.clone()).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if !given.answer.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    // An item's revision is its entity tag, told the first time too.
    let rev = serde_json::from_str::<Revised>(&given.answer).ok();
    if let Some(rev) = rev {
        headers.insert(header::ETAG, records::etag(rev.rev)?);
    }
    headers.insert(HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));
    Ok(response)
}

#[derive(serde::Deserialize)]
struct Revised {
    rev: u32,
}

/// Method, path and query of a request.
fn head(parts: &Parts) -> String {
    let path = parts.uri.path_and_query().map(|path| path.as_str()).unwrap_or_default();
    format!("{} {path} ", parts.method)
}

fn fingerprint(head: &str, body: &str) -> String {
    let all = Sha256::new().chain_update(head).chain_update(body);
    all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Keys {
    fn is_sweep_due(&self, now: Time) -> bool {
        let last = self.swept_at.load(Ordering::SeqCst);
        let is_due = now.millis() - last > SWEEP_EVERY_MS;
        is_due && self.swept_at.compare_exchange(last, now.millis(), Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    fn at_work(&self) -> std::sync::MutexGuard<'_, HashSet<(String, String)>> {
        // A panic cannot leave a set half-changed.
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds a key for as long as its request is at work.
struct AtWork<'a> {
    keys: &'a Keys,
    held: (String, String),
}

impl<'a> AtWork<'a> {
    fn begin(keys: &'a Keys, actor: &str, key: &str) -> Result<AtWork<'a>> {
        let held = (actor.to_owned(), key.to_owned());
        if keys.at_work().insert(held.clone()) {
            Ok(AtWork { keys, held })
        } else {
            Err(Error::conflict(
                "idempotency.in_flight",
                format!("a request with the idempotency key {key:?} is still at work; wait for its answer"),
            ))
        }
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.keys.at_work().remove(&self.held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_held_until_its_request_is_done() {
        let keys = Keys::default();
        let first = AtWork::begin(&keys, "user:u1", "k").unwrap();
        assert_eq!(AtWork::begin(&keys, "user:u1", "k").err().unwrap().code, "idempotency.in_flight");
        assert!(AtWork::begin(&keys, "user:u2", "k").is_ok());
        drop(first);
        assert!(AtWork::begin(&keys, "user:u1", "k").is_ok());
    }

    #[test]
    fn a_fingerprint_tells_method_path_and_body_apart() {
        let of = |method: &str, path: &str, body: &'static str| {
            let request = Request::builder().method(method).uri(path).body(()).unwrap();
            fingerprint(&head(&request.into_parts().0), &digest::hex(body))
        };
        assert_eq!(of("POST", "/a?x=1", "{}"), of("POST", "/a?x=1", "{}"));
        for other in [of("PUT", "/a?x=1", "{}"), of("POST", "/a", "{}"), of("POST", "/a?x=1", "[]")] {
            assert_ne!(of("POST", "/a?x=1", "{}"), other);
        }
    }

    #[test]
    fn old_answers_are_swept_at_most_once_an_hour() {
        let keys = Keys::default();
        let at = |hours: i64| Time::from_millis(1_773_367_200_000 + hours * 3_600_000);
        assert!(keys.is_sweep_due(at(0)));
        assert!(!keys.is_sweep_due(at(1)));
        assert!(keys.is_sweep_due(at(2)));
    }
}
