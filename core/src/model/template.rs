//! Texts of messages with gaps: which gaps there may be, what stands in them, and the text with all of them filled.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// Gaps that every template may have: their names, and what they hold in Chinese and English. Nothing else of anybody can be quoted, so
/// that no template shows one customer what is known of another.
pub const FIELDS: [(&str, &str, &str); 10] = [
    ("customer.name", "客户姓名", "the customer's name"),
    ("customer.salutation", "客户称呼（王磊先生）", "how the customer is addressed"),
    ("customer.city", "客户城市", "the customer's city"),
    ("dealer.name", "门店名称", "the dealer's name"),
    ("dealer.phone", "门店电话", "the dealer's telephone"),
    ("dealer.address", "门店地址", "the dealer's address"),
    ("dealer.city", "门店城市", "the dealer's city"),
    ("sender.name", "发送方名称", "the sender's name"),
    ("owner.name", "客户负责人姓名", "the name of who looks after the customer"),
    ("today", "今天的日期", "today's date"),
];
/// The longest word that may stand in a gap when nothing is known.
const MAX_INSTEAD: usize = 60;
/// The longest value a sender gives.
pub const MAX_VALUE: usize = 500;

/// A text in pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Gap { name: String, instead: Option<String> },
}

/// What is wrong with a text, in words for whoever writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A brace that opens nothing or closes nothing.
    Brace(String),
    /// A gap whose name nobody knows.
    Unknown(String),
    /// A word in place of nothing that is too long.
    Instead(String),
}

/// A text with its gaps filled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// Gaps for which nothing was known and nothing was to stand instead.
    pub empty: Vec<String>,
}

impl Text {
    /// Read a text: `{name}` is a gap, `{name|word}` one with a word for when nothing is known, `{{` and `}}` are braces.
    ///
    /// # Errors
    /// A brace that stands alone, a gap without a name.
    pub fn parse(text: &str) -> Result<Text, Wrong> {
        let (mut pieces, mut words, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            words.push_str(&rest[..at]);
            let is_open = rest[at..].starts_with('{');
            let after = &rest[at + 1..];
            let double = if is_open { '{' } else { '}' };
            if let Some(next) = after.strip_prefix(double) {
                words.push(double);
                rest = next;
                continue;
            }
            let (inside, next) =
                after.split_once('}').filter(|_| is_open).ok_or_else(|| Wrong::Brace(near(rest, at)))?;
            let (name, instead) = match inside.split_once('|') {
                Some((name, instead)) => (name.trim(), Some(instead.trim().to_owned())),
                None => (inside.trim(), None),
            };
            if name.is_empty() || inside.contains('{') {
                return Err(Wrong::Brace(near(rest, at)));
            }
            if instead.as_ref().is_some_and(|instead| instead.chars().count() > MAX_INSTEAD) {
                return Err(Wrong::Instead(name.to_owned()));
            }
            if !words.is_empty() {
                pieces.push(Piece::Words(std::mem::take(&mut words)));
            }
            pieces.push(Piece::Gap { name: name.to_owned(), instead });
            rest = next;
        }
        words.push_str(rest);
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        Ok(Text(pieces))
    }

    /// The names of its gaps.
    pub fn gaps(&self) -> BTreeSet<&str> {
        let gaps = self.0.iter().filter_map(|piece| match piece {
            Piece::Gap { name, .. } => Some(name.as_str()),
            Piece::Words(_) => None,
        });
        gaps.collect()
    }

    /// Read a text and hold its gaps to those that every template may have and those that are declared.
    ///
    /// # Errors
    /// As [`Text::parse`]; the first gap that nobody knows.
    pub fn checked(text: &str, declared: &[String]) -> Result<Text, Wrong> {
        let text = Text::parse(text)?;
        let is_known =
            |name: &str| FIELDS.iter().any(|(field, ..)| *field == name) || declared.iter().any(|known| known == name);
        let unknown = text.gaps().into_iter().find(|name| !is_known(name)).map(str::to_owned);
        unknown.map_or(Ok(text), |name| Err(Wrong::Unknown(name)))
    }

    /// The text with what is known in its gaps. A gap named in `kept` stays as it is: what stands there is made when the message goes out.
    pub fn filled(&self, values: &BTreeMap<String, String>, kept: &BTreeSet<String>) -> Filled {
        let mut filled = Filled::default();
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => filled.text.push_str(words),
                Piece::Gap { name, .. } if kept.contains(name) => filled.text.push_str(&format!("{{{name}}}")),
                Piece::Gap { name, instead } => {
                    match values.get(name).map(String::as_str).filter(|value| !value.is_empty()).or(instead.as_deref())
                    {
                        // What somebody is called must not open a gap of its own.
                        Some(value) => filled.text.push_str(&value.replace('{', "｛").replace('}', "｝")),
                        None => filled.empty.push(name.clone()),
                    }
                }
            }
        }
        filled
    }
}

