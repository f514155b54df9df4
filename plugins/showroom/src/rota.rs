//! Whose turn it is: consultants receive in order; who is busy is passed over and keeps the turn.

use std::collections::BTreeSet;

use marque_sdk::{Date, Filter, Id, Record, Result, Value, json, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, said},
    people::{self, Person},
    texts, visit,
};

/// The kind's name.
pub const KIND: &str = "showroom.turn";
/// More than any dealer has.
const MANY: usize = 1_000;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Turn {
    person: Id,
    turn_at: Option<String>,
    n_today: i64,
    day: Option<String>,
    away: bool,
}

/// Who receives, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// The consultant.
    pub id: Id,
    /// In words.
    pub note: Option<String>,
}

/// Somebody who could receive, as the rule sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    id: Id,
    name: String,
    turn_at: Option<String>,
    is_busy: bool,
}

/// The next in turn who is free, and who was passed over. Whoever waits longest comes first; who was never asked waits longest of all.
fn next(candidates: &mut [Candidate]) -> Option<(Candidate, Vec<Candidate>)> {
    candidates.sort_by(|one, other| (&one.turn_at, &one.id).cmp(&(&other.turn_at, &other.id)));
    let at = candidates.iter().position(|one| !one.is_busy)?;
    Some((candidates[at].clone(), candidates[..at].to_vec()))
}

/// Takes the turn of whoever is next, in the same commit. Where all are busy, it is the first of them as soon as they are free; where
/// nobody is on duty, a manager.
pub fn take(desk: &Desk, org: &str) -> Result<Receiver> {
    let staff = people::staff(org)?;
    let turns: Vec<Record<Turn>> = view::find(KIND).filter(Filter::eq("org", org)).up_to(MANY)?;
    let busy = busy(org)?;
    let turn = |person: &Person| turns.iter().find(|turn| turn.data.person == person.id);
    let mut candidates: Vec<Candidate> = staff
        .iter()
        .filter(|person| person.is_on_duty && person.has_role(&desk.settings.staff_roles))
        .filter(|person| !turn(person).is_some_and(|turn| turn.data.away))
        .map(|person| Candidate {
            id: person.id.clone(),
            name: person.name.clone(),
            turn_at: turn(person).and_then(|turn| turn.data.turn_at.clone()),
            is_busy: busy.contains(&person.id),
        })
        .collect();
    let (chosen, passed) = match next(&mut candidates) {
        Some(found) => found,
        None => match candidates.into_iter().next() {
            Some(first) => (first, Vec::new()),
            None => return manager(desk, &staff),
        },
    };
    let today = Date::today(&desk.call)?.to_string();
    let held = turns.iter().find(|turn| turn.data.person == chosen.id);
    let before = held.filter(|turn| turn.data.day.as_deref() == Some(&today)).map_or(0, |turn| turn.data.n_today);
    let data = json!({ "turn_at": desk.now(), "n_today": before + 1, "day": today, "name": chosen.name });
    match held {
        Some(turn) => record::change(KIND, &turn.id).if_rev(turn.rev).fields(data).stage()?,
        // Two desks that put somebody on the rota at once meet at the key.
        None => {
            let first = record::create(KIND).org(org).field("person", &chosen.id).field("key", &chosen.id);
            first.fields(data).stage()?;
        }
    }
    let names: Vec<&str> = passed.iter().map(|one| one.name.as_str()).collect();
    let note = match names.is_empty() {
        true => texts::text(&desk.call.locale, "word.turn"),
        false => texts::text(&desk.call.locale, "word.skipped").replace("{names}", &names.join("、")),
    };
    Ok(Receiver { id: chosen.id, note: Some(note) })
}

fn manager(desk: &Desk, staff: &[Person]) -> Result<Receiver> {
    let manager = people::first_with(staff, &desk.settings.manager_roles);
    match manager.map(|person| person.id.as_str()).or(desk.me()) {
        Some(id) => Ok(Receiver { id: id.to_owned(), note: None }),
        None => refuse("nobody_free", "nobody is on duty: say who receives"),
    }
}

/// Who receives somebody just now.
fn busy(org: &str) -> Result<BTreeSet<Id>> {
    #[derive(Deserialize)]
    struct Here {
        received_by: Option<Id>,
    }
    let here = Filter::eq("org", org).and(Filter::eq("state", "present")).and(Filter::eq("is_sales", true));
    let found = view::find::<Here>(visit::KIND).filter(here).up_to(MANY)?;
    Ok(found.into_iter().filter_map(|visit| visit.data.received_by).collect())
}

/// Steps out of the rota for a while, or comes back. One's own turn, unless one decides for others.
pub fn step(desk: &Desk, id: &str, away: bool) -> Result<Value> {
    let turn: Record<Turn> = view::require(KIND, id)?;
    let decides = ["sales_mgr", "gm", "crm_mgr", "reception", "admin"].iter().any(|role| desk.call.has_role(role));
    if !decides && desk.me() != Some(&turn.data.person) {
        return refuse("denied_turn", "one's own turn alone: ask a manager or the host");
    }
    record::change(KIND, id).if_rev(turn.rev).fields(said(json!({ "away": away }))).stage()?;
    Ok(json!({ "id": id }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(id: &str, turn_at: Option<&str>, is_busy: bool) -> Candidate {
        Candidate { id: id.into(), name: id.into(), turn_at: turn_at.map(str::to_owned), is_busy }
    }

    fn chosen(mut candidates: Vec<Candidate>) -> (String, usize) {
        let (chosen, passed) = next(&mut candidates).unwrap();
        (chosen.id, passed.len())
    }

    #[test]
    fn who_waits_longest_is_next_and_who_was_never_asked_waits_longest() {
        assert_eq!(chosen(vec![one("wang", Some("10:00"), false), one("li", Some("09:00"), false)]), ("li".into(), 0));
        assert_eq!(chosen(vec![one("wang", Some("08:00"), false), one("li", None, false)]), ("li".into(), 0));
    }

    #[test]
    fn who_is_busy_is_passed_over_and_is_next_as_soon_as_free() {
        let wang = one("wang", Some("09:00"), true);
        assert_eq!(chosen(vec![wang.clone(), one("li", Some("10:00"), false)]), ("li".into(), 1));
        let free = Candidate { is_busy: false, ..wang };
        assert_eq!(chosen(vec![free, one("li", Some("10:30"), false)]), ("wang".into(), 0));
    }

    #[test]
    fn nobody_is_next_where_all_are_busy() {
        assert!(next(&mut [one("wang", None, true)]).is_none());
    }
}
