//! The night's round of an organisation: values in pieces, then ABC, then on the first of a month the month. A timer a piece.

use marque_sdk::{
    Date, Event, Filter, Outcome, Record, Result, Value, event::Fired, json, new_id, record, timer, view,
};
use serde::{Deserialize, Serialize};

use crate::{
    abc,
    desk::Desk,
    moment, month,
    profile::{self, Customer, When},
};

/// The kind of a round.
pub const KIND: &str = "value.round";
/// Customers looked at in a piece.
const SEEN: u32 = 120;
/// Files written in a piece: four decisions each, of the 256 a call may ask for.
const WRITTEN: i64 = 50;

/// What of a round counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Round {
    pub day: Date,
    pub state: String,
    #[serde(default)]
    pub n_seen: i64,
    #[serde(default)]
    pub n_changed: i64,
}

/// Where a piece begins, in its timer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    pub round: String,
    /// The last customer looked at, or the cursor of a list.
    pub after: String,
    /// ABC: profit so far, and all of it, in fen.
    pub running: i64,
    pub whole: i64,
    /// Whether files are written that nothing moved.
    pub is_forced: bool,
}

#[derive(Deserialize)]
struct Here {
    org: String,
}

/// At night every organisation that has customers begins a round of its own, so that its own rules and settings hold.
pub fn begin(desk: &Desk) -> Result<Outcome> {
    let orgs: Vec<Here> = view::aggregate("customer").group(&["org"]).count("n").rows()?;
    for here in orgs {
        open(&here.org, desk.today)?;
    }
    Ok(Outcome::Done)
}

fn open(org: &str, day: Date) -> Result<bool> {
    // One a day: the job may be made up for after a rest, and a person may have asked already.
    let same = Filter::eq("org", org).and(Filter::eq("day", day.to_string())).and(Filter::ne("state", "done"));
    if view::find::<Value>(KIND).filter(same).exists()? {
        return Ok(false);
    }
    record::create(KIND).id(new_id()).org(org).field("day", day).stage()?;
    Ok(true)
}

/// A person asks for all files of the organisation, as after another rule was published.
pub fn ask(desk: &Desk) -> Result<Value> {
    desk.held_to(&["gm", "crm_mgr", "service_mgr", "hq_crm", "hq_analyst", "hq_admin"], "a manager starts a round")?;
    let is_new = open(&desk.call.org, desk.today)?;
    Ok(json!({ "is_new": is_new }))
}

/// A round was opened here.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(round) = event.record() else { return Ok(Outcome::Skip) };
    // A round that a person asked for works out every file.
    let is_forced = event.actor.as_deref().is_some_and(|actor| actor.starts_with("user:"));
    next(desk, &Place { round: round.id, is_forced, ..Place::default() })?;
    Ok(Outcome::Done)
}

/// Sets the timer of the next piece.
pub fn next(desk: &Desk, place: &Place) -> Result<()> {
    timer::set(&format!("round:{}", place.round), &desk.next_piece()).data(place).stage()
}

/// Does a piece.
pub fn ring(desk: &Desk, fired: &Fired) -> Result<Outcome> {
    let place = Place::deserialize(&fired.data)?;
    let Some(round) = view::get::<Round>(KIND, &place.round)? else { return Ok(Outcome::Skip) };
    match round.data.state.as_str() {
        "values" => values(desk, &round, place)?,
        "abc" => abc::piece(desk, &round, place)?,
        "month" => {
            month::make(desk, &round.org, moment::month_begin(round.data.day).plus_months(-1))?;
            finish(desk, &round)?;
        }
        _ => return Ok(Outcome::Skip),
    }
    Ok(Outcome::Done)
}

fn values(desk: &Desk, round: &Record<Round>, place: Place) -> Result<()> {
    let here = Filter::eq("org", round.org.as_str()).and(Filter::gt("id", place.after.as_str()));
    let customers = view::find::<Customer>("customer").filter(here).order("id").limit(SEEN).page()?;
    let when = if place.is_forced { When::Anyway(marque_sdk::Data::new()) } else { When::Moved };
    let piece = profile::work_out(desk, &customers.items, WRITTEN, &when)?;
    let is_over = customers.next.is_none() && piece.n_seen == customers.items.len() as i64;
    let counts =
        json!({ "n_seen": round.data.n_seen + piece.n_seen, "n_changed": round.data.n_changed + piece.n_changed });
    if is_over {
        let whole = abc::whole(&round.org)?;
        record::mov(KIND, &round.id, "classify").if_rev(round.rev).fields(counts).stage()?;
        return next(desk, &Place { round: round.id.clone(), whole, ..Place::default() });
    }
    record::change(KIND, &round.id).if_rev(round.rev).fields(counts).stage()?;
    next(desk, &Place { after: piece.last.unwrap_or(place.after), ..place })
}

/// After ABC: the month on its first day, else the end.
pub fn after_abc(desk: &Desk, round: &Record<Round>) -> Result<()> {
    if moment::month_begin(round.data.day) == round.data.day {
        record::mov(KIND, &round.id, "report").if_rev(round.rev).stage()?;
        return next(desk, &Place { round: round.id.clone(), ..Place::default() });
    }
    finish(desk, round)
}

fn finish(desk: &Desk, round: &Record<Round>) -> Result<()> {
    record::mov(KIND, &round.id, "finish").if_rev(round.rev).field("done_at", desk.now()).stage()
}
