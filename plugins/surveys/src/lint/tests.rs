//! Each rule with a questionnaire that breaks it and nothing else.

use super::*;
use crate::template;

fn clean() -> Questionnaire {
    template::questionnaire("ssi", &[]).unwrap()
}

fn rules(questionnaire: &Questionnaire) -> Vec<&'static str> {
    let mut rules: Vec<&str> = lint(questionnaire).into_iter().map(|finding| finding.rule).collect();
    rules.dedup();
    rules
}

fn with(change: impl FnOnce(&mut Questionnaire)) -> Vec<&'static str> {
    let mut questionnaire = clean();
    change(&mut questionnaire);
    rules(&questionnaire)
}

fn asked(en: &str) -> Vec<&'static str> {
    with(|it| it.questions[3].en = en.to_owned())
}

fn asked_zh(zh: &str) -> Vec<&'static str> {
    with(|it| it.questions[3].zh = zh.to_owned())
}

#[test]
fn every_template_is_clean() {
    for name in template::NAMES {
        let questionnaire = template::questionnaire(name, &[]).unwrap();
        assert_eq!(lint(&questionnaire), [], "{name}");
    }
}

#[test]
fn our_friendly_and_fast_staff_lead_and_are_two_topics() {
    assert_eq!(asked("How satisfied are you with our friendly and fast staff?"), ["leading", "two_topics"]);
    assert_eq!(asked_zh("您对我们热情的接待和快捷的手续满意吗？"), ["leading", "two_topics"]);
}

#[test]
fn praise_and_tags_lead() {
    for text in ["Excellent service, right?", "Was the great tour useful?", "You liked it, didn’t you?", "Surely it was clean?"] {
        assert_eq!(asked(text), ["leading"], "{text}");
    }
    for text in ["优质的服务您满意吗？", "交车很顺利，对吧？", "您一定喜欢展厅吧？"] {
        assert_eq!(asked_zh(text), ["leading"], "{text}");
    }
    // Asking how friendly somebody was is asking.
    for text in ["How friendly was the consultant?", "How fast was the hand-over?", "Your verdict on the breakfast?"] {
        assert!(asked(text).is_empty(), "{text}");
    }
}

#[test]
fn joined_things_are_two_topics_and_words_with_a_joint_inside_are_not() {
    assert_eq!(asked("How clean were the showroom and the toilets?"), ["two_topics"]);
    for text in ["您对价格和服务的评价？", "展厅的环境、灯光如何？", "接待以及讲解如何？"] {
        assert_eq!(asked_zh(text), ["two_topics"], "{text}");
    }
    for text in ["顾问的态度是否和蔼？", "顾问是否及时联系您？", "您参与活动的感受？"] {
        assert!(asked_zh(text).is_empty(), "{text}");
    }
}

#[test]
fn all_scales_point_one_way() {
    assert_eq!(with(|it| it.questions[4].reversed = true), ["direction"]);
}

#[test]
fn facts_may_be_unknown() {
    let fact = |it: &mut Questionnaire, dont_know| {
        it.questions[4].fact = true;
        it.questions[4].dont_know = dont_know;
    };
    assert_eq!(with(|it| fact(it, false)), ["dont_know"]);
    assert!(with(|it| fact(it, true)).is_empty());
}

#[test]
fn sensitive_questions_stand_last() {
    assert_eq!(with(|it| it.questions[4].sensitive = true), ["sensitive_last"]);
    assert!(with(|it| it.questions.last_mut().unwrap().sensitive = true).is_empty());
}

#[test]
fn items_of_a_factor_come_in_random_order() {
    assert_eq!(with(|it| it.randomise = false), ["randomise"]);
}

#[test]
fn thirty_questions_are_the_most_and_lines_count() {
    let more = |n: usize| {
        with(|it| {
            let one = it.questions[4].clone();
            let lines = (0..n).map(|n| format!("l{n} | 第{n}项 | Line {n}")).collect::<Vec<_>>().join("\n");
            it.questions.truncate(5);
            it.factors.retain(|factor| it.questions.iter().any(|question| question.factor == factor.code));
            it.questions.push(Question { code: "lines".into(), r#type: Type::Matrix, lines, ..one });
        })
    };
    assert!(more(25).is_empty());
    assert_eq!(more(26), ["too_many"]);
}

#[test]
fn fifteen_minutes_are_the_longest_call() {
    assert!(with(|it| it.max_minutes = 15).is_empty());
    assert_eq!(with(|it| it.max_minutes = 16), ["too_long"]);
    assert_eq!(with(|it| it.questions.iter_mut().for_each(|question| question.r#type = Type::Text)).last(), Some(&"too_long"));
}

#[test]
fn the_introduction_says_what_for_how_long_and_that_it_is_confidential() {
    assert_eq!(with(|it| it.intro_en = "It takes 5 minutes and is confidential.".into()), ["intro_purpose"]);
    assert_eq!(with(|it| it.intro_zh = "为改进服务，您的回答我们将保密。".into()), ["intro_length"]);
    assert_eq!(with(|it| it.intro_en = "We want to improve. It takes 5 minutes.".into()), ["intro_secret"]);
}

#[test]
fn nobody_is_paid_or_begged_for_ten_points() {
    for (field, text) in [("intro", "填写可领取礼品"), ("script", "麻烦您打10分"), ("thanks", "给高分有红包")] {
        let found = with(|it| match field {
            "intro" => it.intro_zh.push_str(text),
            "script" => it.script_zh.push_str(text),
            _ => it.thanks_zh.push_str(text),
        });
        assert_eq!(found, ["reward"], "{text}");
    }
    assert_eq!(asked("Would full marks fit the hand-over?"), ["reward"]);
}

#[test]
fn the_shape_is_looked_at_too() {
    assert_eq!(with(|it| it.questions[4].code = "Q 4".into()), ["code"]);
    assert_eq!(with(|it| it.questions[4].en.clear()), ["language"]);
    assert_eq!(with(|it| it.questions[4].show_if = "overall >= 9".into()), ["show_if"], "asked later");
    assert_eq!(with(|it| it.questions[4].factor = "ghost".into()), ["factor"]);
    let choice = |options: &str| with(|it| {
        let question = Question { code: "extra".into(), r#type: Type::Single, factor: String::new(), options: options.into(), ..it.questions[4].clone() };
        it.questions.push(question);
    });
    assert_eq!(choice("a | 甲 | A"), ["options"]);
    assert_eq!(choice("a | 甲 | A\na | 乙 | B"), ["options"]);
    assert!(choice("a | 甲 | A\nb | 乙 | B").is_empty());
}

#[test]
fn all_findings_are_told_at_once_each_with_its_sentence() {
    let mut questionnaire = clean();
    questionnaire.questions[3].en = "How satisfied are you with our friendly and fast staff?".into();
    let fault = must_be_clean(&questionnaire, "en").unwrap_err();
    let errors = fault.details.unwrap()["errors"].as_array().cloned().unwrap();
    let codes: Vec<&str> = errors.iter().map(|error| error["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["lint.leading", "lint.two_topics"]);
    assert_eq!(errors[0]["pointer"], "/questions/3/en");
    assert!(errors[0]["message"].as_str().unwrap().contains("friendly"));
}
