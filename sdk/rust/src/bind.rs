//! The contract's own types, generated from `sdk/wit/v1`; plugins see the friendly ones instead.
#![allow(unsafe_code, missing_docs, clippy::all)] // All of it is written by the bindings generator.

/// The imports. The exports are written where [`plugin!`](crate::plugin) stands, and the linker unites them.
pub mod services {
    wit_bindgen::generate!({
        path: "../wit/v1",
        world: "services",
        generate_unused_types: true,
        runtime_path: "::marque_sdk::__rt",
    });
}

macro_rules! export_world {
    ($module:ident, $world:literal, $macro_name:literal, $path:literal) => {
        /// One export, with the types of [`services`].
        pub mod $module {
            wit_bindgen::generate!({
                path: "../wit/v1",
                world: $world,
                with: {
                    "marque:plugin/types@1.0.0": crate::bind::services::marque::plugin::types,
                    "marque:plugin/view@1.0.0": crate::bind::services::marque::plugin::view,
                    "marque:plugin/ask@1.0.0": crate::bind::services::marque::plugin::ask,
                    "marque:plugin/info@1.0.0": crate::bind::services::marque::plugin::info,
                },
                pub_export_macro: true,
                export_macro_name: $macro_name,
                default_bindings_module: $path,
                runtime_path: "::marque_sdk::__rt",
            });
        }
    };
}

export_world!(reacts, "reacts", "export_reacts", "::marque_sdk::bind::reacts");
export_world!(acts, "acts", "export_acts", "::marque_sdk::bind::acts");
export_world!(upkeeps, "upkeeps", "export_upkeeps", "::marque_sdk::bind::upkeeps");

pub use reacts::exports::marque::plugin::react::{Outcome as RawOutcome, Verdict as RawVerdict};
pub use services::marque::plugin::types::{Command as RawCommand, Event as RawEvent, Fault as RawFault};
