//! Checking answers against the questions: every wrong one with its place, its reason and what to do.

use marque_sdk::{Data, Date, Fault, Result, Value};

use crate::{
    logic,
    question::{DONT_KNOW, Question, Type},
};

/// Refuses answers that do not fit; `is_done` asks for everything required too. `place` is where the answers stand in the input.
pub fn check(questions: &[Question], answers: &Data, is_done: bool, place: &str) -> Result<()> {
    let mut fault: Option<Fault> = None;
    let mut wrong = |code: &str, name: &str, message: String| {
        let pointer = format!("{place}/{name}");
        fault = Some(match fault.take() {
            None => Fault::at(code, &pointer, message),
            Some(fault) => fault.and(&pointer, code, message),
        });
    };
    for (code, answer) in answers {
        match questions.iter().find(|question| question.code == *code) {
            None => wrong("answer_unknown", code, format!("there is no question {code:?}: leave the answer out")),
            Some(_) if answer.is_null() => {}
            Some(question) => {
                if let Err(message) = fits(question, answer) {
                    wrong("answer_invalid", code, message);
                }
            }
        }
    }
    if is_done {
        let is_there = |question: &Question| answers.get(&question.code).is_some_and(|answer| !answer.is_null());
        for question in logic::visible(questions, answers) {
            if question.required && !is_there(question) {
                wrong("answer_missing", &question.code, format!("question {:?} has no answer yet", question.code));
            }
        }
    }
    fault.map_or(Ok(()), Err)
}

fn fits(question: &Question, answer: &Value) -> std::result::Result<(), String> {
    let code = &question.code;
    if answer.as_str() == Some(DONT_KNOW) && question.knows_dont_know() {
        return Ok(());
    }
    let whole = |low: u64, high: u64| match answer.as_u64() {
        Some(score) if (low..=high).contains(&score) => Ok(()),
        _ => Err(format!("{code} is {answer}: it must be a whole number from {low} to {high}")),
    };
    match question.r#type {
        Type::Scale => whole(1, 10),
        Type::Scale5 => whole(1, 5),
        Type::Nps => whole(0, 10),
        Type::Text => match answer.as_str() {
            Some(text) if text.chars().count() <= 2_000 => Ok(()),
            _ => Err(format!("{code} must be a text of at most 2000 characters")),
        },
        Type::Number => answer.as_f64().map(drop).ok_or_else(|| format!("{code} is {answer}: it must be a number")),
        Type::Date => match answer.as_str().map(str::parse::<Date>) {
            Some(Ok(_)) => Ok(()),
            _ => Err(format!("{code} is {answer}: it must be a day like 2026-03-13")),
        },
        Type::YesNo => match answer.as_str() {
            Some("yes" | "no") => Ok(()),
            _ => Err(format!("{code} is {answer}: it must be yes, no or dont_know")),
        },
        Type::Single => one_of(question, answer),
        Type::Multiple => several_of(question, answer),
        Type::Ranking => ranking(question, answer),
        Type::Matrix => matrix(question, answer),
    }
}

/// Every choice once, the most important first.
fn ranking(question: &Question, answer: &Value) -> std::result::Result<(), String> {
    let mut wanted: Vec<String> = question.choices().into_iter().map(|choice| choice.value).collect();
    let given = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut named: Vec<String> = given.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let told = wanted.join(", ");
    wanted.sort();
    named.sort();
    if named.len() == given.len() && named == wanted {
        return Ok(());
    }
    Err(format!("{}: give each place once, all of {told} in the order of their weight", question.code))
}

fn one_of(question: &Question, answer: &Value) -> std::result::Result<(), String> {
    let choices = question.choices();
    if choices.iter().any(|choice| answer.as_str() == Some(&choice.value)) {
        return Ok(());
    }
    let known: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
    Err(format!("{} is {answer}: it must be one of {}", question.code, known.join(", ")))
}

