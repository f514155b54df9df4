//! Work on every core, answered in order.

use std::thread;

use crate::{Error, Result, model::Fault};

/// Work on several threads, answered in the order of the items: how many they are changes nothing.
///
/// # Errors
/// That of the first part that failed, as internal.
pub fn side_by_side<T: Sync, R: Send>(
    n_threads: usize,
    items: &[T],
    work: impl Fn(&[T]) -> Result<Vec<R>, Fault> + Sync,
) -> Result<Vec<R>> {
    let share = items.len().div_ceil(n_threads).max(1);
    let made = thread::scope(|scope| {
        let parts: Vec<_> = items.chunks(share).map(|part| scope.spawn(|| work(part))).collect();
        let join = |part: thread::ScopedJoinHandle<'_, Result<Vec<R>, Fault>>| {
            part.join().unwrap_or_else(|_| Err(Fault::host("working side by side panicked")))
        };
        parts.into_iter().map(join).collect::<Result<Vec<_>, _>>()
    });
    let made = made.map_err(|fault| Error::internal(fault.message))?;
    Ok(made.into_iter().flatten().collect())
}
