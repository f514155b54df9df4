//! What a questionnaire must have to be asked at all: codes, both languages, choices, conditions that lead somewhere.

use std::collections::BTreeSet;

use super::Finding;
use crate::{
    logic::Condition,
    question::{Question, Type},
    questionnaire::Questionnaire,
};

/// Findings about the shape.
pub fn findings(questionnaire: &Questionnaire) -> Vec<Finding> {
    let mut findings = Vec::new();
    if questionnaire.questions.is_empty() {
        findings.push(Finding { rule: "empty", pointer: "/questions".into(), about: String::new() });
    }
    let mut before: BTreeSet<&str> = BTreeSet::new();
    for (n, question) in questionnaire.questions.iter().enumerate() {
        let at = |field: &str| format!("/questions/{n}/{field}");
        let mut push = |rule, pointer, about: &str| findings.push(Finding { rule, pointer, about: about.to_owned() });
        if !is_code(&question.code) || before.contains(question.code.as_str()) {
            push("code", at("code"), &question.code);
        }
        for (field, text) in [("zh", &question.zh), ("en", &question.en)] {
            if text.trim().is_empty() {
                push("language", at(field), &question.code);
            }
        }
        if needs_choices(question) {
            push("options", at(if question.r#type == Type::Matrix { "lines" } else { "options" }), &question.code);
        }
        if let Some(reason) = wrong_condition(question, &before) {
            push("show_if", at("show_if"), &reason);
        }
        let is_factor = questionnaire.factors.iter().any(|factor| factor.code == question.factor);
        if !question.factor.is_empty() && !is_factor {
            push("factor", at("factor"), &question.factor);
        }
        before.insert(&question.code);
    }
    for (n, factor) in questionnaire.factors.iter().enumerate() {
        let has_score =
            questionnaire.questions.iter().any(|question| question.factor == factor.code && question.is_scored());
        if !has_score {
            let pointer = format!("/factors/{n}");
            findings.push(Finding { rule: "factor_unasked", pointer, about: factor.code.clone() });
        }
    }
    findings
}

fn is_code(code: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !code.is_empty()
        && code.len() <= 40
        && code.chars().all(is_sign)
        && code.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Whether choices or lines are missing, or one stands there twice.
fn needs_choices(question: &Question) -> bool {
    let (choices, least) = match question.r#type {
        Type::Single | Type::Multiple => (question.choices(), 2),
        Type::Matrix => (question.matrix(), 1),
        _ => return false,
    };
    let values: BTreeSet<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
    values.len() < least || values.len() < choices.len() || values.contains("")
}

fn wrong_condition(question: &Question, before: &BTreeSet<&str>) -> Option<String> {
    if question.show_if.trim().is_empty() {
        return None;
    }
    match Condition::parse(&question.show_if) {
        Err(reason) => Some(reason),
        Ok(condition) => condition
            .questions()
            .find(|code| !before.contains(code))
            .map(|code| format!("{:?}: {code:?} is not asked before", question.show_if)),
    }
}
