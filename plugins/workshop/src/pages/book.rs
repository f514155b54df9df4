//! The public sign-up for the workshop: who, what, which day; then a free time of that day.

use marque_sdk::{
    Data, Date, Fault, Filter, Id, Result, Value, json,
    page::{Field, Page, Visit, both},
    view,
};

use crate::{
    customer,
    desk::Desk,
    moment,
    request::{self, Request},
    slot,
};

/// Draws the first page, the times of a day, or takes the request down.
pub fn book(desk: &Desk, visit: &Visit) -> Result<Value> {
    let day = visit.carry.get("day").and_then(Value::as_str);
    match (visit.is_fill, day) {
        (false, None) => Ok(who(desk)?.reply()),
        (false, Some(day)) => Ok(times(desk, visit, day.parse()?)?.reply()),
        (true, None) => Ok(chosen(desk, visit)?.reply()),
        (true, Some(_)) => taken(desk, visit),
    }
}

fn who(desk: &Desk) -> Result<Page> {
    let today = Date::today(&desk.call)?;
    let kind = Field::choice("kind", both("要做什么", "What is to be done"))
        .option("first_service", both("首次保养", "First service"))
        .option("regular_service", both("定期保养", "Service"))
        .option("repair", both("维修", "Repair"))
        .option("body", both("钣金喷漆", "Body work"))
        .option("recall", both("召回", "Recall"))
        .option("inspection", both("检测", "Inspection"))
        .option("insurance_claim", both("事故理赔", "Insurance claim"))
        .required();
    Ok(Page::new(both("预约到店", "Book a visit"))
        .intro(both("填好后选择时间，服务顾问会尽快与您确认。", "Then choose a time; an advisor confirms it soon."))
        .step(1, 2)
        .field(Field::text("name", both("称呼", "Your name")).required().max(60))
        .field(Field::phone("phone", both("手机号", "Mobile")).required())
        .field(Field::text("plate", both("车牌号", "Plate")).max(12))
        .field(Field::text("model", both("车型", "Model")).max(100))
        .field(kind)
        .field(Field::long_text("symptoms", both("故障或需求", "What is the matter")).max(1_000))
        .field(
            Field::text("pickup_address", both("需要上门取车请填写地址", "Where to fetch the car, if you wish"))
                .max(300),
        )
        .field(
            Field::date("day", both("希望哪天到店", "Which day"))
                .required()
                .min(today.to_string())
                .max(today.plus_days(desk.settings.bookable_days).to_string()),
        ))
}

/// The first page is filled in: on to the times of its day.
fn chosen(desk: &Desk, visit: &Visit) -> Result<Page> {
    let day: Date = visit.text("day").unwrap_or_default().parse()?;
    let mut carry = json!({ "day": day.to_string() });
    for name in ["name", "phone", "plate", "model", "kind", "symptoms", "pickup_address"] {
        if let Some(text) = visit.text(name) {
            // What comes back signed holds two kilobytes: the words are cut to what a clerk reads.
            carry[name] = text.chars().take(250).collect::<String>().into();
        }
    }
    let page = times_of(desk, day)?;
    match page {
        Some(page) => Ok(page.carry(carry)),
        None => Err(Fault::at("day_full", "/day", "nothing is free on that day: choose another one")),
    }
}

fn times(desk: &Desk, visit: &Visit, day: Date) -> Result<Page> {
    match times_of(desk, day)? {
        Some(page) => Ok(page.carry(visit.carry.clone())),
        None => Err(Fault::new("day_full", "nothing is free on that day any more: choose another one")),
    }
}

fn times_of(desk: &Desk, day: Date) -> Result<Option<Page>> {
    let open: Vec<_> = slot::of_day(desk, &desk.call.org, day)?.into_iter().filter(|open| open.free > 0).collect();
    if open.is_empty() {
        return Ok(None);
    }
    let mut field = Field::choice("slot", both("到店时间", "Time")).required();
    for one in open.iter().take(60) {
        let (hour, minute) = moment::clock(&one.starts_at, &desk.call)?;
        field = field.option(&one.starts_at, format!("{hour:02}:{minute:02}"));
    }
    Ok(Some(
        Page::new(both("选择时间", "Choose a time"))
            .intro(day.to_string())
            .step(2, 2)
            .field(field)
            .button("book", both("预约", "Book"))
            .skip("back", both("重新填写", "Start over")),
    ))
}

fn taken(desk: &Desk, visit: &Visit) -> Result<Value> {
    if visit.button.as_deref() == Some("back") {
        return Ok(who(desk)?.reply());
    }
    let of = |name: &str| visit.carry.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = of("name").unwrap_or_default();
    let customer = customer::known_or_new(&desk.call.org, &name, of("phone").as_deref(), "web")?;
    let vehicle = theirs(&customer, of("plate").as_deref())?;
    // A plate as it was typed may be no plate at all: where it leads to no car of theirs the clerk reads it among the words.
    let plate = of("plate").filter(|_| vehicle.is_none()).map(|plate| format!("{plate} "));
    let asked = Request {
        customer: Some(customer),
        vehicle,
        model: of("model"),
        kind: of("kind"),
        symptoms: Some(format!("{}{}", plate.unwrap_or_default(), of("symptoms").unwrap_or_default()))
            .filter(|words| !words.is_empty()),
        slot: visit.text("slot").map(str::to_owned),
        pickup_service: of("pickup_address").map(|_| true),
        pickup_address: of("pickup_address"),
        channel: Some("web".into()),
        ..Request::default()
    };
    request::request(desk, &desk.call.org, &asked)?;
    // The same words for everybody: nobody learns here whether a number is known.
    let words = both("我们已收到您的预约，服务顾问会尽快与您确认。", "We have it; an advisor confirms it soon.");
    Ok(Page::done(both("已收到，谢谢", "Thank you, we have it"), words).reply())
}

/// The car of a customer that has this plate, as far as one can tell from what was typed.
fn theirs(customer: &str, plate: Option<&str>) -> Result<Option<Id>> {
    let plain = |plate: &str| plate.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase();
    let Some(plate) = plate.map(plain).filter(|plate| !plate.is_empty()) else { return Ok(None) };
    let cars = view::find::<Data>("vehicles.vehicle").filter(Filter::eq("customer", customer)).limit(100).page()?.items;
    let has = |car: &Data| car.get("plate").and_then(Value::as_str).is_some_and(|known| plain(known) == plate);
    Ok(cars.into_iter().find(|car| has(&car.data)).map(|car| car.id))
}
