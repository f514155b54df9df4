//! May this customer be contacted? One pure rule over facts that others have gathered.

use jiff::civil::DateTime;
use serde_json::json;

use crate::model::{
    Id, Time,
    calendar::Calendar,
    contact::{Channel, Limits, Purpose, Reason, Verdict},
};

const DAY_MS: i64 = 24 * 3_600_000;
const WEEK_MS: i64 = 7 * DAY_MS;
const MONTH_MS: i64 = 30 * DAY_MS;

/// Everything the rule looks at.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What for.
    pub purpose: Purpose,
    /// By which way; none for a purpose nobody is contacted for.
    pub channel: Option<Channel>,
    /// When.
    pub at: Time,
    /// What the sender has been told.
    pub consent: Standing,
    /// Whether the customer has opted out of the channel with anybody of the brand, after saying yes here.
    pub is_opted_out: bool,
    /// The ways by this channel.
    pub ways: Ways,
    /// Whether a complaint or the like stands against it.
    pub is_suppressed: bool,
    /// Marketing contacts of the last thirty days, by whomever, the oldest first.
    pub touches: Vec<Touch>,
    /// What holds for the sender.
    pub limits: Limits,
    /// The clock on the wall of the customer's dealer.
    pub calendar: Calendar,
    /// Whether the use of their data is restricted.
    pub is_restricted: bool,
    /// Whether the customer is younger than fourteen.
    pub is_under_age: bool,
    /// Whether the customer was merged, and the one who stands for both has had this.
    pub is_repeated: bool,
}

/// What a sender has been told of a purpose and channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Missing,
    /// Yes, in this consent.
    Granted(Id),
    /// No.
    Refused,
    /// No more, of this very channel.
    OptedOut,
    /// No more, of the whole purpose.
    Withdrawn,
    /// Its time is over.
    Expired,
    /// Yes, but to the dealer alone, which may not pass the data on.
    NotShared,
}

/// Ways by one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// The one to be used.
    pub usable: Option<String>,
    /// Whether there is one that the customer does not want to be used.
    pub is_barred: bool,
}

/// A marketing contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// When.
    pub at: Time,
    /// Whether it was a call.
    pub is_call: bool,
}

/// The rule. What speaks against a contact for good is looked for before what speaks against it for a while (domain C19).
pub fn may(facts: &Facts) -> Verdict {
    if facts.is_repeated {
        return Verdict::no(Reason::Merged, "the customer was merged and has had this message already");
    }
    if facts.purpose != Purpose::Serve
        && let Some(verdict) = person(facts).or_else(|| consent(facts))
    {
        return verdict;
    }
    // A recall must reach everybody, and a letter wakes nobody.
    if facts.purpose == Purpose::Serve && facts.channel == Some(Channel::Letter) {
        return Verdict::yes();
    }
    let against = [barred, suppressed, cap, quiet, address];
    against.iter().find_map(|look| look(facts)).unwrap_or_else(Verdict::yes)
}

fn person(facts: &Facts) -> Option<Verdict> {
    if facts.is_restricted {
        return Some(Verdict::no(Reason::Restricted, "the customer has had the use of their data restricted"));
    }
    let text = "the customer is younger than fourteen";
    facts.is_under_age.then(|| Verdict::no(Reason::UnderAge, text))
}

fn consent(facts: &Facts) -> Option<Verdict> {
    let no = |why: &'static str, text: &str| Some(Verdict::no(Reason::NoConsent, text).because(why));
    match &facts.consent {
        Standing::Granted(_) if facts.is_opted_out => {
            Some(Verdict::no(Reason::OptedOut, "the customer has opted out of this channel"))
        }
        Standing::Granted(_) => None,
        Standing::OptedOut => Some(Verdict::no(Reason::OptedOut, "the customer has opted out of this channel")),
        Standing::Missing => no("not_asked", "the customer has not been asked or has not answered, which means no"),
        Standing::Refused => no("refused", "the customer was asked and refused"),
        Standing::Withdrawn => no("withdrawn", "the customer has taken the consent back"),
        Standing::Expired => no("expired", "the consent is over"),
        Standing::NotShared => no(
            "not_shared",
            "the customer has agreed with the dealer, and not that the dealer shares data with the maker",
        ),
    }
}

fn barred(facts: &Facts) -> Option<Verdict> {
    let is_shut = facts.channel.is_some() && facts.ways.usable.is_none() && facts.ways.is_barred;
    is_shut.then(|| Verdict::no(Reason::DoNotCall, "every way by this channel is marked as not to be used"))
}

fn suppressed(facts: &Facts) -> Option<Verdict> {
    let text = "a complaint is open or was closed a few days ago";
    facts.is_suppressed.then(|| Verdict::no(Reason::OpenComplaint, text))
}

fn cap(facts: &Facts) -> Option<Verdict> {
    if facts.purpose != Purpose::Marketing || facts.channel.is_none() {
        return None;
    }
    let limits = &facts.limits;
    let within = |ms: i64, calls_alone: bool| -> Vec<Time> {
        let is_in =
            |touch: &&Touch| facts.at - touch.at < ms && touch.at <= facts.at && (touch.is_call || !calls_alone);
        facts.touches.iter().filter(is_in).map(|touch| touch.at).collect()
    };
    let mut checks =
        vec![(within(WEEK_MS, false), limits.per_week, WEEK_MS), (within(MONTH_MS, false), limits.per_month, MONTH_MS)];
    if facts.channel == Some(Channel::Call) {
        checks.push((within(WEEK_MS, true), limits.calls_per_week, WEEK_MS));
    }
    // Of several caps the one that lasts longest says when to ask again.
    let full = checks.into_iter().filter(|(made, most, _)| made.len() >= *most as usize);
    let free = |(made, most, span): &(Vec<Time>, u32, i64)| {
        let next_out = made.len().checked_sub(*most as usize).and_then(|n| made.get(n));
        next_out.map(|at| at.plus_millis(*span))
    };
    let (made, most, span) = full.max_by_key(free)?;
    let (n_made, n_days) = (made.len(), span / DAY_MS);
    let text =
        format!("{n_made} marketing contacts in {n_days} days, and {most} are allowed, by whomever of the brand");
    let verdict = Verdict::no(Reason::FrequencyCap, text)
        .with("n", json!(n_made))
        .with("days", json!(n_days))
        .with("most", json!(most));
    Some(Verdict { retry_at: free(&(made, most, span)), ..verdict })
}

fn quiet(facts: &Facts) -> Option<Verdict> {
    let channel = facts.channel?;
    let windows = facts.limits.quiet(facts.purpose, channel);
    let mut local: DateTime = facts.calendar.local(facts.at);
    let begin = local;
    // Several windows may follow on each other; a day that is all quiet ends the search.
    for _ in 0..windows.len() * 2 {
        match windows.iter().find(|window| window.holds(local)) {
            Some(window) => local = window.end(local)?,
            None => break,
        }
    }
    if local == begin {
        return None;
    }
    let clock = format!("{:02}:{:02}", begin.hour(), begin.minute());
    let verdict = Verdict::no(Reason::QuietHours, format!("it is {clock} where the customer is"));
    Some(Verdict { retry_at: facts.calendar.instant(local), ..verdict.with("time", json!(clock)) })
}

fn address(facts: &Facts) -> Option<Verdict> {
    let is_missing = facts.channel.is_some() && facts.ways.usable.is_none();
    is_missing.then(|| Verdict::no(Reason::NoAddress, "there is no way to the customer by this channel"))
}

#[cfg(test)]
mod tests;
