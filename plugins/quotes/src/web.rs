//! The customer's page: is this my valid quote, what does it come to, what have I been told; accept or decline.

use marque_sdk::{
    Date, Result, Value, json,
    page::{Field, Link, Page, Visit, both},
};

use crate::{
    answer,
    desk::{Desk, refuse},
    disclosure,
    quote::{Quote, patch},
    texts::{words, words_with},
};
use marque_sdk::money;

/// Draws the page, or takes the answer.
pub fn answer(desk: &Desk, quote: &Quote, visit: &Visit) -> Result<Value> {
    if !visit.is_fill {
        return Ok(page(desk, quote)?.reply());
    }
    if visit.button.as_deref() == Some("decline") {
        answer::refuse_with(desk, quote, "other", visit.text("note"), "page")?;
        return Ok(Page::done(words("web.declined"), words("web.declined.intro")).reply());
    }
    answer::must_be_valid(desk, quote)?;
    let told = disclosure::needed(quote);
    if told.iter().any(|one| visit.values.get(*one) != Some(&Value::Bool(true))) {
        return refuse("not_disclosed", "tick everything you have read before you accept");
    }
    let data = json!({ "disclosures": told, "disclosed_at": desk.now(), "disclosed_by": null, "answered_on": "page" });
    answer::accepted(desk, quote, patch(data))?;
    Ok(Page::done(words("web.accepted"), words("web.accepted.intro")).fact_of(words("web.number"), "number").reply())
}

fn page(desk: &Desk, quote: &Quote) -> Result<Page> {
    if answer::must_be_valid(desk, quote).is_ok() {
        return valid(desk, quote);
    }
    // A total that does not hold any more is not shown: there is one valid total, or none.
    let page = Page::new(words("web.title")).fact(words("web.number"), quote.text("number"));
    Ok(match (quote.state(), quote.some("superseded_by")) {
        ("superseded", Some(by)) => page.intro(words("web.superseded")).link(words("web.newer"), Link::new("view", by)),
        ("accepted", _) => {
            page.intro(words("web.is_accepted")).fact(words("web.total"), money::yuan(quote.number("total")))
        }
        ("refused", _) => page.intro(words("web.is_declined")),
        ("draft" | "awaiting_approval", _) => page.intro(words("web.not_yet")),
        _ => page.intro(words("web.is_over")),
    })
}

fn valid(desk: &Desk, quote: &Quote) -> Result<Page> {
    let until = Date::of(quote.text("valid_until"), &desk.call)?;
    let mut page = Page::new(words("web.title"))
        .intro(words("web.valid"))
        .fact(words("web.number"), quote.text("number"))
        .fact(words("web.dealer"), desk.call.org_name.as_str())
        .fact(words("web.car"), format!("{} {}", quote.text("model"), quote.text("config")).trim());
    for line in quote.lines() {
        page = page.fact(label(line), amount(line));
    }
    page = page
        .fact(words("web.total"), money::yuan(quote.number("total")))
        .fact(words("web.until"), until.to_string())
        .field(Field::heading(words("web.told")));
    for code in disclosure::needed(quote) {
        page = page.field(Field::consent(code, said(desk, quote, code)).required());
    }
    Ok(page
        .field(Field::long_text("note", words("web.note")).max(500))
        .button("accept", words("web.accept"))
        .skip("decline", words("web.decline")))
}

fn label(line: &Value) -> Value {
    let text = |name: &str| line[name].as_str().unwrap_or_default();
    if text("name").is_empty() { words(&format!("line.{}", text("kind"))) } else { json!(text("name")) }
}

fn amount(line: &Value) -> Value {
    let fen = |name: &str| line[name].as_i64().unwrap_or(0);
    let net = money::yuan(fen("net"));
    if fen("discount") == 0 {
        return json!(net);
    }
    let (list, discount) = (money::yuan(fen("list")), money::yuan(fen("discount")));
    both(&format!("{net}（标价 {list}，优惠 {discount}）"), &format!("{net} (list {list}, {discount} off)"))
}

fn said(desk: &Desk, quote: &Quote, code: &str) -> Value {
    let own = match code {
        "delivery_time" => quote.text("delivery_note"),
        "limits" => quote.text("limits_note"),
        "cancellation" => desk.settings.cancellation.as_str(),
        "complaints" => desk.settings.complaints.as_str(),
        _ => "",
    };
    if own.trim().is_empty() { words(&format!("told.{code}")) } else { words_with(&format!("told.{code}.own"), own) }
}
