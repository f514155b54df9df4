//! Flows through the whole server, each a thing people do, seen from outside.

mod bad_input;
mod bus;
pub mod complaint;
mod demo;
mod exports;
mod history;
mod imports;
mod new_plugin;
mod own_fields;
mod restart;
mod script;
mod store;
