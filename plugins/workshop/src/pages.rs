//! The public pages: an appointment for the workshop, the estimate to agree to, how far the car is.

mod book;

use marque_sdk::{
    Fault, Result, Value,
    page::{Field, Page, Visit, both},
};

pub use book::book;

use crate::{
    desk::Desk,
    estimate::{self, Answer},
    file::{APPROVAL, File, ORDER},
    moment, money,
};

/// The estimate, with each part's origin, and the customer's word on it.
pub fn approve(desk: &Desk, visit: &Visit, id: &str) -> Result<Value> {
    let approval = File::load(APPROVAL, id)?;
    let order = estimate::order_of(&approval)?;
    if approval.state() != "asked" {
        return Ok(answered(&approval).reply());
    }
    if !visit.is_fill {
        return Ok(offer(desk, &approval, &order)?.reply());
    }
    let answer = Answer {
        how: Some("page".into()),
        signed_name: visit.text("signed_name").map(str::to_owned),
        note: visit.text("note").map(str::to_owned),
    };
    if visit.button.as_deref() == Some("refuse") {
        estimate::refuse_estimate(desk, &order, &answer)?;
        let words =
            both("我们已收到您的意见，服务顾问会与您联系。", "We have your answer; your advisor will call you.");
        return Ok(Page::done(both("已收到", "We have it"), words).reply());
    }
    if answer.signed_name.is_none() {
        return Err(Fault::at("name_missing", "/signed_name", "write your name to agree"));
    }
    estimate::approve(desk, &order, &answer)?;
    let words = both("谢谢，我们马上安排维修。", "Thank you; we begin at once.");
    Ok(Page::done(both("已确认", "Agreed"), words).reply())
}

fn answered(approval: &File) -> Page {
    let words = match approval.state() {
        "given" => both("这份报价您已经确认。", "You have agreed to this estimate."),
        "refused" => both("这份报价您没有同意。", "You did not agree to this estimate."),
        _ => both("这份报价已被新的报价代替。", "A newer estimate has taken its place."),
    };
    Page::new(both("维修报价", "Estimate")).intro(words).button("ok", both("好的", "All right"))
}

fn offer(desk: &Desk, approval: &File, order: &File) -> Result<Page> {
    let intro = if approval.says("extra") {
        both("维修中发现需要增加以下项目，请确认后我们再做。", "We found more to do, and do it only if you agree.")
    } else {
        both(
            "请核对以下项目和金额，确认后开始维修。",
            "Please look at the work and its price; we begin when you agree.",
        )
    };
    let mut page = Page::new(both("维修报价", "Estimate"))
        .intro(intro)
        .fact(both("工单", "Work order"), order.text("number").unwrap_or_default());
    for line in approval.data.get("lines").and_then(Value::as_array).into_iter().flatten() {
        page = page.fact(line.get("name").cloned().unwrap_or_default(), told(line));
    }
    page = page.fact(both("您应付", "You pay"), format!("¥{}", money::yuan(approval.number("amount"))));
    if let Some(at) = approval.text("promised_ready") {
        page = page.fact(both("预计交车", "Ready by"), moment::told(at, &desk.call)?);
    }
    Ok(page
        .field(Field::text("signed_name", both("签名（姓名）", "Your name")).max(60))
        .field(Field::long_text("note", both("意见（可不填）", "In words, if you like")).max(500))
        .button("approve", both("同意维修", "I agree"))
        .skip("refuse", both("暂不维修", "I do not agree")))
}

/// A line as the customer reads it: where a part comes from, who pays, how much.
fn told(line: &Value) -> Value {
    let of = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
    let amount = line.get("amount").and_then(Value::as_i64).unwrap_or(0);
    let (zh, en) = match of("origin") {
        "oem" => ("原厂件 ", "OEM part, "),
        "equivalent_quality" => ("同质配件 ", "part of equivalent quality, "),
        "remanufactured" => ("再制造件 ", "remanufactured part, "),
        "reused" => ("回用件 ", "reused part, "),
        _ => ("", ""),
    };
    let (zh_payer, en_payer) = match of("payer") {
        "customer" | "" => ("", ""),
        "warranty" | "sanbao" => ("（保修，免费）", " (warranty, free of charge)"),
        "insurance" => ("（保险支付）", " (paid by the insurer)"),
        "contract" => ("（服务合同内）", " (in your service contract)"),
        _ => ("（免费）", " (free of charge)"),
    };
    let price = money::yuan(amount);
    both(&format!("{zh}¥{price}{zh_payer}"), &format!("{en}¥{price}{en_payer}"))
}

/// How far the car is, for whoever was given the link.
pub fn progress(desk: &Desk, id: &str) -> Result<Value> {
    let order = File::load(ORDER, id)?;
    let mut page = Page::new(both("维修进度", "Your car in the workshop"))
        .fact_of(both("工单", "Work order"), "number")
        .fact_of(both("状态", "State"), "state");
    if let Some(at) = order.text("promised_ready") {
        page = page.fact(both("预计交车", "Ready by"), moment::told(at, &desk.call)?);
    }
    Ok(page.button("again", both("刷新", "Look again")).reply())
}
