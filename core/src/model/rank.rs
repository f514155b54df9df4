//! Ranking a population: positions, percentiles, and grades by cut positions. Arithmetic alone.
//!
//! Cuts are those of domain C21: after N×share of the records in order, rounded half up.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One order of the population and what becomes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// Fields, the most important first; with `-` the highest comes first. Ids decide what is left. Without a value is last.
    pub by: Vec<String>,
    /// The field that takes the position: 1 is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// The field that takes how many of a hundred of the others come after, by the first of `by`: 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentile: Option<String>,
    /// Grades by position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
}

/// Grades, the best first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// The field that takes them.
    pub field: String,
    /// Where each ends; the last at 100.
    pub cuts: Vec<Cut>,
}

/// A grade and where it ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// The grade.
    pub value: String,
    /// Percent of the population, counted from the best; hundredths at the finest.
    pub upto: f64,
}

/// A value that can be compared with others of its field.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Key {
    /// No value.
    #[default]
    None,
    /// A number, or a truth as 0 or 1.
    Number(f64),
    /// Text, dates and moments among it.
    Text(Box<str>),
}

/// A record on the way through a ranking.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// Its id.
    pub id: String,
    /// Values of the fields it is ranked within: records that share them are a population of their own.
    pub group: Vec<Value>,
    /// Its values of [`columns`], in that order.
    pub keys: Vec<Key>,
}

/// How one population came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What its records share, by field.
    pub within: Map<String, Value>,
    /// How many they are.
    pub n: usize,
    /// Grade field → grade → how many.
    pub counts: BTreeMap<String, BTreeMap<String, usize>>,
}

