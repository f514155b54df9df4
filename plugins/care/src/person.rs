//! Days that belong to a person and not to a vehicle: a birthday, a driving licence that runs out.

use marque_sdk::{Data, Date, Event, Filter, Outcome, Record, Result, json, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    reminder::{self, Reminder, Wanted},
    texts,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Person {
    r#type: String,
    birth_date: Option<Date>,
    licence_expiry: Option<Date>,
    erased_at: Option<String>,
}

/// What somebody who never bought here is not reminded of.
const OWNERS: [&str; 2] = ["owner", "user"];

/// A customer's file has changed.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record().filter(|about| about.kind == "customer") else { return Ok(Outcome::Skip) };
    if !["type", "birth_date", "licence_expiry"].iter().any(|field| event.changed(field)) {
        return Ok(Outcome::Skip);
    }
    let Some(person) = view::get::<Person>("customer", &about.id)? else { return Ok(Outcome::Skip) };
    if person.data.erased_at.is_some() || !OWNERS.contains(&person.data.r#type.as_str()) {
        return Ok(Outcome::Skip);
    }
    let known = reminder::open(Filter::eq("customer", about.id.as_str()).and(Filter::empty("vehicle")))?;
    let days = [
        ("birthday", person.data.birth_date.map(|born| next_birthday_after(born, desk.today.plus_days(-1)))),
        ("licence", person.data.licence_expiry.filter(|day| *day >= desk.today)),
    ];
    for (kind, day) in days {
        match day {
            Some(due_on) => ensure(desk, &person.org, &about.id, &known, kind, due_on)?,
            None => {
                for one in known.iter().filter(|one| one.data.kind == kind && one.data.about.is_none()) {
                    reminder::end(desk, one, "cancel", "end.no_day", json!({}))?;
                }
            }
        }
    }
    Ok(Outcome::Done)
}

fn ensure(desk: &Desk, org: &str, customer: &str, known: &[Record<Reminder>], kind: &str, due_on: Date) -> Result<()> {
    reminder::ensure(
        desk,
        known,
        &Wanted {
            kind,
            org,
            customer,
            vehicle: None,
            about: None,
            due_on,
            reasons: texts::text(&desk.call.locale, &format!("reason.{kind}")),
            more: Data::new(),
            receipt: None,
        },
    )
}

/// The birthday after this one, if the day of birth is still known.
pub fn next_birthday(desk: &Desk, reminder: &Record<Reminder>) -> Result<()> {
    let customer = reminder.data.customer.as_str();
    let Some(person) = view::get::<Person>("customer", customer)? else { return Ok(()) };
    let Some(born) = person.data.birth_date else { return Ok(()) };
    ensure(desk, &reminder.org, customer, &[], "birthday", next_birthday_after(born, desk.today))
}

/// Who was born on the last of February has a birthday every year.
fn next_birthday_after(born: Date, after: Date) -> Date {
    let years = (after.year() - born.year()).max(0);
    let this_year = born.plus_months(years * 12);
    if this_year > after { this_year } else { born.plus_months((years + 1) * 12) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_comes_every_year() {
        let next =
            |born: &str, after: &str| next_birthday_after(born.parse().unwrap(), after.parse().unwrap()).to_string();
        assert_eq!(next("1988-03-15", "2026-03-13"), "2026-03-15");
        assert_eq!(next("1988-03-15", "2026-03-15"), "2027-03-15");
        assert_eq!(next("1988-02-29", "2026-01-01"), "2026-02-28");
        assert_eq!(next("1988-02-29", "2028-01-01"), "2028-02-29");
    }
}
