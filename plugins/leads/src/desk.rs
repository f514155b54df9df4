//! What every rule is given: the call, the organisation's settings, who asks.

use marque_sdk::{Fault, Result, Value, event, info};

use crate::{
    lead::{KIND, Lead},
    settings::Settings,
};

/// One call.
#[derive(Debug)]
pub struct Desk {
    /// Its circumstances.
    pub call: info::Call,
    /// The organisation's settings.
    pub settings: Settings,
}

/// Who decides for others.
const MANAGERS: [&str; 6] = ["sales_mgr", "gm", "crm_mgr", "hq_crm", "hq_admin", "admin"];

impl Desk {
    /// The call being answered.
    pub fn open() -> Result<Desk> {
        Ok(Desk { call: info::call()?, settings: info::settings()? })
    }

    /// The time of the call.
    pub fn now(&self) -> &str {
        &self.call.now
    }

    /// The id of the person who asks; none when a timer rings.
    pub fn me(&self) -> Option<&str> {
        self.call.person().map(String::as_str)
    }

    /// Whether whoever asks decides for others. Only people are asked; timers may.
    pub fn is_manager(&self) -> bool {
        self.me().is_none() || MANAGERS.iter().any(|role| self.call.has_role(role))
    }

    /// Refuses whoever decides nothing for others.
    pub fn manager_only(&self) -> Result<()> {
        if self.is_manager() { Ok(()) } else { Err(Fault::denied("a sales manager or the general manager decides this")) }
    }

    /// Raises one of our own events about a lead, with `data` that names nobody but people of the house.
    pub fn raise(&self, kind: &str, lead: &Lead, data: Value) -> Result<()> {
        let body = event::raise(kind).data(data).record(&marque_sdk::RecordRef {
            kind: KIND.into(),
            id: lead.id.clone(),
            rev: lead.rev,
        });
        lead.customer().into_iter().fold(body, |body, customer| body.subject(customer)).stage()
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