/// The fields that all the rankings look at, each once.
pub fn columns(rankings: &[Ranking]) -> Vec<&str> {
    let mut columns: Vec<&str> = Vec::new();
    for name in rankings.iter().flat_map(|ranking| &ranking.by).map(|by| direction(by).0) {
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    columns
}

/// A key of `by`: the field, and whether the highest comes first.
pub fn direction(by: &str) -> (&str, bool) {
    by.strip_prefix('-').map_or((by, false), |name| (name, true))
}

/// Where each grade ends among `n`: records up to that position have it. N×upto/100, rounded half up.
pub fn cut_positions(n: usize, cuts: &[Cut]) -> Vec<usize> {
    let hundredths = |cut: &Cut| (cut.upto * 100.0).round() as u128;
    cuts.iter().map(|cut| ((n as u128 * hundredths(cut) + 5_000) / 10_000) as usize).collect()
}

/// Rank records: each one's fields in the order of `ranked`, and how each population came out.
pub fn rank(ranked: &[Ranked], within: &[String], rankings: &[Ranking]) -> (Vec<Map<String, Value>>, Vec<Group>) {
    let mut fields = vec![Map::new(); ranked.len()];
    let groups = populations(ranked);
    let mut order: Vec<u32> = (0..ranked.len() as u32).collect();
    let group_of = |n: u32| groups.of[n as usize];
    let mut told: Vec<Group> = groups.first.iter().map(|first| group(within, &ranked[*first as usize].group)).collect();
    let columns = columns(rankings);
    for ranking in rankings {
        let keys = sort_keys(&columns, &ranking.by);
        order.sort_unstable_by(|a, b| {
            let by_group = group_of(*a).cmp(&group_of(*b));
            by_group.then_with(|| compare(&ranked[*a as usize], &ranked[*b as usize], &keys))
        });
        for population in order.chunk_by(|a, b| group_of(*a) == group_of(*b)) {
            let group = &mut told[group_of(population[0]) as usize];
            group.n = population.len();
            fill(ranked, population, ranking, keys[0], &mut fields, group);
        }
    }
    (fields, told)
}

/// Which population each record belongs to, and the first record of each.
struct Populations {
    of: Vec<u32>,
    first: Vec<u32>,
}

fn populations(ranked: &[Ranked]) -> Populations {
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut populations = Populations { of: Vec::with_capacity(ranked.len()), first: Vec::new() };
    for (n, record) in ranked.iter().enumerate() {
        let number = *known.entry(json!(record.group).to_string()).or_insert_with(|| {
            populations.first.push(n as u32);
            populations.first.len() as u32 - 1
        });
        populations.of.push(number);
    }
    populations
}

fn group(within: &[String], values: &[Value]) -> Group {
    let within = within.iter().cloned().zip(values.iter().cloned()).collect();
    Group { within, n: 0, counts: BTreeMap::new() }
}

/// Where each field of `by` stands among the columns, and whether the highest comes first.
fn sort_keys(columns: &[&str], by: &[String]) -> Vec<(usize, bool)> {
    let place = |name: &str| columns.iter().position(|column| *column == name).unwrap_or_default();
    by.iter().map(|by| direction(by)).map(|(name, is_falling)| (place(name), is_falling)).collect()
}

fn compare(a: &Ranked, b: &Ranked, keys: &[(usize, bool)]) -> Ordering {
    let by_key = keys.iter().map(|&(column, is_falling)| better(&a.keys[column], &b.keys[column], is_falling));
    by_key.fold(Ordering::Equal, Ordering::then).then_with(|| a.id.cmp(&b.id))
}

/// Less is better: what comes first.
fn better(a: &Key, b: &Key, is_falling: bool) -> Ordering {
    let rising = match (a, b) {
        (Key::None, Key::None) => return Ordering::Equal,
        (Key::None, _) => return Ordering::Greater,
        (_, Key::None) => return Ordering::Less,
        (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        (Key::Number(_), Key::Text(_)) => Ordering::Less,
        (Key::Text(_), Key::Number(_)) => Ordering::Greater,
    };
    if is_falling { rising.reverse() } else { rising }
}

fn fill(
    ranked: &[Ranked],
    population: &[u32],
    ranking: &Ranking,
    (column, is_falling): (usize, bool),
    fields: &mut [Map<String, Value>],
    group: &mut Group,
) {
    if let Some(name) = &ranking.position {
        for (position, n) in population.iter().enumerate() {
            fields[*n as usize].insert(name.clone(), json!(position + 1));
        }
    }
    if let Some(name) = &ranking.percentile {
        let key = |n: &u32| &ranked[*n as usize].keys[column];
        // Who has no value comes last and is nobody's better or worse.
        let n_valued = population.iter().take_while(|n| *key(n) != Key::None).count();
        let mut before = 0;
        for same in population.chunk_by(|a, b| better(key(a), key(b), is_falling).is_eq()) {
            let is_valued = before < n_valued;
            let percentile = is_valued.then(|| percentile(n_valued, before, same.len()));
            for n in same {
                fields[*n as usize].insert(name.clone(), json!(percentile));
            }
            before += same.len();
        }
    }
    if let Some(grade) = &ranking.grade {
        let counts = group.counts.entry(grade.field.clone()).or_default();
        for (cut, positions) in grade.cuts.iter().zip(spans(population.len(), &grade.cuts)) {
            *counts.entry(cut.value.clone()).or_default() += positions.len();
            for n in &population[positions] {
                fields[*n as usize].insert(grade.field.clone(), json!(cut.value));
            }
        }
    }
}

fn spans(n: usize, cuts: &[Cut]) -> Vec<Range<usize>> {
    let ends = cut_positions(n, cuts);
    let begins = std::iter::once(0).chain(ends.iter().copied());
    begins.zip(ends.iter().copied()).map(|(begin, end)| begin..end).collect()
}

/// How many of a hundred of the others come after, those that are equal counted half; 50 for one alone.
fn percentile(n: usize, n_before: usize, n_same: usize) -> usize {
    if n < 2 {
        return 50;
    }
    let twice_after = 2 * (n - n_before - n_same) + n_same - 1;
    let others = 2 * (n - 1);
    (200 * twice_after + others) / (2 * others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades() -> Vec<Cut> {
        let cut = |(value, upto): (&str, u32)| Cut { value: value.into(), upto: f64::from(upto) };
        [("A", 5), ("B", 25), ("C", 75), ("D", 95), ("E", 100)].map(cut).into()
    }

    fn people(totals: &[i32]) -> Vec<Ranked> {
        let one = |(n, total): (usize, &i32)| Ranked {
            id: format!("c{n:04}"),
            group: Vec::new(),
            keys: vec![Key::Number(f64::from(*total))],
        };
        totals.iter().enumerate().map(one).collect()
    }

    fn by(by: &[&str]) -> Ranking {
        Ranking { by: by.iter().map(ToString::to_string).collect(), position: None, percentile: None, grade: None }
    }

    #[test]
    fn the_cuts_of_c21_ac4_are_exact() {
        for (n, expected) in [
            (20, [1, 4, 10, 4, 1]),
            (40, [2, 8, 20, 8, 2]),
            (37, [2, 7, 19, 7, 2]),
            (316, [16, 63, 158, 63, 16]),
            (3, [0, 1, 1, 1, 0]),
            (700_000, [35_000, 140_000, 350_000, 140_000, 35_000]),
            (0, [0; 5]),
        ] {
            let sizes: Vec<usize> = spans(n, &grades()).into_iter().map(|span| span.len()).collect();
            assert_eq!(sizes, expected, "{n}");
        }
    }

    #[test]
    fn each_record_has_one_grade_by_its_position() {
        let ranked = people(&(0..37).map(|n| n * 7 % 37).collect::<Vec<_>>());
        let ranking = Ranking {
            position: Some("rank".into()),
            grade: Some(Grade { field: "grade".into(), cuts: grades() }),
            ..by(&["-total"])
        };
        let (fields, groups) = rank(&ranked, &[], &[ranking]);
        for (n, fields) in fields.iter().enumerate() {
            let total = n as i64 * 7 % 37;
            assert_eq!(fields["rank"], json!(37 - total), "the highest total is the first");
            let grade = match 37 - total {
                ..=2 => "A",
                3..=9 => "B",
                10..=28 => "C",
                29..=35 => "D",
                _ => "E",
            };
            assert_eq!(fields["grade"], json!(grade), "total {total}");
        }
        assert_eq!(
            json!(groups),
            json!([{ "within": {}, "n": 37, "counts": { "grade": { "A": 2, "B": 7, "C": 19, "D": 7, "E": 2 } } }])
        );
    }

    #[test]
    fn ties_go_by_the_next_key_and_at_last_by_id() {
        let record =
            |id: &str, keys: [f64; 2]| Ranked { id: id.into(), group: Vec::new(), keys: keys.map(Key::Number).into() };
        let ranked = [record("b", [60.0, 10.0]), record("a", [60.0, 10.0]), record("c", [60.0, 80.0])];
        let ranking = Ranking { position: Some("rank".into()), ..by(&["-total", "-economic"]) };
        let (fields, _) = rank(&ranked, &[], &[ranking]);
        let ranks: Vec<&Value> = fields.iter().map(|fields| &fields["rank"]).collect();
        assert_eq!(ranks, [&json!(3), &json!(2), &json!(1)]);
    }

    #[test]
    fn a_percentile_counts_those_that_come_after_and_half_of_the_equal() {
        let ranking = || Ranking { percentile: Some("p".into()), ..by(&["-total"]) };
        let of = |totals: &[i32]| -> Vec<Value> {
            rank(&people(totals), &[], &[ranking()]).0.into_iter().map(|mut fields| fields["p"].take()).collect()
        };
        assert_eq!(of(&[10, 30, 20]), [0, 100, 50].map(|n| json!(n)));
        assert_eq!(of(&[5, 5, 5, 5]), [50, 50, 50, 50].map(|n| json!(n)));
        assert_eq!(of(&[1, 1, 2, 3]), [17, 17, 67, 100].map(|n| json!(n)));
        assert_eq!(of(&[7]), [json!(50)]);
        let mut ranked = people(&[10, 20, 30]);
        ranked[1].keys[0] = Key::None;
        let fields = rank(&ranked, &[], &[ranking()]).0;
        assert_eq!(
            fields.iter().map(|fields| fields["p"].clone()).collect::<Vec<_>>(),
            [json!(0), json!(null), json!(100)]
        );
    }

    #[test]
    fn each_group_is_a_population_of_its_own() {
        let mut ranked = people(&[1, 2, 3, 4]);
        for (n, record) in ranked.iter_mut().enumerate() {
            record.group = vec![json!(if n % 2 == 0 { "fleet" } else { "private" })];
        }
        let ranking = Ranking { position: Some("rank".into()), ..by(&["total"]) };
        let (fields, groups) = rank(&ranked, &["peers".into()], &[ranking]);
        assert_eq!(
            fields.iter().map(|fields| fields["rank"].clone()).collect::<Vec<_>>(),
            [1, 1, 2, 2].map(|n| json!(n))
        );
        assert_eq!(
            groups.iter().map(|group| (group.within["peers"].clone(), group.n)).collect::<Vec<_>>(),
            [(json!("fleet"), 2), (json!("private"), 2)]
        );
    }
}
