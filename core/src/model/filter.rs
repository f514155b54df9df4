//! (under construction) filter
