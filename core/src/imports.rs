//! (under construction) imports
