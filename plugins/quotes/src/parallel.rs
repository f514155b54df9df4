//! Several dealers quote one person the same car. Neither dealer is told of the other; headquarters see it.

use std::collections::{BTreeMap, BTreeSet};

use marque_sdk::{Data, Filter, Id, Outcome, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    quote::{KIND as QUOTE, Quote, patch},
};

/// The job's name.
pub const JOB: &str = "parallel";
const KIND: &str = "quotes.parallel";
/// A run looks at so many valid quotes, the newest first.
const MOST: usize = 5_000;
/// The View reads so many by id at once.
const BATCH: usize = 500;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Customer {
    phone: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Known {
    key: String,
    #[serde(flatten)]
    told: Data,
}

/// Compares the valid quotes of all dealers, hour by hour.
pub fn find(desk: &Desk) -> Result<Outcome> {
    let active = Filter::eq("state", "active");
    let quotes: Vec<Quote> = view::find::<Data>(QUOTE)
        .filter(active)
        .order("-issued_at")
        .up_to(MOST)?
        .into_iter()
        .map(Quote::from)
        .collect();
    let phones = phones(&quotes)?;
    let mut groups: BTreeMap<(&str, &str), Vec<&Quote>> = BTreeMap::new();
    for quote in &quotes {
        if let Some(phone) = phones.get(quote.customer()) {
            groups.entry((phone, quote.text("config_key"))).or_default().push(quote);
        }
    }
    let open = view::find::<Known>(KIND).filter(Filter::eq("state", "open")).up_to(MOST)?.into_iter();
    let mut open: BTreeMap<String, (Id, Data)> =
        open.map(|known| (known.data.key, (known.id, known.data.told))).collect();
    for ((_, config), group) in &groups {
        let dealers: BTreeSet<&str> = group.iter().map(|quote| quote.org.as_str()).collect();
        if dealers.len() < 2 {
            continue;
        }
        let first = group.iter().map(|quote| quote.customer()).min().unwrap_or_default();
        let data = told(group, &dealers);
        match open.remove(&format!("{first}|{config}")) {
            Some((_, known)) if data.iter().all(|(field, value)| known.get(field) == Some(value)) => {}
            Some((known, _)) => record::change(KIND, &known).fields(&data).stage()?,
            None => record::create(KIND)
                .id(new_id())
                .field("key", format!("{first}|{config}"))
                .field("found_at", desk.now())
                .fields(&data)
                .stage()?,
        }
    }
    for (gone, _) in open.into_values() {
        record::mov(KIND, &gone, "end").field("over_at", desk.now()).field("key", Value::Null).stage()?;
    }
    Ok(Outcome::Done)
}

fn told(group: &[&Quote], dealers: &BTreeSet<&str>) -> Data {
    let totals = || group.iter().map(|quote| quote.number("total"));
    let spread = totals().max().unwrap_or(0) - totals().min().unwrap_or(0);
    let ids: BTreeSet<&str> = group.iter().map(|quote| quote.id.as_str()).collect();
    let model = group.first().map_or("", |quote| quote.text("model"));
    patch(json!({ "model": model, "quotes": ids, "dealers": dealers, "n_dealers": dealers.len(), "spread": spread }))
}

/// The number of each customer, by which one is known at two dealers.
fn phones(quotes: &[Quote]) -> Result<BTreeMap<String, String>> {
    let customers: BTreeSet<&str> = quotes.iter().map(Quote::customer).collect();
    let ids: Vec<Id> = customers.into_iter().map(str::to_owned).collect();
    let mut phones = BTreeMap::new();
    for batch in ids.chunks(BATCH) {
        for customer in view::get_many::<Customer>("customer", batch)?.into_iter().flatten() {
            phones.extend(customer.data.phone.map(|phone| (customer.id, phone)));
        }
    }
    Ok(phones)
}
