//! Jobs: long work with progress.

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{self, At, Params},
    route::Route,
};
use crate::{
    Error, Result,
    model::{Id, job::Job, rights::Verb},
    store::{View, tables},
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let job = || json!({ "$ref": "#/components/schemas/Job" });
    vec![
        Route::get("/api/v1/jobs", list)
            .says("jobs of one's organisations, the newest first")
            .query(&[params::LIMIT])
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": job() }, "next": { "type": "null" } } })),
        Route::get("/api/v1/jobs/{id}", get).says("how far a job is").answers(200, job()),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    limit: Option<u32>,
}

async fn list(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Answer<Value>> {
    let limit = params::limit(asked.limit, 25, 500)?;
    let jobs = http.view(&signed.actor, move |view| {
        let mut jobs = tables::job::list(view, view.scope(), limit)?;
        // Ten thousand faults and conflicts a job are for whoever opens it.
        jobs.iter_mut().for_each(|job| {
            job.faults.clear();
            job.conflicts = job.conflicts.as_ref().map(|_| Vec::new());
        });
        let jobs: Vec<Job> = jobs.into_iter().map(|job| narrowed(view, job)).collect();
        Ok(jobs)
    });
    Ok(Answer(json!({ "items": jobs.await?, "next": null })))
}

/// A job with what of its events is set aside, if that was asked for.
#[derive(Debug, Serialize)]
struct Told {
    #[serde(flatten)]
    job: Job,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<Value>,
}

async fn get(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Answer<Told>> {
    let told = http.view(&signed.actor, move |view| {
        let job = tables::job::get(view, &id, view.scope())?;
        let job = job.ok_or_else(|| Error::not_found("job", format!("there is no job {id} in your organisations")))?;
        let held = match tables::hold::state(view, &id)? {
            Some(state) => Some(json!({ "state": state.name(), "n_waiting": tables::hold::n_waiting(view, &id)? })),
            None => None,
        };
        Ok(Told { job: narrowed(view, job), held })
    });
    told.await.map(Answer)
}

/// Rows, faults and conflicts of a job quote what is in records: they are for whoever may bring such records in.
fn narrowed(view: &View, mut job: Job) -> Job {
    let kind = job.detail.get("kind").and_then(Value::as_str).and_then(|kind| view.kinds().get(kind));
    if kind.is_none_or(|kind| view.rights().allows(kind, Verb::Import)) {
        return job;
    }
    job.faults.clear();
    job.conflicts = job.conflicts.map(|_| Vec::new());
    if let Some(detail) = job.detail.as_object_mut() {
        detail.retain(|name, _| matches!(name.as_str(), "kind" | "mode"));
    }
    job
}
