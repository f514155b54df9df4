//! Messages to customers: queued, taken back, and what became of them.

use axum::{Json as Answer, extract::State, http::StatusCode, response::Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    consents,
    dry_run::{self, Tried},
    idempotency::Key,
    params::{self, At, Params},
    records, refs,
    route::{Param, Route},
};
use crate::{
    Result,
    app::Wish,
    commands::{
        Ctx, consent,
        message::{Cancel, Send},
    },
    model::{Data, Id, Query, Record, format::phone},
    store::{
        Tx, View,
        tables::{self, caught::Caught},
    },
};

const OUTBOUND: [Param; 5] = [
    Param::new("state", "string", "queued, sent, suppressed, failed or cancelled; several with commas"),
    Param::new("reason", "string", "why they were not sent"),
    Param::new("customer", "string", "of one customer"),
    params::LIMIT,
    params::CURSOR,
];

/// The routes of this file. Messages are made by `POST /records/message`, which every kind has.
pub fn routes() -> Vec<Route> {
    let item = json!({
        "type": "object",
        "properties": {
            "id": { "type": "string" }, "org": { "type": "string" }, "created_at": { "type": "string" }, "data": { "type": "object" },
            "caught": {
                "type": ["object", "null"],
                "properties": {
                    "at": { "type": "string" }, "address": { "type": "string" }, "subject": { "type": ["string", "null"] },
                    "body": { "type": "string" }, "headers": { "type": "object" }, "n_handed": { "type": "integer" },
                },
            },
        },
    });
    vec![
        Route::post("/api/v1/records/message/{id}/actions/cancel", cancel)
            .says("take a message back that has not been sent")
            .query(&params::TRIED)
            .takes(json!({ "type": "object", "additionalProperties": false, "properties": {} }))
            .answers(200, json!({ "type": "object", "properties": { "reply": {}, "record": { "$ref": "#/components/schemas/Item" } } })),
        Route::get("/api/v1/outbound", list)
            .says("messages with what became of them, and what the catcher was handed, the newest due first")
            .query(&OUTBOUND)
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": item }, "next": { "type": ["string", "null"] }, "refs": { "type": "object" } } })),
    ]
}

/// `POST /records/message`: the kind is closed to generic writes, and the command of its own answers.
///
/// # Errors
/// As [`Send`].
pub async fn create(http: &Shared, signed: &Signed, key: Key, tried: Tried, data: Data) -> Result<Response> {
    let ctx = tried.ctx(http, signed, None)?;
    let wish = consents::asked::<Send>("message.send", Value::Object(data))?;
    let seal =
        move |tx: &mut Tx<'_>, ctx: &Ctx, record: Record| records::kept(tx, ctx, &key, &record, StatusCode::CREATED);
    tried.write(http, ctx, wish, seal).await
}

async fn cancel(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    tried: Tried,
    At(id): At<Id>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, None)?;
    let wish = Wish::of(dry_run::shown("message.cancel", json!({ "id": id })), Cancel { id });
    let seal = move |tx: &mut Tx<'_>, ctx: &Ctx, record: Record| {
        let answer = records::Kept::json(StatusCode::OK, &json!({ "reply": {}, "record": record }), None)?;
        key.keep(tx, ctx.done_at, StatusCode::OK, answer.text())?;
        Ok(answer)
    };
    tried.write(&http, ctx, wish, seal).await
}

