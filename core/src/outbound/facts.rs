//! Gathering what the gate looks at: the person behind a customer, what they said, the ways to them, what stands against contacting them.

use serde_json::Value;

use super::gate::{Facts, Standing, Touch, Ways};
use crate::{
    Result,
    commands::contact,
    model::{
        Id, Record, Scope, Time,
        calendar::Calendar,
        contact::{Channel, Limits, Purpose},
        org::OrgTree,
    },
    store::tables::{self, Reader, consent::Said, membership},
};

mod against;
mod ways;

use against::{Against, Suppressing};
use ways::{Leading, Point};

/// As far back as any cap looks.
const LOOKED_BACK_MS: i64 = 30 * 24 * 3_600_000;
/// Data of younger people is sensitive by law.
const OF_AGE: i16 = 14;

/// A contact that somebody wants to make.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What for.
    pub purpose: Purpose,
    /// By which way.
    pub channel: Option<Channel>,
    /// In whose name; the customer's organisation unless said.
    pub sender: Option<Id>,
}

/// Everything that is known of a customer at a moment and bears on contacting them.
#[derive(Clone, Debug)]
pub struct Person {
    /// The customer, by the id it is found under.
    pub customer: Record,
    at: Time,
    is_repeated: bool,
    consents: Vec<Said>,
    points: Vec<Point>,
    against: Vec<Against>,
    touches: Vec<Touch>,
    limits: Limits,
    calendar: Calendar,
}

/// Reads what is known of customers at a moment. What kinds say of contact is read once for all of them.
#[derive(Debug)]
pub struct Reading<'a, R: Reader> {
    reader: &'a R,
    orgs: &'a OrgTree,
    at: Time,
    leading: Vec<Leading<'a>>,
    suppressing: Vec<Suppressing<'a>>,
}

impl<'a, R: Reader> Reading<'a, R> {
    /// Begin.
    ///
    /// # Errors
    /// `filter.invalid`, where a kind's file says something that does not fit it.
    pub fn new(reader: &'a R, orgs: &'a OrgTree, at: Time) -> Result<Reading<'a, R>> {
        let (leading, suppressing) = (ways::kinds(reader, at)?, against::kinds(reader, at)?);
        Ok(Reading { reader, orgs, at, leading, suppressing })
    }

    /// Read everything of one; `None` when there is no such customer. `message` is the one that is about to be sent.
    ///
    /// # Errors
    /// Internal.
    pub fn person(&self, id: &Id, message: Option<&Id>) -> Result<Option<Person>> {
        let Reading { reader, orgs, at, .. } = *self;
        let Some(customer) = tables::record::get(reader, "customer", id, &Scope::All)? else { return Ok(None) };
        let own = tables::alias::family(reader, "customer", &customer.id)?;
        let all = membership::everywhere(reader, &customer.id, &own)?;
        let is_repeated = match message.filter(|_| own.len() > 1) {
            Some(message) => tables::message::is_repeated(reader, &own, message)?,
            None => false,
        };
        let touches = tables::message::touches(reader, &all, at.plus_millis(-LOOKED_BACK_MS), at)?;
        let touch =
            |touch: tables::message::Touch| Touch { at: touch.at, is_call: touch.channel == Channel::Call.as_str() };
        let said = tables::consent::of(reader, &all)?;
        Ok(Some(Person {
            at,
            is_repeated,
            consents: said.into_iter().filter(|said| said.at <= at).collect(),
            points: ways::read(reader, &self.leading, &own, &all)?,
            against: against::read(reader, &self.suppressing, &all)?,
            touches: touches.into_iter().map(touch).collect(),
            limits: contact::limits(reader, orgs, &customer.org)?,
            calendar: orgs.calendar(&customer.org),
            customer,
        }))
    }
}

impl Person {
    /// Read everything of one customer; `None` when there is no such one. `message` is the one that is about to be sent.
    ///
    /// # Errors
    /// As [`Reading`].
    pub fn read(
        reader: &impl Reader,
        orgs: &OrgTree,
        id: &Id,
        at: Time,
        message: Option<&Id>,
    ) -> Result<Option<Person>> {
        Reading::new(reader, orgs, at)?.person(id, message)
    }

