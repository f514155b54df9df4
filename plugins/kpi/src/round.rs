//! A round: the figures of one organisation and period, counted in pieces in that organisation's own name.

use std::collections::BTreeMap;

use marque_sdk::{Fault, Filter, Id, Map, Record, Result, Value, json, new_id, record, timer, view};
use serde::Deserialize;

use crate::{
    alert, catalogue, close,
    count::{self, Spot},
    definition::{self, Definition},
    desk::{Desk, refuse},
    figure::{self, Book, Figure},
    org::{self, Here, Level},
    period::{Grain, Period},
    share,
    shown::number,
    target::Targets,
    texts,
    tokens::Clock,
};

/// The kind of periods.
pub const KIND: &str = "kpi.period";
/// Figures whose age is looked at in one piece.
const AGED: usize = 800;

/// What of a period's record counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Held {
    /// `2026-03` or `2026-W11`.
    pub name: String,
    /// `open` or `closed`.
    pub state: String,
    /// Whether it closes when counted.
    pub closing: bool,
    /// When it is over.
    pub to: String,
    /// Corrections so far.
    pub n_corrections: i64,
}

/// The job: every organisation's month, and months that are over but not closed.
pub fn begin(desk: &Desk) -> Result<()> {
    catalogue::bring(desk, 0)?;
    let month = Period::month_of(desk.today, desk.ahead);
    want_all(desk, &month)?;
    let over = Filter::eq("grain", "month").and(Filter::eq("state", "open")).and(Filter::lte("to", desk.now()));
    for found in view::find::<Held>(KIND).filter(over).up_to(2_000)? {
        record::change(KIND, &found.id).field("wanted_at", desk.now()).stage()?;
    }
    Ok(())
}

/// The job of Mondays: the week that has ended.
pub fn begin_week(desk: &Desk) -> Result<()> {
    want_all(desk, &Period::week_of(desk.today, desk.ahead)?.plus(-1)).map(drop)
}

/// Asks every organisation for a period's figures; the record of each.
fn want_all(desk: &Desk, period: &Period) -> Result<BTreeMap<Id, Id>> {
    let named = Filter::eq("name", period.name());
    let there: BTreeMap<Id, Record<Held>> = view::find::<Held>(KIND)
        .filter(named)
        .up_to(5_000)?
        .into_iter()
        .map(|found| (found.org.clone(), found))
        .collect();
    let mut asked = BTreeMap::new();
    for (level, org) in org::with_figures()? {
        let id = want(desk, period, level, &org, there.get(&org.id))?;
        asked.insert(org.id, id);
    }
    Ok(asked)
}

/// Asks for one: its event is heard in the organisation it belongs to.
fn want(
    desk: &Desk,
    period: &Period,
    level: Level,
    org: &Record<org::Org>,
    there: Option<&Record<Held>>,
) -> Result<Id> {
    if let Some(there) = there {
        record::change(KIND, &there.id).field("wanted_at", desk.now()).stage()?;
        return Ok(there.id.clone());
    }
    let title = if period.grain == Grain::Month { "title.month" } else { "title.week" };
    let name = period.name();
    let id = new_id();
    record::create(KIND)
        .id(id.as_str())
        .org(org.id.as_str())
        .fields(json!({
            "title": texts::filled(&desk.call.locale, title, &[("org", &org.data.name), ("name", &name)]), "slot": period.slot(),
            "name": name, "grain": period.grain, "level": level, "from": period.from(), "to": period.to(), "wanted_at": desk.now(),
        }))
        .stage()?;
    Ok(id)
}

/// Input of `count_month` and `try`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Month {
    month: Option<String>,
}

impl Month {
    fn period(&self, desk: &Desk) -> Result<Period> {
        let period = match &self.month {
            Some(month) => Period::parse(month, desk.ahead)?,
            None => Period::month_of(desk.today, desk.ahead),
        };
        match period.first > desk.today {
            true => refuse("month_to_come", "/month", format!("{} has not begun yet", period.name())),
            false => Ok(period),
        }
    }
}

/// Asks for a month by hand: of one's own organisation, and of all below it.
pub fn month(desk: &Desk, input: Month) -> Result<Value> {
    let period = input.period(desk)?;
    if Here::of(desk)?.level == Level::Maker {
        catalogue::bring(desk, 0)?;
    }
    let asked = want_all(desk, &period)?;
    let own = asked.get(&desk.call.org);
    Ok(json!({ "period": own, "n": asked.len() }))
}

/// Asks for a period again.
pub fn again(desk: &Desk, id: &str) -> Result<Value> {
    let found = view::require::<Held>(KIND, id)?;
    record::change(KIND, id).if_rev(found.rev).field("wanted_at", desk.now()).stage()?;
    Ok(json!({ "period": id }))
}

/// Counts one figure and writes nothing.
pub fn attempt(desk: &Desk, id: &str, input: Month) -> Result<Value> {
    let definition = view::require::<Definition>(definition::KIND, id)?.data;
    let period = input.period(desk)?;
    let here = Here::of(desk)?;
    let clock = Clock { period: &period, now: desk.now(), today: desk.today };
    let spot = Spot { here: &here, clock: &clock, persons: false };
    let mut known = Map::new();
    let told = said(desk, &spot, &definition, &mut known)?.into_iter().next();
    let Some(told) = told else { return Err(Fault::not_found("nothing was counted")) };
    Ok(json!({
        "shown": figure::shown(&definition, told.exact), "numerator": told.top.map(number), "denominator": told.base.map(number), "needs": told.needs, "rows": told.rows,
    }))
}

