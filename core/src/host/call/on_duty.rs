//! What a guest reads of people beyond their records: whether they are on duty at the moment of the call.

use serde_json::Value;

use crate::{
    model::{Record, Time, duty},
    store::View,
};

/// Add `is_on_duty` to a person. It follows the clock, so it is worked out for each reading and cannot be filtered by.
pub(super) fn add(record: &mut Record, view: &View, now: Time) {
    if record.kind == "user" {
        let is_on_duty = duty::is_on_duty(&record.data, &view.orgs().calendar(&record.org), now);
        record.data.insert("is_on_duty".into(), Value::Bool(is_on_duty));
    }
}
