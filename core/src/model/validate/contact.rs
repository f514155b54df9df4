//! What a kind's file says of contact must name fields of its own.

use super::definition::Wrong;
use crate::model::{Field, FieldType, Kind};

pub(super) fn definition(kind: &Kind, wrong: &mut Wrong) {
    if let Some(ways) = &kind.contact {
        is_customer(kind, &ways.via, "/contact/via", wrong);
        wrong.unless(kind.fields.get(&ways.value).is_some(), "/contact/value", || {
            format!("contact takes the value from {:?}, which is no field", ways.value)
        });
        let sorts = kind.fields.get(&ways.sort).filter(|field| field.r#type == FieldType::Enum);
        let is_known = |sort: &String| sorts.is_some_and(|field| field.values.iter().any(|known| known.value == *sort));
        wrong.unless(sorts.is_some() && ways.channels.keys().all(is_known), "/contact/channels", || {
            format!("contact names sorts of {:?} that are none of its values", ways.sort)
        });
        for (name, filter) in [("usable", &ways.usable), ("barred", &ways.barred)] {
            wrong.unless(filter.is_object(), &format!("/contact/{name}"), || format!("{name} is no filter object"));
        }
        if let Some(first) = &ways.first {
            is_of(kind, first, &[FieldType::Bool], "/contact/first", wrong);
        }
    }
    if let Some(opens) = &kind.opens {
        is_customer(kind, &opens.via, "/opens/via", wrong);
        wrong.unless(opens.when.is_object(), "/opens/when", || "when is no filter object".into());
    }
    if let Some(suppresses) = &kind.suppresses {
        is_customer(kind, &suppresses.via, "/suppresses/via", wrong);
        wrong.unless(suppresses.when.is_object(), "/suppresses/when", || "when is no filter object".into());
        if let Some(ended) = &suppresses.ended {
            is_of(kind, ended, &[FieldType::Datetime, FieldType::Date], "/suppresses/ended", wrong);
        }
    }
}

fn is_customer(kind: &Kind, via: &str, at: &str, wrong: &mut Wrong) {
    let is_right = |field: &Field| field.r#type == FieldType::Ref && field.to.as_deref() == Some("customer");
    wrong.unless(kind.fields.get(via).is_some_and(is_right), at, || {
        format!("{via:?} is no field of type ref to customer")
    });
}

fn is_of(kind: &Kind, name: &str, types: &[FieldType], at: &str, wrong: &mut Wrong) {
    wrong.unless(kind.fields.get(name).is_some_and(|field| types.contains(&field.r#type)), at, || {
        format!("{name:?} is no field of the right type")
    });
}
