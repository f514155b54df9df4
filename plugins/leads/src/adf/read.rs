//! What an ADF message says, prospect by prospect. Senders vary, so whatever can be understood is.

use std::ops::Range;

use marque_sdk::{Date, Value, json};

use super::{
    tree::{self, Node},
    window,
};
use crate::{
    enquiry::{Enquiry, cut},
    phone,
};

/// A prospect of a message.
#[derive(Debug)]
pub struct Prospect {
    /// What it says.
    pub enquiry: Enquiry,
    /// Where it stands in the message.
    pub at: Range<usize>,
}

/// Reads a message; what is wrong with it, in words.
pub fn read(text: &str) -> Result<Vec<Prospect>, String> {
    let tree = tree::parse(text.trim_start_matches('\u{feff}'))?;
    let offset = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut found = Vec::new();
    tree.find("prospect", &mut found);
    if found.is_empty() {
        return Err("there is no <prospect> in it".into());
    }
    let prospect = |node: &Node| Prospect { enquiry: enquiry(node), at: node.at.start + offset..node.at.end + offset };
    Ok(found.into_iter().map(prospect).collect())
}

fn enquiry(prospect: &Node) -> Enquiry {
    let contact = contact(prospect);
    let vehicles: Vec<&Node> = prospect.all("vehicle").collect();
    let wanted = vehicles.iter().find(|vehicle| !is_given(vehicle)).or(vehicles.first());
    let given = vehicles.iter().find(|vehicle| is_given(vehicle));
    let requested = prospect.text_of("requestdate");
    let day: Option<Date> = requested.as_deref().and_then(|date| date.get(..10)?.parse().ok());
    let customer = prospect.child("customer");
    let timeframe = customer.and_then(|customer| customer.child("timeframe"));
    let of = |name: &str| wanted.and_then(|vehicle| vehicle.text_of(name));
    Enquiry {
        name: contact.and_then(name),
        phone: contact.and_then(phone_of),
        email: contact.and_then(|contact| contact.all("email").find_map(Node::text)),
        company: contact.map(is_business).filter(|is_business| *is_business),
        channel: Some("adf_email".into()),
        provider: provider(prospect),
        external_id: external_id(prospect),
        status: prospect.attribute("status").filter(|status| status == "resend"),
        request_date: requested.filter(|_| day.is_some()),
        dealer: prospect
            .child("vendor")
            .and_then(|vendor| vendor.text_of("vendorname").or_else(|| vendor.text_of("id"))),
        city: contact.and_then(|contact| contact.child("address")).and_then(|address| address.text_of("city")),
        interest: Some(wanted.map_or_else(|| "buy".into(), |vehicle| interest(vehicle))),
        brand: of("make"),
        model: of("model"),
        interests: Some(interests(&vehicles)).filter(|_| !vehicles.is_empty()),
        window_days: timeframe.and_then(|timeframe| window::days(timeframe, day)),
        trade_in: given.map(|_| true),
        current_car: given.map(|vehicle| cut(&described(vehicle), 200)),
        message: message(prospect, &vehicles),
        preferred_time: contact.and_then(time),
        ..Enquiry::default()
    }
}

/// The contact of the customer; some senders leave out the customer around it.
fn contact(prospect: &Node) -> Option<&Node> {
    let customer = prospect.child("customer").and_then(|customer| customer.child("contact").or(Some(customer)));
    customer.or_else(|| prospect.child("contact"))
}

fn provider(prospect: &Node) -> Option<String> {
    let provider = prospect.child("provider");
    let named = provider.and_then(|provider| {
        provider.text_of("name").or_else(|| provider.text_of("service")).or_else(|| provider.text())
    });
    named.or_else(|| prospect.all("id").find_map(|id| id.raw_attribute("source")).map(str::to_owned))
}

/// The provider's id with its place in a sequence, which is how the same customer may ask twice.
fn external_id(prospect: &Node) -> Option<String> {
    let id = prospect.all("id").find(|id| id.text().is_some())?;
    let text = id.text()?;
    Some(match id.attribute("sequence") {
        Some(sequence) => format!("{text}/{sequence}"),
        None => text,
    })
}

/// A car the customer has and does not look for.
fn is_given(vehicle: &Node) -> bool {
    matches!(interest(vehicle).as_str(), "trade_in" | "sell")
}

