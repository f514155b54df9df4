//! What the scripts are given about a customer, and when it differs enough to be asked again.

use marque_sdk::{Date, Value, json};

use crate::{
    desk::{Desk, said},
    gather::Known,
    moment,
    profile::Profile,
    settings::Growth,
};

/// Steps of the days that grow by themselves: within a step no rule answers otherwise.
const STEPS: [i64; 7] = [15, 30, 45, 60, 90, 135, 180];

/// The inputs of all points, which the file keeps so that every figure opens what it is made of.
pub fn of(desk: &Desk, known: &Known, profile: &Profile, created: Option<Date>) -> Value {
    json!({ "value": value(desk, known, profile), "churn": churn(desk, known, profile, created), "stage": stage(desk, known) })
}

fn value(desk: &Desk, known: &Known, profile: &Profile) -> Value {
    let settings = &desk.settings;
    Value::Object(said(json!({
        "profit_12": known.profit_12,
        "revenue_12": known.revenue_12,
        "visits_12": known.visits_12.n,
        "days_since_visit": known.last_visit.map(|day| day.days_until(desk.today).max(0)),
        "vehicle_age": known.youngest_car().map(|day| moment::years_since(day, desk.today)),
        "years_expected": profile.years_expected,
        "growth": settings.growth.iter().map(|growth| judged(growth, profile)).collect::<Vec<_>>(),
        "interests": known.n("interest"),
        "accepted": known.n("accepted"),
        "referrals": known.n("referral"),
        "replacement_years": settings.replacement_years,
        "discount_pct": settings.discount_pct,
        "horizon_years": settings.horizon_years,
        "retention_pct": settings.retention_pct,
        "clv_form": settings.clv_form,
        "acquisition_cost": profile.acquisition_cost.unwrap_or(0),
        "cv_threshold": settings.cv_threshold,
        "gp_threshold": settings.gp_threshold,
    })))
}

/// What people judged counts before the setting, chance and profit each.
fn judged(growth: &Growth, profile: &Profile) -> Value {
    let (chance, profit) = match growth.kind.as_str() {
        "additional" => (profile.chance_additional, profile.profit_additional),
        "cross" => (profile.chance_cross, profile.profit_cross),
        _ => (profile.chance_referral, profile.profit_referral),
    };
    json!({
        "kind": growth.kind,
        "chance": chance.unwrap_or(growth.chance),
        "profit": profit.unwrap_or(growth.profit),
        "is_judged": chance.is_some(),
    })
}

fn churn(desk: &Desk, known: &Known, profile: &Profile, created: Option<Date>) -> Value {
    let settings = &desk.settings;
    let since = known.last_visit.max(known.youngest_car());
    let ticket = |sum: crate::gather::Sum| (sum.n > 0).then(|| sum.revenue / sum.n);
    let touched = known.last_fact.or(created);
    Value::Object(said(json!({
        "has_visited": since.is_some(),
        "months_away": since.map_or(0, |day| moment::months_begun(day, desk.today)),
        "left_naturally": profile.left_reason.is_some() || (known.had_car && known.cars.is_empty()),
        "days_since_won_back": profile.won_back_at.as_deref().and_then(|at| Date::of(at, &desk.call).ok()).map(|day| day.days_until(desk.today)),
        "won_back_days": settings.won_back_days,
        "overdue_days": since.map_or(0, |day| day.plus_months(settings.service_months).days_until(desk.today).max(0)),
        "cancelled_in_row": known.cancelled_in_row,
        "ticket_before": ticket(known.visits_before),
        "ticket": ticket(known.visits_12),
        "satisfaction_before": known.satisfaction.get(1),
        "satisfaction": known.satisfaction.first(),
        "unsatisfied_complaints": known.n("complaint_unsatisfied"),
        "refused": known.n("refused"),
        "opted_out": known.opted_out,
        "silent_days": touched.map_or(0, |day| day.days_until(desk.today).max(0)),
        "distance_km": known.distance_km,
        "warning_months": settings.warning_months,
        "dormant_months": settings.dormant_months,
        "lost_months": settings.lost_months,
        "weights": settings.risk_weights,
    })))
}

fn stage(desk: &Desk, known: &Known) -> Value {
    Value::Object(said(json!({
        "has_vehicle": !known.cars.is_empty(),
        "had_vehicle": known.had_car,
        "has_lead": known.has_lead,
        "has_order": known.has_order,
        "owned_months": known.youngest_car().map(|day| moment::months_begun(day, desk.today)),
        "paid_visits": known.visits.n,
    })))
}

/// Whether the rules have to be asked again: something changed that is not a day more, or a day more passed a step.
pub fn differ(before: &Value, now: &Value) -> bool {
    stepped(before) != stepped(now)
}

fn stepped(inputs: &Value) -> Value {
    let mut inputs = inputs.clone();
    for (part, field) in [
        ("value", "days_since_visit"),
        ("churn", "overdue_days"),
        ("churn", "silent_days"),
        ("churn", "days_since_won_back"),
    ] {
        if let Some(days) = inputs.get_mut(part).and_then(|part| part.get_mut(field)) {
            let n = days.as_i64().unwrap_or(0);
            // The steps count both ways: a limit of thirty days may be "until" or "from".
            *days = json!([
                STEPS.iter().filter(|step| n >= **step).count(),
                STEPS.iter().filter(|step| n > **step).count()
            ]);
        }
    }
    inputs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(since: i64, silent: i64) -> Value {
        json!({ "value": { "profit_12": 1, "days_since_visit": since }, "churn": { "silent_days": silent } })
    }

    #[test]
    fn a_day_more_counts_where_a_rule_has_a_limit() {
        assert!(!differ(&inputs(16, 16), &inputs(29, 29)));
        assert!(differ(&inputs(30, 16), &inputs(31, 16)), "thirty days are five points, thirty-one are four");
        assert!(differ(&inputs(16, 89), &inputs(16, 90)), "ninety days without a word");
        assert!(!differ(&inputs(400, 200), &inputs(500, 300)));
    }

    #[test]
    fn anything_else_counts_always() {
        let mut other = inputs(16, 16);
        other["value"]["profit_12"] = json!(2);
        assert!(differ(&inputs(16, 16), &other));
    }
}
