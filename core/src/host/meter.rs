//! What one instance may use: memory, tables and time. Shared by plugins and the script runner.

use std::time::Duration;

use wasmtime::{Engine, ResourceLimiter, Store, StoreLimits, StoreLimitsBuilder, UpdateDeadline};

use super::{Limits, deadline::Deadline};

/// Counts what wasmtime asks for on behalf of an instance.
pub(super) struct Meter {
    limits: StoreLimits,
    /// Whether memory or a table was refused to grow. No error by itself: an honest guest may ask and live with a no.
    refused: bool,
    /// The most memory it has had.
    most: usize,
    deadline: Deadline,
    tick: Duration,
}

/// Data of a store that has a meter.
pub(super) trait Metered: 'static {
    /// The meter.
    fn meter(&mut self) -> &mut Meter;
}

impl Meter {
    pub fn new(limits: &Limits, millis: u64) -> Meter {
        let store = StoreLimitsBuilder::new()
            .memory_size(limits.memory_bytes)
            .table_elements(limits.table_elements)
            .memories(limits.memories as usize)
            .tables(limits.tables as usize)
            .instances(limits.core_instances as usize)
            .build();
        Meter {
            limits: store,
            refused: false,
            most: 0,
            deadline: Deadline::after(Duration::from_millis(millis)),
            tick: Duration::from_millis(limits.tick_ms.max(1)),
        }
    }

    /// Whether the guest once got less than it asked for.
    pub fn was_refused(&self) -> bool {
        self.refused
    }

    /// The most linear memory it has had.
    pub fn most_memory(&self) -> usize {
        self.most
    }

    /// How long the guest may still run.
    pub fn deadline(&mut self) -> &mut Deadline {
        &mut self.deadline
    }

    /// What is left in whole epochs, rounded up; none when nothing is left.
    fn epochs_left(&self) -> u64 {
        u64::try_from(self.deadline.left().as_nanos().div_ceil(self.tick.as_nanos())).unwrap_or(u64::MAX >> 1)
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let granted = self.limits.memory_growing(current, desired, maximum)?;
        self.refused |= !granted;
        if granted {
            self.most = self.most.max(desired);
        }
        Ok(granted)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.refused = true;
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let granted = self.limits.table_growing(current, desired, maximum)?;
        self.refused |= !granted;
        Ok(granted)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.refused = true;
        Ok(())
    }

    fn instances(&self) -> usize {
        self.limits.instances()
    }

    fn tables(&self) -> usize {
        self.limits.tables()
    }

    fn memories(&self) -> usize {
        self.limits.memories()
    }
}

/// A store with every limit armed; it lasts for one call.
pub(super) fn store<T: Metered>(engine: &Engine, mut data: T, limits: &Limits) -> Store<T> {
    // The running epoch is cut short, so one more than it takes.
    let epochs = data.meter().epochs_left() + 1;
    let mut store = Store::new(engine, data);
    store.limiter(|data| data.meter());
    store.set_hostcall_fuel(limits.hostcall_bytes);
    store.set_max_component_handles(limits.handles);
    store.set_epoch_deadline(epochs);
    store.epoch_deadline_callback(|mut store| match store.data_mut().meter().epochs_left() {
        0 => Ok(UpdateDeadline::Interrupt),
        epochs => Ok(UpdateDeadline::Continue(epochs)),
    });
    store
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_past_the_limit_is_refused_and_remembered() {
        let mut meter = Meter::new(&Limits { memory_bytes: 1 << 20, ..Limits::default() }, 500);
        assert!(meter.memory_growing(0, 1 << 20, None).expect("an answer"));
        assert!(!meter.was_refused());
        assert!(!meter.memory_growing(1 << 20, (1 << 20) + 1, None).expect("an answer"));
        assert!(meter.was_refused());
    }

    #[test]
    fn what_is_left_is_rounded_up_to_whole_epochs() {
        let meter = |millis| Meter::new(&Limits { tick_ms: 60_000, ..Limits::default() }, millis);
        assert_eq!((meter(0).epochs_left(), meter(50_000).epochs_left(), meter(70_000).epochs_left()), (0, 1, 2));
    }
}
