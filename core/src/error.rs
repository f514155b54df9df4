//! The one error type: what the user is told, and apart from it what the log is told.

use std::{error::Error as StdError, fmt};

use serde::Serialize;
use serde_json::{Map, Value};

/// Shorthand used throughout.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The class of a failure; `http/problem.rs` alone turns it into a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Nobody is signed in.
    Unauthenticated,
    /// Signed in, but not allowed.
    Denied,
    /// No such thing, or not for this actor's eyes.
    NotFound,
    /// The request is wrong; `errors` says where.
    Invalid,
    /// It collides with what is there: a unique field, a state, an answer already given.
    Conflict,
    /// `If-Match` or `if_rev` does not hold any more.
    Stale,
    /// Too large for a limit.
    TooLarge,
    /// Asked too often.
    TooMany,
    /// Not now: full, starting, stopping.
    Unavailable,
    /// Our fault. The message is for the log only.
    Internal,
}

/// One wrong place in the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer into the request body, `/data/phone`.
    pub pointer: String,
    /// Machine-readable, `phone.invalid`.
    pub code: String,
    /// What is wrong with the value and how to mend it.
    pub message: String,
}

/// A failure. `message` is for the user, `cause` for the log; they never mix.
#[derive(Debug)]
pub struct Error {
    /// Its class.
    pub kind: ErrorKind,
    /// Machine-readable, `state.refused`, `record.not_found`.
    pub code: String,
    /// One sentence, lower case, no full stop, naming field, value and remedy.
    pub message: String,
    /// The wrong places, for `Invalid`.
    pub errors: Vec<FieldError>,
    /// What happened underneath.
    pub cause: Option<Box<dyn StdError + Send + Sync>>,
    /// What screens show in their own words: counts, names; members of the answer beside its code.
    pub values: Option<Box<Map<String, Value>>>,
    /// When asking again makes sense, for `TooMany` and `Unavailable`.
    pub retry_seconds: Option<u32>,
}

impl Error {
    /// A failure of some kind with a code.
    pub fn new(kind: ErrorKind, code: impl Into<String>, message: impl Into<String>) -> Error {
        Error {
            kind,
            code: code.into(),
            message: message.into(),
            errors: Vec::new(),
            cause: None,
            values: None,
            retry_seconds: None,
        }
    }

    /// A wrong request: `what` becomes the code `what.invalid`.
    pub fn invalid(what: &str, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Invalid, format!("{what}.invalid"), message)
    }

    /// A wrong request, with every wrong place.
    pub fn fields(errors: Vec<FieldError>) -> Error {
        let message = errors.first().map_or_else(String::new, |first| first.message.clone());
        Error { errors, ..Error::new(ErrorKind::Invalid, "invalid", message) }
    }

    /// No such thing: `what` becomes the code `what.not_found`.
    pub fn not_found(what: &str, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::NotFound, format!("{what}.not_found"), message)
    }

    /// A collision.
    pub fn conflict(code: impl Into<String>, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Conflict, code, message)
    }

    /// Not allowed.
    pub fn denied(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Denied, "denied", message)
    }

    /// Our own failure; the cause is logged, the user is told only that it is ours.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        Error {
            cause: Some(cause.into()),
            ..Error::new(ErrorKind::Internal, "internal", "the server failed; the failure has been logged")
        }
    }

    /// The same error under a code that says more.
    #[must_use]
    pub fn coded(mut self, code: &str) -> Error {
        self.code = code.into();
        self
    }

    /// The same error with something for screens to show in their own words.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Error {
        self.values.get_or_insert_default().insert(name.into(), value);
        self
    }

    /// The same error with when asking again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Error {
        self.retry_seconds = Some(seconds);
        self
    }

    /// The same error with what happened underneath.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.cause = Some(cause.into());
        self
    }

    /// Pointers moved under `prefix`, for a command inside a larger body.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Error {
        for error in &mut self.errors {
            error.pointer.insert_str(0, prefix);
        }
        self
    }
}

impl FieldError {
    /// A wrong field of a record.
    pub fn field(name: &str, code: impl Into<String>, message: impl Into<String>) -> FieldError {
        FieldError { pointer: format!("/data/{name}"), code: code.into(), message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.code)?;
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}
