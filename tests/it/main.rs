//! One binary for all integration tests: flows through the built server, seen from outside.

mod support;
