//! What is known of some customers up to a moment: their facts added up, their cars, what they agreed to. One query each for all of them.

use std::collections::{BTreeMap, BTreeSet};

use marque_sdk::{Date, Filter, Id, Record, Result, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, optional},
    moment,
};

/// The kind of a fact.
pub const FACT: &str = "value.fact";
/// What gross profit comes from. The margin of a car is kept apart.
pub const MONEY: [&str; 5] = ["service", "parts", "accessories", "insurance", "finance"];
/// Facts of which the newest count, not the sum.
const NEWEST: [&str; 4] = ["satisfaction", "booking_cancelled", "booking_kept", "distance"];
/// More of those than some hundred customers leave in years; older ones change nothing.
const MOST: usize = 3_000;

/// What is known of a customer.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Of twelve months, without cars.
    pub profit_12: i64,
    /// Of twelve months, without cars.
    pub revenue_12: i64,
    /// Of the twelve months before.
    pub revenue_before: i64,
    /// Paid visits of twelve months and what was paid.
    pub visits_12: Sum,
    /// Paid visits of the twelve months before.
    pub visits_before: Sum,
    /// All paid visits.
    pub visits: Sum,
    /// The first and the last of them.
    pub first_visit: Option<Date>,
    /// The last.
    pub last_visit: Option<Date>,
    /// Margin of cars.
    pub historic: i64,
    /// How many facts of a sort within twelve months.
    pub sorts: BTreeMap<String, i64>,
    /// Payments of twelve months, and those that came late.
    pub payments: (i64, i64),
    /// Satisfaction, the newest first.
    pub satisfaction: Vec<f64>,
    /// Bookings cancelled since the last that was kept.
    pub cancelled_in_row: i64,
    /// Kilometres to us.
    pub distance_km: Option<f64>,
    /// The last fact of any sort.
    pub last_fact: Option<Date>,
    /// Cars owned now: the day each was handed over, if known.
    pub cars: Vec<Option<Date>>,
    /// Whether there ever was a car.
    pub had_car: bool,
    /// Took back the word on marketing.
    pub opted_out: bool,
    /// An enquiry is open.
    pub has_lead: bool,
    /// A car is ordered and not handed over.
    pub has_order: bool,
}

/// How often and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How often.
    pub n: i64,
    /// What was paid, in fen.
    pub revenue: i64,
}

impl Known {
    /// How many facts of a sort within twelve months.
    pub fn n(&self, sort: &str) -> i64 {
        self.sorts.get(sort).copied().unwrap_or(0)
    }

    /// The day the youngest car was handed over.
    pub fn youngest_car(&self) -> Option<Date> {
        self.cars.iter().flatten().max().copied()
    }
}

/// By customer.
pub type All = BTreeMap<Id, Known>;

#[derive(Deserialize)]
struct Row {
    customer: Id,
    #[serde(default)]
    sort: Option<String>,
    n: i64,
    #[serde(default)]
    profit: Option<i64>,
    #[serde(default)]
    revenue: Option<i64>,
    #[serde(default)]
    first: Option<String>,
    #[serde(default)]
    last: Option<String>,
}

#[derive(Deserialize)]
struct Newest {
    customer: Id,
    sort: String,
    at: String,
    #[serde(default)]
    score: Option<f64>,
}

/// Whose facts, and over which time.
struct Window<'a> {
    desk: &'a Desk,
    ids: &'a [Id],
    /// The last moment that counts.
    until: &'a str,
    /// Twelve months before it.
    year: String,
    /// Twenty-four.
    two_years: String,
}

/// Everything known of some customers up to a moment, which falls on `today`.
pub fn gather(desk: &Desk, ids: &[Id], today: Date, until: &str) -> Result<All> {
    let mut all: All = ids.iter().map(|id| (id.clone(), Known::default())).collect();
    if ids.is_empty() {
        return Ok(all);
    }
    let begin = |months: i64| moment::begin_of(today.plus_months(-months), &desk.call);
    let window = Window { desk, ids, until, year: begin(12)?, two_years: begin(24)? };
    window.money(&mut all)?;
    window.visits(&mut all)?;
    window.signals(&mut all)?;
    window.newest(&mut all)?;
    cars(&window, &mut all)?;
    elsewhere(&window, &mut all)?;
    Ok(all)
}

