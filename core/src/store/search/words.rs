//! The words of a search: how well a value meets them.

use super::{
    readings::spellings,
    tokens::{self, normal},
};

/// How well a value meets a word: the larger the better. Spelled in letters is a little less than written.
pub(super) type Rank = u32;
const WHOLE: Rank = 400;
const SPELLED: Rank = 380;
const BEGINNING: Rank = 300;
const SPELLED_BEGINNING: Rank = 280;
const WORD: Rank = 200;
const SPELLED_WORD: Rank = 180;
const FRAGMENT: Rank = 100;
/// A tail of this many letters or digits is how numbers are read out, so it counts as a word.
const TAIL: usize = 4;

/// What somebody has typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// All of it without blanks: `138 0000 1234` is one number, `wang lei` one name.
    joined: String,
    /// The words apart, when there are several.
    apart: Vec<String>,
}

impl Words {
    /// `None` when there is nothing in it to search for.
    pub(super) fn parse(text: &str) -> Option<Words> {
        let text: String = text.chars().take(200).collect();
        let joined = without_country_code(normal(&text));
        let apart: Vec<String> = text.split_whitespace().map(normal).filter(|word| !word.is_empty()).collect();
        let apart = if apart.len() > 1 { apart } else { Vec::new() };
        (!joined.is_empty()).then_some(Words { joined, apart })
    }

    /// What the index is asked, step by step: each with the rank that its hits have at least, the best first.
    pub(super) fn steps(&self) -> Vec<(Rank, String)> {
        let mut steps = vec![(SPELLED, tokens::exactly(&self.joined))];
        steps.extend(tokens::beginning(&self.joined).map(|question| (SPELLED_BEGINNING, question)));
        steps.push((0, self.question()));
        steps
    }

    /// What the index is asked for everything that meets the words.
    pub(super) fn question(&self) -> String {
        let apart = (!self.apart.is_empty()).then(|| tokens::all(self.apart.iter().map(|word| tokens::holding(word))));
        tokens::any(std::iter::once(tokens::holding(&self.joined)).chain(apart))
    }

    /// How well these values meet the words, and which of them does best; `None` when they do not.
    pub(super) fn rank<'a, T: Copy>(&self, values: impl Iterator<Item = (T, &'a str)> + Clone) -> Option<(Rank, T)> {
        let best = |word: &str| {
            let ranked = values.clone().filter_map(|(field, text)| Some((rank(word, text)?, field)));
            ranked.reduce(|best, next| if next.0 > best.0 { next } else { best })
        };
        if let Some(found) = best(&self.joined) {
            return Some(found);
        }
        let mut found: Option<(Rank, T)> = None;
        for word in &self.apart {
            let (rank, field) = best(word)?;
            // The first word decides which field is shown, the worst one how well the record does.
            let worst = found.map_or(rank, |(worst, _)| worst.min(rank)).min(WORD);
            found = Some((worst, found.map_or(field, |(_, field)| field)));
        }
        found
    }
}

/// `+86 138…` and `0086138…` are how a mobile is written abroad.
fn without_country_code(word: String) -> String {
    let bare = word.strip_prefix("0086").or_else(|| word.strip_prefix("86"));
    match bare {
        Some(mobile) if mobile.len() == 11 && mobile.starts_with('1') && mobile.bytes().all(|b| b.is_ascii_digit()) => {
            mobile.to_owned()
        }
        _ => word,
    }
}

fn rank(word: &str, text: &str) -> Option<Rank> {
    let value = normal(text);
    let n_chars = word.chars().count();
    let is_ascii = word.is_ascii();
    if value == word {
        return Some(WHOLE);
    }
    // Two letters or digits begin, and are in, half of everything.
    let is_long = !is_ascii || n_chars > 2;
    let spelled = if is_ascii && word.bytes().all(|b| b.is_ascii_lowercase()) && n_chars > 1 {
        as_spelled(word, text)
    } else {
        None
    };
    let written = if !is_long {
        None
    } else if value.starts_with(word) {
        Some(BEGINNING)
    } else if (n_chars >= TAIL || !is_ascii && n_chars > 1) && value.ends_with(word) || is_word_of(word, text) {
        Some(WORD)
    } else {
        value.contains(word).then_some(FRAGMENT)
    };
    written.max(spelled)
}

fn is_word_of(word: &str, text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|part| !part.is_empty() && normal(part) == word)
}

fn as_spelled(word: &str, text: &str) -> Option<Rank> {
    let ranked = spellings(text).into_iter().filter_map(|spelling| {
        let full = spelling.full();
        if full == word {
            Some(SPELLED)
        } else if full.starts_with(word) {
            Some(SPELLED_BEGINNING)
        } else if spelling.initials() == word || spelling.short_forms().iter().any(|form| form == word) {
            Some(SPELLED_WORD)
        } else {
            spelling.begins_with(word).then_some(FRAGMENT)
        }
    });
    ranked.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank_of(words: &str, values: &[&'static str]) -> Option<(Rank, usize)> {
        Words::parse(words).expect("words").rank(values.iter().enumerate().map(|(n, text)| (n, *text)))
    }

    #[test]
    fn the_better_match_ranks_higher() {
        let customer = ["王小磊", "+8613800001234", "lei.wang@changjiang.cn", "鄂A12345", "LSVAA4182E2184847"];
        let order = ["王小磊", "wangxiaolei", "王小", "wangx", "小磊", "wxl", "小"];
        let ranks: Vec<Rank> = order.iter().map(|words| rank_of(words, &customer).expect(words).0).collect();
        assert!(ranks.is_sorted_by(|a, b| a > b), "{ranks:?}");
        for (words, field) in [
            ("13800001234", 1),
            ("138 0000 1234", 1),
            ("+86 138-0000-1234", 1),
            ("1234", 1),
            ("changjiang", 2),
            ("lei.wang", 2),
            ("A12345", 3),
            ("184847", 4),
            ("王 1234", 0),
            ("xiao lei", 0),
        ] {
            assert_eq!(rank_of(words, &customer).map(|(_, field)| field), Some(field), "{words}");
        }
        for words in ["王大", "1235", "wanglei", "王 1235", "13"] {
            assert_eq!(rank_of(words, &customer), None, "{words}");
        }
    }

    #[test]
    fn nothing_to_search_for_is_no_search() {
        assert!(Words::parse(" ·- ").is_none());
    }
}
