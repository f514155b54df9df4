//! Asking the level rule, `complaint.level`: scripts/complaint.level.rhai, or a dealer's stricter one.

use marque_sdk::{Data, Decision, Result, decide, view};
use serde::{Deserialize, Serialize};

use crate::{desk::Desk, level::Level};

/// What the rule is told; see points/complaint.level.json.
#[derive(Serialize)]
struct Input<'a> {
    facts: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    demand: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    is_grumble: bool,
    vip: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_type: Option<&'a str>,
    repeat_count: u64,
    repeat_threshold: u64,
    now: &'a str,
}

/// What it answers.
#[derive(Deserialize)]
struct Output {
    level: Level,
    response: Option<String>,
    fallback: Option<String>,
}

/// What of a customer counts here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Customer {
    r#type: Option<String>,
    /// Words with commas or blanks between them.
    tags: String,
    vip: bool,
}

/// The rule's answer.
#[derive(Debug)]
pub struct Judgement {
    /// How grave it is.
    pub level: Level,
    /// A response limit shorter than the level's.
    pub response: Option<String>,
    /// What it was decided from.
    pub receipt: String,
    /// Why a dealer's script was passed over.
    pub notice: Option<String>,
}

/// Whether one of the customer's tags says so.
fn is_tagged_vip(tags: &str) -> bool {
    tags.split([',', '，', '、', ' ']).any(|tag| tag.trim().eq_ignore_ascii_case("vip"))
}

/// Asks about a complaint with these fields.
pub fn judge(desk: &Desk, data: &Data, repeat_count: u64) -> Result<Judgement> {
    let text = |field: &str| data.get(field).and_then(|value| value.as_str());
    // Who complains on the public page may be a customer only with this call, and is nothing special yet.
    let customer = view::get::<Customer>("customer", text("customer").unwrap_or_default())?;
    let customer = customer.map(|customer| customer.data).unwrap_or_default();
    // The customer's answer to a remedy may say what the first words did not.
    let facts = [text("facts"), text("customer_answer")].into_iter().flatten().collect::<Vec<_>>().join("\n");
    let input = Input {
        facts: &facts,
        demand: text("demand"),
        kind: text("kind"),
        channel: text("channel"),
        is_grumble: data.get("is_grumble").is_some_and(|value| value == true),
        vip: customer.vip || is_tagged_vip(&customer.tags),
        customer_type: customer.r#type.as_deref(),
        repeat_count,
        repeat_threshold: desk.settings.repeat_threshold,
        now: &desk.call.now,
    };
    let Decision { output, receipt } = decide::<Output>("complaint.level", &input)?;
    Ok(Judgement { level: output.level, response: output.response, receipt, notice: output.fallback })
}
