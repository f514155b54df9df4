//! Whether a customer may be contacted, what not to do, and what an organisation has settled about it.

use axum::{Json as Answer, extract::State, response::Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Shared,
    auth::Signed,
    dry_run::Tried,
    params::{self, At, Input, Params},
    records::Kept,
    route::{Param, Route},
};
use crate::{
    Error, Result,
    app::Wish,
    commands::{self, consent, contact::Settle},
    model::{
        Command, Id, Query, Scope, Time,
        contact::{Channel, Limits, Policy, Purpose, Reason, Verdict},
    },
    outbound::{Ask, Person, Reading, gate},
    store::View,
};

mod banner;

/// Customers looked at in one count.
const MAX_COUNTED: u64 = 20_000;

const MAY: [Param; 4] = [
    Param::new("purpose", "string", "serve, marketing, profiling …"),
    Param::new("channel", "string", "sms, email, wechat, call, letter or app; for serve and marketing"),
    Param::new("at", "string", "when; now unless said"),
    Param::new("sender", "string", "in whose name; the customer's organisation unless said"),
];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let verdict = |more: Value| {
        let mut properties = json!({
            "is_allowed": { "type": "boolean" }, "reason": { "type": "string" }, "detail": { "type": "string" },
            "why": { "type": "string", "description": "which sentence of the reason it is" }, "values": { "type": "object", "description": "what stands in it" },
            "retry_at": { "type": "string", "format": "date-time" },
        });
        if let (Some(all), Some(more)) = (properties.as_object_mut(), more.as_object()) {
            all.extend(more.clone());
        }
        json!({ "type": "object", "properties": properties })
    };
    let of = json!({ "purpose": { "type": "string" }, "channel": { "type": "string" } });
    let line = json!({ "type": "object", "properties": { "code": { "type": "string" }, "tone": { "type": "string" }, "text": { "type": "object" } } });
    let whole = json!({
        "type": "object",
        "properties": { "items": { "type": "array", "items": verdict(of) }, "banner": { "type": "array", "items": line }, "link": { "type": "string" } },
    });
    let policy = || json!({ "type": "object", "properties": { "org": { "type": "string" }, "own": { "type": "object" }, "limits": { "type": "object" } } });
    vec![
        Route::get("/api/v1/records/customer/{id}/may", may)
            .says("whether a customer may be contacted for a purpose by a channel at a moment, and if not, why")
            .query(&MAY)
            .answers(200, verdict(json!({}))),
        Route::get("/api/v1/records/customer/{id}/contact", contact)
            .says("the same for all channels at once, with what not to do in words")
            .answers(200, whole),
        Route::post("/api/v1/contact/count", count)
            .says("how many customers of a filter may be contacted, and how many are stopped by what")
            .takes(json!({
                "type": "object", "required": ["purpose", "channel"], "additionalProperties": false,
                "properties": {
                    "filter": { "type": "object" }, "purpose": { "enum": ["serve", "marketing"] },
                    "channel": { "enum": Channel::ALL }, "at": { "type": "string", "format": "date-time" },
                },
            }))
            .answers(200, json!({ "type": "object", "properties": { "n": { "type": "integer" }, "n_allowed": { "type": "integer" }, "stopped": { "type": "object" } } }))
            .keeps_nothing(),
        Route::get("/api/v1/contact/policy", read_policy)
            .says("what an organisation has settled about contacting customers, and what holds with everything above it")
            .query(&[params::ORG])
            .answers(200, policy()),
        Route::put("/api/v1/contact/policy", put_policy)
            .says("settle it; below the maker it may only be stricter")
            .query(&[params::ORG, params::DRY_RUN, params::PREVIEW])
            .takes(json!({ "type": "object", "additionalProperties": false, "properties": {
                "quiet": { "type": "object" }, "quiet_calls": { "type": "object" }, "per_week": { "type": "integer" },
                "per_month": { "type": "integer" }, "calls_per_week": { "type": "integer" }, "complaint_days": { "type": "integer" },
            } }))
            .answers(200, policy()),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    purpose: Option<String>,
    channel: Option<String>,
    at: Option<Time>,
    sender: Option<Id>,
}

/// A word of ours in a query.
fn word<T: serde::de::DeserializeOwned>(name: &str, text: Option<&str>, known: &[&str]) -> Result<Option<T>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    serde_json::from_value(json!(text))
        .map(Some)
        .map_err(|_| params::wrong_param(name, format!("{name} {text:?} is not known: use {}", known.join(", "))))
}

async fn may(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Params(asked): Params<Asked>,
) -> Result<Answer<Verdict>> {
    let purpose = word("purpose", asked.purpose.as_deref(), &Purpose::ALL.map(Purpose::as_str))?;
    let channel = word("channel", asked.channel.as_deref(), &Channel::ALL.map(Channel::as_str))?;
    let purpose: Purpose = purpose
        .ok_or_else(|| params::wrong_param("purpose", "purpose is missing: say what the customer is contacted for"))?;
    if purpose.is_contact() && channel.is_none() {
        return Err(params::wrong_param(
            "channel",
            "channel is missing: say by which way, or ask …/contact for all of them",
        ));
    }
    // What a customer has said to others is told to nobody who could not speak in their name.
    let scope = http.app.scope(&signed.actor);
    if let Some(sender) = asked.sender.as_ref().filter(|sender| !scope.holds(sender)) {
        return Err(params::wrong_param("sender", format!("sender {sender} is not one of your organisations")));
    }
    let ask = Ask { purpose, channel, sender: asked.sender };
    let at = asked.at.unwrap_or_else(|| http.app.clock.now());
    seen(&http, &signed, id, at, move |person, _| Ok(Answer(gate::may(&person.facts(&ask))))).await
}

