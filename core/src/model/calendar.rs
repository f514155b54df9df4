//! Calendars and due times (under construction on another branch).

use crate::model::Time;

/// Opening hours, holidays and time zone of an organisation.
#[derive(Clone, Debug, Default)]
pub struct Calendar {}

/// A length of time, counted in a calendar.
#[derive(Clone, Debug)]
pub struct Span {}

impl std::str::FromStr for Span {
    type Err = crate::Error;

    fn from_str(_text: &str) -> crate::Result<Span> {
        Ok(Span {})
    }
}

impl Calendar {
    /// The moment `span` after `start`.
    ///
    /// # Errors
    /// When the calendar is never open.
    pub fn due(&self, start: Time, _span: &Span) -> crate::Result<Time> {
        Ok(start)
    }
}
