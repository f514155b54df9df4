//! (under construction) http
