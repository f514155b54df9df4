//! Figures: what a count comes to, against its target, as a record that opens its rows. One a figure, period and person.

use std::collections::BTreeMap;

use marque_sdk::{Filter, Id, Map, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    count::Tally,
    custom,
    definition::{Definition, Sort},
    desk::Desk,
    input::said,
    org::Level,
    period::Period,
    shown::{Exact, Unit, number},
    status::{self, Status},
    target::Targets,
    texts,
};

/// The kind.
pub const KIND: &str = "kpi.figure";
/// More than this no organisation has in a period.
pub const MOST: usize = 8_000;

/// What of a figure is read again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Figure {
    /// Which.
    pub kpi: String,
    /// What people call it.
    pub label: String,
    /// Its place.
    pub slot: String,
    /// Whose.
    pub person: Option<Id>,
    /// As people read it.
    pub shown: Option<String>,
    /// Exactly.
    pub value: Option<f64>,
    /// What is divided.
    pub numerator: Option<f64>,
    /// By what.
    pub denominator: Option<f64>,
    /// How it stands.
    pub status: Option<Status>,
    /// Its period's name.
    pub month: String,
    /// Its definition's version.
    pub version: Option<i64>,
    /// What it opens.
    pub rows: Value,
    /// What it lacks.
    pub needs: Option<String>,
    /// What it should come to.
    pub target: Option<f64>,
}

/// What a figure says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Whose; nobody's for the organisation's.
    pub person: Option<Id>,
    /// What was counted, or why nothing was.
    pub top: Option<f64>,
    /// What it is divided by, where it is a quotient.
    pub base: Option<f64>,
    /// What that comes to.
    pub exact: Option<Exact>,
    /// What both open.
    pub rows: Vec<Value>,
    /// What is not there.
    pub needs: Option<String>,
    /// Whether the numbers were typed in.
    pub is_typed: bool,
    /// By which decision.
    pub receipt: Option<String>,
}

/// What a tally comes to, for the organisation and each person.
pub fn said_of(
    desk: &Desk,
    definition: &Definition,
    tally: Tally,
    known: &mut Map<String, Value>,
    period: &str,
) -> Result<Vec<Said>> {
    let factor = definition.factor();
    let sort = definition.rule.sort;
    let worked = |top: f64, base: f64| match sort {
        Sort::Ratio => (base != 0.0).then_some(Exact { top, base, factor }),
        Sort::Count | Sort::Median | Sort::Custom => Some(Exact::plain(top)),
    };
    let (mut exact, mut receipt) = (worked(tally.top, tally.base).filter(|_| !tally.is_missing), None);
    if sort == Sort::Median {
        exact = exact.filter(|_| tally.rows.iter().any(|part| part["n"].as_f64().is_some_and(|n| n > 0.0)));
    }
    if sort == Sort::Custom {
        let (value, decided) = custom::value(desk, definition, &tally, known, period)?;
        (exact, receipt) = (value.map(Exact::plain), Some(decided));
    }
    if let Some(exact) = exact {
        known.insert(definition.code.clone(), number(exact.value()));
    }
    let is_quotient = matches!(sort, Sort::Ratio) || (sort == Sort::Custom && !definition.rule.base.is_empty());
    let base = |base: f64| is_quotient.then_some(base);
    let mut all = vec![Said {
        person: None,
        top: (!tally.is_missing).then_some(tally.top),
        base: base(tally.base).filter(|_| !tally.is_missing),
        exact,
        rows: tally.rows,
        needs: None,
        is_typed: tally.is_typed,
        receipt,
    }];
    all.extend(tally.persons.into_iter().map(|(person, share)| Said {
        person: Some(person),
        top: Some(share.top),
        base: base(share.base),
        exact: worked(share.top, share.base),
        rows: share.rows,
        needs: None,
        is_typed: tally.is_typed,
        receipt: None,
    }));
    Ok(all)
}

/// A figure whose records are not there says so.
pub fn needing(needs: String) -> Said {
    Said {
        person: None,
        top: None,
        base: None,
        exact: None,
        rows: Vec::new(),
        needs: Some(needs),
        is_typed: false,
        receipt: None,
    }
}

/// Where figures of a period are written.
pub struct Book<'a> {
    desk: &'a Desk,
    /// The record of the period.
    id: &'a str,
    period: &'a Period,
    level: Level,
    targets: &'a Targets,
    there: BTreeMap<String, Record<Figure>>,
}

