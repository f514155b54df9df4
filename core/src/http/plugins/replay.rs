//! Past events once more, into the open: what a plugin would ask for now, and what another version of it would.

use axum::{Json as Answer, body::Bytes, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Result,
    bus::{Past, Replayed},
    commands::rights,
    http::{
        Shared,
        auth::Signed,
        params::{At, Input, Params},
        route::{Param, Route},
    },
    model::{Id, Time},
};

const PAST: &[Param] = &[
    Param::new("after", "integer", "events with greater numbers; the last hundred unless said"),
    Param::new("since", "string", "events from this moment on"),
    Param::new("kind", "string", "events of this name"),
    Param::new("subject", "string", "events of this subject"),
    Param::new("limit", "integer", "how many at most, 500"),
];

pub(super) fn routes() -> Vec<Route> {
    let object = || json!({ "type": "object" });
    let past = json!({ "type": "object", "properties": {
        "after": { "type": "integer" }, "since": { "type": "string", "format": "date-time" }, "kind": { "type": "string" },
        "subject": { "type": "string" }, "limit": { "type": "integer", "minimum": 1, "maximum": 500 } } });
    vec![
        Route::post("/api/v1/plugins/{name}/replay", replay)
            .says("deliver past events once more into a dry run: what the plugin asks for, and what the core says to it")
            .takes(past)
            .answers(200, object()),
        Route::post("/api/v1/plugins/{name}/preview", preview)
            .says("run another version over past events beside the one at work and show where they differ; an empty body means the version that waits")
            .query(PAST)
            .takes_file(&["application/octet-stream"])
            .answers(200, object()),
    ]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    after: Option<i64>,
    since: Option<Time>,
    kind: Option<String>,
    subject: Option<Id>,
    limit: Option<u32>,
}

impl Wanted {
    fn past(self) -> Result<Past> {
        let limit = crate::http::params::limit(self.limit, 100, Past::MAX)?;
        Ok(Past { after: self.after, since: self.since, kind: self.kind, subject: self.subject, limit })
    }
}

async fn replay(
    State(http): State<Shared>,
    signed: Signed,
    At(name): At<String>,
    Input(wanted): Input<Wanted>,
) -> Result<Answer<Value>> {
    rights::to_keep_plugins(&http.app.ctx(&signed.actor, None)?)?;
    let items = http.app.bus.replay(&name, wanted.past()?).await?;
    let n_refused = items.iter().filter(|item| item.outcome.is_err() || item.refused.is_some()).count();
    let items: Vec<Value> = items.iter().map(told).collect();
    Ok(Answer(json!({ "n_events": items.len(), "n_refused": n_refused, "items": items })))
}

async fn preview(
    State(http): State<Shared>,
    signed: Signed,
    At(name): At<String>,
    Params(wanted): Params<Wanted>,
    package: Bytes,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let shadow = http.app.shadow(&ctx, &name, package.to_vec(), wanted.past()?).await?;
    let pairs = shadow.before.iter().zip(&shadow.after);
    let different: Vec<Value> = pairs
        .clone()
        .filter(|(before, after)| !before.same_as(after))
        .map(|(before, after)| {
            let mut item = told(after);
            item["after"] = outcome(after);
            item["before"] = outcome(before);
            item
        })
        .collect();
    let n_events = shadow.after.len();
    Ok(Answer(json!({
        "from": shadow.from, "to": shadow.to,
        "n_events": n_events, "n_same": n_events - different.len(), "n_different": different.len(),
        "more": shadow.more, "less": shadow.less, "items": different,
    })))
}

fn told(replayed: &Replayed) -> Value {
    let event = &replayed.event;
    let mut told =
        json!({ "seq": event.seq, "kind": event.kind, "at": event.at, "org": event.org, "subject": event.subject });
    let outcome = outcome(replayed);
    for name in ["commands", "fault"] {
        if let Some(value) = outcome.get(name) {
            told[name] = value.clone();
        }
    }
    if let Some(refused) = &replayed.refused {
        told["refused"] = json!({ "code": refused.code, "message": refused.message });
    }
    told
}

fn outcome(replayed: &Replayed) -> Value {
    match &replayed.outcome {
        Ok(commands) => json!({ "commands": commands }),
        Err(fault) => json!({ "fault": fault }),
    }
}
