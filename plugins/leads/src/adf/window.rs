//! When a customer wants to buy, as ADF says it: between two days, or in words.

use marque_sdk::Date;

use super::tree::Node;

/// Days until the customer wants to buy, counted from the day of the request.
pub fn days(timeframe: &Node, requested: Option<Date>) -> Option<i64> {
    let day = |name: &str| timeframe.text_of(name).and_then(|text| text.get(..10)?.parse::<Date>().ok());
    if let (Some(latest), Some(requested)) = (day("latestdate").or_else(|| day("earliestdate")), requested) {
        return Some(requested.days_until(latest).max(0));
    }
    in_words(&timeframe.whole_text().to_lowercase())
}

/// `two weeks`, `within 30 days`, `3个月内`; the first that is found.
fn in_words(text: &str) -> Option<i64> {
    let signs = |c: char| c.is_alphanumeric() && c.is_ascii();
    if let Some(n) = chinese(text) {
        return Some(n);
    }
    let words: Vec<&str> = text.split(|c| !signs(c)).filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| matches!(*word, "now" | "immediately" | "today" | "asap")) {
        return Some(0);
    }
    words.windows(2).find_map(|pair| Some(number(pair[0])? * unit(pair[1])?))
}

fn number(word: &str) -> Option<i64> {
    const WORDS: [&str; 13] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    let named = WORDS.iter().position(|name| *name == word).map(|n| n as i64);
    named.or_else(|| (word == "a").then_some(1)).or_else(|| word.parse().ok()).filter(|n| *n < 1_000)
}

fn unit(word: &str) -> Option<i64> {
    match word.trim_end_matches('s') {
        "day" => Some(1),
        "week" => Some(7),
        "month" => Some(30),
        "year" => Some(365),
        _ => None,
    }
}

fn chinese(text: &str) -> Option<i64> {
    const DIGITS: [(char, i64); 11] = [
        ('一', 1),
        ('两', 2),
        ('二', 2),
        ('三', 3),
        ('四', 4),
        ('五', 5),
        ('六', 6),
        ('七', 7),
        ('八', 8),
        ('九', 9),
        ('十', 10),
    ];
    const UNITS: [(&str, i64); 7] =
        [("个月", 30), ("月", 30), ("个星期", 7), ("星期", 7), ("周", 7), ("天", 1), ("年", 365)];
    for (at, c) in text.char_indices() {
        let (n, rest) = match DIGITS.iter().find(|(digit, _)| *digit == c) {
            Some((_, n)) => (*n, &text[at + c.len_utf8()..]),
            None if c.is_ascii_digit() && !text[..at].ends_with(|before: char| before.is_ascii_digit()) => {
                let end = text[at..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| at + n);
                (text[at..end].parse().ok()?, &text[end..])
            }
            None => continue,
        };
        if let Some((_, days)) = UNITS.iter().find(|(unit, _)| rest.trim_start().starts_with(unit)) {
            return Some(n * days).filter(|days| *days < 10_000);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::tree::parse, *};

    #[test]
    fn words_are_understood_in_both_languages() {
        let said = [
            ("two weeks", 14),
            ("within 30 days", 30),
            ("in about 3 months or so", 90),
            ("a week", 7),
            ("ASAP", 0),
            ("3个月内", 90),
            ("两周", 14),
            ("大概10天", 10),
        ];
        for (text, days) in said {
            assert_eq!(in_words(&text.to_lowercase()), Some(days), "{text}");
        }
        for text in ["", "soon", "不急", "2026", "two"] {
            assert_eq!(in_words(text), None, "{text}");
        }
    }

    #[test]
    fn days_count_before_words_and_the_latest_before_the_earliest() {
        let tree = parse("<t><description>two months</description><earliestdate>2026-03-14</earliestdate><latestdate>2026-03-28T00:00:00</latestdate></t>").unwrap();
        let timeframe = tree.child("t").unwrap();
        assert_eq!(days(timeframe, "2026-03-13".parse().ok()), Some(15));
        assert_eq!(days(timeframe, None), Some(60), "without a day to count from the words are taken");
        let plain = parse("<t>one month</t>").unwrap();
        assert_eq!(days(plain.child("t").unwrap(), None), Some(30), "as the DTD has it");
    }
}
