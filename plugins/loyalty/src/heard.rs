//! What other plugins tell: documents that were settled, cars handed over, customers who turned out to be one.

use marque_sdk::{Event, Filter, Id, Result, Value, view};
use serde::Deserialize;

use crate::{
    account::Account,
    desk::Desk,
    document::{self, Item, Post, Sort},
    sums::Line,
};

/// Events of documents settled elsewhere. Whoever raises one of another plugin's puts a `document` into its data, in the shape of the
/// input of `post`; of those that ship with the server the record tells.
pub const SETTLED: [&str; 3] = ["workshop.order.settled", "orders.order.delivered", "care.renewal.won"];

/// What of an order or a renewal counts here, whichever plugin's it is.
#[derive(Deserialize)]
struct Paid {
    number: String,
    customer: Option<Id>,
    kind: Option<String>,
    vin: Option<String>,
    amount: Option<i64>,
    /// Of an order of the workshop: what is left for the customer after warranty and insurance.
    customer_amount: Option<i64>,
    premium: Option<i64>,
    settled_at: Option<String>,
}

#[derive(Deserialize)]
struct Vehicle {
    vin: Option<String>,
    customer: Option<Id>,
}

/// A plugin has settled a document. Who has not joined earns nothing, which is no failure.
pub fn settled(desk: &Desk, event: &Event) -> Result<bool> {
    match (event.data().get("document").map(Post::deserialize), event.record()) {
        (Some(Ok(input)), _) => post(desk, &input),
        (None, Some(about)) => match view::get::<Paid>(&about.kind, &about.id)? {
            Some(paid) => of_record(&about.kind, paid.data).map_or(Ok(false), |input| post(desk, &input)),
            None => Ok(false),
        },
        _ => Ok(false),
    }
}

/// A record of another plugin as a document. Nothing was paid, no document.
fn of_record(about: &str, paid: Paid) -> Option<Post> {
    let (kind, line, amount) = match about {
        "orders.order" => (Sort::Delivery, Line::NewCar, paid.amount),
        "care.renewal" => (Sort::Renewal, Line::Renewal, paid.premium),
        _ => {
            let line = match paid.kind.as_deref() {
                Some("first_service" | "regular_service" | "inspection") => Line::Maintenance,
                Some("insurance_claim") => Line::Accident,
                _ => Line::Repair,
            };
            (Sort::Service, line, paid.customer_amount)
        }
    };
    let is_delivery = kind == Sort::Delivery;
    Some(Post {
        customer: paid.customer?,
        lines: vec![Item { kind: line, amount: amount.filter(|amount| *amount > 0)? }],
        order_no: is_delivery.then(|| paid.number.clone()),
        vin: paid.vin.filter(|_| is_delivery),
        settled_at: paid.settled_at,
        number: paid.number,
        kind,
        paid_with_points: 0,
        is_repeat: None,
    })
}

/// A car changed hands at the desk: a delivery without lines. One that the shop's system tells of too counts once.
pub fn handed_over(desk: &Desk, vehicle: &str) -> Result<bool> {
    let Some(vehicle) = view::get::<Vehicle>("vehicles.vehicle", vehicle)? else { return Ok(false) };
    let Vehicle { vin: Some(vin), customer: Some(customer) } = vehicle.data else { return Ok(false) };
    let same = Filter::eq("slot", format!("{vin}:{customer}"));
    if view::find::<Value>(document::KIND).filter(same).exists()? {
        return Ok(false);
    }
    let input = Post {
        number: format!("VIN {vin}"),
        customer,
        kind: Sort::Delivery,
        lines: Vec::new(),
        paid_with_points: 0,
        settled_at: None,
        vin: Some(vin),
        order_no: None,
        is_repeat: None,
    };
    post(desk, &input)
}

fn post(desk: &Desk, input: &Post) -> Result<bool> {
    let is_member = Account::record_of(&input.customer)?.is_some();
    let joins = input.kind == Sort::Delivery && desk.settings.join_at_delivery;
    if !is_member && !joins {
        return Ok(false);
    }
    document::post(desk, input).map(|_| true)
}
