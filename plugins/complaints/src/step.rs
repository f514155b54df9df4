//! Steps: which one a case stands in, which clock it runs against, and what its task is called.

use crate::case::{Case, State};

/// A step of the loop; each has one open task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Take the complaint up and tell the customer its number.
    Response,
    /// Speak to the customer in person.
    Soothing,
    /// Find the cause.
    Analysis,
    /// Find a remedy.
    Decision,
    /// Have the remedy approved by somebody who may.
    Approval,
    /// Have the customer's answer.
    Agreement,
    /// Arrange the remedy.
    Execution,
    /// Carry it out and keep the proof.
    Proof,
    /// Ask the customer whether it helped.
    Verification,
    /// A manager closes.
    Closing,
    /// Keep the lesson.
    Archive,
}

impl Step {
    /// As stored in the case.
    pub fn code(self) -> &'static str {
        match self {
            Step::Response => "response",
            Step::Soothing => "soothing",
            Step::Analysis => "analysis",
            Step::Decision => "decision",
            Step::Approval => "approval",
            Step::Agreement => "agreement",
            Step::Execution => "execution",
            Step::Proof => "proof",
            Step::Verification => "verification",
            Step::Closing => "closing",
            Step::Archive => "archive",
        }
    }

    /// As its task says.
    pub fn task_code(self) -> String {
        format!("complaint.{}", self.code())
    }

    /// The step a case stands in; none when nothing is left to do.
    pub fn of(case: &Case) -> Option<Step> {
        Some(match case.state() {
            State::Received => Step::Response,
            State::Accepted => Step::Soothing,
            State::Soothed | State::Reopened => Step::Analysis,
            State::Analysing => Step::Decision,
            State::Proposed => match case.text("approval") {
                Some("pending") => Step::Approval,
                Some("returned") => Step::Decision,
                _ => Step::Agreement,
            },
            State::Agreed => Step::Execution,
            State::Executing => Step::Proof,
            State::Verifying if case.number("satisfaction_after") >= 4 => Step::Closing,
            State::Verifying => Step::Verification,
            State::Closed => Step::Archive,
            State::Archived | State::Rejected | State::Withdrawn | State::Transferred => return None,
        })
    }

    /// The field that holds its due time.
    pub fn due_field(self) -> &'static str {
        match self {
            Step::Response | Step::Soothing => "response_due",
            Step::Analysis => "analysis_due",
            Step::Decision | Step::Approval | Step::Agreement => "decision_due",
            Step::Execution | Step::Proof => "execution_due",
            Step::Verification | Step::Closing => "verify_due",
            Step::Archive => "archive_due",
        }
    }

    /// The field that says when its limit began.
    pub fn start_field(self) -> &'static str {
        match self {
            Step::Response | Step::Soothing => "received_at",
            Step::Analysis | Step::Execution | Step::Proof => "clock_from",
            Step::Decision | Step::Approval | Step::Agreement => "decision_from",
            Step::Verification | Step::Closing => "executed_at",
            Step::Archive => "closed_at",
        }
    }

    /// When it is due in this case.
    pub fn due(self, case: &Case) -> &str {
        case.text(self.due_field()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::patch;
    use marque_sdk::{Value, json};

    fn case(data: Value) -> Case {
        Case { id: "c".into(), rev: 1, data: patch(data) }
    }

    #[test]
    fn every_open_case_has_a_step() {
        for state in State::OPEN {
            assert!(Step::of(&case(json!({ "state": state.code() }))).is_some(), "{}", state.code());
        }
    }

    #[test]
    fn a_closed_case_is_still_to_be_archived() {
        assert_eq!(Step::of(&case(json!({ "state": "closed" }))), Some(Step::Archive));
        assert_eq!(Step::of(&case(json!({ "state": "archived" }))), None);
    }

    #[test]
    fn a_costly_remedy_waits_for_approval_before_the_customer_is_asked() {
        assert_eq!(Step::of(&case(json!({ "state": "proposed", "approval": "pending" }))), Some(Step::Approval));
        assert_eq!(Step::of(&case(json!({ "state": "proposed", "approval": "approved" }))), Some(Step::Agreement));
        assert_eq!(Step::of(&case(json!({ "state": "proposed", "approval": "returned" }))), Some(Step::Decision));
    }

    #[test]
    fn every_step_is_a_value_of_the_kind() {
        let kind: Value = serde_json::from_str(include_str!("../records/complaints.case.json")).unwrap();
        let known: Vec<&str> = kind["fields"]["step"]["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value["value"].as_str().unwrap())
            .collect();
        for state in State::OPEN.into_iter().chain([State::Closed]) {
            for approval in ["pending", "approved", "returned"] {
                let step = Step::of(&case(json!({ "state": state.code(), "approval": approval }))).unwrap();
                assert!(known.contains(&step.code()));
                assert!(kind["fields"][step.due_field()].is_object() && kind["fields"][step.start_field()].is_object());
            }
        }
    }
}