impl Window<'_> {
    fn theirs(&self) -> Filter {
        Filter::is_in("customer", self.ids.iter().cloned())
    }

    fn rows(&self, filter: Filter, group: &[&str]) -> Result<Vec<Row>> {
        let filter = self.theirs().and(Filter::lte("at", self.until)).and(filter);
        let sums = view::aggregate(FACT).filter(filter).group(group).count("n").sum("profit", "profit");
        sums.sum("revenue", "revenue").min("first", "at").max("last", "at").rows()
    }

    fn within_year(&self) -> Filter {
        Filter::gte("at", self.year.as_str())
    }

    fn year_before(&self) -> Filter {
        Filter::gte("at", self.two_years.as_str()).and(Filter::lt("at", self.year.as_str()))
    }

    fn money(&self, all: &mut All) -> Result<()> {
        let money = || Filter::is_in("sort", MONEY);
        for row in self.rows(money().and(self.within_year()), &["customer"])? {
            if let Some(known) = all.get_mut(&row.customer) {
                known.profit_12 = row.profit.unwrap_or(0);
                known.revenue_12 = row.revenue.unwrap_or(0);
                known.payments.0 = row.n;
            }
        }
        for row in self.rows(money().and(self.year_before()), &["customer"])? {
            if let Some(known) = all.get_mut(&row.customer) {
                known.revenue_before = row.revenue.unwrap_or(0);
            }
        }
        for row in self.rows(Filter::eq("late", true).and(self.within_year()), &["customer"])? {
            if let Some(known) = all.get_mut(&row.customer) {
                known.payments.1 = row.n;
            }
        }
        for row in self.rows(Filter::eq("sort", "car"), &["customer"])? {
            if let Some(known) = all.get_mut(&row.customer) {
                known.historic = row.profit.unwrap_or(0);
            }
        }
        Ok(())
    }

    fn visits(&self, all: &mut All) -> Result<()> {
        let visit = || Filter::eq("visit", true);
        let sum = |row: &Row| Sum { n: row.n, revenue: row.revenue.unwrap_or(0) };
        for row in self.rows(visit(), &["customer"])? {
            let day = |moment: &Option<String>| moment.as_deref().map(|at| Date::of(at, &self.desk.call)).transpose();
            if let Some(known) = all.get_mut(&row.customer) {
                known.visits = sum(&row);
                known.first_visit = day(&row.first)?;
                known.last_visit = day(&row.last)?;
            }
        }
        for row in self.rows(visit().and(self.within_year()), &["customer"])? {
            if let Some(known) = all.get_mut(&row.customer) {
                known.visits_12 = sum(&row);
            }
        }
        for row in self.rows(visit().and(self.year_before()), &["customer"])? {
            if let Some(known) = all.get_mut(&row.customer) {
                known.visits_before = sum(&row);
            }
        }
        Ok(())
    }

    fn signals(&self, all: &mut All) -> Result<()> {
        for row in self.rows(self.within_year(), &["customer", "sort"])? {
            let (Some(known), Some(sort)) = (all.get_mut(&row.customer), row.sort) else { continue };
            known.sorts.insert(sort, row.n);
        }
        for row in self.rows(Filter::gte("at", self.two_years.as_str()), &["customer"])? {
            if let (Some(known), Some(last)) = (all.get_mut(&row.customer), row.last) {
                known.last_fact = Some(Date::of(&last, &self.desk.call)?);
            }
        }
        Ok(())
    }

    /// Scores and bookings, the newest first.
    fn newest(&self, all: &mut All) -> Result<()> {
        let which = Filter::is_in("sort", NEWEST).and(Filter::gte("at", self.two_years.as_str()));
        let filter = self.theirs().and(which).and(Filter::lte("at", self.until));
        let mut is_over: BTreeSet<Id> = BTreeSet::new();
        for fact in view::find::<Newest>(FACT).filter(filter).order("-at").up_to(MOST)? {
            let fact = fact.data;
            let Some(known) = all.get_mut(&fact.customer) else { continue };
            match (fact.sort.as_str(), fact.score) {
                ("satisfaction", Some(score)) => known.satisfaction.push(score),
                ("distance", Some(score)) if known.distance_km.is_none() => known.distance_km = Some(score),
                ("booking_cancelled", _) if !is_over.contains(&fact.customer) => {
                    // A visit without a booking ends the row too.
                    let day = Date::of(&fact.at, &self.desk.call)?;
                    if known.last_visit.is_none_or(|visit| day > visit) {
                        known.cancelled_in_row += 1;
                    } else {
                        is_over.insert(fact.customer);
                    }
                }
                ("booking_kept", _) => {
                    is_over.insert(fact.customer);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Car {
    customer: Id,
    delivery_date: Option<Date>,
    production_date: Option<Date>,
}

#[derive(Deserialize)]
struct Owned {
    customer: Id,
}

fn cars(window: &Window<'_>, all: &mut All) -> Result<()> {
    let owned = window.theirs().and(Filter::eq("status", "owned"));
    for car in optional(view::find::<Car>("vehicles.vehicle").filter(owned).up_to(MOST))? {
        if let Some(known) = all.get_mut(&car.data.customer) {
            known.cars.push(car.data.delivery_date.or(car.data.production_date));
            known.had_car = true;
        }
    }
    let ever = window.theirs().and(Filter::eq("role", "owner"));
    for owned in optional(view::find::<Owned>("vehicles.ownership").filter(ever).up_to(MOST))? {
        if let Some(known) = all.get_mut(&owned.data.customer) {
            known.had_car = true;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Word {
    customer: Id,
    state: String,
}

#[derive(Deserialize)]
struct Theirs {
    customer: Option<Id>,
    state: Option<String>,
}

/// Whose records of a kind are in none of these states.
fn open(window: &Window<'_>, kind: &str, over: &[&str]) -> Result<Vec<Id>> {
    let rows = view::aggregate(kind).filter(window.theirs()).group(&["customer", "state"]).count("n").rows::<Theirs>();
    let is_open = |row: &Theirs| row.state.as_deref().is_some_and(|state| !over.contains(&state));
    Ok(optional(rows)?.into_iter().filter(is_open).filter_map(|row| row.customer).collect())
}

/// Consents, enquiries and orders, of which the newest word and the open ones count.
fn elsewhere(window: &Window<'_>, all: &mut All) -> Result<()> {
    let marketing = window.theirs().and(Filter::eq("purpose", "marketing"));
    let words: Vec<Record<Word>> = view::find("consent").filter(marketing).order("-obtained_at").up_to(MOST)?;
    let mut heard: BTreeSet<Id> = BTreeSet::new();
    for word in words {
        let is_no = matches!(word.data.state.as_str(), "withdrawn" | "refused");
        if heard.insert(word.data.customer.clone())
            && let Some(known) = all.get_mut(&word.data.customer)
        {
            known.opted_out = is_no;
        }
    }
    // States are told apart here: what another version of a plugin calls its states is no reason to fail.
    let over = ["delivered", "defeated", "invalid", "merged"];
    for customer in open(window, "leads.lead", &over)? {
        if let Some(known) = all.get_mut(&customer) {
            known.has_lead = true;
        }
    }
    let over = ["delivered", "cancelled", "closed", "returned", "draft"];
    for customer in open(window, "orders.order", &over)? {
        if let Some(known) = all.get_mut(&customer) {
            known.has_order = true;
        }
    }
    Ok(())
}
