//! `/p/testdrive/book?org=…`: anybody books a test drive of a car that is there, at a time that is free.

use marque_sdk::{
    Date, Record, Result, Value,
    page::{Field, Page, Visit, both},
};

use crate::{
    availability,
    car::{self, Car},
    customer,
    desk::{Desk, refuse_at},
    people,
    request::{self, Origin, Request},
    slot::Slot,
};
use marque_sdk::moment;

/// The form holds no more options.
const MOST: usize = 60;

/// Draws the form, or books.
pub fn page(desk: &Desk, visit: &Visit) -> Result<Value> {
    let models = models(desk)?;
    if models.is_empty() {
        let words = both(
            "本店暂时没有可预约的试驾车，欢迎来电咨询。",
            "There is no car to test here just now; please call us.",
        );
        return Ok(Page::done(both("预约试驾", "Book a test drive"), words).reply());
    }
    if !visit.is_fill {
        return form(desk, visit, &models).map(Page::reply);
    }
    book(desk, visit)
}

fn models(desk: &Desk) -> Result<Vec<String>> {
    use marque_sdk::{Filter, view};
    let here = Filter::eq("org", desk.call.org.as_str()).and(Filter::eq("status", "in_use"));
    let cars: Vec<Record<Car>> = view::find(car::KIND).filter(here).order("name").up_to(500)?;
    let mut models: Vec<String> = cars.into_iter().map(|car| car.data.model).collect();
    models.sort();
    models.dedup();
    models.truncate(MOST);
    Ok(models)
}

fn form(desk: &Desk, visit: &Visit, models: &[String]) -> Result<Page> {
    let today = Date::today(&desk.call)?;
    let about = visit.query.get("about").and_then(Value::as_str).unwrap_or_default();
    let mut model = Field::choice("model", both("试驾车型", "Which car")).required();
    for name in models {
        model = model.option(name, name.as_str());
    }
    if models.iter().any(|name| name == about) {
        model = model.value(about);
    }
    let mut time = Field::choice("time", both("时间", "Time")).required();
    for at in desk.settings.page_times.iter().take(MOST) {
        time = time.option(at, at.as_str());
    }
    let licence = both(
        "请带上有效驾照：满 18 岁、领证满半年可以自己驾驶，否则由我们陪您试乘。",
        "Please bring your licence: from 18 years and half a year of driving you drive yourself, else you ride along.",
    );
    Ok(Page::new(both("预约试驾", "Book a test drive"))
        .intro(licence)
        .field(model)
        .field(
            Field::date("day", both("日期", "Day"))
                .required()
                .min(today.to_string())
                .max(today.plus_days(desk.settings.page_days).to_string()),
        )
        .field(time)
        .field(Field::text("name", both("称呼", "Your name")).required().max(60))
        .field(Field::phone("phone", both("手机号", "Mobile")).required())
        .field(Field::long_text("message", both("有什么要求", "Anything we should know")).max(500)))
}

fn book(desk: &Desk, visit: &Visit) -> Result<Value> {
    let text = |name: &str| visit.text(name).unwrap_or_default().to_owned();
    let day: Date = text("day").parse()?;
    let cars = car::of_model(&desk.call.org, &text("model"))?;
    let slot = Slot::new(&moment::at(day, &text("time"), &desk.call)?, desk.settings.drive_minutes)?;
    if slot.start.as_str() <= desk.now() || !car::is_any_free(desk, &cars, &slot)? {
        let free = availability::times(desk, &cars, day, desk.settings.drive_minutes)?;
        // What is free that day stands in the message for the desk; the visitor reads the text of the code and chooses again.
        return refuse_at("slot_taken", "/time", format!("no car is free then; free that day: {}", free.join(", ")));
    }
    let campaign =
        visit.query.get("ref").and_then(Value::as_str).map(|text| text.chars().take(100).collect::<String>());
    let (customer, owner) = customer::of_visitor(&desk.call.org, &text("name"), &text("phone"), "web_test_drive")?;
    let owner = people::taker(desk, &desk.call.org, &[owner.as_deref()])?;
    let wish = Request {
        customer,
        model: Some(text("model")),
        slot_start: Some(slot.start.clone()),
        message: visit.text("message").map(str::to_owned),
        ..Request::default()
    };
    let origin = Origin { channel: "web", campaign: campaign.as_deref() };
    request::take_down(desk, &wish, &text("name"), &owner, origin)?;
    let when = moment::told(&slot.start, &desk.call)?;
    let words = both("我们已收到您的预约，会尽快发短信确认。", "We have your wish and confirm it by message soon.");
    Ok(Page::done(both("预约已收到", "Thank you"), words)
        .fact(both("车型", "Car"), text("model"))
        .fact(both("时间", "Time"), when)
        .reply())
}
