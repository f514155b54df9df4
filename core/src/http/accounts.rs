//! People's accounts beyond what their record says: the action `set_password` of the kind `user`.

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{At, Input},
    route::Route,
};
use crate::{
    Error, Result,
    commands::{Run, session, user::SetPassword},
    error::FieldError,
    model::Id,
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/records/user/{id}/actions/set_password", set_password)
            .says("set a person's password and end everything they have open; one's own, or anybody's for an administrator")
            .takes(input())
            .answers(200, json!({ "type": "object", "properties": { "reply": {}, "record": {} } }))
            .keeps_nothing(),
    ]
}

/// The JSON Schema of the action's input, for the route and for the form drawn from the kind.
pub fn input() -> Value {
    json!({
        "type": "object", "required": ["password"], "additionalProperties": false,
        "properties": {
            "password": { "type": "string", "format": "password", "minLength": 8, "maxLength": 128, "title": { "zh-CN": "新密码", "en": "New password" } },
        },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    password: String,
}

async fn set_password(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Input(secret): Input<Secret>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let hash = tokio::task::spawn_blocking(move || session::hash(&secret.password)).await.map_err(Error::internal)?;
    let hash = hash.map_err(|error| {
        let place =
            FieldError { pointer: "/password".into(), code: error.code.clone(), message: error.message.clone() };
        Error { errors: vec![place], ..error }
    })?;
    let command = SetPassword { user: id.clone(), hash };
    let set = http.app.commit(ctx.clone(), move |tx, ctx| command.run(tx, ctx)).await;
    http.proved.forget();
    set?;
    http.app.audit(&ctx, "password.set", json!({ "user": id })).await;
    Ok(Answer(json!({ "reply": null, "record": null })))
}
