//! What a number opens: the kind and the filter of the records it counts, for good.

use marque_sdk::{Filter, Result, Value, json};

use crate::{definition::Definition, org::Here, shown::number, term::Term, tokens::Clock};

/// The records of a part, in one period, of one organisation.
pub fn filter(term: &Term, here: &Here, clock: &Clock) -> Result<Value> {
    let shifted = term.shift.map(|months| clock.period.months_off(months));
    let period = shifted.as_ref().unwrap_or(clock.period);
    let reaching = term.months.map(|months| period.reaching_back(months));
    let period = reaching.as_ref().unwrap_or(period);
    let mut tests: Vec<Value> = here.filter(term.own).map(Value::from).into_iter().collect();
    if let Some(at) = &term.at {
        tests.push(json!({ at.as_str(): { "gte": period.from(), "lt": period.to() } }));
    }
    if let Some(on) = &term.on {
        tests.push(json!({ on.as_str(): { "gte": period.first, "lt": period.after } }));
    }
    if !term.filter.is_null() {
        tests.push(clock.resolve(&term.filter)?);
    }
    Ok(match tests.len() {
        0 => json!({}),
        1 => tests.remove(0),
        _ => json!({ "and": tests }),
    })
}

/// The same of one person alone.
pub fn of_person(filter: &Value, by: &str, person: &str) -> Value {
    Value::from(Filter::from(filter.clone()).and(Filter::eq(by, person)))
}

/// One line of the figure: what is counted, how much it is, where it opens.
pub fn part(definition: &Definition, term: &Term, is_top: bool, filter: Value, n: f64) -> Value {
    let (zh, en) = definition.side(is_top);
    let sign = if term.sign == Some(-1) { "− " } else { "" };
    let mut part = json!({
        "side": if is_top { "top" } else { "base" }, "label": { "zh-CN": format!("{sign}{zh}"), "en": format!("{sign}{en}") },
        "kind": term.kind, "filter": filter, "n": number(n),
    });
    if let Some(sum) = &term.sum {
        part["sum"] = sum.as_str().into();
    }
    if let Some(distinct) = &term.distinct {
        part["distinct"] = distinct.as_str().into();
    }
    part
}
