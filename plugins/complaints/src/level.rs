//! Levels: four in order of rank, raised by anyone, lowered by headquarters alone.

use serde::{Deserialize, Serialize};

use marque_sdk::Result;

use crate::{desk::refuse, people::Person};

/// How grave a complaint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Solvable with the dealer's normal process.
    General,
    /// Repeated, or with threats: needs the region or headquarters.
    Escalated,
    /// Fire, injury, failed brakes, media, regulators.
    Important,
    /// Important, with danger or publicity now.
    ImportantUrgent,
}

/// Who may lower a level.
pub const MAY_LOWER: [&str; 2] = ["hq_crm", "hq_admin"];

impl Level {
    /// All, in order.
    pub const ALL: [Level; 4] = [Level::General, Level::Escalated, Level::Important, Level::ImportantUrgent];

    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Level::General => "general",
            Level::Escalated => "escalated",
            Level::Important => "important",
            Level::ImportantUrgent => "important_urgent",
        }
    }

    /// From what is stored.
    pub fn parse(code: &str) -> Result<Level> {
        match Level::ALL.into_iter().find(|level| level.code() == code) {
            Some(level) => Ok(level),
            None => refuse(
                "level_unknown",
                format!("level {code:?}: use general, escalated, important or important_urgent"),
            ),
        }
    }

    /// One higher, where there is one.
    pub fn raised(self) -> Level {
        Level::ALL.into_iter().find(|level| *level > self).unwrap_or(self)
    }

    /// Whether a person may change the level so.
    pub fn may_become(self, level: Level, person: Option<&Person>) -> Result<()> {
        if level == self {
            return refuse("level_same", format!("the level is {} already", self.code()));
        }
        let is_hq = person.is_some_and(|person| person.may_as(&MAY_LOWER));
        if level < self && !is_hq {
            return refuse(
                "level_lowered",
                format!("only headquarters may lower the level from {} to {}", self.code(), level.code()),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(role: &str) -> Person {
        Person { roles: vec![role.into()], ..Person::default() }
    }

    #[test]
    fn anybody_may_raise_a_level() {
        assert!(Level::General.may_become(Level::Important, Some(&person("reception"))).is_ok());
    }

    #[test]
    fn only_headquarters_may_lower_it() {
        let gm = Level::Important.may_become(Level::General, Some(&person("gm")));
        assert_eq!(gm.unwrap_err().code, "level_lowered");
        assert!(Level::Important.may_become(Level::General, Some(&person("hq_crm"))).is_ok());
        assert!(Level::Important.may_become(Level::General, None).is_err());
    }

    #[test]
    fn the_highest_level_cannot_be_raised() {
        assert_eq!(Level::General.raised(), Level::Escalated);
        assert_eq!(Level::ImportantUrgent.raised(), Level::ImportantUrgent);
    }

    #[test]
    fn codes_come_back() {
        for level in Level::ALL {
            assert_eq!(Level::parse(level.code()), Ok(level));
        }
        assert_eq!(Level::parse("urgent").unwrap_err().code, "level_unknown");
    }
}
