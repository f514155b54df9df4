//! Factor templates: questionnaires made ready, with the weights of a year.

use marque_sdk::{Fault, Result};
use serde::Deserialize;

use crate::{
    question::{Factor, Question},
    questionnaire::Questionnaire,
};

/// What can be made ready.
pub const NAMES: [&str; 7] = ["ssi", "csi", "lost", "delivery_3", "delivery_7", "after_service", "employee"];

const SOURCES: [&str; 7] = [
    include_str!("templates/ssi.json"),
    include_str!("templates/csi.json"),
    include_str!("templates/lost.json"),
    include_str!("templates/delivery_3.json"),
    include_str!("templates/delivery_7.json"),
    include_str!("templates/after_service.json"),
    include_str!("templates/employee.json"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    name_zh: String,
    name_en: String,
    /// What the introduction calls it: "your purchase".
    about_zh: String,
    about_en: String,
    minutes: u64,
    factors: Vec<Factor>,
    questions: Vec<Question>,
}

/// A questionnaire from a template; `weights` go before the template's own.
pub fn questionnaire(name: &str, weights: &[Factor]) -> Result<Questionnaire> {
    let Some(n) = NAMES.iter().position(|known| *known == name) else {
        return Err(Fault::at(
            "template_unknown",
            "/template",
            format!("there is no template {name:?}: choose one of {}", NAMES.join(", ")),
        ));
    };
    let Template { name_zh, name_en, about_zh, about_en, minutes, mut factors, mut questions } =
        serde_json::from_str(SOURCES[n])?;
    // Weights of a year decide which factors count; what they leave out is not asked.
    if !weights.is_empty() {
        factors = weights.to_vec();
        questions.retain(|question| {
            question.factor.is_empty() || factors.iter().any(|factor| factor.code == question.factor)
        });
    }
    let is_anonymous = name == "employee";
    let secret_zh = if is_anonymous { "本次调查匿名进行" } else { "您的回答仅用于统计并将严格保密" };
    let secret_en = if is_anonymous { "The survey is anonymous" } else { "Your answers are kept confidential" };
    Ok(Questionnaire {
        template: name.to_owned(),
        name: name_zh,
        name_en,
        intro_zh: format!("您好！为了解并改进{about_zh}，请您用约{minutes}分钟回答几个问题。{secret_zh}。"),
        intro_en: format!("Hello! To improve {about_en}, we ask you some questions; this takes about {minutes} minutes. {secret_en}."),
        script_zh: format!(
            "您好，请问是{{客户姓名}}吗？我是{{门店}}的回访员，想占用您约{minutes}分钟了解{about_zh}的感受。为保证质量，通话会录音，您的回答将保密。现在方便吗？"
        ),
        script_en: format!(
            "Hello, is this {{customer}}? I am calling for {{dealer}} about {about_en}. It takes about {minutes} minutes, the call is recorded for quality, and what you say stays confidential. Is this a good time?"
        ),
        invitation_zh: format!("请您用约{minutes}分钟评价{about_zh}："),
        invitation_en: format!("Please tell us about {about_en} in about {minutes} minutes:"),
        thanks_zh: "感谢您的回答，您的意见会送到负责改进的人手里。".to_owned(),
        thanks_en: "Thank you. Your words go to those who can change something.".to_owned(),
        goodbye_zh: "谢谢您，本次调查不适用于您的情况，打扰了。".to_owned(),
        goodbye_en: "Thank you. This survey does not fit your case; sorry for the trouble.".to_owned(),
        max_minutes: minutes,
        randomise: true,
        is_anonymous,
        factors,
        questions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(name: &str) -> Vec<u32> {
        questionnaire(name, &[]).unwrap().factors.iter().map(|factor| factor.weight).collect()
    }

    #[test]
    fn the_weights_are_those_of_the_studies() {
        assert_eq!(weights("ssi"), [18, 9, 14, 13, 10, 17, 20]);
        assert_eq!(weights("lost"), [25, 22, 23, 15, 7, 9]);
        assert_eq!(weights("csi"), [24, 21, 21, 18, 17]);
    }

    #[test]
    fn weights_of_a_year_replace_the_templates() {
        let year = [Factor { code: "delivery".into(), zh: "交车".into(), en: "Delivery".into(), weight: 100 }];
        let made = questionnaire("ssi", &year).unwrap();
        assert_eq!(made.factors, year);
        assert!(made.questions.iter().all(|question| question.factor.is_empty() || question.factor == "delivery"));
        assert_eq!(crate::lint::lint(&made), []);
    }

    #[test]
    fn an_unknown_template_is_refused() {
        assert_eq!(questionnaire("x", &[]).unwrap_err().code, "template_unknown");
    }
}
