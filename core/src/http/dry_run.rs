//! `?dry_run=true` shows what a write would come to, `?preview=` does what was shown.

use std::collections::BTreeMap;

use axum::{
    Json as Answer,
    extract::FromRequestParts,
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Shared, auth::Signed, params, problem, records::Kept};
use crate::{
    Error, Result,
    app::{How, Judged, Outcome, Preview, Wish},
    bus::Wished,
    commands::Ctx,
    model::{Command, Fault, Id, digest},
    store::Tx,
};

/// How a write was asked for, from its query.
#[derive(Clone, Debug)]
pub struct Tried(pub How);

/// Read it while the body is at hand: a preview belongs to one request and no other.
///
/// # Errors
/// `dry_run.invalid`, `preview.invalid`.
pub fn how(parts: &Parts, body: &[u8]) -> Result<Tried> {
    let pairs = params::pairs(&parts.uri)?;
    let given = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let is_tried = match given("dry_run") {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => {
            return Err(params::wrong_param("dry_run", format!("dry_run is true or false, not {other:?}")));
        }
    };
    let how = match (is_tried, given("preview")) {
        (false, None) => How::Now,
        (true, None) => How::Tried { asked: asked(parts, &pairs, body) },
        (true, Some(_)) => {
            return Err(params::wrong_param(
                "preview",
                "a preview is shown or applied: say dry_run or preview, not both",
            ));
        }
        (false, Some(preview)) => {
            let preview = preview.parse::<Id>().map_err(|error| params::wrong_param("preview", error.message))?;
            How::Shown { asked: asked(parts, &pairs, body), preview }
        }
    };
    Ok(Tried(how))
}

/// Digest of everything that a request says, but for how it is meant.
fn asked(parts: &Parts, pairs: &[(String, String)], body: &[u8]) -> String {
    let said = pairs.iter().filter(|(name, _)| name != "dry_run" && name != "preview");
    let if_match = parts.headers.get(header::IF_MATCH).map(|value| value.as_bytes()).unwrap_or_default();
    let head = json!([parts.method.as_str(), parts.uri.path(), said.collect::<Vec<_>>()]).to_string();
    let all = Sha256::new().chain_update(head).chain_update([0]).chain_update(if_match).chain_update([0]);
    digest::hex(all.chain_update(body).finalize())
}

impl<S: Sync> FromRequestParts<S> for Tried {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Tried> {
        Ok(parts.extensions.get::<Tried>().cloned().unwrap_or(Tried(How::Now)))
    }
}

impl Tried {
    /// The context of a person's command, in the reader's language.
    ///
    /// # Errors
    /// See [`App::ctx_for`](crate::app::App::ctx_for).
    pub fn ctx(&self, http: &Shared, signed: &Signed, org: Option<Id>) -> Result<Ctx> {
        let ctx = http.app.ctx_for(&signed.actor, org, &self.0)?;
        Ok(Ctx { locale: signed.locale, ..ctx })
    }

    /// Whether nothing is to be done.
    pub fn is_rehearsal(&self) -> bool {
        matches!(self.0, How::Tried { .. })
    }

    /// Do a write or show it; `seal` writes the answer and runs in the commit.
    ///
    /// # Errors
    /// See [`App::carry_out`](crate::app::App::carry_out).
    pub async fn write<T: Send + 'static>(
        self,
        http: &Shared,
        ctx: Ctx,
        wish: Wish<T>,
        seal: impl FnOnce(&mut Tx<'_>, &Ctx, T) -> Result<Kept> + Send + 'static,
    ) -> Result<Response> {
        match http.app.carry_out(ctx, self.0, Ok(wish), seal).await? {
            Outcome::Done(answer) => answer.respond(),
            Outcome::Shown(preview) => Ok(told(&preview)),
        }
    }
}

/// A command as it is shown: what was not said is left out.
pub fn shown(name: &str, mut body: Value) -> Command {
    if let Value::Object(body) = &mut body {
        body.retain(|_, value| !value.is_null() && value.as_object().is_none_or(|map| !map.is_empty()));
    }
    Command::new(name, body)
}

/// A preview as it is answered.
pub fn told(preview: &Preview) -> Response {
    Answer(answer(preview)).into_response()
}

/// The same, for a route that has more to tell.
pub fn answer(preview: &Preview) -> Value {
    let Preview { id, digest, rehearsal, messages } = preview;
    let commands: Vec<Value> = rehearsal.commands.iter().map(command).collect();
    let reasons = messages.iter().filter_map(|judged| judged.verdict.as_ref()?.reason);
    let mut stopped: BTreeMap<&str, u32> = BTreeMap::new();
    reasons.for_each(|reason| *stopped.entry(reason.as_str()).or_default() += 1);
    let faults = rehearsal.refused.iter().map(as_fault).chain(rehearsal.faults.iter().map(of_reaction));
    json!({
        "preview": id,
        "at_seq": rehearsal.at_seq,
        "digest": digest,
        "commands": commands,
        "events": rehearsal.events,
        "messages": messages.iter().map(message).collect::<Vec<Value>>(),
        "stopped": stopped,
        "faults": faults.collect::<Vec<Value>>(),
        "deeper": rehearsal.n_deeper,
    })
}

fn command(Wished { by, command }: &Wished) -> Value {
    let mut told = json!(command);
    if let Some(by) = by {
        told["by"] = json!(by);
    }
    told
}

/// A message with whether it could be sent.
fn message(Judged { body, verdict }: &Judged) -> Value {
    let mut told = body.clone();
    if let (Some(told), Some(verdict)) = (told.as_object_mut(), verdict) {
        told.insert("verdict".into(), json!(verdict));
    }
    told
}

/// A refusal as a fault.
fn as_fault(error: &Error) -> Value {
    let status = problem::status(error).as_u16();
    json!({ "code": error.code, "message": error.message, "status": status, "errors": error.errors })
}

/// A reaction that would come to nothing; its delivery would be put aside.
fn of_reaction((by, fault): &(String, Fault)) -> Value {
    json!({ "code": fault.code, "message": fault.message, "by": by, "errors": [] })
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn how_of(query: &str, body: &str) -> Result<How> {
        let request = Request::builder().uri(format!("/x?{query}")).body(()).unwrap();
        how(&request.into_parts().0, body.as_bytes()).map(|Tried(how)| how)
    }

    #[test]
    fn a_preview_and_its_application_are_the_same_request() {
        let Ok(How::Tried { asked }) = how_of("org=d1&dry_run=true", "{}") else { panic!("a rehearsal") };
        let shown = |query: &str, body: &str| match how_of(query, body) {
            Ok(How::Shown { asked: again, .. }) => again == asked,
            _ => false,
        };
        assert!(shown("org=d1&preview=p1", "{}"));
        assert!(!shown("org=d2&preview=p1", "{}") && !shown("org=d1&preview=p1", "[]"));
        assert!(matches!(how_of("dry_run=false", ""), Ok(How::Now)));
        assert_eq!(how_of("dry_run=1", "").unwrap_err().code, "dry_run.invalid");
        assert_eq!(how_of("dry_run=true&preview=p1", "").unwrap_err().code, "preview.invalid");
    }

    #[test]
    fn what_was_not_said_is_not_shown() {
        let command = shown(
            "record.create",
            json!({ "kind": "customer", "org": null, "overrides": {}, "data": { "name": null } }),
        );
        assert_eq!(command.body, json!({ "kind": "customer", "data": { "name": null } }));
    }
}
