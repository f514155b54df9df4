//! What one instance may use: memory, tables and time. Shared by plugins and the script runner.

use std::time::Duration;

use wasmtime::{Engine, ResourceLimiter, Store, StoreLimits, StoreLimitsBuilder, UpdateDeadline};

use super::Limits;

/// Counts what wasmtime asks for on behalf of an instance.
pub(super) struct Meter {
    limits: StoreLimits,
    /// Whether memory or a table was refused to grow. No error by itself: an honest guest may ask and live with a no.
    refused: bool,
    /// Time the guest waited for others, to be added to its deadline.
    owed: Duration,
    tick: Duration,
}

/// Data of a store that has a meter.
pub(super) trait Metered: 'static {
    /// The meter.
    fn meter(&mut self) -> &mut Meter;
}

impl Meter {
    pub fn new(limits: &Limits) -> Meter {
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
            owed: Duration::ZERO,
            tick: Duration::from_millis(limits.tick_ms.max(1)),
        }
    }

    /// Whether the guest once got less than it asked for.
    pub fn was_refused(&self) -> bool {
        self.refused
    }

    /// Time that is not the guest's fault.
    pub fn owe(&mut self, waited: Duration) {
        self.owed += waited;
    }

    /// Whole epochs owed, rounded up; none when nothing is owed.
    fn pay(&mut self) -> u64 {
        let owed = std::mem::take(&mut self.owed);
        u64::try_from(owed.as_nanos().div_ceil(self.tick.as_nanos())).unwrap_or(u64::MAX >> 1)
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let granted = self.limits.memory_growing(current, desired, maximum)?;
        self.refused |= !granted;
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
pub(super) fn store<T: Metered>(engine: &Engine, data: T, limits: &Limits, millis: u64) -> Store<T> {
    let mut store = Store::new(engine, data);
    store.limiter(|data| data.meter());
    store.set_hostcall_fuel(limits.hostcall_bytes);
    store.set_max_component_handles(limits.handles);
    store.set_epoch_deadline(limits.ticks(millis));
    store.epoch_deadline_callback(|mut store| match store.data_mut().meter().pay() {
        0 => Ok(UpdateDeadline::Interrupt),
        ticks => Ok(UpdateDeadline::Continue(ticks)),
    });
    store
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_past_the_limit_is_refused_and_remembered() {
        let mut meter = Meter::new(&Limits { memory_bytes: 1 << 20, ..Limits::default() });
        assert!(meter.memory_growing(0, 1 << 20, None).expect("an answer"));
        assert!(!meter.was_refused());
        assert!(!meter.memory_growing(1 << 20, (1 << 20) + 1, None).expect("an answer"));
        assert!(meter.was_refused());
    }

    #[test]
    fn time_owed_is_paid_once_in_whole_epochs() {
        let mut meter = Meter::new(&Limits::default());
        meter.owe(Duration::from_millis(11));
        assert_eq!((meter.pay(), meter.pay()), (2, 0));
    }
}
