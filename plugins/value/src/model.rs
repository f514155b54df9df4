//! Models of the 4V: weights, measures, cuts. A model in force is never changed: a changed weight is a new version, and old grades name theirs.

use std::collections::BTreeSet;

use marque_sdk::{Data, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    desk::{Desk, refuse, refuse_at},
    texts,
};

/// The kind of a model.
pub const KIND: &str = "value.model";
/// Who may change what everybody is graded by.
const MAKERS: [&str; 6] = ["hq_crm", "hq_analyst", "hq_admin", "hq_channel", "gm", "crm_mgr"];
/// Grades from the best, as the model's cuts go.
const GRADES: [&str; 5] = ["A", "B", "C", "D", "E"];

/// A version of a model.
#[derive(Clone, Debug, Deserialize)]
pub struct Model {
    pub population: String,
    pub version: i64,
    pub state: String,
    pub w_economic: i64,
    pub w_association: i64,
    pub w_functional: i64,
    pub w_development: i64,
    pub indicators: Vec<Indicator>,
    pub cuts: Vec<i64>,
}

/// One measure: where it stands in a grade's record, what it is, how much it weighs within its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// `e1` to `d4`: the letter is the value.
    pub slot: String,
    pub code: String,
    pub name: String,
    pub weight: i64,
}

impl Indicator {
    /// Which of the four values it is of.
    pub fn value(&self) -> &'static str {
        match self.slot.get(..1) {
            Some("e") => "economic",
            Some("a") => "association",
            Some("f") => "functional",
            _ => "development",
        }
    }
}

/// Measures of customers: place, code, name, weight.
const OF_CUSTOMERS: [(&str, &str, &str, i64); 13] = [
    ("e1", "profit_12", "12 个月毛利（元）", 50),
    ("e2", "revenue_12", "12 个月收入（元）", 30),
    ("e3", "on_time", "按时付款 %", 20),
    ("a1", "referrals", "转介绍成交", 50),
    ("a2", "linked", "关联车辆和单位", 30),
    ("a3", "club", "车友会角色", 20),
    ("f1", "complete", "资料完整 %", 30),
    ("f2", "replies", "回复调查", 30),
    ("f3", "digital", "线上使用", 20),
    ("f4", "ideas", "建议被采纳", 20),
    ("d1", "replacement", "车龄（年）", 40),
    ("d2", "trend", "消费增长（元）", 30),
    ("d3", "interest", "购买意向", 30),
];

/// Measures of dealers.
const OF_DEALERS: [(&str, &str, &str, i64); 14] = [
    ("e1", "purchases", "提车量", 50),
    ("e2", "margin", "毛利", 30),
    ("e3", "payment", "付款及时率", 20),
    ("a1", "influence", "对周边影响", 40),
    ("a2", "joint", "联合活动", 30),
    ("a3", "group_size", "集团规模", 30),
    ("f1", "image", "形象", 25),
    ("f2", "feedback", "信息反馈", 25),
    ("f3", "ability", "服务能力", 25),
    ("f4", "certification", "认证", 25),
    ("d1", "growth", "增长", 25),
    ("d2", "plan", "计划", 25),
    ("d3", "willingness", "合作意愿", 25),
    ("d4", "training", "培训", 25),
];

/// The measures a population is graded by unless its model says otherwise.
fn indicators(population: &str) -> Vec<Indicator> {
    let rows: &[(&str, &str, &str, i64)] = if population == "dealers" { &OF_DEALERS } else { &OF_CUSTOMERS };
    let indicator = |&(slot, code, name, weight): &(&str, &str, &str, i64)| Indicator {
        slot: slot.into(),
        code: code.into(),
        name: name.into(),
        weight,
    };
    rows.iter().map(indicator).collect()
}

/// Input of `draft` and `revise`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    population: Option<String>,
    w_economic: Option<i64>,
    w_association: Option<i64>,
    w_functional: Option<i64>,
    w_development: Option<i64>,
    indicators: Option<Vec<Weight>>,
    cut_a: Option<i64>,
    cut_b: Option<i64>,
    cut_c: Option<i64>,
    cut_d: Option<i64>,
    why: Option<String>,
}

/// How much a measure weighs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Weight {
    code: String,
    weight: i64,
}

