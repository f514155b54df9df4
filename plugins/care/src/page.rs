//! The page behind the link of a reminder: book a day, or hear no more of it.

use marque_sdk::{
    Fault, Record, Result, Value, info, json,
    page::{Field, Page, Visit},
};

use crate::{
    call::{self, Plan},
    desk::Desk,
    reminder::{self, Answer, KIND, Reminder},
    stop,
    texts::words,
};

/// What the page is to show, or what becomes of what was filled in.
pub fn answer(desk: &Desk, id: &str, visit: &Visit) -> Result<Value> {
    if visit.page != "remind" {
        return Err(Fault::not_found(format!("care has no page {:?}", visit.page)));
    }
    let reminder = reminder::load(id)?;
    if !reminder.data.is_open() {
        return Ok(Page::done(words("page.title"), words("page.over")).reply());
    }
    if !visit.is_fill {
        return Ok(draw(desk).reply());
    }
    match visit.button.as_deref() {
        Some("stop") => stopped(desk, &reminder),
        _ => booked(desk, &reminder, visit),
    }
}

fn draw(desk: &Desk) -> Page {
    Page::new(words("page.title"))
        .intro(words("page.intro"))
        .fact_of(words("page.what"), "kind")
        .fact_of(words("page.due"), "due_on")
        .field(
            Field::date("wished_on", words("page.wished"))
                .min(desk.today.to_string())
                .max(desk.today.plus_days(90).to_string()),
        )
        .field(Field::long_text("note", words("page.note")).max(500))
        .button("book", words("page.book"))
        .skip("stop", words("page.stop"))
}

fn stopped(desk: &Desk, reminder: &Record<Reminder>) -> Result<Value> {
    let data = &reminder.data;
    stop::create(desk, &reminder.org, &data.customer, data.vehicle.as_deref(), &data.kind, "customer_page", None)?;
    if let Some(call) = &data.call {
        reminder::withdraw_call(desk, call, &data.kind, "end.stopped")?;
    }
    reminder::end(desk, reminder, "stop", "end.stopped", json!({ "answer": "stop" }))?;
    Ok(Page::done(words("page.title"), words("page.stopped")).spent().reply())
}

/// A wish: the reminder is answered, and somebody calls within two business hours to settle the hour.
fn booked(desk: &Desk, reminder: &Record<Reminder>, visit: &Visit) -> Result<Value> {
    let data = &reminder.data;
    let given = |name: &str| visit.values.get(name).and_then(Value::as_str).map(str::to_owned);
    let (wished_on, note) = (given("wished_on"), given("note"));
    let answer = Answer { answer: Some("book".into()), wished_on: wished_on.clone(), note: note.clone() };
    reminder::answered(desk, reminder, &answer, "customer_page")?;
    if let Some(call) = &data.call {
        reminder::withdraw_call(desk, call, &data.kind, "end.booked")?;
    }
    let due = info::due(desk.now(), &desk.settings.booked_within)?;
    let said: Vec<String> = [wished_on, note].into_iter().flatten().collect();
    let way = desk.settings.way(&data.kind);
    call::plan(
        desk,
        &Plan {
            kind: "booking",
            topics: Vec::new(),
            org: &reminder.org,
            customer: &data.customer,
            vehicle: data.vehicle.as_deref(),
            about: Some((KIND, &reminder.id)),
            from: desk.now().to_owned(),
            next: desk.now().to_owned(),
            due,
            roles: &way.roles,
            prefer: None,
            not_allowed: Vec::new(),
            slot: format!("{}:booking:{}", reminder.id, desk.now()),
            note: Some(said.join(" · ")).as_deref().filter(|said| !said.is_empty()),
            receipt: None,
        },
    )?;
    Ok(Page::done(words("page.title"), words("page.booked")).reply())
}
