//! The visit: the licence and the agreement before the keys, a companion on board, the odometer before and after.

use marque_sdk::{Data, Date, Decision, Filter, Id, Result, Value, decide, json, record, view};
use serde::Deserialize;

use crate::{
    car,
    desk::{Desk, refuse, refuse_at},
    drive::{Drive, KIND},
    people,
    slot::Slot,
};
use marque_sdk::moment;

/// Input of `check_in`; see plugin.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckIn {
    licence_seen: bool,
    licence_class: Option<String>,
    licence_first_issue: Option<Date>,
    licence_expiry: Option<Date>,
    birth_date: Option<Date>,
    agreement_signed: bool,
    group_size: Option<i64>,
}

/// Input of `start`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    odo_start: i64,
    companion: Option<Id>,
    car: Option<Id>,
    agreement_signed: Option<bool>,
    route: Option<String>,
}

/// Input of `finish`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    odo_end: i64,
    note: Option<String>,
}

/// They are here: by licence and age they drive or ride along.
pub fn check_in(desk: &Desk, drive: &Drive, input: &CheckIn) -> Result<()> {
    drive.must_be(&["confirmed", "reminded"])?;
    let today = Date::today(&desk.call)?;
    if let Some(slot) = drive.slot()
        && Date::of(&slot.start, &desk.call)? > today
    {
        return refuse("too_early", "the slot is on another day: move it to today first");
    }
    let (ride, receipt) = ride(desk, drive, input, today)?;
    let write = drive
        .take("check_in")
        .field("checked_in_at", desk.now())
        .field("licence_checked", input.licence_seen)
        .field("ride", &ride.ride)
        .field("ride_note", ride.reasons.join("；").chars().take(300).collect::<String>())
        .receipt("ride", &receipt);
    let given = crate::desk::said(json!({
        "licence_class": input.licence_class, "licence_first_issue": input.licence_first_issue,
        "licence_expiry": input.licence_expiry, "birth_date": input.birth_date, "group_size": input.group_size,
        "agreement_at": input.agreement_signed.then(|| desk.now()),
    }));
    write.fields(given).stage()
}

#[derive(Deserialize)]
struct Ride {
    ride: String,
    #[serde(default)]
    reasons: Vec<String>,
}

fn ride(desk: &Desk, drive: &Drive, input: &CheckIn, today: Date) -> Result<(Ride, String)> {
    let gearbox = match drive.text("car") {
        Some(id) => car::load("/car", id)?.data.gearbox,
        None => String::new(),
    };
    let mut asked = json!({
        "seen": input.licence_seen, "age_min": desk.settings.age_min, "months_min": desk.settings.licence_months,
        "gearbox": if gearbox == "manual" { "manual" } else { "automatic" },
        "model": drive.text("model").unwrap_or_default(), "now": desk.now(),
        "is_valid": input.licence_expiry.is_some_and(|until| until >= today),
        "class": input.licence_class.as_deref().unwrap_or_default(),
    });
    if let Some(issued) = input.licence_first_issue {
        asked["held_months"] = moment::months(issued, today).into();
    }
    if let Some(born) = input.birth_date {
        asked["age"] = moment::years(born, today).into();
    }
    let Decision { output, receipt } = decide::<Ride>("testdrive.licence", &asked)?;
    Ok((output, receipt))
}

/// The keys are handed over: signed, accompanied, with a car that is there.
pub fn start(desk: &Desk, drive: &Drive, input: &Start) -> Result<()> {
    drive.must_be(&["checked_in"])?;
    if drive.text("agreement_at").is_none() && input.agreement_signed != Some(true) {
        return refuse_at(
            "agreement_missing",
            "/agreement_signed",
            "the agreement is signed before the keys are handed over",
        );
    }
    let Some(companion) = input.companion.as_deref().or(desk.me()) else {
        return refuse_at("companion_missing", "/companion", "nobody drives alone: say who goes along");
    };
    people::member(&drive.org, "/companion", companion)?;
    if is_driving("companion", companion)? {
        return refuse_at(
            "companion_driving",
            "/companion",
            "this colleague is out on another test drive: choose another",
        );
    }
    let Some(id) = input.car.as_deref().or(drive.text("car")) else {
        return refuse_at("car_missing", "/car", "say which car they drive");
    };
    let chosen = car::load("/car", id)?;
    if is_driving("car", id)? {
        return refuse_at("car_driving", "/car", format!("{} is still out: wait until it is back", chosen.data.name));
    }
    // Another car than was kept must be free now; the one that was kept is theirs.
    if drive.text("car") != Some(id) {
        let now = Slot::new(desk.now(), drive.slot().map_or(Ok(desk.settings.drive_minutes), |slot| slot.minutes())?)?;
        car::take(desk, "/car", &chosen, &now, Some(&drive.id))?;
    } else {
        record::touch(car::KIND, id, chosen.rev).stage()?;
    }
    if chosen.data.odometer.is_some_and(|last| input.odo_start < last) {
        let last = chosen.data.odometer.unwrap_or_default();
        return refuse_at("odometer_back", "/odo_start", format!("the odometer showed {last} already: read it again"));
    }
    let write = drive.take("start").field("started_at", desk.now()).field("odo_start", input.odo_start);
    let write = write.field("companion", companion).field("car", id);
    let write = if drive.text("agreement_at").is_none() { write.field("agreement_at", desk.now()) } else { write };
    input.route.iter().fold(write, |write, route| write.field("route", route)).stage()
}

fn is_driving(field: &str, id: &str) -> Result<bool> {
    let out = Filter::eq(field, id).and(Filter::eq("state", "driving"));
    view::find::<Value>(KIND).filter(out).exists()
}

/// They are back. The car has run so far.
pub fn finish(desk: &Desk, drive: &Drive, input: &Finish) -> Result<()> {
    drive.must_be(&["driving"])?;
    let start = drive.number("odo_start").unwrap_or(0);
    if input.odo_end < start {
        return refuse_at(
            "odometer_back",
            "/odo_end",
            format!("the odometer showed {start} at the start: read it again"),
        );
    }
    let write = drive.take("finish").field("ended_at", desk.now()).field("odo_end", input.odo_end);
    let write = write.field("km", input.odo_end - start);
    input.note.iter().fold(write, |write, note| write.field("feedback", note)).stage()?;
    match drive.text("car") {
        Some(car) if view::get::<Data>(car::KIND, car)?.is_some() => {
            record::change(car::KIND, car).field("odometer", input.odo_end).stage()
        }
        _ => Ok(()),
    }
}

/// Somebody did not come.
pub fn miss(desk: &Desk, drive: &Drive) -> Result<()> {
    drive.must_be(&["confirmed", "reminded"])?;
    if drive.text("slot_start").is_some_and(|start| start > desk.now()) {
        return refuse("too_early", "the slot has not begun: cancel it if they will not come");
    }
    drive.take("miss").stage()
}
