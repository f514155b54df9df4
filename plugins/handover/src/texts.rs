//! Texts of this plugin, for what is stored in words: tasks' titles, briefs, messages to customers.

marque_sdk::texts!(pub);

/// A text with its places filled in.
pub fn filled(locale: &str, key: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(text(locale, key), |text, (place, value)| text.replace(&format!("{{{place}}}"), value))
}

/// A choice of another feature's kind, such as a lead's state, in words; as it is where it is not known here.
pub fn code(locale: &str, code: &str) -> String {
    let key = format!("code.{code}");
    let words = text(locale, &key);
    if words == key { code.to_owned() } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holdings;

    #[test]
    fn every_step_and_kind_has_a_name_in_both_languages() {
        let steps = ["review", "accept", "deputy"].map(|step| format!("step.handover.{step}"));
        let kinds = holdings::HELD.iter().map(|held| format!("kind.{}", held.kind));
        for key in steps.into_iter().chain(kinds) {
            for locale in ["zh-CN", "en"] {
                assert_ne!(text(locale, &key), key);
            }
        }
    }

    #[test]
    fn states_of_what_is_handed_over_have_words_and_others_stay_as_they_are() {
        for state in holdings::HELD.iter().flat_map(|held| held.open) {
            assert_ne!(code("zh-CN", state), *state);
        }
        assert_eq!(code("zh-CN", "H"), "H");
    }

    #[test]
    fn places_are_filled_in() {
        assert_eq!(filled("en", "word.brief", &[("name", "Wang Lei")]), "Brief of Wang Lei");
    }
}
