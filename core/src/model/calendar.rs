//! (under construction) calendar
