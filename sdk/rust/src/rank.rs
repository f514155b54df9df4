//! Ranking a whole population: the core puts the records in order and writes positions, percentiles and grades.

use crate::{Command, Filter, json};

/// Ranks the records of one of the plugin's own kinds. `key` comes back in the event `record.ranked` when all is written.
///
/// ```
/// use marque_sdk::{Filter, json, rank};
/// let command = rank::of("value.assessment", "2026Q1").filter(Filter::eq("quarter", "2026Q1"))
///     .by(rank::By::new(&["-total", "id"]).position("rank").grade("grade", &[("A", 5.0), ("B", 100.0)]))
///     .command();
/// assert_eq!(command.body["ranks"][0], json!({ "by": ["-total", "id"], "position": "rank",
///     "grade": { "field": "grade", "cuts": [{ "value": "A", "upto": 5.0 }, { "value": "B", "upto": 100.0 }] } }));
/// ```
#[must_use = "a command happens only when it is staged"]
pub fn of(kind: &str, key: &str) -> Ranking {
    Ranking { command: Command::new("record.rank", json!({ "key": key, "kind": kind, "ranks": [] })) }
}

/// A wish for a ranking.
#[derive(Clone, Debug)]
pub struct Ranking {
    command: Command,
}

impl Ranking {
    /// Only these records.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Ranking {
        self.command.set("filter", &filter);
        self
    }

    /// Records that share the values of these fields are a population of their own.
    #[must_use]
    pub fn within(mut self, fields: &[&str]) -> Ranking {
        self.command.set("within", &fields);
        self
    }

    /// One more order.
    #[must_use]
    pub fn by(mut self, by: By) -> Ranking {
        if let Some(ranks) = self.command.body.get_mut("ranks").and_then(|ranks| ranks.as_array_mut()) {
            ranks.push(by.0);
        }
        self
    }
}

crate::command::finish!(Ranking);

/// An order of the population and the fields that take what comes of it.
#[derive(Clone, Debug)]
pub struct By(crate::Value);

impl By {
    /// By these fields, the most important first; with `-` the highest comes first.
    #[must_use]
    pub fn new(fields: &[&str]) -> By {
        By(json!({ "by": fields }))
    }

    /// The field that takes the position, from 1.
    #[must_use]
    pub fn position(mut self, field: &str) -> By {
        self.0["position"] = json!(field);
        self
    }

    /// The field that takes how many of a hundred of the others come after, by the first field.
    #[must_use]
    pub fn percentile(mut self, field: &str) -> By {
        self.0["percentile"] = json!(field);
        self
    }

    /// The field that takes the grade: each with the percent of the population it reaches to, the last 100.
    #[must_use]
    pub fn grade(mut self, field: &str, cuts: &[(&str, f64)]) -> By {
        let cuts: Vec<crate::Value> =
            cuts.iter().map(|(value, upto)| json!({ "value": value, "upto": upto })).collect();
        self.0["grade"] = json!({ "field": field, "cuts": cuts });
        self
    }
}
