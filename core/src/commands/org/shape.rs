//! What the structured fields of an organisation must look like.

use serde::Deserialize;
use serde_json::Value;

use crate::{Error, Result, error::FieldError, model::Data};

const MAX_TEXTS: usize = 200;
const MAX_CHARS: usize = 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    lat: f64,
    lon: f64,
}

/// Location, brands and models.
///
/// # Errors
/// `invalid`, naming each field and how to write it.
pub(super) fn check(data: &Data) -> Result<()> {
    let mut errors = Vec::new();
    if let Some(geo) = data.get("geo") {
        let is_on_earth = |place: &Place| (-90.0..=90.0).contains(&place.lat) && (-180.0..=180.0).contains(&place.lon);
        if !Place::deserialize(geo).is_ok_and(|place| is_on_earth(&place)) {
            let message = format!("geo {geo} is no place: write it like {{\"lat\":30.59,\"lon\":114.31}}");
            errors.push(FieldError::field("geo", "geo.invalid", message));
        }
    }
    for name in ["brands", "authorised_models"] {
        if data.get(name).is_some_and(|texts| !is_texts(texts)) {
            let message = format!("{name} is a list of at most {MAX_TEXTS} texts: write it like [\"M3\",\"M5\"]");
            errors.push(FieldError::field(name, format!("{name}.invalid"), message));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

fn is_texts(value: &Value) -> bool {
    let is_text =
        |text: &Value| text.as_str().is_some_and(|text| !text.trim().is_empty() && text.chars().count() <= MAX_CHARS);
    value.as_array().is_some_and(|texts| texts.len() <= MAX_TEXTS && texts.iter().all(is_text))
}
