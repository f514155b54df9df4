//! The public page on which anybody asks for a car, without an account: `/p/leads/enquire?org=…`.

use marque_sdk::{
    Result, Value, json,
    page::{Field, Page, Visit, both},
};

use crate::{
    desk::Desk,
    enquiry::{Enquiry, cut},
    inbound,
    intake::Batch,
    lead::patch,
};

/// The text beside the box that is ticked; another text is another version.
const CONSENT_TEXT: &str = "leads-web-1";

/// Draws the form, or takes in what was filled in.
pub fn enquire(desk: &Desk, visit: &Visit) -> Result<Value> {
    if !visit.is_fill {
        return Ok(form(visit).reply());
    }
    let enquiry = read(visit);
    let mut raw = patch(json!(enquiry));
    raw.retain(|_, value| !value.is_null());
    let mut batch = Batch::new(desk);
    inbound::take(desk, &mut batch, &enquiry, &serde_json::to_string(&raw)?)?;
    // The same words for everybody: nobody learns here whether a number is known.
    let words = both("我们已收到您的咨询，顾问会尽快与您联系。", "We have your enquiry; somebody will call you soon.");
    Ok(Page::done(both("已收到，谢谢", "Thank you, we have it"), words).reply())
}

fn form(visit: &Visit) -> Page {
    let about = visit.query.get("about").and_then(Value::as_str).unwrap_or_default();
    let window = Field::choice("window", both("计划何时购车", "When would you like to buy?"))
        .option("d7", both("一周内", "Within a week"))
        .option("d15", both("半个月内", "Within two weeks"))
        .option("d30", both("一个月内", "Within a month"))
        .option("d90", both("三个月内", "Within three months"))
        .option("later", both("再晚一些", "Later"));
    let interest = Field::choice("interest", both("您想", "You would like"))
        .option("buy", both("了解价格", "a price"))
        .option("test_drive", both("预约试驾", "a test drive"))
        .option("trade_in", both("旧车置换", "to trade a car in"));
    let consent = both(
        "我同意通过短信、电话向我介绍新车和优惠（可随时退订，不影响本次咨询）",
        "You may tell me of cars and offers by message and telephone (I can stop it at any time; this enquiry does not depend on it)",
    );
    Page::new(both("咨询与试驾", "Ask for a car"))
        .intro(both(
            "留下联系方式，顾问会在营业时间内尽快回电。",
            "Leave your number; somebody calls you back while we are open.",
        ))
        .field(Field::text("name", both("称呼", "Your name")).required().max(60))
        .field(Field::phone("phone", both("手机号", "Mobile")).required())
        .field(Field::text("model", both("感兴趣的车型", "Which car")).max(100).value(cut(about, 100)))
        .field(interest)
        .field(window)
        .field(Field::text("city", both("所在城市", "City")).max(60))
        .field(Field::long_text("message", both("想了解什么", "What would you like to know")).max(1_000))
        .field(Field::consent("consent", consent))
}

fn read(visit: &Visit) -> Enquiry {
    let text = |name: &str| visit.text(name).map(str::to_owned);
    let agrees = visit.values.get("consent") == Some(&Value::Bool(true));
    let interest = text("interest");
    Enquiry {
        name: text("name"),
        phone: text("phone"),
        model: text("model"),
        trade_in: (interest.as_deref() == Some("trade_in")).then_some(true),
        interest,
        window: text("window"),
        city: text("city"),
        message: text("message"),
        channel: Some("web_form".into()),
        source: Some("internet".into()),
        campaign: visit.query.get("ref").and_then(Value::as_str).map(|campaign| cut(campaign, 100)),
        consent_marketing: agrees.then_some(true),
        consent_text: agrees.then(|| CONSENT_TEXT.into()),
        ..Enquiry::default()
    }
}
