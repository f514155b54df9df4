//! Imports: a file of any usual make becomes rows, rows become records, and every row ends in exactly one place.

pub mod job;
pub mod mapping;
mod order;
pub mod plan;
pub mod read;
pub mod rows;
pub mod saved;

pub use job::{Delivery, Importer, Inspection, Mode, Request, inspect};
pub use mapping::Mapping;
pub use plan::{Known, Outcome, Planned, Planner, Rule};
pub use read::{Row, Table};
pub use rows::{Referred, RowReader};