fn interest(vehicle: &Node) -> String {
    let said = vehicle.attribute("interest").unwrap_or_default();
    match said.replace(['-', '_', ' '], "").as_str() {
        "lease" => "lease",
        "sell" => "sell",
        "tradein" => "trade_in",
        "testdrive" => "test_drive",
        _ => "buy",
    }
    .into()
}

/// What is wanted first, then what is given.
fn interests(vehicles: &[&Node]) -> Value {
    let (given, wanted): (Vec<&Node>, Vec<&Node>) = vehicles.iter().copied().partition(|vehicle| is_given(vehicle));
    let ordered = wanted.into_iter().chain(given).enumerate();
    let interest = |(n, vehicle): (usize, &Node)| {
        let mut interest = json!({ "rank": n + 1, "interest": interest(vehicle) });
        let status = vehicle.attribute("status").filter(|status| status == "used").unwrap_or_else(|| "new".into());
        interest["status"] = status.into();
        for (field, name) in [
            ("year", "year"),
            ("brand", "make"),
            ("model", "model"),
            ("vin", "vin"),
            ("trim", "trim"),
            ("odometer", "odometer"),
        ] {
            if let Some(text) = vehicle.text_of(name) {
                interest[field] = text.into();
            }
        }
        if let Some(unit) = vehicle.child("odometer").and_then(|odometer| odometer.attribute("units")) {
            interest["odometer_unit"] = unit.into();
        }
        interest
    };
    ordered.map(interest).collect()
}

fn described(vehicle: &Node) -> String {
    let parts = ["year", "make", "model", "vin"].into_iter().filter_map(|name| vehicle.text_of(name));
    let run = vehicle.child("odometer").and_then(|odometer| {
        Some(format!("{} {}", odometer.text()?, odometer.attribute("units").unwrap_or_else(|| "km".into())))
    });
    parts.chain(run).collect::<Vec<_>>().join(" ")
}

fn message(prospect: &Node, vehicles: &[&Node]) -> Option<String> {
    let of_customer = prospect.child("customer").and_then(|customer| customer.text_of("comments"));
    let of_vehicles = vehicles.iter().filter_map(|vehicle| vehicle.text_of("comments"));
    let parts: Vec<String> = of_customer.into_iter().chain(of_vehicles).collect();
    (!parts.is_empty()).then(|| cut(&parts.join("\n"), 20_000))
}

/// 王磊 is written together, Wang Lei is not; the family name comes first in both.
fn name(contact: &Node) -> Option<String> {
    let part = |wanted: &[&str]| {
        contact
            .all("name")
            .find(|name| name.attribute("part").is_some_and(|part| wanted.contains(&part.as_str())))
            .and_then(Node::text)
    };
    let parts = [part(&["last", "surname"]), part(&["first"]), part(&["middle"])];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let glue = if parts.iter().all(|part| part.chars().all(is_chinese)) { "" } else { " " };
    match parts.len() {
        2.. => Some(parts.join(glue)),
        _ => part(&["full"]).or_else(|| parts.into_iter().next()).or_else(|| contact.text_of("name")),
    }
}

fn is_chinese(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c)
}

fn is_business(contact: &Node) -> bool {
    contact.all("name").any(|name| name.attribute("type").is_some_and(|kind| kind == "business"))
}

/// The number to call: a mobile before others, the preferred before others.
fn phone_of(contact: &Node) -> Option<String> {
    let mut phones: Vec<(&Node, String)> = contact
        .all("phone")
        .filter(|phone| phone.attribute("type").is_none_or(|kind| kind != "fax" && kind != "pager"))
        .filter_map(|phone| Some((phone, phone.text()?)))
        .collect();
    phones.sort_by_key(|(node, text)| {
        (phone::mobile(text).is_none(), node.attribute("preferredcontact").is_none_or(|is| is != "1"))
    });
    phones.into_iter().next().map(|(_, text)| text)
}

