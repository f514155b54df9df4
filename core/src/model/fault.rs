//! What went wrong in a guest, and who is to blame.

use serde::{Deserialize, Serialize};

/// Whose fault a failed delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The plugin or script.
    Guest,
    /// The server.
    Host,
}

/// Why a call of a guest came to nothing. Whatever it had staged is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `deadline`, `memory`, `trap`, `quota`, `denied`, `invalid`, `conflict`, `host`, or the guest's own code.
    pub code: String,
    /// One sentence for the person who looks after the plugin.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retry: bool,
    /// Who is to blame.
    pub blame: Blame,
    /// A backtrace or details, for the log and the console's "details".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

impl Fault {
    /// The guest's fault; it is tried again only when `retry`.
    pub fn guest(code: impl Into<String>, message: impl Into<String>, retry: bool) -> Fault {
        Fault { code: code.into(), message: message.into(), retry, blame: Blame::Guest, details: None }
    }

    /// The server's fault; always worth another try.
    pub fn host(message: impl Into<String>) -> Fault {
        Fault { code: "host".into(), message: message.into(), retry: true, blame: Blame::Host, details: None }
    }
}
