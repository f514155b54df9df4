//! What stands before every handler: who asks, from where, with which parameters, how large, and has it been asked before.

mod body;
mod refusals;

pub use body::{digest_of, let_go_of};
pub use refusals::Refusals;

use std::{net::IpAddr, time::Instant};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Method, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::{Instrument, field};

use super::{
    address,
    auth::{self, Signed},
    dry_run, idempotency, need, params, public,
    route::{Access, Body, Guarded, Info},
};
use crate::{Error, Result};

/// Where a request comes from, for handlers that write it down.
#[derive(Clone, Copy, Debug)]
pub struct Caller(pub Option<IpAddr>);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Caller> {
        Ok(parts.extensions.get::<Caller>().copied().unwrap_or(Caller(None)))
    }
}

/// Runs around the handler of each route.
pub async fn guard(State(guarded): State<Guarded>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    // Neither the query nor a body: both may hold personal data.
    let span = tracing::info_span!(
        "request",
        method = %guarded.info.method,
        route = guarded.info.path,
        status = field::Empty,
        actor = field::Empty,
    );
    let counters = guarded.counters.clone();
    let asked = refusals::Asked::of(&guarded, &request);
    let reader = public::reader(guarded.info.path, request.headers());
    let response = async {
        // HEAD comes here as GET does; everything that writes is let finish even if the caller hangs up half-way.
        let (signed, response) = match admit(&guarded, request).await {
            Err(error) => match reader {
                Some(locale) => (None, public::refused_page(&error, locale)),
                None => (None, error.into_response()),
            },
            Ok(request) => {
                let signed = request.extensions().get::<Signed>().cloned();
                let response = match guarded.info.method {
                    Method::GET => next.run(request).await,
                    _ => finish(guarded.clone(), request, next).await,
                };
                (signed, response)
            }
        };
        if let Some(refused) = refusals::refused(asked, signed.as_ref(), &response) {
            refusals::note(&guarded, refused, signed.as_ref()).await;
        }
        response
    }
    .instrument(span.clone())
    .await;
    let elapsed = start.elapsed();
    counters.count(response.status(), elapsed);
    span.record("status", response.status().as_u16());
    span.in_scope(|| tracing::debug!(elapsed_ms = elapsed.as_millis() as u64, "answered"));
    response
}

/// Check everything that can be known before the handler runs.
async fn admit(guarded: &Guarded, request: Request) -> Result<Request> {
    let (mut parts, body) = request.into_parts();
    if let Err(error) = check(guarded, &mut parts).await {
        body::let_go(body).await;
        return Err(error);
    }
    if let Body::Stream = guarded.info.body {
        // What is in the body is known to the handler alone; what it does is compared, so a preview holds it all the same.
        let how = dry_run::how(&parts, &[])?;
        parts.extensions.insert(how);
        return Ok(Request::from_parts(parts, body));
    }
    let limits = &guarded.http.app.config.http;
    let limit = if let Body::File(_) = guarded.info.body { limits.max_upload_bytes } else { limits.max_body_bytes };
    let bytes = body::receive(body, limit).await?;
    let how = dry_run::how(&parts, &bytes)?;
    parts.extensions.insert(how);
    Ok(Request::from_parts(parts, bytes.into()))
}

async fn check(Guarded { http, info, .. }: &Guarded, parts: &mut Parts) -> Result<()> {
    auth::check_origin(&parts.method, &parts.headers)?;
    let address = address::of(&parts.extensions, &parts.headers, &http.app.config.http.trusted_proxies);
    parts.extensions.insert(Caller(address));
    let now = Instant::now();
    if info.access == Access::Open {
        http.limits.unsigned(address, info.cost, now)?;
    } else {
        let signed = match auth::sign_in(http, &parts.headers, address).await {
            Ok(signed) => signed,
            // Trying secrets is paid for by the address that tries them.
            Err(error) => return Err(http.limits.unsigned(address, info.cost, now).err().unwrap_or(error)),
        };
        tracing::Span::current().record("actor", signed.actor.label());
        http.limits.signed(&signed.session.id, address, &signed.org(), info.cost, now)?;
        auth::check_wants(&signed, info.path)?;
        need::check(info, parts.uri.path(), &signed)?;
        parts.extensions.insert(signed);
    }
    if info.forgives {
        return Ok(());
    }
    params::check_names(&params::pairs(&parts.uri)?, info.query)
}

/// Run a write in a task of its own: what it began it ends, whoever hangs up.
async fn finish(guarded: Guarded, request: Request, next: Next) -> Response {
    let span = tracing::Span::current();
    let work = async move {
        match idempotency::asked(&guarded.info, &request) {
            Ok(Some(key)) => idempotency::once(&guarded.http, &guarded.info, key, request, next).await,
            Ok(None) => next.run(request).await,
            Err(error) => error.into_response(),
        }
    };
    match tokio::spawn(work.instrument(span)).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => super::problem::panicked(panic),
            Err(error) => Error::internal(error).into_response(),
        },
    }
}

/// Whether an `Idempotency-Key` matters: nothing is kept of a request that changes nothing.
pub fn changes_something(info: &Info, request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let says = |pair: &str| query.split('&').any(|given| given == pair);
    info.keeps_answers
        && request.extensions().get::<Signed>().is_some()
        && !says("dry_run=true")
        && !says("mode=inspect")
}
