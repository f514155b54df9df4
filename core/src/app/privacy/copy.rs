//! A person's copy of what we know of them: everything that refers to the customer, as JSON and as a page to read and print.

mod content;
mod page;

use std::{
    io::{Cursor, Write},
    sync::Arc,
};

use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    Error, Result,
    app::App,
    commands::{Ctx, noted, request, rights},
    model::{
        Id,
        job::{Job, JobState, RowFault},
        rights::Power,
    },
    store::{Tx, tables},
};

/// The kind of its jobs.
pub const KIND: &str = "personal_export";
/// How long a copy may be fetched.
const KEPT_MS: i64 = 7 * 86_400_000;
const LOCALES: [&str; 2] = ["zh-CN", "en"];

/// May this actor make or fetch copies?
///
/// # Errors
/// `denied`, naming the roles that may.
pub fn to_copy(ctx: &Ctx) -> Result<()> {
    rights::to(ctx, Power::Copy, "hand out a copy of somebody's data")
}

impl App {
    /// Begin a copy, as a job. Its file can be fetched for seven days.
    ///
    /// # Errors
    /// `denied`, `record.not_found`, `customer.erased`, those of a request that is not ready.
    pub async fn copy_of(self: &Arc<App>, ctx: &Ctx, customer: Id, request: Option<Id>) -> Result<Job> {
        to_copy(ctx)?;
        let now = ctx.now;
        let asked = ctx.clone();
        let begin = move |tx: &mut Tx<'_>| {
            let record = crate::commands::customer::standing(tx, &asked, &customer)?;
            if let Some(id) = &request {
                request::ready(tx, &asked, id, &record.id)?;
            }
            let detail = json!({ "customer": record.id, "request": request, "expires_at": now.plus_millis(KEPT_MS) });
            let begun = Job::begun(Id::fresh(now), KIND, record.org.clone(), &asked.actor, now, detail);
            let job = Job { total: content::N_PARTS, ..begun };
            tables::job::put(tx, &job)?;
            note(tx, &asked, "copy.made", &job)?;
            Ok(job)
        };
        let job = self.store.commit(begin).await?;
        let (app, ctx, begun) = (self.clone(), ctx.clone(), job.clone());
        tokio::task::spawn_blocking(move || app.make_copy(&ctx, begun));
        Ok(job)
    }

    fn make_copy(&self, ctx: &Ctx, job: Job) {
        let id = job.id.clone();
        let ended = self.write_copy(ctx, &job).and_then(|bytes| {
            let (job, now) = (Job { state: JobState::Done, done: job.total, ..job.clone() }, self.clock.now());
            let (ctx, customer) = (ctx.clone(), customer_of(&job)?);
            self.store.commit_blocking(move |tx| {
                // Who was erased while it was written gets no copy any more.
                crate::commands::customer::standing(tx, &ctx, &customer)?;
                tables::job::put_file(tx, &job.id, &bytes)?;
                tables::job::put(tx, &Job { updated_at: now, ..job })
            })
        });
        let Err(error) = ended else { return };
        tracing::error!(job.id = %id, %error, "a copy of somebody's data could not be made");
        let fault = RowFault { row: 0, field: None, code: error.code, message: error.message };
        let failed = Job { state: JobState::Failed, faults: vec![fault], ..job };
        if let Err(error) = self.store.commit_blocking(move |tx| tables::job::put(tx, &failed)) {
            tracing::error!(job.id = %id, %error, "a failed copy could not be marked so");
        }
    }

    fn write_copy(&self, ctx: &Ctx, job: &Job) -> Result<Vec<u8>> {
        let view = self.store.view(ctx.scope.clone())?.asked_by(&ctx.actor, ctx.now).at(&job.org);
        let customer = customer_of(job)?;
        let step = |done: u32| {
            let job = Job { done, updated_at: self.clock.now(), ..job.clone() };
            self.store.commit_blocking(move |tx| tables::job::put(tx, &job))
        };
        let content = content::of(&view, &customer, job, &step)?;
        pack(&content)
    }

    /// Copies that were being made when the server stopped are given up: whoever asked asks again.
    pub(in crate::app) async fn end_copies(&self) -> Result<()> {
        let now = self.clock.now();
        let end = move |tx: &mut Tx<'_>| {
            for job in tables::job::running(tx)?.into_iter().filter(|job| job.kind == KIND) {
                let message = "the server stopped while the copy was made: ask for it again".into();
                let fault = RowFault { row: 0, field: None, code: "job.cut_off".into(), message };
                tables::job::put(tx, &Job { state: JobState::Failed, faults: vec![fault], updated_at: now, ..job })?;
            }
            Ok(())
        };
        self.store.commit(end).await
    }

    /// The file of a copy, noted in the audit log before it leaves.
    ///
    /// # Errors
    /// `denied`, `job.not_found`, `file.not_found` while it is made or when its time is over.
    pub async fn fetch_copy(&self, ctx: &Ctx, id: &Id) -> Result<(Job, Vec<u8>)> {
        to_copy(ctx)?;
        let (ctx, id) = (ctx.clone(), id.clone());
        let fetch = move |tx: &mut Tx<'_>| {
            let job = tables::job::get(tx, &id, &ctx.scope)?.filter(|job| job.kind == KIND);
            let job =
                job.ok_or_else(|| Error::not_found("job", format!("there is no copy {id} in your organisations")))?;
            let expires = job.detail["expires_at"].as_str().and_then(|at| at.parse().ok());
            let is_over = expires.is_none_or(|at: crate::model::Time| at <= ctx.now);
            let mut bytes = Vec::new();
            let mut n = 0;
            while let Some(piece) = tables::job::file_piece(tx, &job.id, n)? {
                bytes.extend(piece);
                n += 1;
            }
            if is_over || bytes.is_empty() {
                let message =
                    "the copy is not there: it is still being made, or its seven days are over; make a new one";
                return Err(Error::not_found("file", message));
            }
            note(tx, &ctx, "copy.taken", &job)?;
            Ok((job, bytes))
        };
        self.store.commit(fetch).await
    }
}

fn note(tx: &mut Tx<'_>, ctx: &Ctx, what: &str, job: &Job) -> Result<()> {
    let detail = json!({ "job": job.id, "customer": job.detail["customer"], "request": job.detail["request"] });
    noted::note(tx, ctx, &job.org, what, detail)
}

/// The data once, and a page in each language.
fn pack(content: &Value) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| {
        zip.start_file(name, SimpleFileOptions::default()).map_err(Error::internal)?;
        zip.write_all(bytes).map_err(Error::internal)
    };
    add("data.json", &serde_json::to_vec_pretty(content).map_err(Error::internal)?)?;
    for locale in LOCALES {
        add(&format!("data.{locale}.html"), page::of(content, locale).as_bytes())?;
    }
    zip.finish().map(Cursor::into_inner).map_err(Error::internal)
}

/// Whose copy it is.
fn customer_of(job: &Job) -> Result<Id> {
    job.detail["customer"].as_str().unwrap_or_default().parse()
}
