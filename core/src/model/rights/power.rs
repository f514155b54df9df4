//! What a role lets its people do beyond the verbs on a kind: decide, speak for a customer, answer for the house.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Book;
use crate::model::rights::book::ADMIN;

/// One of them. Which roles have it stands in their records, so an administrator changes it without code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Power {
    /// Decide whether two customers are one: merge them, take that back, settle a review.
    #[serde(rename = "customer.merge")]
    Merge,
    /// Erase a customer.
    #[serde(rename = "customer.erase")]
    Erase,
    /// Hand somebody a copy of what is known of them.
    #[serde(rename = "customer.copy")]
    Copy,
    /// Take down that a customer agrees.
    #[serde(rename = "consent.give")]
    GiveConsent,
    /// Send messages to customers.
    #[serde(rename = "message.send")]
    Send,
    /// Settle how an organisation contacts its customers.
    #[serde(rename = "contact.settle")]
    SettleContact,
    /// Take records out as a file, or approve that another does; the verb `export` says of which kinds.
    #[serde(rename = "records.export")]
    Export,
    /// Open the locked archive, with a reason.
    #[serde(rename = "archive.open")]
    OpenArchive,
    /// See who was forgotten and who would be.
    #[serde(rename = "retention.see")]
    SeeRetention,
    /// Set how long is kept what need not be kept.
    #[serde(rename = "retention.set")]
    SetRetention,
    /// Read the audit log.
    #[serde(rename = "audit.read")]
    Audit,
    /// Write scripts and settings, fields, values and labels.
    #[serde(rename = "house.shape")]
    Shape,
    /// Look after other people's segments.
    #[serde(rename = "segments.keep")]
    KeepSegments,
}

impl Power {
    /// All of them; a test holds the values of a role's field to it.
    pub const ALL: [Power; 13] = [
        Power::Merge,
        Power::Erase,
        Power::Copy,
        Power::GiveConsent,
        Power::Send,
        Power::SettleContact,
        Power::Export,
        Power::OpenArchive,
        Power::SeeRetention,
        Power::SetRetention,
        Power::Audit,
        Power::Shape,
        Power::KeepSegments,
    ];
}

/// What a role's record says, if it says anything; a word of a later version grants nothing, and neither does `none`: an empty list is
/// kept as no list, so that somebody has no powers at all has to be said.
pub(super) fn read(said: Option<&Value>) -> Option<BTreeSet<Power>> {
    let words = said?.as_array()?;
    Some(words.iter().filter_map(|word| serde_json::from_value(word.clone()).ok()).collect())
}

impl Book {
    /// Whether somebody with these roles has a power: the administrator has all but to open the archive, others what their role says or,
    /// where it says nothing, what the role says that it starts from.
    pub fn has(&self, codes: &[String], power: Power) -> bool {
        codes.iter().any(|code| (code == ADMIN && power != Power::OpenArchive) || self.role_has(code, power))
    }

    /// What somebody with these roles may.
    pub fn powers(&self, codes: &[String]) -> Vec<Power> {
        Power::ALL.into_iter().filter(|power| self.has(codes, *power)).collect()
    }

    fn role_has(&self, code: &str, power: Power) -> bool {
        self.chain(code).into_iter().find_map(|role| role.powers.as_ref()).is_some_and(|powers| powers.contains(&power))
    }

    /// The roles that have a power, for telling.
    pub fn with(&self, power: Power) -> Vec<&str> {
        self.codes().filter(|code| self.role_has(code, power)).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Data, Id};

    fn book(records: &[Value]) -> Book {
        let data = |value: &Value| -> Data { value.as_object().cloned().unwrap() };
        Book::new(records.iter().map(|record| (Id::hq(), data(record))))
    }

    #[test]
    fn the_shipped_set_says_who_has_each_power() {
        let book = Book::default();
        for power in Power::ALL {
            assert!(!book.with(power).is_empty(), "nobody has {power:?}");
            assert_eq!(
                book.has(&["admin".into()], power),
                power != Power::OpenArchive,
                "not even an administrator opens it"
            );
            assert!(!book.has(&[], power));
        }
        // Domain 1.3, rule 3.
        assert_eq!(book.with(Power::Export), ["crm_mgr", "dpo", "gm", "hq_campaign"]);
        assert_eq!(book.with(Power::OpenArchive), ["dpo"]);
        assert_eq!(book.with(Power::GiveConsent), ["crm_mgr", "crm_officer", "dpo", "hq_agent", "hq_crm", "reception"]);
    }

    #[test]
    fn a_role_may_be_given_each_power_or_none() {
        let kind: Value = serde_json::from_str(include_str!("../kinds/role.json")).unwrap();
        let values = kind["fields"]["powers"]["values"].as_array().unwrap().iter().map(|value| value["value"].clone());
        let powers = Power::ALL.map(|power| json!(power));
        assert_eq!(values.collect::<Vec<_>>(), [&[json!("none")], &powers[..]].concat());
    }

    #[test]
    fn a_role_of_ones_own_has_what_it_says_or_what_it_starts_from() {
        let book = book(&[
            json!({ "code": "night", "name": "夜班", "like": "reception", "status": "active" }),
            json!({ "code": "trainee", "name": "实习", "like": "reception", "powers": ["none"], "status": "active" }),
            json!({ "code": "helper", "name": "助理", "powers": ["customer.copy", "of a later version"], "status": "active" }),
            json!({ "code": "gone", "name": "停用", "powers": ["customer.copy"], "status": "retired" }),
        ]);
        let has = |code: &str, power| book.has(&[code.into()], power);
        assert_eq!(book.powers(&["helper".into(), "trainee".into()]), [Power::Copy]);
        assert!(has("night", Power::GiveConsent));
        assert!(!has("trainee", Power::GiveConsent));
        assert!(has("helper", Power::Copy));
        assert!(!has("gone", Power::Copy));
    }

    #[test]
    fn a_shipped_role_whose_powers_were_all_taken_away_has_none() {
        let book = book(&[json!({ "code": "gm", "name": "总经理", "grants": [], "status": "active" })]);
        assert!(!book.has(&["gm".into()], Power::Export));
    }
}
