//! What somebody looks after: every kind of open business with an owner, and the customers themselves.

use std::collections::BTreeMap;

use marque_sdk::{Data, Filter, Id, Record, Result, Value, record, view};

/// A kind of business that has an owner while it is open.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// The kind.
    pub kind: &'static str,
    /// The field that names who looks after it.
    pub owner: &'static str,
    /// The states in which it is open.
    pub open: &'static [&'static str],
    /// Where it is counted.
    pub count: &'static str,
}

const fn held(kind: &'static str, owner: &'static str, count: &'static str, open: &'static [&'static str]) -> Held {
    Held { kind, owner, open, count }
}

/// All of it. A kind whose feature is not installed is passed over.
pub const HELD: [Held; 13] = [
    held(
        "leads.lead",
        "owner",
        "n_leads",
        &[
            "assigned",
            "pool",
            "attempted",
            "contacted",
            "qualified",
            "ordered",
            "defeat_requested",
            "frozen",
            "out_of_reach",
        ],
    ),
    held("leads.promise", "made_by", "n_promises", &["asked", "open"]),
    held(
        "testdrive.drive",
        "owner",
        "n_drives",
        &["requested", "acknowledged", "alternative", "waitlisted", "confirmed", "reminded", "checked_in", "driving"],
    ),
    held("testdrive.event", "owner", "n_drives", &["planned"]),
    held("quotes.quote", "owner", "n_quotes", &["draft", "awaiting_approval", "active"]),
    held(
        "orders.order",
        "owner",
        "n_orders",
        &[
            "draft",
            "signed",
            "deposit_paid",
            "allocated",
            "scheduled",
            "on_line",
            "painting",
            "in_warehouse",
            "in_transit",
            "arrived",
            "pdi_failed",
            "pdi_passed",
            "fully_paid",
        ],
    ),
    held("orders.item", "owner", "n_orders", &["todo", "doing"]),
    held(
        "complaints.case",
        "owner",
        "n_complaints",
        &["received", "accepted", "soothed", "analysing", "proposed", "agreed", "executing", "verifying", "reopened"],
    ),
    held("workshop.appointment", "owner", "n_service", &["requested", "acknowledged", "confirmed", "reminded"]),
    held(
        "workshop.order",
        "advisor",
        "n_service",
        &[
            "opened",
            "inspected",
            "estimated",
            "approved",
            "in_repair",
            "waiting_parts",
            "quality_check",
            "ready",
            "settled",
        ],
    ),
    held("care.call", "owner", "n_service", &["due", "overdue"]),
    held("care.renewal", "owner", "n_service", &["found", "contacted", "quoted"]),
    held("worklist.task", "owner", "n_tasks", &["open"]),
];

/// More than anybody looks after.
const MANY: usize = 4_000;

/// One open record.
#[derive(Clone, Debug)]
pub struct Holding {
    held: Held,
    id: Id,
    data: Data,
}

/// What goes to one successor: a customer with all that is open, or the work that is about nobody.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// The customer.
    pub customer: Option<Id>,
    /// Whether their file is the leaver's.
    pub is_owned: bool,
    /// What is open.
    pub open: Vec<Holding>,
}

impl Holding {
    /// The kind.
    pub fn kind(&self) -> &'static str {
        self.held.kind
    }

    /// A field's text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field).and_then(Value::as_str)
    }

    /// Gives it to somebody; what that person must not deal with, such as a complaint about themselves, to `other`.
    pub fn give(&self, to: &str, other: &str) -> Result<()> {
        let is_barred = self.text("responsible_staff") == Some(to)
            || self
                .data
                .get("not_allowed")
                .and_then(Value::as_array)
                .is_some_and(|barred| barred.iter().any(|one| one == to));
        let to = if is_barred { other } else { to };
        record::change(self.held.kind, &self.id).field(self.held.owner, to).why("handover").stage()
    }
}

impl Bundle {
    /// How many records are open in it.
    pub fn weight(&self) -> i64 {
        i64::try_from(self.open.len()).unwrap_or(i64::MAX)
    }

    /// Where they are counted, and how many each.
    pub fn counts(&self) -> BTreeMap<&'static str, i64> {
        let mut counts = BTreeMap::new();
        for holding in &self.open {
            *counts.entry(holding.held.count).or_insert(0) += 1;
        }
        counts
    }

    /// A word of the lead, such as its level.
    pub fn of_lead(&self, field: &str) -> Option<&str> {
        self.open.iter().filter(|one| one.kind() == "leads.lead").find_map(|lead| lead.text(field))
    }
}

/// All that somebody looks after, customer by customer.
pub fn of(person: &str) -> Result<Vec<Bundle>> {
    let mut bundles: BTreeMap<Option<Id>, Bundle> = BTreeMap::new();
    for held in HELD.iter().filter(|held| is_there(held.kind)) {
        let theirs = Filter::eq(held.owner, person).and(Filter::is_in("state", held.open.iter().copied()));
        for record in view::find::<Data>(held.kind).filter(theirs).order("created_at").up_to(MANY)? {
            let customer = record.data.get("customer").and_then(Value::as_str).map(str::to_owned);
            let bundle = bundles.entry(customer.clone()).or_insert_with(|| Bundle { customer, ..Bundle::default() });
            bundle.open.push(Holding { held: *held, id: record.id, data: record.data });
        }
    }
    let theirs = Filter::eq("owner", person);
    let customers: Vec<Record<Value>> = view::find("customer").filter(theirs).order("created_at").up_to(MANY)?;
    for customer in customers {
        let id = Some(customer.id);
        bundles.entry(id.clone()).or_insert_with(|| Bundle { customer: id, ..Bundle::default() }).is_owned = true;
    }
    Ok(bundles.into_values().collect())
}

/// Whether somebody looks after anything at all.
pub fn any(person: &str) -> Result<bool> {
    if view::find::<Value>("customer").filter(Filter::eq("owner", person)).exists()? {
        return Ok(true);
    }
    for held in HELD.iter().filter(|held| is_there(held.kind)) {
        let theirs = Filter::eq(held.owner, person).and(Filter::is_in("state", held.open.iter().copied()));
        if view::find::<Value>(held.kind).filter(theirs).exists()? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a feature is installed: kinds of one that is not cannot be read.
pub fn is_there(kind: &str) -> bool {
    view::find::<Value>(kind).limit(1).page().is_ok()
}
