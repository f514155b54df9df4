//! Dealers as customers of the maker: their measures of a quarter, which headquarters keeps, and the regions they lie in.

use std::collections::BTreeMap;

use marque_sdk::{Data, Filter, Id, Record, Result, Value, json, view};
use serde::Deserialize;

use crate::{collect, desk::Desk, model, quarter::Quarter, run::Run};

/// The kind of a measure.
const MEASURE: &str = "value.measure";
/// More organisations than a brand has.
const MOST: usize = 3_000;
/// Dealers times measures, read in one call.
const MOST_MEASURES: usize = 12_000;

#[derive(Deserialize)]
struct Org {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    parent: Option<Id>,
    #[serde(default)]
    status: Option<String>,
}

#[derive(Deserialize)]
struct Measure {
    dealer: Id,
    code: String,
    value: f64,
}

/// Whether anybody has kept measures of a quarter.
pub fn has_measures(quarter: Quarter) -> Result<bool> {
    view::find::<Value>(MEASURE).filter(Filter::eq("quarter", quarter.to_string())).exists()
}

/// The grades of all dealers at work, with the measures kept of the quarter; one that was not kept counts as nothing. How many they are.
pub fn collect(_: &Desk, run: &Record<Run>) -> Result<i64> {
    let model = model::load(&run.data.model)?.data;
    let dealers = view::find::<Org>("org").filter(Filter::eq("type", "dealer")).order("id").up_to(MOST)?;
    let kept = Filter::eq("quarter", run.data.quarter.to_string());
    let mut measures: BTreeMap<(Id, String), f64> = BTreeMap::new();
    for measure in view::find::<Measure>(MEASURE).filter(kept).up_to(MOST_MEASURES)? {
        measures.insert((measure.data.dealer, measure.data.code), measure.data.value);
    }
    let mut n = 0;
    for dealer in dealers.iter().filter(|dealer| dealer.data.status.as_deref().is_none_or(|status| status == "active"))
    {
        let mut data = Data::new();
        for indicator in &model.indicators {
            let value = measures.get(&(dealer.id.clone(), indicator.code.clone())).copied().unwrap_or(0.0);
            data.insert(indicator.slot.clone(), json!(value));
        }
        collect::assessment(run, &dealer.id, &dealer.id)
            .field("dealer", &dealer.id)
            .field("peer_group", "brand")
            .field("since", &dealer.created_at)
            .fields(data)
            .stage()?;
        n += 1;
    }
    Ok(n)
}

/// The region of every organisation that lies in one.
pub fn regions() -> Result<BTreeMap<Id, Id>> {
    let orgs: BTreeMap<Id, Org> =
        view::find::<Org>("org").up_to(MOST)?.into_iter().map(|org| (org.id, org.data)).collect();
    let region = |id: &Id| {
        let mut at = Some(id);
        // No tree of organisations is deeper; a circle would be, and ends here.
        for _ in 0..8 {
            let here = orgs.get(at?)?;
            if here.r#type == "region" {
                return at.cloned();
            }
            at = here.parent.as_ref();
        }
        None
    };
    Ok(orgs.keys().filter_map(|id| Some((id.clone(), region(id)?))).collect())
}
