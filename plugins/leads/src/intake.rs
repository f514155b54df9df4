//! Intake: what becomes of an enquiry, whichever way it came. The same for one, for a list and for every prospect of a message.

use std::collections::BTreeMap;

use marque_sdk::{Command, Data, Date, Filter, Id, Record, Result, Value, json, new_id, record, view};

use crate::{
    acknowledge, assist, clock, contact,
    customer::{self, Customer},
    dealer,
    desk::{Desk, refuse},
    enquiry::Enquiry,
    household::{self, Family},
    lead::{KIND, Lead, open, patch, reached},
    level, moment, people,
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
    /// A colleague's guest: the colleague keeps the lead, whoever received the guest has helped.
    Assisted,
    /// A lead whose owner's time was over: it belongs to whoever has taken it down now.
    Moved,
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
            Verdict::Assisted => "assisted",
            Verdict::Moved => "moved",
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
    /// The note that a colleague's guest was received, if it was one.
    pub assist: Option<Id>,
}

/// Keys of enquiries that have joined a lead.
const JOINED: &str = "joined_keys";
/// The newest that are kept: nobody sends a message of half a year ago again.
const MOST_KEYS: usize = 50;

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
        let org = dealer::choose(desk, enquiry)?;
        let key = enquiry.key(&Date::today(&desk.call)?.to_string());
        if let Some(known) = self.with_key(&org, key.as_deref())? {
            return again(desk, known, enquiry);
        }
        let mut lead = self.begin(enquiry, &org, key.clone(), inbound);
        if !enquiry.is_reachable() {
            return invalid(desk, lead);
        }
        if let Some(reach) = reach(enquiry)
            && let Some(earlier) = self.by_reach.get_mut(&reach)
        {
            // Made a moment ago in this very call: one more interest, and nobody to be told of it yet.
            let mut data = patch(json!({ "interests": with_interest(earlier, enquiry) }));
            data.extend(with_key(earlier, key.as_deref()));
            record::change(KIND, &earlier.id).fields(&data).stage()?;
            *earlier = earlier.with(&data);
            self.by_key.extend(key.map(|key| (key, earlier.clone())));
            return Ok(Taken { lead: earlier.clone(), verdict: Verdict::Joined, assist: None });
        }
        let customer = customer::known(&org, enquiry)?;
        if let Some(customer) = &customer {
            let theirs = open_of(&customer.id, &org)?;
            let (there, family) = match theirs {
                Some(lead) => (Some(lead), None),
                None => household::lead_of(&customer.id, &org, enquiry.model.as_deref())?.unzip(),
            };
            if let Some(there) = there {
                let is_known = key.as_ref().is_some_and(|key| there.list(JOINED).contains(key));
                if is_known {
                    return again(desk, there, enquiry);
                }
                return join(desk, there, enquiry, Guest { id: &customer.id, family: family.as_ref() }, key.as_deref());
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

    fn with_key(&self, org: &str, key: Option<&str>) -> Result<Option<Lead>> {
        let Some(key) = key else { return Ok(None) };
        if let Some(lead) = self.by_key.get(key) {
            return Ok(Some(lead.clone()));
        }
        let here = Filter::eq("key", key).and(Filter::eq("org", org));
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
        if is_valid_record(enquiry) {
            lead.data.insert("protected_until".into(), json!(level::protected_until(desk, &lead)?));
        }
        if lead.org != desk.call.org {
            lead.data.insert("clock_pending".into(), true.into());
        }
        if acknowledge::is_due(desk, &lead, enquiry) {
            lead.data.insert("acknowledged_at".into(), desk.now().into());
        }
        let way = self.way(&lead, &route, enquiry)?;
        lead = lead.with(&way.data);
        let task = task::open(desk, &lead, task::Plan { step: way.step, owner: &route.owner, due: &way.due })?;
        lead = lead.with(&patch(json!({ "task": task, "due": way.due })));
        stage(desk, &lead, &judgement, &route)?;
        for transition in way.transitions {
            record::mov(KIND, &lead.id, transition).stage()?;
            lead.data.insert("state".into(), reached(transition).into());
        }
        clock::follow(None, &lead)?;
        agree(&lead, enquiry)?;
        acknowledge::acknowledge(desk, &lead, enquiry)?;
        Ok(Taken { lead, verdict: Verdict::Created, assist: None })
    }

    /// Where a new lead begins: with its first contact, in the pool, or with the guest who stands there already.
    fn way(&self, lead: &Lead, route: &Route, enquiry: &Enquiry) -> Result<Way> {
        let desk = self.desk;
        let due = lead.text("first_due").unwrap_or(desk.now()).to_owned();
        if route.is_pool {
            return Ok(Way { step: "leads.assign", due, data: Data::new(), transitions: vec!["pool"] });
        }
        let is_met = desk.me() == Some(&route.owner) && matches!(enquiry.channel(), "walk_in" | "phone");
        if !is_met {
            return Ok(Way { step: "leads.first_contact", due, data: Data::new(), transitions: Vec::new() });
        }
        let mut data = contact::effective(desk, lead)?;
        let is_filed = is_valid_record(enquiry) && enquiry.window() != "unknown";
        if !is_filed {
            let due = moment::after(desk.now(), &desk.settings.valid)?;
            return Ok(Way { step: "leads.qualify", due, data, transitions: vec!["connect"] });
        }
        data.extend(patch(json!({ "stage": "filed", "qualified_at": desk.now() })));
        let due = contact::follow_up_due(desk, &lead.with(&data))?;
        Ok(Way { step: "leads.follow_up", due, data, transitions: vec!["connect", "qualify"] })
    }

    /// Whoever takes a guest down owns the lead; a customer's own consultant keeps them; all others go by the rule.
    fn route(&mut self, lead: &Lead, enquiry: &Enquiry, known: Option<&Record<Customer>>) -> Result<Route> {
        let desk = self.desk;
        if let Some(owner) = &enquiry.owner {
            return Ok(Route::to(&people::member(&lead.org, "/owner", owner)?.id));
        }
        let has_role = |role: &String| desk.call.has_role(role);
        if let Some(me) =
            desk.me().filter(|_| enquiry.is_in_person() && desk.settings.routed_roles.iter().any(has_role))
        {
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
            None => refuse(
                "owner_missing",
                "nobody here can own this lead: give somebody the role consultant, sales_mgr or gm",
            ),
        }
    }
}

/// How a new lead begins.
struct Way {
    step: &'static str,
    due: String,
    data: Data,
    transitions: Vec<&'static str>,
}

/// A record that a claim on a customer can stand on: a name, a number that can be called, a model.
fn is_valid_record(enquiry: &Enquiry) -> bool {
    let is_known = enquiry.customer.is_some() || (enquiry.name().is_some() && enquiry.mobile().is_some());
    is_known && enquiry.model.as_deref().is_some_and(|model| !model.trim().is_empty())
}

/// What the customer agreed to on the way, in the words of the text they saw.
fn agree(lead: &Lead, enquiry: &Enquiry) -> Result<()> {
    let text = enquiry.consent_text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let (Some(customer), Some(text), Some(true)) = (lead.customer(), text, enquiry.consent_marketing) else {
        return Ok(());
    };
    let how = match enquiry.channel() {
        "walk_in" => "in_person",
        "app" => "app",
        // What was said on the telephone or stands on a list is no proof.
        "phone" | "call_centre" | "import" | "referral" => return Ok(()),
        _ => "web_tick",
    };
    let body = json!({ "customer": customer, "purpose": "marketing", "how": how, "text_version": text });
    Command::new("consent.give", body).stage()
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
    Ok(Taken { lead, verdict: Verdict::Invalid, assist: None })
}

/// A message that was here before: sent again on purpose it corrects what is there, else it is only recognised.
fn again(desk: &Desk, lead: Lead, enquiry: &Enquiry) -> Result<Taken> {
    if enquiry.status.as_deref() != Some("resend") {
        return Ok(Taken { lead, verdict: Verdict::Known, assist: None });
    }
    let mut data = enquiry.fields();
    data.retain(|name, value| name != "channel" && lead.data.get(name) != Some(value) && value != "unknown");
    data.insert("resent".into(), (lead.number("resent") + 1).into());
    let after = lead.with(&data);
    let judgement = if lead.is_open() { score::judge(desk, &unlevelled(&after, &data))? } else { Default::default() };
    data.extend(judgement.data.clone());
    let after = after.with(&judgement.data);
    judgement.with_receipts(lead.change(&data)).stage()?;
    desk.raise("leads.lead.resent", &after, json!({ "resent": after.number("resent") }))?;
    Ok(Taken { lead: after, verdict: Verdict::Resent, assist: None })
}

/// A lead nobody has spoken to yet takes its level from the window alone: another window is another level.
fn unlevelled(lead: &Lead, changed: &Data) -> Lead {
    let mut lead = lead.clone();
    if changed.contains_key("window") && lead.text("contacted_at").is_none() {
        lead.data.remove("level");
    }
    lead
}

/// Who stands there: the customer of the lead, or one of the family.
#[derive(Clone, Copy)]
struct Guest<'a> {
    id: &'a str,
    family: Option<&'a Family>,
}

