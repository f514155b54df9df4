//! The repeat rule: which complaints of a customer are about one matter, and how many there have been.

use marque_sdk::{Data, Filter, Record, Result, Value, view};

use crate::case::KIND;

/// What a complaint is about.
#[derive(Clone, Debug, Default)]
pub struct Matter<'a> {
    /// Its kind, `repair_quality`.
    pub kind: Option<&'a str>,
    /// The vehicle's number plate.
    pub plate: Option<&'a str>,
    /// The vehicle's identification number.
    pub vin: Option<&'a str>,
    /// The record it is about.
    pub about: Option<&'a str>,
}

/// How many complaints of the customer on this matter there are within a year, the new one included.
pub fn repeat_count(customer: &str, matter: &Matter) -> Result<u64> {
    let lately = Filter::eq("customer", customer).and(Filter::gte("received_at", Filter::now("-365d")));
    let earlier = view::find::<Data>(KIND).filter(lately).limit(500).page()?;
    Ok(1 + earlier.items.iter().filter(|case| is_counted(case) && matter.is_same(case)).count() as u64)
}

/// Unfounded and withdrawn complaints are no repetition.
fn is_counted(case: &Record) -> bool {
    !matches!(text(&case.data, "state"), Some("rejected" | "withdrawn"))
}

fn text<'a>(data: &'a Data, field: &str) -> Option<&'a str> {
    data.get(field).and_then(Value::as_str)
}

impl Matter<'_> {
    /// Same kind, and nothing that says it is another vehicle or another business. What is not known does not tell apart:
    /// a customer who leaves the plate out the third time is still the same customer with the same trouble.
    fn is_same(&self, case: &Record) -> bool {
        let differs = |ours: Option<&str>, field: &str| matches!((ours, text(&case.data, field)), (Some(ours), Some(theirs)) if !ours.eq_ignore_ascii_case(theirs));
        self.kind == text(&case.data, "kind")
            && !differs(self.plate, "plate")
            && !differs(self.vin, "vin")
            && !differs(self.about, "about")
    }
}

/// Whether the count makes it a repeated complaint.
pub fn is_repeated(count: u64, threshold: u64) -> bool {
    count >= threshold
}

/// The matter of a complaint being raised.
pub fn of(data: &Data) -> Matter<'_> {
    Matter { kind: text(data, "kind"), plate: text(data, "plate"), vin: text(data, "vin"), about: text(data, "about") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::patch;
    use marque_sdk::json;

    fn case(data: Value) -> Record {
        Record {
            id: "c".into(),
            kind: KIND.into(),
            rev: 1,
            org: "d1".into(),
            created_at: String::new(),
            updated_at: String::new(),
            data: patch(data),
        }
    }

    fn matter() -> Matter<'static> {
        Matter { kind: Some("repair_quality"), plate: Some("鄂A12345"), vin: None, about: None }
    }

    #[test]
    fn the_same_vehicle_and_kind_is_the_same_matter() {
        assert!(matter().is_same(&case(json!({ "kind": "repair_quality", "plate": "鄂a12345" }))));
    }

    #[test]
    fn another_vehicle_or_another_kind_is_another_matter() {
        assert!(!matter().is_same(&case(json!({ "kind": "repair_quality", "plate": "鄂A99999" }))));
        assert!(!matter().is_same(&case(json!({ "kind": "price_fee", "plate": "鄂A12345" }))));
    }

    #[test]
    fn what_was_left_out_does_not_tell_matters_apart() {
        assert!(matter().is_same(&case(json!({ "kind": "repair_quality" }))));
        assert!(matter().is_same(&case(json!({ "kind": "repair_quality", "vin": "LSGPC52U6TF100001" }))));
    }

    #[test]
    fn unfounded_and_withdrawn_complaints_are_no_repetition() {
        assert!(is_counted(&case(json!({ "state": "archived" }))));
        assert!(!is_counted(&case(json!({ "state": "rejected" }))));
        assert!(!is_counted(&case(json!({ "state": "withdrawn" }))));
    }

    #[test]
    fn the_third_time_is_a_repetition() {
        assert!(!is_repeated(2, 3));
        assert!(is_repeated(3, 3));
    }
}
