//! Looking for customers that may be the same: a job over all customers of an organisation, carried on after a restart.

use std::{sync::Arc, thread};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::App;
use crate::{
    Error, Result,
    commands::{Ctx, customer},
    model::{
        Id, Query, Scope,
        job::{ImportCounts, Job, JobState},
    },
    store::tables,
};

const KIND: &str = "find_duplicates";
/// Customers compared on one snapshot and committed together.
const CHUNK: u32 = 200;

/// The job's `detail`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Task {
    /// Where the next chunk begins.
    cursor: Option<String>,
    /// Pairs that were put up for review by this job.
    found: u32,
}

impl App {
    /// Begin to look for duplicates in an organisation and those below it, or tell of the job that does so already.
    ///
    /// # Errors
    /// `denied`, or internal.
    pub async fn find_duplicates(self: &Arc<App>, ctx: &Ctx) -> Result<Job> {
        customer::to_decide(ctx)?;
        let running = tables::job::running(&self.store.view(Scope::All)?)?;
        if let Some(job) = running.into_iter().find(|job| job.kind == KIND && job.org == ctx.org) {
            return Ok(job);
        }
        let begun = Job::begun(Id::fresh(ctx.now), KIND, ctx.org.clone(), &ctx.actor, ctx.now, json!(Task::default()));
        let job = Job { counts: Some(ImportCounts::default()), ..begun };
        let kept = job.clone();
        self.store.commit(move |tx| tables::job::put(tx, &kept)).await?;
        self.scan(job.id.clone())?;
        Ok(job)
    }

    /// Go on with what was under way when the server stopped, and give a person of the brand to whom has none.
    pub(super) fn resume_scans(self: &Arc<App>) -> Result<()> {
        let running = tables::job::running(&self.store.view(Scope::All)?)?;
        running.into_iter().filter(|job| job.kind == KIND).try_for_each(|job| self.scan(job.id))?;
        let app = self.clone();
        let house = move || {
            if let Err(error) = app.house_all() {
                tracing::error!(%error, "customers could not be given persons of the brand; it goes on after the next start");
            }
        };
        thread::Builder::new().name("identities".into()).spawn(house).map(drop).map_err(Error::internal)
    }

    fn scan(self: &Arc<App>, id: Id) -> Result<()> {
        let app = self.clone();
        let work = move || {
            while !app.is_stopping() {
                match app.scan_chunk(&id) {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => {
                        tracing::error!(job.id = %id, %error, "looking for duplicates was held up; it goes on after the next start");
                        return;
                    }
                }
            }
        };
        thread::Builder::new().name("duplicates".into()).spawn(work).map(drop).map_err(Error::internal)
    }

    /// Whether there is more to do.
    fn scan_chunk(&self, id: &Id) -> Result<bool> {
        let all = self.store.view(Scope::All)?;
        let Some(job) = tables::job::get(&all, id, &Scope::All)?.filter(|job| job.state == JobState::Running) else {
            return Ok(false);
        };
        drop(all);
        let mut task: Task = serde_json::from_value(job.detail.clone()).map_err(Error::internal)?;
        let view = self.store.view(self.store.orgs().scope(&job.org))?;
        let query = Query {
            order: "created_at".into(),
            limit: Some(CHUNK),
            cursor: task.cursor.clone(),
            count: task.cursor.is_none(),
            ..Query::default()
        };
        let page = view.find("customer", &query)?;
        let pairs = customer::find_duplicates(&view, &page.items)?;
        drop(view);
        let is_last = page.next.is_none();
        task.cursor = page.next;
        let ctx = Ctx::system(job.org.clone(), self.clock.now(), self.catalogue());
        self.store.commit_blocking(move |tx| {
            let Some(job) = tables::job::get(tx, &job.id, &Scope::All)?.filter(|job| job.state == JobState::Running)
            else {
                return Ok(false);
            };
            task.found += customer::put_up(tx, &ctx, &pairs)?;
            let counts = ImportCounts { review: task.found, ..ImportCounts::default() };
            let job = Job {
                state: if is_last { JobState::Done } else { JobState::Running },
                done: job.done + page.items.len() as u32,
                total: page.count.map_or(job.total, |count| count.min(u32::MAX.into()) as u32),
                counts: Some(counts),
                detail: json!(task),
                updated_at: ctx.now,
                ..job
            };
            tables::job::put(tx, &job)?;
            Ok(!is_last)
        })
    }

    /// Customers that were made before there were persons of the brand are given one each, a chunk at a time.
    fn house_all(&self) -> Result<()> {
        let mut after = String::new();
        while !self.is_stopping() {
            let homeless = tables::membership::homeless(&self.store.view(Scope::All)?, &after, CHUNK)?;
            let Some(last) = homeless.last() else { return Ok(()) };
            after = last.id.to_string();
            let ctx = Ctx::system(Id::hq(), self.clock.now(), self.catalogue());
            self.store.commit_blocking(move |tx| customer::house(tx, &ctx, &homeless))?;
        }
        Ok(())
    }
}
