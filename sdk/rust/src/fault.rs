//! Faults: why something did not happen, in words for the person who asked.

use std::fmt;

use crate::{Value, bind::RawFault, json};

/// An ordinary failure. Everything staged in the call is dropped.
///
/// ```
/// use marque_sdk::{Fault, json};
///
/// let fault = Fault::invalid("/phone", "phone.invalid", "phone \"12\": write at least 7 digits")
///     .and("/name", "name.missing", "name is missing");
///
/// assert_eq!(fault.details.as_ref().unwrap()["errors"][1]["pointer"], "/name");
/// assert_eq!(Fault::new("fund.empty", "the goodwill fund is empty").code, "fund.empty");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// `denied`, `invalid`, `not_found`, `conflict`, or the plugin's own; texts of own codes are `fault.<code>`.
    pub code: String,
    /// One sentence, naming field, value and remedy.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retry: bool,
    /// For machines: `{"errors":[{"pointer","code","message"}]}` where input was wrong.
    pub details: Option<Value>,
}

impl Fault {
    /// A failure with a code of the plugin's own.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Fault {
        Fault { code: code.into(), message: message.into(), retry: false, details: None }
    }

    /// A wrong place in the input, `/field`.
    pub fn invalid(pointer: &str, code: &str, message: impl Into<String>) -> Fault {
        let message = message.into();
        Fault::new("invalid", &message).and(pointer, code, message)
    }

    /// A failure with a code of the plugin's own that lies in one place of the input.
    pub fn at(code: &str, pointer: &str, message: impl Into<String>) -> Fault {
        let message = message.into();
        Fault::new(code, &message).and(pointer, code, message)
    }

    /// No such thing.
    pub fn not_found(message: impl Into<String>) -> Fault {
        Fault::new("not_found", message)
    }

    /// Not allowed.
    pub fn denied(message: impl Into<String>) -> Fault {
        Fault::new("denied", message)
    }

    /// It collides with what is there.
    pub fn conflict(message: impl Into<String>) -> Fault {
        Fault::new("conflict", message)
    }

    /// One more wrong place.
    #[must_use]
    pub fn and(mut self, pointer: &str, code: &str, message: impl Into<String>) -> Fault {
        let error = json!({ "pointer": pointer, "code": code, "message": message.into() });
        let details = self.details.get_or_insert_with(|| json!({ "errors": [] }));
        match details.get_mut("errors").and_then(Value::as_array_mut) {
            Some(errors) => errors.push(error),
            None => details["errors"] = json!([error]),
        }
        self
    }

    /// The same fault, worth another try later.
    #[must_use]
    pub fn retry(mut self) -> Fault {
        self.retry = true;
        self
    }

    /// The same fault with details for machines.
    #[must_use]
    pub fn details(mut self, details: Value) -> Fault {
        self.details = Some(details);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.code)
    }
}

impl std::error::Error for Fault {}

/// JSON that does not fit the type it is read into, so `?` works on it.
impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Fault {
        Fault::new("json", error.to_string())
    }
}

impl From<RawFault> for Fault {
    fn from(raw: RawFault) -> Fault {
        let details = raw.details.and_then(|text| serde_json::from_str(&text).ok());
        Fault { code: raw.code, message: raw.message, retry: raw.retry, details }
    }
}

impl From<Fault> for RawFault {
    fn from(fault: Fault) -> RawFault {
        let details = fault.details.map(|details| details.to_string());
        RawFault { code: fault.code, message: fault.message, retry: fault.retry, details }
    }
}
