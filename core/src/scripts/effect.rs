//! What a draft would change, counted: how many, from what to what, how values would spread, and who would move most.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;

use super::trial::Made;
use crate::model::Id;

/// Kinds of moves told one by one; the rest is counted together.
const MOVES: usize = 50;
/// Different values told one by one.
const VALUES: usize = 50;
/// Who moves most.
const MOVERS: usize = 20;
/// Different faults told one by one.
const FAULTS: usize = 10;
/// Bars of a histogram.
const BARS: usize = 20;

/// What would become of one field.
#[derive(Debug, Default)]
pub struct Effect {
    n: u64,
    changed: u64,
    failed: u64,
    moves: HashMap<(String, String), u64>,
    old: Spread,
    new: Spread,
    movers: Vec<Mover>,
    faults: BTreeMap<String, (u64, Id)>,
    /// Values of an enumeration in their order, so that a move has a length.
    ranks: Vec<String>,
}

/// All values of one side.
#[derive(Debug, Default)]
struct Spread {
    n_empty: u64,
    numbers: Vec<f64>,
    others: HashMap<String, u64>,
}

/// Whom a value is of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subject {
    /// The record's kind; none for a decision that no record quotes.
    pub kind: Option<String>,
    /// The record, else the decision's receipt.
    pub id: Id,
    /// Its organisation.
    pub org: Id,
}

/// A record or decision that would change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mover {
    /// Whom it is of.
    #[serde(flatten)]
    pub subject: Subject,
    /// What stands there.
    pub old: Value,
    /// What would.
    pub new: Value,
    /// In the script's words.
    pub reasons: Vec<String>,
    #[serde(skip)]
    length: f64,
}

/// [`Effect`] as it is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Looked at.
    pub n: u64,
    /// Would have another value.
    pub changed: u64,
    /// Could not be worked out; they would keep what they have.
    pub failed: u64,
    /// From what to what, the most frequent first; of values that are few.
    pub moves: Vec<Move>,
    /// Changes that `moves` does not tell of.
    pub other_moves: u64,
    /// As it stands.
    pub old: ToldSpread,
    /// As it would be.
    pub new: ToldSpread,
    /// Who would move most, the longest way first.
    pub movers: Vec<Mover>,
    /// What goes wrong, the most frequent first.
    pub faults: Vec<ToldFault>,
}

/// So many move from one value to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    /// As text; empty for none.
    pub old: String,
    /// As text; empty for none.
    pub new: String,
    /// How many.
    pub n: u64,
}

/// How values spread.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ToldSpread {
    /// Without a value.
    pub n_empty: u64,
    /// Of numbers: least, tenth, quarter, half, three quarters, nine tenths, most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantiles: Option<[f64; 7]>,
    /// Of numbers: how many lie in each of twenty equal steps from `from` to `to`, the same for both sides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bars: Vec<Bar>,
    /// Of everything else: how many have which value, the most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Count>,
}

/// A step of a histogram; the last one has its end in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bar {
    /// Its beginning.
    pub from: f64,
    /// Its end.
    pub to: f64,
    /// How many.
    pub n: u64,
}

/// So many have a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Count {
    /// As text.
    pub value: String,
    /// How many.
    pub n: u64,
}

/// So many fail for a reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToldFault {
    /// Why.
    pub message: String,
    /// How many.
    pub n: u64,
    /// One of them.
    pub id: Id,
}

impl Effect {
    /// Nothing counted yet. `ranks` are the values of an enumeration in their order.
    pub fn new(ranks: Vec<String>) -> Effect {
        Effect { ranks, ..Effect::default() }
    }

