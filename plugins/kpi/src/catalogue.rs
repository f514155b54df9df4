//! The figures that ship, as data, and how headquarters comes by records of them to see and change.

use marque_sdk::{Filter, Result, Value, json, record, timer, view};
use serde::Deserialize;

use crate::{
    definition::{Definition, KIND, Rule, Sort},
    desk::Desk,
    shown::Unit,
    status::Better,
    term::Term,
};

const FILES: [&str; 4] = [
    include_str!("catalogue/sales.json"),
    include_str!("catalogue/care.json"),
    include_str!("catalogue/service.json"),
    include_str!("catalogue/house.json"),
];
/// Records brought in one piece.
const PIECE: usize = 40;

#[derive(Deserialize)]
struct Words {
    #[serde(rename = "zh-CN")]
    zh: String,
    en: String,
}

/// A figure as it is written down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: String,
    label: Words,
    formula: Words,
    area: String,
    unit: Unit,
    better: Better,
    target: Option<f64>,
    responsible: String,
    boards: Vec<String>,
    #[serde(default)]
    weekly: bool,
    #[serde(default)]
    sort: Sort,
    top: Vec<Term>,
    #[serde(default)]
    base: Vec<Term>,
}

/// All of them, in their order.
pub fn all() -> Result<Vec<Definition>> {
    let mut all = Vec::new();
    for file in FILES {
        let entries: Vec<Entry> = serde_json::from_str(file)?;
        for entry in entries {
            let position = 10 * (all.len() as i64 + 1);
            all.push(Definition {
                code: entry.code,
                label: entry.label.zh,
                label_en: Some(entry.label.en),
                formula: Some(entry.formula.zh),
                formula_en: Some(entry.formula.en),
                area: Some(entry.area),
                unit: entry.unit,
                better: entry.better,
                target: entry.target,
                responsible: Some(entry.responsible),
                boards: entry.boards,
                state: None,
                version: 1,
                valid_from: None,
                is_weekly: entry.weekly,
                is_builtin: true,
                position,
                rule: Rule { sort: entry.sort, top: entry.top, base: entry.base },
            });
        }
    }
    Ok(all)
}

/// Makes records of those that ship where there are none, from the `next`-th on; what nobody has revised follows the version that ships.
pub fn bring(desk: &Desk, next: usize) -> Result<()> {
    let all = all()?;
    let piece: Vec<&Definition> = all.iter().skip(next).take(PIECE).collect();
    let codes = piece.iter().map(|definition| definition.code.as_str());
    let mine = Filter::is_in("code", codes).and(Filter::eq("org", desk.call.org.as_str()));
    let there = view::find::<Definition>(KIND).filter(mine).up_to(PIECE)?;
    for definition in piece {
        match there.iter().find(|found| found.data.code == definition.code) {
            None => record::create(KIND).fields(written(definition)?).stage()?,
            Some(found) if found.data.version <= 1 && is_behind(&found.data, definition) => {
                record::change(KIND, &found.id).if_rev(found.rev).fields(written(definition)?).stage()?;
            }
            Some(_) => {}
        }
    }
    match next + PIECE < all.len() {
        true => timer::set("bring:catalogue", &desk.soon()?).field("next", next + PIECE).stage(),
        false => Ok(()),
    }
}

fn is_behind(found: &Definition, ships: &Definition) -> bool {
    let state = found.state.clone();
    let found = Definition { state: None, valid_from: None, ..found.clone() };
    state.as_deref() != Some("retired") && found != *ships
}

fn written(definition: &Definition) -> Result<Value> {
    let mut data = crate::input::said(json!(definition));
    data.remove("state");
    Ok(Value::Object(data))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_figure_of_the_trade_is_there_once() {
        let all = all().unwrap();
        let codes: BTreeSet<&str> = all.iter().map(|definition| definition.code.as_str()).collect();
        assert_eq!(codes.len(), all.len(), "a code twice");
        for n in 1..=75 {
            let code = format!("K{n:02}");
            assert!(codes.iter().any(|known| known.split('-').next() == Some(&code)), "{code} is missing");
        }
    }

    #[test]
    fn every_figure_can_be_counted() {
        for definition in all().unwrap() {
            let code = &definition.code;
            for (n, term) in definition.rule.top.iter().chain(&definition.rule.base).enumerate() {
                term.check(&format!("{code}/{n}")).unwrap();
            }
            assert!(!definition.rule.top.is_empty(), "{code} counts nothing");
            assert_eq!(definition.rule.base.is_empty(), definition.rule.sort != Sort::Ratio, "{code}");
            let formula = definition.formula.clone().unwrap_or_default();
            assert_eq!(
                formula.contains(" ÷ "),
                definition.rule.sort == Sort::Ratio,
                "{code}: the formula has two halves: {formula}"
            );
            assert!(
                definition.target.is_none() || definition.better != Better::Watch,
                "{code}: what is only watched has no target"
            );
            assert!(!definition.boards.is_empty(), "{code} stands on no board");
        }
    }
}
