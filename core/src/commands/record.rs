//! Records: attach to, create, change, move between states, rank, remove, touch, take back, bring back, show what is masked, look up, ask after.

mod attach;
mod change;
mod create;
mod look_up;
mod r#move;
pub(super) mod note;
mod notify;
mod private;
pub mod rank;
mod remove;
mod restore;
mod reveal;
mod touch;
mod undo;
pub(super) mod write;

pub use attach::{Attach, Detach};
pub use change::Change;
pub use create::{Create, Created, Outcome};
pub use look_up::LookUp;
pub use r#move::Move;
pub use notify::Notify;
pub use rank::Rank;
pub use remove::Remove;
pub use restore::Restore;
pub use reveal::Reveal;
pub use touch::Touch;
pub use undo::{Undo, Undone};
pub(super) use write::event;
