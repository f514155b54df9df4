//! An account as stored: its record, its open lots, and how what the ledger says is written down.

use marque_sdk::{
    Command, Data, Date, Fault, Filter, Id, Record, Result, Value, json, new_id, record, stage, timer, view,
};
use serde::Deserialize;

use crate::{
    clock,
    desk::{self, Desk},
    ledger::{Entry, Kind, Ledger, Lot},
    tier::{self, Tier},
};

/// The kinds' names.
pub const KIND: &str = "loyalty.account";
/// An entry of the ledger.
pub const ENTRY: &str = "loyalty.entry";
/// A lot.
pub const LOT: &str = "loyalty.lot";
/// More open lots than anybody comes to have in two years.
const MANY: usize = 10_000;

/// What of an account counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Facts {
    /// Whose it is.
    pub customer: Id,
    /// The number on the card, which is the code for referrals too.
    #[serde(default)]
    pub number: String,
    /// `active`, `lapsed` or `closed`.
    pub state: String,
    /// What the next document counts by.
    pub tier: Tier,
    /// What can be used.
    pub balance: i64,
    /// What was earned in all.
    pub lifetime: i64,
    /// How many entries there are.
    pub n_entries: i64,
    /// Since when.
    pub joined_on: Date,
    /// The last paid visit.
    pub last_visit: Option<Date>,
    /// The day it lapses, where a late notice has put it off.
    pub lapses_on: Option<Date>,
    /// Before how many days of lapsing the customer was told, none if not yet.
    pub lapse_noticed: Option<i64>,
    /// The month the last statement was of, its first day.
    pub stated: Option<Date>,
    /// The account its points were brought to when two customers turned out to be one.
    pub merged_into: Option<Id>,
    /// When.
    pub merged_at: Option<String>,
    /// What it had earned in all by then.
    pub merged_lifetime: Option<i64>,
    /// The last paid visit of the other account by then.
    pub merged_visit: Option<Date>,
    /// Its own state by then.
    pub merged_state: Option<String>,
}

#[derive(Deserialize)]
struct StoredLot {
    no: i64,
    points: i64,
    left: i64,
    expires: Date,
    noticed: Option<i64>,
}

/// An account with its points, as one call sees and changes it.
#[derive(Debug)]
pub struct Account {
    /// Its record's id.
    pub id: Id,
    /// The revision all of it was read at: whoever was quicker makes us read again.
    pub rev: u32,
    /// The organisation it belongs to.
    pub org: Id,
    /// What is stored.
    pub facts: Facts,
    /// The points.
    pub ledger: Ledger,
    /// Further fields to change when it is saved.
    pub patch: Data,
    /// A transition to take when it is saved.
    pub transition: Option<&'static str>,
    is_new: bool,
    before: Vec<Lot>,
    entries: Vec<Command>,
    raised: Vec<(&'static str, Spoken, Value)>,
}

/// Which record an event speaks of: its words are shown like that record's own.
#[derive(Clone, Debug)]
enum Spoken {
    Account,
    Entry(Id),
}

/// What an entry was for.
#[derive(Clone, Debug, Default)]
pub struct Reason<'a> {
    /// `document`, `join`, `desk`, `reward`, `activity`, `lapse` …
    pub rule: &'a str,
    /// The number of the document, as the desk knows it.
    pub document: Option<&'a str>,
    /// The record it was for: its kind and id.
    pub about: Option<(&'a str, &'a str)>,
    /// In words.
    pub note: Option<&'a str>,
    /// The decision it comes from.
    pub receipt: Option<&'a str>,
}

impl Account {
    /// A new one of a customer; it is written with its first entry.
    pub fn begin(desk: &Desk, customer: &str, org: &str) -> Account {
        let facts = Facts {
            customer: customer.into(),
            number: String::new(),
            state: "active".into(),
            tier: Tier::Silver,
            balance: 0,
            lifetime: 0,
            n_entries: 0,
            joined_on: desk.today,
            last_visit: None,
            lapses_on: None,
            lapse_noticed: None,
            stated: None,
            merged_into: None,
            merged_at: None,
            merged_lifetime: None,
            merged_visit: None,
            merged_state: None,
        };
        Account {
            id: new_id(),
            rev: 1,
            org: org.into(),
            facts,
            ledger: Ledger::empty(),
            patch: Data::new(),
            transition: None,
            is_new: true,
            before: Vec::new(),
            entries: Vec::new(),
            raised: Vec::new(),
        }
    }

    /// By its id.
    pub fn load(id: &str) -> Result<Account> {
        Account::open(view::require::<Facts>(KIND, id)?)
    }

    /// A customer's, if they have joined.
    pub fn find(customer: &str) -> Result<Option<Account>> {
        Account::record_of(customer)?.map(Account::open).transpose()
    }

    /// A customer's; whoever has none joins first.
    pub fn of(customer: &str) -> Result<Account> {
        Account::find(customer)?.ok_or_else(|| {
            Fault::at(
                "not_a_member",
                "/customer",
                "this customer has not joined: let them join first, nothing was posted",
            )
        })
    }

