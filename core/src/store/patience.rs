//! Reads that are given up: whoever asked has run out of time, and nobody shall wait for the answer.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::View;
use crate::{Error, ErrorKind, Result};

/// Steps of SQLite's machine between two looks at the clock: some tens of microseconds of work, a hundred times what the look costs.
const STEPS: i32 = 4_096;

impl View {
    /// The code of a read that was given up.
    pub const GIVEN_UP: &str = "store.given_up";

    /// Read, and give up in the middle of a query as soon as `is_over` says so. It is asked on the thread that reads.
    ///
    /// # Errors
    /// The read's own; [`View::GIVEN_UP`] when it was given up.
    pub fn until<T>(
        &mut self,
        is_over: impl Fn() -> bool + Send + 'static,
        read: impl FnOnce(&View) -> Result<T>,
    ) -> Result<T> {
        let was_given_up = Arc::new(AtomicBool::new(false));
        let told = was_given_up.clone();
        let watch = move || {
            let is_over = is_over();
            told.fetch_or(is_over, Ordering::Relaxed);
            is_over
        };
        self.raw_mut().progress_handler(STEPS, Some(watch)).map_err(Error::internal)?;
        let outcome = read(self);
        self.raw_mut().progress_handler(0, None::<fn() -> bool>).map_err(Error::internal)?;
        match outcome {
            Err(_) if was_given_up.load(Ordering::Relaxed) => Err(Error::new(
                ErrorKind::Unavailable,
                View::GIVEN_UP,
                "the read took longer than whoever asked may wait",
            )),
            outcome => outcome,
        }
    }
}
