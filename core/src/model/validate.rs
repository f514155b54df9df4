//! (under construction) validate
