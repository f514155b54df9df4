//! Preferences: what one small shop remembers about each guest, a hundred desks must remember too.

use marque_sdk::{Fault, Filter, Id, Outcome, Result, Value, info, json, new_id, record, timer, view};
use serde::{Deserialize, Serialize};

use crate::desk::{self, Desk};

/// The kind's name.
const KIND: &str = "parties.preference";

/// Where it is known from, the least sure first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    /// Concluded from something else: believed for a year at most.
    Inferred,
    /// Seen.
    Observed,
    /// The customer has said so.
    Stated,
}

#[derive(Debug, Deserialize)]
struct Preference {
    source: Source,
    state: String,
    expires: Option<String>,
}

/// Input of `note`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    customer: Id,
    tag: String,
    strength: Option<u8>,
    source: Option<Source>,
    consent_basis: Option<String>,
    note: Option<String>,
}

/// Notes a tag of the dictionary. Noted again it is renewed; what is less sure does not overrule what is surer.
pub fn note(desk: &Desk, input: Note) -> Result<Value> {
    let Some(tag) = desk.settings.tag(&input.tag) else {
        let message =
            format!("{:?} is not in the dictionary of preferences: choose one of it, or have it added", input.tag);
        return Err(Fault::at("tag_unknown", "/tag", message));
    };
    let person = desk::customer(&input.customer, "/customer")?;
    let source = input.source.unwrap_or(Source::Stated);
    let basis = basis(source, input.consent_basis.as_deref())?;
    let slot = format!("{}:{}", person.id, tag.tag);
    let known = view::find::<Preference>(KIND).filter(Filter::eq("slot", slot.as_str())).first()?;
    if known.as_ref().is_some_and(|known| known.data.source > source) {
        return Err(Fault::at("known_better", "/source", "this is known from a surer source: it stays as it is"));
    }
    let (id, write) = match &known {
        Some(known) => (known.id.clone(), record::change(KIND, &known.id).if_rev(known.rev)),
        None => {
            let id = new_id();
            let create = record::create(KIND).id(&id).org(&person.org).field("customer", &person.id);
            (id, create.field("tag", &tag.tag).field("slot", slot))
        }
    };
    let expires = expiry(desk, source)?;
    let write = write
        .field("label", &tag.label)
        .field("strength", input.strength.unwrap_or(3))
        .field("source", source)
        .field("noted_at", desk.now());
    let write = basis.iter().fold(write, |write, basis| write.field("consent_basis", basis));
    let write = desk.me().into_iter().fold(write, |write, me| write.field("noted_by", me));
    let write = input.note.iter().fold(write, |write, note| write.field("note", note));
    let had_expiry = known.as_ref().is_some_and(|known| known.data.expires.is_some());
    let write = if expires.is_some() || had_expiry { write.field("expires", &expires) } else { write };
    write.stage()?;
    let key = format!("expire:{id}");
    match &expires {
        Some(at) => timer::set(&key, at).subject(person.id.as_str()).stage()?,
        None if had_expiry => timer::cancel(&key).stage()?,
        None => {}
    }
    Ok(json!({ "preference": id, "expires": expires }))
}

/// What was said needs no other basis; what was concluded about somebody needs one.
fn basis(source: Source, given: Option<&str>) -> Result<Option<&str>> {
    match (source, given) {
        (Source::Stated, None) => Ok(Some("told")),
        (Source::Inferred, None | Some("told")) => Err(Fault::at(
            "basis_missing",
            "/consent_basis",
            "an inferred preference needs the customer's consent or a contract",
        )),
        (_, given) => Ok(given),
    }
}

fn expiry(desk: &Desk, source: Source) -> Result<Option<String>> {
    match source {
        Source::Inferred => info::due(desk.now(), &format!("{}mo", desk.settings.inferred_months.min(12))).map(Some),
        _ => Ok(None),
    }
}

/// The customer wants it forgotten, or it was wrong.
pub fn withdraw(id: &str) -> Result<Value> {
    let known = view::require::<Preference>(KIND, id)?;
    record::mov(KIND, id, "withdraw").if_rev(known.rev).field("slot", Value::Null).stage()?;
    if known.data.expires.is_some() {
        timer::cancel(&format!("expire:{id}")).stage()?;
    }
    Ok(json!({ "preference": id }))
}

/// A year has passed.
pub fn ring(desk: &Desk, id: &str) -> Result<Outcome> {
    match view::get::<Preference>(KIND, id)? {
        Some(known)
            if known.data.state == "active" && known.data.expires.as_deref().is_some_and(|at| at <= desk.now()) =>
        {
            record::mov(KIND, id, "expire").if_rev(known.rev).field("slot", Value::Null).stage()?;
            Ok(Outcome::Done)
        }
        _ => Ok(Outcome::Skip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_surer_than_what_is_seen_and_that_than_what_is_concluded() {
        assert!(Source::Stated > Source::Observed && Source::Observed > Source::Inferred);
    }

    #[test]
    fn conclusions_need_a_basis() {
        assert_eq!(basis(Source::Inferred, None).unwrap_err().code, "basis_missing");
        assert_eq!(basis(Source::Inferred, Some("told")).unwrap_err().code, "basis_missing");
        assert_eq!(basis(Source::Inferred, Some("consent")).unwrap(), Some("consent"));
        assert_eq!(basis(Source::Stated, None).unwrap(), Some("told"));
        assert_eq!(basis(Source::Observed, None).unwrap(), None);
    }
}
