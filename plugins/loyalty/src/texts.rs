//! Texts that are stored or sent, such as a notice's words: the same files the console shows.

marque_sdk::texts!(pub);

/// A text with its gaps filled in: `{points}`.
pub fn filled(locale: &str, key: &str, gaps: &[(&str, &str)]) -> String {
    gaps.iter().fold(text(locale, key), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// A card's number with its end alone: `尾号 0042`.
pub fn card_end(number: &str) -> &str {
    number.get(number.len().saturating_sub(4)..).unwrap_or(number)
}

/// Fen as people write yuan: `12.50`.
pub fn yuan(fen: i64) -> String {
    format!("{}{}.{:02}", if fen < 0 { "-" } else { "" }, fen.abs() / 100, fen.abs() % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_two_decimals() {
        assert_eq!((yuan(1_250).as_str(), yuan(5).as_str(), yuan(-101).as_str()), ("12.50", "0.05", "-1.01"));
    }

    #[test]
    fn gaps_are_filled_in_both_languages() {
        for locale in ["zh-CN", "en"] {
            let told = filled(locale, "message.expiring", &[("card", "0042"), ("points", "30"), ("day", "2026-04-30")]);
            assert!(told.contains("0042") && told.contains("30") && !told.contains('{'), "{told}");
        }
    }
}
