//! What the customer has to be told before they accept, the unfavourable as openly as the favourable.

use marque_sdk::{Result, Value, json};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at},
    quote::{Quote, patch},
};

/// Told with every quote.
pub const ALWAYS: [&str; 5] = ["delivery_time", "fees", "limits", "cancellation", "complaints"];
/// Told where insurance, a loan or registration is in it: nobody has to take them here.
pub const VOLUNTARY: &str = "voluntary";

/// Input of `disclose`, and of `accept` at the desk.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Disclosed {
    disclosed: Vec<String>,
}

/// What has to be told about a quote.
pub fn needed(quote: &Quote) -> Vec<&'static str> {
    let is_voluntary = quote.has_line(&["insurance", "registration", "finance_cost"]);
    ALWAYS.into_iter().chain(is_voluntary.then_some(VOLUNTARY)).collect()
}

/// Notes what was told in person.
pub fn disclose(desk: &Desk, quote: &Quote, input: Disclosed) -> Result<Value> {
    quote.must_be(&["draft", "awaiting_approval", "active"])?;
    let told = input.with(quote);
    quote
        .change(&patch(json!({ "disclosures": told, "disclosed_at": desk.now(), "disclosed_by": desk.me() })))
        .stage()?;
    let missing: Vec<&str> = needed(quote).into_iter().filter(|one| !told.iter().any(|code| code == one)).collect();
    Ok(json!({ "id": quote.id, "missing": missing }))
}

impl Disclosed {
    /// What was told by now, in its order.
    fn with(&self, quote: &Quote) -> Vec<String> {
        let mut told = quote.list("disclosures");
        told.extend(self.disclosed.iter().filter(|code| !quote.list("disclosures").contains(code)).cloned());
        told
    }

    /// What was told by now; refused while something is missing.
    pub fn complete(&self, quote: &Quote) -> Result<Vec<String>> {
        let told = self.with(quote);
        let missing: Vec<&str> = needed(quote).into_iter().filter(|one| !told.iter().any(|code| code == one)).collect();
        if missing.is_empty() {
            return Ok(told);
        }
        refuse_at(
            "not_disclosed",
            "/disclosed",
            format!("the customer has not been told of {}: tell them, and tick it", missing.join(", ")),
        )
    }
}