#[derive(Debug, Deserialize)]
struct Asked {
    state: Option<String>,
    reason: Option<String>,
    customer: Option<Id>,
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn list(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Answer<Value>> {
    let may_give = consent::may_give(&http.app.ctx(&signed.actor, None)?);
    http.view(&signed.actor, move |view| page(view, &asked, may_give)).await.map(Answer)
}

fn page(view: &View, asked: &Asked, may_give: bool) -> Result<Value> {
    let kind = view.kind("message")?;
    let mut filter = Data::new();
    for (name, text) in [("state", &asked.state), ("reason", &asked.reason)] {
        let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else { continue };
        let known = kind.fields.get(name).map(|field| field.values.as_slice()).unwrap_or_default();
        let values: Vec<&str> = text.split(',').map(str::trim).collect();
        if let Some(wrong) = values.iter().find(|value| !known.iter().any(|known| known.value == **value)) {
            let all: Vec<&str> = known.iter().map(|known| known.value.as_str()).collect();
            return Err(params::wrong_param(name, format!("{name} {wrong:?} is not known: use {}", all.join(", "))));
        }
        filter.insert(name.into(), json!({ "in": values }));
    }
    if let Some(customer) = &asked.customer {
        filter.insert("customer".into(), json!(customer));
    }
    let query = Query {
        filter: Value::Object(filter),
        order: "-due_at".into(),
        limit: asked.limit,
        cursor: asked.cursor.clone().filter(|cursor| !cursor.is_empty()),
        ..Query::default()
    };
    let page = view.find("message", &query)?;
    let items = page.items.iter().map(|message| told(view, message, may_give)).collect::<Result<Vec<Value>>>()?;
    Ok(json!({ "items": items, "next": page.next, "refs": refs::of(view, &kind, &page.items)? }))
}

fn told(view: &View, message: &Record, may_give: bool) -> Result<Value> {
    let caught = tables::caught::get(view, &message.id)?.map(|caught| as_told(&caught, may_give));
    Ok(json!({
        "id": message.id, "org": message.org, "rev": message.rev, "created_at": message.created_at,
        "updated_at": message.updated_at, "data": message.data, "caught": caught,
    }))
}

/// What was handed over. Where it went is shown as a person's number is anywhere: not in full. Nor is the way to the customer's own page,
/// but to those who may take down what a customer says there.
fn as_told(caught: &Caught, may_give: bool) -> Value {
    let (mut body, mut headers) = (caught.body.clone(), caught.headers.clone());
    if !may_give {
        body = without_token(&body);
        if let Some(headers) = headers.as_object_mut() {
            headers.remove("List-Unsubscribe");
        }
    }
    json!({
        "at": caught.at, "address": masked(&caught.address), "subject": caught.subject, "body": body,
        "headers": headers, "n_handed": caught.n_handed,
    })
}

/// The text without the last part of every link to a public page: whoever has that may act for the customer.
fn without_token(body: &str) -> String {
    const PAGES: &str = "/p/";
    let mut parts = body.split(PAGES);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, rest| {
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '"' | '<')).unwrap_or(rest.len());
        let (path, rest) = rest.split_at(end);
        // `preferences/{token}`, `{plugin}/{page}/{token}`.
        let n_open = if path.starts_with("preferences/") { 1 } else { 2 };
        let mut open = path.split('/').take(n_open).collect::<Vec<_>>().join("/");
        if path.split('/').count() > n_open {
            open.push_str("/…");
        }
        format!("{told}{PAGES}{open}{rest}")
    })
}

/// A number but for its middle, of an e-mail address the first letter and the house, of an address its beginning.
pub(super) fn masked(address: &str) -> String {
    if address.starts_with('+') {
        return phone::masked(address);
    }
    match address.split_once('@') {
        Some((name, house)) => format!("{}***@{house}", name.chars().take(1).collect::<String>()),
        None => format!("{}***", address.chars().take(3).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_without_what_opens_its_pages() {
        for (text, told) in [
            ("退订：https://a.cn/p/preferences/c1.xyz?channel=sms 谢谢", "退订：https://a.cn/p/preferences/… 谢谢"),
            ("https://a.cn/p/surveys/fill/r1.-.xyz", "https://a.cn/p/surveys/fill/…"),
            ("https://a.cn/p/complaints/complain?org=W01", "https://a.cn/p/complaints/complain?org=W01"),
            ("没有链接", "没有链接"),
        ] {
            assert_eq!(without_token(text), told);
        }
    }

    #[test]
    fn where_it_went_is_not_told_in_full() {
        assert_eq!(masked("+8613800001234"), "138****1234");
        assert_eq!(masked("wang.lei@example.cn"), "w***@example.cn");
        assert_eq!(masked("武汉市江汉区解放大道688号"), "武汉市***");
    }
}
