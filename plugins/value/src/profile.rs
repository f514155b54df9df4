//! The file of a customer's value: worked out from the facts by the points, and written where it differs.

use std::collections::{BTreeMap, BTreeSet};

use marque_sdk::{
    Data, Date, Decision, Event, Filter, Id, Outcome, Record, Result, Value, decide, json, new_id, record, view,
};
use serde::{Deserialize, Serialize};

use crate::{
    churn,
    desk::{Desk, refuse, said, way},
    gather::{self, FACT, Known},
    inputs, moment,
};

/// The kind of the file.
pub const KIND: &str = "value.profile";

/// What of a file counts here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Whose.
    pub customer: Id,
    pub as_of: Option<String>,
    pub inputs: Value,
    pub last_visit: Option<Date>,
    pub churn_state: Option<String>,
    pub risk: Option<i64>,
    pub stage: Option<String>,
    pub clv: Option<i64>,
    pub spend_cap: Option<i64>,
    pub left_reason: Option<String>,
    pub won_back_at: Option<String>,
    pub years_expected: Option<i64>,
    pub chance_additional: Option<i64>,
    pub profit_additional: Option<i64>,
    pub chance_cross: Option<i64>,
    pub profit_cross: Option<i64>,
    pub chance_referral: Option<i64>,
    pub profit_referral: Option<i64>,
    pub acquisition_cost: Option<i64>,
}

/// What of a customer counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Customer {
    pub name: String,
    pub lifecycle_stage: Option<String>,
    pub restricted: bool,
}

impl Profile {
    /// The file with what people have just said of it.
    fn with(&self, patch: &Data) -> Result<Profile> {
        let mut data = serde_json::to_value(self)?;
        if let Some(fields) = data.as_object_mut() {
            fields.extend(patch.clone());
        }
        Ok(serde_json::from_value(data)?)
    }
}

/// The files of some customers, by customer.
pub fn of(ids: &[Id]) -> Result<BTreeMap<Id, Record<Profile>>> {
    let found =
        view::find::<Profile>(KIND).filter(Filter::is_in("slot", ids.iter().cloned())).up_to(ids.len().max(1))?;
    Ok(found.into_iter().map(|profile| (profile.data.customer.clone(), profile)).collect())
}

/// How far a piece of work came.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// Customers looked at.
    pub n_seen: i64,
    /// Files written.
    pub n_changed: i64,
    /// The last customer looked at.
    pub last: Option<Id>,
}

/// When a file is written.
#[derive(Clone, Debug)]
pub enum When {
    /// Where something moved, or it has grown old.
    Moved,
    /// In any case, with what people have just said of it.
    Anyway(Data),
}

/// Works out some customers, in their order, until so many files were written.
pub fn work_out(desk: &Desk, customers: &[Record<Customer>], most: i64, when: &When) -> Result<Piece> {
    let ids: Vec<Id> = customers.iter().map(|customer| customer.id.clone()).collect();
    let known = gather::gather(desk, &ids, desk.today, desk.now())?;
    let profiles = of(&ids)?;
    let mut cases = churn::Cases::of(&ids)?;
    let mut piece = Piece::default();
    for customer in customers {
        if piece.n_changed >= most {
            return Ok(piece);
        }
        piece.n_seen += 1;
        piece.last = Some(customer.id.clone());
        // Whoever asked for restricted processing is neither valued nor graded.
        let (Some(known), false) = (known.get(&customer.id), customer.data.restricted) else { continue };
        let one = One { desk, customer, known, before: profiles.get(&customer.id), when };
        if one.write(&mut cases)? {
            piece.n_changed += 1;
        }
    }
    Ok(piece)
}

/// One customer being worked out.
struct One<'a> {
    desk: &'a Desk,
    customer: &'a Record<Customer>,
    known: &'a Known,
    before: Option<&'a Record<Profile>>,
    when: &'a When,
}

#[derive(Deserialize)]
struct Valued {
    current_value: i64,
    growth: i64,
    clv: i64,
    reasons: Vec<String>,
    #[serde(flatten)]
    rest: Data,
}

#[derive(Deserialize)]
struct Churned {
    state: String,
    risk: i64,
    band: String,
    reasons: Vec<String>,
}

#[derive(Deserialize)]
struct Classed {
    class: String,
    action: String,
}

#[derive(Deserialize)]
struct Staged {
    stage: String,
    relation: String,
}

