//! Work on many records at once: read ahead, done on every core, answered in order.

use std::{ops::ControlFlow, sync::mpsc, thread};

use crate::{
    Error, Result,
    model::{Fault, Record},
    store::View,
};

/// Pages of one snapshot, each read while `take` works on the one before, which answers whether it goes on. Gives the snapshot back, and
/// whether all of it was taken.
pub(super) fn read_ahead(
    view: View,
    read: impl Fn(&View, &str) -> Result<Vec<Record>> + Send,
    mut take: impl FnMut(&[Record]) -> Result<bool>,
) -> Result<(View, bool)> {
    thread::scope(|scope| {
        let (sender, pages) = mpsc::sync_channel(1);
        let reader = scope.spawn(move || -> Result<View> {
            let mut after = String::new();
            loop {
                let page = read(&view, &after)?;
                let Some(last) = page.last() else { return Ok(view) };
                after = last.id.to_string();
                // Nobody takes any more.
                if sender.send(page).is_err() {
                    return Ok(view);
                }
            }
        });
        let taken = pages.iter().try_for_each(|page| match take(&page) {
            Ok(true) => ControlFlow::Continue(()),
            ended => ControlFlow::Break(ended),
        });
        drop(pages);
        let view = reader.join().unwrap_or_else(|_| Err(Error::internal("reading the records panicked")))?;
        match taken {
            ControlFlow::Continue(()) => Ok((view, true)),
            ControlFlow::Break(ended) => ended.map(|_| (view, false)),
        }
    })
}

/// Work on several threads, answered in the order of the items: how many they are changes nothing.
pub(super) fn side_by_side<T: Sync, R: Send>(
    n_threads: usize,
    items: &[T],
    work: impl Fn(&[T]) -> Result<Vec<R>, Fault> + Sync,
) -> Result<Vec<R>> {
    let share = items.len().div_ceil(n_threads).max(1);
    let made = thread::scope(|scope| {
        let parts: Vec<_> = items.chunks(share).map(|part| scope.spawn(|| work(part))).collect();
        let join = |part: thread::ScopedJoinHandle<'_, Result<Vec<R>, Fault>>| {
            part.join().unwrap_or_else(|_| Err(Fault::host("trying a draft panicked")))
        };
        parts.into_iter().map(join).collect::<Result<Vec<_>, _>>()
    });
    let made = made.map_err(|fault| Error::internal(fault.message))?;
    Ok(made.into_iter().flatten().collect())
}