impl Wrong {
    /// What is wrong and what to do, with the declared gaps.
    pub fn says(&self, declared: &[String]) -> String {
        match self {
            Wrong::Brace(near) => {
                format!("a brace stands alone near {near:?}: write {{name}} for a gap, {{{{ for a brace")
            }
            Wrong::Instead(name) => {
                format!("what stands instead of {{{name}}} is longer than {MAX_INSTEAD} characters")
            }
            Wrong::Unknown(name) => {
                let known: Vec<String> = FIELDS
                    .iter()
                    .map(|(field, ..)| *field)
                    .chain(declared.iter().map(String::as_str))
                    .map(|field| format!("{{{field}}}"))
                    .collect();
                format!("{{{name}}} is nothing a message may quote: use {}, or declare it in values", known.join(" "))
            }
        }
    }
}

fn near(text: &str, at: usize) -> String {
    text[at..].chars().take(20).collect()
}

/// Whether something may be the name of a value that a sender gives.
pub fn is_value_name(name: &str) -> bool {
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    begins && name.len() <= 40 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// How a customer is addressed.
pub fn salutation(name: &str, gender: Option<&str>, is_company: bool, is_english: bool) -> String {
    if name.is_empty() || is_company {
        return name.to_owned();
    }
    match (gender, is_english) {
        (Some("male"), false) => format!("{name}先生"),
        (Some("female"), false) => format!("{name}女士"),
        (Some("male"), true) => format!("Mr {name}"),
        (Some("female"), true) => format!("Ms {name}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn gaps_are_filled_and_what_is_not_known_is_told_or_said_otherwise() {
        let text = Text::parse("{customer.name|客户}您好，{number} {{原样}} {rate}").unwrap();
        let kept = BTreeSet::from(["rate".to_owned()]);
        let filled = text.filled(&values(&[("customer.name", "王磊")]), &kept);
        assert_eq!(filled.text, "王磊您好， {原样} {rate}");
        assert_eq!(filled.empty, ["number"]);
        assert_eq!(text.filled(&values(&[("number", "C1")]), &kept).text, "客户您好，C1 {原样} {rate}");
    }

    #[test]
    fn a_value_opens_no_gap_of_its_own() {
        let text = Text::parse("{customer.name} {rate}").unwrap();
        let filled = text.filled(&values(&[("customer.name", "{rate}")]), &BTreeSet::from(["rate".to_owned()]));
        assert_eq!(filled.text, "｛rate｝ {rate}");
    }

    #[test]
    fn a_wrong_text_says_where_and_what_to_do() {
        let declared = ["number".to_owned()];
        for (text, word) in [
            ("{customer.nmae} 您好", "{customer.nmae} is nothing a message may quote: use {customer.name}"),
            ("{customer.phone}", "{number}, or declare it"),
            ("{ 您好", "near \"{ 您好\""),
            ("您好 }", "near \"}\""),
            ("{}", "a brace stands alone"),
            ("{a{b}", "a brace stands alone"),
        ] {
            let wrong = Text::checked(text, &declared).expect_err(text);
            assert!(wrong.says(&declared).contains(word), "{}", wrong.says(&declared));
        }
        assert!(Text::checked("{customer.salutation}，{number}", &declared).is_ok());
        let long = format!("{{number|{}}}", "长".repeat(61));
        assert_eq!(Text::checked(&long, &declared), Err(Wrong::Instead("number".into())));
    }

    #[test]
    fn nothing_a_customer_keeps_to_themselves_can_be_quoted() {
        for field in ["customer.id_no", "customer.phone", "customer.birth_date", "owner.phone", "customer.address"] {
            assert!(Text::checked(&format!("{{{field}}}"), &[]).is_err(), "{field}");
        }
    }

    #[test]
    fn customers_are_addressed_as_they_are() {
        assert_eq!(salutation("王磊", Some("male"), false, false), "王磊先生");
        assert_eq!(salutation("何美玲", Some("female"), false, true), "Ms 何美玲");
        assert_eq!(salutation("孙国强", None, false, false), "孙国强");
        assert_eq!(salutation("某某公司", Some("male"), true, false), "某某公司");
    }
}
