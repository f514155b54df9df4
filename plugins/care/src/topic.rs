//! What calls and reminders are about, and what each may and must do.

use crate::settings::Settings;

/// Always marketing, whatever a dealer says: these need the customer's consent.
const MARKETING: [&str; 5] = ["renewal", "replacement", "birthday", "anniversary", "season"];
/// What a customer with an open complaint is told all the same: it protects them, or it is asked for by law or by themselves.
const PROTECTED: [&str; 7] =
    ["service_48h", "recall", "warranty_end", "sanbao_end", "inspection", "licence", "booking"];
/// Calls that ask how it was; without an answer they are not done.
const ASKING: [&str; 3] = ["service_48h", "delivery_7d", "delivery_30d"];

/// Whether it needs consent to marketing.
pub fn is_marketing(settings: &Settings, kind: &str) -> bool {
    MARKETING.contains(&kind) || settings.marketing.iter().any(|own| own == kind)
}

/// Whether it waits while a complaint of the customer is open.
pub fn waits_for_complaint(kind: &str) -> bool {
    !PROTECTED.contains(&kind)
}

/// Whether the customer is asked for a score.
pub fn asks_for_score(kind: &str) -> bool {
    ASKING.contains(&kind)
}

/// Whether it is one of the calls planned with a delivery.
pub fn is_after_delivery(kind: &str) -> bool {
    kind.starts_with("delivery_")
}

/// Whether it is service by distance and time.
pub fn is_service(kind: &str) -> bool {
    matches!(kind, "first_service" | "regular_service")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::unit::defaults;

    #[test]
    fn a_dealer_may_be_stricter_about_marketing_and_not_laxer() {
        let mut settings = defaults();
        assert!(is_marketing(&settings, "renewal"));
        assert!(!is_marketing(&settings, "regular_service"));
        settings.marketing = vec!["regular_service".into()];
        assert!(is_marketing(&settings, "regular_service") && is_marketing(&settings, "birthday"));
    }

    #[test]
    fn a_complaint_holds_what_sells_and_not_what_protects() {
        assert!(["renewal", "regular_service", "delivery_7d", "birthday"].iter().all(|kind| waits_for_complaint(kind)));
        assert!(!["recall", "warranty_end", "service_48h"].iter().any(|kind| waits_for_complaint(kind)));
    }
}
