//! Where a study's people come from: who of them may be asked, and what about.

use std::collections::{BTreeMap, BTreeSet};

use marque_sdk::{Data, Date, Fault, Filter, Id, Record, Result, Value, info::Call, json, view};
use serde::de::DeserializeOwned;

use crate::{answer, desk::Desk, study::Study};

/// Somebody who may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub customer: Id,
    /// Where the customer belongs.
    pub org: Id,
    /// What it is about: kind and id.
    pub about: (String, Id),
    /// The day of that.
    pub happened_on: Option<Date>,
    /// The car.
    pub model: Option<String>,
    /// Whose work is judged.
    pub staff: Option<Id>,
}

/// More people than this are drawn from in pieces: a call may read only so much.
pub const MOST: usize = 8_000;
/// Ids in one question to the store.
const CHUNK: usize = 400;

/// What was found, and how many were left out for which reason.
#[derive(Clone, Debug, Default)]
pub struct Population {
    /// Who may be asked, once each.
    pub candidates: Vec<Candidate>,
    /// Asked within the days of rest.
    pub n_surveyed: usize,
    /// Have said no to this channel.
    pub n_opted_out: usize,
}

/// Everything that reads like a page after page, at most `most` records; more are refused.
pub fn pages<T: DeserializeOwned>(kind: &str, filter: &Filter, most: usize) -> Result<Vec<Record<T>>> {
    let found = view::find::<T>(kind).filter(filter.clone()).up_to(most + 1)?;
    if found.len() > most {
        return Err(Fault::new(
            "population_too_large",
            format!("more than {most} {kind}: narrow the days or the filter, or plan a study for each dealer"),
        ));
    }
    Ok(found)
}

/// The people of a study who may be asked now.
pub fn population(desk: &Desk, study: &Study) -> Result<Population> {
    let mut candidates = candidates(desk, study)?;
    let channel = if study.mode == "phone" { "call" } else { desk.settings.channel.as_str() };
    let customers: Vec<Id> = candidates.iter().map(|candidate| candidate.customer.clone()).collect();
    let opted_out = opted_out(&customers, channel)?;
    let surveyed = surveyed(&customers, desk.settings.blackout_days)?;
    let (mut n_opted_out, mut n_surveyed) = (0, 0);
    candidates.retain(|candidate| {
        if opted_out.contains(&candidate.customer) {
            n_opted_out += 1;
            return false;
        }
        let is_rested = study.is_pilot || !surveyed.contains(&candidate.customer);
        n_surveyed += usize::from(!is_rested);
        is_rested
    });
    Ok(Population { candidates, n_surveyed, n_opted_out })
}

/// The names of the fields a source is read by.
struct Fields<'a> {
    kind: &'a str,
    customer: Option<&'a str>,
    date: Option<&'a str>,
    staff: Option<&'a str>,
    model: Option<&'a str>,
    state: Option<&'static str>,
}

/// Fields that hold moments are called so everywhere; others hold days.
fn is_moment(field: &str) -> bool {
    field.ends_with("_at")
}

/// What a field is compared with for a day: the day itself, or the moment it begins where the study is.
fn bound(field: &str, day: Date, call: &Call) -> Result<String> {
    if !is_moment(field) {
        return Ok(day.to_string());
    }
    let eve = day.plus_days(-1);
    for hour in 0..24 {
        let moment = format!("{eve}T{hour:02}:00:00.000Z");
        if Date::of(&moment, call)? == day {
            return Ok(moment);
        }
    }
    Ok(format!("{day}T00:00:00.000Z"))
}

fn day_of(field: &str, value: &str, call: &Call) -> Option<Date> {
    if is_moment(field) { Date::of(value, call).ok() } else { value.parse().ok() }
}

fn fields(study: &Study) -> Result<Fields<'_>> {
    let source = &study.source;
    Ok(match source.name.as_str() {
        "delivery" => Fields {
            kind: "vehicles.vehicle",
            customer: Some("customer"),
            date: Some("delivery_date"),
            staff: None,
            model: Some("model"),
            state: None,
        },
        "lost" => Fields {
            kind: "leads.lead",
            customer: Some("customer"),
            date: Some("defeated_at"),
            staff: Some("owner"),
            model: Some("model"),
            state: Some("defeated"),
        },
        "customers" => Fields {
            kind: "customer",
            customer: None,
            date: source.date_field.as_deref(),
            staff: Some("owner"),
            model: None,
            state: None,
        },
        "custom" => Fields {
            kind: source.source_kind.as_deref().ok_or_else(|| {
                Fault::at(
                    "source_kind_missing",
                    "/source_kind",
                    "say of which kind the records are that people are asked about",
                )
            })?,
            customer: source.customer_field.as_deref().or(Some("customer")),
            date: source.date_field.as_deref(),
            staff: source.staff_field.as_deref(),
            model: source.model_field.as_deref(),
            state: None,
        },
        other => return Err(Fault::at("source_unknown", "/source", format!("there is no source {other:?}"))),
    })
}

