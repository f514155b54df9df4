//! Pages of one snapshot, the next one read while there is work on the one before.

use std::{ops::ControlFlow, sync::mpsc, thread};

use crate::{Error, Result, model::Record, store::View};

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
