//! The sanbao helper: what the rules for family cars (in force since 2022-01-01) propose. A person decides.

use marque_sdk::{Date, Fault, Result, json, record};
use serde::Deserialize;

use crate::{
    case::{Case, KIND, State},
    desk::{Desk, refuse},
    people,
    settings::Settings,
};

/// The first days, in which the car itself goes back.
const FIRST_DAYS: i64 = 7;
/// The early time, whichever ends first.
const EARLY: (i64, i64) = (60, 3_000);
/// Days in repair, and repairs of one problem, that are still borne.
const BORNE: (i64, i64) = (30, 4);
/// A repair longer than this takes a loaner.
const LONG_REPAIR_DAYS: i64 = 5;
/// The law's most: 0.5 %, in thousandths of a percent.
const MAX_RATE: i64 = 500;

/// Input of `sanbao`: what a person has found out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    is_family: bool,
    bought_on: String,
    km: i64,
    failure: Option<Failure>,
    safety_repairs: i64,
    is_still_there: bool,
    assemblies_replaced: i64,
    part_replaced: i64,
    is_unusable: bool,
    repair_days: i64,
    same_repairs: i64,
    longest_repair: i64,
    price: i64,
    rate: f64,
}

/// What has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Failure {
    MainReplaced,
    Steering,
    Brakes,
    BodyCrack,
    FuelLeak,
    BatteryFire,
    MainPart,
    OtherSafety,
}

/// What a rule leads to, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Remedy {
    NotCovered,
    Loaner,
    ReplaceAssembly,
    ReplaceOrRefund,
}

/// What the rules come to.
#[derive(Debug, PartialEq, Eq)]
struct Proposal {
    rules: Vec<&'static str>,
    remedy: Remedy,
    /// In fen.
    fee: i64,
}

impl Remedy {
    fn code(self) -> &'static str {
        match self {
            Remedy::NotCovered => "not_covered",
            Remedy::Loaner => "loaner",
            Remedy::ReplaceAssembly => "replace_assembly",
            Remedy::ReplaceOrRefund => "replace_or_refund",
        }
    }
}

impl Failure {
    /// Those for which the car goes back within the early time.
    fn is_grave(self) -> bool {
        matches!(
            self,
            Failure::Steering | Failure::Brakes | Failure::BodyCrack | Failure::FuelLeak | Failure::BatteryFire
        )
    }
}

/// Works out what the rules propose and keeps it with the complaint; who may handle it decides.
pub fn sanbao(desk: &Desk, case: &Case, facts: Facts) -> Result<()> {
    people::may_handle(desk, case)?;
    case.must_be(&State::OPEN)?;
    let bought: Date = facts.bought_on.parse()?;
    // The complaint counts, not the day on which somebody gets round to working it out.
    let heard = Date::of(case.text("received_at").unwrap_or(&desk.call.now), &desk.call)?;
    let days = bought.days_until(heard);
    if days < 0 {
        return Err(Fault::at(
            "bought_later",
            "/bought_on",
            "the car was bought after the complaint: look at the invoice",
        ));
    }
    if facts.rate < 0.0 || facts.rate > 0.5 {
        return refuse("rate_invalid", "the rate stands on the certificate and is at most 0.5 %");
    }
    let is_running = heard < bought.plus_months(12 * desk.settings.sanbao_years);
    let proposal = propose(&facts, days, is_running, &desk.settings);
    record::change(KIND, &case.id)
        .if_rev(case.rev)
        .fields(json!({
            "sanbao_rules": proposal.rules,
            "sanbao_proposal": proposal.remedy.code(),
            "sanbao_fee": proposal.fee,
            "sanbao_extra": proposal.remedy == Remedy::ReplaceOrRefund,
            "sanbao_checked_at": desk.call.now,
            "sanbao_checked_by": desk.me(),
        }))
        .stage()?;
    if proposal.remedy == Remedy::NotCovered {
        return Ok(());
    }
    let data = json!({ "rules": proposal.rules, "proposal": proposal.remedy.code() });
    desk.raise("complaints.case.sanbao_eligible", case, data)
}

/// All rules that hold; the strongest is the proposal. The fee is owed where only rules of the later time send the car back.
fn propose(facts: &Facts, days: i64, is_running: bool, settings: &Settings) -> Proposal {
    let is_early = days <= EARLY.0 && facts.km <= EARLY.1;
    let is_late = is_running && facts.km <= settings.sanbao_km;
    let has = |wanted: fn(Failure) -> bool| facts.failure.is_some_and(wanted);
    let is_replaced = facts.assemblies_replaced >= 2 || facts.part_replaced >= 2;
    let is_long = facts.repair_days > BORNE.0 || facts.same_repairs > BORNE.1;
    let rules = [
        ("sb1", Remedy::ReplaceOrRefund, days <= FIRST_DAYS && has(|failure| failure == Failure::MainReplaced)),
        ("sb2", Remedy::ReplaceOrRefund, is_early && has(Failure::is_grave)),
        ("sb3", Remedy::ReplaceAssembly, is_early && has(|failure| failure == Failure::MainPart)),
        ("sb4", Remedy::ReplaceOrRefund, is_late && facts.safety_repairs >= 2 && facts.is_still_there),
        ("sb5", Remedy::ReplaceOrRefund, is_late && is_replaced && facts.is_unusable),
        ("sb6", Remedy::ReplaceOrRefund, is_late && is_long),
        ("sb7", Remedy::Loaner, is_late && facts.longest_repair > LONG_REPAIR_DAYS),
    ];
    let held = || rules.iter().filter(|(_, _, holds)| facts.is_family && *holds);
    let remedy = held().map(|(_, remedy, _)| *remedy).max().unwrap_or(Remedy::NotCovered);
    let is_free = held().any(|(rule, _, _)| matches!(*rule, "sb1" | "sb2"));
    let fee = if remedy == Remedy::ReplaceOrRefund && !is_free { fee(facts) } else { 0 };
    Proposal { rules: held().map(|(rule, _, _)| *rule).collect(), remedy, fee }
}

