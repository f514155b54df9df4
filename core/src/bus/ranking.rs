//! Rankings that plugins asked for: the order is made from one snapshot, kept, and written a piece a commit.
//!
//! Whatever is interrupted goes on after the start: an order that was not kept as a whole is made again, one that was is written on.

#[cfg(test)]
mod tests;

use std::sync::atomic::Ordering;

use super::{Bus, Shared};
use crate::{
    Error, ErrorKind, Result,
    commands::{
        Ctx, Run,
        record::rank::{Fail, JOB, Keep, PIECE, Place, Settle, Task, Write},
    },
    model::{
        Id, Scope,
        job::Job,
        rank::{self, Group},
    },
    store::{Store, tables},
};

/// Pieces kept in one commit.
const KEPT_AT_ONCE: usize = 25;

impl Bus {
    /// Take up rankings, those that were under way when the server stopped first. Call inside a tokio runtime.
    pub fn rank(&self) {
        self.attend("rank", work_off);
    }
}

/// Everything there is to do, in the order it was asked for.
fn work_off(shared: &Shared) -> Result<()> {
    let ctx = || Ctx::system(Id::hq(), shared.clock.now(), shared.catalogue.load_full());
    while !shared.is_stopping.load(Ordering::SeqCst) {
        if !step(&shared.store, ctx())? {
            break;
        }
    }
    Ok(())
}

/// Make the first order there is to make and keep it, or write a piece of it. False when there is none.
fn step(store: &Store, ctx: Ctx) -> Result<bool> {
    let running = tables::job::running(&store.view(Scope::All)?)?;
    let Some(job) = running.into_iter().find(|job| job.kind == JOB) else { return Ok(false) };
    let task: Task = serde_json::from_value(job.detail.clone()).map_err(Error::internal)?;
    let done = match task.kept {
        None => keep(store, &ctx, &job, &task),
        Some(_) => {
            let (write, ctx) = (Write { job: job.id.clone() }, ctx.again());
            store.commit_blocking(move |tx| write.run(tx, &ctx)).map(drop)
        }
    };
    match done {
        Err(error) if error.kind != ErrorKind::Unavailable => give_up(store, ctx, job.id, &error)?,
        done => done?,
    }
    Ok(true)
}

fn keep(store: &Store, ctx: &Ctx, job: &Job, task: &Task) -> Result<()> {
    let (places, groups) = order(store, job, task)?;
    let n = places.len();
    let pieces: Vec<&[Place]> = places.chunks(PIECE).collect();
    for (at, some) in pieces.chunks(KEPT_AT_ONCE).enumerate() {
        let first = (at * KEPT_AT_ONCE) as u32;
        let pieces = some.iter().map(serde_json::to_vec).collect::<Result<_, _>>();
        let (keep, ctx) = (Keep { job: job.id.clone(), first, pieces: pieces.map_err(Error::internal)? }, ctx.clone());
        store.commit_blocking(move |tx| keep.run(tx, &ctx))?;
    }
    let (settle, ctx) = (Settle { job: job.id.clone(), n, groups }, ctx.clone());
    store.commit_blocking(move |tx| settle.run(tx, &ctx))
}

/// Where each record of the population stands, as of now.
fn order(store: &Store, job: &Job, task: &Task) -> Result<(Vec<Place>, Vec<Group>)> {
    let view = store.view(store.orgs().scope(&job.org))?.for_server(None, job.created_at).at(&job.org);
    let ranked = view.ranked(&task.kind, &task.filter, &task.within, &task.ranks)?;
    // A long read would keep the store from tidying up.
    drop(view);
    let (fields, groups) = rank::rank(&ranked, &task.within, &task.ranks);
    let places = ranked.into_iter().zip(fields).map(|(record, fields)| Ok((record.id.parse()?, fields)));
    Ok((places.collect::<Result<_>>()?, groups))
}

fn give_up(store: &Store, ctx: Ctx, job: Id, error: &Error) -> Result<()> {
    tracing::error!(job.id = %job, %error, "a ranking has failed");
    let fail = Fail { job, code: error.code.clone(), message: error.message.clone() };
    store.commit_blocking(move |tx| fail.run(tx, &ctx))
}