impl Model {
    /// The first model: 40, 20, 20, 20, graded 1:4:10:4:1.
    fn first(population: &str) -> Model {
        Model {
            population: population.into(),
            version: 1,
            state: "draft".into(),
            w_economic: 40,
            w_association: 20,
            w_functional: 20,
            w_development: 20,
            indicators: indicators(population),
            cuts: vec![5, 25, 75, 95, 100],
        }
    }

    /// The weights of the four values, as the rule wants them.
    pub fn weights(&self) -> Value {
        json!({
            "economic": self.w_economic, "association": self.w_association,
            "functional": self.w_functional, "development": self.w_development,
        })
    }

    /// The cuts, as the ranking wants them.
    pub fn grades(&self) -> Value {
        GRADES.iter().zip(&self.cuts).map(|(grade, upto)| json!({ "value": grade, "upto": upto })).collect()
    }

    fn changed(mut self, change: &Change) -> Result<Model> {
        self.w_economic = change.w_economic.unwrap_or(self.w_economic);
        self.w_association = change.w_association.unwrap_or(self.w_association);
        self.w_functional = change.w_functional.unwrap_or(self.w_functional);
        self.w_development = change.w_development.unwrap_or(self.w_development);
        for (n, cut) in [change.cut_a, change.cut_b, change.cut_c, change.cut_d].into_iter().enumerate() {
            if let Some(cut) = cut {
                self.cuts[n] = cut;
            }
        }
        for wanted in change.indicators.iter().flatten() {
            match self.indicators.iter_mut().find(|indicator| indicator.code == wanted.code) {
                Some(indicator) => indicator.weight = wanted.weight,
                None => {
                    let message = format!("there is no measure {:?}: choose one of the model's", wanted.code);
                    return refuse_at("indicator_unknown", "/indicators", message);
                }
            }
        }
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<()> {
        let sum = self.w_economic + self.w_association + self.w_functional + self.w_development;
        if sum != 100 {
            return refuse_at("weights_sum", "/w_economic", format!("the four weights make {sum}: they must make 100"));
        }
        if self.cuts.len() != GRADES.len() || !self.cuts.is_sorted_by(|one, next| one < next) || self.cuts[4] != 100 {
            return refuse_at("cuts_order", "/cut_a", "the cuts must rise, the last below 100: 5, 25, 75, 95");
        }
        let weighed: BTreeSet<&str> =
            self.indicators.iter().filter(|indicator| indicator.weight > 0).map(Indicator::value).collect();
        if weighed.len() != 4 {
            return refuse_at(
                "indicator_none",
                "/indicators",
                "each of the four values needs a measure that weighs something",
            );
        }
        Ok(())
    }

    fn fields(&self) -> Data {
        let Value::Object(data) = json!({
            "population": self.population, "version": self.version, "w_economic": self.w_economic, "w_association": self.w_association,
            "w_functional": self.w_functional, "w_development": self.w_development, "indicators": self.indicators, "cuts": self.cuts,
            "slot": format!("{}:{}", self.population, self.version),
        }) else {
            return Data::new();
        };
        data
    }

    fn name(&self, desk: &Desk) -> String {
        let population = texts::text(&desk.call.locale, &format!("population.{}", self.population));
        format!("4V {population} v{}", self.version)
    }
}

/// The model in force here.
pub fn active(desk: &Desk, population: &str) -> Result<Option<Record<Model>>> {
    let here = Filter::eq("org", desk.call.org.as_str()).and(Filter::eq("population", population));
    view::find::<Model>(KIND).filter(here.and(Filter::eq("state", "active"))).order("-version").first()
}

/// A model by its id.
pub fn load(id: &str) -> Result<Record<Model>> {
    match view::get(KIND, id)? {
        Some(model) => Ok(model),
        None => refuse("model_unknown", format!("there is no model {id:?} here: choose one of the list")),
    }
}

/// The next number of a population's versions here.
fn next_version(desk: &Desk, population: &str) -> Result<i64> {
    let here = Filter::eq("org", desk.call.org.as_str()).and(Filter::eq("population", population));
    Ok(view::find::<Model>(KIND).filter(here).order("-version").first()?.map_or(1, |model| model.data.version + 1))
}

fn may(desk: &Desk) -> Result<()> {
    desk.held_to(&MAKERS, "a manager or headquarters keeps the models")
}

/// A new version from the one in force, or from what ships.
pub fn draft(desk: &Desk, change: Change) -> Result<Value> {
    may(desk)?;
    let population = change.population.clone().unwrap_or_else(|| "customers".into());
    let from = active(desk, &population)?;
    let model = from.as_ref().map_or_else(|| Model::first(&population), |model| model.data.clone());
    write(desk, model, &change, from.as_ref().map(|model| model.id.as_str()))
}

/// A new version from any other.
pub fn revise(desk: &Desk, id: &str, change: Change) -> Result<Value> {
    may(desk)?;
    let from = load(id)?;
    write(desk, from.data, &change, Some(id))
}

fn write(desk: &Desk, model: Model, change: &Change, based_on: Option<&str>) -> Result<Value> {
    let version = next_version(desk, &model.population)?;
    let model = Model { version, ..model.changed(change)? };
    let id = new_id();
    let create = record::create(KIND).id(id.as_str()).fields(model.fields()).field("name", model.name(desk));
    let create = based_on.into_iter().fold(create, |create, from| create.field("based_on", from));
    change.why.iter().fold(create, |create, why| create.field("why", why)).stage()?;
    Ok(json!({ "id": id, "version": version }))
}

/// Puts a version in force; the one before is retired. Grades given by it stay.
pub fn publish(desk: &Desk, id: &str) -> Result<Value> {
    may(desk)?;
    let model = load(id)?;
    if model.data.state == "active" {
        return refuse("model_active", "this version is in force already");
    }
    model.data.check()?;
    if let Some(before) = active(desk, &model.data.population)? {
        record::mov(KIND, &before.id, "retire").if_rev(before.rev).field("retired_at", desk.now()).stage()?;
    }
    let publish = record::mov(KIND, id, "publish").if_rev(model.rev).field("published_at", desk.now());
    desk.me().into_iter().fold(publish, |publish, me| publish.field("published_by", me)).stage()?;
    Ok(json!({ "id": id, "version": model.data.version }))
}

/// The model in force, or the first one, which is made and put in force with the run that needs it.
pub fn in_force(desk: &Desk, population: &str) -> Result<(Id, Model)> {
    if let Some(model) = active(desk, population)? {
        return Ok((model.id, model.data));
    }
    let model = Model { version: next_version(desk, population)?, ..Model::first(population) };
    let id = new_id();
    record::create(KIND).id(id.as_str()).fields(model.fields()).field("name", model.name(desk)).stage()?;
    record::mov(KIND, &id, "publish").field("published_at", desk.now()).stage()?;
    Ok((id, model))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(value: Value) -> Change {
        Change::deserialize(value).unwrap()
    }

    #[test]
    fn a_weight_that_changes_needs_another_that_gives() {
        let model = Model::first("customers");
        assert_eq!(model.clone().changed(&change(json!({ "w_economic": 50 }))).unwrap_err().code, "weights_sum");
        let changed = model.changed(&change(json!({ "w_economic": 50, "w_development": 10 }))).unwrap();
        assert_eq!(changed.weights()["economic"], 50);
    }

    #[test]
    fn cuts_rise_to_a_hundred() {
        let model = Model::first("dealers");
        assert_eq!(model.grades()[1], json!({ "value": "B", "upto": 25 }));
        assert_eq!(model.clone().changed(&change(json!({ "cut_a": 30 }))).unwrap_err().code, "cuts_order");
        assert_eq!(model.changed(&change(json!({ "cut_d": 100 }))).unwrap_err().code, "cuts_order");
    }

    #[test]
    fn each_value_keeps_a_measure() {
        let model = Model::first("customers");
        let none = json!({ "indicators": [{ "code": "replacement", "weight": 0 }, { "code": "trend", "weight": 0 }, { "code": "interest", "weight": 0 }] });
        assert_eq!(model.clone().changed(&change(none)).unwrap_err().code, "indicator_none");
        let unknown = json!({ "indicators": [{ "code": "beauty", "weight": 3 }] });
        assert_eq!(model.changed(&change(unknown)).unwrap_err().code, "indicator_unknown");
    }

    #[test]
    fn weights_that_ship_make_a_hundred_in_each_value() {
        for population in ["customers", "dealers"] {
            for value in ["economic", "association", "functional", "development"] {
                let of_value = indicators(population).into_iter().filter(|indicator| indicator.value() == value);
                assert_eq!(of_value.map(|indicator| indicator.weight).sum::<i64>(), 100, "{population} {value}");
            }
        }
    }
}
