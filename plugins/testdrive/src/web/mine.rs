//! The customer's own drive by a signed link: see it, answer an offer, call it off; and say how it was.

use marque_sdk::{
    Result, Value,
    page::{Field, Page, Visit, both},
};

use crate::{
    answer::{self, End},
    desk::Desk,
    drive::Drive,
    feedback::{self, ASPECTS},
};
use marque_sdk::moment;

/// States in which the customer may call it off.
const OPEN: [&str; 6] = ["requested", "acknowledged", "alternative", "waitlisted", "confirmed", "reminded"];

/// The drive as it stands, with what the customer can do about it.
pub fn mine(desk: &Desk, visit: &Visit, drive: &Drive) -> Result<Value> {
    if !visit.is_fill {
        return shown(desk, drive).map(Page::reply);
    }
    let title = both("我的试驾", "My test drive");
    let words = match visit.button.as_deref() {
        Some("accept") => {
            answer::accept(desk, drive)?;
            both("谢谢，已为您确认。到时见！", "Thank you, it is confirmed. See you then!")
        }
        Some("refuse" | "cancel") => {
            let note = visit.text("note").map(str::to_owned);
            answer::cancel(desk, drive, &End { reason: "customer".into(), note })?;
            both("已取消。欢迎随时再约。", "It is called off. You are welcome to book again.")
        }
        _ => return shown(desk, drive).map(Page::reply),
    };
    Ok(Page::done(title, words).reply())
}

fn shown(desk: &Desk, drive: &Drive) -> Result<Page> {
    let title = both("我的试驾", "My test drive");
    if !drive.is_in(&OPEN) {
        let words = both("这次试驾已经结束或取消。", "This test drive is over or was called off.");
        return Ok(Page::done(title, words));
    }
    let mut page = Page::new(title).fact(both("车型", "Car"), drive.text("model").unwrap_or_default());
    if let Some(start) = drive.text("slot_start") {
        page = page.fact(both("时间", "Time"), moment::told(start, &desk.call)?);
    }
    page = page.fact_of(both("状态", "State"), "state");
    let note = Field::text("note", both("想对我们说的", "Anything to tell us")).max(200);
    if drive.is_in(&["alternative"]) {
        let words = both(
            "原来的时间无法安排，为您留了上面的时间。",
            "The time you asked for is not possible; we keep the one above for you.",
        );
        return Ok(page
            .intro(words)
            .field(note)
            .button("accept", both("可以，就这个时间", "Yes, that suits me"))
            .skip("refuse", both("不方便，取消", "No, call it off")));
    }
    Ok(page.field(note).button("cancel", both("取消这次试驾", "Call it off")))
}

/// Five marks and a sentence.
pub fn feedback(desk: &Desk, visit: &Visit, drive: &Drive) -> Result<Value> {
    let title = both("试驾感受", "How was it?");
    if !drive.is_in(&["done"]) || drive.text("feedback_at").is_some() {
        let words = both("谢谢，我们已经收到您的评价。", "Thank you, we have your opinion.");
        return Ok(Page::done(title, words).reply());
    }
    if !visit.is_fill {
        let labels = [
            both("舒适", "Comfort"),
            both("动力", "Power"),
            both("操控", "Handling"),
            both("空间", "Space"),
            both("科技", "Technology"),
        ];
        let mut marks = Field::matrix("marks", both("请打分（1–10）", "Your marks (1 to 10)")).required();
        for (aspect, label) in ASPECTS.into_iter().zip(labels) {
            marks = marks.row(aspect, label);
        }
        return Ok(Page::new(title)
            .intro(both("不到一分钟。", "It takes less than a minute."))
            .field(marks)
            .field(
                Field::long_text("words", both("最喜欢或最不满意的地方", "What did you like or dislike most?"))
                    .max(1_000),
            )
            .reply());
    }
    let marks = feedback::of_matrix(visit.values.get("marks").unwrap_or(&Value::Null), visit.text("words"));
    feedback::give(desk, drive, &marks)?;
    Ok(Page::done(title, both("谢谢您的评价！", "Thank you for your opinion!")).spent().reply())
}