fn time(contact: &Node) -> Option<String> {
    let said = contact.all("phone").find_map(|phone| phone.attribute("time"))?;
    let time = match said.as_str() {
        "morning" | "afternoon" | "evening" => &said,
        _ => "any",
    };
    Some(time.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Enquiry {
        let mut prospects = read(text).unwrap();
        assert_eq!(prospects.len(), 1);
        prospects.remove(0).enquiry
    }

    fn prospect(inner: &str) -> Enquiry {
        only(&format!("<?ADF VERSION=\"1.0\"?><ADF><prospect>{inner}</prospect></ADF>"))
    }

    #[test]
    fn names_are_put_together_as_their_language_does() {
        let named = |names: &str| prospect(&format!("<customer><contact>{names}</contact></customer>")).name;
        assert_eq!(
            named("<name part=\"first\">Lei</name><name part=\"last\">Wang</name>").as_deref(),
            Some("Wang Lei")
        );
        assert_eq!(named("<name part='first'>磊</name><name part='surname'>王</name>").as_deref(), Some("王磊"));
        assert_eq!(named("<name part=\"full\">王磊</name>").as_deref(), Some("王磊"));
        assert_eq!(named("<name>王 磊</name>").as_deref(), Some("王 磊"));
        assert_eq!(
            named("<name part=\"first\">Lei</name><name part=\"full\">Wang Lei</name>").as_deref(),
            Some("Wang Lei")
        );
        assert_eq!(named(""), None);
    }

    #[test]
    fn a_mobile_is_called_before_a_desk_and_never_a_fax() {
        let called = |phones: &str| prospect(&format!("<customer><contact>{phones}</contact></customer>")).phone;
        assert_eq!(
            called("<phone type=\"fax\">13900000000</phone><phone type=\"work\">027-85801234</phone><phone type=\"mobile\">13800001234</phone>").as_deref(),
            Some("13800001234")
        );
        assert_eq!(
            called("<phone>13800001234</phone><phone preferredcontact=\"1\">13900001234</phone>").as_deref(),
            Some("13900001234")
        );
        assert_eq!(called("<phone type=\"home\">027-85801234</phone>").as_deref(), Some("027-85801234"));
    }

    #[test]
    fn what_is_missing_is_missed_and_no_more() {
        let bare = prospect(
            "<vehicle interest=\"Test Drive\"><model>C5</model></vehicle><contact><phone>13800001234</phone></contact>",
        );
        assert_eq!((bare.interest.as_deref(), bare.model.as_deref()), (Some("test_drive"), Some("C5")));
        assert_eq!((bare.provider, bare.dealer, bare.external_id), (None, None, None));
        assert_eq!(bare.phone.as_deref(), Some("13800001234"));
        assert_eq!(prospect("<foo/>").interest.as_deref(), Some("buy"));
    }

    #[test]
    fn a_car_that_is_given_is_not_the_one_that_is_wanted() {
        let both = prospect(
            "<vehicle interest=\"trade-in\" status=\"used\"><year>2018</year><make>Citroen</make><model>C4L</model><odometer units=\"km\">86000</odometer></vehicle>\
             <vehicle><make>Citroen</make><model>C5</model></vehicle>",
        );
        assert_eq!((both.model.as_deref(), both.trade_in), (Some("C5"), Some(true)));
        assert_eq!(both.current_car.as_deref(), Some("2018 Citroen C4L 86000 km"));
        let interests = both.interests.unwrap();
        assert_eq!((&interests[0]["model"], &interests[1]["interest"]), (&json!("C5"), &json!("trade_in")));
    }

    #[test]
    fn a_wrong_date_is_left_out_and_a_strange_zone_does_not_matter() {
        assert_eq!(prospect("<requestdate>yesterday</requestdate>").request_date, None);
        let odd = prospect(
            "<requestdate>2026-03-13T17:45:00-99:00</requestdate><customer><timeframe><latestdate>2026-03-20</latestdate></timeframe></customer>",
        );
        assert_eq!(odd.window_days, Some(7));
    }

    #[test]
    fn several_prospects_are_several_enquiries() {
        let text = "<adf><prospect><id source=\"X\">1</id></prospect><prospect status=\"resend\"><id sequence=\"2\">1</id></prospect></adf>";
        let prospects = read(text).unwrap();
        let ids: Vec<_> = prospects.iter().map(|prospect| prospect.enquiry.external_id.clone().unwrap()).collect();
        assert_eq!(ids, ["1", "1/2"]);
        assert_eq!(prospects[1].enquiry.status.as_deref(), Some("resend"));
        assert!(text[prospects[1].at.clone()].starts_with("<prospect status"));
        assert!(read("<html/>").is_err());
    }
}
