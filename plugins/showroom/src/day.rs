//! The day sheet: what was taken down, what was filed, what was counted at the door, and who left guests unfiled.

use marque_sdk::{
    Data, Date, Filter, Id, Outcome, Record, RecordRef, Result, Value, event, json, new_id, record, view,
};
use serde::Deserialize;

use crate::{
    count::{Counted, Figures, percent},
    desk::{Desk, said},
    people, task, visit,
};

/// The kind's name.
pub const KIND: &str = "showroom.day";
/// More than any showroom holds in a day.
const MANY: usize = 5_000;

/// Input of `close_day`; see plugin.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Close {
    day: Option<Date>,
    morning_counted: Option<i64>,
    evening_counted: Option<i64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Sheet {
    morning_counted: Option<i64>,
    evening_counted: Option<i64>,
    short: bool,
}

/// Makes the sheet, or makes it anew with what is known now.
pub fn close(desk: &Desk, input: &Close) -> Result<Value> {
    let day = input.day.map_or_else(|| Date::today(&desk.call), Ok)?;
    let id = make(desk, day, input)?;
    Ok(json!({ "id": id }))
}

/// Late in the evening of a day on which somebody came.
pub fn close_by_itself(desk: &Desk, day: &str) -> Result<Outcome> {
    make(desk, day.parse()?, &Close::default())?;
    Ok(Outcome::Done)
}

fn make(desk: &Desk, day: Date, input: &Close) -> Result<Id> {
    let org = desk.call.org.as_str();
    let of_day = Filter::eq("org", org).and(Filter::eq("day", day.to_string())).and(Filter::ne("state", "void"));
    let visits: Vec<Counted> =
        view::find::<Counted>(visit::KIND).filter(of_day).up_to(MANY)?.into_iter().map(|visit| visit.data).collect();
    let figures = Figures::of(&visits);
    let same = Filter::eq("day_text", day.to_string()).and(Filter::eq("org", org));
    let held: Option<Record<Sheet>> = view::find(KIND).filter(same).first()?;
    let before = held.as_ref().map(|sheet| sheet.data.clone()).unwrap_or_default();
    let counted = (input.morning_counted.or(before.morning_counted), input.evening_counted.or(before.evening_counted));
    let rate = rate(&figures, counted);
    let is_short = rate.is_some_and(|(taken_down, counted)| taken_down * 100 < counted * desk.settings.least_rate);
    let mut data = said(json!({
        "day_text": day.to_string(), "day": day, "groups": figures.groups, "people": figures.people, "sales": figures.sales,
        "first": figures.first, "again": figures.again, "filed": figures.filed, "unfiled": figures.unfiled(),
        "test_drives": figures.test_drives, "quotes": figures.quotes, "morning": figures.morning, "evening": figures.evening,
        "morning_counted": counted.0, "evening_counted": counted.1, "short": is_short, "incomplete": figures.incomplete,
        "closed_at": desk.now(), "closed_by": desk.me(),
    }));
    data.insert("filing_rate".into(), json!(percent(figures.filed, figures.first)));
    data.insert("register_rate".into(), json!(rate.and_then(|(taken_down, counted)| percent(taken_down, counted))));
    data.insert("unfiled_by".into(), json!(names(&figures)?));
    let id = match &held {
        Some(sheet) => {
            record::change(KIND, &sheet.id).if_rev(sheet.rev).fields(data).stage()?;
            sheet.id.clone()
        }
        None => {
            let id = new_id();
            data.retain(|_, value| !value.is_null());
            record::create(KIND).id(&id).fields(data).stage()?;
            id
        }
    };
    if is_short && !before.short {
        short(desk, &id, day, held.map_or(1, |sheet| sheet.rev))?;
    }
    Ok(id)
}

/// What was taken down in the halves that were counted, and what was counted.
fn rate(figures: &Figures, counted: (Option<i64>, Option<i64>)) -> Option<(i64, i64)> {
    let halves = [(figures.morning, counted.0), (figures.evening, counted.1)];
    let counted: Vec<(i64, i64)> = halves.into_iter().filter_map(|(down, counted)| Some((down, counted?))).collect();
    let sum = counted.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    (sum.1 > 0).then_some(sum)
}

/// `王芳 3、李强 1`.
fn names(figures: &Figures) -> Result<Option<String>> {
    let ids: Vec<Id> = figures.unfiled_by.keys().flatten().cloned().collect();
    let people = view::get_many::<Data>("user", &ids)?;
    let name = |id: &str| {
        let found = ids.iter().position(|one| one == id).and_then(|at| people.get(at)?.as_ref());
        found.and_then(|user| user.data.get("name")?.as_str().map(str::to_owned)).unwrap_or_else(|| id.to_owned())
    };
    let mut parts: Vec<(i64, String)> =
        figures.unfiled_by.iter().map(|(id, n)| (*n, id.as_deref().map_or_else(|| "–".to_owned(), name))).collect();
    parts.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    let text = parts.iter().map(|(n, name)| format!("{name} {n}")).collect::<Vec<_>>().join("、");
    Ok((!text.is_empty()).then_some(text))
}

/// The manager looks into it.
fn short(desk: &Desk, id: &str, day: Date, rev: u32) -> Result<()> {
    let record = RecordRef { kind: KIND.into(), id: id.into(), rev };
    event::raise("showroom.day.short").record(&record).field("day", day).stage()?;
    let staff = people::staff(&desk.call.org)?;
    let Some(manager) = people::first_with(&staff, &desk.settings.manager_roles) else { return Ok(()) };
    let due = marque_sdk::info::due(desk.now(), "8bh")?;
    let new = task::New { step: "showroom.short", owner: &manager.id, due: &due, about_kind: KIND, about: id };
    task::make(desk, None, &desk.call.org, None, &day.to_string(), &new)
}
