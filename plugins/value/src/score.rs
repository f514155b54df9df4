//! A run's third step: the rule `grade.4v` makes the four values and the total of the percentiles, some hundred a piece.

use marque_sdk::{Data, Decision, Filter, Record, Result, Value, decide, json, record, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    model::{self, Model},
    rank,
    run::{self, ASSESSMENT, Place, Run},
};

/// One decision each, of the 256 a call may ask for.
const PIECE: u32 = 150;

#[derive(Deserialize)]
struct Scored {
    economic: f64,
    association: f64,
    functional: f64,
    development: f64,
    total: f64,
    reasons: Vec<String>,
}

/// Scores those that are not yet; when there are none, has them ranked.
pub fn piece(desk: &Desk, run: &Record<Run>, place: Place) -> Result<()> {
    let model = model::load(&run.data.model)?.data;
    let open = Filter::eq("run", run.id.as_str()).and(Filter::empty("scored_at"));
    let grades = view::find::<Data>(ASSESSMENT).filter(open).limit(PIECE).page()?.items;
    if grades.is_empty() {
        record::mov(run::KIND, &run.id, "rank").if_rev(run.rev).stage()?;
        return rank::grade(run);
    }
    for grade in &grades {
        let Decision { output, receipt } = decide::<Scored>("grade.4v", &input(desk, run, &model, &grade.data))?;
        let Scored { economic, association, functional, development, total, reasons } = output;
        record::change(ASSESSMENT, &grade.id)
            .if_rev(grade.rev)
            .fields(json!({
                "economic": economic, "association": association, "functional": functional, "development": development,
                "total": total, "reasons": reasons.join("\n"), "scored_at": desk.now(),
            }))
            .receipt("total", &receipt)
            .stage()?;
    }
    run::next(desk, &place)
}

fn input(desk: &Desk, run: &Record<Run>, model: &Model, data: &Data) -> Value {
    let number = |name: &str| data.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let indicators: Vec<Value> = model
        .indicators
        .iter()
        .map(|indicator| {
            let percentile = number(&format!("{}_pct", indicator.slot)) as i64;
            json!({
                "v": indicator.value(), "code": indicator.code, "name": indicator.name, "weight": indicator.weight,
                "value": number(&indicator.slot), "percentile": percentile,
            })
        })
        .collect();
    json!({ "population": run.data.population, "weights": model.weights(), "indicators": indicators, "now": desk.now() })
}
