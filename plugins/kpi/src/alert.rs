//! Alerts: red for weeks running, or a sudden change. Each is a task that asks for cause, measure and date.

use marque_sdk::{Date, Fault, Filter, Id, Record, Result, Value, info, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    definition::{self, Definition},
    desk::{Desk, Settings, refuse},
    figure::{self, Figure},
    input::said,
    org::Here,
    period::Period,
    status::{Better, Status},
    texts,
};

/// The kind.
const KIND: &str = "kpi.alert";
const TASK: &str = "worklist.task";
/// Figures judged in one piece.
const PIECE: usize = 400;

/// What of an alert counts here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Alert {
    label: String,
    kpi: String,
    sort: String,
    owner: Option<Id>,
    task: Option<Id>,
}

/// Why somebody is alarmed.
#[derive(Clone, Debug, PartialEq)]
pub enum Alarm {
    /// Red so many weeks running.
    Red(usize),
    /// Far from the weeks before: what they came to, how far they lie apart.
    Sudden { mean: f64, sigma: f64 },
}

/// Looks at a week's figures.
pub fn judge(desk: &Desk, id: &str, period: &Period) -> Result<()> {
    let here = Here::of(desk)?;
    let definitions = definition::effective(&here)?;
    let mine = Filter::eq("period", id).and(Filter::empty("person"));
    for figure in view::find::<Figure>(figure::KIND).filter(mine).up_to(PIECE)? {
        let Some(definition) = definitions.iter().find(|definition| definition.code == figure.data.kpi) else {
            continue;
        };
        if definition.better == Better::Watch {
            continue;
        }
        let before = weeks_before(desk, &here, definition, period)?;
        for alarm in alarms(&desk.settings, &figure.data, &before) {
            raise(desk, definition, &figure, &alarm)?;
        }
    }
    Ok(())
}

/// The same figure of the weeks before, the newest first.
fn weeks_before(desk: &Desk, here: &Here, definition: &Definition, period: &Period) -> Result<Vec<Figure>> {
    let from = period.plus(-i64::from(desk.settings.history_weeks)).from();
    let mine = Filter::eq("kpi", definition.code.as_str())
        .and(Filter::eq("grain", "week"))
        .and(Filter::eq("org", here.id.as_str()));
    let mine = mine.and(Filter::gte("from", from)).and(Filter::lt("from", period.from())).and(Filter::empty("person"));
    let found = view::find::<Figure>(figure::KIND)
        .filter(mine)
        .order("-from")
        .limit(desk.settings.history_weeks.max(1))
        .page()?;
    Ok(found.items.into_iter().map(|found| found.data).collect())
}

/// What a week gives reason for.
fn alarms(settings: &Settings, now: &Figure, before: &[Figure]) -> Vec<Alarm> {
    let is_red = |figure: &Figure| figure.status == Some(Status::Red);
    let mut alarms = Vec::new();
    let red = std::iter::once(now).chain(before).take_while(|figure| is_red(figure)).count();
    if red >= settings.red_weeks {
        alarms.push(Alarm::Red(red));
    }
    let values: Vec<f64> = before.iter().filter_map(|figure| figure.value).collect();
    if let (Some(value), true) = (now.value, values.len() >= settings.least_weeks) {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let sigma = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt();
        // Weeks that were all the same make every change endless: then a twentieth of it is a change.
        let most = (settings.sigmas * sigma).max(mean.abs() * 0.05);
        if (value - mean).abs() > most {
            alarms.push(Alarm::Sudden { mean, sigma });
        }
    }
    alarms
}

/// One alert a figure and reason at a time: while it is open, further weeks add nothing.
fn raise(desk: &Desk, definition: &Definition, figure: &Record<Figure>, alarm: &Alarm) -> Result<()> {
    let sort = if matches!(alarm, Alarm::Red(_)) { "red_weeks" } else { "sudden" };
    let open = Filter::eq("kpi", definition.code.as_str())
        .and(Filter::eq("sort", sort))
        .and(Filter::is_in("state", ["open", "explained"]));
    if view::find::<Alert>(KIND).filter(open.and(Filter::eq("org", desk.call.org.as_str()))).exists()? {
        return Ok(());
    }
    let locale = &desk.call.locale;
    let shown = figure.data.shown.as_deref().unwrap_or("–");
    let number = |value: f64| crate::shown::Exact::plain(value).shown(definition.unit);
    let detail = match alarm {
        Alarm::Red(weeks) => {
            let target = figure.data.target.map_or_else(|| "–".into(), number);
            texts::filled(
                locale,
                "alert.red_weeks",
                &[("weeks", &weeks.to_string()), ("shown", shown), ("target", &target)],
            )
        }
        Alarm::Sudden { mean, sigma } => texts::filled(
            locale,
            "alert.sudden",
            &[("shown", shown), ("mean", &number(*mean)), ("sigma", &number(*sigma))],
        ),
    };
    let due = info::due(desk.now(), &format!("{}wd", desk.settings.explain_days))?;
    let owner = owner(desk, definition)?;
    let id = new_id();
    let task = task(desk, &owner, &id, &definition.label, &due)?;
    record::create(KIND)
        .id(id.as_str())
        .fields(said(json!({
            "label": format!("{} {}", definition.label, figure.data.month), "kpi": definition.code, "figure": figure.id, "sort": sort,
            "detail": detail, "owner": owner, "task": task, "raised_at": desk.now(), "due": due,
        })))
        .stage()
}

