//! `consent.withdraw`.

use serde::Deserialize;
use serde_json::json;

use super::{Entry, may_note};
use crate::{
    Result,
    commands::{Ctx, Run, record::note::Note},
    model::{
        Id, Record, Scope, Time,
        contact::{Channel, Purpose, State},
        validate::Overrides,
    },
    store::{Tx, tables},
};

/// A customer takes a consent back, or does not want a channel to be used, whether they ever agreed to it or not. Of marketing it stops
/// the channel for the whole brand.
///
/// Causes `consent.withdrawn`; nothing where it was withdrawn already. As easy as giving: anybody who hears it may take it down.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// Whose.
    pub customer: Id,
    /// To whom it was given; the customer's organisation unless said.
    #[serde(default)]
    pub handler: Option<Id>,
    /// What for.
    pub purpose: Purpose,
    /// By which way; none means all of them.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// How it was said.
    pub how: String,
    /// Which text stood there, if one did.
    #[serde(default)]
    pub text_version: Option<String>,
    /// Where the proof is.
    #[serde(default)]
    pub proof: Option<String>,
    /// When it was said, if not now.
    #[serde(default)]
    pub obtained_at: Option<Time>,
    /// Why it is taken down; kept with the revision.
    #[serde(default)]
    pub why: Option<String>,
}

impl Run for Withdraw {
    type Done = Record;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Record> {
        may_note(ctx, "consent.withdraw", State::Withdrawn)?;
        let note = Note::new(Default::default(), self.why, Overrides::new())?;
        let entry = Entry {
            customer: &self.customer,
            handler: self.handler.as_ref(),
            purpose: self.purpose,
            channel: self.channel,
            state: State::Withdrawn,
            at: self.obtained_at,
            more: json!({ "how": self.how, "text_version": self.text_version, "proof": self.proof }),
        };
        let standing = entry.standing(tx, ctx)?.filter(|said| said.state == State::Withdrawn.as_str());
        if let Some(said) = standing
            && let Some(record) = tables::record::get(tx, "consent", &said.id, &Scope::All)?
        {
            return Ok(record);
        }
        entry.write(tx, ctx, "withdrawn", &note)
    }
}
