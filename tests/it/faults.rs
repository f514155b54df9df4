//! What goes wrong: the process is killed, guests misbehave.

mod guests;
mod kill;
pub mod package;
mod secrets;
mod unchanged;
