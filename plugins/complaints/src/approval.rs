//! Who may approve a remedy, by its cost.

use crate::{people::Person, settings::Settings};

/// How much somebody may approve, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Authority {
    /// Whoever handles the complaint.
    Advisor,
    /// A department's manager.
    Manager,
    /// The general manager.
    Gm,
    /// Headquarters.
    Hq,
}

impl Authority {
    /// All, least first.
    pub const ALL: [Authority; 4] = [Authority::Advisor, Authority::Manager, Authority::Gm, Authority::Hq];

    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Authority::Advisor => "advisor",
            Authority::Manager => "manager",
            Authority::Gm => "gm",
            Authority::Hq => "hq",
        }
    }

    /// From what is stored; what is not known needs the highest.
    pub fn parse(code: &str) -> Authority {
        match code {
            "advisor" => Authority::Advisor,
            "manager" => Authority::Manager,
            "gm" => Authority::Gm,
            _ => Authority::Hq,
        }
    }

    /// What a person has.
    pub fn of(person: Option<&Person>) -> Authority {
        let has = |roles: &[&str]| person.is_some_and(|person| person.may_as(roles));
        if has(Authority::Hq.roles()) {
            Authority::Hq
        } else if has(Authority::Gm.roles()) {
            Authority::Gm
        } else if has(Authority::Manager.roles()) {
            Authority::Manager
        } else {
            Authority::Advisor
        }
    }

    /// What a cost in fen needs.
    pub fn needed(cost: i64, settings: &Settings) -> Authority {
        if cost <= settings.approve_advisor {
            Authority::Advisor
        } else if cost <= settings.approve_manager {
            Authority::Manager
        } else if cost <= settings.approve_gm {
            Authority::Gm
        } else {
            Authority::Hq
        }
    }

    /// The roles that have it.
    pub fn roles(self) -> &'static [&'static str] {
        match self {
            Authority::Advisor => &["crm_officer"],
            Authority::Manager => &["crm_mgr", "service_mgr", "sales_mgr"],
            Authority::Gm => &["gm"],
            Authority::Hq => &["hq_crm", "hq_admin"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(yuan: i64) -> Authority {
        let settings = crate::settings::tests::settings();
        Authority::needed(yuan * 100, &settings)
    }

    #[test]
    fn cost_decides_who_approves() {
        assert_eq!([0, 500, 501, 3_000, 3_001, 20_000, 20_001].map(needed), {
            use Authority::{Advisor, Gm, Hq, Manager};
            [Advisor, Advisor, Manager, Manager, Gm, Gm, Hq]
        });
    }

    #[test]
    fn the_highest_role_counts() {
        let person =
            |roles: &[&str]| Person { roles: roles.iter().map(|role| (*role).into()).collect(), ..Person::default() };
        assert_eq!(Authority::of(Some(&person(&["advisor"]))), Authority::Advisor);
        assert_eq!(Authority::of(Some(&person(&["crm_officer", "service_mgr"]))), Authority::Manager);
        assert_eq!(Authority::of(Some(&person(&["crm_mgr", "gm"]))), Authority::Gm);
        assert_eq!(Authority::of(Some(&person(&["hq_crm"]))), Authority::Hq);
        assert_eq!(Authority::of(None), Authority::Advisor);
    }

    #[test]
    fn codes_come_back() {
        for authority in Authority::ALL {
            assert_eq!(Authority::parse(authority.code()), authority);
        }
    }
}
