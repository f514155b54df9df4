//! (under construction) config