    /// The record alone. Of two that came together by a merge the open one counts.
    pub fn record_of(customer: &str) -> Result<Option<Record<Facts>>> {
        let theirs = Filter::eq("customer", customer).and(Filter::ne("state", "closed"));
        view::find::<Facts>(KIND).filter(theirs).order("created_at").first()
    }

    fn open(record: Record<Facts>) -> Result<Account> {
        let open = Filter::eq("account", record.id.as_str()).and(Filter::ne("left", 0));
        let lots = view::find::<StoredLot>(LOT).filter(open).order("expires").up_to(MANY)?;
        let before: Vec<Lot> = lots.into_iter().map(lot).collect();
        let Facts { balance, lifetime, n_entries, .. } = record.data;
        let ledger = Ledger::new(balance, lifetime, n_entries, before.clone());
        if !ledger.is_sound() {
            let message =
                format!("account {}: the balance is not the sum of its open lots, nothing is posted", record.id);
            return Err(Fault::new("ledger_unsound", message));
        }
        Ok(Account {
            id: record.id,
            rev: record.rev,
            org: record.org,
            facts: record.data,
            ledger,
            patch: Data::new(),
            transition: None,
            is_new: false,
            before,
            entries: Vec::new(),
            raised: Vec::new(),
        })
    }

    /// What was not used in time goes before anything else happens, whether its timer has rung or not.
    pub fn expire(&mut self, desk: &Desk) -> Result<()> {
        match self.ledger.expire(desk.today) {
            Some(entry) => self.enter(desk, &entry, &Reason { rule: "expiry", ..Reason::default() }),
            None => Ok(()),
        }
    }

    /// Refuses an account that is closed.
    pub fn must_be_open(&self) -> Result<()> {
        match self.facts.state.as_str() {
            "closed" => Err(Fault::new("account_closed", "this account is closed: let the customer join again")),
            _ => Ok(()),
        }
    }

    /// Points are earned and hold to the end of a month.
    pub fn earn(&mut self, desk: &Desk, points: i64, reason: &Reason<'_>) -> Result<Option<Id>> {
        self.credit(desk, Kind::Earn, points, reason)
    }

    /// Points come in any way.
    pub fn credit(&mut self, desk: &Desk, kind: Kind, points: i64, reason: &Reason<'_>) -> Result<Option<Id>> {
        if points == 0 {
            return Ok(None);
        }
        let lot = new_id();
        let expires = desk::month_end(desk.today.plus_months(desk.settings.valid_months));
        let entry = self.ledger.add(kind, points, lot.clone(), expires);
        self.enter(desk, &entry, reason)?;
        Ok(Some(lot))
    }

    /// An entry is written down when the account is saved, and told of.
    pub fn enter(&mut self, desk: &Desk, entry: &Entry, reason: &Reason<'_>) -> Result<()> {
        let (about_kind, about) = reason.about.unzip();
        let data = json!({
            "account": self.id, "customer": self.facts.customer, "no": entry.no, "at": desk.now(), "kind": entry.kind,
            "points": entry.points, "balance": entry.balance, "rule": reason.rule, "document": reason.document,
            "about_kind": about_kind, "about": about, "parts": entry.parts, "by": desk.me(), "note": reason.note,
            "reverses": about.filter(|_| about_kind == Some(ENTRY)), "slot": format!("{}:{}", self.id, entry.no),
        });
        let id = new_id();
        let create = record::create(ENTRY).id(&id).org(&self.org).fields(desk::said(data));
        let create = reason.receipt.iter().fold(create, |create, receipt| create.receipt("points", receipt));
        self.entries.push(create.command());
        let told = json!({
            "points": entry.points.abs(), "balance": entry.balance, "rule": reason.rule, "document": reason.document,
        });
        let event = match entry.kind {
            Kind::Earn => "loyalty.points.earned",
            Kind::Burn => "loyalty.points.burned",
            Kind::Expire => "loyalty.points.expired",
            Kind::Reverse => "loyalty.points.reversed",
            Kind::Adjust | Kind::Transfer => "loyalty.points.adjusted",
        };
        self.raised.push((event, Spoken::Entry(id), Value::Object(desk::said(told))));
        Ok(())
    }

    /// Writes everything: the account with its tier, its lots, its entries, its one timer, what is told. Two who save at once are
    /// one after the other: the second finds another revision and is asked again.
    pub fn save(mut self, desk: &Desk) -> Result<Saved> {
        let receipt = self.settle_tier(desk)?;
        self.save_record(desk, receipt.as_deref())?;
        self.save_lots()?;
        stage(std::mem::take(&mut self.entries))?;
        let key = clock::key(&self.id);
        stage([match clock::next(desk, &self.facts, &self.ledger, self.is_active()) {
            Some(day) => {
                timer::set(&key, &day.morning()).subject(&self.facts.customer).field("account", &self.id).command()
            }
            None => timer::cancel(&key),
        }])?;
        for (event, about, data) in &self.raised {
            let record = match about {
                Spoken::Account => (KIND, self.id.as_str(), self.rev),
                Spoken::Entry(id) => (ENTRY, id.as_str(), 1),
            };
            desk::raise(event, &self.facts.customer, record, data.clone())?;
        }
        let Ledger { balance, lifetime, .. } = self.ledger;
        Ok(Saved { account: self.id, balance, lifetime, tier: self.facts.tier })
    }

