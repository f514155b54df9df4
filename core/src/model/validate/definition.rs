//! A kind's own definition: what a plugin wrote must make sense before records are made of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{contact, derived, value};
use crate::{
    Error, ErrorKind, Result,
    error::FieldError,
    model::{
        Field, FieldType, Kind,
        filter::may_order_by,
        kind::{EnumValue, States, Transition},
    },
};

/// Names that mean the record itself in filters and orders. `kind` is not among them: a filter is always about one kind.
const RESERVED: [&str; 7] = ["id", "rev", "org", "created_at", "updated_at", "refs", "masked"];
/// Events that every kind has.
const RESERVED_EVENTS: [&str; 7] = ["created", "changed", "derived", "removed", "restored", "attached", "detached"];
const TONES: [&str; 5] = ["good", "warn", "bad", "info", "plain"];

/// Check a kind's own definition.
///
/// # Errors
/// `kind.invalid`, naming everything that is wrong, with pointers into the definition.
pub fn kind(kind: &Kind) -> Result<()> {
    let mut wrong = Wrong::default();
    wrong.unless(is_kind_name(&kind.kind), "/kind", || {
        format!("kind {:?} must be a noun or plugin.noun of a-z, 0-9 and _ (the plugin's name may have -)", kind.kind)
    });
    names(kind, &mut wrong);
    let mut seen = BTreeSet::new();
    for (name, field) in kind.fields.iter() {
        wrong.unless(seen.insert(name), &format!("/fields/{name}"), || format!("field {name:?} is there twice"));
        field_definition(name, field, &mut wrong);
        derived::definition(kind, name, field, &mut wrong);
    }
    if let Some(states) = &kind.states {
        states_definition(kind, states, &mut wrong);
    }
    wrong.finish(&kind.kind)
}

/// Everything that names a field must name one of the right type.
fn names(kind: &Kind, wrong: &mut Wrong) {
    let r#type = |name: &str| kind.fields.get(name).map(|field| field.r#type);
    wrong.unless(r#type(&kind.title).is_some(), "/title", || format!("title {:?} is no field", kind.title));
    for (role, name) in [("subject", &kind.subject), ("owner", &kind.owner)] {
        let Some(name) = name else { continue };
        wrong.unless(r#type(name) == Some(FieldType::Ref), &format!("/{role}"), || {
            format!("{role} {name:?} is no field of type ref")
        });
    }
    if let Some(number) = &kind.number {
        wrong.unless(r#type(&number.field) == Some(FieldType::Text), "/number/field", || {
            format!("number fills {:?}, which is no field of type text", number.field)
        });
        wrong.unless((1..=12).contains(&number.digits), "/number/digits", || {
            format!("number has {} digits: use 1 to 12", number.digits)
        });
    }
    if let Some(private) = &kind.private {
        let is_fit = r#type(&private.owner) == Some(FieldType::Ref) && r#type(&private.shared) == Some(FieldType::Bool);
        wrong.unless(is_fit, "/private", || "private needs an owner of type ref and a shared of type bool".into());
    }
    wrong.unless(!kind.handed_down || kind.private.is_none(), "/handed_down", || {
        "handed_down and private contradict each other: what is one's own is not for everybody below".into()
    });
    lends(kind, wrong);
    contact::definition(kind, wrong);
    rights(kind, wrong);
    if let Some(order) = &kind.order {
        let is_known = order.split(',').all(|part| may_order_by(&kind.fields, part.trim_start_matches('-')));
        wrong.unless(is_known, "/order", || format!("order {order:?} names a field that is not indexed"));
    }
    for (at, index) in kind.indexes.iter().enumerate() {
        wrong.unless(!index.is_empty(), &format!("/indexes/{at}"), || "an index names no field".into());
        for name in index {
            wrong.unless(r#type(name).is_some(), &format!("/indexes/{at}"), || format!("index on {name:?}, no field"));
        }
    }
}

