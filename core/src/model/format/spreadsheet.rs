//! Texts that a spreadsheet would take for something else: an apostrophe in front keeps them what they are.

/// Digits from which on a spreadsheet rounds.
const LONG_NUMBER: usize = 12;

/// The text as a cell of a CSV file. What begins like a formula is not calculated, and telephone numbers, identity cards
/// and codes with leading zeros are not turned into rounded numbers.
///
/// ```
/// use marque::model::format::spreadsheet::{guard, unguard};
/// assert_eq!(guard("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
/// assert_eq!(guard("420106198001010011"), "'420106198001010011");
/// assert_eq!(guard("王磊"), "王磊");
/// assert_eq!(unguard("'+8613800001234"), "+8613800001234");
/// assert_eq!(unguard("'tis"), "'tis");
/// ```
pub fn guard(text: &str) -> String {
    if is_mistaken(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text behind a cell: [`guard`] taken back, everything else as it stands.
pub fn unguard(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_mistaken(rest)).unwrap_or(cell)
}

/// Apostrophes that stand there already do not count, so that guarding can always be taken back.
fn is_mistaken(text: &str) -> bool {
    let bare = text.trim_start_matches('\'');
    let is_formula = bare.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let is_number = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit());
    is_formula || (is_number && (bare.len() >= LONG_NUMBER || (bare.len() > 1 && bare.starts_with('0'))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_or_round_is_guarded() {
        for text in ["=1+1", "+86 138", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "123456789012", "007", "＝1+1"] {
            assert_eq!(guard(text), format!("'{text}"));
        }
        for text in ["", "0", "13800001234", "武汉", "a=b", "'quoted'", "2026-03-13"] {
            assert_eq!(guard(text), text);
        }
    }

    proptest! {
        #[test]
        fn a_guard_can_always_be_taken_back(text in "['=+@0-9\\t\\ra-]{0,20}") {
            let guarded = guard(&text);
            prop_assert_eq!(unguard(&guarded), text);
        }
    }
}