    fn save_record(&self, desk: &Desk, receipt: Option<&str>) -> Result<()> {
        let mut data = self.patch.clone();
        let Ledger { balance, lifetime, n_entries, .. } = self.ledger;
        let expiring = clock::expiring(&self.ledger, desk.today);
        data.extend(desk::said(json!({
            "balance": balance, "lifetime": lifetime, "n_entries": n_entries, "tier": self.facts.tier, "in_debt": balance < 0,
            "expiring": expiring.map_or(0, |(_, points)| points), "lapses_on": clock::lapses_on(desk, &self.facts),
        })));
        data.insert("expires_next".into(), json!(expiring.map(|(day, _)| day)));
        let write = if self.is_new {
            data.retain(|_, value| !value.is_null());
            let Facts { customer, joined_on, .. } = &self.facts;
            let first = json!({ "customer": customer, "joined_on": joined_on, "slot": customer });
            record::create(KIND).id(&self.id).org(&self.org).fields(first)
        } else {
            let write = match self.transition {
                Some(transition) => record::mov(KIND, &self.id, transition),
                None => record::change(KIND, &self.id),
            };
            write.if_rev(self.rev)
        };
        let write = write.fields(data);
        receipt.iter().fold(write, |write, receipt| write.receipt("tier", receipt)).stage()
    }

    /// Whether it is active once it is saved.
    fn is_active(&self) -> bool {
        match self.transition {
            Some("revive" | "reopen") => true,
            Some(_) => false,
            None => self.facts.state == "active",
        }
    }

    /// The tier the next document counts by; the receipt of a changed one.
    fn settle_tier(&mut self, desk: &Desk) -> Result<Option<String>> {
        if self.ledger.lifetime == self.facts.lifetime {
            return Ok(None);
        }
        let (tier, receipt) = tier::decide(desk, self.ledger.lifetime, self.facts.tier)?;
        if tier == self.facts.tier {
            return Ok(None);
        }
        let told = json!({ "from": self.facts.tier, "tier": tier, "lifetime": self.ledger.lifetime });
        self.raised.push(("loyalty.tier.changed", Spoken::Account, told));
        self.facts.tier = tier;
        Ok(Some(receipt))
    }

    fn save_lots(&self) -> Result<()> {
        for lot in self.ledger.lots() {
            match self.before.iter().find(|before| before.id == lot.id) {
                Some(before) if before == lot => {}
                Some(_) => record::change(LOT, &lot.id)
                    .field("left", lot.left)
                    .field("expires", lot.expires)
                    .fields(desk::said(json!({ "noticed": lot.noticed })))
                    .stage()?,
                None => {
                    let data = json!({
                        "account": self.id, "customer": self.facts.customer, "no": lot.no, "points": lot.points,
                        "left": lot.left, "expires": lot.expires,
                    });
                    record::create(LOT).id(&lot.id).org(&self.org).fields(data).stage()?;
                }
            }
        }
        Ok(())
    }

    /// Lots as stored, closed ones too, for points that come back into them.
    pub fn know(&mut self, ids: &[Id]) -> Result<Vec<Lot>> {
        let found: Vec<Lot> = view::get_many::<StoredLot>(LOT, ids)?.into_iter().flatten().map(lot).collect();
        if found.len() < ids.len() {
            return Err(Fault::new(
                "lot_gone",
                "a lot these points came from is not there: ask whoever keeps the system",
            ));
        }
        let open: Vec<&Id> = self.ledger.lots().iter().map(|lot| &lot.id).collect();
        self.before.extend(found.iter().filter(|lot| !open.contains(&&lot.id)).cloned());
        Ok(found)
    }
}

fn lot(record: Record<StoredLot>) -> Lot {
    let StoredLot { no, points, left, expires, noticed } = record.data;
    Lot { id: record.id, no, points, left, expires, noticed }
}

/// What an account came to, for whoever asked.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Its id.
    pub account: Id,
    /// What can be used now.
    pub balance: i64,
    /// What was earned in all.
    pub lifetime: i64,
    /// What the next document counts by.
    pub tier: Tier,
}

impl Saved {
    /// As answered, along with more.
    pub fn reply(&self, more: Value) -> Value {
        let mut reply =
            json!({ "account": self.account, "balance": self.balance, "lifetime": self.lifetime, "tier": self.tier });
        reply.as_object_mut().into_iter().for_each(|reply| reply.extend(desk::said(more.clone())));
        reply
    }
}
