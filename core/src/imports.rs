//! Imports: a file of any usual make becomes rows, rows become records, and every row ends in exactly one place.

pub mod mapping;
pub mod read;
pub mod rows;

pub use mapping::Mapping;
pub use read::{Row, Table};
pub use rows::RowReader;
