//! Derived fields: whether their definition makes sense, alone and beside other kinds, and whether a computed value fits.

use std::sync::Arc;

use serde_json::Value;

use super::{definition::Wrong, value};
use crate::{
    Result,
    error::FieldError,
    model::{
        Field, FieldType, Kind, Time,
        filter::{self, Filter, Operand},
        kind::{Derived, Fold, Rollup},
    },
};

/// What a field's own kind can tell of a derived field's definition.
pub(super) fn definition(kind: &Kind, name: &str, field: &Field, wrong: &mut Wrong) {
    let Some(derived) = &field.derived else { return };
    let at = format!("/fields/{name}");
    let is_plain = !field.required && !field.searchable && field.unique.is_none() && field.default.is_none();
    wrong.unless(is_plain, &at, || {
        format!("field {name:?} is derived: it cannot be required, unique or searchable and has no default")
    });
    let is_state = kind.states.as_ref().is_some_and(|states| states.field == name);
    let is_number = kind.number.as_ref().is_some_and(|number| number.field == name);
    wrong.unless(!is_state && !is_number, &at, || {
        format!("field {name:?} is derived: it can hold neither the state nor the number")
    });
    match derived {
        Derived::Computed { script } => {
            let expected = format!("computed/{}.{name}", kind.kind);
            wrong.unless(*script == expected, &at, || {
                format!("field {name:?} is computed by {script:?}: its script is called {expected:?}")
            });
        }
        Derived::Rollup(rollup) => rollup_definition(name, field, rollup, &at, wrong),
    }
}

fn rollup_definition(name: &str, field: &Field, rollup: &Rollup, at: &str, wrong: &mut Wrong) {
    let is_count = rollup.fold == Fold::Count;
    wrong.unless(is_count == rollup.field.is_none(), at, || match is_count {
        true => format!("roll-up {name:?} counts records: leave `field` out"),
        false => format!("roll-up {name:?} needs `field`, the field it looks at"),
    });
    wrong.unless(!is_count || field.r#type == FieldType::Int, at, || {
        format!("roll-up {name:?} counts: its value is `as` int")
    });
    let is_number = matches!(field.r#type, FieldType::Int | FieldType::Decimal | FieldType::Money);
    wrong.unless(rollup.fold != Fold::Sum || is_number, at, || {
        format!("roll-up {name:?} sums up: its value is `as` int, decimal or money")
    });
    let filter = rollup.filter.as_ref().unwrap_or(&Value::Null);
    wrong.unless(filter.is_null() || filter.is_object(), at, || {
        format!("roll-up {name:?} has a filter that is no filter object")
    });
    // Nothing is written when time passes, so nothing would be counted anew.
    wrong.unless(!mentions(filter, "$now"), at, || {
        format!(
            "the filter of roll-up {name:?} goes by $now: a roll-up changes when a record does, not with time; \
             let a computed field do that, with next_at"
        )
    });
    wrong.unless(!mentions(filter, "$me") && !mentions(filter, "$segment"), at, || {
        format!("the filter of roll-up {name:?} depends on who asks: a roll-up has one value for everybody")
    });
}

fn mentions(filter: &Value, operand: &str) -> bool {
    match filter {
        Value::Object(entries) => entries.iter().any(|(key, value)| key == operand || mentions(value, operand)),
        Value::Array(items) => items.iter().any(|item| mentions(item, operand)),
        _ => false,
    }
}

/// Check a kind's roll-ups against the kinds they look at.
///
/// # Errors
/// `kind.invalid`, naming everything that is wrong.
pub fn rollups(kind: &Kind, kinds: &dyn Fn(&str) -> Option<Arc<Kind>>) -> Result<()> {
    let mut wrong = Wrong::default();
    for (name, field, rollup) in kind.fields.rollups() {
        let at = format!("/fields/{name}");
        match kinds(&rollup.kind) {
            Some(child) => beside_child(kind, name, field, rollup, &child, &at, &mut wrong),
            None => wrong.unless(false, &at, || {
                format!("roll-up {name:?} looks at the kind {:?}, which is not installed", rollup.kind)
            }),
        }
    }
    wrong.finish(&kind.kind)
}

fn beside_child(kind: &Kind, name: &str, field: &Field, rollup: &Rollup, child: &Kind, at: &str, wrong: &mut Wrong) {
    let via = child.fields.get(&rollup.via);
    let is_ref = via.is_some_and(|via| via.r#type == FieldType::Ref && via.to.as_deref() == Some(&kind.kind));
    wrong.unless(is_ref, at, || {
        format!("roll-up {name:?} goes via {:?}: {} has no ref of that name to {}", rollup.via, child.kind, kind.kind)
    });
    if let Some(source_name) = &rollup.field {
        match child.fields.get(source_name) {
            None => {
                wrong.unless(false, at, || format!("roll-up {name:?}: {} has no field {source_name:?}", child.kind))
            }
            Some(source) => {
                let is_sum_of_ints = rollup.fold == Fold::Sum && source.r#type == FieldType::Int;
                let fits = source.r#type == field.r#type || (is_sum_of_ints && field.r#type != FieldType::Text);
                wrong.unless(fits, at, || {
                    format!("roll-up {name:?} is `as` a type that {source_name:?} of {} has not", child.kind)
                });
                wrong.unless(source.derived.is_none(), at, || written_only(name, source_name));
                wrong.unless(!source.personal || field.personal, at, || {
                    format!("roll-up {name:?} holds what is personal in {}: say `personal` here too", child.kind)
                });
                let is_known = |value: &str| field.values.iter().any(|known| known.value == value);
                wrong.unless(source.values.iter().all(|known| is_known(&known.value)), at, || {
                    format!("roll-up {name:?} lacks some of the values of {source_name:?}: list all of them")
                });
            }
        }
    }
    match parsed(child, rollup) {
        Err(error) => wrong.unless(false, at, || format!("the filter of roll-up {name:?}: {}", error.message)),
        Ok(filter) => filter.each_test(&mut |path, operands| {
            let others = operands.iter().filter_map(|operand| match operand {
                Operand::Field(step) => Some(step),
                Operand::Value(_) => None,
            });
            for step in path.iter().chain(others).filter(|step| step.is_derived) {
                wrong.unless(false, at, || written_only(name, &step.field));
            }
            let [only] = path else {
                return wrong.unless(false, at, || {
                    format!("the filter of roll-up {name:?} follows a ref: it can go by fields of {} alone", child.kind)
                });
            };
            let is_system = filter::SYSTEM.contains(&only.field.as_str());
            wrong.unless(!is_system, at, || {
                format!("the filter of roll-up {name:?} goes by {:?}: use a field", only.field)
            });
        }),
    }
}

fn written_only(name: &str, source: &str) -> String {
    format!("roll-up {name:?} looks at {source:?}, which is derived itself: it can look at what is written alone")
}

/// The filter of a roll-up, read for the kind it looks at.
///
/// # Errors
/// `filter.invalid`.
pub fn parsed(child: &Kind, rollup: &Rollup) -> Result<Filter> {
    // Nothing in it goes by the time or by who asks, so none is needed.
    let context = filter::Context { me: None, now: Time::from_millis(0), kinds: &|_| None };
    Filter::parse(child, rollup.filter.as_ref().unwrap_or(&Value::Null), &context)
}

/// What a script answered for a computed field, in the field's normal form; `None` for nothing.
///
/// # Errors
/// What is wrong with it.
pub fn computed(name: &str, field: &Field, value: &Value) -> Result<Option<Value>, FieldError> {
    value::normal(name, field, value, None)
}
