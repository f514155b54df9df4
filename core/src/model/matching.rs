//! (under construction) matching
