//! An action: something a person asks for and waits for.

use serde::de::DeserializeOwned;

use crate::{Fault, Id, Result, Value, page::Visit};

/// What is asked. Its input is valid against the action's schema in `plugin.toml` already.
///
/// ```
/// use marque_sdk::{Action, Result, json};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Raise { level: String }
///
/// fn level(action: &Action) -> Result<String> {
///     Ok(action.input::<Raise>()?.level)
/// }
///
/// let action = Action::new("raise", None, json!({ "level": "important" }));
/// assert_eq!(level(&action)?, "important");
/// assert_eq!(action.target().unwrap_err().code, "invalid");
/// # Ok::<(), marque_sdk::Fault>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// `raise`, as `plugin.toml` names it.
    pub name: String,
    target: Option<Id>,
    input: Value,
}

impl Action {
    /// As the server makes it.
    pub fn new(name: impl Into<String>, target: Option<Id>, input: Value) -> Action {
        Action { name: name.into(), target, input }
    }

    /// The record it is done to; a fault for an action that stands on a kind.
    pub fn target(&self) -> Result<&Id> {
        self.target.as_ref().ok_or_else(|| {
            Fault::invalid("", "target.missing", format!("action {:?} is done to a record: say to which", self.name))
        })
    }

    /// The input as a type of the plugin's own.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.input).map_err(|error| Fault::invalid("", "input.invalid", error.to_string()))
    }

    /// What is asked about a public page; none for everything else.
    pub fn page(&self) -> Option<Visit> {
        Visit::of(self)
    }

    /// The input as it came.
    pub fn raw_input(&self) -> &Value {
        &self.input
    }
}
