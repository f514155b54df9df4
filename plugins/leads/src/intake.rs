//! Intake: what becomes of an enquiry, whichever way it came. The same for one, for a list and for every prospect of a message.

use std::collections::BTreeMap;

use marque_sdk::{Data, Date, Filter, Id, Record, Result, Value, json, new_id, record, view};

use crate::{
    acknowledge, clock,
    customer::{self, Customer},
    desk::Desk,
    enquiry::Enquiry,
    lead::{KIND, Lead, open, patch},
    level, people,
    route::{self, Route},
    score, task,
};

/// What became of an enquiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A new lead.
    Created,
    /// A new lead that nobody can be reached by.
    Invalid,
    /// One more interest of a lead that is open already.
    Joined,
    /// The very message was here before; nothing has changed.
    Known,
    /// The very message was here before and came with other words.
    Resent,
}

impl Verdict {
    /// As whoever sent it reads it.
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Created => "created",
            Verdict::Invalid => "invalid",
            Verdict::Joined => "joined",
            Verdict::Known => "known",
            Verdict::Resent => "resent",
        }
    }
}

/// A lead and what became of the enquiry.
#[derive(Clone, Debug)]
pub struct Taken {
    /// As it will be.
    pub lead: Lead,
    /// How it came to that.
    pub verdict: Verdict,
}

/// Enquiries of one call. What it has staged is in no View yet, so it remembers.
#[derive(Debug)]
pub struct Batch<'a> {
    desk: &'a Desk,
    by_key: BTreeMap<String, Lead>,
    by_reach: BTreeMap<String, Lead>,
    given: BTreeMap<Id, i64>,
}

