//! Validity checks V1 to V8: which answers do not count, and why.

use marque_sdk::{Data, Date};

use crate::{
    logic,
    question::{Question, Role, Type},
};

/// What is known of an answer when it is checked.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    /// How long it took.
    pub seconds: Option<i64>,
    /// How long the others of the study took.
    pub others: Vec<i64>,
    /// Whether another answer about the same job is there.
    pub is_second: bool,
    /// Whom the caller spoke to: `customer`, `user` (another user of the car) or `other`.
    pub spoke_to: Option<&'a str>,
    /// The day of what it is about.
    pub happened_on: Option<Date>,
    /// The study's quota days.
    pub quota: (Option<Date>, Option<Date>),
    /// Whether it was taken on the phone.
    pub is_phone: bool,
    /// Whether there is a recording.
    pub has_recording: bool,
    /// How long the recording is.
    pub recording_s: Option<i64>,
}

/// A median needs so many others to mean anything.
pub const MEDIAN_OF: usize = 5;

/// The checks an answer fails, in their order.
pub fn check(questions: &[Question], answers: &Data, facts: &Facts<'_>) -> Vec<&'static str> {
    let scores: Vec<u64> = scale_scores(questions, answers);
    let checks = [
        ("v1", is_too_fast(facts)),
        ("v2", is_straight(questions, answers)),
        ("v3", contradicts_itself(questions, answers, &scores)),
        ("v4", facts.is_second),
        ("v5", facts.spoke_to == Some("other")),
        ("v6", is_outside(facts)),
        ("v7", is_patchy(questions, answers)),
        ("v8", facts.is_phone && (!facts.has_recording || facts.recording_s.is_none_or(|seconds| seconds < 30))),
    ];
    checks.into_iter().filter(|(_, fails)| *fails).map(|(code, _)| code).collect()
}

/// V1: under a minute, or under 40 % of the median of the others.
fn is_too_fast(facts: &Facts<'_>) -> bool {
    let Some(seconds) = facts.seconds else { return false };
    if seconds < 60 {
        return true;
    }
    let mut others = facts.others.clone();
    others.sort_unstable();
    let n = others.len();
    if n < MEDIAN_OF {
        return false;
    }
    // Twice the median, so that the mean of the two middle ones stays whole.
    let doubled = if n % 2 == 1 { 2 * others[n / 2] } else { others[n / 2 - 1] + others[n / 2] };
    seconds * 200 < 40 * doubled
}

/// V2: one score on at least 90 % of at least eight scale items.
fn is_straight(questions: &[Question], answers: &Data) -> bool {
    // As they were ticked: somebody who ticks 10 down a page with one reversed scale ticks a straight line.
    let scores = raw_scores(questions, answers);
    let most = (1..=10).map(|score| scores.iter().filter(|given| **given == score).count()).max().unwrap_or(0);
    scores.len() >= 8 && most * 100 >= scores.len() * 90
}

/// V3: at least 9 for the whole and at least two items of 3 or less.
fn contradicts_itself(questions: &[Question], answers: &Data, scores: &[u64]) -> bool {
    let overall = logic::scores(questions, answers).into_iter().find(|score| score.role == Role::Overall);
    overall.is_some_and(|overall| overall.score >= 9) && scores.iter().filter(|score| **score <= 3).count() >= 2
}

/// V6: what it is about lies outside the quota days.
fn is_outside(facts: &Facts<'_>) -> bool {
    let Some(day) = facts.happened_on else { return false };
    let (from, to) = facts.quota;
    from.is_some_and(|from| day < from) || to.is_some_and(|to| day > to)
}

/// V7: more than a fifth of what was asked is missing. Free words may be left out.
fn is_patchy(questions: &[Question], answers: &Data) -> bool {
    let (mut asked, mut missing) = (0_usize, 0_usize);
    for question in logic::visible(questions, answers) {
        let answer = answers.get(&question.code).filter(|answer| !answer.is_null());
        match question.r#type {
            Type::Text => {}
            Type::Matrix => {
                for line in question.matrix() {
                    asked += 1;
                    missing += usize::from(answer.and_then(|answer| answer.get(&line.value)).is_none());
                }
            }
            _ => {
                asked += 1;
                missing += usize::from(answer.is_none());
            }
        }
    }
    missing * 100 > asked * 20
}

fn scale_scores(questions: &[Question], answers: &Data) -> Vec<u64> {
    let all = logic::scores(questions, answers).into_iter();
    all.filter(|score| score.role != Role::Overall).map(|score| score.score).collect()
}

