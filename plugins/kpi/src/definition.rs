//! Definitions: what a figure is, as data. Those that ship, as headquarters has changed them, and an organisation's own.

use std::collections::BTreeMap;

use marque_sdk::{Fault, Filter, Record, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    catalogue,
    desk::{Desk, refuse},
    org::Here,
    period::Period,
    shown::{Unit, number},
    status::Better,
    term::{self, Term},
    tokens::Clock,
};

/// The kind.
pub const KIND: &str = "kpi.definition";
/// What codes of an organisation's own figures begin with.
const OWN: &str = "X-";
/// More figures than this nobody reads.
const MOST: usize = 2_000;

/// How a figure is worked out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Numerator by denominator.
    #[default]
    Ratio,
    /// The numerator alone.
    Count,
    /// The middle value of a field.
    Median,
    /// By the script `kpi.custom`.
    Custom,
}

/// What is counted, and what is made of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// How.
    pub sort: Sort,
    /// The numerator's parts.
    pub top: Vec<Term>,
    /// The denominator's.
    pub base: Vec<Term>,
}

/// A figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Definition {
    /// What it is called by programs: `K04`.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// The same in English.
    pub label_en: Option<String>,
    /// In words.
    pub formula: Option<String>,
    /// The same in English.
    pub formula_en: Option<String>,
    /// Where it belongs.
    pub area: Option<String>,
    /// What it is counted in.
    pub unit: Unit,
    /// Which way it should go.
    pub better: Better,
    /// What it should come to unless somebody sets another.
    pub target: Option<f64>,
    /// The role that answers for it.
    pub responsible: Option<String>,
    /// On whose boards it stands.
    pub boards: Vec<String>,
    /// Whether it is in use.
    pub state: Option<String>,
    /// Rises with every revision.
    pub version: i64,
    /// The first month a version counts for.
    pub valid_from: Option<String>,
    /// Whether it is watched by the week.
    pub is_weekly: bool,
    /// Whether it ships.
    pub is_builtin: bool,
    /// Its place in lists.
    pub position: i64,
    /// What is counted.
    pub rule: Rule,
}

impl Definition {
    /// What the quotient is multiplied with.
    pub fn factor(&self) -> f64 {
        match self.unit {
            Unit::Percent => 100.0,
            Unit::PerMille => 1_000.0,
            _ => 1.0,
        }
    }

    /// What numerator and denominator are in words: the formula's two halves.
    pub fn side(&self, is_top: bool) -> (String, String) {
        let half = |formula: &Option<String>, name: &str| {
            let formula = formula.as_deref().unwrap_or_default();
            match (formula.split_once(" ÷ "), is_top) {
                (Some((top, _)), true) => top.to_owned(),
                (Some((_, base)), false) => base.to_owned(),
                (None, true) if !formula.is_empty() => formula.to_owned(),
                (None, _) => name.to_owned(),
            }
        };
        let (zh, en) = if is_top { ("分子", "Numerator") } else { ("分母", "Denominator") };
        (half(&self.formula, zh), half(&self.formula_en, en))
    }

    /// The same with all its numbers typed in.
    pub fn typed(&self) -> Definition {
        let side = |side: &str| {
            let terms = if side == "top" { &self.rule.top } else { &self.rule.base };
            let money = terms.iter().any(|term| term.money);
            vec![Term { typed: true, money, ..Term::default() }.as_typed(&self.code, side)]
        };
        let base = if self.rule.sort == Sort::Ratio { side("base") } else { Vec::new() };
        let sort = if self.rule.sort == Sort::Ratio { Sort::Ratio } else { Sort::Count };
        Definition { rule: Rule { sort, top: side("top"), base }, ..self.clone() }
    }
}

/// The figures of an organisation: those that ship, as changed above, and its own; in their order.
pub fn effective(here: &Here) -> Result<Vec<Definition>> {
    let mut known: BTreeMap<String, Definition> =
        catalogue::all()?.into_iter().map(|definition| (definition.code.clone(), definition)).collect();
    let records = view::find::<Definition>(KIND).up_to(MOST)?;
    let (own, above): (Vec<_>, Vec<_>) = records
        .into_iter()
        .filter(|found| found.org == here.id || !here.within.contains(&found.org))
        .partition(|found| found.org == here.id);
    for found in above.into_iter().chain(own) {
        known.insert(found.data.code.clone(), found.data);
    }
    let mut all: Vec<Definition> =
        known.into_values().filter(|definition| definition.state.as_deref() != Some("retired")).collect();
    // What others are made of stands before them: a script sees the figures that ship.
    all.sort_by(|one, other| (one.position, &one.code).cmp(&(other.position, &other.code)));
    Ok(all)
}

