//! Routes as data: a handler with what is said of it, so that nothing is reachable that is not described.

use std::{convert::Infallible, sync::Arc};

use axum::{
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};
use serde_json::Value;

use super::Shared;

/// A route: what is said of it and what answers.
pub struct Route {
    /// What is said of it.
    pub info: Info,
    /// What answers.
    pub methods: MethodRouter<Shared, Infallible>,
}

/// What is said of a route. The guard holds requests to it, `/api/openapi.json` is made of it.
#[derive(Clone, Debug)]
pub struct Info {
    /// Its method.
    pub method: Method,
    /// Its template, `/api/v1/records/{kind}/{id}`.
    pub path: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Query parameters it takes; any other is refused.
    pub query: &'static [Param],
    /// Whether any other is passed over instead: chat programs add their own to links that people share.
    pub forgives: bool,
    /// The shape of the request's body.
    pub body: Body,
    /// The status of success and the shape of its body.
    pub answer: (u16, Option<Value>),
    /// Who may come in.
    pub access: Access,
    /// Whether an `Idempotency-Key` is honoured: on every POST whose answer may be kept.
    pub keeps_answers: bool,
    /// What asking it costs, in units of one read; see [`limits`](super::limits).
    pub cost: u32,
}

/// What the dearest routes cost: those that go through everything.
pub const MAX_COST: u32 = 100;

/// A query parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// JSON Schema type.
    pub r#type: &'static str,
    /// One sentence.
    pub help: &'static str,
}

impl Param {
    /// A parameter of a JSON Schema type.
    pub const fn new(name: &'static str, r#type: &'static str, help: &'static str) -> Param {
        Param { name, r#type, help }
    }
}

/// What a request carries.
#[derive(Clone, Debug)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON of this schema.
    Json(Value),
    /// A file of one of these media types.
    File(&'static [&'static str]),
    /// A file that the handler takes in by itself, piece by piece.
    Stream,
}

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Open,
    /// Whoever has a session or a token.
    Signed,
}

impl Route {
    fn new<H, T>(method: Method, filter: MethodFilter, path: &'static str, handler: H) -> Route
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let info = Info {
            keeps_answers: method == Method::POST,
            cost: cost_of(&method, path),
            method,
            path,
            summary: "",
            query: &[],
            forgives: false,
            body: Body::None,
            answer: (200, None),
            access: Access::Signed,
        };
        Route { info, methods: on(filter, handler) }
    }

    /// Answers GET.
    pub fn get<H: Handler<T, Shared>, T: 'static>(path: &'static str, handler: H) -> Route {
        Route::new(Method::GET, MethodFilter::GET, path, handler)
    }

    /// Answers POST.
    pub fn post<H: Handler<T, Shared>, T: 'static>(path: &'static str, handler: H) -> Route {
        Route::new(Method::POST, MethodFilter::POST, path, handler)
    }

    /// Answers PUT.
    pub fn put<H: Handler<T, Shared>, T: 'static>(path: &'static str, handler: H) -> Route {
        Route::new(Method::PUT, MethodFilter::PUT, path, handler)
    }

    /// Answers PATCH.
    pub fn patch<H: Handler<T, Shared>, T: 'static>(path: &'static str, handler: H) -> Route {
        Route::new(Method::PATCH, MethodFilter::PATCH, path, handler)
    }

    /// Answers DELETE.
    pub fn delete<H: Handler<T, Shared>, T: 'static>(path: &'static str, handler: H) -> Route {
        Route::new(Method::DELETE, MethodFilter::DELETE, path, handler)
    }

    /// One sentence for the document.
    #[must_use]
    pub fn says(mut self, summary: &'static str) -> Route {
        self.info.summary = summary;
        self
    }

    /// The query parameters it takes.
    #[must_use]
    pub fn query(mut self, query: &'static [Param]) -> Route {
        self.info.query = query;
        self
    }

    /// Query parameters it does not know are passed over.
    #[must_use]
    pub fn forgiving(mut self) -> Route {
        self.info.forgives = true;
        self
    }

    /// JSON it takes.
    #[must_use]
    pub fn takes(mut self, schema: Value) -> Route {
        self.info.body = Body::Json(schema);
        self
    }

    /// A file it takes; the limit of uploads holds.
    #[must_use]
    pub fn takes_file(mut self, media_types: &'static [&'static str]) -> Route {
        self.info.body = Body::File(media_types);
        self
    }

    /// A file it takes in piece by piece, holding it to a limit of its own.
    #[must_use]
    pub fn streams(mut self) -> Route {
        self.info.body = Body::Stream;
        self
    }

    /// The status of success and the schema of its body.
    #[must_use]
    pub fn answers(mut self, status: u16, schema: Value) -> Route {
        self.info.answer = (status, Some(schema));
        self
    }

    /// The status of success, without a body.
    #[must_use]
    pub fn answers_nothing(mut self, status: u16) -> Route {
        self.info.answer = (status, None);
        self
    }

    /// Anybody may ask.
    #[must_use]
    pub fn open(mut self) -> Route {
        self.info.access = Access::Open;
        self
    }

    /// What asking it costs, where it is not what its method and path say.
    #[must_use]
    pub fn costs(mut self, units: u32) -> Route {
        self.info.cost = units;
        self
    }

    /// Its answer holds a secret and is never kept, so an `Idempotency-Key` is passed over.
    #[must_use]
    pub fn keeps_nothing(mut self) -> Route {
        self.info.keeps_answers = false;
        self
    }
}

/// What a route costs unless it says otherwise: a single read 1, a list or a write 2, and the last word of the path tells what is dearer.
fn cost_of(method: &Method, path: &str) -> u32 {
    let last = path.rsplit('/').next().unwrap_or_default();
    match (last, *method == Method::GET) {
        ("export" | "import" | "exports", is_read) if is_read == (last == "export") => MAX_COST,
        ("aggregate", _) => 5,
        ("search", _) => 3,
        ("attachments" | "plugins" | "preview", false) => 10,
        ("{kind}", true) => 2,
        (word, true) if word.starts_with('{') => 1,
        (word, true) if word.ends_with('s') => 2,
        (_, true) => 1,
        (_, false) => 2,
    }
}

/// What the guard of each route holds on to.
#[derive(Clone)]
pub struct Guarded {
    /// The server.
    pub http: Shared,
    /// The route.
    pub info: Arc<Info>,
    /// Its counters.
    pub counters: Arc<super::metrics::Counters>,
}
