//! Jobs whose events are set aside instead of being delivered, and which events those are.
