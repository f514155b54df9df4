//! The plan: one line a customer, with who takes them over and why. Made in pieces, so that a thousand customers are no matter.

use std::collections::BTreeMap;

use marque_sdk::{Filter, Id, Outcome, Record, Result, Value, decide, json, new_id, record, timer, view};
use serde::Deserialize;

use crate::{
    begin::{Handover, KIND},
    desk::{Desk, said},
    holdings::{self, Bundle},
    item,
    people::{self, Person},
    share::{self, Given},
    texts,
};

/// Lines of a piece: as many decisions as one call may ask for, and some air.
const PIECE: usize = 200;

/// The next piece of a plan.
pub fn next(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(handover) = view::get::<Handover>(KIND, id)?.filter(|one| one.data.state == "planned") else {
        return Ok(Outcome::Skip);
    };
    extend(desk, &handover)?;
    Ok(Outcome::Done)
}

/// Adds the lines that are missing, and says how many. Another piece follows by itself.
pub fn extend(desk: &Desk, handover: &Record<Handover>) -> Result<usize> {
    let Handover { leaver, successors, rule, .. } = &handover.data;
    let lines = item::planned_of(&handover.id)?;
    let mut missing: Vec<Bundle> = holdings::of(leaver)?
        .into_iter()
        .filter(|bundle| !lines.iter().any(|line| line.data.customer == bundle.customer))
        .collect();
    missing.sort_by_key(|bundle| (std::cmp::Reverse(bundle.weight()), bundle.customer.clone()));
    let n_missing = missing.len();
    let leaver = people::known(&handover.org, "/leaver", leaver)?;
    let able = people::successors(desk, &handover.org, &leaver, successors)?;
    let mut chooser = Chooser::new(desk, &leaver, able, rule, &lines)?;
    let mut n_records = 0;
    for bundle in missing.iter().take(PIECE) {
        let (to, why) = chooser.choose(bundle)?;
        n_records += bundle.weight();
        line(desk, handover, bundle, &to, &why)?;
    }
    let n_new = n_missing.min(PIECE);
    if n_new > 0 {
        let n_customers = handover.data.n_customers + i64::try_from(n_new).unwrap_or(0);
        let change = record::change(KIND, &handover.id).if_rev(handover.rev).field("n_customers", n_customers);
        change.field("n_records", handover.data.n_records + n_records).stage()?;
    }
    if n_missing > PIECE {
        timer::set(&format!("plan:{}", handover.id), desk.now()).field("handover", &handover.id).stage()?;
    }
    Ok(n_missing)
}

fn line(desk: &Desk, handover: &Record<Handover>, bundle: &Bundle, to: &str, why: &str) -> Result<()> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(default)]
        name: String,
    }
    let name = match &bundle.customer {
        Some(id) => view::get::<Named>("customer", id)?.map_or_else(|| id.clone(), |customer| customer.data.name),
        None => texts::text(&desk.call.locale, "word.nobody"),
    };
    let mut data = said(json!({
        "title": name, "handover": handover.id, "customer": bundle.customer, "from": handover.data.leaver, "to": to, "why": why,
        "weight": bundle.weight(), "level": bundle.of_lead("level"),
    }));
    data.extend(bundle.counts().into_iter().map(|(count, n)| (count.to_owned(), json!(n))));
    record::create(item::KIND).id(new_id()).org(&handover.org).fields(data).stage()
}

/// Who gets the next customer.
pub struct Chooser<'a> {
    desk: &'a Desk,
    leaver: &'a Person,
    able: Vec<Person>,
    given: Vec<Given>,
    loads: BTreeMap<Id, i64>,
    rule: &'a str,
}

impl<'a> Chooser<'a> {
    /// With what each has been given by lines that are there already.
    pub fn new(
        desk: &'a Desk,
        leaver: &'a Person,
        able: Vec<Person>,
        rule: &'a str,
        lines: &[Record<item::Item>],
    ) -> Result<Chooser<'a>> {
        let mut given = vec![Given::default(); able.len()];
        for line in lines {
            if let Some(at) = able.iter().position(|person| person.id == line.data.to) {
                given[at].customers += 1;
                given[at].weight += line.data.weight;
            }
        }
        let loads = if rule == "rule" { loads()? } else { BTreeMap::new() };
        Ok(Chooser { desk, leaver, able, given, loads, rule })
    }

    /// The person and the reason.
    pub fn choose(&mut self, bundle: &Bundle) -> Result<(Id, String)> {
        let locale = &self.desk.call.locale;
        if self.rule == "rule" {
            let (at, why) = self.by_rule(bundle)?;
            self.given[at].customers += 1;
            return Ok((self.able[at].id.clone(), why));
        }
        let at = share::next(&mut self.given, bundle.weight()).unwrap_or(0);
        let why = texts::text(locale, if self.rule == "one" { "word.one" } else { "word.even" });
        Ok((self.able[at].id.clone(), why))
    }

    /// Somebody the rule names who cannot take over is no answer: then it is shared out evenly.
    fn by_rule(&mut self, bundle: &Bundle) -> Result<(usize, String)> {
        #[derive(Deserialize)]
        struct Routed {
            to: Id,
            #[serde(default)]
            reasons: Vec<String>,
        }
        let load =
            |at: usize, person: &Person| self.loads.get(&person.id).copied().unwrap_or(0) + self.given[at].customers;
        let candidates: Vec<Value> = self
            .able
            .iter()
            .enumerate()
            .map(|(at, person)| {
                json!({
                    "id": person.id, "team": person.team.as_deref().unwrap_or_default(), "skills": person.skills,
                    "same_team": person.team.is_some() && person.team == self.leaver.team,
                    "capacity": person.capacity.unwrap_or(60), "load": load(at, person),
                })
            })
            .collect();
        let counts = bundle.counts();
        let count = |name: &str| counts.get(name).copied().unwrap_or(0);
        let input = json!({
            "level": bundle.of_lead("level").unwrap_or_default(), "model": bundle.of_lead("model").unwrap_or_default(),
            "weight": bundle.weight(), "n_orders": count("n_orders"), "n_complaints": count("n_complaints"),
            "candidates": candidates, "now": self.desk.now(),
        });
        let output = decide::<Routed>("handover.route", &input)?.output;
        let why: String = output.reasons.join("；").chars().take(300).collect();
        match self.able.iter().position(|person| person.id == output.to) {
            Some(at) => Ok((at, why)),
            None => {
                let fewest = (0..self.able.len()).min_by_key(|at| self.given[*at].customers).unwrap_or(0);
                Ok((fewest, texts::text(&self.desk.call.locale, "word.even")))
            }
        }
    }
}

/// How many open leads everybody has.
fn loads() -> Result<BTreeMap<Id, i64>> {
    #[derive(Deserialize)]
    struct Load {
        owner: Option<Id>,
        n: i64,
    }
    let Some(leads) = holdings::HELD.first().filter(|held| holdings::is_there(held.kind)) else {
        return Ok(BTreeMap::new());
    };
    let open = Filter::is_in("state", leads.open.iter().copied());
    let rows: Vec<Load> = view::aggregate(leads.kind).filter(open).group(&[leads.owner]).count("n").rows()?;
    Ok(rows.into_iter().filter_map(|row| Some((row.owner?, row.n))).collect())
}
