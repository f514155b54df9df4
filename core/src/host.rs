//! The room of wasmtime: plugins and scripts run here, in fresh instances, inside limits, and can only propose.

mod budget;
mod cache;
mod call;
mod compiling;
mod deadline;
mod decide;
mod engine;
mod guest;
mod limits;
mod log;
mod meter;
pub mod runner;
mod stop;
mod v1;

use std::{
    hash::{Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
};

use wasmtime::{
    Engine,
    component::{Component, Linker},
};

use crate::{Error, Result, catalogue::Plugin, model::digest};

use cache::Cache;
use call::Call;

pub use compiling::{COMMAND as COMPILE_COMMAND, Compiling, child as compile_child};
pub use decide::{Batch, Decide, DecideCall, Decision};
pub use guest::{CatalogueNow, Guest};
pub use limits::Limits;

/// The engine with its limits and its cache of compiled components. One for the process.
pub struct Host {
    engine: Engine,
    limits: Limits,
    cache: Option<Cache>,
    /// The program that compiles; `None` compiles here.
    compiler: Option<PathBuf>,
    v1: Linker<Call>,
}

impl Host {
    /// Start the engine. Compiled components are kept in `cache_dir`, which must be private to the server.
    ///
    /// # Errors
    /// When the engine, its ticker or the directory cannot be had.
    pub fn new(limits: Limits, cache_dir: Option<&Path>) -> Result<Arc<Host>> {
        let engine = engine::start(&limits)?;
        let v1 = v1::linker(&engine).map_err(|error| Error::internal(chain(&error)))?;
        let cache = cache_dir.map(Cache::open).transpose().map_err(Error::internal)?;
        Ok(Arc::new(Host { engine, limits, cache, compiler: None, v1 }))
    }

    /// The same, but foreign code is compiled by a child process of `program`, the `marque` binary.
    ///
    /// # Errors
    /// As [`Host::new`].
    pub fn compiling_in(program: PathBuf, limits: Limits, cache_dir: Option<&Path>) -> Result<Arc<Host>> {
        let host = Host::new(limits, cache_dir)?;
        let host = Arc::try_unwrap(host).map_err(|_| Error::internal("a new host is shared already"))?;
        Ok(Arc::new(Host { compiler: Some(program), ..host }))
    }

    /// The limits guests run under.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Compile a plugin's component, or fetch it from the cache, and prove by one instance that it fits its manifest.
    ///
    /// # Errors
    /// `plugin.invalid`, naming what is wrong: not a component, too large, asks for unknown services, lacks an export.
    pub fn load(
        self: &Arc<Host>,
        plugin: &Arc<Plugin>,
        catalogue: CatalogueNow,
        decide: Arc<dyn Decide>,
    ) -> Result<Arc<Guest>> {
        Guest::load(self, plugin, catalogue, decide).map(Arc::new)
    }

    /// A component ready to run. The error text is for whoever made the component.
    fn compile(&self, bytes: &[u8]) -> Result<Component, String> {
        if bytes.len() > self.limits.component_bytes {
            return Err(format!(
                "the component has {} bytes, {} are allowed",
                bytes.len(),
                self.limits.component_bytes
            ));
        }
        let name = self.cache_name(bytes);
        if let Some(component) = self.cached(&name) {
            return Ok(component);
        }
        let component = match &self.compiler {
            Some(program) => self.taken_in(&compiling::apart(program, &self.limits, bytes)?)?,
            // Compilers have panicked on strange input before; a plugin must not take the server along.
            None => catch_unwind(AssertUnwindSafe(|| Component::new(&self.engine, bytes)))
                .map_err(|_| "the compiler failed on the component; this is worth a bug report".to_owned())?
                .map_err(|error| format!("this is not a component the server accepts: {}", chain(&error)))?,
        };
        self.check_resources(&component)?;
        if let Some(cache) = &self.cache {
            match component.serialize() {
                Ok(code) => cache.put(&name, &code),
                Err(error) => tracing::warn!(%error, "a compiled component could not be serialised"),
            }
        }
        Ok(component)
    }

    #[expect(unsafe_code, reason = "compiled code is loaded unchecked; the compiler answers for it")]
    fn taken_in(&self, code: &[u8]) -> Result<Component, String> {
        // SAFETY: the bytes come through a pipe from a child running this very binary, which writes nothing to it but what
        // `Engine::precompile_component` made.
        unsafe { Component::deserialize(&self.engine, code) }
            .map_err(|error| format!("the compiler made something else than code: {}", chain(&error)))
    }

    /// Refused here already, with words, instead of at the first call.
    fn check_resources(&self, component: &Component) -> Result<(), String> {
        let Some(needs) = component.resources_required() else {
            return Err("the component takes core modules as imports, which is not supported".into());
        };
        let memory = needs.max_initial_memory_size.unwrap_or(0);
        if memory > self.limits.memory_bytes as u64 {
            return Err(format!(
                "the component begins with {memory} bytes of memory, {} are allowed",
                self.limits.memory_bytes
            ));
        }
        let table = needs.max_initial_table_size.unwrap_or(0);
        if table > self.limits.table_elements as u64 {
            return Err(format!(
                "the component begins with a table of {table}, {} are allowed",
                self.limits.table_elements
            ));
        }
        if needs.num_memories > self.limits.memories || needs.num_tables > self.limits.tables {
            return Err(format!(
                "the component has {} memories and {} tables, {} and {} are allowed",
                needs.num_memories, needs.num_tables, self.limits.memories, self.limits.tables
            ));
        }
        Ok(())
    }

    /// Compiled code is good for one component and one engine: version, settings and processor.
    fn cache_name(&self, bytes: &[u8]) -> String {
        let mut hasher = std::hash::DefaultHasher::new();
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        format!("{}-{:016x}", digest::hex(bytes), hasher.finish())
    }

    #[expect(unsafe_code, reason = "compiled code is loaded unchecked; the cache answers for it")]
    fn cached(&self, name: &str) -> Option<Component> {
        let cache = self.cache.as_ref()?;
        let code = cache.get(name)?;
        // SAFETY: `Cache::get` answers only bytes that this server wrote under this name, by a MAC with its own key, and
        // it wrote nothing there but `Component::serialize` of an engine with the same compatibility hash.
        match unsafe { Component::deserialize(&self.engine, &code) } {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::warn!(%error, "a compiled component could not be loaded; it is compiled again");
                cache.remove(name);
                None
            }
        }
    }
}

/// An error with its causes on one line.
fn chain(error: &wasmtime::Error) -> String {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    log::clean(&causes.join(": "), 1 << 10)
}
