//! An enquiry in one form, whichever way it came in.

use marque_sdk::{Data, Id, Value, json};
use serde::{Deserialize, Serialize};

use crate::{lead::patch, phone};

/// The input of `receive`, one row of a list, one prospect of an ADF message; see plugin.toml.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Enquiry {
    pub customer: Option<Id>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub channel: Option<String>,
    pub source: Option<String>,
    pub provider: Option<String>,
    pub external_id: Option<String>,
    /// `resend`: what is known already comes once more.
    pub status: Option<String>,
    pub request_date: Option<String>,
    pub dealer: Option<String>,
    pub city: Option<String>,
    pub owner: Option<Id>,
    pub interest: Option<String>,
    pub brand: Option<String>,
    pub model: Option<String>,
    pub interests: Option<Value>,
    pub window: Option<String>,
    /// Days until the customer wants to buy, where that is known more exactly than a window.
    pub window_days: Option<i64>,
    pub cars: Option<i64>,
    pub budget: Option<i64>,
    pub price: Option<i64>,
    pub pay_method: Option<String>,
    pub trade_in: Option<bool>,
    pub current_car: Option<String>,
    pub competitor: Option<String>,
    pub message: Option<String>,
    pub campaign: Option<String>,
    pub landing_page: Option<String>,
    pub preferred_time: Option<String>,
    pub test_drive: Option<String>,
    pub page_views: Option<i64>,
    pub consent_profiling: Option<bool>,
    pub consent_marketing: Option<bool>,
    pub consent_text: Option<String>,
    pub company: Option<bool>,
}

/// Fields of the lead that are filled in as they come.
const COPIED: [&str; 21] = [
    "source",
    "provider",
    "external_id",
    "interest",
    "brand",
    "model",
    "interests",
    "cars",
    "budget",
    "price",
    "pay_method",
    "trade_in",
    "current_car",
    "competitor",
    "message",
    "campaign",
    "landing_page",
    "city",
    "preferred_time",
    "test_drive",
    "consent_text",
];

impl Enquiry {
    /// How it came; from a form of the API unless said.
    pub fn channel(&self) -> &str {
        self.channel.as_deref().unwrap_or("web_form")
    }

    /// Whether somebody of the house stood before the customer or had them on the line.
    pub fn is_in_person(&self) -> bool {
        matches!(self.channel(), "walk_in" | "phone" | "referral")
    }

    /// The mobile, as customers' files keep it.
    pub fn mobile(&self) -> Option<String> {
        self.phone.as_deref().and_then(phone::mobile)
    }

    /// A number that is no mobile but reaches somebody.
    pub fn other_phone(&self) -> Option<&str> {
        let phone = self.phone.as_deref()?.trim();
        (self.mobile().is_none() && phone::is_number(phone)).then_some(phone)
    }

    /// An address that mail reaches.
    pub fn email(&self) -> Option<String> {
        let email = self.email.as_deref()?.trim();
        phone::is_email(email).then(|| email.to_lowercase())
    }

    /// Whether there is any way back to the customer.
    pub fn is_reachable(&self) -> bool {
        self.customer.is_some() || self.mobile().is_some() || self.other_phone().is_some() || self.email().is_some()
    }

