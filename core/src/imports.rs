//! Imports: a file of any usual make becomes rows, rows become records, and every row ends in exactly one place.

pub mod read;