    /// Count one.
    pub fn add(&mut self, subject: &Subject, made: &Made) {
        self.n += 1;
        self.old.add(&made.old);
        let new = match &made.new {
            Ok(new) => new,
            Err(wrong) => {
                self.failed += 1;
                self.new.add(&made.old);
                let known = self.faults.len() < FAULTS || self.faults.contains_key(wrong);
                if known {
                    self.faults.entry(wrong.clone()).or_insert_with(|| (0, subject.id.clone())).0 += 1;
                }
                return;
            }
        };
        self.new.add(new);
        if *new == made.old {
            return;
        }
        self.changed += 1;
        let step = (text(&made.old), text(new));
        if self.moves.len() < MOVES * 4 || self.moves.contains_key(&step) {
            *self.moves.entry(step).or_default() += 1;
        }
        let length = self.length(&made.old, new);
        let is_full = self.movers.len() == MOVERS;
        if is_full && self.movers.last().is_some_and(|last| last.length >= length) {
            return;
        }
        let place = self.movers.partition_point(|mover| mover.length >= length);
        let (old, new, reasons) = (made.old.clone(), new.clone(), made.reasons.clone());
        self.movers.insert(place, Mover { subject: subject.clone(), old, new, reasons, length });
        self.movers.truncate(MOVERS);
    }

    /// How far it is from one value to another; to or from none is as far as from zero.
    fn length(&self, old: &Value, new: &Value) -> f64 {
        let rank = |value: &Value| {
            let place = self.ranks.iter().position(|known| value.as_str() == Some(known));
            value.as_f64().or_else(|| place.map(|place| place as f64 + 1.0))
        };
        match (rank(old), rank(new)) {
            (None, None) => 0.0,
            (old, new) => (new.unwrap_or_default() - old.unwrap_or_default()).abs(),
        }
    }

    /// What was counted.
    pub fn told(mut self) -> Told {
        let mut moves: Vec<Move> = self.moves.into_iter().map(|((old, new), n)| Move { old, new, n }).collect();
        moves.sort_by(|a, b| (b.n, &a.old, &a.new).cmp(&(a.n, &b.old, &b.new)));
        moves.truncate(MOVES);
        // A number has as many moves as records; a list of them says nothing that the spread does not say better.
        if !self.old.numbers.is_empty() || !self.new.numbers.is_empty() {
            moves.retain(|step| step.n > 1);
        }
        let other_moves = self.changed - moves.iter().map(|step| step.n).sum::<u64>();
        let range = range(self.old.numbers.iter().chain(&self.new.numbers));
        let mut faults: Vec<ToldFault> =
            self.faults.into_iter().map(|(message, (n, id))| ToldFault { message, n, id }).collect();
        faults.sort_by(|a, b| (b.n, &a.message).cmp(&(a.n, &b.message)));
        Told {
            n: self.n,
            changed: self.changed,
            failed: self.failed,
            moves,
            other_moves,
            old: self.old.told(range),
            new: self.new.told(range),
            movers: std::mem::take(&mut self.movers),
            faults,
        }
    }
}

impl Spread {
    fn add(&mut self, value: &Value) {
        match value {
            Value::Null => self.n_empty += 1,
            Value::Number(number) => self.numbers.extend(number.as_f64()),
            other => {
                let text = text(other);
                if self.others.len() < VALUES * 4 || self.others.contains_key(&text) {
                    *self.others.entry(text).or_default() += 1;
                }
            }
        }
    }

    fn told(mut self, range: Option<(f64, f64)>) -> ToldSpread {
        self.numbers.sort_by(f64::total_cmp);
        let mut values: Vec<Count> = self.others.into_iter().map(|(value, n)| Count { value, n }).collect();
        values.sort_by(|a, b| (b.n, &a.value).cmp(&(a.n, &b.value)));
        values.truncate(VALUES);
        ToldSpread {
            n_empty: self.n_empty,
            quantiles: quantiles(&self.numbers),
            bars: range.map(|range| bars(&self.numbers, range)).unwrap_or_default(),
            values,
        }
    }
}

fn range<'a>(numbers: impl Iterator<Item = &'a f64>) -> Option<(f64, f64)> {
    numbers.fold(None, |range, number| {
        let (least, most) = range.unwrap_or((*number, *number));
        Some((least.min(*number), most.max(*number)))
    })
}

/// Of sorted numbers, each a number that occurs.
fn quantiles(sorted: &[f64]) -> Option<[f64; 7]> {
    let last = sorted.len().checked_sub(1)?;
    Some([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0].map(|share| sorted[(last as f64 * share).round() as usize]))
}

