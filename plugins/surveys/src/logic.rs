//! Show-if: `test_drive = yes and overall <= 6 or buy has price`. `and` binds before `or`; what was not answered meets nothing.

use std::collections::BTreeSet;

use marque_sdk::{Data, Value};

use crate::question::{Question, Type};

/// A condition: one of several groups, in which all tests hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(Vec<Vec<Test>>);

/// One comparison with an earlier answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// The question looked at.
    pub question: String,
    op: Op,
    operand: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Is,
    IsNot,
    Below,
    AtMost,
    Above,
    AtLeast,
    Has,
    Answered,
}

const OPS: [(&str, Op); 8] = [
    ("=", Op::Is),
    ("!=", Op::IsNot),
    ("<", Op::Below),
    ("<=", Op::AtMost),
    (">", Op::Above),
    (">=", Op::AtLeast),
    ("has", Op::Has),
    ("answered", Op::Answered),
];

impl Condition {
    /// Reads one; the reason where it cannot be read.
    pub fn parse(text: &str) -> Result<Condition, String> {
        let mut groups = vec![Vec::new()];
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut at = 0;
        while at < words.len() {
            let name = words.get(at + 1).copied().unwrap_or_default();
            let Some((_, op)) = OPS.iter().find(|(known, _)| *known == name) else {
                return Err(format!("{text:?}: after {:?} stands one of = != < <= > >= has answered", words[at]));
            };
            let n_words = if *op == Op::Answered { 2 } else { 3 };
            let operand = if n_words == 3 { words.get(at + 2).copied() } else { Some("") };
            let Some(operand) = operand else { return Err(format!("{text:?}: a value is missing at the end")) };
            let test = Test { question: words[at].to_owned(), op: *op, operand: operand.to_owned() };
            groups.last_mut().expect("there is a group from the start").push(test);
            at += n_words;
            match words.get(at).copied() {
                None => break,
                Some("and") => {}
                Some("or") => groups.push(Vec::new()),
                Some(other) => return Err(format!("{text:?}: {other:?} should be and, or")),
            }
            at += 1;
            if at >= words.len() {
                return Err(format!("{text:?}: something is missing after the last word"));
            }
        }
        Ok(Condition(groups))
    }

    /// The questions it looks at.
    pub fn questions(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(|test| test.question.as_str())
    }

    /// Whether the answers meet it.
    pub fn holds(&self, answers: &Data) -> bool {
        self.0.iter().any(|group| group.iter().all(|test| test.holds(answers.get(&test.question))))
    }
}

impl Test {
    fn holds(&self, answer: Option<&Value>) -> bool {
        let Some(answer) = answer.filter(|answer| !answer.is_null()) else { return false };
        let number = || Some((answer.as_f64()?, self.operand.parse::<f64>().ok()?));
        let same = || match answer {
            Value::String(text) => *text == self.operand,
            _ => number().is_some_and(|(left, right)| left == right),
        };
        match self.op {
            Op::Is => same(),
            Op::IsNot => !same(),
            Op::Below => number().is_some_and(|(left, right)| left < right),
            Op::AtMost => number().is_some_and(|(left, right)| left <= right),
            Op::Above => number().is_some_and(|(left, right)| left > right),
            Op::AtLeast => number().is_some_and(|(left, right)| left >= right),
            Op::Has => answer.as_array().is_some_and(|all| all.iter().any(|each| each.as_str() == Some(&self.operand))),
            Op::Answered => true,
        }
    }
}

/// The questions that are asked, given the answers so far; a question whose condition rests on one not asked is not asked either.
pub fn visible<'a>(questions: &'a [Question], answers: &Data) -> Vec<&'a Question> {
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for question in questions {
        let is_shown = question.show_if.trim().is_empty()
            || Condition::parse(&question.show_if).is_ok_and(|condition| {
                let seen: Data = answers
                    .iter()
                    .filter(|(code, _)| shown.contains(code.as_str()))
                    .map(|(code, value)| (code.clone(), value.clone()))
                    .collect();
                condition.holds(&seen)
            });
        if is_shown {
            shown.insert(&question.code);
            found.push(question);
        }
    }
    found
}

