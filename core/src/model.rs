//! Plain data and pure rules on it: ids, time, kinds, records, events, commands, grants. No I/O, no clock.

pub mod actor;
pub mod calendar;
pub mod command;
pub mod custom;
pub mod digest;
pub mod duty;
pub mod event;
pub mod export;
pub mod fault;
pub mod filter;
pub mod format;
pub mod id;
pub mod job;
pub mod kind;
pub mod matching;
pub mod merge;
pub mod org;
pub mod query;
pub mod receipt;
pub mod record;
pub mod survivorship;
pub mod text;
pub mod time;
pub mod validate;

pub use actor::{Actor, Scope};
pub use command::Command;
pub use event::{Event, EventDraft, RecordRef};
pub use fault::{Blame, Fault};
pub use id::Id;
pub use kind::{Field, FieldType, Kind};
pub use query::{Aggregate, Page, Query};
pub use receipt::Receipt;
pub use record::{Data, Record};
pub use text::Text;
pub use time::Time;
