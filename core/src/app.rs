//! (under construction) app
