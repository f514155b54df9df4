//! Settings of an organisation: how often the customer hears, what is checked and handed over. The defaults are those of settings.json.

use serde::Deserialize;

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The customer hears at least so often.
    pub tell_every: String,
    /// From one step to the next.
    pub step_within: String,
    /// From a missed day to the call.
    pub delay_call: String,
    /// From the cancellation to the refund.
    pub refund_within: String,
    /// From the hand-over to the end of the order.
    pub close_after: String,
    /// The most a deposit may be, in percent of the amount.
    pub deposit_percent: i64,
    /// Documents beside those of the law.
    pub documents_more: Vec<String>,
    /// Explanations beside the usual.
    pub explanations_more: Vec<String>,
    /// What is checked before the hand-over.
    pub pdi_items: Vec<String>,
    /// What an owner's file must have.
    pub owner_fields: Vec<String>,
    /// What the customer is sent.
    pub message: String,
}

/// Handed over with every car, by law.
pub const DOCUMENTS: [&str; 6] = ["certificate", "consistency", "manual", "warranty_book", "sanbao", "invoice"];
/// Explained with every car.
pub const EXPLANATIONS: [&str; 5] = ["controls", "maintenance", "warranty", "road_assistance", "complaints"];

impl Settings {
    /// Everything that is handed over here: a dealer may add, not leave out.
    pub fn documents(&self) -> impl Iterator<Item = &str> {
        DOCUMENTS.into_iter().chain(self.documents_more.iter().map(String::as_str))
    }

    /// Everything that is explained here.
    pub fn explanations(&self) -> impl Iterator<Item = &str> {
        EXPLANATIONS.into_iter().chain(self.explanations_more.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::testing;

    #[test]
    fn the_schema_gives_every_setting_a_default() {
        let settings = Settings::deserialize(testing::defaults(include_str!("../settings.json"))).unwrap();
        assert_eq!((settings.tell_every.as_str(), settings.deposit_percent, settings.pdi_items.len()), ("7d", 20, 8));
        let more = Settings { documents_more: vec!["spare_key".into()], ..settings };
        assert_eq!(more.documents().count(), 7);
    }
}
