//! A dealer's own figure: the point `kpi.custom` makes a number of the parts.

use marque_sdk::{Decision, Map, Result, Value, decide, json};
use serde::Deserialize;

use crate::{count::Tally, definition::Definition, desk::Desk};

#[derive(Deserialize)]
struct Answer {
    value: Option<f64>,
}

/// What the script makes of it, with the receipt of the decision.
pub fn value(
    desk: &Desk,
    definition: &Definition,
    tally: &Tally,
    figures: &Map<String, Value>,
    period: &str,
) -> Result<(Option<f64>, String)> {
    let input = json!({
        "code": definition.code, "measures": tally.measures, "figures": figures, "numerator": tally.top, "denominator": tally.base,
        "factor": definition.factor(), "period": period, "now": desk.now(),
    });
    let Decision { output, receipt } = decide::<Answer>("kpi.custom", &input)?;
    Ok((output.value.filter(|value| value.is_finite()), receipt))
}
