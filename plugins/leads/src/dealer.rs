//! Which dealer gets an enquiry that came to headquarters: the point `lead.route_dealer`. What the customer asked for always wins.

use std::collections::BTreeSet;

use marque_sdk::{Date, Decision, Filter, Id, Record, Result, Value, decide, json, view};
use serde::{Deserialize, Serialize};

use crate::{
    desk::{Desk, refuse, refuse_at},
    enquiry::Enquiry,
    lead::KIND,
    moment,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Org {
    r#type: String,
    code: String,
    name: String,
    city: String,
    status: Option<String>,
    authorised_models: Value,
}

/// A dealer, as the rule sees it.
#[derive(Debug, Serialize)]
struct Candidate {
    id: Id,
    name: String,
    city: String,
    is_near: bool,
    knows_customer: bool,
    is_authorised: bool,
    today: i64,
    late_percent: i64,
}

#[derive(Deserialize)]
struct Routed {
    order: Vec<Id>,
}

#[derive(Deserialize)]
struct Load {
    org: Option<Id>,
    n: i64,
}

/// Organisations that give leads on and keep none.
const ABOVE: [&str; 3] = ["maker", "region", "dealer_group"];

/// The dealer of an enquiry: whoever received it, or chosen among those below.
pub fn choose(desk: &Desk, enquiry: &Enquiry) -> Result<Id> {
    let here = view::get::<Org>("org", &desk.call.org)?;
    if here.is_none_or(|here| !ABOVE.contains(&here.data.r#type.as_str())) {
        return Ok(desk.call.org.clone());
    }
    let mut dealers = view::find::<Org>("org").filter(Filter::eq("type", "dealer")).limit(500).page()?.items;
    dealers.retain(|dealer| dealer.data.status.as_deref().is_none_or(|status| status == "active"));
    if let Some(asked) = asked_for(&dealers, enquiry)? {
        return Ok(asked);
    }
    let asked = json!({
        "city": enquiry.city.as_deref().unwrap_or_default(), "model": enquiry.model.as_deref().unwrap_or_default(),
        "most_late_percent": desk.settings.breach_share, "candidates": candidates(desk, &dealers, enquiry)?, "now": desk.now(),
    });
    let Decision { output, .. } = decide::<Routed>("lead.route_dealer", &asked)?;
    match output.order.into_iter().find(|id| dealers.iter().any(|dealer| dealer.id == *id)) {
        Some(dealer) => Ok(dealer),
        None => refuse("dealer_missing", "no dealer can have this lead: name one as dealer"),
    }
}

/// The dealer the customer asked for by id, code or name. What a message calls its vendor need not be one of ours.
fn asked_for(dealers: &[Record<Org>], enquiry: &Enquiry) -> Result<Option<Id>> {
    let Some(asked) = enquiry.dealer.as_deref().map(str::trim).filter(|asked| !asked.is_empty()) else {
        return Ok(None);
    };
    let is_asked = |dealer: &&Record<Org>| {
        dealer.id == asked || dealer.data.code.eq_ignore_ascii_case(asked) || dealer.data.name == asked
    };
    match dealers.iter().find(is_asked) {
        Some(dealer) => Ok(Some(dealer.id.clone())),
        None if enquiry.channel() == "adf_email" => Ok(None),
        None => {
            refuse_at("dealer_unknown", "/dealer", format!("there is no dealer {asked:?}: name one, or leave it out"))
        }
    }
}

fn candidates(desk: &Desk, dealers: &[Record<Org>], enquiry: &Enquiry) -> Result<Vec<Candidate>> {
    let known = knowing(enquiry)?;
    let today = Date::today(&desk.call)?;
    let since = moment::begin_of(today, &desk.call)?;
    let month = moment::begin_of(today.plus_days(-30), &desk.call)?;
    let today = loads(Filter::gte("received_at", since))?;
    let all = loads(Filter::gte("received_at", month.as_str()))?;
    let late = loads(Filter::gte("received_at", month).and(Filter::gte("breach", 1)))?;
    let of =
        |loads: &[Load], id: &str| loads.iter().find(|load| load.org.as_deref() == Some(id)).map_or(0, |load| load.n);
    let candidate = |dealer: &Record<Org>| Candidate {
        id: dealer.id.clone(),
        name: dealer.data.name.clone(),
        city: dealer.data.city.clone(),
        is_near: enquiry.city.as_deref().is_some_and(|city| is_same_city(city, &dealer.data.city)),
        knows_customer: known.contains(&dealer.id),
        is_authorised: is_authorised(&dealer.data, enquiry.model.as_deref()),
        today: of(&today, &dealer.id),
        late_percent: of(&late, &dealer.id) * 100 / of(&all, &dealer.id).max(1),
    };
    Ok(dealers.iter().map(candidate).collect())
}

fn loads(filter: Filter) -> Result<Vec<Load>> {
    view::aggregate(KIND).filter(filter).group(&["org"]).count("n").rows()
}

/// The dealers who know the customer's number.
fn knowing(enquiry: &Enquiry) -> Result<BTreeSet<Id>> {
    let Some(phone) = enquiry.mobile() else { return Ok(BTreeSet::new()) };
    let known = view::find::<Value>("customer").filter(Filter::eq("phone", phone)).limit(100).page()?;
    Ok(known.items.into_iter().map(|customer| customer.org).collect())
}

/// 武汉 and 武汉市 are one city.
fn is_same_city(one: &str, other: &str) -> bool {
    let plain = |city: &str| city.trim().trim_end_matches('市').to_lowercase();
    !plain(one).is_empty() && plain(one) == plain(other)
}

/// A dealer that names no models sells them all.
fn is_authorised(dealer: &Org, model: Option<&str>) -> bool {
    match (dealer.authorised_models.as_array(), model) {
        (Some(models), Some(model)) if !models.is_empty() => {
            models.iter().filter_map(Value::as_str).any(|known| known.eq_ignore_ascii_case(model))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_is_known_with_and_without_its_suffix() {
        assert!(is_same_city("武汉市", "武汉"));
        assert!(!is_same_city("", ""));
        assert!(!is_same_city("长沙", "武汉"));
    }

    #[test]
    fn a_dealer_that_names_models_sells_these_alone() {
        let dealer = Org { authorised_models: json!(["C5", "C6"]), ..Org::default() };
        assert!(is_authorised(&dealer, Some("c5")));
        assert!(!is_authorised(&dealer, Some("C3")));
        assert!(is_authorised(&dealer, None) && is_authorised(&Org::default(), Some("C3")));
    }
}
