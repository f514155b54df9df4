//! (under construction) host
