//! Groups and measures over a kind, for charts and counters.

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{self, At, Params},
    route::{Param, Route},
};
use crate::{Result, model::Aggregate};

const QUERY: [Param; 3] = [
    Param::new("filter", "string", "a filter as JSON"),
    Param::new("group", "string", "fields to group by, city,type"),
    Param::new(
        "measures",
        "string",
        "name and measure as JSON, {\"n\":{\"count\":true}}; also sum, min, max and avg of a field",
    ),
];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/records/{kind}/aggregate", aggregate)
            .says("groups and measures over a kind")
            .query(&QUERY)
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": { "type": "object" } } } })),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    filter: Option<String>,
    group: Option<String>,
    measures: Option<String>,
}

async fn aggregate(
    State(http): State<Shared>,
    signed: Signed,
    At(kind): At<String>,
    Params(asked): Params<Asked>,
) -> Result<Answer<Value>> {
    let measures = match params::json_param("measures", asked.measures.as_deref())? {
        Value::Null => serde_json::Map::new(),
        Value::Object(measures) => measures,
        other => {
            return Err(params::wrong_param(
                "measures",
                format!("measures are an object like {{\"n\":{{\"count\":true}}}}, not {other}"),
            ));
        }
    };
    let group = asked.group.as_deref().unwrap_or_default();
    let aggregate = Aggregate {
        filter: params::json_param("filter", asked.filter.as_deref())?,
        group: group.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        measures,
    };
    let items = http.view(&signed.actor, move |view| view.aggregate(&kind, &aggregate)).await?;
    Ok(Answer(json!({ "items": items })))
}
