//! OpenTelemetry: figures are pushed to a collector, OTLP over HTTP with JSON.

use serde_json::{Value, json};

use super::egress;
use crate::{Error, Result, model::Time};

/// One figure, with what it is of.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// `marque.plugin.lag`.
    pub name: &'static str,
    /// `1`, `s`, `By`.
    pub unit: &'static str,
    /// Whether it only grows, from the start of the server on.
    pub is_sum: bool,
    /// How much.
    pub value: f64,
    /// Of what: `plugin` and its name.
    pub of: Vec<(&'static str, String)>,
}

/// Send figures; `since` is when those that only grow began.
///
/// # Errors
/// Internal, with what the collector said.
pub fn push(collector: &str, figures: &[Figure], since: Time, now: Time) -> Result<()> {
    let url = format!("{}/v1/metrics", collector.trim_end_matches('/'));
    let failed = |why: String| Error::internal(format!("{url}: {why}"));
    let answer = egress::agent()
        .post(&url)
        .header("content-type", "application/json")
        .send(body(figures, since, now).to_string())
        .map_err(|error| failed(error.to_string()))?;
    if answer.status().is_success() { Ok(()) } else { Err(failed(answer.status().to_string())) }
}

/// The request as the protocol writes it: 64-bit numbers are text.
fn body(figures: &[Figure], since: Time, now: Time) -> Value {
    let nanos = |time: Time| format!("{}000000", time.millis());
    let metric = |figure: &Figure| {
        let of = figure.of.iter().map(|(key, value)| attribute(key, value)).collect::<Vec<_>>();
        let point = json!({
            "attributes": of, "asDouble": figure.value, "startTimeUnixNano": nanos(since), "timeUnixNano": nanos(now),
        });
        let mut metric = json!({ "name": figure.name, "unit": figure.unit });
        // 2 is cumulative: counted since the start.
        match figure.is_sum {
            true => metric["sum"] = json!({ "dataPoints": [point], "aggregationTemporality": 2, "isMonotonic": true }),
            false => metric["gauge"] = json!({ "dataPoints": [point] }),
        }
        metric
    };
    let resource = [attribute("service.name", "marque"), attribute("service.version", env!("CARGO_PKG_VERSION"))];
    json!({ "resourceMetrics": [{
        "resource": { "attributes": resource },
        "scopeMetrics": [{ "scope": { "name": "marque" }, "metrics": figures.iter().map(metric).collect::<Vec<_>>() }],
    }] })
}

fn attribute(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_the_protocol_has_it() {
        let of = vec![("plugin", "complaints".to_owned())];
        let calls = Figure { name: "marque.plugin.calls", unit: "1", is_sum: true, value: 7.0, of };
        let (since, now) = (Time::from_millis(1_000), Time::from_millis(61_000));
        let body = body(&[calls], since, now);
        let metric = &body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0];
        assert_eq!((&metric["name"], &metric["sum"]["isMonotonic"]), (&json!("marque.plugin.calls"), &json!(true)));
        let point = &metric["sum"]["dataPoints"][0];
        assert_eq!((&point["asDouble"], &point["timeUnixNano"]), (&json!(7.0), &json!("61000000000")));
        assert_eq!(point["attributes"][0], json!({ "key": "plugin", "value": { "stringValue": "complaints" } }));
    }
}
