//! Write Marque plugins in Rust: one trait for each thing a plugin can do, one macro to export them.
//!
//! A plugin never writes. It hears [events](Event) or is asked for an [action](Action), reads a [snapshot](view),
//! [stages commands](stage) and returns; the core then checks and commits them, all or none, exactly once.
//!
//! ```
//! use marque_sdk::{Act, Action, Event, Outcome, React, Result, Value, json, record, timer};
//!
//! struct Greeter;
//!
//! impl React for Greeter {
//!     fn handle(event: &Event) -> Result<Outcome> {
//!         let Some(customer) = event.record() else { return Ok(Outcome::Skip) };
//!         record::create("greeter.card").field("customer", &customer.id).field("text", "欢迎").stage()?;
//!         Ok(Outcome::Done)
//!     }
//! }
//!
//! impl Act for Greeter {
//!     fn run(action: &Action) -> Result<Value> {
//!         record::mov("greeter.card", action.target()?, "send").stage()?;
//!         Ok(json!({ "sent": true }))
//!     }
//! }
//!
//! marque_sdk::plugin!(Greeter: react, act);
//!
//! // Natively, a stand-in for the server gives and checks:
//! use marque_sdk::testing::Given;
//! Given::new()
//!     .when_event::<Greeter>(json!({
//!         "kind": "customer.created",
//!         "subject": "c1",
//!         "data": { "record": { "kind": "customer", "id": "c1", "rev": 1 } },
//!     }))
//!     .then_commands(json!([{
//!         "name": "record.create",
//!         "body": { "kind": "greeter.card", "data": { "customer": "c1", "text": "欢迎" } },
//!     }]));
//! ```

// So that one absolute path is right both here and in a plugin.
extern crate self as marque_sdk;

mod action;
mod command;
mod date;
mod decision;
mod host;
mod parts;

#[doc(hidden)]
pub mod bind;
pub mod event;
pub mod fault;
pub mod filter;
pub mod info;
pub mod log;
pub mod message;
pub mod moment;
pub mod money;
pub mod page;
pub mod rank;
pub mod record;
#[doc(hidden)]
pub mod shell;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
pub mod texts;
pub mod timer;
pub mod view;

pub use action::Action;
pub use command::{Command, new_id, stage};
pub use date::Date;
pub use decision::{Decision, decide};
pub use event::{Event, RecordRef};
pub use fault::Fault;
pub use filter::Filter;
pub use parts::{Act, Outcome, React, Upkeep, Verdict};
pub use record::Record;
pub use serde_json::{Map, Value, json};

/// Opaque text, at most 64 characters.
pub type Id = String;

/// What nearly everything answers.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// The fields of a record by name.
pub type Data = Map<String, Value>;

#[doc(hidden)]
pub use wit_bindgen::rt as __rt;

/// Exports a type's parts: `plugin!(Complaints: react, act);`, once in a plugin, in `lib.rs`.
///
/// The parts are `react` ([`React`]), `act` ([`Act`]) and `upkeep` ([`Upkeep`]); leave out what the plugin does not do.
#[macro_export]
macro_rules! plugin {
    ($plugin:ident : $($part:ident),+ $(,)?) => { $( $crate::__part!($part $plugin); )+ };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __part {
    (react $plugin:ident) => {
        #[allow(unsafe_code)] // Written by the bindings generator.
        const _: () = {
            struct Shell;
            impl $crate::bind::reacts::exports::marque::plugin::react::Guest for Shell {
                fn handle(
                    batch: ::std::vec::Vec<$crate::bind::RawEvent>,
                ) -> ::std::result::Result<::std::vec::Vec<$crate::bind::RawVerdict>, $crate::bind::RawFault> {
                    $crate::shell::react::<$plugin>(batch)
                }
            }
    $crate::bind::reacts::export_reacts!(Shell with_types_in $crate::bind::reacts);
        };
    };
    (act $plugin:ident) => {
        #[allow(unsafe_code)] // Written by the bindings generator.
        const _: () = {
            struct Shell;
            impl $crate::bind::acts::exports::marque::plugin::act::Guest for Shell {
                fn run(
                    action: ::std::string::String,
                    target: ::std::option::Option<::std::string::String>,
                    input: ::std::string::String,
                ) -> ::std::result::Result<::std::string::String, $crate::bind::RawFault> {
                    $crate::shell::act::<$plugin>(action, target, &input)
                }
            }
    $crate::bind::acts::export_acts!(Shell with_types_in $crate::bind::acts);
        };
    };
    (upkeep $plugin:ident) => {
        #[allow(unsafe_code)] // Written by the bindings generator.
        const _: () = {
            struct Shell;
            impl $crate::bind::upkeeps::exports::marque::plugin::upkeep::Guest for Shell {
                fn migrate(
                    old: ::std::string::String,
                    new: ::std::string::String,
                ) -> ::std::result::Result<(), $crate::bind::RawFault> {
                    $crate::shell::upkeep::<$plugin>(&old, &new)
                }
            }
    $crate::bind::upkeeps::export_upkeeps!(Shell with_types_in $crate::bind::upkeeps);
        };
    };
}
