//! Texts that are stored, such as a task's title: the same ones the console shows.

use marque_sdk::Value;

const CHINESE: &str = include_str!("../texts/zh-CN.json");
const ENGLISH: &str = include_str!("../texts/en.json");

/// The text of a key in a language; Chinese unless English is asked for.
pub fn text(locale: &str, key: &str) -> String {
    let source = if locale.starts_with("en") { ENGLISH } else { CHINESE };
    let texts: Value = serde_json::from_str(source).unwrap_or_default();
    texts.get(key).and_then(Value::as_str).unwrap_or(key).to_owned()
}

/// What is to be done and for whom: `受理投诉：王磊`.
pub fn title(locale: &str, step: &str, who: &str) -> String {
    let what = text(locale, &format!("step.{step}"));
    match (who, locale.starts_with("en")) {
        ("", _) => what,
        (who, true) => format!("{what}: {who}"),
        (who, false) => format!("{what}：{who}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{case::patch, step::Step};

    #[test]
    fn every_step_has_a_title() {
        let steps = [
            Step::Response,
            Step::Soothing,
            Step::Analysis,
            Step::Decision,
            Step::Approval,
            Step::Agreement,
            Step::Execution,
            Step::Proof,
            Step::Verification,
            Step::Closing,
            Step::Archive,
        ];
        for step in steps.map(Step::task_code).into_iter().chain(["complaint.escalation".into()]) {
            for locale in ["zh-CN", "en"] {
                assert_ne!(text(locale, &format!("step.{step}")), format!("step.{step}"));
            }
        }
    }

    #[test]
    fn a_title_names_the_customer_where_known() {
        assert_eq!(title("zh-CN", "complaint.response", "王磊"), "受理投诉：王磊");
        assert_eq!(title("en", "complaint.response", "Wang Lei"), "Accept the complaint: Wang Lei");
        assert_eq!(title("zh-CN", "complaint.response", ""), "受理投诉");
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let keys = |source: &str| {
            patch(serde_json::from_str(source).unwrap()).keys().cloned().collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(keys(CHINESE), keys(ENGLISH));
    }
}
