//! A stand-in for the server, for native tests: given, when, then. `marque-cli test` runs the real one.
//!
//! ```
//! use marque_sdk::{Act, Action, Result, Value, info, json, record, testing::Given};
//!
//! struct Desk;
//! impl Act for Desk {
//!     fn run(action: &Action) -> Result<Value> {
//!         let due = info::due(&info::call()?.now, "1wd")?;
//!         record::change("desk.card", action.target()?).field("due", &due).stage()?;
//!         Ok(json!({ "due": due }))
//!     }
//! }
//!
//! Given::new()
//!     .now("2026-03-13T10:00:00+08:00") // A Friday.
//!     .record("desk.card", "k1", json!({}))
//!     .when_action::<Desk>("plan", Some("k1"), json!({}))
//!     .then_commands(json!([
//!         { "name": "record.change", "body": { "kind": "desk.card", "id": "k1", "data": { "due": "*" } } },
//!     ]))
//!     .then_reply(json!({ "due": "2026-03-16T02:00:00.000Z" }));
//! ```

mod calendar;
mod defaults;
mod given;
mod matching;
mod stand_in;
mod then;

pub use defaults::defaults;
pub use given::Given;
pub(crate) use stand_in::with_stand_in;
pub use then::Then;