/// What the rules say of a customer: fields, the receipts of some, and what a case goes by.
struct Decided {
    data: Data,
    receipts: Vec<(&'static str, String)>,
    finding: churn::Finding,
}

impl One<'_> {
    /// Whether anything was written.
    fn write(&self, cases: &mut churn::Cases) -> Result<bool> {
        let mut profile = self.before.map(|before| before.data.clone()).unwrap_or_default();
        if let When::Anyway(said) = self.when {
            profile = profile.with(said)?;
        }
        let came_back = self.came_back(&profile);
        if came_back {
            profile.won_back_at = Some(self.desk.now().to_owned());
        }
        let created = Date::of(&self.customer.created_at, &self.desk.call).ok();
        let inputs = inputs::of(self.desk, self.known, &profile, created);
        let is_moved = self.is_stale(&profile) || inputs::differ(&profile.inputs, &inputs);
        if matches!(self.when, When::Moved) && !is_moved {
            return Ok(false);
        }
        let Decided { mut data, receipts, finding } = self.decide(&inputs)?;
        if let When::Anyway(said) = self.when {
            data.extend(said.clone());
        }
        data.extend(self.plain(inputs));
        if came_back {
            data.insert("won_back_at".into(), self.desk.now().into());
        }
        let id = self.before.map_or_else(new_id, |before| before.id.clone());
        let write = match self.before {
            Some(before) => record::change(KIND, &before.id).if_rev(before.rev),
            None => record::create(KIND)
                .id(id.as_str())
                .org(self.customer.org.as_str())
                .field("customer", &self.customer.id)
                .field("slot", &self.customer.id),
        };
        receipts.iter().fold(write.fields(data), |write, (field, receipt)| write.receipt(field, receipt)).stage()?;
        self.tell_customer(&finding)?;
        cases.follow(self.desk, self.customer, &churn::At { profile: &id, before: &profile, finding: &finding })?;
        Ok(true)
    }

    /// Somebody dormant or lost who paid for a visit since the file was made.
    fn came_back(&self, profile: &Profile) -> bool {
        let was_away = matches!(profile.churn_state.as_deref(), Some("dormant" | "lost"));
        was_away && self.known.last_visit > profile.last_visit
    }

    fn is_stale(&self, profile: &Profile) -> bool {
        let made = profile.as_of.as_deref().and_then(|at| Date::of(at, &self.desk.call).ok());
        made.is_none_or(|day| day.days_until(self.desk.today) >= self.desk.settings.refresh_days)
    }

    /// What the scripts say, with the receipts by field.
    fn decide(&self, inputs: &Value) -> Result<Decided> {
        let settings = &self.desk.settings;
        let with_now = |part: &str| {
            let mut input = inputs[part].clone();
            input["now"] = self.desk.now().into();
            input
        };
        let Decision { output: value, receipt: of_value } = decide::<Valued>("value.model", &with_now("value"))?;
        let Decision { output: churn, receipt: of_churn } = decide::<Churned>("churn.state", &with_now("churn"))?;
        let asked = json!({
            "current_value": value.current_value, "growth": value.growth, "risk": churn.risk, "churn_state": churn.state,
            "high_value": settings.high_value, "risk_threshold": settings.risk_threshold, "now": self.desk.now(),
        });
        let Decision { output: class, receipt: of_class } = decide::<Classed>("retention.class", &asked)?;
        let mut asked = with_now("stage");
        asked["churn_state"] = churn.state.as_str().into();
        let Decision { output: stage, receipt: of_stage } = decide::<Staged>("value.stage", &asked)?;

        let spend_cap = value.clv.max(0) * settings.spend_cap_pct / 100;
        let mut data = value.rest;
        data.remove("fallback");
        data.extend(said(json!({
            "current_value": value.current_value, "growth": value.growth, "clv": value.clv,
            "worth": value.current_value + value.growth, "value_reasons": value.reasons.join("\n"),
            "churn_state": churn.state, "risk": churn.risk, "risk_band": churn.band, "risk_reasons": churn.reasons.join("\n"),
            "retention": class.class, "treatment": class.action, "stage": stage.stage, "relation": stage.relation,
            "spend_cap": spend_cap,
        })));
        let receipts = vec![
            ("current_value", of_value.clone()),
            ("growth", of_value.clone()),
            ("clv", of_value.clone()),
            ("quadrant", of_value.clone()),
            ("rfm", of_value),
            ("churn_state", of_churn.clone()),
            ("risk", of_churn),
            ("retention", of_class),
            ("stage", of_stage),
        ];
        let finding = churn::Finding {
            state: churn.state,
            risk: churn.risk,
            band: churn.band,
            reasons: churn.reasons.join("\n"),
            retention: class.class,
            treatment: class.action,
            stage: stage.stage,
            worth: value.current_value + value.growth,
            spend_cap,
            last_visit: self.known.last_visit,
        };
        Ok(Decided { data, receipts, finding })
    }