/// One more interest of somebody whose lead is open, or whose family's is: it is scored anew, and the owner is told.
fn join(desk: &Desk, lead: Lead, enquiry: &Enquiry, guest: Guest<'_>, key: Option<&str>) -> Result<Taken> {
    let mut data = enquiry.fields();
    if guest.family.is_some() {
        // The lead keeps the name and the numbers of who began it.
        data.retain(|name, _| !matches!(name.as_str(), "name" | "other_phone" | "consent_marketing" | "consent_text"));
    }
    // What is known stays; what was missing is filled in.
    data.retain(|name, value| !lead.data.contains_key(name) && value != "unknown");
    if lead.text("window") == Some("unknown") {
        data.insert("window".into(), enquiry.window().into());
    }
    data.insert("interests".into(), with_interest(&lead, enquiry).into());
    data.extend(with_key(&lead, key));
    if enquiry.channel() == "walk_in" {
        data.insert("visits".into(), (lead.number("visits") + 1).into());
    }
    let is_here = enquiry.is_in_person() && desk.settings.routed_roles.iter().any(|role| desk.call.has_role(role));
    let me = desk.me().filter(|_| is_here);
    if me == Some(lead.owner()) && enquiry.channel() == "walk_in" {
        data.extend(contact::effective(desk, &lead.with(&data))?);
    }
    let judgement = score::judge(desk, &unlevelled(&lead.with(&data), &data))?;
    data.extend(judgement.data.clone());
    match me.filter(|me| *me != lead.owner()) {
        Some(me) => collide(desk, lead, enquiry, (me, guest), data, &judgement),
        None => attach(desk, &lead, enquiry, data, &judgement),
    }
}

