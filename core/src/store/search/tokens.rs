//! What the search index holds of a record, and what a question asks of it.
//!
//! A token is a class letter and a text. Of each value: `x` all of it, `s` its beginning, `g` its grams, `y` and `i` how it is
//! spelled. Of each record: `k` its kind, `o` its organisation. Chinese goes in pairs, letters and digits in fours, each run with its
//! tail, so that an `and` of tokens finds any fragment: of one Chinese character, or of three letters or digits.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::readings::spellings;
use crate::model::{Id, Kind, Record};

/// Rises when tokens are made otherwise: whatever was indexed before is then indexed anew by its next write.
const VERSION: u64 = 1;
/// Characters of a value that are indexed.
const LONGEST: usize = 160;
/// Longer values are not looked up as a whole.
const LONGEST_WHOLE: usize = 48;
const GRAM: usize = 4;
/// The shortest fragment of letters or digits that is found.
const TAIL: usize = 3;

/// Letters, digits and signs of writing alone: lower case, full width made half, no country code of China.
pub(super) fn normal(text: &str) -> String {
    let bare = text.strip_prefix("+86").unwrap_or(text);
    bare.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// All tokens of a record, and a digest of them.
pub(super) fn of(kind: &Kind, record: &Record) -> (String, i64) {
    let mut found = BTreeSet::new();
    found.insert(of_kind(&kind.kind));
    found.insert(of_org(&record.org));
    for (_, text) in super::values(kind, &record.data) {
        of_value(text, &mut found);
    }
    let tokens = found.into_iter().collect::<Vec<_>>().join(" ");
    let digest = hash(&[&VERSION.to_be_bytes(), tokens.as_bytes()]) as i64;
    (tokens, digest)
}

/// The token of every record of a kind.
pub(super) fn of_kind(kind: &str) -> String {
    format!("k{:x}", hash(&[kind.as_bytes()]))
}

/// The token of every record of an organisation.
pub(super) fn of_org(org: &Id) -> String {
    format!("o{:x}", hash(&[org.as_str().as_bytes()]))
}

fn of_value(text: &str, into: &mut BTreeSet<String>) {
    let normal: Vec<char> = normal(text).chars().take(LONGEST).collect();
    let Some(first) = normal.first() else { return };
    if normal.len() <= LONGEST_WHOLE {
        into.insert(token('x', &normal));
    }
    into.insert(token('s', &normal[..begin_len(&normal)]));
    for run in normal.chunk_by(|a, b| a.is_ascii() == b.is_ascii()) {
        let (size, tail) = if run[0].is_ascii() { (GRAM, TAIL) } else { (2, 1) };
        into.extend(run.windows(size).map(|gram| token('g', gram)));
        into.insert(token('g', &run[run.len().saturating_sub(tail)..]));
    }
    if !first.is_ascii() {
        for spelling in spellings(text) {
            into.insert(format!("y{}", spelling.full()));
            into.insert(format!("i{}", spelling.initials()));
            into.extend(spelling.short_forms().iter().map(|form| format!("y{form}")));
        }
    }
}

/// How much of a value's beginning is a token of its own.
fn begin_len(normal: &[char]) -> usize {
    if normal[0].is_ascii() { normal.iter().take(TAIL).take_while(|c| c.is_ascii()).count() } else { 1 }
}

fn token(class: char, gram: &[char]) -> String {
    std::iter::once(class).chain(gram.iter().copied()).collect()
}

/// FNV-1a; what is stored belongs to this hash.
fn hash(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.iter());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What holds a word as a whole.
pub(super) fn exactly(word: &str) -> String {
    let mut ways = vec![quoted(&format!("x{word}"))];
    if is_spelling(word) {
        ways.push(quoted(&format!("y{word}")));
    }
    any(ways)
}

/// What begins with a word.
pub(super) fn beginning(word: &str) -> Option<String> {
    let chars: Vec<char> = word.chars().collect();
    let mut ways = Vec::new();
    let len = begin_len(&chars);
    if len == TAIL || !chars[0].is_ascii() {
        ways.push(all(std::iter::once(quoted(&token('s', &chars[..len]))).chain(grams(&chars))));
    }
    if is_spelling(word) && chars.len() >= TAIL {
        ways.push(format!("{} *", quoted(&format!("y{word}"))));
    }
    (!ways.is_empty()).then(|| any(ways))
}

/// What holds a word anywhere, or is spelled like it.
pub(super) fn holding(word: &str) -> String {
    let chars: Vec<char> = word.chars().collect();
    let mut ways = vec![exactly(word)];
    let grams: Vec<String> = grams(&chars).collect();
    if !grams.is_empty() {
        ways.push(all(grams));
    }
    if is_spelling(word) {
        ways.push(format!("{} *", quoted(&format!("i{word}"))));
        if chars.len() >= TAIL {
            ways.push(format!("{} *", quoted(&format!("y{word}"))));
        }
    }
    any(ways)
}

/// The grams whose `and` is asked. A pair of letters or digits is too short to be one: it says nothing.
fn grams(word: &[char]) -> impl Iterator<Item = String> {
    let mut found = BTreeSet::new();
    for run in word.chunk_by(|a, b| a.is_ascii() == b.is_ascii()) {
        let (size, shortest) = if run[0].is_ascii() { (GRAM, TAIL) } else { (2, 1) };
        if run.len() >= size {
            found.extend(run.windows(size).map(|gram| quoted(&token('g', gram))));
        } else if run.len() >= shortest {
            found.insert(format!("{} *", quoted(&token('g', run))));
        }
    }
    found.into_iter()
}

/// Whether somebody may have spelled a Chinese name.
fn is_spelling(word: &str) -> bool {
    word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Tokens hold letters and digits alone, so quotes are enough.
pub(super) fn quoted(token: &str) -> String {
    format!("\"{token}\"")
}

/// All of these.
pub(super) fn all(parts: impl IntoIterator<Item = String>) -> String {
    format!("({})", parts.into_iter().collect::<Vec<_>>().join(" AND "))
}

/// At least one of these.
pub(super) fn any(parts: impl IntoIterator<Item = String>) -> String {
    format!("({})", parts.into_iter().collect::<Vec<_>>().join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        of_value(text, &mut found);
        found.into_iter().collect()
    }

    #[test]
    fn a_name_has_few_tokens() {
        let expected = [
            "g小磊",
            "g王小",
            "g磊",
            "iwxl",
            "s王",
            "x王小磊",
            "ywang",
            "ywangxiaolei",
            "ywangxl",
            "ywxiaolei",
            "yxiaolei",
        ];
        assert_eq!(tokens("王小磊"), expected);
        assert_eq!(tokens("+8613800001234").len(), 11, "eight fours, a tail, a beginning and the whole");
        assert_eq!(tokens("鄂A·12345"), ["g1234", "g2345", "g345", "ga123", "g鄂", "s鄂", "x鄂a12345"]);
    }

    #[test]
    fn a_question_names_the_tokens_that_a_value_has() {
        let asked = |question: &str| question.matches('"').count() / 2;
        assert_eq!(asked(&holding("王磊")), 2);
        assert_eq!(asked(&holding("1380")), 2);
        assert_eq!(asked(&holding("13")), 1, "two digits are found as a whole alone");
        assert!(beginning("13").is_none() && beginning("138").is_some());
    }
}
