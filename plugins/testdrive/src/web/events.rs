//! `/p/testdrive/sign-up?org=…&about=E00001`: anybody signs up for an event and hears at once whether there is a place.

use marque_sdk::{
    Filter, Record, Result, Value,
    page::{Field, Page, Visit, both},
    view,
};

use crate::{
    customer,
    desk::{Desk, refuse_at},
    event::{self, Event},
    sign_up::{self, Guest},
};
use marque_sdk::moment;

/// The form holds no more options.
const MOST: u32 = 60;

/// Draws the form, or signs up.
pub fn page(desk: &Desk, visit: &Visit) -> Result<Value> {
    let open = open(desk, visit)?;
    if open.is_empty() {
        let words = both("目前没有可报名的试驾活动。", "There is no event to sign up for just now.");
        return Ok(Page::done(both("试驾活动报名", "Sign up for a test-drive event"), words).reply());
    }
    if !visit.is_fill {
        return form(desk, &open).map(Page::reply);
    }
    let Some(event) = open.iter().find(|event| Some(event.id.as_str()) == visit.text("event")) else {
        return refuse_at("sign_up_closed", "/event", "this event takes nobody any more: choose another");
    };
    let (name, phone) = (visit.text("name").unwrap_or_default(), visit.text("phone").unwrap_or_default());
    let (customer, _) = customer::of_visitor(&event.org, name, phone, "test_drive_event")?;
    let group_size = visit.values.get("group_size").and_then(Value::as_i64).unwrap_or(1);
    let guest = Guest { customer: &customer, name, group_size, message: None, channel: "web" };
    let (_, state) = sign_up::take_in(desk, event, guest)?;
    let words = match state {
        "confirmed" => {
            both("您的名额已确认，活动前会提醒您。", "Your place is confirmed; we remind you before it begins.")
        }
        _ => both(
            "名额已满，您已进入候补，一有空位马上通知您。",
            "It is full; you are on the waiting list and hear from us as soon as a place is free.",
        ),
    };
    Ok(Page::done(both("报名成功", "Thank you"), words)
        .fact(both("活动", "Event"), event.data.name.as_str())
        .fact(both("时间", "Time"), moment::told(&event.data.starts_at, &desk.call)?)
        .reply())
}

/// Events that take people: the one that was asked about alone, if it is one of them.
fn open(desk: &Desk, visit: &Visit) -> Result<Vec<Record<Event>>> {
    let here = Filter::eq("org", desk.call.org.as_str()).and(Filter::eq("state", "planned"));
    let here = here.and(Filter::gt("starts_at", desk.now()));
    let mut found = view::find::<Event>(event::KIND).filter(here).order("starts_at").limit(MOST).page()?.items;
    found.retain(|event| event.data.sign_up_to.as_deref().is_none_or(|until| desk.now() <= until));
    if let Some(about) = visit.query.get("about").and_then(Value::as_str) {
        let number = Filter::eq("number", about);
        let named = view::find::<Event>(event::KIND).filter(number).first()?;
        if let Some(named) = named.filter(|named| found.iter().any(|event| event.id == named.id)) {
            return Ok(vec![named]);
        }
    }
    Ok(found)
}

fn form(desk: &Desk, open: &[Record<Event>]) -> Result<Page> {
    let mut choice = Field::choice("event", both("活动", "Event")).required();
    for event in open {
        let label = format!(
            "{} · {} · {}",
            moment::told(&event.data.starts_at, &desk.call)?,
            event.data.name,
            event.data.model
        );
        choice = choice.option(&event.id, label);
    }
    if let [only] = open {
        choice = choice.value(only.id.as_str());
    }
    Ok(Page::new(both("试驾活动报名", "Sign up for a test-drive event"))
        .intro(both("提交后马上知道有没有名额。", "You know at once whether there is a place."))
        .field(choice)
        .field(Field::text("name", both("称呼", "Your name")).required().max(60))
        .field(Field::phone("phone", both("手机号", "Mobile")).required())
        .field(Field::number("group_size", both("几位同来", "How many come")).min(1).max(20)))
}
