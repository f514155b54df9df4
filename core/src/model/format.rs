//! (under construction) format
