//! The bus: events to subscribers, in order per subject, effects and cursor in one commit.

pub mod subscriber;

pub use subscriber::{Answer, Ask, Delivery, Level, LogLine, Outcome, Responder, Staged, Subscriber, Verdict};
