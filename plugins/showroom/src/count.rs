//! The figures of a day: pure counting.

use std::collections::BTreeMap;

use marque_sdk::Id;
use serde::Deserialize;

/// What of a visit is counted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Counted {
    /// Whether they looked at a new car.
    pub is_sales: bool,
    /// `first` or `again`.
    pub visit_no: String,
    /// How many came.
    pub group_size: i64,
    /// Whether they left a number.
    pub contact_left: bool,
    /// Whether they drove.
    pub test_drive: bool,
    /// Whether they were quoted.
    pub quoted: bool,
    /// `morning` or `evening`.
    pub half: String,
    /// Where it stands.
    pub state: String,
    /// Who received them.
    pub received_by: Option<Id>,
}

/// The figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// All groups.
    pub groups: i64,
    /// All people.
    pub people: i64,
    /// Groups that looked at a new car.
    pub sales: i64,
    /// Of them for the first time.
    pub first: i64,
    /// And again.
    pub again: i64,
    /// Of the first who left a number.
    pub filed: i64,
    /// Who drove.
    pub test_drives: i64,
    /// Who was quoted.
    pub quotes: i64,
    /// Before noon.
    pub morning: i64,
    /// After it.
    pub evening: i64,
    /// Of sales traffic, not completed yet.
    pub incomplete: i64,
    /// First visits without a number, by consultant.
    pub unfiled_by: BTreeMap<Option<Id>, i64>,
}

impl Figures {
    /// Of these visits.
    pub fn of(visits: &[Counted]) -> Figures {
        let mut figures = Figures::default();
        for visit in visits {
            figures.groups += 1;
            figures.people += visit.group_size;
            *(if visit.half == "morning" { &mut figures.morning } else { &mut figures.evening }) += 1;
            if visit.is_sales {
                figures.add(visit);
            }
        }
        figures
    }

    fn add(&mut self, visit: &Counted) {
        self.sales += 1;
        self.test_drives += i64::from(visit.test_drive);
        self.quotes += i64::from(visit.quoted);
        self.incomplete += i64::from(visit.state != "completed");
        if visit.visit_no == "again" {
            self.again += 1;
            return;
        }
        self.first += 1;
        if visit.contact_left {
            self.filed += 1;
        } else {
            *self.unfiled_by.entry(visit.received_by.clone()).or_default() += 1;
        }
    }

    /// First visits without a number.
    pub fn unfiled(&self) -> i64 {
        self.first - self.filed
    }
}

/// A share in percent with one decimal, rounded half up; none of nothing.
pub fn percent(part: i64, whole: i64) -> Option<f64> {
    if whole <= 0 {
        return None;
    }
    let tenths = (part * 2_000 + whole).div_euclid(2 * whole);
    #[expect(clippy::cast_precision_loss, reason = "tenths of a percent of what a showroom can hold")]
    let percent = tenths as f64 / 10.0;
    Some(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visits(n: usize, visit: &Counted) -> Vec<Counted> {
        vec![visit.clone(); n]
    }

    #[test]
    fn twenty_first_visits_with_sixteen_phones_are_filed_to_eighty_percent() {
        let first = Counted { is_sales: true, visit_no: "first".into(), group_size: 2, ..Counted::default() };
        let filed = Counted { contact_left: true, ..first.clone() };
        let again = Counted { visit_no: "again".into(), contact_left: true, ..first.clone() };
        let service = Counted { group_size: 1, contact_left: true, visit_no: "first".into(), ..Counted::default() };
        let wang = Counted { received_by: Some("wang".into()), ..first.clone() };
        let li = Counted { received_by: Some("li".into()), ..first };
        let day =
            [visits(16, &filed), visits(3, &wang), visits(1, &li), visits(6, &again), visits(14, &service)].concat();
        let figures = Figures::of(&day);
        assert_eq!((figures.groups, figures.sales, figures.first, figures.again), (40, 26, 20, 6));
        assert_eq!((figures.filed, figures.unfiled()), (16, 4));
        assert_eq!(percent(figures.filed, figures.first), Some(80.0));
        assert_eq!(figures.unfiled_by[&Some("wang".into())], 3);
        assert_eq!(figures.people, 26 * 2 + 14);
    }

    #[test]
    fn shares_are_rounded_half_up_and_nothing_has_none() {
        assert_eq!(percent(1, 3), Some(33.3));
        assert_eq!(percent(2, 3), Some(66.7));
        assert_eq!(percent(1, 2_000), Some(0.1));
        assert_eq!(percent(0, 0), None);
    }
}
