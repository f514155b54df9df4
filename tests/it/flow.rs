//! Flows through the whole server, each a thing people do, seen from outside.

mod bad_input;
mod bus;
pub mod complaint;
mod demo;
mod imports;
mod new_plugin;
mod parties;
mod restart;
mod script;
mod store;
mod vehicles;