/// The question whose answer ends the interview.
pub fn screened_out<'a>(questions: &'a [Question], answers: &Data) -> Option<&'a Question> {
    visible(questions, answers).into_iter().find(|question| match answers.get(&question.code) {
        Some(Value::String(answer)) => question.is_screened_out_by(answer),
        Some(Value::Array(answers)) => {
            answers.iter().filter_map(Value::as_str).any(|answer| question.is_screened_out_by(answer))
        }
        _ => false,
    })
}

/// Every score from 1 to 10 in the answers to shown questions, with question and factor; matrix lines are `question.line`.
pub fn scores(questions: &[Question], answers: &Data) -> Vec<Score> {
    let mut found = Vec::new();
    for question in visible(questions, answers) {
        let Some(answer) = answers.get(&question.code) else { continue };
        let mut push = |item: String, value: &Value| {
            // 10 is the best in every report, whichever way the scale was printed.
            let score = value.as_u64().filter(|score| (1..=10).contains(score));
            let score = score.filter(|score| question.r#type != Type::Scale5 || *score <= 5);
            // Fives count as tens do: 5 is 10, 1 is 2.
            let score = score.map(|score| match (question.r#type, question.reversed) {
                (Type::Scale5, false) => score * 2,
                (Type::Scale5, true) => (6 - score) * 2,
                (_, true) => 11 - score,
                (_, false) => score,
            });
            found.extend(score.map(|score| Score {
                item,
                factor: question.factor.clone(),
                score,
                role: question.role,
            }));
        };
        match question.r#type {
            Type::Scale | Type::Scale5 => push(question.code.clone(), answer),
            Type::Matrix => question.matrix().iter().for_each(|line| {
                if let Some(value) = answer.get(&line.value) {
                    push(format!("{}.{}", question.code, line.value), value);
                }
            }),
            _ => {}
        }
    }
    found
}

/// One score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Question, or question and line.
    pub item: String,
    /// The factor it counts for; empty for none.
    pub factor: String,
    /// 1 to 10, 10 the best.
    pub score: u64,
    /// What the question is for.
    pub role: crate::question::Role,
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::json;

    fn data(value: Value) -> Data {
        value.as_object().cloned().unwrap()
    }

    fn holds(text: &str, answers: Value) -> bool {
        Condition::parse(text).unwrap().holds(&data(answers))
    }

    #[test]
    fn and_binds_before_or() {
        let text = "a = yes and b <= 6 or c has price";
        assert!(holds(text, json!({ "a": "yes", "b": 6 })));
        assert!(!holds(text, json!({ "a": "yes", "b": 7 })));
        assert!(holds(text, json!({ "c": ["price", "place"] })));
        assert!(!holds(text, json!({})));
    }

    #[test]
    fn numbers_compare_as_numbers_and_silence_meets_nothing() {
        assert!(holds("n = 10", json!({ "n": 10 })) && holds("n > 9", json!({ "n": 10 })));
        assert!(!holds("n != 3", json!({})) && holds("n != 3", json!({ "n": 4 })));
        assert!(holds("n answered", json!({ "n": "x" })) && !holds("n answered", json!({ "n": null })));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for text in ["a", "a ~ 3", "a =", "a = 3 but b = 4", "a = 3 and"] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_hangs_on_a_hidden_question_is_hidden() {
        let ask = |code: &str, show_if: &str| Question {
            code: code.into(),
            show_if: show_if.into(),
            r#type: Type::YesNo,
            ..Question::default()
        };
        let questions = [ask("a", ""), ask("b", "a = yes"), ask("c", "b = yes")];
        let shown = |answers: Value| {
            visible(&questions, &data(answers)).iter().map(|question| question.code.clone()).collect::<String>()
        };
        assert_eq!(shown(json!({ "a": "yes", "b": "yes" })), "abc");
        // An old answer to b does not count once a says no.
        assert_eq!(shown(json!({ "a": "no", "b": "yes" })), "a");
    }

    #[test]
    fn reversed_scales_are_turned_round_in_scores() {
        let question = Question { code: "q".into(), reversed: true, ..Question::default() };
        assert_eq!(scores(&[question], &data(json!({ "q": 2 })))[0].score, 9);
    }
}
