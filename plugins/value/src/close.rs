//! A run's last step: each grade beside the one before, told where it moved, and the run is frozen.

use std::collections::BTreeMap;

use marque_sdk::{Filter, Id, Record, Result, Value, json, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, raise, said},
    profile::{self, Profile},
    rank,
    run::{self, ASSESSMENT, KIND, Place, Run},
};

/// Grades of a piece.
const PIECE: u32 = 120;

/// What of a grade counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Grade {
    #[serde(default)]
    pub customer: Option<Id>,
    #[serde(default)]
    pub dealer: Option<Id>,
    #[serde(default)]
    pub quarter: String,
    #[serde(default)]
    pub peer_group: Option<String>,
    #[serde(default)]
    pub grade: Option<String>,
    #[serde(default)]
    pub corrected: Option<String>,
    #[serde(default)]
    pub official: bool,
    #[serde(default)]
    pub reasons: Option<String>,
    #[serde(default)]
    pub closed_at: Option<String>,
    #[serde(default)]
    pub appeal_until: Option<String>,
}

impl Grade {
    /// What counts: after an appeal, what was decided then.
    pub fn valid(&self) -> Option<&str> {
        self.corrected.as_deref().or(self.grade.as_deref())
    }

    fn whom(&self) -> &str {
        self.customer.as_ref().or(self.dealer.as_ref()).map_or("", String::as_str)
    }
}

#[derive(Deserialize)]
struct Groups {
    #[serde(default)]
    groups: Value,
}

/// Closes a piece; when there is none left, freezes the run.
pub fn piece(desk: &Desk, run: &Record<Run>, place: Place) -> Result<()> {
    let open = Filter::eq("run", run.id.as_str()).and(Filter::empty("closed_at"));
    let grades = view::find::<Grade>(ASSESSMENT).filter(open).limit(PIECE).page()?.items;
    if grades.is_empty() {
        return freeze(desk, run, &place);
    }
    let groups = view::require::<Groups>(KIND, &run.id)?.data.groups;
    let small = rank::small(&groups);
    let whom: Vec<Id> = grades.iter().map(|grade| grade.data.whom().to_owned()).collect();
    let compared = match &run.data.again_of {
        Some(first) => of_run(first, &whom)?,
        None => match run::before(run)? {
            Some(before) => of_run(&before.id, &whom)?,
            None => BTreeMap::new(),
        },
    };
    let is_official = run.data.official;
    let profiles =
        if is_official && run.data.population == "customers" { profile::of(&whom)? } else { BTreeMap::new() };
    let mut place = place;
    for grade in &grades {
        let before = compared.get(grade.data.whom());
        let is_small = grade.data.peer_group.as_ref().is_some_and(|group| small.contains(group));
        if run.data.again_of.is_some() {
            // Done again it is the machine's word that is compared, not what an appeal made of it.
            let is_same = before.map(|before| &before.grade) == Some(&grade.data.grade);
            if is_same { place.n_same += 1 } else { place.n_different += 1 }
        }
        let previous = before.and_then(Grade::valid);
        let closing = Closing { desk, run, grade, previous, is_small };
        closing.write()?;
        if is_official {
            closing.tell(profiles.get(grade.data.whom()))?;
        }
    }
    run::next(desk, &place)
}

/// The grades of some in another run.
fn of_run(run: &str, whom: &[Id]) -> Result<BTreeMap<Id, Grade>> {
    let slots = whom.iter().map(|whom| format!("{run}:{whom}"));
    let found = view::find::<Grade>(ASSESSMENT).filter(Filter::is_in("slot", slots)).up_to(whom.len())?;
    Ok(found.into_iter().map(|grade| (grade.data.whom().to_owned(), grade.data)).collect())
}

/// One grade being closed.
struct Closing<'a> {
    desk: &'a Desk,
    run: &'a Record<Run>,
    grade: &'a Record<Grade>,
    previous: Option<&'a str>,
    is_small: bool,
}

impl Closing<'_> {
    fn movement(&self) -> &'static str {
        movement(self.previous, self.grade.data.grade.as_deref())
    }

    fn write(&self) -> Result<()> {
        let data = said(json!({
            "previous_grade": self.previous, "movement": self.movement(), "small_group": self.is_small, "closed_at": self.desk.now(),
            "appeal_until": self.run.data.appeal_until, "valid_until": self.run.data.quarter.next().last(),
        }));
        record::change(ASSESSMENT, &self.grade.id).if_rev(self.grade.rev).fields(data).stage()
    }

    /// The maker's grade stands in the customer's file, and whoever moved is told of.
    fn tell(&self, profile: Option<&Record<Profile>>) -> Result<()> {
        let Some(now) = &self.grade.data.grade else { return Ok(()) };
        if let Some(profile) = profile {
            record::change(profile::KIND, &profile.id)
                .field("grade", now)
                .field("grade_quarter", self.run.data.quarter)
                .field("grade_until", self.run.data.quarter.next().last())
                .field("movement", self.movement())
                .field("grade_reasons", self.grade.data.reasons.as_deref().unwrap_or_default())
                .stage()?;
        }
        if !matches!(self.movement(), "up" | "down") {
            return Ok(());
        }
        let told =
            json!({ "from": self.previous, "to": now, "quarter": self.run.data.quarter, "movement": self.movement() });
        let about = (ASSESSMENT, self.grade.id.as_str(), self.grade.rev + 1);
        raise("value.grade.changed", self.grade.data.customer.as_deref(), about, told)
    }
}

/// From one grade to the next. Letters sort from the best.
pub fn movement(before: Option<&str>, now: Option<&str>) -> &'static str {
    match (before, now) {
        (Some(before), Some(now)) if now < before => "up",
        (Some(before), Some(now)) if now > before => "down",
        (Some(_), Some(_)) => "same",
        _ => "new",
    }
}

#[derive(Deserialize)]
struct Moved {
    movement: Option<String>,
    n: i64,
}

fn freeze(desk: &Desk, run: &Record<Run>, place: &Place) -> Result<()> {
    let rows: Vec<Moved> = view::aggregate(ASSESSMENT)
        .filter(Filter::eq("run", run.id.as_str()))
        .group(&["movement"])
        .count("n")
        .rows()?;
    let moves: BTreeMap<String, i64> = rows.into_iter().filter_map(|row| Some((row.movement?, row.n))).collect();
    let mut data = said(json!({ "frozen_at": desk.now(), "moves": moves }));
    if run.data.again_of.is_some() {
        data.extend(said(json!({ "n_same": place.n_same, "n_different": place.n_different })));
    }
    record::mov(KIND, &run.id, "freeze").if_rev(run.rev).fields(data).stage()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_is_above_b() {
        assert_eq!(movement(Some("B"), Some("A")), "up");
        assert_eq!(movement(Some("A"), Some("C")), "down");
        assert_eq!(movement(Some("D"), Some("D")), "same");
        assert_eq!(movement(None, Some("A")), "new");
    }
}