impl<'a> Batch<'a> {
    /// An empty one.
    pub fn new(desk: &'a Desk) -> Batch<'a> {
        Batch { desk, by_key: BTreeMap::new(), by_reach: BTreeMap::new(), given: BTreeMap::new() }
    }

    /// Takes an enquiry in. `inbound` is the message it came in, kept as it was.
    pub fn take(&mut self, enquiry: &Enquiry, inbound: Option<&str>) -> Result<Taken> {
        let desk = self.desk;
        let org = desk.call.org.clone();
        let key = enquiry.key(&Date::today(&desk.call)?.to_string());
        if let Some(known) = self.with_key(key.as_deref())? {
            return again(desk, known, enquiry);
        }
        let mut lead = self.begin(enquiry, &org, key, inbound);
        if !enquiry.is_reachable() {
            return invalid(desk, lead);
        }
        if let Some(reach) = reach(enquiry)
            && let Some(earlier) = self.by_reach.get(&reach)
        {
            return Ok(Taken { lead: earlier.clone(), verdict: Verdict::Joined });
        }
        let customer = customer::known(&org, enquiry)?;
        if let Some(customer) = &customer {
            if let Some(there) = open_of(&customer.id, &org)? {
                return join(desk, there, enquiry);
            }
            lead.data.extend(link(desk, &customer.id, &org)?);
        }
        let taken = self.make(lead, enquiry, customer)?;
        if let Some(reach) = reach(enquiry) {
            self.by_reach.insert(reach, taken.lead.clone());
        }
        if let Some(key) = taken.lead.text("key") {
            self.by_key.insert(key.to_owned(), taken.lead.clone());
        }
        Ok(taken)
    }

    fn with_key(&self, key: Option<&str>) -> Result<Option<Lead>> {
        let Some(key) = key else { return Ok(None) };
        if let Some(lead) = self.by_key.get(key) {
            return Ok(Some(lead.clone()));
        }
        let here = Filter::eq("key", key).and(Filter::eq("org", self.desk.call.org.as_str()));
        Ok(view::find::<Data>(KIND).filter(here).first()?.map(Lead::from))
    }

    fn begin(&self, enquiry: &Enquiry, org: &str, key: Option<String>, inbound: Option<&str>) -> Lead {
        let mut data = enquiry.fields();
        data.insert("received_at".into(), self.desk.now().into());
        data.extend(self.desk.me().map(|me| ("received_by".to_owned(), me.into())));
        data.extend(key.map(|key| ("key".to_owned(), key.into())));
        data.extend(inbound.map(|inbound| ("inbound".to_owned(), inbound.into())));
        if enquiry.channel() == "walk_in" {
            data.insert("visits".into(), 1.into());
        }
        Lead { id: new_id(), rev: 1, org: org.to_owned(), data }
    }

    /// A new lead: customer, score, level, owner, clocks, task and the word to the customer, all in one commit.
    fn make(&mut self, mut lead: Lead, enquiry: &Enquiry, known: Option<Record<Customer>>) -> Result<Taken> {
        let desk = self.desk;
        let judgement = score::judge(desk, &lead)?;
        lead = lead.with(&judgement.data);
        let route = self.route(&lead, enquiry, known.as_ref())?;
        let customer = match known {
            Some(customer) => {
                customer::hand_over(&customer, &route.owner)?;
                lead.data.entry("name").or_insert(customer.data.name.into());
                customer.id
            }
            None => customer::create(desk, &lead.org, enquiry, Some(&route.owner))?,
        };
        lead.data.insert("customer".into(), customer.into());
        lead = lead.with(&given_to(desk, &route)?);
        lead.data.extend(clock::start_for_headquarters(desk, desk.now())?);
        if acknowledge::is_due(desk, &lead, enquiry) {
            lead.data.insert("acknowledged_at".into(), desk.now().into());
        }
        let step = if route.is_pool { "leads.assign" } else { "leads.first_contact" };
        let due = lead.text("first_due").unwrap_or(desk.now()).to_owned();
        let task = task::open(desk, &lead, task::Plan { step, owner: &route.owner, due: &due })?;
        lead = lead.with(&patch(json!({ "task": task, "due": due })));
        stage(desk, &lead, &judgement, &route)?;
        if route.is_pool {
            record::mov(KIND, &lead.id, "pool").stage()?;
            lead.data.insert("state".into(), "pool".into());
        }
        clock::follow(&lead)?;
        acknowledge::acknowledge(desk, &lead, enquiry)?;
        Ok(Taken { lead, verdict: Verdict::Created })
    }

    /// Whoever takes a guest down owns the lead; a customer's own consultant keeps them; all others go by the rule.
    fn route(&mut self, lead: &Lead, enquiry: &Enquiry, known: Option<&Record<Customer>>) -> Result<Route> {
        let desk = self.desk;
        if let Some(owner) = &enquiry.owner {
            return Ok(Route::to(&people::member(&lead.org, "/owner", owner)?.id));
        }
        let has_role = |role: &String| desk.call.has_role(role);
        if let Some(me) = desk.me().filter(|_| enquiry.is_in_person() && desk.settings.routed_roles.iter().any(has_role)) {
            return Ok(Route::to(me));
        }
        let of_customer = known.and_then(|customer| customer.data.owner.as_deref());
        if let Some(owner) = of_customer
            && let Some(person) = people::staff(&lead.org)?.iter().find(|person| person.id == owner)
            && person.has_role(&desk.settings.routed_roles)
        {
            return Ok(Route::to(owner));
        }
        let given: Vec<(&str, i64)> = self.given.iter().map(|(id, n)| (id.as_str(), *n)).collect();
        match route::choose(desk, lead, &[], &given)? {
            Some(route) => {
                *self.given.entry(route.owner.clone()).or_default() += 1;
                Ok(route)
            }
            None => crate::desk::refuse(
                "owner_missing",
                "nobody here can own this lead: give somebody the role consultant, sales_mgr or gm",
            ),
        }
    }
}

/// The fields of a lead just given to somebody, with fresh clocks.
pub fn given_to(desk: &Desk, route: &Route) -> Result<Data> {
    let mut data = clock::start(desk, desk.now())?;
    data.extend(patch(json!({ "owner": route.owner, "assigned_at": desk.now(), "route_note": route.note })));
    Ok(data)
}

fn stage(desk: &Desk, lead: &Lead, judgement: &score::Judgement, route: &Route) -> Result<()> {
    let mut stored = lead.data.clone();
    stored.retain(|name, value| name != "state" && !value.is_null());
    let create = record::create(KIND).id(lead.id.as_str()).org(lead.org.as_str()).fields(&stored);
    let create = judgement.with_receipts(create);
    route.receipt.iter().fold(create, |create, receipt| create.receipt("owner", receipt)).stage()?;
    if lead.text("linked").is_some() || lead.text("acknowledged_at").is_some() {
        let data = json!({ "linked": lead.text("linked"), "channel": lead.text("channel") });
        let kind = if lead.text("acknowledged_at").is_some() { "leads.lead.acknowledged" } else { "leads.lead.linked" };
        desk.raise(kind, lead, data)?;
    }
    Ok(())
}

/// Nobody can be reached by it: it is kept, counted, and nobody's task.
fn invalid(desk: &Desk, lead: Lead) -> Result<Taken> {
    record::create(KIND).id(lead.id.as_str()).org(lead.org.as_str()).fields(&lead.data).stage()?;
    let end = patch(json!({ "end_reason": "no_contact", "ended_at": desk.now() }));
    record::mov(KIND, &lead.id, "invalidate").fields(&end).stage()?;
    let mut lead = lead.with(&end);
    lead.data.insert("state".into(), "invalid".into());
    Ok(Taken { lead, verdict: Verdict::Invalid })
}

/// A message that was here before: sent again on purpose it corrects what is there, else it is only recognised.
fn again(desk: &Desk, lead: Lead, enquiry: &Enquiry) -> Result<Taken> {
    if enquiry.status.as_deref() != Some("resend") {
        return Ok(Taken { lead, verdict: Verdict::Known });
    }
    let mut data = enquiry.fields();
    data.retain(|name, value| name != "channel" && lead.data.get(name) != Some(value) && value != "unknown");
    data.insert("resent".into(), (lead.number("resent") + 1).into());
    let after = lead.with(&data);
    let judgement = if lead.is_open() { score::judge(desk, &after)? } else { Default::default() };
    judgement.into_write(lead.change(&data)).stage()?;
    desk.raise("leads.lead.resent", &after, json!({ "resent": after.number("resent") }))?;
    Ok(Taken { lead: after, verdict: Verdict::Resent })
}

/// One more interest of somebody whose lead is open: it is scored anew, and the owner is told.
fn join(desk: &Desk, lead: Lead, enquiry: &Enquiry) -> Result<Taken> {
    let mut interests: Vec<Value> = lead.data.get("interests").and_then(Value::as_array).cloned().unwrap_or_default();
    if interests.is_empty() {
        interests.extend(interest(&lead.data, 1));
    }
    interests.extend(interest(&enquiry.fields(), interests.len() + 1));
    let mut data = enquiry.fields();
    // What is known stays; what was missing is filled in.
    data.retain(|name, value| !lead.data.contains_key(name) && value != "unknown");
    if lead.text("window") == Some("unknown") {
        data.insert("window".into(), enquiry.window().into());
    }
    data.insert("interests".into(), interests.into());
    if enquiry.channel() == "walk_in" {
        data.insert("visits".into(), (lead.number("visits") + 1).into());
    }
    let after = lead.with(&data);
    let judgement = score::judge(desk, &after)?;
    let after = after.with(&judgement.data);
    judgement.into_write(lead.change(&data)).stage()?;
    desk.raise("leads.lead.duplicate_found", &after, json!({ "channel": enquiry.channel(), "owner": lead.owner() }))?;
    let is_expected = ["leads.first_contact", "leads.assign", "leads.reply"];
    if !task::is_open(&after, &is_expected)? {
        let due = crate::moment::after(desk.now(), &desk.settings.first_contact)?;
        task::open(desk, &after, task::Plan { step: "leads.reply", owner: after.owner(), due: &due })?;
    }
    acknowledge::acknowledge(desk, &after, enquiry)?;
    Ok(Taken { lead: after, verdict: Verdict::Joined })
}

fn interest(fields: &Data, rank: usize) -> Option<Value> {
    let mut interest = Data::new();
    for name in ["interest", "brand", "model"] {
        interest.extend(fields.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    if interest.is_empty() {
        return None;
    }
    interest.insert("rank".into(), rank.into());
    Some(Value::Object(interest))
}

/// What the same customer, or whoever has the same number in this batch, is known by.
fn reach(enquiry: &Enquiry) -> Option<String> {
    enquiry.customer.clone().or_else(|| enquiry.mobile()).or_else(|| enquiry.email())
}

fn open_of(customer: &str, org: &str) -> Result<Option<Lead>> {
    let filter = open().and(Filter::eq("customer", customer)).and(Filter::eq("org", org));
    Ok(view::find::<Data>(KIND).filter(filter).order("created_at").first()?.map(Lead::from))
}

/// The lead of the same customer that ended not long ago, if there is one.
fn link(desk: &Desk, customer: &str, org: &str) -> Result<Data> {
    let since = Date::today(&desk.call)?.plus_days(-desk.settings.link_days);
    let since = crate::moment::begin_of(since, &desk.call)?;
    let ended = Filter::eq("customer", customer).and(Filter::eq("org", org)).and(Filter::gte("updated_at", since));
    let last = view::find::<Data>(KIND).filter(ended).order("-updated_at").first()?;
    Ok(patch(json!(last.map(|last| json!({ "linked": last.id })))))
}
