//! Settings of an organisation: what earns how many points, how they are used and when they end. See settings.json.

use serde::Deserialize;

use crate::{ledger::Burning, tier::Tier};

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Points for 100 yuan of paid repair and maintenance, before the tier's multiplier.
    pub repair_per_100: i64,
    /// Points for 100 yuan of accessories.
    pub accessories_per_100: i64,
    /// Points for 100 yuan of a renewed premium.
    pub renewal_per_100: i64,
    /// For joining.
    pub joining: i64,
    /// For bringing a member.
    pub member: i64,
    /// For coming to an activity that says nothing itself.
    pub activity: i64,
    /// For a suggestion that was taken up.
    pub suggestion: i64,
    /// For buying again.
    pub purchase: i64,
    /// For a friend who bought.
    pub referral: i64,
    /// For the friend, to begin with.
    pub referral_friend: i64,
    /// More rewards than these in a month are looked at by a manager.
    pub referral_monthly: i64,
    /// A known customer who was not here for so many months can be brought back.
    pub dormant_months: i64,
    /// Lifetime points of gold.
    pub tier_gold: i64,
    /// Of platinum.
    pub tier_platinum: i64,
    /// Of diamond.
    pub tier_diamond: i64,
    multiplier_silver: i64,
    multiplier_gold: i64,
    multiplier_platinum: i64,
    multiplier_diamond: i64,
    /// A document earns at most so many points a yuan, whatever a script says.
    pub most_per_yuan: i64,
    /// Points that are worth one yuan.
    pub points_per_yuan: i64,
    /// Used from so many on.
    burn_from: i64,
    /// Used in such steps.
    burn_step: i64,
    /// Points hold to the end of the month so many months later.
    pub valid_months: i64,
    /// An account lapses after so many months without a paid visit.
    pub lapse_months: i64,
    /// Whether a buyer joins with the delivery.
    pub join_at_delivery: bool,
    /// Whether members are sent a statement each month.
    pub statements: bool,
    /// By which way members are told.
    pub channel: String,
    /// Of what guests of an activity pay so many per cent are taken for margin.
    pub margin_percent: i64,
    /// How many days before an activity those who come are reminded.
    pub remind_days: i64,
}

impl Settings {
    /// What repair and maintenance count for.
    pub fn multiplier(&self, tier: Tier) -> i64 {
        match tier {
            Tier::Silver => self.multiplier_silver,
            Tier::Gold => self.multiplier_gold,
            Tier::Platinum => self.multiplier_platinum,
            Tier::Diamond => self.multiplier_diamond,
        }
    }

    /// How points are used.
    pub fn burning(&self) -> Burning {
        Burning { from: self.burn_from, step: self.burn_step }
    }

    /// What points are worth, in fen, rounded down.
    pub fn worth(&self, points: i64) -> i64 {
        points * 100 / self.points_per_yuan
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use marque_sdk::{Value, testing};

    /// The defaults as the host fills them in.
    pub fn defaults() -> Value {
        testing::defaults(include_str!("../settings.json"))
    }

    #[test]
    fn the_schema_gives_every_setting_its_default() {
        let settings = Settings::deserialize(defaults()).unwrap();
        assert_eq!(
            [Tier::Silver, Tier::Gold, Tier::Platinum, Tier::Diamond].map(|tier| settings.multiplier(tier)),
            [1, 2, 3, 4]
        );
        assert_eq!((settings.tier_gold, settings.tier_platinum, settings.tier_diamond), (10_000, 30_000, 60_000));
        assert_eq!((settings.joining, settings.member, settings.activity), (20, 100, 50));
        assert_eq!((settings.suggestion, settings.purchase, settings.referral), (50, 500, 500));
        assert_eq!((settings.valid_months, settings.lapse_months), (24, 18));
        assert_eq!((settings.burning().from, settings.burning().step), (1_000, 100));
    }

    #[test]
    fn a_hundred_points_are_a_yuan() {
        let settings = Settings::deserialize(defaults()).unwrap();
        assert_eq!(settings.worth(1_500), 1_500, "15 yuan in fen");
    }
}
