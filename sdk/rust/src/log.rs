//! The plugin's log, shown in the console. Never personal data.
//!
//! ```
//! # use marque_sdk::{json, log, testing::Given};
//! # Given::new().run(|| {
//! log::warn("no officer is on duty, the case stays unassigned");
//! log::info_with("case escalated", json!({ "case": "x1", "step": 2 }));
//! # Ok(()) });
//! ```

use crate::{Value, host, json};

/// For the author.
pub fn debug(message: &str) {
    host::log(1, message, "{}");
}

/// Worth knowing.
pub fn info(message: &str) {
    host::log(2, message, "{}");
}

/// Worth knowing, with fields for machines.
pub fn info_with(message: &str, fields: Value) {
    host::log(2, message, &fields.to_string());
}

/// Something is wrong, but it goes on.
pub fn warn(message: &str) {
    host::log(3, message, "{}");
}

/// Something is wrong, with fields for machines.
pub fn warn_with(message: &str, fields: Value) {
    host::log(3, message, &fields.to_string());
}

/// It did not go on.
pub fn error(message: &str) {
    host::log(4, message, &json!({}).to_string());
}