/// One more interest of a lead that stays where it is; the owner has to answer it.
fn attach(desk: &Desk, lead: &Lead, enquiry: &Enquiry, data: Data, judgement: &score::Judgement) -> Result<Taken> {
    let after = lead.with(&data);
    judgement.with_receipts(lead.change(&data)).stage()?;
    desk.raise("leads.lead.duplicate_found", &after, json!({ "channel": enquiry.channel(), "owner": lead.owner() }))?;
    let is_expected = ["leads.first_contact", "leads.assign", "leads.reply"];
    if desk.me() != Some(lead.owner()) && !task::is_open(&after, &is_expected)? {
        let due = moment::after(desk.now(), &desk.settings.first_contact)?;
        task::open(desk, &after, task::Plan { step: "leads.reply", owner: after.owner(), due: &due })?;
    }
    acknowledge::acknowledge(desk, &after, enquiry)?;
    Ok(Taken { lead: after, verdict: Verdict::Joined, assist: None })
}

/// A consultant has taken down somebody whom a colleague looks after. While the colleague is protected it is help; after that
/// whoever files a valid record owns the lead.
fn collide(
    desk: &Desk,
    lead: Lead,
    enquiry: &Enquiry,
    (me, guest): (&str, Guest<'_>),
    mut data: Data,
    judgement: &score::Judgement,
) -> Result<Taken> {
    let is_free = lead.state() == "pool" || (is_valid_record(enquiry) && !assist::is_protected(desk, &lead));
    if !is_free {
        judgement.with_receipts(lead.change(&data)).stage()?;
        let assist = assist::note(desk, &lead, guest.id, me, guest.family)?;
        return Ok(Taken { lead: lead.with(&data), verdict: Verdict::Assisted, assist: Some(assist) });
    }
    let moved = json!({ "owner": me, "former_owner": lead.owner(), "reason": "protection_expired", "protected_until": lead.text("protected_until") });
    desk.raise("leads.lead.ownership_moved", &lead, moved)?;
    data.extend(patch(
        json!({ "former_owner": lead.owner(), "protected_until": level::protected_until(desk, &lead)? }),
    ));
    let after = lead.with(&data).with(&patch(json!({ "owner": me })));
    match lead.state() {
        "pool" => crate::pool::hand(desk, &lead, &Route::to(me), Some("claim"), data)?,
        _ => crate::pool::move_to(desk, &lead, me, data)?,
    }
    Ok(Taken { lead: after, verdict: Verdict::Moved, assist: None })
}

/// The key of an enquiry that joins a lead, beside those that have: the same message again is known by it.
fn with_key(lead: &Lead, key: Option<&str>) -> Data {
    let Some(key) = key else { return Data::new() };
    let mut keys = lead.list(JOINED);
    keys.push(key.to_owned());
    patch(json!({ JOINED: keys.split_off(keys.len().saturating_sub(MOST_KEYS)) }))
}

/// The interests of a lead and the one more.
fn with_interest(lead: &Lead, enquiry: &Enquiry) -> Vec<Value> {
    let mut interests: Vec<Value> = lead.data.get("interests").and_then(Value::as_array).cloned().unwrap_or_default();
    if interests.is_empty() {
        interests.extend(interest(&lead.data, 1));
    }
    interests.extend(interest(&enquiry.fields(), interests.len() + 1));
    interests
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
    let since = moment::begin_of(since, &desk.call)?;
    let ended = Filter::eq("customer", customer).and(Filter::eq("org", org)).and(Filter::gte("updated_at", since));
    let last = view::find::<Data>(KIND).filter(ended).order("-updated_at").first()?;
    Ok(patch(json!(last.map(|last| json!({ "linked": last.id })))))
}
