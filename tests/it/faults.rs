//! What goes wrong: the process is killed, guests misbehave.

mod guests;
mod kill;
mod package;
