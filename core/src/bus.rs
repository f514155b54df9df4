//! (under construction) bus
