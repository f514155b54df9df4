//! All SQL: the committer, the read pool, the View. SQLite behind it today.

pub mod view;

pub use view::View;
