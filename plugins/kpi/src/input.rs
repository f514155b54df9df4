//! Numbers typed in or sent by other systems: one a figure, day and person; sent again they are replaced.

use marque_sdk::{Data, Date, Filter, Id, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    definition,
    desk::{Desk, refuse},
    org::Here,
    shown::number,
    term::INPUT,
};

/// Input of `enter`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enter {
    kpi: String,
    day: Date,
    top: f64,
    base: Option<f64>,
    org: Option<Id>,
    person: Option<Id>,
    note: Option<String>,
}

/// Takes down the numbers of a day, or of the month that ends with it.
pub fn enter(desk: &Desk, input: Enter) -> Result<Value> {
    let here = Here::of(desk)?;
    let org = input.org.unwrap_or_else(|| here.id.clone());
    if !here.within.contains(&org) {
        return refuse("org_unknown", "/org", format!("there is no organisation {org:?} below yours"));
    }
    let code = input.kpi.split('.').next().unwrap_or_default();
    let definition = definition::named(&here, code, "/kpi")?;
    if input.day > desk.today {
        return refuse(
            "day_to_come",
            "/day",
            format!("{} has not come yet: numbers are of days that are over", input.day),
        );
    }
    if input.base.is_some_and(|base| base < 0.0) {
        return refuse("base_negative", "/base", "a denominator is nought or more");
    }
    let slot = format!("{}|{}|{}", input.kpi, input.day, input.person.as_deref().unwrap_or_default());
    let mine = Filter::eq("slot", slot.as_str()).and(Filter::eq("org", org.as_str()));
    let data = said(json!({
        "label": format!("{} {}", definition.label, input.day), "kpi": input.kpi, "day": input.day, "person": input.person,
        "top": number(input.top), "base": input.base.map(number), "by": desk.me(), "note": input.note,
    }));
    match view::find::<Value>(INPUT).filter(mine).first()? {
        Some(there) => {
            record::change(INPUT, &there.id).if_rev(there.rev).fields(data).stage()?;
            Ok(json!({ "input": there.id, "replaced": true }))
        }
        None => {
            let id = new_id();
            record::create(INPUT).id(id.as_str()).org(org).fields(data).field("slot", slot).stage()?;
            Ok(json!({ "input": id, "replaced": false }))
        }
    }
}

/// An object as a patch, without what is not said.
pub fn said(value: Value) -> Data {
    let Value::Object(mut data) = value else { return Data::new() };
    data.retain(|_, value| !value.is_null());
    data
}
