//! Worklist.
