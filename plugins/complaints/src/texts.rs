//! Texts that are stored, such as a task's title: the same ones the console shows.

marque_sdk::texts!(pub);

/// What is to be done and for whom: `受理投诉：王磊`.
pub fn title(locale: &str, step: &str, who: &str) -> String {
    marque_sdk::texts::title(locale, &text(locale, &format!("step.{step}")), who)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Step;

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
}
