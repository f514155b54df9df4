//! Flows through the whole server, each a thing people do, seen from outside.

mod bad_input;
pub mod complaint;
mod imports;
mod new_plugin;
mod script;
