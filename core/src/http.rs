//! HTTP: routes, sessions, errors, server-sent events, the embedded console.
//!
//! A handler extracts, calls one command or one view, and renders. What holds for every route stands in [`guard`].

mod account;
mod accounts;
mod actions;
mod address;
mod aggregate;
mod attachments;
mod audit;
mod auth;
mod clock;
mod consents;
mod console;
mod contact;
mod displays;
mod dry_run;
mod events;
mod exports;
mod guard;
mod headers;
mod health;
mod history;
mod idempotency;
mod identity;
mod imports;
mod jobs;
mod kinds;
mod limits;
mod locale;
mod merges;
mod messages;
mod metrics;
mod need;
mod oidc;
mod openapi;
mod orgs;
mod outbound;
mod params;
mod parked;
mod plugins;
mod privacy;
mod problem;
mod public;
mod recipes;
mod records;
mod refs;
mod rights;
mod route;
mod screens;
mod scripts;
mod search;
mod segments;
mod session;
mod sessions;
mod templates;
mod timeline;
mod tokens;
mod webhooks;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, middleware};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

use crate::{
    Error, ErrorKind, Result,
    app::App,
    clock::Clock,
    model::{Actor, Scope},
    store::View,
};
use route::{Guarded, Info, Route};

/// What all handlers share.
pub struct Http {
    app: Arc<App>,
    proved: auth::Proved,
    door: session::Door,
    public_pace: public::Pace,
    limits: limits::Limits,
    oidc: oidc::Oidc,
    idempotency: idempotency::Keys,
    hub: events::Hub,
    metrics: metrics::Metrics,
    refusals: guard::Refusals,
    displays: displays::Displays,
    document: openapi::Document,
    readers: Semaphore,
    is_stopping: watch::Sender<bool>,
}

type Shared = Arc<Http>;

/// Reads at once; SQLite reads are short, and more threads than this only wait for each other.
const MAX_READERS: usize = 16;
/// A read that has waited this long for its turn is put off: the caller is better told than kept.
const READ_WITHIN: Duration = Duration::from_secs(5);
/// Requests under way when the server is asked to stop are given this long.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Everything the server answers.
pub fn router(app: Arc<App>) -> Router {
    assemble(app).1
}

/// Answer requests on `listener` until `shutdown`, then let those under way finish.
///
/// # Errors
/// Internal, when the socket fails.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let (http, router) = assemble(app);
    let mut stopping = http.is_stopping.subscribe();
    let asked = async move {
        shutdown.await;
        http.is_stopping.send_replace(true);
    };
    let late = async move {
        // The sender lives in the shared state, which outlives this wait.
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
        tokio::time::sleep(STOP_WITHIN).await;
    };
    let served =
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).with_graceful_shutdown(asked);
    tokio::select! {
        served = served.into_future() => served.map_err(Error::internal),
        () = late => {
            tracing::warn!("some requests did not end in time and were cut off");
            Ok(())
        }
    }
}

/// All routes of the API, in the order of the document.
fn routes(clock: &Clock) -> Vec<Route> {
    let resources = [
        session::routes(),
        oidc::routes(),
        sessions::routes(),
        account::routes(),
        tokens::routes(),
        accounts::routes(),
        orgs::routes(),
        records::routes(),
        rights::routes(),
        merges::routes(),
        consents::routes(),
        contact::routes(),
        messages::routes(),
        templates::routes(),
        outbound::routes(),
        privacy::routes(),
        timeline::routes(),
        history::routes(),
        attachments::routes(),
        actions::routes(),
        aggregate::routes(),
        imports::routes(),
        exports::routes(),
        audit::routes(),
        jobs::routes(),
        kinds::routes(),
        plugins::routes(),
        screens::routes(),
        scripts::routes(),
        recipes::routes(),
        events::routes(),
        webhooks::routes(),
        search::routes(),
        segments::routes(),
        clock::routes(clock),
        openapi::routes(),
        public::routes(),
        health::routes(),
        metrics::routes(),
    ];
    resources.into_iter().flatten().collect()
}

fn assemble(app: Arc<App>) -> (Shared, Router) {
    let (infos, handlers): (Vec<Arc<Info>>, Vec<_>) =
        routes(&app.clock).into_iter().map(|route| (Arc::new(route.info), route.methods)).unzip();
    let http = Arc::new(Http {
        limits: limits::Limits::new(&app.config.limits),
        oidc: oidc::Oidc::default(),
        app,
        proved: auth::Proved::default(),
        door: session::Door::default(),
        public_pace: public::Pace::default(),
        idempotency: idempotency::Keys::default(),
        hub: events::Hub::default(),
        metrics: metrics::Metrics::new(&infos),
        refusals: guard::Refusals::default(),
        displays: displays::Displays::default(),
        document: openapi::Document::new(&infos),
        readers: Semaphore::new(MAX_READERS),
        is_stopping: watch::Sender::new(false),
    });
    let mut router = Router::new();
    for (info, methods) in infos.into_iter().zip(handlers) {
        let guarded = Guarded { http: http.clone(), counters: http.metrics.of(&info), info: info.clone() };
        router = router.route(info.path, methods.route_layer(middleware::from_fn_with_state(guarded, guard::guard)));
    }
    let router = router
        .method_not_allowed_fallback(problem::wrong_method)
        .fallback(console::fallback)
        // The guard holds bodies to their route's limit.
        .layer(DefaultBodyLimit::disable())
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::map_response_with_state(
            headers::OverHttps(http.app.config.http.secure_cookie),
            headers::secure,
        ))
        .with_state(http.clone());
    (http, router)
}

impl Http {
    /// Run something that waits for the disk, off the runtime's own threads. Every read goes through here.
    async fn blocking<T: Send + 'static>(
        self: &Arc<Http>,
        work: impl FnOnce(&Http) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let busy =
            || Error::new(ErrorKind::Unavailable, "server.busy", "too many reads are waiting; try again in a moment");
        let turn = tokio::time::timeout(READ_WITHIN, self.readers.acquire()).await.map_err(|_| busy())?;
        let _turn = turn.map_err(Error::internal)?;
        let http = self.clone();
        tokio::task::spawn_blocking(move || work(&http)).await.map_err(Error::internal)?
    }

    /// Read what a person may see.
    async fn view<T: Send + 'static>(
        self: &Arc<Http>,
        actor: &Actor,
        read: impl FnOnce(&View) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let actor = actor.clone();
        self.blocking(move |http| read(&http.app.view(&actor)?)).await
    }

    /// Read whatever there is, for the server's own questions.
    async fn all<T: Send + 'static>(
        self: &Arc<Http>,
        read: impl FnOnce(&View) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.blocking(move |http| read(&http.app.store.view(Scope::All)?)).await
    }
}
