//! Decisions: asking a point that a dealer's script may answer.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Fault, Result, Value, host};

/// What was decided, and the receipt to quote in the record made from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<T> {
    /// Valid against the point's schema.
    pub output: T,
    /// For [`receipt`](crate::record::Write::receipt).
    pub receipt: String,
}

/// Asks a decision point: a dealer's script where there is one, else the rule that ships with the plugin.
///
/// Where a dealer's script was passed over, the output has a field `fallback` besides its own, saying why.
///
/// ```
/// use marque_sdk::{Decision, decide, json, record, testing::Given};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Level { level: String }
///
/// # Given::new().decides("complaint.level", |_| json!({ "level": "general" })).run(|| {
/// let Decision { output, receipt } = decide::<Level>("complaint.level", &json!({ "kind": "quality" }))?;
/// record::create("complaints.case").field("level", output.level).receipt("level", &receipt).stage()?;
/// # Ok(()) });
/// ```
pub fn decide<T: DeserializeOwned>(point: &str, input: &impl Serialize) -> Result<Decision<T>> {
    let answer = host::decide(point, &serde_json::to_string(input)?)?;
    let mut output: Value = serde_json::from_str(&answer)?;
    let receipt = match output.as_object_mut().and_then(|output| output.remove("receipt")) {
        Some(Value::String(receipt)) => receipt,
        _ => return Err(Fault::new("host", format!("the answer of {point} has no receipt"))),
    };
    let output = serde_json::from_value(output)
        .map_err(|error| Fault::new("decision", format!("the answer of {point} does not fit: {error}")))?;
    Ok(Decision { output, receipt })
}
