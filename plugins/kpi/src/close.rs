//! Closing a month: from then on its figures stay as they are, and what comes late is a correction with its date.

use marque_sdk::{Filter, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    definition::Definition,
    desk::{Desk, refuse},
    figure::{self, Book, Said},
    input,
    period::Period,
    round::{Held, KIND},
    shown::number,
};

/// The kind of entries.
const CORRECTION: &str = "kpi.correction";

/// What of a correction is read again.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    numerator: Option<f64>,
    denominator: Option<f64>,
}

/// The job: closes what is due, and looks at what was closed for late data.
pub fn begin(desk: &Desk) -> Result<()> {
    let settings = &desk.settings;
    let due = Period::month_of(desk.today, desk.ahead).midnight(desk.today.plus_days(1 - settings.close_after_days));
    let over = Filter::eq("state", "open").and(Filter::lte("to", due));
    for found in view::find::<Held>(KIND).filter(over).up_to(1_500)? {
        record::change(KIND, &found.id).field("closing", true).field("wanted_at", desk.now()).stage()?;
    }
    // Late data come slowly: once a week is soon enough.
    let is_monday = Period::week_of(desk.today, desk.ahead)?.first == desk.today;
    if settings.late_months == 0 || !is_monday {
        return Ok(());
    }
    let back = Period::month_of(desk.today, desk.ahead).plus(-settings.late_months);
    let late = Filter::eq("state", "closed").and(Filter::eq("grain", "month")).and(Filter::gte("to", back.to()));
    for found in view::find::<Held>(KIND).filter(late).up_to(1_500)? {
        record::change(KIND, &found.id).field("wanted_at", desk.now()).stage()?;
    }
    Ok(())
}

/// Closes a month before its day: it must be over.
pub fn by_hand(desk: &Desk, id: &str) -> Result<Value> {
    let found = view::require::<Held>(KIND, id)?;
    if *found.data.to > *desk.now() {
        return refuse(
            "still_running",
            "/",
            format!("{} is not over: it can be closed from its last day on", found.data.name),
        );
    }
    record::change(KIND, id).if_rev(found.rev).field("closing", true).field("wanted_at", desk.now()).stage()?;
    Ok(json!({ "period": id }))
}

/// The last count is done.
pub fn close(desk: &Desk, found: &Record<Held>, counted: Value) -> Result<()> {
    record::mov(KIND, &found.id, "close")
        .if_rev(found.rev)
        .fields(counted)
        .field("closing", false)
        .field("closed_at", desk.now())
        .stage()
}

/// What is counted now against what was closed. What was corrected already and has not changed since is said once.
pub fn compare(desk: &Desk, period: &Record<Held>, book: &Book, definition: &Definition, now: &Said) -> Result<()> {
    let Some(was) = book.find(definition, now) else {
        // Nobody's figure as the month was closed: whoever has rows now came late as a whole.
        return if now.person.is_some() { entry(desk, period, None, definition, now) } else { Ok(()) };
    };
    // Another version counts something else: that is no late data.
    if now.needs.is_some() || was.data.version != Some(definition.version.max(1)) {
        return Ok(());
    }
    let mine = Filter::eq("figure", was.id.as_str());
    let last = view::find::<Entry>(CORRECTION).filter(mine).order("-noticed_at").first()?.map(|found| found.data);
    let known = last.map_or((was.data.numerator, was.data.denominator), |last| (last.numerator, last.denominator));
    if known == (now.top, now.base) {
        return Ok(());
    }
    entry(desk, period, Some(was), definition, now)
}

fn entry(
    desk: &Desk,
    period: &Record<Held>,
    was: Option<&Record<figure::Figure>>,
    definition: &Definition,
    now: &Said,
) -> Result<()> {
    let slot_known =
        was.is_none() && view::find::<Value>(CORRECTION).filter(of_person(period, definition, now)).exists()?;
    if slot_known {
        return Ok(());
    }
    let change = |before: Option<f64>, after: Option<f64>| after.map(|after| number(after - before.unwrap_or(0.0)));
    let before = was.map(|was| &was.data);
    record::create(CORRECTION)
        .id(new_id())
        .fields(input::said(json!({
            "label": format!("{} {}", definition.label, period.data.name), "kpi": definition.code, "figure": was.map(|was| &was.id),
            "period": period.id, "month": period.data.name, "person": now.person, "noticed_at": desk.now(),
            "was": before.and_then(|before| before.shown.clone()).unwrap_or_else(|| "–".into()), "is": figure::shown(definition, now.exact),
            "numerator": now.top.map(number), "denominator": now.base.map(number), "value": now.exact.map(|exact| number(exact.value())), "rows": now.rows,
            "top_change": change(before.and_then(|before| before.numerator), now.top),
            "base_change": change(before.and_then(|before| before.denominator), now.base),
        })))
        .stage()
}

fn of_person(period: &Record<Held>, definition: &Definition, now: &Said) -> Filter {
    let mine = Filter::eq("period", period.id.as_str()).and(Filter::eq("kpi", definition.code.as_str()));
    mine.and(Filter::eq("person", now.person.as_deref().unwrap_or_default()))
}

/// How many entries a closed month has by now.
pub fn corrected(found: &Record<Held>) -> Result<()> {
    #[derive(Deserialize)]
    struct Count {
        n: i64,
    }
    let rows: Vec<Count> =
        view::aggregate(CORRECTION).filter(Filter::eq("period", found.id.as_str())).count("n").rows()?;
    let n = rows.first().map_or(0, |count| count.n);
    match n == found.data.n_corrections {
        true => Ok(()),
        false => record::change(KIND, &found.id).if_rev(found.rev).field("n_corrections", n).stage(),
    }
}