    /// The name, without blanks around it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref().map(str::trim).filter(|name| !name.is_empty())
    }

    /// The window, from days where they are known.
    pub fn window(&self) -> &str {
        match (&self.window, self.window_days) {
            (Some(window), _) => window,
            (None, Some(days)) => window_of(days),
            (None, None) => "unknown",
        }
    }

    /// By which the same enquiry is known when it comes again: the provider's own id, else who asks for what on which day.
    pub fn key(&self, today: &str) -> Option<String> {
        if let Some(id) = self.external_id.as_deref().map(str::trim).filter(|id| !id.is_empty()) {
            return Some(cut(&format!("{}|{id}", self.provider.as_deref().unwrap_or_default().trim()), 300));
        }
        // What somebody of the house takes down twice is for the duplicate decision: a second visit is no resent message.
        if self.is_in_person() {
            return None;
        }
        let who = self.mobile().or_else(|| self.email()).or_else(|| self.other_phone().map(str::to_owned))?;
        let day = self.request_date.as_deref().and_then(|date| date.get(..10)).unwrap_or(today);
        let model = self.model.as_deref().unwrap_or_default().trim().to_lowercase();
        Some(cut(&format!("{who}|{model}|{day}"), 300))
    }

    /// The lead's fields that are in it. Ways to the customer are the customer's own.
    pub fn fields(&self) -> Data {
        let mut data = patch(json!(self));
        data.retain(|name, value| COPIED.contains(&name.as_str()) && !value.is_null() && value != "");
        for (name, most) in [("model", 100), ("brand", 60), ("provider", 100), ("external_id", 200), ("campaign", 100)]
        {
            if let Some(Value::String(text)) = data.get_mut(name) {
                *text = cut(text, most);
            }
        }
        data.insert("channel".into(), self.channel().into());
        data.insert("window".into(), self.window().into());
        if let Some(name) = self.name() {
            data.insert("name".into(), cut(name, 100).into());
        }
        if let Some(phone) = self.other_phone() {
            data.insert("other_phone".into(), cut(phone, 60).into());
        }
        if self.consent_marketing == Some(true) {
            data.insert("consent_marketing".into(), true.into());
        }
        if self.consent_profiling == Some(true) {
            data.extend(self.page_views.map(|views| ("page_views".to_owned(), views.max(0).into())));
        }
        data
    }
}

/// The window that days fall into.
pub fn window_of(days: i64) -> &'static str {
    match days {
        ..=7 => "d7",
        8..=15 => "d15",
        16..=30 => "d30",
        31..=90 => "d90",
        _ => "later",
    }
}

/// At most so many characters.
pub fn cut(text: &str, most: usize) -> String {
    text.trim().chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enquiry(value: Value) -> Enquiry {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_providers_id_is_the_key_where_there_is_one() {
        let known = enquiry(json!({ "provider": "PortalX", "external_id": " PX-7/1 ", "phone": "13800001234" }));
        assert_eq!(known.key("2026-03-13").as_deref(), Some("PortalX|PX-7/1"));
    }

    #[test]
    fn without_one_the_same_person_model_and_day_are_the_same_enquiry() {
        let one = enquiry(json!({ "phone": "138 0000 1234", "model": "C5" }));
        let other =
            enquiry(json!({ "phone": "+8613800001234", "model": " c5 ", "request_date": "2026-03-13T10:00:00Z" }));
        assert_eq!(one.key("2026-03-13"), other.key("2026-03-20"));
        assert_ne!(one.key("2026-03-13"), one.key("2026-03-14"));
        assert_eq!(enquiry(json!({ "name": "王磊" })).key("2026-03-13"), None);
    }

    #[test]
    fn a_guest_who_comes_twice_a_day_is_no_resent_message() {
        assert_eq!(enquiry(json!({ "channel": "walk_in", "phone": "13800001234" })).key("2026-03-13"), None);
    }

    #[test]
    fn days_fall_into_windows() {
        let windows = [(0, "d7"), (7, "d7"), (8, "d15"), (15, "d15"), (16, "d30"), (31, "d90"), (91, "later")];
        for (days, window) in windows {
            assert_eq!(window_of(days), window, "{days}");
        }
        assert_eq!(enquiry(json!({ "window": "d30", "window_days": 3 })).window(), "d30", "what was said counts");
    }

    #[test]
    fn seen_pages_count_with_consent_only() {
        let seen = json!({ "phone": "13800001234", "page_views": 3 });
        assert_eq!(enquiry(seen.clone()).fields().get("page_views"), None);
        let mut agreed = seen;
        agreed["consent_profiling"] = true.into();
        assert_eq!(enquiry(agreed).fields()["page_views"], 3);
    }

    #[test]
    fn a_number_that_is_no_mobile_is_kept_as_it_came() {
        let desk = enquiry(json!({ "phone": "027-8580 1234" }));
        assert_eq!((desk.mobile(), desk.other_phone(), desk.is_reachable()), (None, Some("027-8580 1234"), true));
        assert!(!enquiry(json!({ "name": "王磊", "phone": "无", "email": "无" })).is_reachable());
    }
}
