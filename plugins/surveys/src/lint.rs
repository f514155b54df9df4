//! Design lint: what is wrong with a questionnaire, each finding with its rule and its place. One finding blocks the pilot.

mod shape;
mod words;

use marque_sdk::{Fault, Result};

use crate::{
    question::{Question, Type},
    questionnaire::Questionnaire,
    texts,
};

/// Something to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `leading`, `two_topics` …; the text `lint.<rule>` says what to do.
    pub rule: &'static str,
    /// `/questions/3/en`; empty for the whole.
    pub pointer: String,
    /// The question's code, or the word that was found.
    pub about: String,
}

/// At most so many questions.
pub const MOST_QUESTIONS: usize = 30;
/// By phone, at most so many minutes.
pub const MOST_MINUTES: u64 = 15;

/// Everything that is wrong, in the order of the questionnaire.
pub fn lint(questionnaire: &Questionnaire) -> Vec<Finding> {
    let mut findings = shape::findings(questionnaire);
    findings.extend(intro(questionnaire));
    findings.extend(wording(questionnaire));
    findings.extend(order(questionnaire));
    findings.extend(length(questionnaire));
    findings
}

/// Refuses what has findings, all of them at once.
pub fn must_be_clean(questionnaire: &Questionnaire, locale: &str) -> Result<()> {
    let findings = lint(questionnaire);
    let Some(first) = findings.first() else { return Ok(()) };
    let message = sentence(first, locale);
    let fault = Fault::new("lint_failed", message);
    Err(findings.iter().fold(fault, |fault, finding| {
        fault.and(&finding.pointer, &format!("lint.{}", finding.rule), sentence(finding, locale))
    }))
}

/// One finding as people read it.
pub fn sentence(finding: &Finding, locale: &str) -> String {
    texts::text(locale, &format!("lint.{}", finding.rule)).replace("{about}", &finding.about)
}

/// What the introduction must tell: what for, how long, that it stays between us.
fn intro(questionnaire: &Questionnaire) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (field, text) in [("intro_zh", &questionnaire.intro_zh), ("intro_en", &questionnaire.intro_en)] {
        for (rule, wanted) in
            [("intro_purpose", &words::PURPOSE[..]), ("intro_length", &words::LENGTH), ("intro_secret", &words::SECRET)]
        {
            if words::first(text, wanted).is_none() {
                findings.push(Finding { rule, pointer: format!("/{field}"), about: field.to_owned() });
            }
        }
    }
    findings
}

/// Leading words, two topics, bribes.
fn wording(questionnaire: &Questionnaire) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut bribes = |pointer: String, text: &str| {
        if let Some(word) = words::first(text, &words::BRIBES) {
            findings.push(Finding { rule: "reward", pointer, about: word.to_owned() });
        }
    };
    for (field, text) in [
        ("intro_zh", &questionnaire.intro_zh),
        ("intro_en", &questionnaire.intro_en),
        ("script_zh", &questionnaire.script_zh),
        ("script_en", &questionnaire.script_en),
        ("invitation_zh", &questionnaire.invitation_zh),
        ("invitation_en", &questionnaire.invitation_en),
        ("thanks_zh", &questionnaire.thanks_zh),
        ("thanks_en", &questionnaire.thanks_en),
    ] {
        bribes(format!("/{field}"), text);
    }
    for (n, question) in questionnaire.questions.iter().enumerate() {
        for (field, text) in [("zh", &question.zh), ("en", &question.en)] {
            bribes(format!("/questions/{n}/{field}"), text);
        }
    }
    for (n, question) in questionnaire.questions.iter().enumerate() {
        findings.extend(of_question(n, question));
    }
    findings
}

fn of_question(n: usize, question: &Question) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut texts = vec![("zh", question.zh.clone()), ("en", question.en.clone())];
    for line in question.matrix() {
        texts.extend([("lines", line.zh), ("lines", line.en)]);
    }
    for (field, text) in texts {
        let pointer = format!("/questions/{n}/{field}");
        if let Some(word) = words::leading(&text) {
            findings.push(Finding { rule: "leading", pointer: pointer.clone(), about: word });
        }
        // Free words may be about as many things as they like.
        if question.r#type != Type::Text && words::has_two_topics(&text) {
            findings.push(Finding { rule: "two_topics", pointer, about: question.code.clone() });
        }
    }
    if question.fact && !question.knows_dont_know() {
        let pointer = format!("/questions/{n}/dont_know");
        findings.push(Finding { rule: "dont_know", pointer, about: question.code.clone() });
    }
    findings
}

/// Sensitive questions last, one direction of scales, items in random order.
fn order(questionnaire: &Questionnaire) -> Vec<Finding> {
    let questions = &questionnaire.questions;
    let mut findings = Vec::new();
    let last_plain = questions.iter().rposition(|question| !question.sensitive);
    for (n, question) in questions.iter().enumerate() {
        if question.sensitive && last_plain.is_some_and(|last| n < last) {
            let pointer = format!("/questions/{n}/sensitive");
            findings.push(Finding { rule: "sensitive_last", pointer, about: question.code.clone() });
        }
    }
    let is_scale = |question: &&Question| question.is_scored();
    let first = questions.iter().find(is_scale).map(|question| question.reversed);
    for (n, question) in questions.iter().enumerate() {
        if is_scale(&question) && first.is_some_and(|first| first != question.reversed) {
            let pointer = format!("/questions/{n}/reversed");
            findings.push(Finding { rule: "direction", pointer, about: question.code.clone() });
        }
    }
    let n_items = |factor: &str| questions.iter().filter(|question| question.factor == factor).count();
    if !questionnaire.randomise
        && let Some(factor) = questionnaire.factors.iter().find(|factor| n_items(&factor.code) > 1)
    {
        findings.push(Finding { rule: "randomise", pointer: "/randomise".into(), about: factor.code.clone() });
    }
    findings
}

fn length(questionnaire: &Questionnaire) -> Vec<Finding> {
    let mut findings = Vec::new();
    let n_questions: usize = questionnaire.questions.iter().map(Question::n_items).sum();
    if n_questions > MOST_QUESTIONS {
        let about = n_questions.to_string();
        findings.push(Finding { rule: "too_many", pointer: "/questions".into(), about });
    }
    let minutes = questionnaire.max_minutes.max(minutes(&questionnaire.questions));
    if minutes > MOST_MINUTES {
        findings.push(Finding { rule: "too_long", pointer: "/max_minutes".into(), about: minutes.to_string() });
    }
    findings
}

/// How long it takes on the phone, at 20 seconds a score or choice and 45 for free words; begun minutes count.
pub fn minutes(questions: &[Question]) -> u64 {
    let seconds: u64 = questions
        .iter()
        .map(|question| if question.r#type == Type::Text { 45 } else { 20 * question.n_items() as u64 })
        .sum();
    seconds.div_ceil(60)
}

#[cfg(test)]
mod tests;
