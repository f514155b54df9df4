//! What a role lets its people do beyond the verbs on a kind: decide, speak for a customer, answer for the house.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Book;
use crate::model::rights::book::ADMIN;

/// One of them. Which roles have it stands in their records, so an administrator changes it without code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Power {
    /// Decide that two customers are one, or are not.
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
    /// All of them.
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

/// What a role's record says, if it says anything; a word of a later version grants nothing.
pub(super) fn read(said: Option<&Value>) -> Option<BTreeSet<Power>> {
    let words = said?.as_array()?;
    Some(words.iter().filter_map(|word| serde_json::from_value(word.clone()).ok()).collect())
}

impl Book {
    /// Whether somebody with these roles has a power: the administrator has all, others what their role says or, where it says
    /// nothing, what the role says that it starts from.
    pub fn has(&self, codes: &[String], power: Power) -> bool {
        codes.iter().any(|code| code == ADMIN || self.role_has(code, power))
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
            assert!(book.has(&["admin".into()], power));
            assert!(!book.has(&[], power));
        }
        // Domain 1.3, rule 3.
        assert_eq!(book.with(Power::Export), ["crm_mgr", "dpo", "gm", "hq_campaign"]);
        assert_eq!(book.with(Power::OpenArchive), ["dpo"]);
        assert_eq!(book.with(Power::GiveConsent), ["crm_mgr", "crm_officer", "dpo", "hq_agent", "hq_crm", "reception"]);
    }

    #[test]
    fn a_role_of_ones_own_has_what_it_says_or_what_it_starts_from() {
        let book = book(&[
            json!({ "code": "night", "name": "夜班", "like": "reception", "status": "active" }),
            json!({ "code": "trainee", "name": "实习", "like": "reception", "powers": [], "status": "active" }),
            json!({ "code": "helper", "name": "助理", "powers": ["customer.copy", "of a later version"], "status": "active" }),
            json!({ "code": "gone", "name": "停用", "powers": ["customer.copy"], "status": "retired" }),
        ]);
        let has = |code: &str, power| book.has(&[code.into()], power);
        assert!(has("night", Power::GiveConsent));
        assert!(!has("trainee", Power::GiveConsent));
        assert!(has("helper", Power::Copy));
        assert!(!has("gone", Power::Copy));
    }

    #[test]
    fn a_role_that_was_written_before_there_were_powers_keeps_what_it_could() {
        let book = book(&[json!({ "code": "gm", "name": "总经理", "grants": [], "status": "active" })]);
        assert!(book.has(&["gm".into()], Power::Export));
        assert!(!book.has(&["gm".into()], Power::OpenArchive));
    }
}