/// What a figure comes to: counted, typed in, or lacking its records.
fn said(
    desk: &Desk,
    spot: &Spot,
    definition: &Definition,
    known: &mut Map<String, Value>,
) -> Result<Vec<figure::Said>> {
    let period = spot.clock.period.name();
    let typed = definition.typed();
    let of = |definition: &Definition| count::count(spot, definition);
    let needs = if desk.settings.typed.contains(&definition.code) {
        None
    } else {
        match of(definition)? {
            Ok(tally) => return figure::said_of(desk, definition, tally, known, &period),
            Err(needs) => Some(needs),
        }
    };
    // Numbers from elsewhere stand in for records that are not there.
    match (of(&typed)?, needs) {
        (Ok(tally), Some(needs)) if tally.is_missing => Ok(vec![figure::needing(needs)]),
        (Ok(tally), _) => figure::said_of(desk, &typed, tally, known, &period),
        (Err(needs), _) => Ok(vec![figure::needing(needs)]),
    }
}

/// One piece of a period: some figures, from the `next`-th on. What is left is another piece.
pub fn piece(desk: &Desk, id: &str, next: usize) -> Result<()> {
    let Some(found) = view::get::<Held>(KIND, id)? else { return Ok(()) };
    let here = Here::of(desk)?;
    // A timer may have been set before the organisation it belongs to was known to be another.
    if found.org != here.id {
        return Ok(());
    }
    let period = Period::parse(&found.data.name, desk.ahead)?;
    let mut all = definition::effective(&here)?;
    if period.grain == Grain::Week {
        all.retain(|definition| definition.is_weekly);
    }
    let size = if here.level == Level::Dealer { desk.settings.piece } else { desk.settings.piece.div_ceil(2) };
    let part: Vec<&Definition> = all.iter().skip(next).take(size).collect();
    let codes: Vec<&str> = part.iter().map(|definition| definition.code.as_str()).collect();
    let targets = Targets::load(&here.id, &codes)?;
    let book = Book::open(desk, id, &period, here.level, &targets, &codes)?;
    let clock = Clock { period: &period, now: desk.now(), today: desk.today };
    let persons = desk.settings.persons && period.grain == Grain::Month;
    let spot = Spot { here: &here, clock: &clock, persons };
    let mut known = if part.iter().any(|definition| definition.rule.sort == definition::Sort::Custom) {
        before(id)?
    } else {
        Map::new()
    };
    for definition in part {
        for told in said(desk, &spot, definition, &mut known)? {
            match found.data.state.as_str() {
                "closed" => close::compare(desk, &found, &book, definition, &told)?,
                _ => book.write(definition, &told)?,
            }
        }
    }
    let key = if next + size < all.len() { format!("count:{id}") } else { format!("end:{id}") };
    timer::set(&key, &desk.soon()?).field("next", next + size).stage()
}

/// The figures of the period that are there already, for scripts.
fn before(period: &str) -> Result<Map<String, Value>> {
    let mine = Filter::eq("period", period).and(Filter::empty("person")).and(Filter::not_empty("value"));
    let found = view::find::<Figure>(figure::KIND).filter(mine).up_to(1_000)?;
    Ok(found.into_iter().map(|found| (found.data.kpi, json!(found.data.value))).collect())
}

/// After the last piece: how it stands, targets that add up or do not, alerts; and the books of the month are closed if that was asked for.
pub fn end(desk: &Desk, id: &str) -> Result<()> {
    #[derive(Deserialize)]
    struct Of {
        status: Option<String>,
        n: i64,
    }
    let Some(found) = view::get::<Held>(KIND, id)? else { return Ok(()) };
    let period = Period::parse(&found.data.name, desk.ahead)?;
    let mine = Filter::eq("period", id).and(Filter::empty("person"));
    let by: Vec<Of> = view::aggregate(figure::KIND).filter(mine).group(&["status"]).count("n").rows()?;
    let n = |status: &str| by.iter().find(|of| of.status.as_deref() == Some(status)).map_or(0, |of| of.n);
    let here = Here::of(desk)?;
    match found.data.state.as_str() {
        "closed" => close::corrected(&found)?,
        _ => {
            let counted =
                json!({ "counted_at": desk.now(), "n_green": n("green"), "n_amber": n("amber"), "n_red": n("red") });
            match found.data.closing {
                true => close::close(desk, &found, counted)?,
                false => record::change(KIND, id).if_rev(found.rev).fields(counted).stage()?,
            }
        }
    }
    share::check_all(desk, &here, &period.name())?;
    if period.grain == Grain::Week {
        return alert::judge(desk, id, &period);
    }
    grow_older(desk, &here, id)
}

/// Figures of months that are over are not shown as this month's any more.
fn grow_older(desk: &Desk, here: &Here, id: &str) -> Result<()> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Aged {
        month: String,
        age: String,
    }
    let young = Filter::is_in("age", ["current", "last"]).and(Filter::eq("org", here.id.as_str()));
    let edge = Period::month_of(desk.today, desk.ahead).plus(-1);
    let stale =
        young.and(Filter::lt("to", edge.to()).or(Filter::lte("to", desk.now()).and(Filter::eq("age", "current"))));
    let found = view::find::<Aged>(figure::KIND).filter(stale).up_to(AGED)?;
    let is_more = found.len() == AGED;
    for figure in found {
        let age = figure::age(desk, &Period::parse(&figure.data.month, desk.ahead)?);
        if age != figure.data.age {
            record::change(figure::KIND, &figure.id).field("age", age).stage()?;
        }
    }
    match is_more {
        true => timer::set(&format!("end:{id}"), &desk.soon()?).stage(),
        false => Ok(()),
    }
}
