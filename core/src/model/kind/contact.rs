//! What a kind's file says of contact: records that are ways to a customer, keep one from being contacted, or are a case with one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::contact::{Channel, Purpose};

/// Records of the kind are ways to a customer: a number, an address.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ways {
    /// The ref field that names the customer.
    pub via: String,
    /// The field that holds the number or address.
    pub value: String,
    /// The enum field that says of which sort it is.
    pub sort: String,
    /// By sort, the channels it is a way for.
    pub channels: BTreeMap<String, Vec<Channel>>,
    /// A filter: it may be used.
    pub usable: Value,
    /// A filter: the customer does not want it to be used. What meets neither is of no use.
    pub barred: Value,
    /// The bool field that is `true` for the one to be tried first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
}

/// Records of the kind are cases with a customer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opens {
    /// The ref field that names the customer.
    pub via: String,
    /// A filter: those that are open.
    pub when: Value,
}

/// Records of the kind keep their customer from being contacted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppresses {
    /// For these purposes.
    pub purposes: Vec<Purpose>,
    /// The ref field that names the customer.
    pub via: String,
    /// A filter: those that do.
    pub when: Value,
    /// The moment field that says when it ended: from then on the days of rest are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
}