fn bars(numbers: &[f64], (least, most): (f64, f64)) -> Vec<Bar> {
    let step = (most - least) / BARS as f64;
    if step <= 0.0 {
        return vec![Bar { from: least, to: most, n: numbers.len() as u64 }];
    }
    let mut bars: Vec<Bar> =
        (0..BARS).map(|n| Bar { from: least + step * n as f64, to: least + step * (n + 1) as f64, n: 0 }).collect();
    for number in numbers {
        let place = ((number - least) / step) as usize;
        bars[place.min(BARS - 1)].n += 1;
    }
    bars
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn subject(n: usize) -> Subject {
        let id = format!("c{n}").parse().unwrap();
        Subject { kind: Some("customer".into()), id, org: Id::hq() }
    }

    fn told(ranks: &[&str], steps: &[(Value, Value)]) -> Told {
        let mut effect = Effect::new(ranks.iter().map(|rank| (*rank).to_owned()).collect());
        for (n, (old, new)) in steps.iter().enumerate() {
            let made = Made { field: "grade".into(), old: old.clone(), new: Ok(new.clone()), reasons: Vec::new() };
            effect.add(&subject(n), &made);
        }
        effect.told()
    }

    #[test]
    fn grades_are_told_from_what_to_what_and_the_longest_way_first() {
        let told = told(
            &["A", "B", "C"],
            &[
                (json!("A"), json!("A")),
                (json!("A"), json!("B")),
                (json!("A"), json!("B")),
                (json!("A"), json!("C")),
                (json!(null), json!("B")),
            ],
        );
        assert_eq!((told.n, told.changed, told.failed, told.other_moves), (5, 4, 0, 0));
        let moves: Vec<_> = told.moves.iter().map(|step| (step.old.as_str(), step.new.as_str(), step.n)).collect();
        assert_eq!(moves, [("A", "B", 2), ("", "B", 1), ("A", "C", 1)]);
        let movers: Vec<_> = told.movers.iter().map(|mover| mover.subject.id.as_str()).collect();
        assert_eq!(movers, ["c3", "c4", "c1", "c2"]);
        assert_eq!((told.old.n_empty, told.new.n_empty), (1, 0));
        assert_eq!(told.new.values, [("B", 3), ("A", 1), ("C", 1)].map(|(value, n)| Count { value: value.into(), n }));
    }

    #[test]
    fn numbers_are_told_by_their_spread() {
        let steps: Vec<(Value, Value)> = (0..=100).map(|n| (json!(n), json!(n * 2))).collect();
        let told = told(&[], &steps);
        assert_eq!((told.changed, told.other_moves, told.moves.len()), (100, 100, 0));
        assert_eq!(told.old.quantiles, Some([0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 100.0]));
        assert_eq!(told.new.quantiles, Some([0.0, 20.0, 50.0, 100.0, 150.0, 180.0, 200.0]));
        assert_eq!((told.old.bars.len(), told.old.bars[0].from, told.old.bars[19].to), (20, 0.0, 200.0));
        assert_eq!(told.old.bars.iter().map(|bar| bar.n).sum::<u64>(), 101);
        assert_eq!(told.movers.len(), 20);
        assert_eq!(told.movers[0].new, json!(200));
    }

    #[test]
    fn what_fails_keeps_what_it_has() {
        let mut effect = Effect::new(Vec::new());
        for n in 0..3 {
            let new = if n == 1 { Ok(json!(5)) } else { Err("it divides by zero".to_owned()) };
            effect.add(&subject(n), &Made { field: "score".into(), old: json!(4), new, reasons: Vec::new() });
        }
        let told = effect.told();
        assert_eq!((told.n, told.changed, told.failed), (3, 1, 2));
        assert_eq!(told.faults, [ToldFault { message: "it divides by zero".into(), n: 2, id: subject(0).id }]);
        assert_eq!(told.new.quantiles.unwrap()[..4], [4.0, 4.0, 4.0, 4.0]);
    }
}
