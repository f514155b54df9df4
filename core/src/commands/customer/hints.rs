//! What a new customer is known by beyond its own fields: `"match": {"vin":"…","plate":"…"}` beside `data`.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Error, Result,
    error::FieldError,
    model::{
        Data,
        format::{FormatError, plate, vin},
        matching,
    },
};

/// Vehicles that are told with a customer. They are matched and not kept: a vehicle is a record of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hints {
    /// A vehicle's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vin: Option<String>,
    /// Its plate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<String>,
}

impl Hints {
    /// The facts a customer is matched by: what was sent and what was told with it.
    ///
    /// # Errors
    /// `invalid`, with pointers below `/match`.
    pub(in crate::commands) fn added_to(&self, data: &Data) -> Result<Data> {
        let hints = [
            ("vin", &self.vin, vin::normalize as fn(&str) -> Result<String, FormatError>),
            ("plate", &self.plate, plate::normalize),
        ];
        let (mut told, mut errors) = (Vec::new(), Vec::new());
        for (name, hint, normalize) in hints {
            match hint.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(normalize) {
                Some(Ok(value)) => told.push((name.to_owned(), json!(value))),
                Some(Err(error)) => errors.push(FieldError {
                    pointer: format!("/match/{name}"),
                    code: error.code.into(),
                    message: error.message,
                }),
                None => {}
            }
        }
        if errors.is_empty() { Ok(matching::with_lent(data, told)) } else { Err(Error::fields(errors)) }
    }

    /// Nothing but a customer is matched.
    ///
    /// # Errors
    /// `match.invalid` for any other kind.
    pub fn only_for_customers(&self, kind: &str) -> Result<()> {
        if kind == "customer" || *self == Hints::default() {
            return Ok(());
        }
        let message = format!("match is for new customers, not for a {kind}: leave it out");
        Err(Error::fields(vec![FieldError { pointer: "/match".into(), code: "match.invalid".into(), message }]))
    }
}
