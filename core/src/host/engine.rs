//! The one wasmtime engine: what guests may consist of, how instances are had, and the clock that ends them.

use std::{thread, time::Duration};

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use super::Limits;
use crate::{Error, Result};

/// An engine with its ticker running. Instances come from a pool where the address space allows one, else each is mapped afresh.
pub(super) fn start(limits: &Limits) -> Result<Engine> {
    let engine = match Engine::new(&pooled(limits)) {
        Ok(engine) => engine,
        Err(error) => {
            tracing::warn!(%error, "no pool of instances on this machine; every call maps its own memory, which is slower");
            Engine::new(&config(limits)).map_err(|error| Error::internal(error.to_string()))?
        }
    };
    tick(&engine, Duration::from_millis(limits.tick_ms.max(1)))?;
    Ok(engine)
}

/// Which proposals exist is decided here and not by cargo features: leaving the features `gc` and `threads` out of the
/// build has made wasmtime abort before, refusing the proposals has not.
fn config(limits: &Limits) -> Config {
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack_bytes)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(24))
        .concurrency_support(false)
        .gc_support(false)
        .shared_memory(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false)
        .wasm_threads(false)
        .wasm_shared_everything_threads(false)
        .wasm_memory64(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .wasm_stack_switching(false)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        // Never off: without it wasmtime 48 panics while compiling a valid component whose parts share strings, as every
        // QuickJS guest does. The number of memories is limited by the pool and by each store instead.
        .wasm_multi_memory(true);
    config
}

/// Room for as many guests at once as workers and waiting people need. What is kept resident holds a whole QuickJS heap, so
/// that a fresh instance of a JavaScript plugin does not fault its pages in again.
fn pooled(limits: &Limits) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.instances)
        .total_core_instances(limits.instances * 8)
        .total_memories(limits.instances + limits.instances / 2)
        .total_tables(limits.instances * 4)
        .max_core_instances_per_component(limits.core_instances)
        .max_memories_per_component(limits.memories)
        .max_tables_per_component(limits.tables)
        .max_tables_per_module(limits.tables)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        .linear_memory_keep_resident(4 << 20)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    let mut config = config(limits);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// A thread of its own, so that no busy executor can hold the clock; it ends with the engine.
fn tick(engine: &Engine, length: Duration) -> Result<()> {
    let weak = engine.weak();
    #[expect(clippy::disallowed_methods, reason = "this thread is a clock; passing time is all it waits for")]
    let ticker = move || {
        loop {
            thread::sleep(length);
            match weak.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    };
    thread::Builder::new().name("guest-ticker".into()).spawn(ticker).map_err(Error::internal)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use wasmtime::{Module, component::Component};

    use super::*;

    #[test]
    fn the_engine_starts_pooled_and_on_demand() {
        let limits = Limits::default();
        assert!(Engine::new(&pooled(&limits)).is_ok());
        assert!(Engine::new(&config(&limits)).is_ok());
    }

    #[test]
    fn proposals_that_no_guest_needs_are_refused() {
        let engine = start(&Limits::default()).expect("an engine");
        let magic = b"\0asm\x01\0\0\0";
        // Sections: a shared memory, a 64-bit memory, a tag, a struct type.
        for (section, refusal) in [
            (&[5u8, 4, 1, 3, 1, 1][..], "threads must be enabled"),
            (&[5, 3, 1, 4, 1][..], "memory64 must be enabled"),
            (&[1, 4, 1, 0x60, 0, 0, 13, 3, 1, 0, 0][..], "exceptions proposal not enabled"),
            (&[1, 5, 1, 0x5f, 1, 0x7f, 0][..], "not supported without the gc feature"),
        ] {
            let error = Module::new(&engine, [&magic[..], section].concat()).map(drop).expect_err(refusal);
            assert!(format!("{error:#}").contains(refusal), "{error:#}");
        }
    }

    #[test]
    fn a_core_module_is_no_component() {
        let engine = start(&Limits::default()).expect("an engine");
        assert!(Component::new(&engine, b"\0asm\x01\0\0\0").is_err());
    }
}