fn raw_scores(questions: &[Question], answers: &Data) -> Vec<u64> {
    let straight: Vec<Question> =
        questions.iter().cloned().map(|question| Question { reversed: false, ..question }).collect();
    scale_scores(&straight, answers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::{Value, json};

    fn items(n: usize) -> Vec<Question> {
        let item = |n: usize| Question { code: format!("q{n}"), factor: "f".into(), ..Question::default() };
        let overall = Question { code: "overall".into(), role: Role::Overall, ..Question::default() };
        (0..n).map(item).chain([overall]).collect()
    }

    fn answers(scores: &[u64], overall: u64) -> Data {
        let mut answers = Data::new();
        for (n, score) in scores.iter().enumerate() {
            answers.insert(format!("q{n}"), (*score).into());
        }
        answers.insert("overall".into(), overall.into());
        answers
    }

    fn usual() -> Facts<'static> {
        Facts { seconds: Some(300), ..Facts::default() }
    }

    fn fails(n: usize, scores: &[u64], overall: u64, facts: &Facts<'_>) -> Vec<&'static str> {
        check(&items(n), &answers(scores, overall), facts)
    }

    #[test]
    fn an_ordinary_answer_fails_nothing() {
        assert!(fails(8, &[8, 9, 7, 10, 6, 8, 9, 8], 8, &usual()).is_empty());
    }

    #[test]
    fn under_a_minute_or_two_fifths_of_the_median_is_too_fast() {
        let of = |seconds, others: &[i64]| {
            fails(3, &[7, 8, 9], 8, &Facts { seconds: Some(seconds), others: others.to_vec(), ..Facts::default() })
        };
        assert_eq!(of(59, &[]), ["v1"]);
        assert!(of(60, &[]).is_empty());
        assert_eq!(of(119, &[280, 290, 300, 310, 320]), ["v1"]);
        assert!(of(120, &[280, 290, 300, 310, 320]).is_empty());
        assert_eq!(of(119, &[100, 200, 290, 310, 900, 1_000]), ["v1"], "the median of an even number is the mean of two");
        assert!(of(119, &[300, 300, 300, 300]).is_empty(), "four others are no median");
        assert!(fails(3, &[7, 8, 9], 8, &Facts::default()).is_empty(), "nothing measured");
    }

    #[test]
    fn one_score_on_nine_tenths_of_eight_items_is_a_straight_line() {
        assert_eq!(fails(8, &[8; 8], 8, &usual()), ["v2"]);
        assert!(fails(7, &[8; 7], 8, &usual()).is_empty());
        assert_eq!(fails(10, &[8, 8, 8, 8, 8, 8, 8, 8, 8, 3], 8, &usual()), ["v2"]);
        assert!(fails(10, &[8, 8, 8, 8, 8, 8, 8, 8, 4, 3], 8, &usual()).is_empty());
        let mut reversed = items(8);
        reversed[3].reversed = true;
        assert_eq!(check(&reversed, &answers(&[9; 8], 8), &usual()), ["v2"]);
    }

    #[test]
    fn praise_for_the_whole_and_blame_for_the_parts_contradict() {
        assert_eq!(fails(4, &[3, 2, 8, 9], 9, &usual()), ["v3"]);
        assert!(fails(4, &[3, 4, 8, 9], 9, &usual()).is_empty());
        assert!(fails(4, &[3, 2, 8, 9], 8, &usual()).is_empty());
    }

    #[test]
    fn a_second_answer_and_a_stranger_do_not_count() {
        assert_eq!(fails(3, &[7, 8, 9], 8, &Facts { is_second: true, ..usual() }), ["v4"]);
        assert_eq!(fails(3, &[7, 8, 9], 8, &Facts { spoke_to: Some("other"), ..usual() }), ["v5"]);
        assert!(fails(3, &[7, 8, 9], 8, &Facts { spoke_to: Some("user"), ..usual() }).is_empty());
    }

    #[test]
    fn the_quota_days_count_as_inside() {
        let day = |text: &str| Some(text.parse::<Date>().unwrap());
        let of = |happened: &str| {
            let quota = (day("2026-02-01"), day("2026-02-28"));
            fails(3, &[7, 8, 9], 8, &Facts { happened_on: day(happened), quota, ..usual() })
        };
        assert!(of("2026-02-01").is_empty() && of("2026-02-28").is_empty());
        assert_eq!((of("2026-01-31"), of("2026-03-01")), (vec!["v6"], vec!["v6"]));
    }

    #[test]
    fn more_than_a_fifth_missing_is_too_much() {
        assert!(fails(9, &[7, 8, 9, 6, 7, 8, 9], 8, &usual()).is_empty(), "two of ten");
        assert_eq!(fails(9, &[7, 8, 9, 6, 7, 8], 8, &usual()), ["v7"], "three of ten");
        let mut with_words = items(3);
        with_words.push(Question { code: "why".into(), r#type: Type::Text, ..Question::default() });
        assert!(check(&with_words, &answers(&[7, 8, 9], 8), &usual()).is_empty());
        with_words[0].dont_know = true;
        let mut unsure = answers(&[7, 8, 9], 8);
        unsure.insert("q0".into(), Value::from("dont_know"));
        assert!(check(&with_words, &unsure, &usual()).is_empty(), "not knowing is an answer");
    }

    #[test]
    fn a_call_needs_a_recording_of_half_a_minute() {
        let call = |seconds: Option<i64>| {
            let facts = Facts { is_phone: true, has_recording: seconds.is_some(), recording_s: seconds, ..usual() };
            fails(3, &[7, 8, 9], 8, &facts)
        };
        assert_eq!((call(None), call(Some(29))), (vec!["v8"], vec!["v8"]));
        assert!(call(Some(30)).is_empty());
    }

    #[test]
    fn hidden_questions_are_not_missing() {
        let mut questions = items(3);
        questions[1].show_if = "overall > 20".into();
        questions[2].show_if = "overall > 20".into();
        let only = json!({ "q0": 5, "overall": 6 });
        assert!(check(&questions, only.as_object().unwrap(), &usual()).is_empty());
    }
}
