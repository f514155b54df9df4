//! One binary for all integration tests: guests in the real host, flows through the built server.

mod flow;
mod limits;
mod support;
