//! (under construction) store
