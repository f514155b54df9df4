//! A script with its libraries, compiled once and called once for each input.

use rhai::{AST, CallFnOptions, Engine, Scope};

use crate::{
    engine::{self, Constants, Meter, Surroundings},
    exports::marque::runner::scripts::{Function, Problem},
    limits, problem, values,
};

/// A compiled script.
pub struct Program {
    engine: Engine,
    meter: Meter,
    ast: AST,
}

impl Program {
    /// Compiles the libraries, then the script; a function of the script replaces one of the same name in a library.
    pub fn compile(source: &str, libraries: &[String], surroundings: &Surroundings) -> Result<Program, Problem> {
        if libraries.len() > limits::LIBRARIES {
            let message = format!("{} libraries: at most {} may be merged", libraries.len(), limits::LIBRARIES);
            return Err(problem::anywhere(problem::LIMIT, message));
        }
        let mut engine = engine::new(surroundings);
        let parts: Vec<&str> = libraries.iter().map(String::as_str).chain([source]).collect();
        let in_library = |n: usize| n < libraries.len();
        let named = |n: usize, mut problem: Problem| {
            if in_library(n) {
                problem.message = format!("in library {}: {}", n + 1, problem.message);
            }
            problem
        };

        let mut constants = engine::constants(surroundings);
        for (n, part) in parts.iter().enumerate() {
            read_constants(&mut engine, part, &mut constants).map_err(|problem| named(n, problem))?;
        }
        let scope: Scope<'_> = constants.keys().fold(Scope::new(), |mut scope, name| {
            // As a variable: the optimizer would copy a constant's value into the functions.
            scope.push(name.clone(), ());
            scope
        });
        let mut ast = AST::empty();
        for (n, part) in parts.iter().enumerate() {
            let compiled =
                engine.compile_with_scope(&scope, part).map_err(|error| named(n, problem::of_parsing(&error)))?;
            ast = ast.merge(&compiled.clone_functions_only());
        }
        engine::show(&mut engine, constants);
        let meter = Meter::watch(&mut engine);
        Ok(Program { engine, meter, ast })
    }

    /// The script's own functions in the order they are written, without those of its libraries.
    pub fn functions(&self, source: &str) -> Vec<Function> {
        let mut functions: Vec<(usize, Function)> = self
            .ast
            .iter_functions()
            .filter_map(|function| {
                let line = line_of(source, function.name)?;
                let parameters = function.params.iter().map(|&name| name.to_owned()).collect();
                let comment = comment_above(source, line);
                Some((line, Function { name: function.name.to_owned(), parameters, comment }))
            })
            .collect();
        functions.sort_by_key(|(line, _)| *line);
        functions.into_iter().map(|(_, function)| function).collect()
    }

    /// Whether there is such a function of one parameter.
    pub fn has(&self, function: &str) -> Result<(), Problem> {
        let is_entry = |known: rhai::ScriptFnMetadata<'_>| known.name == function && known.params.len() == 1;
        if self.ast.iter_functions().any(is_entry) {
            return Ok(());
        }
        Err(problem::anywhere(problem::RUNTIME, format!("the script has no function {function} with one parameter")))
    }

    /// Calls a function with one input and nothing left over from other calls.
    pub fn call(&self, function: &str, input: &str) -> Result<String, Problem> {
        self.meter.reset();
        let input =
            values::read(input).map_err(|cause| problem::anywhere(problem::TYPE, format!("the input: {cause}")))?;
        let answer = self
            .engine
            .call_fn_with_options(
                CallFnOptions::new().eval_ast(false),
                &mut Scope::new(),
                &self.ast,
                function,
                (input,),
            )
            .map_err(|error| problem::of_running(*error))?;
        values::write(answer)
    }
}

/// The `const` lines at the top of a source whose values are known without running it.
fn read_constants(engine: &mut Engine, source: &str, constants: &mut Constants) -> Result<(), Problem> {
    if source.len() > limits::SOURCE_BYTES {
        let message = format!("{} bytes: a source has at most {}", source.len(), limits::SOURCE_BYTES);
        return Err(problem::anywhere(problem::LIMIT, message));
    }
    engine.set_strict_variables(false);
    let parsed = engine.compile(source);
    engine.set_strict_variables(true);
    let ast = parsed.map_err(|error| problem::of_parsing(&error))?;
    constants.extend(ast.iter_literal_variables(true, false).map(|(name, _, value)| (name.to_owned(), value)));
    Ok(())
}

/// The line on which a function of that name is defined.
fn line_of(source: &str, name: &str) -> Option<usize> {
    source.lines().position(|line| {
        let line = line.trim_start();
        let definition = line.strip_prefix("private ").unwrap_or(line).trim_start().strip_prefix("fn ");
        definition.is_some_and(|rest| {
            rest.trim_start().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('('))
        })
    })
}

/// The `///` lines directly above.
fn comment_above(source: &str, line: usize) -> String {
    let lines: Vec<&str> = source.lines().take(line).map(str::trim).collect();
    let first = lines.iter().rposition(|line| !line.starts_with("///")).map_or(0, |last| last + 1);
    let texts = lines[first..].iter().map(|line| line.trim_start_matches('/').trim());
    texts.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[path = "program_tests.rs"]
mod tests;