fn several_of(question: &Question, answer: &Value) -> std::result::Result<(), String> {
    let Some(given) = answer.as_array() else {
        return Err(format!("{} is {answer}: it must be a list", question.code));
    };
    for each in given {
        one_of(question, each)?;
    }
    let choices = question.choices();
    let alone = choices
        .iter()
        .find(|choice| choice.is_exclusive && given.iter().any(|each| each.as_str() == Some(&choice.value)));
    match alone {
        Some(choice) if given.len() > 1 => {
            Err(format!("{}: {:?} stands alone, take the others away", question.code, choice.value))
        }
        _ => Ok(()),
    }
}

fn matrix(question: &Question, answer: &Value) -> std::result::Result<(), String> {
    let Some(given) = answer.as_object() else {
        return Err(format!("{} is {answer}: it must be an object of lines", question.code));
    };
    let lines = question.matrix();
    for (line, score) in given {
        let is_known = lines.iter().any(|known| known.value == *line);
        let fits = score.as_u64().is_some_and(|score| (1..=10).contains(&score))
            || (question.dont_know && score.as_str() == Some(DONT_KNOW));
        if !is_known || !fits {
            return Err(format!("{}.{line} is {score}: score its lines from 1 to 10", question.code));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::json;

    fn questions() -> Vec<Question> {
        let ask = |code: &str, r#type| Question {
            code: code.into(),
            r#type,
            required: true,
            options: "a\nb\nnone!".into(),
            lines: "clean\nquick".into(),
            ..Question::default()
        };
        vec![
            ask("scale", Type::Scale),
            ask("five", Type::Scale5),
            ask("order", Type::Ranking),
            ask("nps", Type::Nps),
            ask("one", Type::Single),
            ask("some", Type::Multiple),
            ask("words", Type::Text),
            ask("count", Type::Number),
            ask("day", Type::Date),
            ask("drove", Type::YesNo),
            ask("place", Type::Matrix),
        ]
    }

    fn codes(answers: Value, is_done: bool) -> Vec<String> {
        let Err(fault) = check(&questions(), answers.as_object().unwrap(), is_done, "/answers") else {
            return Vec::new();
        };
        let errors = fault.details.unwrap()["errors"].as_array().cloned().unwrap();
        errors.iter().map(|error| format!("{} {}", error["pointer"].as_str().unwrap(), error["code"])).collect()
    }

    #[test]
    fn right_answers_of_every_type_pass() {
        let all = json!({
            "scale": 10, "five": 5, "order": ["b", "none", "a"], "nps": 0, "one": "a", "some": ["a", "b"], "words": "好", "count": 2.5, "day": "2026-03-13",
            "drove": "dont_know", "place": { "clean": 9, "quick": 1 },
        });
        assert!(codes(all, true).is_empty());
    }

    #[test]
    fn each_wrong_answer_is_named_by_its_place() {
        for (code, answer) in [
            ("scale", json!(0)),
            ("scale", json!("dont_know")),
            ("nps", json!(11)),
            ("five", json!(6)),
            ("order", json!(["a", "b"])),
            ("order", json!(["a", "a", "b"])),
            ("order", json!({ "a": 1, "b": 1, "none": 2 })),
            ("one", json!("z")),
            ("some", json!("a")),
            ("some", json!(["a", "none"])),
            ("count", json!("two")),
            ("day", json!("13.3.2026")),
            ("drove", json!(true)),
            ("place", json!({ "clean": 11 })),
            ("place", json!({ "loud": 3 })),
        ] {
            assert_eq!(codes(json!({ code: answer }), false), [format!("/answers/{code} \"answer_invalid\"")]);
        }
        assert_eq!(codes(json!({ "ghost": 1 }), false), ["/answers/ghost \"answer_unknown\""]);
    }

    #[test]
    fn what_is_missing_is_asked_for_at_the_end_only() {
        assert!(codes(json!({ "scale": 3 }), false).is_empty());
        assert_eq!(codes(json!({ "scale": 3 }), true).len(), 10);
    }
}
