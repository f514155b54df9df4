//! `consent.give`.

use serde::Deserialize;
use serde_json::json;

use super::{Entry, may_note, wrong};
use crate::{
    Error, Result,
    commands::{Ctx, Run, record::note::Note},
    error::FieldError,
    model::{
        Id, Record, Time,
        contact::{Channel, Purpose, State},
        validate::Overrides,
    },
    store::Tx,
};

/// A customer has been asked and has agreed or refused. It holds at once, in place of what was said before.
///
/// Causes `consent.granted` or `consent.refused`. Refuses an agreement without the text that was agreed to, one whose time is over, a
/// moment that lies ahead, somebody who may not take consents down.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Give {
    /// Whose.
    pub customer: Id,
    /// To whom it is given; the customer's organisation unless said.
    #[serde(default)]
    pub handler: Option<Id>,
    /// What for.
    pub purpose: Purpose,
    /// By which way; none means all of them.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Agreed or refused.
    #[serde(default = "granted")]
    pub state: State,
    /// How it was said: `paper`, `web_tick`, `app`, `recorded_call`, `sms_reply`, `in_person`.
    pub how: String,
    /// Which text was agreed to.
    #[serde(default)]
    pub text_version: Option<String>,
    /// Where the proof is.
    #[serde(default)]
    pub proof: Option<String>,
    /// When it was said, if not now.
    #[serde(default)]
    pub obtained_at: Option<Time>,
    /// Until when it holds.
    #[serde(default)]
    pub expires: Option<Time>,
    /// Why it is taken down; kept with the revision.
    #[serde(default)]
    pub why: Option<String>,
}

fn granted() -> State {
    State::Granted
}

impl Run for Give {
    type Done = Record;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Record> {
        may_note(ctx, "consent.give", self.state)?;
        let verb = match self.state {
            State::Granted => "granted",
            State::Refused => "refused",
            State::Withdrawn | State::Expired => {
                return Err(wrong(
                    "state",
                    "state is granted or refused here; consent.withdraw takes a consent back".into(),
                ));
            }
        };
        let text = self.text_version.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if self.state == State::Granted && text.is_none() {
            let message = "text_version is missing: say which text the customer has agreed to".to_owned();
            let place = FieldError { pointer: "/text_version".into(), code: "required".into(), message };
            return Err(Error::fields(vec![place]));
        }
        if let Some(expires) = self.expires.filter(|expires| *expires <= ctx.now) {
            return Err(wrong("expires", format!("expires {expires} is over already")));
        }
        let note = Note::new(Default::default(), self.why, Overrides::new())?;
        let entry = Entry {
            customer: &self.customer,
            handler: self.handler.as_ref(),
            purpose: self.purpose,
            channel: self.channel,
            state: self.state,
            at: self.obtained_at,
            more: json!({ "how": self.how, "text_version": text, "proof": self.proof, "expires": self.expires }),
        };
        entry.write(tx, ctx, verb, &note)
    }
}