/// What it says of who may do what names fields that are there, and roles say what they grant in a form that fits.
fn rights(kind: &Kind, wrong: &mut Wrong) {
    let is_field = |name: &str| kind.fields.get(name).is_some();
    for path in &kind.owned_by {
        let first = path.split('.').next().unwrap_or_default();
        let is_ref =
            kind.fields.get(first).is_some_and(|field| matches!(field.r#type, FieldType::Ref | FieldType::RefList));
        wrong.unless(is_ref, "/owned_by", || format!("owned_by {path:?} begins with no field of type ref"));
    }
    for (role, grants) in &kind.rights {
        let at = format!("/rights/{role}");
        for grant in grants.as_slice() {
            wrong.unless(grant.kind.is_empty(), &at, || {
                format!("role {role:?} names a kind; in a kind's file it is this one")
            });
            wrong.unless(grant.when.as_ref().is_none_or(Value::is_object), &at, || {
                format!("role {role:?} has a `when` that is no filter object")
            });
            for name in grant.fields.0.keys().filter(|name| !matches!(name.as_str(), "*" | "personal")) {
                wrong.unless(is_field(name), &at, || format!("role {role:?} speaks of {name:?}, which is no field"));
            }
        }
    }
    let Some(shared) = &kind.shared else { return };
    for name in shared.by.iter().chain(&shared.fields) {
        wrong.unless(is_field(name), "/shared", || format!("shared {name:?} is no field"));
    }
    for name in &shared.by {
        let is_found = kind.fields.get(name).is_some_and(|field| field.indexed || field.unique.is_some());
        wrong.unless(is_found, "/shared/by", || format!("shared by {name:?}, which is not indexed"));
    }
}

fn lends(kind: &Kind, wrong: &mut Wrong) {
    let Some(lends) = &kind.lends else { return };
    let field = |name: &str| kind.fields.get(name);
    let by = field(&lends.by).filter(|by| by.r#type == FieldType::Ref && by.to.as_deref() == Some(&lends.to));
    wrong.unless(by.is_some(), "/lends/by", || {
        format!("lends by {:?}, which is no field of type ref to {}", lends.by, lends.to)
    });
    for (matched, own) in &lends.fields {
        let (step, is_far) = own.split_once('.').map_or((own.as_str(), false), |(step, _)| (step, true));
        let is_right = field(step).is_some_and(|step| !is_far || step.r#type == FieldType::Ref);
        wrong.unless(is_right, &format!("/lends/fields/{matched}"), || {
            format!("lends {own:?} as {matched:?}: name a field of its own, or ref.field of what a ref leads to")
        });
    }
    if let Some(verified) = &lends.verified {
        let is_moment = field(verified).is_some_and(|at| matches!(at.r#type, FieldType::Datetime | FieldType::Date));
        wrong.unless(is_moment, "/lends/verified", || format!("{verified:?} is no field of type datetime or date"));
    }
    let is_filter = lends.when.as_ref().is_none_or(Value::is_object);
    wrong.unless(is_filter, "/lends/when", || "lends when something is no filter object".into());
}

fn field_definition(name: &str, field: &Field, wrong: &mut Wrong) {
    use FieldType as T;
    let at = format!("/fields/{name}");
    wrong.unless(is_word(name) && name.len() <= 48, &at, || {
        format!("field {name:?} must be a word of a-z, 0-9 and _, at most 48 characters")
    });
    wrong.unless(!RESERVED.contains(&name), &at, || format!("field {name:?} has a name that every record has already"));
    let is_ref = matches!(field.r#type, T::Ref | T::RefList);
    wrong.unless(is_ref == field.to.is_some(), &at, || match is_ref {
        true => format!("field {name:?} is a ref without the kind it refers to (`to`)"),
        false => format!("field {name:?} has `to` but is no ref"),
    });
    wrong.unless(field.to.as_deref().is_none_or(is_kind_name), &at, || {
        format!("field {name:?} refers to no kind's name")
    });
    values(name, field, &at, wrong);
    limits(name, field, &at, wrong);
    let is_listable = !matches!(field.r#type, T::Json | T::LongText | T::EnumList | T::RefList);
    wrong.unless(field.unique.is_none() || is_listable, &at, || {
        format!("field {name:?} is of a type that cannot be unique")
    });
    for (flag, is_set, is_fit) in [
        ("past", field.past, field.r#type == T::Date),
        ("max_years", field.max_years.is_some(), field.r#type == T::Date),
        ("whole", field.whole, field.r#type == T::Json),
        ("extensible", field.extensible, matches!(field.r#type, T::Enum | T::EnumList)),
    ] {
        wrong.unless(!is_set || is_fit, &at, || {
            format!("field {name:?} has {flag:?}, which means nothing for its type")
        });
    }
    if let Some(default) = &field.default {
        let is_fit = matches!(value::normal(name, field, default, None), Ok(Some(normal)) if normal == *default);
        wrong.unless(is_fit, &at, || format!("field {name:?} has the default {default}, which it does not take"));
    }
}

fn values(name: &str, field: &Field, at: &str, wrong: &mut Wrong) {
    let is_enum = matches!(field.r#type, FieldType::Enum | FieldType::EnumList);
    wrong.unless(is_enum != field.values.is_empty(), at, || match is_enum {
        true => format!("field {name:?} is an enum without values"),
        false => format!("field {name:?} has values but is no enum"),
    });
    let mut seen = BTreeSet::new();
    for EnumValue { value, tone, .. } in &field.values {
        let is_value = !value.is_empty() && value.chars().count() <= 64 && value.trim() == value;
        wrong.unless(is_value, at, || format!("field {name:?} has the value {value:?}: use 1 to 64 characters"));
        wrong.unless(seen.insert(value), at, || format!("field {name:?} has the value {value:?} twice"));
        wrong.unless(tone.as_deref().is_none_or(|tone| TONES.contains(&tone)), at, || {
            format!("value {value:?} of {name:?} has an unknown tone: use {}", TONES.join(", "))
        });
    }
}

fn limits(name: &str, field: &Field, at: &str, wrong: &mut Wrong) {
    use FieldType as T;
    let is_number = matches!(field.r#type, T::Int | T::Decimal | T::Money);
    let is_text = matches!(field.r#type, T::Text | T::LongText);
    let is_limited = is_number || (is_text && field.min.is_none());
    wrong.unless(is_limited || (field.min.is_none() && field.max.is_none()), at, || {
        format!("field {name:?} has min or max: only numbers have both, texts have max")
    });
    let lowest = if is_number { i64::MIN } else { 1 };
    wrong.unless(field.max.is_none_or(|max| max >= field.min.unwrap_or(lowest)), at, || {
        format!("field {name:?} has a max that nothing can meet")
    });
}

fn states_definition(kind: &Kind, states: &States, wrong: &mut Wrong) {
    let values: BTreeSet<&str> = match kind.fields.get(&states.field) {
        Some(field) if field.r#type == FieldType::Enum => {
            field.values.iter().map(|value| value.value.as_str()).collect()
        }
        _ => {
            wrong.push("/states/field", format!("states use {:?}, which is no field of type enum", states.field));
            return;
        }
    };
    let mut known = |state: &str, at: &str| {
        wrong.unless(values.contains(state), at, || format!("{state:?} is no value of {}", states.field));
    };
    known(&states.initial, "/states/initial");
    states.open.iter().for_each(|state| known(state, "/states/open"));
    states.steps.iter().for_each(|state| known(state, "/states/steps"));
    for (name, transition) in &states.transitions {
        let at = format!("/states/transitions/{name}");
        transition.from.iter().chain([&transition.to]).for_each(|state| known(state, &at));
    }
    let mut events = BTreeSet::new();
    for (name, transition) in &states.transitions {
        let at = format!("/states/transitions/{name}");
        transition_definition(kind, name, transition, &at, wrong);
        wrong.unless(events.insert(&transition.event), &at, || {
            format!("transition {name:?} raises {:?} like another one: every move has its own event", transition.event)
        });
    }
}

fn transition_definition(kind: &Kind, name: &str, transition: &Transition, at: &str, wrong: &mut Wrong) {
    wrong.unless(is_word(name), at, || format!("transition {name:?} must be a word of a-z, 0-9 and _"));
    wrong.unless(!transition.from.is_empty(), at, || format!("transition {name:?} starts from no state"));
    let event = transition.event.as_str();
    wrong.unless(is_word(event) && !RESERVED_EVENTS.contains(&event), at, || {
        format!("transition {name:?} raises {event:?}: use a word of its own, not {}", RESERVED_EVENTS.join(", "))
    });
    for need in &transition.needs {
        wrong.unless(kind.fields.get(need).is_some(), at, || format!("transition {name:?} needs {need:?}, no field"));
    }
    let is_filter = transition.guard.as_ref().is_none_or(Value::is_object);
    wrong.unless(is_filter, at, || format!("transition {name:?} has a guard that is no filter object"));
}

/// `customer`, `complaints.case`, `used-cars.appraisal`.
fn is_kind_name(name: &str) -> bool {
    let (plugin, noun) = name.split_once('.').map_or((None, name), |(plugin, noun)| (Some(plugin), noun));
    name.len() <= 64 && is_word(noun) && plugin.is_none_or(|plugin| is_word(&plugin.replace('-', "_")))
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// What has been found wrong so far.
#[derive(Default)]
pub(super) struct Wrong {
    errors: Vec<FieldError>,
}

impl Wrong {
    fn push(&mut self, pointer: &str, message: String) {
        self.errors.push(FieldError { pointer: pointer.into(), code: "kind.invalid".into(), message });
    }

    pub(super) fn unless(&mut self, is_right: bool, pointer: &str, message: impl FnOnce() -> String) {
        if !is_right {
            self.push(pointer, message());
        }
    }

    pub(super) fn finish(self, kind: &str) -> Result<()> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let all: Vec<&str> = self.errors.iter().map(|error| error.message.as_str()).collect();
        let message = format!("kind {kind:?} cannot be used: {}", all.join("; "));
        Err(Error { errors: self.errors, ..Error::new(ErrorKind::Invalid, "kind.invalid", message) })
    }
}
