//! ADF 1.0, the XML in which portals hand over enquiries: read liberally, written strictly.

mod read;
mod tree;
mod window;
mod write;

pub use read::read;
pub use write::write;
