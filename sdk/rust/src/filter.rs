//! Filters: which records, in the one shape that is used everywhere.

use serde::Serialize;

use crate::{Value, json};

/// A condition on records.
///
/// ```
/// use marque_sdk::{Filter, json};
///
/// let overdue = Filter::eq("state", "received").and(Filter::lt("response_due", Filter::now("0d")));
/// assert_eq!(Value::from(overdue), json!({ "and": [{ "state": "received" }, { "response_due": { "lt": { "$now": "0d" } } }] }));
/// # use marque_sdk::Value;
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Filter(Value);

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident => $operator:literal),+ $(,)?) => {
        $(
            $(#[$doc])*
            pub fn $name(field: &str, value: impl Into<Value>) -> Filter {
                Filter(json!({ field: { $operator: value.into() } }))
            }
        )+
    };
}

impl Filter {
    /// `field` has this value.
    pub fn eq(field: &str, value: impl Into<Value>) -> Filter {
        Filter(json!({ field: value.into() }))
    }

    operators! {
        /// `field` has another value.
        ne => "ne",
        /// `field` is less.
        lt => "lt",
        /// `field` is less or the same.
        lte => "lte",
        /// `field` is greater.
        gt => "gt",
        /// `field` is greater or the same.
        gte => "gte",
        /// `field` contains this text, or a list this value.
        contains => "contains",
        /// `field` begins with this text.
        starts => "starts",
    }

    /// `field` has one of these values.
    pub fn is_in(field: &str, values: impl IntoIterator<Item = impl Into<Value>>) -> Filter {
        Filter(json!({ field: { "in": Value::from_iter(values) } }))
    }

    /// `field` has none of these values.
    pub fn not_in(field: &str, values: impl IntoIterator<Item = impl Into<Value>>) -> Filter {
        Filter(json!({ field: { "nin": Value::from_iter(values) } }))
    }

    /// `field` lies between both, which count as inside.
    pub fn between(field: &str, low: impl Into<Value>, high: impl Into<Value>) -> Filter {
        Filter(json!({ field: { "between": [low.into(), high.into()] } }))
    }

    /// `field` has no value.
    pub fn empty(field: &str) -> Filter {
        Filter(json!({ field: { "empty": true } }))
    }

    /// `field` has a value.
    pub fn not_empty(field: &str) -> Filter {
        Filter(json!({ field: { "empty": false } }))
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Filter) -> Filter {
        self.join("and", other)
    }

    /// One of both holds, or both.
    #[must_use]
    pub fn or(self, other: Filter) -> Filter {
        self.join("or", other)
    }

    /// It does not hold.
    #[expect(clippy::should_implement_trait, reason = "it reads as the word of the filter language")]
    #[must_use]
    pub fn not(self) -> Filter {
        Filter(json!({ "not": self.0 }))
    }

    /// As a value: whoever asks.
    pub fn me() -> Value {
        json!({ "$me": true })
    }

    /// As a value: the time of the call, moved by minutes, hours or days: `"-90d"`, `"+2h"`; `"0d"` for now itself.
    pub fn now(span: &str) -> Value {
        json!({ "$now": span })
    }

    /// As a value: another field of the same record.
    pub fn field(name: &str) -> Value {
        json!({ "$field": name })
    }

    fn join(mut self, group: &str, other: Filter) -> Filter {
        match self.0.get_mut(group).and_then(Value::as_array_mut) {
            Some(parts) => {
                parts.push(other.0);
                self
            }
            None => Filter(json!({ group: [self.0, other.0] })),
        }
    }
}

impl From<Filter> for Value {
    fn from(filter: Filter) -> Value {
        filter.0
    }
}

impl From<Value> for Filter {
    /// A filter written as JSON.
    fn from(json: Value) -> Filter {
        Filter(json)
    }
}
