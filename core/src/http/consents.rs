//! Consent of a customer: given, refused, taken back.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::{Map, Value, json};

use super::{
    Shared,
    auth::Signed,
    dry_run::Tried,
    idempotency::Key,
    params::{self, At, Input},
    records::Kept,
    route::Route,
};
use crate::{
    Error, Result,
    app::Wish,
    commands::{
        Ctx, Run, action,
        consent::{Give, Withdraw},
    },
    model::{
        Command, Id, Record,
        rights::{Book, Power},
    },
    store::Tx,
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/records/customer/{id}/actions/consent", note)
            .says("take down what a customer says of the use of their data; it holds at once, and nothing said before is changed")
            .query(&params::TRIED)
            .takes(input())
            .answers(200, json!({
                "type": "object",
                "properties": { "reply": { "type": "object" }, "record": { "$ref": "#/components/schemas/Item" } },
            })),
    ]
}

/// The action as `GET /kinds/customer` tells of it.
pub fn actions(kind: &str, roles: &Book) -> Vec<Value> {
    let told = json!({
        "name": "consent", "label": { "zh-CN": "登记同意", "en": "Take down a consent" }, "target": true,
        "input": input(), "roles": [], "givers": roles.with(Power::GiveConsent),
    });
    if kind == "customer" { vec![told] } else { Vec::new() }
}

fn input() -> Value {
    let text = |max: u16, zh: &str, en: &str| json!({ "type": "string", "maxLength": max, "title": { "zh-CN": zh, "en": en } });
    let moment =
        |zh: &str, en: &str| json!({ "type": "string", "format": "date-time", "title": { "zh-CN": zh, "en": en } });
    let choice = |values: &[&str], zh: &str, en: &str| json!({ "enum": values, "title": { "zh-CN": zh, "en": en } });
    let purposes = [
        "marketing",
        "profiling",
        "share_maker",
        "share_network",
        "share_partner",
        "recording",
        "photo",
        "sensitive",
        "cross_border",
    ];
    let ways = ["paper", "web_tick", "app", "recorded_call", "sms_reply", "in_person"];
    json!({
        "type": "object", "required": ["purpose", "state", "how"], "additionalProperties": false,
        "properties": {
            "purpose": choice(&purposes, "用途", "Purpose"),
            "channel": choice(&["sms", "email", "wechat", "call", "letter", "app"], "渠道", "Channel"),
            "state": choice(&["granted", "refused", "withdrawn"], "状态", "State"),
            "how": choice(&ways, "取得方式", "How"),
            "text_version": text(60, "告知文本版本", "Version of the text"),
            "proof": text(500, "凭证", "Proof"),
            "obtained_at": moment("取得时间", "Obtained at"),
            "expires": moment("有效期至", "Expires"),
            "handler": { "type": "string", "format": "ref", "x-kind": "org", "title": { "zh-CN": "处理者", "en": "Given to" } },
            "why": text(500, "原因", "Why"),
        },
    })
}

async fn note(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    tried: Tried,
    At(id): At<Id>,
    Input(mut body): Input<Map<String, Value>>,
) -> Result<Response> {
    action::check_input(&input(), &Value::Object(body.clone()))?;
    let ctx = tried.ctx(&http, &signed, None)?;
    body.insert("customer".into(), json!(id));
    let is_withdrawn = body.get("state").and_then(Value::as_str) == Some("withdrawn");
    if is_withdrawn {
        body.remove("state");
        // A consent that is over cannot be over later.
        body.remove("expires");
    }
    let seal = move |tx: &mut Tx<'_>, ctx: &Ctx, record: Record| {
        let told = json!({ "reply": record.data, "record": record });
        let answer = Kept::json(StatusCode::OK, &told, None)?;
        key.keep(tx, ctx.done_at, StatusCode::OK, answer.text())?;
        Ok(answer)
    };
    if is_withdrawn {
        return tried.write(&http, ctx, wish::<Withdraw>("consent.withdraw", body)?, seal).await;
    }
    tried.write(&http, ctx, wish::<Give>("consent.give", body)?, seal).await
}

/// The command a body describes, shown by the name it travels under.
fn wish<R>(name: &str, body: Map<String, Value>) -> Result<Wish<Record>>
where
    R: Run<Done = Record> + serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
{
    let body = Value::Object(body);
    let command: R = params::part(body.clone())?;
    Ok(Wish::of(Command::new(name, body), command))
}

/// The same, for whoever sends a message.
pub(super) fn asked<R>(name: &str, body: Value) -> Result<Wish<Record>>
where
    R: Run<Done = Record> + serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
{
    match body {
        Value::Object(body) => wish::<R>(name, body).map_err(under_data),
        other => Err(Error::invalid("body", format!("{other} is no object"))),
    }
}

/// Wrong places of what was sent as `data` stand below it.
fn under_data(mut error: Error) -> Error {
    for place in error.errors.iter_mut().filter(|place| !place.pointer.starts_with("/data")) {
        place.pointer.insert_str(0, "/data");
    }
    error
}
