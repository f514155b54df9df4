//! The contact policy: quiet hours, caps and the rest after a complaint. Whoever is below may only be stricter.

use serde::{Deserialize, Serialize};

use super::{Channel, Purpose, Window};
use crate::{Error, Result, error::FieldError};

/// What one organisation has settled; what it leaves open holds as it does above.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// When nobody is written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Window>,
    /// When nobody is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_calls: Option<Window>,
    /// Marketing contacts in seven days, whoever makes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_week: Option<u32>,
    /// The same in thirty days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_month: Option<u32>,
    /// Marketing calls in seven days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_week: Option<u32>,
    /// Days of rest after a complaint was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaint_days: Option<u32>,
}

/// What holds for an organisation, with everything above it taken together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// When nobody is written to: in any of these.
    pub quiet: Vec<Window>,
    /// When nobody is called.
    pub quiet_calls: Vec<Window>,
    /// Marketing contacts in seven days.
    pub per_week: u32,
    /// Marketing contacts in thirty days.
    pub per_month: u32,
    /// Marketing calls in seven days.
    pub calls_per_week: u32,
    /// Days of rest after a complaint.
    pub complaint_days: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            quiet: vec![Window::hours(20, 8)],
            quiet_calls: vec![Window::hours(21, 9)],
            per_week: 2,
            per_month: 4,
            calls_per_week: 1,
            complaint_days: 7,
        }
    }
}

impl Limits {
    /// From the maker's policy down to the nearest one. The maker may loosen what is built in; below it nothing becomes looser, whatever
    /// was settled there before the maker became stricter.
    pub fn of<'a>(from_the_top: impl IntoIterator<Item = (bool, &'a Policy)>) -> Limits {
        from_the_top.into_iter().fold(Limits::default(), |above, (is_top, policy)| above.with(is_top, policy))
    }

    fn with(mut self, is_top: bool, policy: &Policy) -> Limits {
        let windows = |mut all: Vec<Window>, own: Option<Window>| {
            let Some(own) = own else { return all };
            // What lies within the new one says nothing more; at the top the built-in one is replaced.
            all.retain(|known| !is_top && !own.covers(known));
            if !all.iter().any(|known| known.covers(&own)) {
                all.push(own);
            }
            all
        };
        let least = |above: u32, own: Option<u32>| match own {
            Some(own) if is_top => own,
            Some(own) => own.min(above),
            None => above,
        };
        self.quiet = windows(self.quiet, policy.quiet);
        self.quiet_calls = windows(self.quiet_calls, policy.quiet_calls);
        self.per_week = least(self.per_week, policy.per_week);
        self.per_month = least(self.per_month, policy.per_month);
        self.calls_per_week = least(self.calls_per_week, policy.calls_per_week);
        self.complaint_days = match policy.complaint_days {
            Some(own) if is_top => own,
            Some(own) => own.max(self.complaint_days),
            None => self.complaint_days,
        };
        self
    }

    /// Whether a policy below these is stricter in everything it says.
    ///
    /// # Errors
    /// `contact.looser`, naming each value that is not.
    pub fn allow(&self, policy: &Policy) -> Result<()> {
        let mut errors = Vec::new();
        let mut wrong = |name: &str, message: String| {
            errors.push(FieldError { pointer: format!("/{name}"), code: "contact.looser".into(), message });
        };
        for (name, above, own) in [
            ("per_week", self.per_week, policy.per_week),
            ("per_month", self.per_month, policy.per_month),
            ("calls_per_week", self.calls_per_week, policy.calls_per_week),
        ] {
            if let Some(own) = own.filter(|own| *own > above) {
                wrong(name, format!("{name} {own} is looser than {above}, which holds above: use {above} or less"));
            }
        }
        if let Some(own) = policy.complaint_days.filter(|own| *own < self.complaint_days) {
            let above = self.complaint_days;
            wrong(
                "complaint_days",
                format!("complaint_days {own} is looser than {above}, which holds above: use {above} or more"),
            );
        }
        for (name, above, own) in
            [("quiet", &self.quiet, policy.quiet), ("quiet_calls", &self.quiet_calls, policy.quiet_calls)]
        {
            if let Some(own) = own
                && above.iter().any(|above| !own.covers(above))
            {
                wrong(name, format!("{name} must cover the hours that hold above; make it longer or leave it out"));
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(Error { code: "contact.looser".into(), ..Error::fields(errors) }) }
    }

    /// The hours in which a contact may not be made. A letter and, for service, whatever makes no noise may come at any hour.
    pub fn quiet(&self, purpose: Purpose, channel: Channel) -> &[Window] {
        match (purpose, channel) {
            (_, Channel::Call) => &self.quiet_calls,
            (_, Channel::Letter) => &[],
            (Purpose::Serve, Channel::Email | Channel::Wechat | Channel::App) => &[],
            _ => &self.quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_on_the_way_up_holds() {
        let maker = Policy { per_week: Some(3), quiet: Some(Window::hours(21, 7)), ..Policy::default() };
        let dealer = Policy {
            per_week: Some(5),
            per_month: Some(1),
            quiet: Some(Window::hours(12, 14)),
            complaint_days: Some(14),
            ..Policy::default()
        };
        let limits = Limits::of([(true, &maker), (false, &dealer)]);
        assert_eq!((limits.per_week, limits.per_month, limits.calls_per_week, limits.complaint_days), (3, 1, 1, 14));
        assert_eq!(limits.quiet, [Window::hours(21, 7), Window::hours(12, 14)]);
        let night = Policy { quiet: Some(Window::hours(20, 9)), ..Policy::default() };
        assert_eq!(Limits::of([(true, &maker), (false, &night)]).quiet, [Window::hours(20, 9)]);
    }

    #[test]
    fn what_is_looser_than_above_is_named() {
        let limits = Limits::default();
        let looser = Policy {
            per_week: Some(3),
            complaint_days: Some(6),
            quiet: Some(Window::hours(22, 8)),
            quiet_calls: Some(Window::hours(20, 10)),
            ..Policy::default()
        };
        let error = limits.allow(&looser).expect_err("looser");
        let places: Vec<&str> = error.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!((error.code.as_str(), places), ("contact.looser", vec!["/per_week", "/complaint_days", "/quiet"]));
        assert!(limits.allow(&Policy { per_week: Some(1), complaint_days: Some(8), ..Policy::default() }).is_ok());
    }

    #[test]
    fn service_is_quiet_by_phone_alone() {
        let limits = Limits::default();
        assert_eq!(limits.quiet(Purpose::Serve, Channel::Email), []);
        assert_eq!(limits.quiet(Purpose::Serve, Channel::Sms), [Window::hours(20, 8)]);
        assert_eq!(limits.quiet(Purpose::Serve, Channel::Call), [Window::hours(21, 9)]);
        assert_eq!(limits.quiet(Purpose::Marketing, Channel::Email), [Window::hours(20, 8)]);
        assert_eq!(limits.quiet(Purpose::Marketing, Channel::Letter), []);
    }
}
