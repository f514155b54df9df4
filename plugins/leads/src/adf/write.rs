//! A lead as an ADF message, its elements in the order of the DTD.

use marque_sdk::{Result, Value, json, view};
use quick_xml::escape::escape;
use serde::Deserialize;

use crate::{customer, desk::Desk, lead::Lead};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Org {
    name: String,
    phone: Option<String>,
}

/// Writes a lead; the reply holds the text.
pub fn write(desk: &Desk, lead: &Lead) -> Result<Value> {
    let customer = lead.customer().map(customer::load).transpose()?.flatten().map(|customer| customer.data);
    let org = view::get::<Org>("org", &lead.org)?.map(|org| org.data).unwrap_or_default();
    let mut xml = Xml::default();
    xml.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<?adf version=\"1.0\"?>\n<adf>\n<prospect status=\"new\">");
    xml.element("id", &[("sequence", "1"), ("source", "Marque")], lead.text("number").unwrap_or(&lead.id));
    xml.element("requestdate", &[], lead.text("received_at").unwrap_or(desk.now()));
    vehicles(&mut xml, lead);
    xml.line("<customer><contact>");
    let name = customer.as_ref().map(|customer| customer.name.as_str()).or(lead.text("name")).unwrap_or("-");
    xml.element("name", &[("part", "full")], name);
    if let Some(email) = customer.as_ref().and_then(|customer| customer.email.as_deref()) {
        xml.element("email", &[], email);
    }
    let time = lead.text("preferred_time").unwrap_or("nopreference");
    if let Some(phone) = customer.as_ref().and_then(|customer| customer.phone.as_deref()) {
        xml.element("phone", &[("type", "cellphone"), ("time", time)], phone);
    }
    if let Some(phone) = lead.text("other_phone") {
        xml.element("phone", &[("type", "voice"), ("time", time)], phone);
    }
    xml.line("</contact>");
    if let Some(days) = lead.text("window").and_then(window) {
        xml.line("<timeframe>");
        xml.element("description", &[], days);
        xml.line("</timeframe>");
    }
    if let Some(message) = lead.text("message") {
        xml.element("comments", &[], message);
    }
    xml.line("</customer>\n<vendor>");
    xml.element("vendorname", &[], &org.name);
    xml.line("<contact>");
    xml.element("name", &[("part", "full")], &org.name);
    xml.element("phone", &[("type", "voice")], org.phone.as_deref().unwrap_or("-"));
    xml.line("</contact></vendor>");
    if let Some(provider) = lead.text("provider") {
        xml.line("<provider>");
        xml.element("name", &[], provider);
        xml.line("</provider>");
    }
    xml.line("</prospect>\n</adf>");
    Ok(json!({ "adf": xml.text }))
}

/// The DTD wants a vehicle with year, make and model, whatever is known.
fn vehicles(xml: &mut Xml, lead: &Lead) {
    let listed = lead.data.get("interests").and_then(Value::as_array).cloned().unwrap_or_default();
    let own = json!({ "interest": lead.text("interest"), "brand": lead.text("brand"), "model": lead.text("model") });
    let listed = if listed.is_empty() { vec![own] } else { listed };
    for vehicle in &listed {
        let text = |name: &str| vehicle[name].as_str().filter(|text| !text.is_empty());
        let interest = text("interest").unwrap_or("buy").replace('_', "-");
        xml.open("vehicle", &[("interest", &interest), ("status", text("status").unwrap_or("new"))]);
        xml.element("year", &[], text("year").unwrap_or("-"));
        xml.element("make", &[], text("brand").unwrap_or("-"));
        xml.element("model", &[], text("model").unwrap_or("-"));
        if let Some(vin) = text("vin") {
            xml.element("vin", &[], vin);
        }
        if let Some(odometer) = text("odometer") {
            xml.element(
                "odometer",
                &[("status", "original"), ("units", text("odometer_unit").unwrap_or("km"))],
                odometer,
            );
        }
        xml.line("</vehicle>");
    }
}

fn window(window: &str) -> Option<&'static str> {
    match window {
        "d7" => Some("7 days"),
        "d15" => Some("15 days"),
        "d30" => Some("30 days"),
        "d90" => Some("90 days"),
        "later" => Some("later than 90 days"),
        _ => None,
    }
}

#[derive(Default)]
struct Xml {
    text: String,
}

impl Xml {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.text.push('\n');
    }

    fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.start(name, attributes);
        // Signs that XML has no place for would make the whole message unreadable.
        let plain: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        self.text.push_str(&escape(plain.as_str()));
        self.line(&format!("</{name}>"));
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.text.push('<');
        self.text.push_str(name);
        for (name, value) in attributes {
            self.text.push_str(&format!(" {name}=\"{}\"", escape(*value)));
        }
        self.text.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{adf, lead::patch, settings::tests::defaults};
    use marque_sdk::testing::Given;

    #[test]
    fn what_is_written_is_read_again_as_it_was() {
        let lead = Lead {
            id: "l1".into(),
            rev: 1,
            org: "d1".into(),
            data: patch(json!({
                "number": "L000001", "customer": "c1", "interest": "test_drive", "brand": "Citroën", "model": "C5 <X>", "window": "d15",
                "message": "price? & \"soon\"\u{7}", "provider": "Portal & Co", "received_at": "2026-03-13T09:45:00.000Z", "preferred_time": "evening",
            })),
        };
        let given = Given::new()
            .settings(defaults())
            .record("customer", "c1", json!({ "name": "王磊", "phone": "+8613800001234", "email": "wl@example.cn" }))
            .record("org", "d1", json!({ "name": "D1" }));
        let _ = given.run(|| {
            let reply = write(&Desk::open()?, &lead)?;
            let text = reply["adf"].as_str().unwrap();
            let mut read = adf::read(text).unwrap_or_else(|wrong| panic!("{wrong}: {text}"));
            let enquiry = read.remove(0).enquiry;
            assert_eq!(enquiry.name.as_deref(), Some("王磊"));
            assert_eq!(enquiry.mobile().as_deref(), Some("+8613800001234"));
            assert_eq!((enquiry.model.as_deref(), enquiry.brand.as_deref()), (Some("C5 <X>"), Some("Citroën")));
            assert_eq!((enquiry.interest.as_deref(), enquiry.window()), (Some("test_drive"), "d15"));
            assert_eq!(
                (enquiry.provider.as_deref(), enquiry.external_id.as_deref()),
                (Some("Portal & Co"), Some("L000001/1"))
            );
            assert_eq!(enquiry.message.as_deref(), Some("price? & \"soon\""));
            assert_eq!((enquiry.dealer.as_deref(), enquiry.preferred_time.as_deref()), (Some("D1"), Some("evening")));
            let place = |name: &str| text.find(&format!("<{name}")).unwrap_or_else(|| panic!("no {name} in {text}"));
            let order = ["id", "requestdate", "vehicle", "customer", "vendor>", "provider"].map(place);
            assert!(order.is_sorted(), "{text}");
            Ok(())
        });
    }
}
