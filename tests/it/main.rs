//! One binary for all integration tests: guests in the real host, flows and faults through the built server.

mod documents;
mod faults;
mod flow;
mod limits;
mod routes;
mod support;
