//! What every rule is given: the call, the organisation's settings, who asks.

use marque_sdk::{Fault, Result, Value, event, info};

use crate::{file::File, settings::Settings};

/// One call.
#[derive(Debug)]
pub struct Desk {
    /// Its circumstances.
    pub call: info::Call,
    /// The organisation's settings.
    pub settings: Settings,
}

/// Who decides for the workshop beside those of the setting.
const ABOVE: [&str; 5] = ["gm", "crm_mgr", "hq_crm", "hq_admin", "admin"];

impl Desk {
    /// The call being answered.
    pub fn open() -> Result<Desk> {
        Ok(Desk { call: info::call()?, settings: info::settings()? })
    }

    /// The time of the call.
    pub fn now(&self) -> &str {
        &self.call.now
    }

    /// The id of the person who asks; none when a timer rings or another system speaks.
    pub fn me(&self) -> Option<&str> {
        self.call.person().map(String::as_str)
    }

    /// Whether whoever asks decides for others. Only people are asked; timers may.
    pub fn is_manager(&self) -> bool {
        let is = |role: &str| self.call.has_role(role);
        self.me().is_none()
            || ABOVE.iter().any(|role| is(role))
            || self.settings.manager_roles.iter().any(|role| is(role))
    }

    /// Refuses whoever decides nothing for others.
    pub fn manager_only(&self) -> Result<()> {
        if self.is_manager() {
            Ok(())
        } else {
            Err(Fault::denied("the service manager or the general manager decides this"))
        }
    }

    /// Whether whoever asks has one of these roles, or is nobody's person.
    pub fn has_role(&self, roles: &[impl AsRef<str>]) -> bool {
        self.me().is_none() || roles.iter().any(|role| self.call.has_role(role.as_ref())) || self.is_manager()
    }

    /// Raises one of our own events about a record, with `data` that names nobody but people of the house.
    pub fn raise(&self, kind: &str, about: &File, data: Value) -> Result<()> {
        let body = event::raise(kind).data(data).record(&about.named());
        about.text("customer").into_iter().fold(body, |body, customer| body.subject(customer)).stage()
    }
}

/// A refusal with a code of ours; `fault.<code>` in texts/ says it to people.
pub fn refuse<T>(code: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::new(code, message))
}

/// The same, pointing at the wrong input.
pub fn refuse_at<T>(code: &str, pointer: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::at(code, pointer, message))
}

/// Refuses what the state does not allow, in words.
pub fn must_be(file: &File, states: &[&str]) -> Result<()> {
    if file.is_in(states) {
        return Ok(());
    }
    refuse("state_refused", format!("it is {:?}; this is done while it is one of {}", file.state(), states.join(", ")))
}
