//! Texts that are stored or sent, such as a task's title: the same ones the console shows.

marque_sdk::texts!(pub);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lint_rule_has_a_sentence() {
        for rule in [
            "leading",
            "two_topics",
            "direction",
            "dont_know",
            "sensitive_last",
            "randomise",
            "too_many",
            "too_long",
            "intro_purpose",
            "intro_length",
            "intro_secret",
            "reward",
            "empty",
            "code",
            "language",
            "options",
            "show_if",
            "factor",
            "factor_unasked",
        ] {
            for locale in ["zh-CN", "en"] {
                assert_ne!(text(locale, &format!("lint.{rule}")), format!("lint.{rule}"));
            }
        }
    }
}
