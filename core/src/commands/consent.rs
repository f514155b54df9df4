//! Consent: given and taken back by purpose and channel. Nothing is ever changed: the newest word holds, from the moment it is committed.

mod give;
mod withdraw;

use serde_json::{Value, json};

use crate::{
    Error, Result,
    commands::{
        Ctx,
        record::{note::Note, write},
        rights,
    },
    error::FieldError,
    model::{
        Actor, Data, Id, Record, Time,
        contact::{Channel, Purpose, State},
        rights::Power,
        validate::{self, Writer},
    },
    store::{
        Tx,
        tables::{self, consent::Said},
    },
};

pub use give::Give;
pub use withdraw::Withdraw;

/// How far ahead of the server's clock another one may be.
const AHEAD_MS: i64 = 60_000;

/// What both commands say.
struct Entry<'a> {
    customer: &'a Id,
    handler: Option<&'a Id>,
    purpose: Purpose,
    channel: Option<Channel>,
    state: State,
    at: Option<Time>,
    more: Value,
}

impl Entry<'_> {
    fn write(self, tx: &mut Tx<'_>, ctx: &Ctx, verb: &str, note: &Note) -> Result<Record> {
        let customer = write::current(tx, ctx, "customer", self.customer, None)?;
        let handler = self.handler.unwrap_or(&customer.org);
        may_speak_for(ctx, handler, &customer.org)?;
        let at = self.at.unwrap_or(ctx.now);
        if at - ctx.now > AHEAD_MS {
            return Err(wrong("obtained_at", format!("obtained_at {at} lies ahead: nobody has said it yet")));
        }
        // What is said holds at once, also where another clock is a little ahead.
        let at = at.min(ctx.now);
        check_channel(self.purpose, self.channel)?;
        let mut data: Data = self.more.as_object().cloned().unwrap_or_default();
        let said = json!({
            "customer": customer.id, "handler": handler, "purpose": self.purpose, "channel": self.channel,
            "state": self.state, "obtained_at": at, "by": ctx.actor.person(),
        });
        data.extend(said.as_object().cloned().unwrap_or_default());
        data.retain(|_, value| !value.is_null());
        let kind = tx.kind_in("consent", &customer.org)?;
        let data = validate::create(&kind, &data, note.terms(ctx, &customer.org, Writer::Owner))?;
        let record = Record::new(&kind.kind, ctx.ids.next(), customer.org, ctx.done_at, data);
        write::insert_as(tx, ctx, &kind, &record, verb, note)?;
        Ok(record)
    }

    /// The newest word on this, whoever heard it, if it is to the same effect: the same said twice is said once. A newer word on all
    /// channels, or at another house, may have changed what holds, and then it is said again.
    fn standing(&self, tx: &Tx<'_>, ctx: &Ctx) -> Result<Option<Said>> {
        let customer = write::current(tx, ctx, "customer", self.customer, None)?;
        let handler = self.handler.unwrap_or(&customer.org);
        let family = tables::alias::family(tx, "customer", &customer.id)?;
        let said = tables::consent::of(tx, &tables::membership::everywhere(tx, &customer.id, &family)?)?;
        let channel = self.channel.map(Channel::as_str);
        let bears_on_it = |said: &Said| {
            said.purpose == self.purpose.as_str()
                && (channel.is_none() || said.channel.is_none() || said.channel.as_deref() == channel)
        };
        let newest = said.into_iter().rfind(bears_on_it);
        Ok(newest.filter(|said| said.handler == *handler && said.channel.as_deref() == channel))
    }
}

/// A dealer speaks for itself; the maker and what lies between speak for those below too.
fn may_speak_for(ctx: &Ctx, handler: &Id, of_customer: &Id) -> Result<()> {
    rights::in_org(ctx, of_customer)?;
    let is_above = ctx.catalogue.orgs.upwards(of_customer).any(|org| org == handler) || handler == of_customer;
    if is_above {
        return Ok(());
    }
    Err(wrong(
        "handler",
        format!("the customer is not one of {handler}: leave handler out, or name an organisation above"),
    ))
}

fn check_channel(purpose: Purpose, channel: Option<Channel>) -> Result<()> {
    match (purpose, channel) {
        (Purpose::Serve, _) => {
            Err(wrong("purpose", "purpose serve takes no consent: contract and law are enough".into()))
        }
        (Purpose::Marketing, _) | (_, None) => Ok(()),
        (other, Some(_)) => {
            Err(wrong("channel", format!("channel means nothing for {}: leave it out", other.as_str())))
        }
    }
}

/// Whether a person may take down that a customer agrees: whoever may is also handed the customer's own page.
pub fn may_give(ctx: &Ctx) -> bool {
    may_note(ctx, "consent.give", State::Granted).is_ok()
}

fn may_note(ctx: &Ctx, command: &str, state: State) -> Result<()> {
    match &ctx.actor {
        Actor::System => Ok(()),
        Actor::Plugin { name, .. } => rights::has_grant(ctx, name, command),
        Actor::Script { .. } => Err(Error::denied("what a customer consents to is never a script's to say")),
        Actor::User { .. } if state != State::Granted => Ok(()),
        // That a customer does not want something any more is taken down by whoever hears it.
        Actor::User { .. } => rights::to(ctx, Power::GiveConsent, "take down a consent"),
    }
}

fn wrong(field: &str, message: String) -> Error {
    Error::fields(vec![FieldError { pointer: format!("/{field}"), code: format!("{field}.invalid"), message }])
}