    /// The facts of one contact.
    pub fn facts(&self, ask: &Ask) -> Facts {
        let sender = ask.sender.as_ref().unwrap_or(&self.customer.org);
        let (consent, granted_at) = self.standing(sender, ask);
        Facts {
            purpose: ask.purpose,
            channel: ask.channel.filter(|_| ask.purpose.is_contact()),
            at: self.at,
            consent,
            is_opted_out: granted_at.is_some_and(|since| self.is_opted_out(ask, since)),
            ways: ask.channel.map(|channel| self.ways(channel)).unwrap_or_default(),
            is_suppressed: self.against.iter().any(|one| one.stands(ask.purpose, self.at, self.limits.complaint_days)),
            touches: self.touches.clone(),
            limits: self.limits.clone(),
            calendar: self.calendar.clone(),
            is_restricted: !matches!(self.customer.field("restricted"), Value::Null | Value::Bool(false)),
            is_under_age: self.is_under_age(),
            is_repeated: self.is_repeated,
        }
    }

    /// The ways by one channel.
    pub fn ways(&self, channel: Channel) -> Ways {
        ways::by(channel, &self.customer, &self.points)
    }

    /// A moment as the clock on the wall of the customer's dealer shows it.
    pub fn clock(&self, at: Time) -> String {
        self.calendar.local(at).strftime("%H:%M").to_string()
    }

    /// What a sender has been told, and of a yes since when.
    fn standing(&self, sender: &Id, ask: &Ask) -> (Standing, Option<Time>) {
        let told = self.told(sender, ask.purpose, ask.channel);
        let dealer = &self.customer.org;
        if told.0 != Standing::Missing || sender == dealer {
            return told;
        }
        // Who speaks for the whole brand may use what the dealer was told, if the dealer may pass it on.
        match self.told(dealer, ask.purpose, ask.channel) {
            (Standing::Granted(consent), at) => match self.told(dealer, Purpose::ShareMaker, None).0 {
                Standing::Granted(_) => (Standing::Granted(consent), at),
                _ => (Standing::NotShared, None),
            },
            other => other,
        }
    }

    /// The newest word to one handler.
    fn told(&self, handler: &Id, purpose: Purpose, channel: Option<Channel>) -> (Standing, Option<Time>) {
        let Some(last) = self.said(purpose, channel).rfind(|said| said.handler == *handler) else {
            return (Standing::Missing, None);
        };
        match last.state.as_str() {
            "granted" if last.expires.is_none_or(|expires| self.at < expires) => {
                (Standing::Granted(last.id.clone()), Some(last.at))
            }
            "granted" | "expired" => (Standing::Expired, None),
            "withdrawn" if last.channel.is_some() => (Standing::OptedOut, None),
            "withdrawn" => (Standing::Withdrawn, None),
            _ => (Standing::Refused, None),
        }
    }

    /// What was said of a purpose and of a channel or of all channels, the oldest first.
    fn said(&self, purpose: Purpose, channel: Option<Channel>) -> impl DoubleEndedIterator<Item = &Said> {
        let channel = channel.filter(|_| purpose == Purpose::Marketing).map(Channel::as_str);
        let is_meant = move |said: &&Said| {
            said.purpose == purpose.as_str() && (said.channel.is_none() || said.channel.as_deref() == channel)
        };
        self.consents.iter().filter(is_meant)
    }

    /// Whether the last word to anybody of the brand is a no that is not older than the yes relied on.
    fn is_opted_out(&self, ask: &Ask, since: Time) -> bool {
        if ask.purpose != Purpose::Marketing {
            return false;
        }
        let is_last = |said: &&Said| {
            self.said(ask.purpose, ask.channel)
                .rfind(|other| other.handler == said.handler)
                .is_some_and(|last| last.id == said.id)
        };
        self.said(ask.purpose, ask.channel)
            .filter(|said| said.state == "withdrawn" && said.at >= since)
            .any(|said| is_last(&said))
    }

    fn is_under_age(&self) -> bool {
        let born: Option<jiff::civil::Date> = self.customer.text("birth_date").and_then(|date| date.parse().ok());
        let today = self.calendar.local(self.at).date();
        born.is_some_and(|born| {
            let has_had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
            today.year() - born.year() - i16::from(!has_had_birthday) < OF_AGE
        })
    }
}
