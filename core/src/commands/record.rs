//! Records: create, change, move between states, remove, touch.

mod change;
mod create;
mod r#move;
mod remove;
mod touch;
pub(super) mod write;

pub use change::Change;
pub use create::{Create, Created, Outcome};
pub use r#move::Move;
pub use remove::Remove;
pub use touch::Touch;
