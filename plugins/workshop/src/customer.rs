//! Who asks on the public page or in a message: a customer known by mobile, or a new one. Whether two files are one the core decides.

use marque_sdk::{Data, Filter, Id, Result, Value, new_id, record, view};

/// The customer of a number at a station, made if nobody has it.
pub fn known_or_new(org: &str, name: &str, phone: Option<&str>, source: &str) -> Result<Id> {
    if let Some(phone) = phone {
        let of = Filter::eq("phone", phone).and(Filter::eq("org", org));
        let found = view::find::<Data>("customer").filter(of).order("created_at").limit(20).page()?.items;
        let on_file = |data: &Data| data.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(customer) = found.iter().find(|customer| may_be(&on_file(&customer.data), name)) {
            return Ok(customer.id.clone());
        }
    }
    let id = new_id();
    let create = record::create("customer")
        .id(id.as_str())
        .org(org)
        .field("name", name.trim())
        .field("type", "owner")
        .field("source", source);
    phone.into_iter().fold(create, |create, phone| create.field("phone", phone)).stage()?;
    Ok(id)
}

/// A number is shared in families: another family name is somebody else.
fn may_be(on_file: &str, given: &str) -> bool {
    let first = |name: &str| name.trim().chars().next().map(|c| c.to_lowercase().to_string());
    on_file.is_empty() || given.trim().is_empty() || first(on_file) == first(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_family_name_is_somebody_else() {
        assert!(may_be("王磊", "王先生") && may_be("", "李") && !may_be("王磊", "李娜"));
    }
}
