//! Why a guest was stopped, told apart and put into words.

use std::fmt;

use wasmtime::{Error as WasmError, PoolConcurrencyLimitError, Trap, WasmBacktrace};

use super::{budget::Quota, log::clean, meter::Meter};
use crate::model::{Blame, Fault};

/// Longest details kept with a fault.
const DETAILS_BYTES: usize = 8 << 10;

/// Something on our side failed while the guest was calling us.
#[derive(Debug)]
pub(super) struct HostTrouble(pub Fault);

impl fmt::Display for HostTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for HostTrouble {}

/// What ended a call. The order matters: a spent quota and a deadline also look like traps, and a trap after refused
/// memory is an allocation that failed.
pub(super) fn fault(error: &WasmError, meter: &Meter) -> Fault {
    let mut fault =
        match (error.downcast_ref::<HostTrouble>(), error.downcast_ref::<Quota>(), error.downcast_ref::<Trap>()) {
            (Some(trouble), _, _) => return trouble.0.clone(),
            (_, Some(quota), _) => Fault::guest("quota", quota.to_string(), false),
            (_, _, Some(Trap::Interrupt)) => Fault::guest("deadline", "it ran past its deadline and was stopped", true),
            (_, _, Some(_)) if meter.was_refused() => {
                Fault::guest("memory", "it asked for more memory than it may have and gave up", true)
            }
            (_, _, Some(trap)) => Fault::guest("trap", format!("it broke off: {trap}; its log may say why"), true),
            _ => other(error),
        };
    fault.details = error.downcast_ref::<WasmBacktrace>().map(trace);
    fault
}

/// The functions the guest was in, innermost first, as their author wrote them.
fn trace(trace: &WasmBacktrace) -> String {
    let names = trace.frames().iter().map(|frame| match frame.func_name() {
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
        None => format!("function {}", frame.func_index()),
    });
    clip(&names.collect::<Vec<_>>().join("\n"))
}

/// Ends that have no type of their own.
fn other(error: &WasmError) -> Fault {
    if error.is::<PoolConcurrencyLimitError>() {
        return Fault::host("all instances are in use; the call is tried again");
    }
    // The display text of the whole error holds the backtrace.
    let cause = error.root_cause().to_string();
    // wasmtime keeps the type of this error to itself; a test holds us to the text.
    if cause.starts_with("too much data is being copied") {
        return Fault::guest("quota", "it handed over more data than one host call may carry", false);
    }
    // What is left is data that breaks the rules of the border: bad pointers, bad UTF-8, unknown enumeration values.
    Fault::guest("trap", format!("it broke the contract: {}", clean(&cause, 500)), true)
}

/// A fault the guest itself returned; its text is as foreign as everything else it says.
pub(super) fn returned(code: &str, message: &str, retry: bool, details: Option<&str>) -> Fault {
    let code: String =
        code.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).take(64).collect();
    Fault {
        code: if code.is_empty() { "unnamed".into() } else { code },
        message: clean(message, 1 << 10),
        retry,
        blame: Blame::Guest,
        details: details.map(details_of),
    }
}

/// Details are JSON by contract, and stay JSON; what is none is kept as text.
fn details_of(text: &str) -> String {
    let json = serde_json::from_str::<serde_json::Value>(text).map(|details| details.to_string());
    json.ok().filter(|json| json.len() <= DETAILS_BYTES).unwrap_or_else(|| clip(text))
}

/// Text that keeps its lines, cut to what is worth keeping.
fn clip(text: &str) -> String {
    text.lines().map(|line| clean(line, 1 << 10)).collect::<Vec<_>>().join("\n").chars().take(DETAILS_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use wasmtime::ResourceLimiter;

    use super::*;
    use crate::host::Limits;

    fn meter() -> Meter {
        Meter::new(&Limits::default(), 500)
    }

    #[test]
    fn a_spent_quota_is_told_from_a_trap() {
        let fault = fault(&WasmError::from(Quota { what: "host calls", limit: 2_000 }), &meter());
        assert_eq!((fault.code.as_str(), fault.blame, fault.retry), ("quota", Blame::Guest, false));
        assert_eq!(fault.message, "it used more than the 2000 host calls of one call");
    }

    #[test]
    fn a_deadline_is_told_from_a_trap() {
        assert_eq!(fault(&Trap::Interrupt.into(), &meter()).code, "deadline");
        assert_eq!(fault(&Trap::UnreachableCodeReached.into(), &meter()).code, "trap");
    }

    #[test]
    fn a_trap_after_refused_memory_is_memory() {
        let mut meter = meter();
        assert!(!meter.memory_growing(0, 1 << 40, None).expect("an answer"));
        assert_eq!(fault(&Trap::UnreachableCodeReached.into(), &meter).code, "memory");
        assert_eq!(fault(&Trap::Interrupt.into(), &meter).code, "deadline");
    }

    #[test]
    fn our_own_trouble_is_not_blamed_on_the_guest() {
        let fault = fault(&WasmError::from(HostTrouble(Fault::host("the disk is full"))), &meter());
        assert_eq!((fault.code.as_str(), fault.blame, fault.retry), ("host", Blame::Host, true));
    }

    #[test]
    fn what_a_guest_says_of_itself_is_cleaned() {
        let fault = returned("my.code\n\u{1b}[31m", "bad\r\nnews", true, None);
        assert_eq!((fault.code.as_str(), fault.message.as_str()), ("my.code31m", "bad news"));
        assert_eq!(returned("", "", false, None).code, "unnamed");
    }

    #[test]
    fn details_that_are_json_stay_json() {
        let errors = format!(r#"{{ "errors": [{{ "message": "{}" }}] }}"#, "x".repeat(3_000));
        let kept = returned("invalid", "no", false, Some(&errors)).details.expect("details");
        assert!(serde_json::from_str::<serde_json::Value>(&kept).is_ok());
        assert_eq!(returned("x", "", false, Some("no\njson\u{1b}")).details.as_deref(), Some("no\njson "));
    }
}
