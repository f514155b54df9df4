//! Billing accounts: under which name and terms a customer pays. Companies have several.

use marque_sdk::{Data, Fault, Id, Record, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    authorised,
    desk::{self, Desk},
};

/// The kind's name.
pub const KIND: &str = "parties.account";

/// What of an account counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// Who pays.
    pub customer: Id,
    /// Under which name.
    pub billing_name: String,
    /// `active` or `closed`.
    pub state: String,
}

/// Its terms.
#[derive(Debug, Serialize, Deserialize)]
pub struct Terms {
    billing_name: Option<String>,
    tax_no: Option<String>,
    payment_days: Option<u32>,
    note: Option<String>,
}

/// Input of `open`.
#[derive(Deserialize)]
pub struct Open {
    customer: Id,
    #[serde(flatten)]
    terms: Terms,
}

/// Input of `close`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    reason: String,
}

/// An account that is in use.
pub fn active(id: &str) -> Result<Record<Account>> {
    match view::get::<Account>(KIND, id)? {
        Some(account) if account.data.state == "active" => Ok(account),
        Some(_) => Err(Fault::at("account_closed", "/account", "this account is closed: choose another or open one")),
        None => Err(Fault::at("account_unknown", "/account", format!("there is no account {id:?} here"))),
    }
}

/// Opens an account in the customer's own name unless another is given.
pub fn open(input: Open) -> Result<Value> {
    let person = desk::customer(&input.customer, "/customer")?;
    let mut terms = patch(&input.terms)?;
    terms.entry("billing_name").or_insert_with(|| json!(person.data.name));
    let id = new_id();
    record::create(KIND).id(&id).org(&person.org).field("customer", &input.customer).fields(terms).stage()?;
    Ok(json!({ "account": id }))
}

/// Other terms.
pub fn change(id: &str, input: Terms) -> Result<Value> {
    record::change(KIND, id).fields(patch(&input)?).stage()?;
    Ok(json!({ "account": id }))
}

/// Nothing is put on it any more, and who could is not let to.
pub fn close(desk: &Desk, id: &str, input: Close) -> Result<Value> {
    let reason = input.reason.trim();
    if reason.is_empty() {
        return Err(Fault::at("reason_missing", "/reason", "say why the account is closed"));
    }
    for right in authorised::open_of("account", id)? {
        authorised::end(desk, &right)?;
    }
    record::mov(KIND, id, "close").field("end_reason", reason).stage()?;
    Ok(json!({ "account": id }))
}

/// What was given. A tax number is kept without blanks, in capitals, as invoices have it.
fn patch(terms: &Terms) -> Result<Data> {
    let Value::Object(mut patch) = serde_json::to_value(terms)? else { return Ok(Data::new()) };
    patch.retain(|name, value| {
        !(value.is_null() || (name == "billing_name" && value.as_str().is_some_and(|text| text.trim().is_empty())))
    });
    if let Some(tax_no) = patch.get("tax_no").and_then(Value::as_str) {
        let normal: String = tax_no.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
        let is_number = normal.is_empty()
            || (matches!(normal.len(), 15 | 17 | 18 | 20) && normal.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !is_number {
            let message = format!("tax number {tax_no:?} is none: write its 15 to 20 letters and digits");
            return Err(Fault::at("tax_no_invalid", "/tax_no", message));
        }
        patch.insert("tax_no".into(), json!(normal));
    }
    Ok(patch)
}
