//! What an organisation makes of a kind: its own fields, values and labels, kept by its administrators.

use axum::{Json as Answer, extract::State, http::StatusCode, response::Response};
use serde_json::{Map, Value, json};

use super::{InOrg, ORG, no_kind};
use crate::{
    Error, Result,
    app::Wish,
    commands::{
        Ctx,
        kind::{self, FieldAdd, FieldChange, FieldPatch, FieldRetire, Label},
    },
    error::FieldError,
    http::{
        Shared,
        auth::Signed,
        dry_run::{self, Tried},
        params::{self, At, Input, Params},
        records::Kept,
        route::{Param, Route},
    },
    model::{Field, Id, custom::Custom},
};

const WRITE: [Param; 3] = [params::ORG, params::DRY_RUN, params::PREVIEW];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let field = || json!({ "$ref": "#/components/schemas/Field" });
    let text = || json!({ "$ref": "#/components/schemas/Text" });
    let value_labels = json!({ "type": "object", "additionalProperties": { "type": ["object", "null"], "properties": { "label": text() } } });
    let field_labels = json!({ "type": ["object", "null"], "properties": { "label": text(), "help": text(), "values": value_labels } });
    let labels = || {
        json!({
            "type": "object",
            "properties": {
                "label": text(), "plural": text(), "org": { "type": "string" },
                "fields": { "type": "object", "additionalProperties": field_labels },
            },
        })
    };
    vec![
        Route::get("/api/v1/kinds/{kind}/fields", list).says("the fields that an organisation has added to a kind").query(&ORG).answers(
            200,
            json!({ "type": "object", "properties": { "items": { "type": "array", "items": field() }, "next": { "type": "null" } } }),
        ),
        Route::post("/api/v1/kinds/{kind}/fields", add)
            .says("add a field to a kind, for one organisation and those below it; its name begins with x_")
            .query(&WRITE)
            .takes(field())
            .answers(201, field()),
        Route::patch("/api/v1/kinds/{kind}/fields/{name}", change)
            .says("change a field of one's own, or add values to an enumeration that is extensible")
            .query(&WRITE)
            .takes(field())
            .answers(200, field()),
        Route::delete("/api/v1/kinds/{kind}/fields/{name}", retire)
            .says("take a field of one's own out of use; values that are stored stay readable")
            .query(&WRITE)
            .answers(200, field()),
        Route::get("/api/v1/kinds/{kind}/labels", labels_of)
            .says("the texts that an organisation has put in place of a kind's")
            .query(&ORG)
            .answers(200, labels()),
        Route::patch("/api/v1/kinds/{kind}/labels", label)
            .says("put texts in place of a kind's, for one organisation and those below it; null brings a text back")
            .query(&WRITE)
            .takes(labels())
            .answers(200, labels()),
    ]
}

async fn list(
    State(http): State<Shared>,
    signed: Signed,
    At(kind): At<String>,
    Params(asked): Params<InOrg>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, asked.org)?;
    let own = own(&http, &ctx, &kind)?;
    let items: Vec<Value> = own.fields.iter().map(|(name, field)| kind::told(name, &ctx.org, field)).collect();
    Ok(Answer(json!({ "items": items, "next": null })))
}

async fn add(
    State(http): State<Shared>,
    signed: Signed,
    At(kind): At<String>,
    Params(asked): Params<InOrg>,
    tried: Tried,
    Input(mut body): Input<Map<String, Value>>,
) -> Result<Response> {
    let ctx = ctx(&http, &signed, &tried, asked.org, &mut body)?;
    let name = match body.remove("name") {
        Some(Value::String(name)) => name,
        other => {
            let message = format!("name is {}: give the field a name like x_size", other.unwrap_or_default());
            return Err(Error::fields(vec![FieldError {
                pointer: "/name".into(),
                code: "name.invalid".into(),
                message,
            }]));
        }
    };
    let address = format!("/api/v1/kinds/{kind}/fields/{name}");
    let field: Field = params::part(Value::Object(body))?;
    let shown = json!({ "kind": kind, "org": ctx.org, "name": name, "field": field });
    let command = FieldAdd { kind, org: ctx.org.clone(), name, field };
    let wish = Wish::of(dry_run::shown("kind.field_add", shown), command);
    tried.write(&http, ctx, wish, |_, _, told| Kept::json(StatusCode::CREATED, &told, Some(address))).await
}

async fn change(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, name)): At<(String, String)>,
    Params(asked): Params<InOrg>,
    tried: Tried,
    Input(mut body): Input<Map<String, Value>>,
) -> Result<Response> {
    let ctx = ctx(&http, &signed, &tried, asked.org, &mut body)?;
    let said = Value::Object(body);
    let change: FieldPatch = params::part(said.clone())?;
    let shown = json!({ "kind": kind, "org": ctx.org, "name": name, "change": said });
    let command = FieldChange { kind, org: ctx.org.clone(), name, change };
    let wish = Wish::of(dry_run::shown("kind.field_change", shown), command);
    tried.write(&http, ctx, wish, |_, _, told| Kept::json(StatusCode::OK, &told, None)).await
}

async fn retire(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, name)): At<(String, String)>,
    Params(asked): Params<InOrg>,
    tried: Tried,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, asked.org)?;
    let shown = json!({ "kind": kind, "org": ctx.org, "name": name });
    let command = FieldRetire { kind, org: ctx.org.clone(), name };
    let wish = Wish::of(dry_run::shown("kind.field_retire", shown), command);
    tried.write(&http, ctx, wish, |_, _, told| Kept::json(StatusCode::OK, &told, None)).await
}

async fn labels_of(
    State(http): State<Shared>,
    signed: Signed,
    At(kind): At<String>,
    Params(asked): Params<InOrg>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, asked.org)?;
    Ok(Answer(json!(own(&http, &ctx, &kind)?.labels)))
}

async fn label(
    State(http): State<Shared>,
    signed: Signed,
    At(kind): At<String>,
    Params(asked): Params<InOrg>,
    tried: Tried,
    Input(mut body): Input<Map<String, Value>>,
) -> Result<Response> {
    let ctx = ctx(&http, &signed, &tried, asked.org, &mut body)?;
    let labels = Value::Object(body);
    let shown = json!({ "kind": kind, "org": ctx.org, "labels": labels });
    let command = Label { kind, org: ctx.org.clone(), labels };
    let wish = Wish::of(dry_run::shown("kind.label", shown), command);
    tried.write(&http, ctx, wish, |_, _, labels| Kept::json(StatusCode::OK, &json!(labels), None)).await
}

/// The organisation may be named in the body, or in the query.
fn ctx(http: &Shared, signed: &Signed, tried: &Tried, asked: Option<Id>, body: &mut Map<String, Value>) -> Result<Ctx> {
    let org = match body.remove("org") {
        None | Some(Value::Null) => asked,
        Some(org) => Some(params::part(org)?),
    };
    tried.ctx(http, signed, org)
}

fn own(http: &Shared, ctx: &Ctx, kind: &str) -> Result<Custom> {
    let tree = http.app.store.kind_tree();
    if !tree.base().contains_key(kind) {
        return Err(no_kind(kind));
    }
    Ok(tree.custom(kind, &ctx.org).map(|custom| (**custom).clone()).unwrap_or_default())
}