impl<'a> Book<'a> {
    /// The figures there are of some definitions in a period.
    pub fn open(
        desk: &'a Desk,
        id: &'a str,
        period: &'a Period,
        level: Level,
        targets: &'a Targets,
        codes: &[&str],
    ) -> Result<Book<'a>> {
        let mine = Filter::eq("period", id).and(Filter::is_in("kpi", codes.iter().copied()));
        let there = view::find::<Figure>(KIND).filter(mine).up_to(MOST)?;
        let there = there.into_iter().map(|found| (found.data.slot.clone(), found)).collect();
        Ok(Book { desk, id, period, level, targets, there })
    }

    /// What holds a figure's place.
    fn slot(&self, definition: &Definition, said: &Said) -> String {
        format!("{}|{}|{}", self.period.name(), definition.code, said.person.as_deref().unwrap_or_default())
    }

    /// The figure that stands in this place.
    pub fn find(&self, definition: &Definition, said: &Said) -> Option<&Record<Figure>> {
        self.there.get(&self.slot(definition, said))
    }

    /// Writes it down where it differs from what stands there.
    pub fn write(&self, definition: &Definition, said: &Said) -> Result<()> {
        let target = self.targets.of(definition, said.person.as_deref(), self.period);
        let data = self.data(definition, said, target);
        let receipt = said.receipt.as_deref();
        match self.find(definition, said) {
            Some(there) if is_same(&there.data, &data) => Ok(()),
            Some(there) => {
                let write = record::change(KIND, &there.id).if_rev(there.rev).fields(data);
                receipt.into_iter().fold(write, |write, receipt| write.receipt("value", receipt)).stage()
            }
            None => {
                let create =
                    record::create(KIND).id(new_id()).fields(said_only(data)).fields(self.place(definition, said));
                receipt
                    .filter(|_| said.exact.is_some())
                    .into_iter()
                    .fold(create, |create, receipt| create.receipt("value", receipt))
                    .stage()
            }
        }
    }

    /// What never changes of it.
    fn place(&self, definition: &Definition, said: &Said) -> Value {
        let person = said.person.is_some();
        let mut place = json!({
            "slot": self.slot(definition, said), "kpi": definition.code, "period": self.id, "month": self.period.name(),
            "grain": self.period.grain, "from": self.period.from(), "to": self.period.to(),
            "level": if person { Level::Person } else { self.level }, "age": age(self.desk, self.period),
        });
        if let Some(person) = &said.person {
            place["person"] = person.as_str().into();
        }
        place
    }

    fn data(&self, definition: &Definition, said: &Said, target: Option<f64>) -> Value {
        let status = match (&said.needs, said.exact) {
            (Some(_), _) => Status::Needs,
            (None, None) => Status::NoData,
            (None, Some(exact)) => status::of(exact, target, definition.better, self.desk.settings.amber_percent),
        };
        json!({
            "label": definition.label, "label_en": definition.label_en, "area": definition.area, "boards": definition.boards,
            "position": definition.position, "unit": definition.unit, "better": definition.better, "formula": definition.formula,
            "shown": shown(definition, said.exact), "status": status, "value": said.exact.map(|exact| number(exact.value())), "numerator": said.top.map(number),
            "denominator": said.base.map(number), "target": target.map(number), "note": note(self.desk, definition, said, target), "needs": said.needs,
            "source": if said.is_typed { "typed" } else { "counted" }, "rows": said.rows, "version": definition.version.max(1),
            "counted_at": self.desk.now(),
        })
    }
}

fn said_only(data: Value) -> Value {
    Value::Object(said(data))
}

/// Whether nothing but the time of counting differs.
fn is_same(there: &Figure, data: &Value) -> bool {
    let number = |name: &str| data[name].as_f64();
    there.value == number("value")
        && there.numerator == number("numerator")
        && there.denominator == number("denominator")
        && there.target == number("target")
        && there.version == data["version"].as_i64()
        && there.label == data["label"]
        && there.needs.as_deref() == data["needs"].as_str()
        && json!(there.status) == data["status"]
        && there.rows == data["rows"]
}

/// As people read it; a dash where there is nothing to divide by.
pub fn shown(definition: &Definition, exact: Option<Exact>) -> String {
    exact.map_or_else(|| "–".to_owned(), |exact| exact.shown(definition.unit))
}

/// How it comes about, in a line: `48 / 320 · 目标 15.0 %`.
fn note(desk: &Desk, definition: &Definition, said: &Said, target: Option<f64>) -> Option<String> {
    let locale = &desk.call.locale;
    if let Some(needs) = &said.needs {
        return Some(texts::filled(locale, "note.needs", &[("what", needs)]));
    }
    if said.top.is_none() {
        return Some(texts::text(locale, "note.typed"));
    }
    let is_money = |terms: &[crate::term::Term]| terms.iter().any(|term| term.money);
    let plain = |value: f64, is_money| Exact::plain(value).shown(if is_money { Unit::Money } else { Unit::Count });
    let rule = &definition.rule;
    let parts = said.top.zip(said.base);
    let parts =
        parts.map(|(top, base)| format!("{} / {}", plain(top, is_money(&rule.top)), plain(base, is_money(&rule.base))));
    let target = target.map(|target| {
        texts::filled(locale, "note.target", &[("target", &Exact::plain(target).shown(definition.unit))])
    });
    let told: Vec<String> = parts.into_iter().chain(target).collect();
    (!told.is_empty()).then(|| told.join(" · "))
}

/// Whether a period runs, has just ended, or is long over.
pub fn age(desk: &Desk, period: &Period) -> &'static str {
    match () {
        () if period.after > desk.today => "current",
        () if period.plus(1).after > desk.today => "last",
        () => "older",
    }
}