/// Price × kilometres ÷ 1000 × rate, to the fen.
fn fee(facts: &Facts) -> i64 {
    let rate = ((facts.rate * 1_000.0).round() as i64).clamp(0, MAX_RATE);
    let whole = i128::from(facts.price) * i128::from(facts.km) * i128::from(rate);
    // Thousand kilometres, and a rate in thousandths of a percent.
    const PARTS: i128 = 1_000 * 100_000;
    i64::try_from((whole + PARTS / 2) / PARTS).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::settings;

    fn family(km: i64) -> Facts {
        Facts { is_family: true, km, price: 20_000_000, rate: 0.5, ..Facts::default() }
    }

    fn of(facts: &Facts, days: i64) -> (Vec<&'static str>, Remedy, i64) {
        let Proposal { rules, remedy, fee } = propose(facts, days, days < 730, &settings());
        (rules, remedy, fee)
    }

    #[test]
    fn in_the_first_week_the_car_goes_back_free() {
        let facts = Facts { failure: Some(Failure::MainReplaced), ..family(300) };
        assert_eq!(of(&facts, 7), (vec!["sb1"], Remedy::ReplaceOrRefund, 0));
        assert_eq!(of(&facts, 8), (vec![], Remedy::NotCovered, 0));
    }

    #[test]
    fn sixty_days_or_three_thousand_kilometres_whichever_ends_first() {
        for failure in [Failure::Steering, Failure::Brakes, Failure::BodyCrack, Failure::FuelLeak, Failure::BatteryFire]
        {
            let facts = |km| Facts { failure: Some(failure), ..family(km) };
            assert_eq!(of(&facts(3_000), 60), (vec!["sb2"], Remedy::ReplaceOrRefund, 0));
            assert_eq!(of(&facts(3_001), 60).1, Remedy::NotCovered);
            assert_eq!(of(&facts(3_000), 61).1, Remedy::NotCovered);
        }
        let part = Facts { failure: Some(Failure::MainPart), ..family(3_000) };
        assert_eq!(of(&part, 60), (vec!["sb3"], Remedy::ReplaceAssembly, 0));
        assert_eq!(of(&part, 61).1, Remedy::NotCovered);
    }

    #[test]
    fn within_two_years_what_cannot_be_mended_goes_back_for_a_fee() {
        // 200 000 yuan, 10 000 km, 0.5 %: ten thousand yuan.
        let dangerous = Facts { safety_repairs: 2, is_still_there: true, ..family(10_000) };
        assert_eq!(of(&dangerous, 400), (vec!["sb4"], Remedy::ReplaceOrRefund, 1_000_000));
        assert_eq!(of(&Facts { safety_repairs: 1, ..dangerous }, 400).1, Remedy::NotCovered);
        for facts in [Facts { assemblies_replaced: 2, ..family(10_000) }, Facts { part_replaced: 2, ..family(10_000) }]
        {
            assert_eq!(of(&facts, 400).1, Remedy::NotCovered, "it can be used");
            assert_eq!(of(&Facts { is_unusable: true, ..facts }, 400).0, ["sb5"]);
        }
        for (repair_days, same_repairs, holds) in [(30, 4, false), (31, 0, true), (0, 5, true)] {
            let facts = Facts { repair_days, same_repairs, ..family(50_000) };
            assert_eq!(of(&facts, 729).0 == ["sb6"], holds);
            assert!(of(&facts, 730).0.is_empty(), "two years are over");
            assert!(of(&Facts { km: 50_001, ..facts }, 729).0.is_empty(), "so are the kilometres");
        }
    }

    #[test]
    fn a_long_repair_takes_a_loaner_and_weighs_less_than_the_rest() {
        let facts = Facts { longest_repair: 6, ..family(20_000) };
        assert_eq!(of(&facts, 100), (vec!["sb7"], Remedy::Loaner, 0));
        assert_eq!(of(&Facts { longest_repair: 5, ..family(20_000) }, 100).1, Remedy::NotCovered);
        let both = Facts { repair_days: 31, ..facts };
        assert_eq!((of(&both, 100).0, of(&both, 100).1), (vec!["sb6", "sb7"], Remedy::ReplaceOrRefund));
    }

    #[test]
    fn a_company_car_is_none_of_the_rules() {
        let facts = Facts { is_family: false, failure: Some(Failure::Brakes), ..family(100) };
        assert_eq!(of(&facts, 1), (vec![], Remedy::NotCovered, 0));
    }

    #[test]
    fn the_fee_is_exact_to_the_fen_and_never_above_half_a_percent() {
        let fee = |price, km, rate| fee(&Facts { price, km, rate, ..family(0) });
        assert_eq!(fee(18_980_000, 12_345, 0.35), 820_078, "189 800 yuan × 12.345 × 0.35 %");
        assert_eq!(fee(20_000_000, 10_000, 9.0), 1_000_000);
        assert_eq!(fee(1, 100_000, 0.5), 1, "half a fen is one");
        assert_eq!(fee(100_000_000_000, 2_000_000, 0.5), 1_000_000_000_000);
    }
}
