//! Problems: why a script did not answer, with the place in the words of its author.

use rhai::{Dynamic, EvalAltResult, ParseError, Position};

use crate::{exports::marque::runner::scripts::Problem, limits};

/// The script does not read.
pub const PARSE: &str = "parse";
/// It failed while it ran.
pub const RUNTIME: &str = "runtime";
/// It used more than it may, see [`limits`](crate::limits).
pub const LIMIT: &str = "limit";
/// A value is of the wrong kind.
pub const TYPE: &str = "type";

/// A problem without a place.
pub fn anywhere(code: &str, message: impl Into<String>) -> Problem {
    Problem { code: code.into(), message: message.into(), line: 0, column: 0 }
}

/// A source that does not parse.
pub fn of_parsing(error: &ParseError) -> Problem {
    at(PARSE, error.err_type().to_string(), error.position())
}

/// A call that did not return. The innermost cause counts, and its place.
pub fn of_running(error: EvalAltResult) -> Problem {
    use EvalAltResult as E;
    let code = match &error {
        E::ErrorParsing(..) => PARSE,
        E::ErrorTooManyOperations(_)
        | E::ErrorTooManyVariables(_)
        | E::ErrorTooManyModules(_)
        | E::ErrorStackOverflow(_)
        | E::ErrorDataTooLarge(..)
        | E::ErrorTerminated(..) => LIMIT,
        E::ErrorMismatchDataType(..) | E::ErrorMismatchOutputType(..) | E::ErrorIndexingType(..) | E::ErrorFor(_) => {
            TYPE
        }
        E::ErrorFunctionNotFound(signature, _) if is_operator(signature) => TYPE,
        _ => RUNTIME,
    };
    match error {
        E::ErrorInFunctionCall(_, _, inner, position) => {
            // Some causes have no place of their own; the call that led there is the next best.
            let problem = of_running(*inner);
            if problem.line == 0 { at(&problem.code, problem.message, position) } else { problem }
        }
        E::ErrorRuntime(thrown, position) => of_throw(&thrown, position),
        mut error => {
            // The place stands in its own fields, not in the message as well. Of a limit the engine does not tell it.
            let position = error.take_position();
            let message = of_limit(&error).unwrap_or_else(|| error.to_string());
            at(code, message, position)
        }
    }
}

/// What to look for.
fn of_limit(error: &EvalAltResult) -> Option<String> {
    use EvalAltResult as E;
    Some(match error {
        E::ErrorTooManyOperations(_) | E::ErrorTerminated(..) => {
            format!("more than {} operations: look for a loop that does not end", limits::OPERATIONS)
        }
        E::ErrorStackOverflow(_) => {
            format!("more than {} functions inside one another: look for one that calls itself", limits::CALL_LEVELS)
        }
        E::ErrorTooManyVariables(_) => format!("more than {} variables at once", limits::VARIABLES),
        E::ErrorDataTooLarge(what, _) => format!(
            "{what} too large: a text has at most {} bytes, an array {} items, a map {} entries",
            limits::TEXT_BYTES,
            limits::ARRAY_ITEMS,
            limits::MAP_ENTRIES
        ),
        _ => return None,
    })
}

/// `throw #{ code: "…", message: "…" }` keeps its code; any other throw is a `runtime` problem.
fn of_throw(thrown: &Dynamic, position: Position) -> Problem {
    let map = thrown.read_lock::<rhai::Map>();
    let text = |key: &str| {
        let value = map.as_ref().and_then(|map| map.get(key))?;
        value.clone().into_string().ok().filter(|text| !text.is_empty())
    };
    let message = text("message").unwrap_or_else(|| match thrown.clone().into_string() {
        Ok(text) => text,
        Err(_) => format!("the script threw a value of type {}", thrown.type_name()),
    });
    at(&text("code").unwrap_or_else(|| RUNTIME.into()), message, position)
}

/// What our own functions raise; scripts may catch it.
pub fn raise(code: &str, message: impl Into<String>) -> Box<EvalAltResult> {
    let thrown = rhai::Map::from([("code".into(), code.into()), ("message".into(), message.into().into())]);
    EvalAltResult::ErrorRuntime(thrown.into(), Position::NONE).into()
}

fn at(code: &str, message: String, position: Position) -> Problem {
    let number = |n: Option<usize>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    Problem { code: code.into(), message, line: number(position.line()), column: number(position.position()) }
}

fn is_operator(signature: &str) -> bool {
    signature.starts_with(|first: char| !first.is_alphabetic() && first != '_')
}