async fn contact(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Answer<Value>> {
    let at = http.app.clock.now();
    let links = http.app.outbound.links().clone();
    // On that page one speaks as the customer.
    let may_give = consent::may_give(&http.app.ctx(&signed.actor, None)?);
    seen(&http, &signed, id, at, move |person, _| {
        let mut items = Vec::new();
        let mut all = Vec::new();
        for purpose in Purpose::ALL {
            let channels: Vec<Option<Channel>> =
                if purpose.is_contact() { Channel::ALL.map(Some).to_vec() } else { vec![None] };
            for channel in channels {
                let verdict = gate::may(&person.facts(&Ask { purpose, channel, sender: None }));
                let mut told = json!({ "purpose": purpose });
                if let (Some(told), Some(channel)) = (told.as_object_mut(), channel) {
                    told.insert("channel".into(), json!(channel));
                }
                if let (Some(told), Value::Object(verdict)) = (told.as_object_mut(), json!(verdict)) {
                    told.extend(verdict);
                }
                items.push(told);
                all.push((purpose, channel, verdict));
            }
        }
        let link = may_give.then(|| links.address(&person.customer.id, Channel::Sms));
        let link = link.as_deref().and_then(|link| link.split('?').next());
        Ok(Answer(json!({ "items": items, "banner": banner::lines(&person, &all), "link": link })))
    })
    .await
}

/// What is known of a customer the asker may see. What bears on contacting them is more than the asker may see.
async fn seen<T: Send + 'static>(
    http: &Shared,
    signed: &Signed,
    id: Id,
    at: Time,
    answer: impl FnOnce(Person, &View) -> Result<T> + Send + 'static,
) -> Result<T> {
    let actor = signed.actor.clone();
    http.blocking(move |http| {
        let customer = http.app.view(&actor)?.one("customer", &id)?;
        let view = http.app.store.view(Scope::All)?;
        let orgs = view.orgs();
        let gone = || Error::not_found("record", format!("there is no customer {id} in your organisations"));
        let person = Person::read(&view, &orgs, &customer.id, at, None)?.ok_or_else(gone)?;
        answer(person, &view)
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    #[serde(default)]
    filter: Value,
    purpose: Purpose,
    channel: Channel,
    at: Option<Time>,
}

async fn count(State(http): State<Shared>, signed: Signed, Input(asked): Input<Counted>) -> Result<Answer<Value>> {
    if !asked.purpose.is_contact() {
        return Err(Error::invalid("purpose", "nobody is contacted for this purpose: use serve or marketing"));
    }
    let at = asked.at.unwrap_or_else(|| http.app.clock.now());
    let actor = signed.actor.clone();
    http.blocking(move |http| counted(&http.app.view(&actor)?, &http.app.store.view(Scope::All)?, &asked, at))
        .await
        .map(Answer)
}

fn counted(own: &View, all: &View, asked: &Counted, at: Time) -> Result<Value> {
    let mut query = Query { filter: asked.filter.clone(), limit: Some(500), count: true, ..Query::default() };
    let orgs = all.orgs();
    let ask = Ask { purpose: asked.purpose, channel: Some(asked.channel), sender: None };
    let reading = Reading::new(all, &orgs, at)?;
    let (mut n, mut n_allowed, mut stopped) = (0u64, 0u64, Map::new());
    loop {
        let page = own.find("customer", &query)?;
        if let Some(count) = page.count.filter(|count| *count > MAX_COUNTED) {
            let message =
                format!("the filter has {count} customers, and at most {MAX_COUNTED} are asked at once: narrow it");
            return Err(Error::invalid("filter", message));
        }
        for customer in &page.items {
            n += 1;
            let Some(person) = reading.person(&customer.id, None)? else { continue };
            match gate::may(&person.facts(&ask)).reason.map(Reason::as_str) {
                None => n_allowed += 1,
                Some(reason) => {
                    let known = stopped.get(reason).and_then(Value::as_u64).unwrap_or_default();
                    stopped.insert(reason.to_owned(), json!(known + 1));
                }
            }
        }
        (query.cursor, query.count) = (page.next, false);
        if query.cursor.is_none() {
            return Ok(json!({ "n": n, "n_allowed": n_allowed, "stopped": stopped }));
        }
    }
}

#[derive(Debug, Deserialize)]
struct InOrg {
    org: Option<Id>,
}

async fn read_policy(
    State(http): State<Shared>,
    signed: Signed,
    Params(asked): Params<InOrg>,
) -> Result<Answer<Value>> {
    let org = http.app.ctx(&signed.actor, asked.org)?.org;
    http.all(move |view| {
        let own = commands::contact::policy(view, &org)?;
        let limits = commands::contact::limits(view, &view.orgs(), &org)?;
        Ok(Answer(told(&org, &own, &limits)))
    })
    .await
}

async fn put_policy(
    State(http): State<Shared>,
    signed: Signed,
    tried: Tried,
    Params(asked): Params<InOrg>,
    Input(policy): Input<Policy>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, asked.org)?;
    let org = ctx.org.clone();
    let shown = Command::new("contact.settle", json!({ "org": org, "policy": policy }));
    let wish = Wish::of(shown, Settle { org: Some(org.clone()), policy: policy.clone() });
    let seal = move |_: &mut crate::store::Tx<'_>, _: &commands::Ctx, limits: Limits| {
        Kept::json(axum::http::StatusCode::OK, &told(&org, &policy, &limits), None)
    };
    tried.write(&http, ctx, wish, seal).await
}

fn told(org: &Id, own: &Policy, limits: &Limits) -> Value {
    json!({ "org": org, "own": own, "limits": limits })
}
