//! Asking the score, `lead.score`, and the level, `lead.level`: scripts/*.rhai, or a dealer's own.

use marque_sdk::{Data, Date, Decision, Result, Value, decide, json, record};
use serde::Deserialize;

use crate::{
    desk::Desk,
    lead::{Lead, patch},
};

#[derive(Deserialize)]
struct Scored {
    score: i64,
    band: String,
}

#[derive(Deserialize)]
struct Levelled {
    level: String,
    proposed: Option<String>,
}

/// What was decided of a lead, and the receipts to quote.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// The fields.
    pub data: Data,
    receipts: Vec<(&'static str, String)>,
}

impl Judgement {
    /// Puts the fields and their receipts into a write.
    pub fn into_write(self, write: record::Write) -> record::Write {
        let write = write.fields(&self.data);
        self.with_receipts(write)
    }

    /// The receipts alone.
    pub fn with_receipts(&self, write: record::Write) -> record::Write {
        self.receipts.iter().fold(write, |write, (field, receipt)| write.receipt(field, receipt))
    }
}

/// Scores a lead. A level that a person has set stays; then the score only proposes.
pub fn judge(desk: &Desk, lead: &Lead) -> Result<Judgement> {
    let Decision { output: scored, receipt: for_score } = decide::<Scored>("lead.score", &input(desk, lead)?)?;
    let asked = json!({
        "score": scored.score,
        "window": lead.text("window").unwrap_or("unknown"),
        "current": lead.text("level"),
        "levels": desk.settings.levels,
        "now": desk.now(),
    });
    let Decision { output, receipt } = decide::<Levelled>("lead.level", &without_nulls(asked))?;
    let mut data = patch(json!({ "score": scored.score, "band": scored.band, "level_proposed": output.proposed }));
    let mut receipts = vec![("score", for_score)];
    if lead.text("level").is_none() {
        data.extend(crate::level::set(desk, &output.level)?);
        receipts.push(("level", receipt));
    }
    Ok(Judgement { data, receipts })
}

fn input(desk: &Desk, lead: &Lead) -> Result<Value> {
    let silent_days = match lead.text("effective_at").or(lead.text("received_at")) {
        Some(last) => Date::of(last, &desk.call)?.days_until(Date::today(&desk.call)?).max(0),
        None => 0,
    };
    Ok(without_nulls(json!({
        "channel": lead.text("channel").unwrap_or("web_form"),
        "source": lead.text("source"),
        "window": lead.text("window").unwrap_or("unknown"),
        "interest": lead.text("interest"),
        "model": lead.text("model"),
        "budget": lead.data.get("budget"),
        "price": lead.data.get("price"),
        "trade_in": lead.says("trade_in"),
        "test_drive": lead.text("test_drive").unwrap_or("none"),
        "visits": lead.number("visits"),
        "page_views": lead.number("page_views"),
        "silent_days": silent_days,
        "now": desk.now(),
    })))
}

fn without_nulls(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    value
}
