//! The script runner: Rhai inside the same sandbox and the same limits as plugins, one fresh instance a call.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use wasmtime::{
    Store,
    component::{Instance, InstancePre, Linker},
};

use super::{
    Host,
    log::clean,
    meter::{self, Meter, Metered},
    stop,
};
use crate::{Error, Result, model::Fault};

mod wire {
    wasmtime::component::bindgen!({ path: "../scripts/runner/wit", world: "runner" });
}

use wire::exports::marque::runner::scripts;

/// Longest text of a problem.
const TEXT_BYTES: usize = 500;

/// The runner, compiled. Cheap to share.
pub struct Runner {
    host: Arc<Host>,
    component: InstancePre<Idle>,
    exports: scripts::GuestIndices,
}

/// A function of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its parameters' names.
    pub parameters: Vec<String>,
    /// Its doc comment.
    pub comment: String,
}

/// Where and why a script fails; line and column count from 1, 0 where unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Machine-readable, `syntax`, `deadline`.
    pub code: String,
    /// For the person who writes the script.
    pub message: String,
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// A script to run, with everything it may see besides its input.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Rhai.
    pub source: &'a str,
    /// Rhai shared by scripts.
    pub libraries: &'a [String],
    /// The function to call, with one input each time.
    pub function: &'a str,
    /// What the script reads as `NOW`: RFC 3339 in the organisation's own time zone, whose offset `hour` and `date` go by.
    pub now: &'a str,
    /// What the script reads as `PARAMETERS`.
    pub parameters: &'a Value,
}

/// Data of the runner's store: it has no services, so only the meter.
struct Idle(Meter);

impl Metered for Idle {
    fn meter(&mut self) -> &mut Meter {
        &mut self.0
    }
}

impl Runner {
    /// Compile the runner, or fetch it from the cache.
    ///
    /// # Errors
    /// When the component is not the runner.
    pub fn new(host: &Arc<Host>, component: &[u8]) -> Result<Runner> {
        let wrong = |message: String| Error::internal(format!("the script runner: {message}"));
        let compiled = host.compile(component).map_err(wrong)?;
        // It is offered nothing at all: a script has no way out but its answer.
        let component =
            Linker::new(&host.engine).instantiate_pre(&compiled).map_err(|error| wrong(super::chain(&error)))?;
        let exports = scripts::GuestIndices::new(&component).map_err(|error| wrong(super::chain(&error)))?;
        let runner = Runner { host: host.clone(), component, exports };
        runner.enter(host.limits.check_ms, |_, _| Ok(())).map_err(|fault| wrong(fault.message))?;
        Ok(runner)
    }

    /// The limits scripts run under.
    pub fn limits(&self) -> &super::Limits {
        &self.host.limits
    }

    /// Parse a script with its libraries; answers its functions.
    ///
    /// # Errors
    /// Every problem found; a script that takes the parser past its limits is one problem too.
    pub fn check(&self, source: &str, libraries: &[String]) -> Result<Vec<Function>, Vec<Problem>> {
        self.fits(source, libraries).map_err(|fault| vec![Problem::from(fault)])?;
        let answer = self
            .enter(self.host.limits.check_ms, |part, store| part.call_check(store, source, libraries))
            .map_err(|fault| vec![Problem::from(fault)])?;
        match answer {
            Ok(functions) => Ok(functions.into_iter().map(Function::from).collect()),
            Err(problems) => Err(problems.into_iter().map(Problem::from).collect()),
        }
    }

    /// Call one function once for each input; answers in order.
    ///
    /// # Errors
    /// A fault blamed on the script when it passes a limit, on the host when it could not be run.
    pub fn run(&self, run: Run<'_>, inputs: &[Value], millis: u64) -> Result<Vec<Result<Value, Problem>>, Fault> {
        self.fits(run.source, run.libraries)?;
        let parameters = if run.parameters.is_null() { "{}".into() } else { run.parameters.to_string() };
        let texts: Vec<String> = inputs.iter().map(Value::to_string).collect();
        let answers = self.enter(millis, |part, store| {
            part.call_run(store, run.source, run.libraries, run.function, run.now, &parameters, &texts)
        })?;
        if answers.len() != inputs.len() {
            return Err(Fault::host(format!(
                "the script runner gave {} answers to {} inputs",
                answers.len(),
                inputs.len()
            )));
        }
        Ok(answers.into_iter().map(parsed).collect())
    }

    /// Parsing cannot be interrupted by the script engine itself and takes time with the length, so length is limited first.
    fn fits(&self, source: &str, libraries: &[String]) -> Result<(), Fault> {
        let limit = self.host.limits.script_bytes;
        match std::iter::once(source.len()).chain(libraries.iter().map(String::len)).max() {
            Some(bytes) if bytes > limit => {
                Err(Fault::guest("too_large", format!("the script has {bytes} bytes, {limit} are allowed"), false))
            }
            _ => Ok(()),
        }
    }

    /// A fresh instance, one call.
    fn enter<T>(
        &self,
        millis: u64,
        call: impl FnOnce(&scripts::Guest, &mut Store<Idle>) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        let limits = &self.host.limits;
        let mut store = meter::store(&self.host.engine, Idle(Meter::new(limits, millis)), limits);
        let ended = self.component.instantiate(&mut store).and_then(|instance: Instance| {
            let part = self.exports.load(&mut store, &instance)?;
            call(&part, &mut store)
        });
        ended.map_err(|error| stop::fault(&error, store.data_mut().meter()))
    }
}

/// What comes out of a script is JSON of the runner's making; should it not be, that is a problem like any other.
fn parsed(answer: Result<String, scripts::Problem>) -> Result<Value, Problem> {
    let text = answer.map_err(Problem::from)?;
    serde_json::from_str(&text).map_err(|error| Problem {
        code: "invalid".into(),
        message: clean(&format!("the answer cannot be written as JSON: {error}"), TEXT_BYTES),
        line: 0,
        column: 0,
    })
}

impl From<scripts::Function> for Function {
    fn from(function: scripts::Function) -> Function {
        Function { name: function.name, parameters: function.parameters, comment: function.comment }
    }
}

impl From<scripts::Problem> for Problem {
    fn from(problem: scripts::Problem) -> Problem {
        Problem {
            code: clean(&problem.code, 64),
            message: clean(&problem.message, TEXT_BYTES),
            line: problem.line,
            column: problem.column,
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        Problem { code: fault.code, message: fault.message, line: 0, column: 0 }
    }
}
