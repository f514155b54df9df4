//! (under construction) scripts
