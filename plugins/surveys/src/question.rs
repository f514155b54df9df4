//! Questions as data: what is asked, which answers there are, in both languages.

use serde::{Deserialize, Serialize};

/// How a question is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// A score from 1 to 10.
    #[default]
    Scale,
    /// A score from 1 to 5, which counts twice.
    #[serde(rename = "scale_5")]
    Scale5,
    /// How likely somebody recommends us, 0 to 10.
    Nps,
    /// One of several.
    Single,
    /// Some of several.
    Multiple,
    /// All of several, the most important first.
    Ranking,
    /// Free words.
    Text,
    /// A number.
    Number,
    /// A day.
    Date,
    /// Yes, no or not known.
    YesNo,
    /// A score from 1 to 10 on each line.
    Matrix,
}

/// What a question is for, besides its factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An ordinary question.
    #[default]
    Item,
    /// The verdict on the whole.
    Overall,
    /// The customer's own words.
    Comment,
}

/// One question, as a person types it in a row of the builder. Choices are lines of text: `value | 中文 | English`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Question {
    /// Names it in answers, conditions and reports; never changes between versions.
    pub code: String,
    /// The part of the questionnaire it stands in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub section: String,
    /// The factor its score counts for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub factor: String,
    /// How it is answered.
    pub r#type: Type,
    /// What is asked, in Chinese.
    pub zh: String,
    /// What is asked, in English.
    pub en: String,
    /// Choices, one a line; a `!` after the value excludes all others.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub options: String,
    /// Lines of a matrix, one a line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub lines: String,
    /// When it is asked, see [`crate::logic`]; empty for always.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub show_if: String,
    /// Answers that end the interview, with commas between them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub screen_out: String,
    /// What it is for.
    pub role: Role,
    /// Must be answered.
    pub required: bool,
    /// "Don't know" is an answer.
    pub dont_know: bool,
    /// Asks for a fact somebody may not know.
    pub fact: bool,
    /// Income, age and the like.
    pub sensitive: bool,
    /// 1 is the best.
    pub reversed: bool,
}

/// A choice or a line of a matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As stored.
    pub value: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Whether it stands alone.
    pub is_exclusive: bool,
}

/// The answer of somebody who does not know.
pub const DONT_KNOW: &str = "dont_know";

impl Question {
    /// The choices.
    pub fn choices(&self) -> Vec<Choice> {
        choices(&self.options)
    }

    /// The lines of a matrix.
    pub fn matrix(&self) -> Vec<Choice> {
        choices(&self.lines)
    }

    /// Whether "don't know" may be answered.
    pub fn knows_dont_know(&self) -> bool {
        self.dont_know || self.r#type == Type::YesNo
    }

    /// Whether it asks for a score.
    pub fn is_scored(&self) -> bool {
        matches!(self.r#type, Type::Scale | Type::Scale5 | Type::Matrix)
    }

    /// How many scores it asks for.
    pub fn n_items(&self) -> usize {
        if self.r#type == Type::Matrix { self.matrix().len() } else { 1 }
    }

    /// Whether this answer ends the interview.
    pub fn is_screened_out_by(&self, answer: &str) -> bool {
        self.screen_out.split([',', '，']).map(str::trim).any(|value| !value.is_empty() && value == answer)
    }
}

fn choices(text: &str) -> Vec<Choice> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let mut parts = line.split('|').map(str::trim);
            let value = parts.next().unwrap_or_default();
            let zh = parts.next().unwrap_or(value).to_owned();
            let en = parts.next().map_or_else(|| zh.clone(), str::to_owned);
            let is_exclusive = value.ends_with('!');
            Choice { value: value.trim_end_matches('!').to_owned(), zh, en, is_exclusive }
        })
        .collect()
}

/// A factor with its weight in the index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Its code.
    pub code: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// How much it counts; the sum of those that were answered is divided by.
    pub weight: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_lines_with_two_languages() {
        let question =
            Question { options: "a | 价格 | Price\nnone! | 都没有 | None\nb".into(), ..Question::default() };
        let choices = question.choices();
        assert_eq!((choices[0].value.as_str(), choices[0].en.as_str()), ("a", "Price"));
        assert_eq!((choices[1].value.as_str(), choices[1].is_exclusive), ("none", true));
        assert_eq!((choices[2].zh.as_str(), choices[2].en.as_str()), ("b", "b"));
    }

    #[test]
    fn a_row_of_the_builder_reads_back_as_it_was_written() {
        let row = r#"{"code":"q1","type":"yes_no","zh":"是否试驾","en":"Did you drive it?","screen_out":"no, x"}"#;
        let question: Question = serde_json::from_str(row).unwrap();
        assert!(question.is_screened_out_by("no") && !question.is_screened_out_by("yes"));
        let again: Question = serde_json::from_str(&serde_json::to_string(&question).unwrap()).unwrap();
        assert_eq!(again, question);
    }
}
