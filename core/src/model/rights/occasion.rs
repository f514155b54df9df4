//! Grants that hold for a time: while something is open with a customer, while the customer lets the maker know of them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::compile;
use crate::model::{FieldType, Kind};

/// Until when a grant holds for a record, beside its filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum While {
    /// Something is open with the customer, as the kinds that say `opens` tell, where the grant reaches.
    OpenCase,
    /// The same, and it is the asker's own.
    OwnCase,
    /// The customer's newest word to their dealer on telling the maker is a yes.
    Shared,
}

/// Records of another kind that refer to a record and let it be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Holder {
    /// Their kind.
    pub kind: String,
    /// Their ref field.
    pub via: String,
    /// A filter: those that count.
    pub when: Value,
    /// Not each of them is enough: the newest decides.
    pub newest: Option<Newest>,
}

/// Which of several decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Newest {
    /// The moment field they are ordered by.
    pub by: String,
    /// The ref field that names whom it was said to: the organisation of the record.
    pub to: String,
    /// A filter: what the newest must be.
    pub is: Value,
}

impl While {
    /// The kinds that say when it is so, for records of a kind. Where none does, it never is.
    pub(super) fn holders(self, kinds: &[&Kind], of: &Kind) -> Vec<Holder> {
        let refers = |kind: &Kind, via: &str| {
            kind.fields.get(via).is_some_and(|field| field.r#type == FieldType::Ref && field.to.as_deref() == Some(&of.kind))
        };
        if self == While::Shared {
            let not_over = json!([{ "expires": { "empty": true } }, { "expires": { "gt": { "$now": "0d" } } }]);
            let newest = Newest {
                by: "obtained_at".into(),
                to: "handler".into(),
                is: json!({ "state": "granted", "or": not_over }),
            };
            let consents = kinds.iter().filter(|kind| kind.kind == "consent" && refers(kind, "customer"));
            let holder = |kind: &&Kind| Holder {
                kind: kind.kind.clone(),
                via: "customer".into(),
                when: json!({ "purpose": "share_maker" }),
                newest: Some(newest.clone()),
            };
            return consents.map(holder).collect();
        }
        let opening = kinds.iter().filter_map(|kind| Some((*kind, kind.opens.as_ref()?)));
        opening
            .filter(|(kind, opens)| refers(kind, &opens.via))
            .map(|(kind, opens)| {
                let when = match self {
                    While::OwnCase => json!({ "and": [opens.when, compile::own(kind)] }),
                    While::OpenCase | While::Shared => opens.when.clone(),
                };
                Holder { kind: kind.kind.clone(), via: opens.via.clone(), when, newest: None }
            })
            .collect()
    }
}