fn candidates(desk: &Desk, study: &Study) -> Result<Vec<Candidate>> {
    let names = fields(study)?;
    let source = &study.source;
    let mut filter =
        if source.filter.is_object() { Filter::from(source.filter.clone()) } else { Filter::from(json!({})) };
    if let Some(state) = names.state {
        filter = filter.and(Filter::eq("state", state));
    }
    if let Some(date) = names.date {
        if let Some(from) = source.from {
            filter = filter.and(Filter::gte(date, bound(date, from, &desk.call)?));
        }
        if let Some(to) = source.to {
            // All of the last day belongs to it.
            filter = filter.and(Filter::lt(date, bound(date, to.plus_days(1), &desk.call)?));
        }
    }
    let records: Vec<Record<Data>> = pages(names.kind, &filter, MOST)?;
    // Of several businesses of one customer the latest is asked about.
    let mut latest: BTreeMap<Id, Candidate> = BTreeMap::new();
    for record in records {
        let text = |field: Option<&str>| record.data.get(field?).and_then(Value::as_str).map(str::to_owned);
        let customer = match names.customer {
            None => Some(record.id.clone()),
            Some(field) => text(Some(field)),
        };
        let Some(customer) = customer else { continue };
        let candidate = Candidate {
            customer: customer.clone(),
            org: record.org.clone(),
            about: (record.kind.clone(), record.id.clone()),
            happened_on: names.date.and_then(|date| day_of(date, &text(names.date)?, &desk.call)),
            model: text(names.model),
            staff: text(names.staff),
        };
        let is_later = latest.get(&customer).is_none_or(|known| known.happened_on < candidate.happened_on);
        if is_later {
            latest.insert(customer, candidate);
        }
    }
    let mut found: Vec<Candidate> = latest.into_values().collect();
    if names.staff.is_none() {
        judged_by_owner(&mut found)?;
    }
    Ok(found)
}

/// Where the record names nobody, whoever looks after the customer is judged.
fn judged_by_owner(candidates: &mut [Candidate]) -> Result<()> {
    for chunk in candidates.chunks_mut(CHUNK) {
        let ids: Vec<Id> = chunk.iter().map(|candidate| candidate.customer.clone()).collect();
        for (candidate, customer) in chunk.iter_mut().zip(view::get_many::<Data>("customer", &ids)?) {
            let owner = customer.as_ref().and_then(|customer| customer.data.get("owner")).and_then(Value::as_str);
            candidate.staff = owner.map(str::to_owned);
        }
    }
    Ok(())
}

/// Those whose newest word about marketing by this channel is no, to whichever organisation it was said.
fn opted_out(customers: &[Id], channel: &str) -> Result<BTreeSet<Id>> {
    #[derive(serde::Deserialize)]
    struct Consent {
        customer: Id,
        #[serde(default)]
        channel: Option<String>,
        state: String,
    }
    let mut heard: BTreeSet<(Id, bool)> = BTreeSet::new();
    let mut found = BTreeSet::new();
    for chunk in customers.chunks(CHUNK) {
        let filter = Filter::eq("purpose", "marketing").and(Filter::is_in("customer", chunk.iter().cloned()));
        let mut consents = pages::<Consent>("consent", &filter, MOST)?;
        consents.sort_by(|one, other| other.created_at.cmp(&one.created_at));
        for consent in consents.into_iter().map(|consent| consent.data) {
            let is_whole = consent.channel.is_none();
            if !is_whole && consent.channel.as_deref() != Some(channel) {
                continue;
            }
            let is_newest = heard.insert((consent.customer.clone(), is_whole));
            if is_newest && matches!(consent.state.as_str(), "withdrawn" | "refused") {
                found.insert(consent.customer);
            }
        }
    }
    Ok(found)
}

/// That somebody was asked by those above, for the dealer to leave them in peace. Not who asked, nor what.
pub const REST: &str = "surveys.rest";

/// Those who were asked within the days of rest, by whichever study: of one's own by its answer, of those above by what they have left here.
pub fn surveyed(customers: &[Id], days: i64) -> Result<BTreeSet<Id>> {
    #[derive(serde::Deserialize)]
    struct Asked {
        customer: Id,
    }
    let mut found = BTreeSet::new();
    for chunk in customers.chunks(CHUNK) {
        let filter = Filter::is_in("customer", chunk.iter().cloned())
            .and(Filter::gte("sampled_at", Filter::now(&format!("-{days}d"))))
            .and(Filter::ne("is_pilot", true))
            .and(Filter::ne("state", "excluded"));
        let asked = pages::<Asked>(answer::KIND, &filter, MOST)?;
        found.extend(asked.into_iter().map(|asked| asked.data.customer));
        let since = Filter::gte("asked_at", Filter::now(&format!("-{days}d")));
        let filter = Filter::is_in("customer", chunk.iter().cloned()).and(since);
        found.extend(pages::<Asked>(REST, &filter, MOST)?.into_iter().map(|asked| asked.data.customer));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::{info, testing::Given};

    #[test]
    fn a_day_begins_where_the_study_is() {
        Given::new().run(|| {
            let call = info::call()?;
            let day: Date = "2026-03-01".parse()?;
            assert_eq!(bound("defeated_at", day, &call)?, "2026-02-28T16:00:00.000Z");
            assert_eq!(bound("delivery_date", day, &call)?, "2026-03-01");
            assert_eq!(day_of("defeated_at", "2026-02-28T16:30:00.000Z", &call), Some(day));
            assert_eq!(day_of("delivery_date", "2026-03-01", &call), Some(day));
            Ok(())
        });
    }
}
