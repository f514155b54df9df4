//! (under construction) demo
