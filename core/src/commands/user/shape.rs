//! What the structured fields of a member of staff must look like.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Error, Result,
    error::FieldError,
    model::{Data, duty::Plan},
};

/// More than a person has in a career.
const MAX_ENTRIES: usize = 100;
const MAX_CHARS: usize = 60;
/// Some years of dated exceptions.
const MAX_DAYS: usize = 1_100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    name: String,
    #[serde(default)]
    issued: Option<Date>,
    #[serde(default)]
    expires: Option<Date>,
}

/// Skills, certificates, duty plan, and a last day for whoever is leaving.
///
/// # Errors
/// `invalid`, naming each field and how to write it.
pub(super) fn check(data: &Data) -> Result<()> {
    let wrong = |name: &str, message: String| FieldError::field(name, format!("{name}.invalid"), message);
    let mut errors = Vec::new();
    if let Some(skills) = data.get("skills")
        && !is_skills(skills)
    {
        let message = "skills are names with a level from 1 to 5: write them like {\"SUV\":4}";
        errors.push(wrong("skills", message.into()));
    }
    if let Some(why) = data.get("certificates").and_then(certificates_fault) {
        let example = r#"[{"name":"DCRC","issued":"2025-03-01","expires":"2027-03-01"}]"#;
        errors.push(wrong("certificates", format!("certificates cannot be read, {why}: write them like {example}")));
    }
    if let Some(why) = data.get("duty").and_then(duty_fault) {
        let example = r#"{"week":{"mon":[["08:30","17:30"]]},"days":{"2026-10-01":[]}}"#;
        errors.push(wrong("duty", format!("duty cannot be read, {why}: write it like {example}")));
    }
    let is_leaving = data.get("status").and_then(Value::as_str) == Some("leaving");
    if is_leaving && !data.contains_key("last_day") {
        let message = "last_day is needed for whoever is leaving: access ends with that day";
        errors.push(FieldError::field("last_day", "required", message));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

fn is_skills(value: &Value) -> bool {
    let is_skill = |(name, level): (&String, &Value)| {
        !name.trim().is_empty()
            && name.chars().count() <= MAX_CHARS
            && level.as_i64().is_some_and(|level| (1..=5).contains(&level))
    };
    value.as_object().is_some_and(|skills| skills.len() <= MAX_ENTRIES && skills.iter().all(is_skill))
}

fn certificates_fault(value: &Value) -> Option<String> {
    let certificates = match Vec::<Certificate>::deserialize(value) {
        Ok(certificates) => certificates,
        Err(error) => return Some(error.to_string()),
    };
    if certificates.len() > MAX_ENTRIES {
        return Some(format!("there are {} of at most {MAX_ENTRIES}", certificates.len()));
    }
    certificates.iter().find_map(|certificate| {
        let name = certificate.name.trim();
        match (certificate.issued, certificate.expires) {
            _ if name.is_empty() || name.chars().count() > MAX_CHARS => {
                Some(format!("the name {name:?} must have 1 to {MAX_CHARS} characters"))
            }
            (Some(issued), Some(expires)) if expires < issued => Some(format!("{name} expires before it is issued")),
            _ => None,
        }
    })
}

fn duty_fault(value: &Value) -> Option<String> {
    match Plan::deserialize(value) {
        Err(error) => Some(error.to_string()),
        Ok(plan) if plan.days.len() > MAX_DAYS => {
            Some(format!("it has {} days of at most {MAX_DAYS}", plan.days.len()))
        }
        Ok(_) => None,
    }
}