    /// What is counted and not decided.
    fn plain(&self, inputs: Value) -> Data {
        let known = self.known;
        let mut data = said(json!({
            "profit_12": known.profit_12, "revenue_12": known.revenue_12, "visits_12": known.visits_12.n,
            "paid_visits": known.visits.n, "first_visit": known.first_visit, "last_visit": known.last_visit,
            "purchase": (known.visits.n > 0).then(|| known.visits.revenue / known.visits.n), "historic": known.historic,
            "months_away": inputs["churn"]["months_away"], "as_of": self.desk.now(),
        }));
        data.insert("inputs".into(), inputs);
        data.insert("rows".into(), self.rows());
        data
    }

    /// The ways to the facts that the figures count.
    fn rows(&self) -> Value {
        let whose = &self.customer.id;
        let year = moment::begin_of(self.desk.today.plus_months(-12), &self.desk.call).unwrap_or_default();
        let known = self.known;
        let money = json!({ "customer": whose, "sort": { "in": gather::MONEY }, "at": { "gte": year } });
        let signals = json!({ "customer": whose, "sort": { "nin": gather::MONEY }, "at": { "gte": year } });
        json!([
            way("rows.money", FACT, &money, Some(known.payments.0)),
            way("rows.visits", FACT, &json!({ "customer": whose, "visit": true }), Some(known.visits.n)),
            way("rows.car", FACT, &json!({ "customer": whose, "sort": "car" }), None),
            way("rows.signals", FACT, &signals, None),
        ])
    }

    /// The stage stands in the customer's own file, where every desk sees it.
    fn tell_customer(&self, finding: &churn::Finding) -> Result<()> {
        if self.customer.data.lifecycle_stage.as_deref() == Some(&finding.stage) {
            return Ok(());
        }
        record::change("customer", &self.customer.id).field("lifecycle_stage", &finding.stage).stage()
    }
}

/// Facts came in: their customers are worked out at once, all of them together.
pub fn heard(desk: &Desk, events: &[&Event]) -> Result<Outcome> {
    let whom = events.iter().filter_map(|event| event.quoted_text("customer").or(event.subject.as_deref()));
    let whom: BTreeSet<Id> = whom.map(str::to_owned).collect();
    let whom: Vec<Id> = whom.into_iter().collect();
    let customers: Vec<Record<Customer>> = view::get_many("customer", &whom)?.into_iter().flatten().collect();
    let piece = work_out(desk, &customers, i64::MAX, &When::Moved)?;
    Ok(if piece.n_changed > 0 { Outcome::Done } else { Outcome::Skip })
}

/// Two customers turned out to be one: the file that stays is worked out from the facts of both, the other goes.
pub fn merged(desk: &Desk, event: &Event) -> Result<Outcome> {
    let stays = event.subject()?;
    let theirs = view::find::<Profile>(KIND)
        .filter(Filter::eq("customer", stays.as_str()))
        .order("created_at")
        .limit(20)
        .page()?
        .items;
    let own = theirs.iter().position(|profile| profile.data.customer == *stays).unwrap_or(0);
    for (n, profile) in theirs.iter().enumerate() {
        if n != own {
            record::remove(KIND, &profile.id).stage()?;
        }
    }
    one(desk, stays, &When::Anyway(Data::new()))
}

/// A person asks for it, saying something of the file or nothing.
pub fn recompute(desk: &Desk, id: &str, said: Data) -> Result<Value> {
    let profile = load(id)?;
    one(desk, &profile.data.customer, &When::Anyway(said))?;
    Ok(json!({ "id": id }))
}

fn one(desk: &Desk, customer: &str, when: &When) -> Result<Outcome> {
    let Some(customer) = view::get::<Customer>("customer", customer)? else { return Ok(Outcome::Skip) };
    let piece = work_out(desk, &[customer], 1, when)?;
    Ok(if piece.n_changed > 0 { Outcome::Done } else { Outcome::Skip })
}

/// A file that must be there.
pub fn load(id: &str) -> Result<Record<Profile>> {
    match view::get(KIND, id)? {
        Some(profile) => Ok(profile),
        None => refuse("profile_unknown", format!("there is no value file {id:?} here: open it from the customer")),
    }
}