/// Somebody of the role that answers for a figure, or else who leads the house.
fn owner(desk: &Desk, definition: &Definition) -> Result<Option<Id>> {
    for role in [definition.responsible.as_deref().unwrap_or("gm"), "crm_mgr", "gm", "region_mgr", "hq_admin"] {
        let with = Filter::eq("roles", role)
            .and(Filter::eq("status", "active"))
            .and(Filter::eq("org", desk.call.org.as_str()));
        if let Some(found) = with_role(with)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn with_role(filter: Filter) -> Result<Option<Id>> {
    match view::find::<Value>("user").filter(filter).order("id").first() {
        Ok(found) => Ok(found.map(|found| found.id)),
        // A role that this house does not know.
        Err(fault) if fault.code == "filter.invalid" => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A task, where there is somebody to do it and a worklist to hold it.
fn task(desk: &Desk, owner: &Option<Id>, about: &str, label: &str, due: &str) -> Result<Option<Id>> {
    let Some(owner) = owner else { return Ok(None) };
    match view::find::<Value>(TASK).exists() {
        Ok(_) => {}
        Err(fault) if fault.code == "kind.not_found" => return Ok(None),
        Err(fault) => return Err(fault),
    }
    let id = new_id();
    let what = texts::text(&desk.call.locale, "step.kpi.alert");
    record::create(TASK)
        .id(id.as_str())
        .fields(json!({
            "title": marque_sdk::texts::title(&desk.call.locale, &what, label), "step": "kpi.alert", "owner": owner, "due": due,
            "about_kind": KIND, "about": about, "held": true,
        }))
        .stage()?;
    Ok(Some(id))
}

/// Input of `explain`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    cause: String,
    measure: String,
    due: Date,
    owner: Option<Id>,
}

/// Cause, measure and date are known: the task goes on until the measure is done.
pub fn explain(desk: &Desk, id: &str, input: Explain) -> Result<Value> {
    let found = view::require::<Alert>(KIND, id)?;
    if input.due < desk.today {
        return refuse(
            "due_past",
            "/due",
            format!("{} is over: choose the day by which the measure will be done", input.due),
        );
    }
    let owner = input.owner.or(found.data.owner.clone()).or(desk.me().cloned());
    end_task(desk, &found.data)?;
    let due = input.due.morning();
    let label = format!("{} · {}", found.data.label, input.measure.chars().take(60).collect::<String>());
    let task = task(desk, &owner, id, &label, &due)?;
    record::mov(KIND, id, "explain")
        .if_rev(found.rev)
        .fields(said(json!({ "cause": input.cause, "measure": input.measure, "measure_due": input.due, "owner": owner, "task": task })))
        .stage()?;
    Ok(json!({ "task": task }))
}

/// Input of `finish`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    result: String,
}

/// The measure is done.
pub fn finish(desk: &Desk, id: &str, input: &Finish) -> Result<Value> {
    let found = view::require::<Alert>(KIND, id)?;
    end_task(desk, &found.data)?;
    record::mov(KIND, id, "close")
        .if_rev(found.rev)
        .fields(json!({ "result": input.result, "closed_at": desk.now() }))
        .stage()?;
    Ok(json!({ "kpi": found.data.kpi, "sort": found.data.sort }))
}

fn end_task(desk: &Desk, alert: &Alert) -> Result<()> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Task {
        state: String,
    }
    let Some(task) = &alert.task else { return Ok(()) };
    let found = view::get::<Task>(TASK, task)
        .or_else(|fault: Fault| if fault.code == "kind.not_found" { Ok(None) } else { Err(fault) })?;
    if found.is_none_or(|found| found.data.state != "open") {
        return Ok(());
    }
    let mut end = record::mov(TASK, task, "complete").field("outcome", "done").field("done_at", desk.now());
    if let Some(me) = desk.me() {
        end = end.field("done_by", me);
    }
    end.stage()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        let schema: Value = serde_json::from_str(include_str!("../settings.json")).unwrap();
        let defaults =
            schema["properties"].as_object().unwrap().iter().map(|(name, of)| (name.clone(), of["default"].clone()));
        serde_json::from_value(Value::Object(defaults.collect())).unwrap()
    }

    fn week(value: f64, status: Status) -> Figure {
        Figure { value: Some(value), status: Some(status), ..Figure::default() }
    }

    #[test]
    fn three_red_weeks_running_are_an_alarm_and_two_are_not() {
        let red = || week(10.0, Status::Red);
        assert_eq!(alarms(&settings(), &red(), &[red(), red()]), [Alarm::Red(3)]);
        assert_eq!(alarms(&settings(), &red(), &[red(), week(15.0, Status::Green), red()]), []);
        assert_eq!(alarms(&settings(), &week(15.0, Status::Green), &[red(), red(), red()]), []);
    }

    #[test]
    fn a_change_of_more_than_three_sigma_is_an_alarm() {
        let before: Vec<Figure> = [80.0, 82.0, 78.0, 81.0, 79.0, 80.0].map(|value| week(value, Status::Green)).into();
        // The mean is 80, the deviation the square root of 2.
        let at = |value| alarms(&settings(), &week(value, Status::Green), &before);
        assert_eq!(at(84.2), []);
        assert!(matches!(at(84.3)[..], [Alarm::Sudden { .. }]));
        assert!(matches!(at(75.0)[..], [Alarm::Sudden { .. }]));
        assert_eq!(alarms(&settings(), &week(40.0, Status::Green), &before[..5]), [], "too few weeks to compare with");
    }

    #[test]
    fn weeks_that_were_all_the_same_allow_a_twentieth() {
        let before: Vec<Figure> = (0..8).map(|_| week(100.0, Status::Green)).collect();
        assert_eq!(alarms(&settings(), &week(95.0, Status::Green), &before), []);
        assert_eq!(alarms(&settings(), &week(94.0, Status::Green), &before).len(), 1);
    }
}
