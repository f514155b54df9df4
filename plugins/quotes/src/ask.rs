//! What was chosen for a quote, as it was asked for and is kept to be priced again.

use marque_sdk::Id;
use serde::{Deserialize, Serialize};

/// A line as it was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// A price of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Id>,
    /// Or its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Or its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many; one unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qty: Option<i64>,
    /// What is charged, of what is paid to others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// Taken off this line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<i64>,
}

/// Everything chosen. What is left out of a change stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ask {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub car: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<Row>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_tax: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trade_in: Option<i64>,
}

impl Ask {
    /// What is asked now, over what was asked before.
    #[must_use]
    pub fn over(self, before: Ask) -> Ask {
        Ask {
            car: self.car.or(before.car),
            discount: self.discount.or(before.discount),
            lines: self.lines.or(before.lines),
            with_tax: self.with_tax.or(before.with_tax),
            trade_in: self.trade_in.or(before.trade_in),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_again_stays() {
        let before = Ask { car: Some("p1".into()), discount: Some(100), with_tax: Some(true), ..Ask::default() };
        let now = Ask { discount: Some(0), lines: Some(Vec::new()), ..Ask::default() }.over(before);
        assert_eq!((now.car.as_deref(), now.discount, now.with_tax), (Some("p1"), Some(0), Some(true)));
        assert_eq!(now.lines, Some(Vec::new()));
    }
}
