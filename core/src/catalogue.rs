//! (under construction) catalogue