/// A figure by its code.
pub fn named(here: &Here, code: &str, pointer: &str) -> Result<Definition> {
    let found = effective(here)?.into_iter().find(|definition| definition.code == code);
    found.map_or_else(
        || refuse("kpi_unknown", pointer, format!("there is no figure {code:?}: see the list of figures")),
        Ok,
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Define {
    code: String,
    label: String,
    formula: Option<String>,
    sort: Sort,
    unit: Option<Unit>,
    better: Option<Better>,
    target: Option<f64>,
    boards: Option<Vec<String>>,
    #[serde(default)]
    top: Value,
    #[serde(default)]
    base: Value,
}

/// A figure of one's own.
pub fn define(desk: &Desk, input: &Value) -> Result<Value> {
    let input: Define = serde_json::from_value(input.clone())?;
    let is_code =
        |code: &str| code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-');
    if !input.code.starts_with(OWN) || !is_code(&input.code) {
        let message = format!(
            "{:?}: codes of one's own figures begin with {OWN} and have capitals, digits and - alone",
            input.code
        );
        return refuse("code_invalid", "/code", message);
    }
    if view::find::<Value>(KIND)
        .filter(Filter::eq("code", input.code.as_str()).and(Filter::eq("org", desk.call.org.as_str())))
        .exists()?
    {
        return refuse("code_taken", "/code", format!("the code {} is taken: revise that figure instead", input.code));
    }
    let rule =
        Rule { sort: input.sort, top: term::parse(&input.top, "/top")?, base: term::parse(&input.base, "/base")? };
    check(desk, &rule)?;
    let id = new_id();
    record::create(KIND)
        .id(id.as_str())
        .fields(json!({
            "code": input.code, "label": input.label, "area": "own", "unit": input.unit.unwrap_or_default(),
            "better": input.better.unwrap_or_default(), "boards": input.boards.unwrap_or_else(|| vec!["gm".into()]),
            "version": 1, "valid_from": Period::month_of(desk.today, desk.ahead).name(), "is_builtin": false, "rule": rule,
        }))
        .fields(crate::input::said(json!({ "formula": input.formula, "target": input.target.map(number) })))
        .stage()?;
    Ok(json!({ "definition": id }))
}

/// A rule must have a numerator, a quotient a denominator, and every token a moment.
fn check(desk: &Desk, rule: &Rule) -> Result<()> {
    if rule.top.is_empty() {
        return refuse("rule_empty", "/top", "say at least one kind of records that is counted");
    }
    if rule.sort == Sort::Ratio && rule.base.is_empty() {
        return refuse("rule_empty", "/base", "a quotient needs a denominator: say what it is divided by");
    }
    if rule.sort == Sort::Median && rule.top.iter().any(|term| term.spread.is_none()) {
        return refuse("rule_empty", "/top", "a median needs the field whose middle value is taken, as `spread`");
    }
    let period = Period::month_of(desk.today, desk.ahead);
    let clock = Clock { period: &period, now: desk.now(), today: desk.today };
    rule.top.iter().chain(&rule.base).try_for_each(|term| clock.resolve(&term.filter).map(drop))
}

/// Input of `revise`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revise {
    label: Option<String>,
    formula: Option<String>,
    target: Option<f64>,
    responsible: Option<String>,
    is_weekly: Option<bool>,
    rule: Option<Value>,
}

/// A new version, from this month on: months that are closed keep the figures of the old one.
pub fn revise(desk: &Desk, id: &str, input: Revise) -> Result<Value> {
    let found = own(desk, id)?;
    let rule = input.rule.map(|rule| -> Result<Rule> {
        let rule = Rule {
            sort: serde_json::from_value(rule["sort"].clone())
                .map_err(|_| Fault::at("rule_empty", "/rule/sort", "sort is ratio, count, median or custom"))?,
            top: term::parse(&rule["top"], "/rule/top")?,
            base: term::parse(&rule["base"], "/rule/base")?,
        };
        check(desk, &rule)?;
        Ok(rule)
    });
    let version = found.data.version + 1;
    record::change(KIND, id)
        .if_rev(found.rev)
        .fields(crate::input::said(json!({
            "label": input.label, "formula": input.formula, "target": input.target.map(number), "responsible": input.responsible,
            "is_weekly": input.is_weekly, "rule": rule.transpose()?, "version": version,
            "valid_from": Period::month_of(desk.today, desk.ahead).name(),
        })))
        .stage()?;
    Ok(json!({ "version": version }))
}

/// Takes a figure out of use, or into use again.
pub fn turn(desk: &Desk, id: &str, transition: &str) -> Result<Value> {
    let found = own(desk, id)?;
    record::mov(KIND, id, transition).if_rev(found.rev).stage()?;
    Ok(json!({ "code": found.data.code }))
}

/// A definition that whoever asks may change: their own organisation's, not one handed down.
fn own(desk: &Desk, id: &str) -> Result<Record<Definition>> {
    let found = view::require::<Definition>(KIND, id)?;
    if found.org != desk.call.org {
        return Err(Fault::new(
            "not_yours",
            "this figure is headquarters' own: one definition holds for all; define one of your own beside it",
        ));
    }
    Ok(found)
}
