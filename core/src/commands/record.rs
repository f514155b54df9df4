//! Records: attach to, create, change, move between states, remove, touch, take back, bring back.

mod attach;
mod change;
mod create;
mod r#move;
pub(super) mod note;
mod private;
mod remove;
mod restore;
mod touch;
mod undo;
pub(super) mod write;

pub use attach::{Attach, Detach};
pub use change::Change;
pub use create::{Create, Created, Outcome};
pub use r#move::Move;
pub use remove::Remove;
pub use restore::Restore;
pub use touch::Touch;
pub use undo::{Undo, Undone};
pub(super) use write::event;
