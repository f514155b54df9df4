//! Flows through the whole server, each a thing people do, seen from outside.

mod approvals;
mod attachments;
mod audit;
mod bad_input;
mod bus;
pub mod complaint;
mod contact;
mod demo;
mod derived;
mod drafts;
mod exports;
mod history;
mod holds;
pub mod imports;
mod merge;
mod new_plugin;
mod own_fields;
mod parties;
mod previews;
mod privacy;
mod restart;
mod rights;
mod round_trip;
mod script;
mod store;
mod undo;
mod vehicles;
