//! (under construction) commands
